// SPDX-License-Identifier: GPL-3.0-or-later
// Where each vendor's requests go and what they carry.
#include "providers/baseurl.h"
#include "providers/providers.h"

#include <QTest>

using namespace tollgate;
using protocol::Dialect;
using protocol::Endpoint;
using protocol::Operation;

class TestVendors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void baseUrlsAreForgiven_data();
    void baseUrlsAreForgiven();
    void originsAreExact();
    void keysGoOnlyWhereTheyAreBound();
    void keysTravelInTheVendorsField();
    void clientsCannotReachTheKeyOrTheFraming();
    void subscriptionsKeepTheClientsFlags();
    void missingAndBrokenKeysAreSaid();
    void modelsCannotLeaveTheirPath();
    void modelListsAreRead();
    void cohereIsAskedWhereItLives();
    void ollamaIsAskedInItsOwnApi();
    void whatIsGivenAsAStreamOnlyIsKnown();
    void formsKeepTheirBoundary();
    void azureMakesPicturesAndSound();

private:
    relay::Providers m_providers;
};

namespace {

std::shared_ptr<routing::Channel> channel(const QByteArray &baseUrl, const char *key,
                                          const QByteArray &boundTo)
{
    auto made = std::make_shared<routing::Channel>();
    made->row.name = QStringLiteral("c");
    made->row.baseUrl = baseUrl;
    routing::ChannelKey own;
    own.row.boundTo = boundTo;
    if (key)
        own.secret = std::make_shared<const Secret>(key);
    made->keys.push_back(own);
    return made;
}

Result<upstream::Request> send(const relay::Provider &provider, const routing::Channel &to,
                               const Headers &client = {}, Endpoint endpoint = {},
                               const QByteArray &model = "m")
{
    relay::Outgoing outgoing;
    outgoing.endpoint = &endpoint;
    outgoing.channel = &to;
    outgoing.key = to.keys[0].secret.get();
    outgoing.model = model;
    outgoing.body = "{}";
    outgoing.clientHeaders = &client;
    return provider.request(outgoing);
}

} // namespace

void TestVendors::initTestCase()
{
    providers::registerAll(m_providers);
    QByteArrayList ids;
    for (const auto &provider : m_providers.all()) {
        QVERIFY(!ids.contains(provider->id()));
        QVERIFY(!provider->name().isEmpty());
        ids << provider->id();
    }
    QVERIFY(ids.size() >= 14);
}

void TestVendors::baseUrlsAreForgiven_data()
{
    QTest::addColumn<QByteArray>("id");
    QTest::addColumn<QByteArray>("base");
    QTest::addColumn<QByteArray>("options");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *id, const char *base, const char *expected,
                        const char *options = "") {
        QTest::addRow("%s %s %s", id, base, options)
            << QByteArray(id) << QByteArray(base) << QByteArray(options) << QByteArray(expected);
    };
    const char *const openai = "https://api.openai.com/v1/chat/completions";
    for (const char *base :
         {"https://api.openai.com", "https://api.openai.com/", "https://api.openai.com/v1",
          "https://api.openai.com/v1//", "https://api.openai.com/v1/v1",
          "https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/models/"})
        row("openai", base, openai);
    row("openai-compatible", "https://open.bigmodel.cn/api/coding/paas/v4",
        "https://open.bigmodel.cn/api/coding/paas/v4/chat/completions");
    row("openai-compatible", "https://dashscope.aliyuncs.com/compatible-mode",
        "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions");
    row("openai-compatible", "https://generativelanguage.googleapis.com/v1beta/openai",
        "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions");
    row("openai-compatible", "https://models.github.ai/inference/chat/completions",
        "https://models.github.ai/inference/chat/completions");
    row("groq", "https://api.groq.com/openai", "https://api.groq.com/openai/v1/chat/completions");
    row("ollama", "http://[::1]:11434", "http://[::1]:11434/v1/chat/completions");
    row("anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1/messages");
    row("anthropic", "https://api.anthropic.com/v1/messages",
        "https://api.anthropic.com/v1/messages");
    row("anthropic", "https://api.deepseek.com/anthropic",
        "https://api.deepseek.com/anthropic/v1/messages");
    row("gemini", "https://generativelanguage.googleapis.com/",
        "https://generativelanguage.googleapis.com/v1beta/models/MODEL:generateContent");
    row("gemini", "https://generativelanguage.googleapis.com/v1beta/models/x:generateContent",
        "https://generativelanguage.googleapis.com/v1beta/models/MODEL:generateContent");
    row("azure", "https://r.openai.azure.com",
        "https://r.openai.azure.com/openai/v1/chat/completions");
    row("azure", "https://r.openai.azure.com/openai/v1/",
        "https://r.openai.azure.com/openai/v1/chat/completions", R"({"api_version":"v1"})");
    row("azure", "https://gw.example/ai/openai",
        "https://gw.example/ai/openai/deployments/MODEL/chat/completions?api-version=2024-10-21",
        R"({"api_version":"2024-10-21"})");
}

void TestVendors::baseUrlsAreForgiven()
{
    QFETCH(QByteArray, id);
    QFETCH(QByteArray, base);
    QFETCH(QByteArray, options);
    QFETCH(QByteArray, expected);
    store::ChannelRow row;
    row.baseUrl = base;
    row.options = options;
    const auto url = providers::previewUrl(*m_providers.find(id), row);
    QVERIFY(url);
    QCOMPARE(*url, expected);
}

void TestVendors::originsAreExact()
{
    using providers::originOf;
    QCOMPARE(originOf("HTTPS://Api.X.com/v1"), QByteArray("https://api.x.com:443"));
    QCOMPARE(originOf("http://h:080/"), QByteArray("http://h:80"));
    QCOMPARE(originOf("http://[::1]"), QByteArray("http://[::1]:80"));
    QCOMPARE(originOf("https://a?b@c"), QByteArray("https://a:443"));
    for (const char *wrong : {"", "api.x.com", "ftp://x", "https://", "https://user@x",
                              "https://x:port", "https://x:", "https://x\\@y"})
        QVERIFY2(originOf(wrong).isEmpty(), wrong);
}

void TestVendors::keysGoOnlyWhereTheyAreBound()
{
    const relay::Provider &openai = *m_providers.find("openai");
    const char *const key = "sk-proj-0123456789abcdef";
    QVERIFY(send(openai, *channel("https://api.openai.com", key, "https://api.openai.com:443")));
    QVERIFY(send(openai, *channel("https://API.openai.com:443/v1", key, "https://api.openai.com")));
    for (const char *bound :
         {"", "https://evil.com:443", "http://api.openai.com:443", "https://api.openai.com:444",
          "https://api.openai.com.evil.com:443"}) {
        const auto refused = send(openai, *channel("https://api.openai.com", key, bound));
        QVERIFY2(!refused, bound);
        QCOMPARE(refused.error().kind, ErrorKind::Forbidden);
        QVERIFY(!refused.error().message.contains(u"0123456789"));
        QVERIFY(!openai.modelsRequest(*channel("https://api.openai.com", key, bound), nullptr));
    }
    // A secret that is not one of the channel's goes nowhere.
    const auto to = channel("https://api.openai.com", key, "https://api.openai.com:443");
    const Secret foreign("sk-foreign-0123456789");
    QCOMPARE(openai.modelsRequest(*to, &foreign).error().kind, ErrorKind::Forbidden);
    QVERIFY(openai.modelsRequest(*to, to->keys[0].secret.get()));
}

void TestVendors::keysTravelInTheVendorsField()
{
    const auto field = [&](const char *id, const char *key, const char *name) {
        const auto request = send(*m_providers.find(id), *channel("https://h", key, "https://h"));
        if (!request || request->url.contains(key))
            return QByteArray("refused");
        for (const char *other : {"authorization", "x-api-key", "x-goog-api-key", "api-key"}) {
            if (qstrcmp(other, name) != 0 && request->headers.contains(other))
                return QByteArray("twice");
        }
        return request->headers.value(name);
    };
    QCOMPARE(field("openai", "sk-1", "authorization"), QByteArray("Bearer sk-1"));
    QCOMPARE(field("anthropic", "sk-ant-api", "x-api-key"), QByteArray("sk-ant-api"));
    QCOMPARE(field("anthropic", "sk-ant-oat01-x", "authorization"),
             QByteArray("Bearer sk-ant-oat01-x"));
    QCOMPARE(field("gemini", "AIza", "x-goog-api-key"), QByteArray("AIza"));
    QCOMPARE(field("azure", "abc", "api-key"), QByteArray("abc"));
    QCOMPARE(field("azure", "eyJa.b.c", "authorization"), QByteArray("Bearer eyJa.b.c"));
    QCOMPARE(field("ollama", " k\n", "authorization"), QByteArray("Bearer k"));
}

void TestVendors::clientsCannotReachTheKeyOrTheFraming()
{
    const Headers client{{"Authorization", "Bearer tg-client"},
                         {"x-api-key", "tg-client"},
                         {"Cookie", "c"},
                         {"Host", "evil"},
                         {"X-Forwarded-For", "1.2.3.4"},
                         {"OpenAI-Beta", "b=1"},
                         {"User-Agent", "them"}};
    auto to = channel("https://h", "sk-1", "https://h");
    to->row.headers = {{"Host", "evil"},
                       {"Authorization", "Bearer other"},
                       {"Content-Length", "0"},
                       {"X-Title", "ours"},
                       {"User-Agent", "wanted"}};
    const auto request = send(*m_providers.find("openai"), *to, client);
    QVERIFY(request);
    for (const char *name : {"x-api-key", "cookie", "host", "x-forwarded-for", "content-length"})
        QVERIFY2(!request->headers.contains(name), name);
    QCOMPARE(request->headers.count("authorization"), 1);
    QCOMPARE(request->headers.value("authorization"), QByteArray("Bearer sk-1"));
    QCOMPARE(request->headers.value("openai-beta"), QByteArray("b=1"));
    QCOMPARE(request->headers.value("x-title"), QByteArray("ours"));
    QCOMPARE(request->headers.value("user-agent"), QByteArray("wanted"));
}

void TestVendors::subscriptionsKeepTheClientsFlags()
{
    const Headers client{{"anthropic-beta", "a,b"}, {"anthropic-version", "2099-01-01"}};
    Endpoint messages;
    messages.dialect = Dialect::Messages;
    const relay::Provider &anthropic = *m_providers.find("anthropic");
    const auto plain
        = send(anthropic, *channel("https://h", "sk-ant-api", "https://h"), client, messages);
    QVERIFY(plain);
    QCOMPARE(plain->headers.value("anthropic-beta"), QByteArray("a,b"));
    QCOMPARE(plain->headers.value("anthropic-version"), QByteArray("2099-01-01"));
    const auto oauth
        = send(anthropic, *channel("https://h", "sk-ant-oat01", "https://h"), client, messages);
    QCOMPARE(oauth->headers.value("anthropic-beta"), QByteArray("a,b,oauth-2025-04-20"));
    QCOMPARE(oauth->headers.count("anthropic-beta"), 1);
    const auto bare
        = send(anthropic, *channel("https://h", "sk-ant-api", "https://h"), {}, messages);
    QCOMPARE(bare->headers.value("anthropic-version"), QByteArray("2023-06-01"));
}

void TestVendors::missingAndBrokenKeysAreSaid()
{
    const relay::Provider &openai = *m_providers.find("openai");
    QCOMPARE(send(openai, *channel("https://h", nullptr, "https://h")).error().kind,
             ErrorKind::Unavailable);
    for (const char *key : {"a\r\nX-Evil: 1", "with space", "caf\xC3\xA9", "\n"})
        QCOMPARE(send(openai, *channel("https://h", key, "https://h")).error().kind,
                 ErrorKind::Unavailable);
    QVERIFY(send(*m_providers.find("ollama"), *channel("http://h:1", nullptr, "")));
    QVERIFY(!send(openai, *channel("not a url", "sk-1", "https://h")));
}

void TestVendors::modelsCannotLeaveTheirPath()
{
    Endpoint gemini;
    gemini.dialect = Dialect::Gemini;
    gemini.geminiMethod = "streamGenerateContent";
    gemini.geminiVersion = "v1";
    gemini.stream = true;
    const relay::Provider &provider = *m_providers.find("gemini");
    const auto to = channel("https://h", "k", "https://h");
    QCOMPARE(send(provider, *to, {}, gemini, "a/../b?x#y")->url,
             QByteArray("https://h/v1/models/a%2F..%2Fb%3Fx%23y:streamGenerateContent?alt=sse"));
    QCOMPARE(send(provider, *to, {}, gemini, "tunedModels/t")->url,
             QByteArray("https://h/v1/tunedModels/t:streamGenerateContent?alt=sse"));
    gemini.sse = false;
    QVERIFY(!send(provider, *to, {}, gemini, "m")->url.contains('?'));
    for (const char *model : {"..", ".", "", "tunedModels/..", "models/"})
        QVERIFY2(!send(provider, *to, {}, gemini, model), model);
    auto azure = channel("https://h", "k", "https://h");
    azure->row.options = R"({"api_version":"2024-10-21&x=/../"})";
    QVERIFY(!send(*m_providers.find("azure"), *azure));
}

void TestVendors::modelListsAreRead()
{
    const relay::Provider &any = *m_providers.find("openai-compatible");
    QCOMPARE(*any.readModels(
                 R"({"object":"list","data":[{"id":"b"},{"name":"x","id":"a"},{"id":"b"}]})"),
             QByteArrayList({"a", "b"}));
    QCOMPARE(*any.readModels(R"({"models":[{"name":"models/g","displayName":"G"}]})"),
             QByteArrayList({"g"}));
    QCOMPARE(*any.readModels(R"([{"id":"t"}])"), QByteArrayList({"t"}));
    QCOMPARE(*any.readModels(R"({"data":[]})"), QByteArrayList());
    for (const char *wrong :
         {"", "<html>", "{}", R"({"error":{"message":"x"}})", R"({"data":[{"id":"a"})"})
        QCOMPARE(any.readModels(wrong).error().kind, ErrorKind::UpstreamFailed);
}

void TestVendors::cohereIsAskedWhereItLives()
{
    const relay::Provider *cohere = m_providers.find("cohere");
    QVERIFY(cohere);
    QVERIFY(cohere->embedShape() == codecs::embeddings::Shape::Cohere);
    QVERIFY(cohere->rerankShape() == codecs::rerank::Shape::Cohere);
    QCOMPARE(cohere->generates(), std::vector{Dialect::Cohere});
    const std::pair<Operation, const char *> calls[]{{Operation::Generate, "v2/chat"},
                                                     {Operation::Embed, "v2/embed"},
                                                     {Operation::Rerank, "v2/rerank"}};
    for (const char *base :
         {"https://api.cohere.com", "https://api.cohere.com/v1", "https://api.cohere.com/v2/"}) {
        const auto to = channel(base, "secret", "https://api.cohere.com");
        for (const auto &[operation, path] : calls) {
            Endpoint endpoint;
            endpoint.operation = operation;
            endpoint.dialect = Dialect::Cohere;
            const auto request = send(*cohere, *to, {}, endpoint);
            QVERIFY(request);
            QCOMPARE(request->url, QByteArray("https://api.cohere.com/") + path);
            QCOMPARE(request->headers.value("authorization"), QByteArray("Bearer secret"));
        }
    }
    QCOMPARE(cohere->readModels(R"({"models":[{"name":"a"},{"name":"b"}]})").value(),
             (QByteArrayList{"a", "b"}));
    QVERIFY(!cohere->readModels("{}"));
}

void TestVendors::ollamaIsAskedInItsOwnApi()
{
    const relay::Provider *ollama = m_providers.find("ollama-native");
    QVERIFY(ollama);
    QCOMPARE(ollama->generates(), std::vector{Dialect::Ollama});
    QVERIFY(ollama->embedShape() == codecs::embeddings::Shape::Ollama);
    const std::tuple<Operation, const char *, const char *> calls[]{
        {Operation::Generate, "", "api/chat"},
        {Operation::Generate, "generate", "api/generate"},
        {Operation::Embed, "", "api/embed"}};
    for (const char *base : {"http://h:11434", "http://h:11434/", "http://h:11434/v1",
                             "http://h:11434/api", "http://h:11434/api/chat"}) {
        const auto to = channel(base, nullptr, "");
        for (const auto &[operation, method, path] : calls) {
            Endpoint endpoint;
            endpoint.operation = operation;
            endpoint.dialect = Dialect::Ollama;
            endpoint.ollamaMethod = method;
            const auto request = send(*ollama, *to, {}, endpoint);
            QVERIFY(request);
            QCOMPARE(request->url, QByteArray("http://h:11434/") + path);
            QVERIFY(!request->headers.contains("authorization"));
        }
    }
    QCOMPARE(ollama->readModels(R"({"models":[{"name":"a:latest","size":1}]})").value(),
             QByteArrayList{"a:latest"});
    QVERIFY(!ollama->readModels("{}"));
}

void TestVendors::whatIsGivenAsAStreamOnlyIsKnown()
{
    QCOMPARE(m_providers.find("anthropic")->target("claude-x").longestWhole, 21'333);
    QCOMPARE(m_providers.find("openai")->target("gpt-x").longestWhole, 0);
    const relay::Provider *alibaba = m_providers.find("alibaba");
    for (const char *model : {"qwq-plus", "qvq-max-2025", "qwen3-omni-flash"})
        QVERIFY2(alibaba->target(model).answersStreamsOnly, model);
    for (const char *model : {"qwen-plus", "qwen3-max"})
        QVERIFY2(!alibaba->target(model).answersStreamsOnly, model);
    QVERIFY(!m_providers.find("openai")->target("qwq-plus").answersStreamsOnly);
}

void TestVendors::formsKeepTheirBoundary()
{
    const auto to = channel("https://api.openai.com", "secret", "https://api.openai.com");
    Endpoint endpoint;
    endpoint.operation = Operation::Transcribe;
    endpoint.path = "audio/transcriptions";
    endpoint.form = true;
    const auto request = send(*m_providers.find("openai"), *to,
                              {{"content-type", "multipart/form-data; boundary=b"}}, endpoint);
    QVERIFY(request);
    QCOMPARE(request->url, QByteArray("https://api.openai.com/v1/audio/transcriptions"));
    QCOMPARE(request->headers.value("content-type"), QByteArray("multipart/form-data; boundary=b"));
    QCOMPARE(request->headers.count("content-type"), 1);
}

void TestVendors::azureMakesPicturesAndSound()
{
    const relay::Provider &azure = *m_providers.find("azure");
    for (const Operation operation : {Operation::Image, Operation::Speak, Operation::Transcribe})
        QVERIFY(azure.speaks(operation, Dialect::Chat));
    QVERIFY(!azure.speaks(Operation::Moderate, Dialect::Chat));
    auto to = channel("https://r.openai.azure.com", "secret", "https://r.openai.azure.com");
    Endpoint endpoint;
    endpoint.operation = Operation::Image;
    endpoint.path = "images/generations";
    QCOMPARE(send(azure, *to, {}, endpoint, "pic")->url,
             QByteArray("https://r.openai.azure.com/openai/v1/images/generations"));
    to->row.options = R"({"api_version":"2024-10-21"})";
    endpoint.operation = Operation::Transcribe;
    endpoint.path = "audio/transcriptions";
    endpoint.form = true;
    const auto request
        = send(azure, *to, {{"content-type", "multipart/form-data; boundary=b"}}, endpoint, "ear");
    QVERIFY(request);
    QCOMPARE(request->url,
             QByteArray("https://r.openai.azure.com/openai/deployments/ear/audio/"
                        "transcriptions?api-version=2024-10-21"));
    QCOMPARE(request->headers.value("content-type"), QByteArray("multipart/form-data; boundary=b"));
}

QTEST_APPLESS_MAIN(TestVendors)
#include "test_vendors.moc"
