// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/pastedtext.h"
#include "providers/providers.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::admin;

namespace {

std::vector<PastedChannel> read(const char *text)
{
    relay::Providers providers;
    providers::registerAll(providers);
    return readPasted(QString::fromUtf8(text), providers);
}

} // namespace

class TestPastedText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void environmentFilesNameTheirProvider();
    void anotherAddressIsAnotherProvider();
    void curlCommandsAreRead();
    void jsonSnippetsAreRead();
    void clientSettingsAreRead();
    void importLinksAreRead();
    void exportedChannelsKeepTheirKind();
    void modelListsAreRead();
    void plainWordsAreSearched();
    void proseIsNothing();
};

void TestPastedText::environmentFilesNameTheirProvider()
{
    const auto found = read("# keys\nexport ANTHROPIC_API_KEY=sk-ant-api03-abcdefghijkl\n"
                            "GROQ_API_KEY='gsk_0123456789abcdef'\nPATH=/usr/bin\n");
    QCOMPARE(found.size(), 2U);
    QCOMPARE(found[0].provider, QByteArray("anthropic"));
    QCOMPARE(found[0].keys, QByteArrayList{"sk-ant-api03-abcdefghijkl"});
    QVERIFY(found[0].baseUrl.isEmpty());
    QVERIFY(found[0].sure);
    QCOMPARE(found[1].provider, QByteArray("groq"));
}

void TestPastedText::anotherAddressIsAnotherProvider()
{
    const auto found = read("OPENAI_API_KEY=sk-0123456789abcdef\n"
                            "OPENAI_BASE_URL=https://api.deepseek.com/v1\n");
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found[0].provider, QByteArray("deepseek"));
    const auto own = read("OPENAI_API_KEY=sk-0123456789abcdef\n"
                          "OPENAI_BASE_URL=https://llm.example.org/v1\n");
    QCOMPARE(own[0].provider, QByteArray("openai-compatible"));
    QCOMPARE(own[0].baseUrl, QByteArray("https://llm.example.org/v1"));
    const auto claude = read("$env:ANTHROPIC_BASE_URL=\"https://relay.example.org\"\n"
                             "$env:ANTHROPIC_AUTH_TOKEN=\"sk-0123456789abcdef\"\n");
    QCOMPARE(claude[0].provider, QByteArray("anthropic"));
    QCOMPARE(claude[0].baseUrl, QByteArray("https://relay.example.org"));
}

void TestPastedText::curlCommandsAreRead()
{
    const auto found = read("curl https://openrouter.ai/api/v1/chat/completions \\\n"
                            "  -H 'Authorization: Bearer sk-or-v1-0123456789' \\\n"
                            "  -d '{\"model\": \"openai/gpt-5\", \"messages\": []}'");
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found[0].provider, QByteArray("openrouter"));
    QCOMPARE(found[0].baseUrl, QByteArray("https://openrouter.ai/api/v1"));
    QCOMPARE(found[0].keys, QByteArrayList{"sk-or-v1-0123456789"});
    QCOMPARE(found[0].models, QByteArrayList{"openai/gpt-5"});
}

void TestPastedText::jsonSnippetsAreRead()
{
    const auto found = read("{\"providers\": {\"mine\": {\"baseUrl\": \"http://10.0.0.7:8000/v1\","
                            "\"apiKey\": \"abcdefgh12345678\","
                            "\"models\": [{\"id\": \"qwen\"}, \"glm\"]}}}");
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found[0].name, QStringLiteral("mine"));
    QCOMPARE(found[0].models, (QByteArrayList{"qwen", "glm"}));
    QVERIFY(!found[0].sure);
}

void TestPastedText::clientSettingsAreRead()
{
    const auto found = read("{\"env\": {\"ANTHROPIC_BASE_URL\": \"https://api.z.ai/api/anthropic\","
                            "\"ANTHROPIC_AUTH_TOKEN\": \"0123456789abcdef.XYZ\"}}");
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found[0].keys, QByteArrayList{"0123456789abcdef.XYZ"});
    QVERIFY(found[0].provider.startsWith("zai"));
}

void TestPastedText::importLinksAreRead()
{
    const auto found = read("ccswitch://v1/import?resource=provider&app=claude&name=My%20Relay"
                            "&endpoint=https%3A%2F%2Frelay.example.org&apiKey=sk-0123456789abcdef");
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found[0].name, QStringLiteral("My Relay"));
    QCOMPARE(found[0].provider, QByteArray("anthropic"));
    QCOMPARE(found[0].baseUrl, QByteArray("https://relay.example.org"));
}

void TestPastedText::exportedChannelsKeepTheirKind()
{
    const auto found = read(
        "{\"success\":true,\"data\":[{\"id\":1,\"type\":14,\"name\":\"claude\",\"key\":"
        "\"sk-ant-111111111111\\nsk-ant-222222222222\",\"base_url\":\"\",\"models\":"
        "\"claude-sonnet-4-5,claude-opus-4-5\",\"priority\":3,\"weight\":2,"
        "\"model_mapping\":\"{\\\"a\\\":\\\"b\\\"}\"},"
        "{\"id\":2,\"type\":36,\"name\":\"ds\",\"key\":\"sk-333333333333\",\"base_url\":null,"
        "\"models\":\"deepseek-chat\"}]}");
    QCOMPARE(found.size(), 2U);
    QCOMPARE(found[0].provider, QByteArray("anthropic"));
    QCOMPARE(found[0].keys.size(), 2);
    QCOMPARE(found[0].models.size(), 2);
    QCOMPARE(found[0].priority, 3);
    QCOMPARE(found[0].weight, 2);
    QCOMPARE(found[0].modelMap.front().second, QByteArray("b"));
    QCOMPARE(found[1].provider, QByteArray("deepseek"));
}

void TestPastedText::modelListsAreRead()
{
    const auto found = read("model_list:\n"
                            "  - model_name: gpt\n"
                            "    litellm_params:\n"
                            "      model: openai/gpt-5\n"
                            "      api_key: sk-0123456789abcdef\n"
                            "  - model_name: sonnet\n"
                            "    litellm_params:\n"
                            "      model: anthropic/claude-sonnet-4-5\n"
                            "      api_key: \"sk-ant-0123456789\"\n");
    QCOMPARE(found.size(), 2U);
    QCOMPARE(found[0].provider, QByteArray("openai"));
    QCOMPARE(found[0].models, QByteArrayList{"gpt"});
    QCOMPARE(found[0].modelMap.front().second, QByteArray("gpt-5"));
    QCOMPARE(found[1].provider, QByteArray("anthropic"));
    QCOMPARE(found[1].form, QStringLiteral("yaml"));
}

void TestPastedText::plainWordsAreSearched()
{
    const auto found
        = read("Here you are: https://llm.example.org/v1 with key sk-abcdef0123456789");
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found[0].baseUrl, QByteArray("https://llm.example.org/v1"));
    QCOMPARE(found[0].keys, QByteArrayList{"sk-abcdef0123456789"});
    const auto bare = read("gsk_abcdef0123456789");
    QCOMPARE(bare[0].provider, QByteArray("groq"));
}

void TestPastedText::proseIsNothing()
{
    QVERIFY(read("Nothing of use stands in these words.").empty());
    QVERIFY(read("{\"model\": \"gpt-5\"}").empty());
    QVERIFY(read("{\"broken\": ").empty());
}

QTEST_GUILESS_MAIN(TestPastedText)
#include "test_pastedtext.moc"
