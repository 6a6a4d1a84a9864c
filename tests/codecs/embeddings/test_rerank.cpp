// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/rerank/rerank.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::codecs::rerank;

namespace {

constexpr char kCohere[]
    = R"({"model":"rerank-v3.5","query":"capital?","documents":["Paris","Rome","Oslo"],)"
      R"("top_n":2,"max_tokens_per_doc":4096})";

RerankRequest asked(Shape shape = Shape::Cohere, const QByteArray &body = kCohere)
{
    auto read = readRequest(shape, body);
    return read ? std::move(*read) : RerankRequest{};
}

} // namespace

class TestRerank : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requestsSurviveInTheirOwnShape()
    {
        const RerankRequest request = asked();
        QCOMPARE(request.documents.size(), 3);
        QCOMPARE(*request.most, 2);
        const auto written = writeRequest(Shape::Cohere, request, "rerank-v3.5");
        QCOMPARE(written.body, QByteArray(kCohere));
        QVERIFY(written.dropped.empty());
    }

    void requestsAreCarriedToOthers()
    {
        const auto voyage = writeRequest(Shape::Voyage, asked(), "rerank-2");
        QCOMPARE(
            voyage.body,
            QByteArray(
                R"({"model":"rerank-2","query":"capital?","documents":["Paris","Rome","Oslo"],)"
                R"("top_k":2,"return_documents":false})"));
        QCOMPARE(voyage.dropped.members(), QByteArrayList{"max_tokens_per_doc"});
        const RerankRequest objects
            = asked(Shape::Jina, R"({"query":"q","documents":[{"text":"a"},"b"]})");
        QCOMPARE(objects.documents, (QByteArrayList{"a", "b"}));
    }

    void whatIsNoTextIsRefused_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("param");
        const auto row = [](const char *name, const char *body, const char *param) {
            QTest::newRow(name) << QByteArray(body) << QByteArray(param);
        };
        row("no query", R"({"documents":["a"]})", "query");
        row("no documents", R"({"query":"q"})", "documents");
        row("empty", R"({"query":"q","documents":[]})", "documents");
        row("picture", R"({"query":"q","documents":[{"image":"x.png"}]})", "documents");
        row("none wanted", R"({"query":"q","documents":["a"],"top_n":0})", "top_n");
    }

    void whatIsNoTextIsRefused()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, param);
        const auto read = readRequest(Shape::Cohere, body);
        QVERIFY(!read);
        QCOMPARE(read.error().param, param);
    }

    void answersKeepTheDigitsOfTheirScores()
    {
        const auto cohere = readResponse(
            Shape::Cohere,
            R"({"id":"x","results":[{"index":2,"relevance_score":0.98730},{"index":0,)"
            R"("relevance_score":1e-7}],"meta":{"billed_units":{"search_units":1}}})",
            3);
        QVERIFY(cohere);
        QCOMPARE(cohere->results[0].score, QByteArray("0.98730"));
        QCOMPARE(*cohere->searchUnits, 1);
        RerankRequest request = asked();
        QCOMPARE(writeResponse(Shape::Jina, *cohere, request, "m"),
                 QByteArray(R"({"object":"list","model":"m","results":[{"index":2,)"
                            R"("relevance_score":0.98730,"document":{"text":"Oslo"}},{"index":0,)"
                            R"("relevance_score":1e-7,"document":{"text":"Paris"}}],)"
                            R"("usage":{"total_tokens":0}})"));
        request.returnDocuments = false;
        QVERIFY(!writeResponse(Shape::Jina, *cohere, request, "m").contains("document"));
        const QByteArray again = writeResponse(Shape::Cohere, *cohere, request, "m");
        QCOMPARE(*readResponse(Shape::Cohere, again, 3), *cohere);
    }

    void answersAboutOtherDocumentsAreRefused()
    {
        const QByteArray body = R"({"data":[{"index":3,"relevance_score":0.5}]})";
        QVERIFY(!readResponse(Shape::Voyage, body, 3));
        QVERIFY(readResponse(Shape::Voyage, body, 4));
        QVERIFY(!readResponse(Shape::Jina, R"({"results":[{"index":0}]})", 1));
        QVERIFY(!readResponse(Shape::Jina, R"({"data":[]})", 1));
        const auto failed = readResponse(Shape::Jina, R"({"error":{"message":"no"}})", 1);
        QVERIFY(!failed && failed.error().message.contains(QStringLiteral("no")));
    }
};

QTEST_APPLESS_MAIN(TestRerank)
#include "test_rerank.moc"
