// SPDX-License-Identifier: GPL-3.0-or-later
// Every row of data, by the same questions.
#include "providers/providers.h"
#include "providers/rows.h"

#include <QHash>
#include <QTest>
#include <QUrl>

#include <algorithm>

using namespace tollgate;
using namespace tollgate::providers;
using protocol::Dialect;
using protocol::Operation;

class TestRows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachIsWhole_data();
    void eachIsWhole();
    void eachIsAskedWhereItLives_data() { eachIsWhole_data(); }
    void eachIsAskedWhereItLives();
    void eachTileIsLegible_data() { eachIsWhole_data(); }
    void eachTileIsLegible();
    void eachOddityIsTheVendorsOwn_data();
    void eachOddityIsTheVendorsOwn();
    void noOddityIsUnexplained();
    void noneIsTwice();

private:
    relay::Providers m_providers;
    void initTestCase() { registerAll(m_providers); }
};

void TestRows::eachIsWhole_data()
{
    if (m_providers.all().empty())
        initTestCase();
    QTest::addColumn<int>("row");
    for (std::size_t i = 0; i < openAiRows().size(); ++i)
        QTest::newRow(openAiRows()[i].id) << int(i);
}

void TestRows::eachIsWhole()
{
    QFETCH(int, row);
    const Row &vendor = openAiRows()[std::size_t(row)];
    QVERIFY(*vendor.name && *vendor.initials);
    for (const char *url : {vendor.baseUrl, vendor.keysPage}) {
        if (!*url)
            continue;
        const QUrl parsed(QString::fromLatin1(url), QUrl::StrictMode);
        QVERIFY2(parsed.isValid() && !parsed.host().isEmpty(), url);
        const bool local = parsed.host() == QLatin1String("localhost");
        QVERIFY2(parsed.scheme() == QLatin1String("https") || local, url);
        QVERIFY2(!QByteArray(url).endsWith('/'), url);
    }
    QCOMPARE(QByteArray(vendor.models).simplified(), QByteArray(vendor.models));
    QVERIFY(!*vendor.messagesPath || *vendor.messagesPath == '/');
    const relay::Provider *provider = m_providers.find(vendor.id);
    QVERIFY(provider);
    QCOMPARE(provider->needsKey(), (vendor.quirks & NoKey) == 0);
    QVERIFY(provider->speaks(Operation::Generate, Dialect::Chat));
    QCOMPARE(provider->speaks(Operation::Embed, Dialect::Embeddings),
             (vendor.speaks & Embeddings) != 0);
    QCOMPARE(provider->speaks(Operation::Generate, Dialect::Messages),
             (vendor.speaks & Messages) != 0 || *vendor.messagesPath);
    const std::pair<Operation, unsigned> besides[]{
        {Operation::Image, Images},
        {Operation::Speak, Speech},
        {Operation::Transcribe, Transcriptions},
        {Operation::Moderate, Moderations},
        {Operation::Rerank, Rerank},
    };
    for (const auto &[operation, flag] : besides)
        QCOMPARE(provider->speaks(operation, Dialect::Chat), (vendor.speaks & flag) != 0);
    QCOMPARE(provider->embedShape().has_value(), (vendor.speaks & Embeddings) != 0);
    QCOMPARE(provider->rerankShape().has_value(), (vendor.speaks & Rerank) != 0);
    for (const Dialect dialect : provider->generates())
        QVERIFY(provider->speaks(Operation::Generate, dialect));
    QCOMPARE(provider->target("m").reasoningStyle, QByteArray(vendor.reasoning));
}

void TestRows::eachIsAskedWhereItLives()
{
    QFETCH(int, row);
    const Row &vendor = openAiRows()[std::size_t(row)];
    const relay::Provider *provider = m_providers.find(vendor.id);
    store::ChannelRow channel;
    channel.baseUrl = *vendor.baseUrl ? vendor.baseUrl : "https://customer.example/base/v1";
    protocol::Endpoint endpoint;
    const auto chat = previewUrl(*provider, channel, endpoint);
    QVERIFY(chat.has_value());
    QVERIFY2(chat->startsWith(channel.baseUrl) && chat->endsWith("/chat/completions"),
             chat->constData());
    QVERIFY2(chat->count("/v1/v1") == 0, chat->constData());
    endpoint.path = "images/generations";
    const auto images = previewUrl(*provider, channel, endpoint);
    QVERIFY(images && images->endsWith("/images/generations"));
    endpoint.path.clear();
    if (provider->speaks(Operation::Generate, Dialect::Messages)) {
        endpoint.dialect = Dialect::Messages;
        const auto messages = previewUrl(*provider, channel, endpoint);
        QVERIFY(messages.has_value());
        QVERIFY2(messages->endsWith("/messages"), messages->constData());
    }
}

// White on the tile's colour: WCAG 2.1, 1.4.3 asks for 4.5 to 1.
void TestRows::eachTileIsLegible()
{
    QFETCH(int, row);
    const unsigned colour = openAiRows()[std::size_t(row)].colour;
    const auto linear = [](unsigned channel) {
        const double value = channel / 255.0;
        return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    const double luminance = 0.2126 * linear(colour >> 16 & 255)
        + 0.7152 * linear(colour >> 8 & 255) + 0.0722 * linear(colour & 255);
    const double contrast = 1.05 / (luminance + 0.05);
    QVERIFY2(contrast >= 4.5, QByteArray::number(contrast).constData());
}

// What the vendors' references say that they do differently from OpenAI: every row that has a
// quirk, with all of them. A row that is not named here has none.
const QHash<QByteArray, unsigned> &oddities()
{
    static const QHash<QByteArray, unsigned> known{
        {"openai", CompletionTokens | DeveloperRole | PrefersResponses},
        // No json_schema; no forced tool while it thinks; reasoning back on turns with tools.
        {"deepseek", NoJsonSchema | NoRequiredChoice | ReasoningBack},
        {"mistral", NoIncludeUsage | RefusesUnknown}, // 422 extra_forbidden
        {"groq", CompletionTokens},
        {"xai", CompletionTokens | PrefersResponses},
        {"perplexity", NoRequiredChoice | NoParallelCalls | ThinkTags},
        {"together", ThinkTags},
        {"fireworks", ThinkTags},
        {"cerebras", NoParallelCalls},
        {"gemini-openai", ThinkTags}, // <thought>
        {"bedrock-mantle", PrefersResponses},
        {"moonshot", NoImageUrls | ReasoningBack}, // base64 or ms:// only
        {"moonshot-cn", NoImageUrls | ReasoningBack},
        {"kimi-coding", NoImageUrls | ReasoningBack},
        {"minimax", CompletionTokens | NoRequiredChoice | NoJsonSchema | ThinkTags},
        {"minimax-cn", CompletionTokens | NoRequiredChoice | NoJsonSchema | ThinkTags},
        {"bailian", NoRequiredChoice},
        {"alibaba", NoRequiredChoice},
        {"tencent", ThinkTags},
        {"tencent-tokenhub", ThinkTags},
        {"iflytek", NoRequiredChoice | NoParallelCalls | NoJsonSchema | ThinkTags},
        {"doubao", ThinkTags},
        {"siliconflow", ThinkTags},
        {"siliconflow-cn", ThinkTags},
        {"xiaomi", ReasoningBack},
        // tool_choice is ignored, URLs are not fetched; schemas are held to on one's own machine.
        {"ollama", NoKey | NoImageUrls | NoRequiredChoice},
        {"ollama-cloud", NoImageUrls | NoRequiredChoice | NoJsonSchema},
        {"lmstudio", NoKey | NoImageUrls | ThinkTags},
        {"vllm", NoKey | ThinkTags},
        {"llamacpp", NoKey | NoImageUrls | ThinkTags},
        {"localai", NoKey},
        {"jan", NoKey | NoImageUrls},
        {"openai-compatible", NoKey | ThinkTags},
    };
    return known;
}

void TestRows::eachOddityIsTheVendorsOwn_data()
{
    eachIsWhole_data();
}

void TestRows::eachOddityIsTheVendorsOwn()
{
    QFETCH(int, row);
    const Row &vendor = openAiRows()[std::size_t(row)];
    const unsigned odd = oddities().value(vendor.id);
    QCOMPARE(vendor.quirks, odd);
    const relay::Provider *provider = m_providers.find(vendor.id);
    const conversation::Target target = provider->target("m");
    QCOMPARE(target.takesImageUrls, (odd & NoImageUrls) == 0);
    QCOMPARE(target.takesDeveloperRole, (odd & DeveloperRole) != 0);
    QCOMPARE(target.takesJsonSchema, (odd & NoJsonSchema) == 0);
    QCOMPARE(target.takesRequiredChoice, (odd & NoRequiredChoice) == 0);
    QCOMPARE(target.takesParallelToolCalls, (odd & NoParallelCalls) == 0);
    QCOMPARE(target.takesStreamOptions, (odd & NoIncludeUsage) == 0);
    QCOMPARE(target.refusesUnknown, (odd & RefusesUnknown) != 0);
    QCOMPARE(target.wantsReasoningContent, (odd & ReasoningBack) != 0);
    QCOMPARE(target.maxCompletionTokens, (odd & CompletionTokens) != 0);
    QCOMPARE(target.thinkTags, (odd & ThinkTags) != 0);
    QCOMPARE(provider->takesIncludeUsage(), (odd & NoIncludeUsage) == 0);
    QCOMPARE(provider->generates().front(),
             (odd & PrefersResponses) != 0 ? Dialect::Responses : Dialect::Chat);
}

void TestRows::noOddityIsUnexplained()
{
    for (auto it = oddities().begin(); it != oddities().end(); ++it)
        QVERIFY2(m_providers.find(it.key()), it.key().constData());
}

void TestRows::noneIsTwice()
{
    QByteArrayList ids;
    for (const auto &provider : m_providers.all()) {
        QVERIFY2(!ids.contains(provider->id()), provider->id().constData());
        ids.append(provider->id());
    }
    QVERIFY(openAiRows().size() >= 70);
}

QTEST_APPLESS_MAIN(TestRows)
#include "test_rows.moc"
