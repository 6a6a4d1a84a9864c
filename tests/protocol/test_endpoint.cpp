// SPDX-License-Identifier: GPL-3.0-or-later
// Paths as clients spell them.
#include "core/protocol/endpoint.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::protocol;

class TestEndpoint : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void generatingPathsAreFoundHoweverThePrefixIsSpelt();
    void geminiIsRoutedByItsColon();
    void modelsMayHoldSlashesColonsAndEscapes();
    void listsAndProbesAreTold();
    void wrongMethodsAreToldWhatIsAllowed();
    void unknownPathsAreNotFound();
    void aWebSocketOnResponsesIsRecognised();
    void errorsFollowTheDialectOfThePath();
};

namespace {

Result<Endpoint> post(const QByteArray &path, const char *query = "")
{
    return findEndpoint("POST", path, query, false);
}

Result<Endpoint> get(const QByteArray &path)
{
    return findEndpoint("GET", path, "", false);
}

} // namespace

void TestEndpoint::generatingPathsAreFoundHoweverThePrefixIsSpelt()
{
    const struct
    {
        QByteArray path;
        Operation operation;
        Dialect dialect;
    } rows[]{
        {"/chat/completions", Operation::Generate, Dialect::Chat},
        {"/completions", Operation::Generate, Dialect::Completions},
        {"/embeddings", Operation::Embed, Dialect::Embeddings},
        {"/responses", Operation::Generate, Dialect::Responses},
        {"/messages", Operation::Generate, Dialect::Messages},
        {"/messages/count_tokens", Operation::CountTokens, Dialect::Messages},
        {"/responses/input_tokens", Operation::CountTokens, Dialect::Responses},
        {"/responses/compact", Operation::Compact, Dialect::Responses},
        {"/images/generations", Operation::Image, Dialect::Chat},
        {"/images/edits", Operation::Image, Dialect::Chat},
        {"/images/variations", Operation::Image, Dialect::Chat},
        {"/audio/speech", Operation::Speak, Dialect::Chat},
        {"/audio/transcriptions", Operation::Transcribe, Dialect::Chat},
        {"/audio/translations", Operation::Transcribe, Dialect::Chat},
        {"/moderations", Operation::Moderate, Dialect::Chat},
        {"/rerank", Operation::Rerank, Dialect::Chat},
        {"/v2/rerank", Operation::Rerank, Dialect::Cohere},
    };
    for (const auto &row : rows) {
        for (const char *prefix : {"", "/v1", "/v1/v1", "/", "/v1/", "//v1"}) {
            for (const char *end : {"", "/"}) {
                const QByteArray path = prefix + row.path + end;
                const auto found = post(path);
                QVERIFY2(found, path.constData());
                QCOMPARE(found->operation, row.operation);
                QCOMPARE(found->dialect, row.dialect);
                QVERIFY(!found->stream);
            }
        }
    }
}

void TestEndpoint::geminiIsRoutedByItsColon()
{
    const auto plain = post("/v1beta/models/gemini-2.5-pro:generateContent");
    QVERIFY(plain);
    QCOMPARE(plain->dialect, Dialect::Gemini);
    QCOMPARE(plain->model, QByteArray("gemini-2.5-pro"));
    QCOMPARE(plain->geminiMethod, QByteArray("generateContent"));
    QCOMPARE(plain->geminiVersion, QByteArray("v1beta"));
    QVERIFY(!plain->stream && plain->sse);

    const auto sse = post("/v1/models/m:streamGenerateContent", "key=x&alt=sse");
    QVERIFY(sse && sse->stream && sse->sse);
    QCOMPARE(sse->geminiVersion, QByteArray("v1"));
    const auto array = post("/v1beta/models/m:streamGenerateContent", "alt=json");
    QVERIFY(array && array->stream && !array->sse);
    QCOMPARE(post("/v1beta/models/e:embedContent")->operation, Operation::Embed);
    QCOMPARE(post("/v1beta/models/e:batchEmbedContents")->operation, Operation::Embed);
    QCOMPARE(post("/v1alpha/models/e:countTokens")->operation, Operation::CountTokens);
    QCOMPARE(post("/v1/v1beta/models/e:countTokens")->geminiVersion, QByteArray("v1beta"));
    QCOMPARE(post("/v1beta/tunedModels/mine:generateContent")->model,
             QByteArray("tunedModels/mine"));
    QVERIFY(!post("/v1beta/models/m:deleteEverything"));
    QVERIFY(!post("/v1beta/models/:generateContent"));
    QCOMPARE(findEndpoint("PUT", "/v1beta/models/m:generateContent", "", false).error().allow,
             QByteArray("POST"));
}

void TestEndpoint::modelsMayHoldSlashesColonsAndEscapes()
{
    QCOMPARE(get("/v1/models/gpt-5")->model, QByteArray("gpt-5"));
    QCOMPARE(get("/v1/models/meta-llama/Llama-3.1-8B")->model,
             QByteArray("meta-llama/Llama-3.1-8B"));
    QCOMPARE(get("/models/meta%2Fllama%3A8b")->model, QByteArray("meta/llama:8b"));
    QCOMPARE(get("/v1/models/llama3:8b")->operation, Operation::GetModel);
    QCOMPARE(get("/v1/models/odd:generateContent")->operation, Operation::GetModel);
    QCOMPARE(post("/v1beta/models/ns%2Fllama3:8b:generateContent")->model,
             QByteArray("ns/llama3:8b"));
    QCOMPARE(get("/v1beta/models/gemini")->dialect, Dialect::Gemini);
    for (const char *wrong : {"/v1/models/a%00b", "/v1/models/a%0Ab", "/v1/models/a%2",
                              "/v1/models/a%zz", "/v1/models/%ff"})
        QVERIFY2(!get(wrong), wrong);
    QVERIFY(!get("/v1/models/" + QByteArray(300, 'a')));
}

void TestEndpoint::listsAndProbesAreTold()
{
    for (const char *path : {"/v1/models", "/models", "/v1/models/", "/v1/v1/models"}) {
        const auto found = get(path);
        QVERIFY2(found, path);
        QCOMPARE(found->operation, Operation::ListModels);
        QCOMPARE(found->dialect, Dialect::Chat);
    }
    QCOMPARE(get("/v1beta/models")->dialect, Dialect::Gemini);
    QCOMPARE(get("/healthz")->operation, Operation::Health);
    QCOMPARE(get("/metrics")->operation, Operation::Metrics);
    QCOMPARE(findEndpoint("HEAD", "/v1/models", "", false)->operation, Operation::ListModels);
}

void TestEndpoint::wrongMethodsAreToldWhatIsAllowed()
{
    QCOMPARE(get("/v1/chat/completions").error().kind, ErrorKind::MethodNotAllowed);
    QCOMPARE(get("/v1/chat/completions").error().allow, QByteArray("POST"));
    QCOMPARE(get("/v1/responses").error().allow, QByteArray("POST"));
    QCOMPARE(post("/v1/models").error().allow, QByteArray("GET, HEAD"));
    QCOMPARE(post("/v1/models/gpt-5").error().allow, QByteArray("GET, HEAD"));
    QCOMPARE(post("/healthz").error().allow, QByteArray("GET, HEAD"));
    QCOMPARE(findEndpoint("DELETE", "/metrics", "", false).error().kind,
             ErrorKind::MethodNotAllowed);
}

void TestEndpoint::unknownPathsAreNotFound()
{
    for (const char *path :
         {"", "/v1", "/api/hello", "///v1/models", "/v1///models", "/V1/models", "/v1/Models",
          "/v1/v1/v1/models", "/v2/models", "*", "/v1/chat", "/healthz/x", "/v1/healthz"}) {
        const auto found = get(path);
        QVERIFY2(!found, path);
        QCOMPARE(found.error().kind, ErrorKind::NotFound);
    }
}

void TestEndpoint::aWebSocketOnResponsesIsRecognised()
{
    QCOMPARE(findEndpoint("GET", "/v1/responses", "", true)->operation, Operation::ResponsesSocket);
    QCOMPARE(findEndpoint("GET", "/responses/", "", true)->operation, Operation::ResponsesSocket);
    QCOMPARE(findEndpoint("POST", "/v1/responses", "", true)->operation, Operation::Generate);
    QVERIFY(!findEndpoint("GET", "/v1/chat/completions", "", true));
}

void TestEndpoint::errorsFollowTheDialectOfThePath()
{
    QCOMPARE(dialectOfPath("/v1/messages/nothing"), Dialect::Messages);
    QCOMPARE(dialectOfPath("/v1beta/nothing"), Dialect::Gemini);
    QCOMPARE(dialectOfPath("/v1/models/m:generateContent"), Dialect::Gemini);
    QCOMPARE(dialectOfPath("/v1/responses/resp_1"), Dialect::Responses);
    QCOMPARE(dialectOfPath("/v1/chat/completions/x"), Dialect::Chat);
    QCOMPARE(dialectOfPath("/whatever"), Dialect::Chat);
}

QTEST_APPLESS_MAIN(TestEndpoint)
#include "test_endpoint.moc"
