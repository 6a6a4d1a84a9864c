// SPDX-License-Identifier: GPL-3.0-or-later
// Which paths mean files and batches, and which models a batch asks for.
#include "core/protocol/endpoint.h"
#include "core/protocol/keptcall.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::protocol;
using Act = KeptCall::Act;
using Thing = KeptCall::Thing;

class TestKeptCall : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pathsAreRead_data();
    void pathsAreRead();
    void otherMethodsAreRefused();
    void otherPathsAreNone();
    void batchesNameTheirModels();
    void linesNameTheirModels();
    void whatNamesNoModelIsRefused_data();
    void whatNamesNoModelIsRefused();
    void modelsAreRenamedInPlace();
};

void TestKeptCall::pathsAreRead_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("thing");
    QTest::addColumn<int>("act");
    QTest::addColumn<QByteArray>("id");
    QTest::addColumn<bool>("messages");
    const auto row = [](const char *method, const char *path, Thing thing, Act act,
                        const char *id = "", bool messages = false) {
        QTest::addRow("%s %s", method, path) << QByteArray(method) << QByteArray(path) << int(thing)
                                             << int(act) << QByteArray(id) << messages;
    };
    row("POST", "files", Thing::File, Act::Create);
    row("GET", "files", Thing::File, Act::List);
    row("HEAD", "files", Thing::File, Act::List);
    row("GET", "files/file-a_B9", Thing::File, Act::Show, "file-a_B9");
    row("DELETE", "files/file-a", Thing::File, Act::Delete, "file-a");
    row("GET", "files/file-a/content", Thing::File, Act::Content, "file-a");
    row("POST", "batches", Thing::Batch, Act::Create);
    row("GET", "batches", Thing::Batch, Act::List);
    row("GET", "batches/batch_1", Thing::Batch, Act::Show, "batch_1");
    row("POST", "batches/batch_1/cancel", Thing::Batch, Act::Cancel, "batch_1");
    row("POST", "messages/batches", Thing::Batch, Act::Create, "", true);
    row("GET", "messages/batches", Thing::Batch, Act::List, "", true);
    row("GET", "messages/batches/b", Thing::Batch, Act::Show, "b", true);
    row("DELETE", "messages/batches/b", Thing::Batch, Act::Delete, "b", true);
    row("POST", "messages/batches/b/cancel", Thing::Batch, Act::Cancel, "b", true);
    row("GET", "messages/batches/b/results", Thing::Batch, Act::Content, "b", true);
}

void TestKeptCall::pathsAreRead()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, path);
    QFETCH(int, thing);
    QFETCH(int, act);
    QFETCH(QByteArray, id);
    QFETCH(bool, messages);
    const auto call = keptCall(method, path);
    QVERIFY(call && *call);
    QCOMPARE(int((*call)->thing), thing);
    QCOMPARE(int((*call)->act), act);
    QCOMPARE((*call)->id, id);
    QCOMPARE((*call)->dialect, messages ? Dialect::Messages : Dialect::Chat);
    for (const QByteArray version : {"/", "/v1/", "/v1/v1/"}) {
        const auto endpoint = findEndpoint(method, version + path, {}, false);
        QVERIFY(endpoint);
        QCOMPARE(endpoint->operation, Operation::Kept);
        QCOMPARE(endpoint->path, path);
        QCOMPARE(endpoint->dialect, (*call)->dialect);
    }
}

void TestKeptCall::otherMethodsAreRefused()
{
    const std::pair<const char *, const char *> calls[]{{"DELETE", "files"},
                                                        {"POST", "files/a"},
                                                        {"POST", "files/a/content"},
                                                        {"DELETE", "batches/b"},
                                                        {"GET", "batches/b/cancel"},
                                                        {"PUT", "messages/batches"},
                                                        {"POST", "messages/batches/b/results"}};
    for (const auto &[method, path] : calls) {
        const auto call = keptCall(method, path);
        QVERIFY2(call && !*call, path);
        QCOMPARE(call->error().kind, ErrorKind::MethodNotAllowed);
        QVERIFY(!call->error().allow.isEmpty());
    }
    QCOMPARE(keptCall("PUT", "files")->error().allow, QByteArray("GET, POST"));
}

void TestKeptCall::otherPathsAreNone()
{
    for (const char *path :
         {"filesystem", "files/", "files//content", "files/../models", "files/a%2Fb", "files/a/b",
          "files/a/content/x", "files/a/results", "batches/b/results", "batches/b/content",
          "messages/batches/b/content", "messages", "batch", "files/a b"})
        QVERIFY2(!keptCall("GET", path), path);
    QVERIFY(!keptCall("GET", "files/" + QByteArray(300, 'a')));
    // Gemini's files are another API.
    const auto gemini = findEndpoint("GET", "/v1beta/files", {}, false);
    QCOMPARE(gemini.error().kind, ErrorKind::NotFound);
    // And messages themselves are none.
    QCOMPARE(findEndpoint("POST", "/v1/messages", {}, false)->operation, Operation::Generate);
}

void TestKeptCall::batchesNameTheirModels()
{
    const QByteArray body
        = R"({"requests":[{"custom_id":"1","params":{"model":"a","messages":[{"model":"no"}]}},)"
          R"( {"params" : {"x":1,"model" : "b\u002d1"},"custom_id":"2"}]})";
    const auto models = batchModels(body);
    QVERIFY(models);
    QCOMPARE(models->size(), 2U);
    QCOMPARE((*models)[0].name, QByteArray("a"));
    QCOMPARE((*models)[1].name, QByteArray("b-1"));
    QCOMPARE(body.mid((*models)[0].value.at, (*models)[0].value.length), QByteArray("\"a\""));
    QCOMPARE(body.mid((*models)[1].value.at, (*models)[1].value.length),
             QByteArray(R"("b\u002d1")"));
}

void TestKeptCall::linesNameTheirModels()
{
    const QByteArray before = "--b\r\nhead\r\n\r\n";
    const QByteArray lines = "{\"custom_id\":\"1\",\"body\":{\"model\":\"a\"}}\r\n\n"
                             "  {\"body\":{\"n\":1,\"model\":\"b\"}}";
    const QByteArray body = before + lines + "\r\n--b--\r\n";
    const auto models = lineModels(body, {before.size(), lines.size()});
    QVERIFY(models);
    QCOMPARE(models->size(), 2U);
    QCOMPARE((*models)[1].name, QByteArray("b"));
    for (const BatchModel &model : *models)
        QCOMPARE(body.mid(model.value.at, model.value.length), '"' + model.name + '"');
}

void TestKeptCall::whatNamesNoModelIsRefused_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("lines");
    int number = 0;
    const auto row = [&](const char *body, bool lines) {
        QTest::addRow("%d", ++number) << QByteArray(body) << lines;
    };
    for (const char *body :
         {"", "[]", "{}", R"({"requests":[]})", R"({"requests":[{}]})", R"({"requests":[1]})",
          R"({"requests":[{"params":{"model":1}}]})", R"({"requests":{"params":{"model":"a"}}})",
          R"({"requests":[{"params":{"model":"a","model":"b"}}]})",
          R"({"requests":[{"params":{"model":"a"},"params":{"model":"b"}}]})",
          R"({"requests":[{"params":{"model":"a"}}],"requests":[]})",
          R"({"requests":[{"params":{"model":"a"}},{"params":{}}]})"})
        row(body, false);
    for (const char *body :
         {"", "\n\n", "x", "{}", "[1]", R"({"body":{}})", R"({"body":{"model":"a"}} {})",
          "{\"body\":{\"model\":\"a\"}}\n{\"body\":{}}", R"({"body":{"model":"a","model":"b"}})",
          R"({"body":{"model":"a"},"body":{"model":"b"}})"})
        row(body, true);
}

void TestKeptCall::whatNamesNoModelIsRefused()
{
    QFETCH(QByteArray, body);
    QFETCH(bool, lines);
    const auto models = lines ? lineModels(body, {0, body.size()}) : batchModels(body);
    QVERIFY(!models);
    QCOMPARE(models.error().kind, ErrorKind::InvalidRequest);
}

void TestKeptCall::modelsAreRenamedInPlace()
{
    const QByteArray body
        = R"({"requests":[{"params":{"model":"a","n":1e0}},{"params":{"model":"b"}},{"params":{"model":"a"}}]})";
    const auto models = batchModels(body);
    QVERIFY(models);
    const auto same = renameModels(body, *models, [](const QByteArray &name) { return name; });
    QCOMPARE(same, body);
    QCOMPARE(same.constData(), body.constData());
    const QByteArray renamed = renameModels(body, *models, [](const QByteArray &name) {
        return name == "a" ? QByteArray("vendor/\"a\"") : name;
    });
    const QByteArray expected
        = R"({"requests":[{"params":{"model":"vendor/\"a\"","n":1e0}},{"params":{"model":"b"}},{"params":{"model":"vendor/\"a\""}}]})";
    QCOMPARE(renamed, expected);
}

QTEST_GUILESS_MAIN(TestKeptCall)
#include "test_keptcall.moc"
