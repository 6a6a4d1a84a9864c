// SPDX-License-Identifier: GPL-3.0-or-later
// Ollama's paths, bodies, errors and lists.
#include "core/protocol/endpoint.h"
#include "core/protocol/errors.h"
#include "core/protocol/jsontree.h"
#include "core/protocol/models.h"
#include "core/protocol/peek.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::protocol;

namespace {

Endpoint at(const char *path, const char *method = "POST")
{
    const auto found = findEndpoint(method, path, "", false);
    return found ? *found : Endpoint{};
}

Result<Peek> looked(const QByteArray &body, const char *path = "/api/chat")
{
    return peek(at(path), body);
}

QByteArray edited(const QByteArray &body, std::int64_t maxOutput, const QByteArray &model = {})
{
    Edits edits;
    edits.maxOutput = maxOutput;
    edits.model = model;
    return applyEdits(body, at("/api/chat"), *looked(body), edits);
}

ModelInfo model()
{
    ModelInfo info;
    info.id = "gpt-5";
    info.owner = "openai";
    info.createdS = 1'750'000'000;
    return info;
}

} // namespace

class TestOllama : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pathsAreFound_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("operation");
        QTest::addColumn<QByteArray>("name");
        const auto row
            = [](const char *method, const char *path, Operation operation, const char *name) {
                  QTest::newRow(path) << QByteArray(method) << QByteArray(path) << int(operation)
                                      << QByteArray(name);
              };
        row("POST", "/api/chat", Operation::Generate, "chat");
        row("POST", "/api/chat/", Operation::Generate, "chat");
        row("POST", "/v1/api/chat", Operation::Generate, "chat");
        row("POST", "/api/generate", Operation::Generate, "generate");
        row("POST", "/api/embed", Operation::Embed, "embed");
        row("POST", "/api/embeddings", Operation::Embed, "embeddings");
        row("POST", "/api/show", Operation::ShowModel, "show");
        row("GET", "/api/tags", Operation::ListModels, "");
        row("HEAD", "/api/version", Operation::Version, "");
        row("GET", "/api/ps", Operation::ListRunning, "");
        row("HEAD", "/", Operation::Greeting, "");
    }

    void pathsAreFound()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, path);
        QFETCH(int, operation);
        QFETCH(QByteArray, name);
        const auto found = findEndpoint(method, path, "", false);
        QVERIFY(found);
        QCOMPARE(int(found->operation), operation);
        QCOMPARE(found->dialect, Dialect::Ollama);
        QCOMPARE(found->ollamaMethod, name);
        QCOMPARE(dialectOfPath("/api/chat"), Dialect::Ollama);
    }

    void otherMethodsAndPathsAreRefused()
    {
        QCOMPARE(findEndpoint("GET", "/api/chat", "", false).error().allow, QByteArray("POST"));
        QCOMPARE(findEndpoint("POST", "/api/tags", "", false).error().allow,
                 QByteArray("GET, HEAD"));
        QCOMPARE(findEndpoint("POST", "/", "", false).error().kind, ErrorKind::MethodNotAllowed);
        for (const char *path : {"/api/pull", "/api/delete", "/api", "/api/chat/x"})
            QVERIFY2(!findEndpoint("POST", path, "", false), path);
        QCOMPARE(dialectOfPath("/api/pull"), Dialect::Ollama);
        QCOMPARE(dialectOfPath("/api/paas/v4/messages"), Dialect::Messages);
    }

    void aStreamIsAskedForUnlessRefused()
    {
        QVERIFY(looked(R"({"model":"m","messages":[]})")->stream);
        QVERIFY(looked(R"({"model":"m","prompt":"x","stream":null})", "/api/generate")->stream);
        QVERIFY(!looked(R"({"model":"m","stream":false})")->stream);
        QVERIFY(!looked(R"({"model":"m","input":"x"})", "/api/embed")->stream);
    }

    void theMaximumIsAmongTheOptions()
    {
        const auto found = looked(R"({"model":"m","options":{"num_ctx":8192,"num_predict":7}})");
        QCOMPARE(found->maxOutput, std::optional<std::int64_t>(7));
        // Without end, or until the context is full.
        QVERIFY(!looked(R"({"model":"m","options":{"num_predict":-1}})")->maxOutput);
        QVERIFY(!looked(R"({"model":"m","options":{"num_predict":0}})")->maxOutput);
        QVERIFY(!looked(R"({"model":"m","options":{"num_predict":null}})")->maxOutput);
    }

    void whatCouldMeanTwoThingsIsRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("param");
        const auto row = [](const char *name, const char *body, const char *param) {
            QTest::newRow(name) << QByteArray(body) << QByteArray(param);
        };
        row("twice", R"({"model":"m","options":{"num_predict":1,"num_predict":2}})",
            "options.num_predict");
        row("options twice", R"({"model":"m","options":{},"options":{}})", "options");
        row("case", R"({"model":"m","Options":{}})", "Options");
        row("fraction", R"({"model":"m","options":{"num_predict":7.5}})", "options.num_predict");
        row("text", R"({"model":"m","options":{"num_predict":"7"}})", "options.num_predict");
        row("huge", R"({"model":"m","options":{"num_predict":1e30}})", "options.num_predict");
        row("no object", R"({"model":"m","options":[]})", "options");
        row("stream", R"({"model":"m","stream":"no"})", "stream");
        row("no model", R"({"messages":[]})", "model");
    }

    void whatCouldMeanTwoThingsIsRefused()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, param);
        const auto found = looked(body);
        QVERIFY(!found);
        QCOMPARE(found.error().param, param);
    }

    void editsLeaveTheRestAlone()
    {
        QCOMPARE(edited(R"({ "model" : "m","options":{"num_predict": 900 ,"top_k":1}})", 64, "n"),
                 QByteArray(R"({ "model" : "n","options":{"num_predict": 64 ,"top_k":1}})"));
        QCOMPARE(edited(R"({"model":"m","options":{"num_predict":-1}})", 64),
                 QByteArray(R"({"model":"m","options":{"num_predict":64}})"));
        QCOMPARE(edited(R"({"model":"m","options":{"top_k":1}})", 64),
                 QByteArray(R"({"model":"m","options":{"num_predict":64,"top_k":1}})"));
        QCOMPARE(edited(R"({"model":"m","options":null})", 64),
                 QByteArray(R"({"model":"m","options":{"num_predict":64}})"));
        QCOMPARE(edited(R"({"model":"m"})", 64),
                 QByteArray(R"({"options":{"num_predict":64},"model":"m"})"));
        const QByteArray same = R"({"model":"m","options":{"num_predict":64}})";
        QCOMPARE(edited(same, 64), same);
    }

    void picturesCountByWhatTheyCost()
    {
        const QByteArray data = QByteArray(1'500'000, 'x').toBase64();
        const QByteArray images = "\"images\":[\"" + data + "\"]";
        const auto chat
            = looked("{\"model\":\"m\",\"messages\":[{\"content\":\"?\"," + images + "}]}");
        QVERIFY(chat->inputTokensCeiling < 60'000);
        QVERIFY(chat->inputTokensCeiling > 50'000);
        const auto generated
            = looked("{\"model\":\"m\",\"prompt\":\"?\"," + images + '}', "/api/generate");
        QVERIFY(generated->inputTokensCeiling < 60'000);
        // Elsewhere it is text, whatever it is called.
        const auto text = looked("{\"model\":\"m\",\"x\":{" + images + "}}");
        QVERIFY(text->inputTokensCeiling > 2'000'000);
    }

    void errorsAreOneSentence()
    {
        Error error;
        error.kind = ErrorKind::NotFound;
        error.message = QStringLiteral("model \"x\" not found");
        QCOMPARE(errorBody(Dialect::Ollama, error, "req_1"),
                 QByteArray("{\"error\":\"model \\\"x\\\" not found\"}"));
        QCOMPARE(errorEvent(Dialect::Ollama, error, "req_1"),
                 errorBody(Dialect::Ollama, error, "req_1") + '\n');
        QCOMPARE(readVendorError(errorBody(Dialect::Ollama, error, {})).message, error.message);
        QVERIFY(keepAlive(Dialect::Ollama).isEmpty());
    }

    void modelsAreListedAsTags()
    {
        const QByteArray list = modelList(Dialect::Ollama, {model()});
        const auto tree = JsonTree::parse(list);
        QVERIFY(tree);
        const JsonValue first = *tree->root()["models"].begin();
        QCOMPARE(first["name"].string(), QByteArray("gpt-5"));
        QCOMPARE(first["model"].string(), QByteArray("gpt-5"));
        QCOMPARE(first["modified_at"].string(), QByteArray("2025-06-15T15:06:40Z"));
        QCOMPARE(first["digest"].string().size(), 64);
        QCOMPARE(first["details"]["family"].string(), QByteArray("openai"));
        QCOMPARE(modelList(Dialect::Ollama, {}), QByteArray(R"({"models":[]})"));
        QCOMPARE(runningModels(), QByteArray(R"({"models":[]})"));
    }

    void aModelIsShownWithWhatItCan()
    {
        ModelInfo info = model();
        const QByteArray unknown = modelObject(Dialect::Ollama, info);
        QVERIFY(!unknown.contains("context_length"));
        info.contextTokens = 400'000;
        info.capabilities = {"completion", "tools"};
        const QByteArray shown = modelObject(Dialect::Ollama, info);
        const auto tree = JsonTree::parse(shown);
        QVERIFY(tree);
        const JsonValue facts = tree->root()["model_info"];
        QCOMPARE(facts["general.architecture"].string(), QByteArray("openai"));
        QCOMPARE(facts["openai.context_length"].integer(), std::optional<std::int64_t>(400'000));
        QCOMPARE(tree->root()["capabilities"].raw(), QByteArrayView(R"(["completion","tools"])"));
    }

    // Copilot's plugin asks for 0.6.4 and reads number by number.
    void theVersionIsThreeNumbersAndRecent()
    {
        const QByteArray body = ollamaVersion();
        const auto tree = JsonTree::parse(body);
        QVERIFY(tree);
        const QByteArrayList numbers = tree->root()["version"].string().split('.');
        QCOMPARE(numbers.size(), 3);
        for (const QByteArray &number : numbers)
            QCOMPARE(QByteArray::number(number.toInt()), number);
        QVERIFY(numbers[0].toInt() > 0 || numbers[1].toInt() > 6);
    }
};

QTEST_APPLESS_MAIN(TestOllama)
#include "test_ollama.moc"
