// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/codecs.h"
#include "core/relay/modelfit.h"
#include "core/relay/translation.h"

#include <QTest>

using namespace tollgate;
using conversation::ReasoningSpec;
using conversation::Target;
using ledger::ModelTraits;

class TestModelFit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void temperatureIsTakenWhereTheModelDoesNotReason_data();
    void temperatureIsTakenWhereTheModelDoesNotReason();
    void whatTheVendorRefusesStaysRefused();
    void whatTheVendorSaysOfLimitsStays();
    void anUnknownModelChangesNothing();
    void theNewestClaudeIsAskedInItsOwnWay();
    void aModelThatDoesNotReasonIsNotAskedTo_data();
    void aModelThatDoesNotReasonIsNotAskedTo();
};

void TestModelFit::temperatureIsTakenWhereTheModelDoesNotReason_data()
{
    QTest::addColumn<QByteArray>("effort");
    QTest::addColumn<bool>("taken");
    const auto row = [](const char *model, const char *effort, bool taken) {
        QTest::addRow("%s %s", model, effort) << QByteArray(effort) << taken;
    };
    row("gpt-4o", "high", true);
    row("gpt-5", "", false);
    row("gpt-5", "none", false);
    row("gpt-5.1", "", true);
    row("gpt-5.1", "none", true);
    row("gpt-5.1", "low", false);
    row("gpt-5.5", "", false);
    row("gpt-5.5", "none", true);
    row("o3", "", false);
}

void TestModelFit::temperatureIsTakenWhereTheModelDoesNotReason()
{
    QFETCH(QByteArray, effort);
    const QByteArray model = QByteArray(QTest::currentDataTag()).split(' ').first();
    Target target;
    ReasoningSpec asked;
    asked.effort = effort;
    relay::fitToModel(target, ledger::modelTraits("openai", model), asked);
    QTEST(target.takesSampling, "taken");
}

void TestModelFit::whatTheVendorRefusesStaysRefused()
{
    Target target;
    target.takesJsonSchema = false;
    target.takesRequiredChoice = false;
    target.takesSampling = false;
    target.jsonSchemaTools = false;
    ModelTraits able;
    able.structuredOutput = true;
    able.forcedTools = true;
    able.jsonSchemaTools = true;
    able.sampling = ModelTraits::Sampling::Always;
    relay::fitToModel(target, able, {});
    QVERIFY(!target.takesJsonSchema && !target.takesRequiredChoice && !target.takesSampling
            && !target.jsonSchemaTools);
}

void TestModelFit::whatTheVendorSaysOfLimitsStays()
{
    Target target;
    target.maxOutputTokens = 100;
    target.efforts = {"high"};
    relay::fitToModel(target, ledger::modelTraits("openai", "gpt-5"), {});
    QCOMPARE(target.maxOutputTokens, 100);
    QCOMPARE(target.efforts, QByteArrayList{"high"});
    QVERIFY(target.alwaysThinks);
}

void TestModelFit::anUnknownModelChangesNothing()
{
    const Target usual;
    Target target;
    relay::fitToModel(target, {}, {});
    QCOMPARE(target.takesSampling, usual.takesSampling);
    QCOMPARE(target.takesReasoning, usual.takesReasoning);
    QCOMPARE(target.takesPrefill, usual.takesPrefill);
    QCOMPARE(target.takesTemperatureAndTopP, usual.takesTemperatureAndTopP);
    QCOMPARE(target.alwaysThinks, usual.alwaysThinks);
    QCOMPARE(target.maxOutputTokens, usual.maxOutputTokens);
}

void TestModelFit::theNewestClaudeIsAskedInItsOwnWay()
{
    const auto request = codecs::codecOf(protocol::Dialect::Chat)
                             ->decodeRequest(R"({"model":"m","temperature":0.2,)"
                                             R"("reasoning_effort":"xhigh","messages":)"
                                             R"([{"role":"user","content":"hi"}]})");
    QVERIFY(request);
    const auto asked = [&](const QByteArray &model) {
        Target target;
        target.model = model;
        relay::fitToModel(target, ledger::modelTraits("anthropic", model), request->reasoning);
        const auto encoded
            = codecs::codecOf(protocol::Dialect::Messages)->encodeRequest(*request, target);
        return encoded ? encoded->body : QByteArray();
    };
    const QByteArray newest = asked("claude-opus-4-8");
    QVERIFY2(newest.contains(R"("type":"adaptive")"), newest.constData());
    QVERIFY2(newest.contains(R"("effort":"xhigh")"), newest.constData());
    QVERIFY2(newest.contains(R"("max_tokens":128000)"), newest.constData());
    QVERIFY2(!newest.contains("temperature"), newest.constData());
    const QByteArray older = asked("claude-sonnet-4-5");
    QVERIFY2(older.contains("budget_tokens"), older.constData());
    QVERIFY2(older.contains(R"("max_tokens":64000)"), older.constData());
}

void TestModelFit::aModelThatDoesNotReasonIsNotAskedTo_data()
{
    QTest::addColumn<QByteArray>("thinking");
    QTest::addColumn<QByteArrayList>("dropped");
    QTest::newRow("budget") << QByteArray(R"({"type":"enabled","budget_tokens":2000})")
                            << QByteArrayList{"reasoning"};
    QTest::newRow("off") << QByteArray(R"({"type":"disabled"})") << QByteArrayList();
}

void TestModelFit::aModelThatDoesNotReasonIsNotAskedTo()
{
    QFETCH(QByteArray, thinking);
    protocol::Endpoint client;
    client.operation = protocol::Operation::Generate;
    client.dialect = protocol::Dialect::Messages;
    const auto request = relay::readConversation(
        client,
        R"({"model":"m","max_tokens":4000,"messages":[{"role":"user","content":"hi"}],"thinking":)"
            + thinking + '}',
        "m", false);
    QVERIFY(request);
    Target target;
    target.model = "gpt-4o";
    relay::fitToModel(target, ledger::modelTraits("openai", target.model), (*request)->reasoning);
    relay::Translation translation(client, protocol::Dialect::Chat, *request, target, "req_1", 0);
    const Result<QByteArray> body = translation.requestBody({});
    QVERIFY(body);
    QVERIFY2(!body->contains("reasoning") && !body->contains("thinking"), body->constData());
    QTEST(translation.dropped().members(), "dropped");
}

QTEST_APPLESS_MAIN(TestModelFit)
#include "test_modelfit.moc"
