// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/modeltraits.h"

#include <QTest>

#include <set>

using namespace tollgate;
using namespace tollgate::ledger;
using Reasoning = ModelTraits::Reasoning;
using Sampling = ModelTraits::Sampling;

Q_DECLARE_METATYPE(tollgate::ledger::ModelTraits::Reasoning)
Q_DECLARE_METATYPE(tollgate::ledger::ModelTraits::Sampling)

class TestModelTraits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsHowWellKnownModelsReason_data();
    void knowsHowWellKnownModelsReason();
    void knowsWhatEachClaudeRefuses_data();
    void knowsWhatEachClaudeRefuses();
    void knowsTheGenerationsOfGemini_data();
    void knowsTheGenerationsOfGemini();
    void knowsInputsAndLimits();
    void saysNothingOfModelsNobodyKnows();
    void eachFamilyRowCanBeReached();
    void patternsMatchAsTheyRead_data();
    void patternsMatchAsTheyRead();
    void damagedTablesAreRefused_data();
    void damagedTablesAreRefused();
};

void TestModelTraits::knowsHowWellKnownModelsReason_data()
{
    QTest::addColumn<QByteArray>("provider");
    QTest::addColumn<Reasoning>("reasoning");
    QTest::addColumn<Sampling>("sampling");
    QTest::addColumn<QByteArray>("efforts");
    const auto row = [](const char *provider, const char *model, Reasoning reasoning,
                        Sampling sampling, const char *efforts = "") {
        QTest::newRow(model) << QByteArray(provider) << reasoning << sampling
                             << QByteArray(efforts);
    };
    constexpr auto kFive = "low,medium,high,xhigh,max";
    row("openai", "gpt-4o", Reasoning::None, Sampling::Always);
    row("openai", "gpt-4.1-mini", Reasoning::None, Sampling::Always);
    row("openai", "gpt-5", Reasoning::Always, Sampling::Never, "minimal,low,medium,high");
    row("openai", "gpt-5-mini-2025-08-07", Reasoning::Always, Sampling::Never,
        "minimal,low,medium,high");
    row("openai", "gpt-5-chat-latest", Reasoning::None, Sampling::Always);
    row("openai", "gpt-5.1", Reasoning::Optional, Sampling::ReasoningUnasked,
        "none,low,medium,high");
    row("openai", "gpt-5.4-mini", Reasoning::Optional, Sampling::ReasoningUnasked,
        "none,low,medium,high,xhigh");
    row("openai", "gpt-5.2-pro", Reasoning::Always, Sampling::Never, "medium,high,xhigh");
    row("openai", "gpt-5.5", Reasoning::Optional, Sampling::ReasoningOff,
        "none,low,medium,high,xhigh");
    row("openai", "o3-mini", Reasoning::Always, Sampling::Never, "low,medium,high");
    row("azure", "o4-mini", Reasoning::Always, Sampling::Never, "low,medium,high");
    row("anthropic", "claude-3-5-haiku-latest", Reasoning::None, Sampling::Always);
    row("anthropic", "claude-haiku-4-5", Reasoning::Optional, Sampling::Always);
    row("anthropic", "claude-opus-4-20250514", Reasoning::Optional, Sampling::Always);
    row("anthropic", "claude-opus-4-5-20251101", Reasoning::Optional, Sampling::Always,
        "low,medium,high");
    row("anthropic", "claude-opus-4-6", Reasoning::Optional, Sampling::Always,
        "low,medium,high,max");
    row("anthropic", "claude-opus-4-7", Reasoning::Optional, Sampling::Never, kFive);
    row("openrouter", "anthropic/claude-opus-4.7", Reasoning::Optional, Sampling::Never, kFive);
    row("bedrock", "us.anthropic.claude-opus-4-8-v1:0", Reasoning::Optional, Sampling::Never,
        kFive);
    row("anthropic", "claude-haiku-9", Reasoning::Some, Sampling::Never, "low,medium,high");
    row("gemini", "gemini-2.0-flash", Reasoning::None, Sampling::Always);
    row("gemini", "gemini-2.5-flash", Reasoning::Optional, Sampling::Always);
    row("gemini", "gemini-2.5-pro", Reasoning::Always, Sampling::Always);
    row("gemini", "models/gemini-3-pro-preview", Reasoning::Always, Sampling::Always, "low,high");
    row("gemini", "gemini-3.5-flash", Reasoning::Always, Sampling::Always,
        "minimal,low,medium,high");
    row("deepseek", "deepseek-chat", Reasoning::None, Sampling::Always);
    row("deepseek", "deepseek-reasoner", Reasoning::Always, Sampling::Always);
    row("deepseek", "deepseek-v4-pro", Reasoning::Optional, Sampling::Always, "high,max");
    row("xai", "grok-4.3", Reasoning::Optional, Sampling::Always, "none,low,medium,high");
    row("moonshot", "kimi-k2.5", Reasoning::Optional, Sampling::Never);
    row("poe", "google/gemini-2.5-flash", Reasoning::Optional, Sampling::Never);
    row("helicone", "deepseek-reasoner", Reasoning::Always, Sampling::Always);
    row("groq", "openai/gpt-oss-120b", Reasoning::Always, Sampling::Always, "low,medium,high");
}

void TestModelTraits::knowsHowWellKnownModelsReason()
{
    QFETCH(QByteArray, provider);
    const ModelTraits traits = modelTraits(provider, QByteArray(QTest::currentDataTag()));
    QTEST(traits.reasoning, "reasoning");
    QTEST(traits.sampling, "sampling");
    QTEST(traits.efforts.join(','), "efforts");
}

void TestModelTraits::knowsWhatEachClaudeRefuses_data()
{
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("claude-3-5-sonnet-20241022") << QByteArray("prefill both");
    QTest::newRow("claude-3-7-sonnet-20250219") << QByteArray("prefill both");
    QTest::newRow("claude-sonnet-4-20250514") << QByteArray("prefill");
    QTest::newRow("claude-4-sonnet-20250514") << QByteArray("prefill");
    QTest::newRow("claude-opus-4-1") << QByteArray("prefill schema");
    QTest::newRow("claude-haiku-4-5-20251001") << QByteArray("prefill schema");
    QTest::newRow("claude-sonnet-4-6") << QByteArray("adaptive prefill schema");
    QTest::newRow("claude-opus-4-6") << QByteArray("adaptive schema");
    QTest::newRow("claude-opus-4-7") << QByteArray("adaptive schema");
    QTest::newRow("claude-opus-4-8") << QByteArray("adaptive schema midsystem");
    QTest::newRow("claude-sonnet-5") << QByteArray("adaptive schema");
    QTest::newRow("claude-opus-5-20260801") << QByteArray("adaptive schema midsystem");
    QTest::newRow("claude-fable-5") << QByteArray("adaptive schema midsystem unforced");
}

void TestModelTraits::knowsWhatEachClaudeRefuses()
{
    QFETCH(QByteArray, says);
    const ModelTraits traits = modelTraits("anthropic", QByteArray(QTest::currentDataTag()));
    QByteArrayList said;
    if (traits.adaptiveThinking.value_or(false))
        said.append("adaptive");
    if (traits.prefill.value())
        said.append("prefill");
    if (traits.temperatureAndTopP.value())
        said.append("both");
    if (traits.structuredOutput.value())
        said.append("schema");
    if (traits.midConversationSystem.value_or(false))
        said.append("midsystem");
    if (!traits.forcedTools.value_or(true))
        said.append("unforced");
    QCOMPARE(said.join(' '), says);
}

void TestModelTraits::knowsTheGenerationsOfGemini_data()
{
    QTest::addColumn<bool>("third");
    QTest::addColumn<bool>("jsonTools");
    QTest::newRow("gemini-1.5-pro") << false << false;
    QTest::newRow("gemini-2.5-flash-lite") << false << true;
    QTest::newRow("gemini-2.5-pro") << false << true;
    QTest::newRow("gemini-3-flash-preview") << true << true;
    QTest::newRow("gemini-3.1-pro-preview") << true << true;
}

void TestModelTraits::knowsTheGenerationsOfGemini()
{
    QFETCH(bool, third);
    const ModelTraits traits = modelTraits("gemini", QByteArray(QTest::currentDataTag()));
    QCOMPARE(traits.thinkingLevels.value_or(false), third);
    QCOMPARE(traits.signsCalls.value_or(false), third);
    QTEST(traits.jsonSchemaTools.value_or(true), "jsonTools");
}

void TestModelTraits::knowsInputsAndLimits()
{
    const ModelTraits gpt = modelTraits("openai", "gpt-4.1");
    QCOMPARE(gpt.contextTokens, 1'047'576);
    QCOMPARE(gpt.maxOutputTokens, 32'768);
    QVERIFY(gpt.tools.value() && gpt.imageInput.value() && gpt.pdfInput.value());
    QVERIFY(!gpt.audioInput.value() && !gpt.videoInput.value() && gpt.structuredOutput.value());
    const ModelTraits gemini = modelTraits("gemini", "gemini-2.5-pro");
    QVERIFY(gemini.audioInput.value() && gemini.videoInput.value());
    // A provider that has no list of its own offers its makers' models as they are.
    QCOMPARE(modelTraits("openai-compatible", "gpt-4.1"), gpt);
    QCOMPARE(modelTraits("kimi-coding", "kimi-k2-thinking").contextTokens, 262'144);
}

void TestModelTraits::saysNothingOfModelsNobodyKnows()
{
    QCOMPARE(modelTraits("openai-compatible", "our-own-7b"), ModelTraits());
    QCOMPARE(modelTraits("ollama", ""), ModelTraits());
    QCOMPARE(modelTraits("ollama", "path/"), ModelTraits());
}

void TestModelTraits::eachFamilyRowCanBeReached()
{
    const auto rows = loadFamilies();
    QVERIFY(rows);
    QVERIFY(rows->size() > 40);
    for (std::size_t i = 0; i < rows->size(); ++i) {
        // A name that the row means; no earlier row may take it.
        QByteArray name = rows->at(i).pattern;
        name.replace('*', "").replace('?', '7');
        for (std::size_t j = 0; j < i; ++j) {
            const bool taken = fitsPattern(name, rows->at(j).pattern);
            const bool wider = rows->at(i).pattern.contains('?'); // other letters may fit it
            QVERIFY2(!taken || wider, rows->at(i).pattern.constData());
        }
    }
}

void TestModelTraits::patternsMatchAsTheyRead_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<bool>("fits");
    QTest::newRow("itself") << QByteArray("ab") << QByteArray("ab") << true;
    QTest::newRow("longer") << QByteArray("abc") << QByteArray("ab") << false;
    QTest::newRow("shorter") << QByteArray("a") << QByteArray("ab") << false;
    QTest::newRow("one") << QByteArray("a.c") << QByteArray("a?c") << true;
    QTest::newRow("one is not none") << QByteArray("ac") << QByteArray("a?c") << false;
    QTest::newRow("any end") << QByteArray("abc") << QByteArray("a*") << true;
    QTest::newRow("nothing") << QByteArray("") << QByteArray("*") << true;
    QTest::newRow("nothing for one") << QByteArray("") << QByteArray("?") << false;
    QTest::newRow("goes back") << QByteArray("xaabab") << QByteArray("*ab") << true;
    QTest::newRow("goes back in vain") << QByteArray("xaabac") << QByteArray("*ab") << false;
    QTest::newRow("two") << QByteArray("us.claude-opus-4-7-v1") << QByteArray("*claude-opus-4?7*")
                         << true;
}

void TestModelTraits::patternsMatchAsTheyRead()
{
    QFETCH(QByteArray, name);
    QFETCH(QByteArray, pattern);
    QTEST(fitsPattern(name, pattern), "fits");
}

void TestModelTraits::damagedTablesAreRefused_data()
{
    QTest::addColumn<QByteArray>("row");
    QTest::addColumn<bool>("good");
    QTest::newRow("good") << QByteArray("\tm\t1000\t\ttSv\toptional\tyes\tlow,high") << true;
    QTest::newRow("bare") << QByteArray("p\tm\t\t\t\t\t\t") << true;
    QTest::newRow("too short") << QByteArray("p\tm\t\t\t\t\t") << false;
    QTest::newRow("no name") << QByteArray("p\t\t\t\t\t\t\t") << false;
    QTest::newRow("number") << QByteArray("p\tm\t01\t\t\t\t\t") << false;
    QTest::newRow("negative") << QByteArray("p\tm\t\t-1\t\t\t\t") << false;
    QTest::newRow("letter") << QByteArray("p\tm\t\t\tz\t\t\t") << false;
    QTest::newRow("both") << QByteArray("p\tm\t\t\tsS\t\t\t") << false;
    QTest::newRow("reasoning") << QByteArray("p\tm\t\t\t\tmaybe\t\t") << false;
    QTest::newRow("effort") << QByteArray("p\tm\t\t\t\t\t\tlow,much") << false;
    QTest::newRow("order") << QByteArray("p\tn\t\t\t\t\t\t\np\tm\t\t\t\t\t\t") << false;
}

void TestModelTraits::damagedTablesAreRefused()
{
    QFETCH(QByteArray, row);
    QFETCH(bool, good);
    const QByteArray head = "tollgate-models\t1\nprovider\tmodel\tcontext\tmaxOutput\tflags\t"
                            "reasoning\tsampling\tefforts\n";
    QCOMPARE(parseModels(head + row + '\n').has_value(), good);
    QVERIFY(!parseModels(head + row));
    QVERIFY(!parseModels("x" + head + row + '\n'));
}

QTEST_APPLESS_MAIN(TestModelTraits)
#include "test_modeltraits.moc"
