// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/embeddings/embeddings.h"
#include "tests/codecs/properties.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTest>

#include <bit>
#include <cmath>

using namespace tollgate;
using namespace tollgate::codecs::embeddings;

namespace {

EmbedRequest asked(Shape shape, const QByteArray &body)
{
    auto read = readRequest(shape, body);
    return read ? std::move(*read) : EmbedRequest{};
}

EmbedRequest twoTexts()
{
    EmbedRequest request;
    request.inputs = {{"one", {}}, {"two", {}}};
    request.dimensions = 256;
    request.task = Task::Query;
    return request;
}

QByteArray written(Shape shape, const EmbedRequest &request)
{
    const auto out = writeRequest(shape, request, "m");
    return out ? out->body : QByteArray();
}

EmbedResponse twoVectors()
{
    EmbedResponse response;
    response.model = "m";
    response.vectors = {{"[0.50,-1e-3]", {}}, {"[2,3]", {}}};
    response.inputTokens = 5;
    return response;
}

constexpr Shape kAll[]{Shape::OpenAi, Shape::Gemini,    Shape::GeminiBatch, Shape::Cohere,
                       Shape::Ollama, Shape::OllamaOne, Shape::Voyage,      Shape::Jina};

} // namespace

class TestEmbeddings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requestsAreRead_data()
    {
        QTest::addColumn<int>("shape");
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char *name, Shape shape, const char *body) {
            QTest::newRow(name) << int(shape) << QByteArray(body);
        };
        row("openai", Shape::OpenAi, R"({"model":"m","input":["one","two"],"dimensions":256})");
        row("gemini", Shape::GeminiBatch,
            R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"one"}]},)"
            R"("taskType":"RETRIEVAL_QUERY","outputDimensionality":256},)"
            R"({"model":"models/m","content":{"parts":[{"text":"two"}]},)"
            R"("task_type":"RETRIEVAL_QUERY","output_dimensionality":256}]})");
        row("cohere", Shape::Cohere,
            R"({"model":"m","texts":["one","two"],"input_type":"search_query",)"
            R"("output_dimension":256})");
        row("cohere's inputs", Shape::Cohere,
            R"({"model":"m","inputs":[{"content":[{"type":"text","text":"one"}]},)"
            R"({"content":[{"type":"text","text":"two"}]}],"input_type":"search_query",)"
            R"("output_dimension":256})");
        row("ollama", Shape::Ollama, R"({"model":"m","input":["one","two"],"dimensions":256})");
        row("voyage", Shape::Voyage,
            R"({"model":"m","input":["one","two"],"input_type":"query","output_dimension":256})");
        row("jina", Shape::Jina,
            R"({"model":"m","input":["one",{"text":"two"}],"task":"retrieval.query",)"
            R"("dimensions":256})");
    }

    void requestsAreRead()
    {
        QFETCH(int, shape);
        QFETCH(QByteArray, body);
        const auto kind = static_cast<Shape>(shape);
        const EmbedRequest request = asked(kind, body);
        EmbedRequest expected = twoTexts();
        expected.source = kind;
        expected.model = "m";
        if (kind == Shape::OpenAi || kind == Shape::Ollama)
            expected.task = Task::Unset;
        QVERIFY(request == expected);
        // And written, and read again.
        QVERIFY(asked(kind, written(kind, request)).inputs == expected.inputs);
    }

    void requestsAreWrittenForEachVendor_data()
    {
        QTest::addColumn<int>("shape");
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char *name, Shape shape, const char *body) {
            QTest::newRow(name) << int(shape) << QByteArray(body);
        };
        row("openai", Shape::OpenAi,
            R"({"model":"m","input":["one","two"],"dimensions":256,"encoding_format":"float"})");
        row("gemini", Shape::GeminiBatch,
            R"({"requests":[{"model":"models/m","content":{"parts":[{"text":"one"}]},)"
            R"("taskType":"RETRIEVAL_QUERY","outputDimensionality":256},)"
            R"({"model":"models/m","content":{"parts":[{"text":"two"}]},)"
            R"("taskType":"RETRIEVAL_QUERY","outputDimensionality":256}]})");
        row("cohere", Shape::Cohere,
            R"({"model":"m","texts":["one","two"],"output_dimension":256,)"
            R"("input_type":"search_query","embedding_types":["float"]})");
        row("ollama", Shape::Ollama, R"({"model":"m","input":["one","two"],"dimensions":256})");
        row("voyage", Shape::Voyage,
            R"({"model":"m","input":["one","two"],"output_dimension":256,"input_type":"query"})");
        row("jina", Shape::Jina,
            R"({"model":"m","input":["one","two"],"dimensions":256,"task":"retrieval.query"})");
    }

    void requestsAreWrittenForEachVendor()
    {
        QFETCH(int, shape);
        QFETCH(QByteArray, body);
        QCOMPARE(written(static_cast<Shape>(shape), twoTexts()), body);
    }

    void oneTextAtATimeWhereThatIsAll()
    {
        EmbedRequest request = twoTexts();
        QVERIFY(!writeRequest(Shape::Gemini, request, "m"));
        QVERIFY(!writeRequest(Shape::OllamaOne, request, "m"));
        request.inputs.pop_back();
        QVERIFY(written(Shape::Gemini, request).startsWith(R"({"model":"models/m","content":)"));
        const auto old = writeRequest(Shape::OllamaOne, request, "m");
        QVERIFY(old);
        QCOMPARE(old->body, QByteArray(R"({"model":"m","prompt":"one"})"));
        QCOMPARE(old->dropped.members(), (QByteArrayList{"dimensions", "task"}));
        request.inputs.assign(97, Input{"x", {}});
        QVERIFY(!writeRequest(Shape::Cohere, request, "m"));
    }

    void tokenNumbersAreForOpenAiAlone()
    {
        const EmbedRequest one = asked(Shape::OpenAi, R"({"model":"m","input":[1, 2,3]})");
        QCOMPARE(one.inputs.size(), std::size_t(1));
        QCOMPARE(one.inputs[0].tokens, QByteArray("[1, 2,3]"));
        const EmbedRequest two = asked(Shape::OpenAi, R"({"model":"m","input":[[1],[2]]})");
        QCOMPARE(two.inputs.size(), std::size_t(2));
        QVERIFY(written(Shape::OpenAi, two).contains(R"("input":[[1],[2]])"));
        QVERIFY(!writeRequest(Shape::Voyage, two, "m"));
    }

    void whatCannotBeCarriedIsRefused_data()
    {
        QTest::addColumn<int>("shape");
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char *name, Shape shape, const char *body) {
            QTest::newRow(name) << int(shape) << QByteArray(body);
        };
        row("nothing", Shape::OpenAi, R"({"model":"m","input":[]})");
        row("number", Shape::OpenAi, R"({"model":"m","input":7})");
        row("encoding", Shape::OpenAi, R"({"model":"m","input":"x","encoding_format":"hex"})");
        row("dimensions", Shape::OpenAi, R"({"model":"m","input":"x","dimensions":0})");
        row("integers", Shape::Cohere, R"({"model":"m","texts":["x"],"embedding_types":["int8"]})");
        row("two types", Shape::Cohere,
            R"({"model":"m","texts":["x"],"embedding_types":["float","base64"]})");
        row("pictures", Shape::Cohere, R"({"model":"m","images":["data:image/png;base64,AA"]})");
        row("picture", Shape::Jina, R"({"model":"m","input":[{"image":"x.png"}]})");
        row("bytes", Shape::Voyage, R"({"model":"m","input":"x","output_dtype":"uint8"})");
        row("inline data", Shape::Gemini,
            R"({"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":""}}]}})");
        row("two tasks", Shape::GeminiBatch,
            R"({"requests":[{"content":{"parts":[{"text":"a"}]},"taskType":"CLUSTERING"},)"
            R"({"content":{"parts":[{"text":"b"}]}}]})");
    }

    void whatCannotBeCarriedIsRefused()
    {
        QFETCH(int, shape);
        QFETCH(QByteArray, body);
        const auto read = readRequest(static_cast<Shape>(shape), body);
        QVERIFY(!read);
        QCOMPARE(int(read.error().kind), int(ErrorKind::InvalidRequest));
    }

    void tasksHaveTheirWords()
    {
        QCOMPARE(taskName(Shape::Gemini, Task::Similarity), QByteArray("SEMANTIC_SIMILARITY"));
        QCOMPARE(taskName(Shape::Jina, Task::Document), QByteArray("retrieval.passage"));
        QCOMPARE(taskName(Shape::Voyage, Task::Clustering), QByteArray());
        // A word that stands for several tasks means the plainest.
        QVERIFY(taskNamed(Shape::Cohere, "search_query") == Task::Query);
        QVERIFY(taskNamed(Shape::Cohere, "clustering") == Task::Clustering);
        QVERIFY(taskNamed(Shape::OpenAi, "query") == Task::Unset);
        // Cohere insists on one.
        EmbedRequest request = twoTexts();
        request.task = Task::Unset;
        QVERIFY(written(Shape::Cohere, request).contains(R"("input_type":"search_document")"));
    }

    void vectorsKeepTheirDigits()
    {
        const EmbedResponse response = twoVectors();
        for (const Shape shape : kAll) {
            const QByteArray body = writeResponse(shape, response, {}, "m");
            const auto again = readResponse(shape, body);
            QVERIFY2(again, body.constData());
            QVERIFY(again->vectors.at(0) == response.vectors[0]);
            const bool one = shape == Shape::Gemini || shape == Shape::OllamaOne;
            QCOMPARE(again->vectors.size(), std::size_t(one ? 1 : 2));
            const bool counts = !one && shape != Shape::GeminiBatch;
            QCOMPARE(again->inputTokens.value_or(-1), counts ? 5 : -1);
        }
    }

    void base64IsLittleEndianFloats()
    {
        QCOMPARE(floatsToBase64("[1, -2.5e0,0]"), std::optional(QByteArray("AACAPwAAIMAAAAAA")));
        QCOMPARE(floatsFromBase64("AACAPwAAIMAAAAAA"), std::optional(QByteArray("[1,-2.5,0]")));
        QCOMPARE(floatsToBase64("[1e-400]"), std::optional(QByteArray("AAAAAA==")));
        QVERIFY(!floatsToBase64("[1e400]"));
        QVERIFY(!floatsToBase64("[1e39]"));
        QVERIFY(!floatsToBase64(R"(["1"])"));
        QVERIFY(!floatsFromBase64("AACA")); // not whole floats
        QVERIFY(!floatsFromBase64("AACAfw==")); // infinity
        QVERIFY(!floatsFromBase64("?"));
    }

    void floatsComeBackAsTheyWere()
    {
        QRandomGenerator random(7);
        QByteArray bytes;
        for (int i = 0; i < 2000; ++i) {
            const std::uint32_t bits = random.generate();
            if (!std::isfinite(std::bit_cast<float>(bits)))
                continue;
            for (int shift = 0; shift < 32; shift += 8)
                bytes.append(static_cast<char>(bits >> shift & 0xff));
        }
        const QByteArray base64 = bytes.toBase64();
        const auto text = floatsFromBase64(base64);
        QVERIFY(text);
        QCOMPARE(floatsToBase64(*text), std::optional(base64));
    }

    void theEncodingAskedForIsGiven()
    {
        EmbedRequest request
            = asked(Shape::OpenAi, R"({"model":"m","input":["a","b"],"encoding_format":"base64"})");
        QVERIFY(request.encoding == Encoding::Base64);
        const QByteArray body = writeResponse(Shape::OpenAi, twoVectors(), request, "mine");
        QVERIFY2(body.contains("\"embedding\":\"AAAAP2"), body.constData());
        QVERIFY(body.contains(R"("model":"mine","usage":{"prompt_tokens":5,"total_tokens":5})"));
        const auto again = readResponse(Shape::OpenAi, body);
        QVERIFY(again);
        request.encoding = Encoding::Float;
        QVERIFY(writeResponse(Shape::OpenAi, *again, request, "mine")
                    .contains(R"("embedding":[0.5,-0.001])"));
    }

    void listsFollowTheirIndexes()
    {
        const auto read = readResponse(
            Shape::OpenAi, R"({"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}]})");
        QVERIFY(read);
        QCOMPARE(read->vectors[0].json, QByteArray("[1]"));
        QVERIFY(!read->inputTokens);
        QVERIFY(
            !readResponse(Shape::OpenAi,
                          R"({"data":[{"index":0,"embedding":[2]},{"index":0,"embedding":[1]}]})"));
        QVERIFY(!readResponse(Shape::OpenAi, R"({"data":[{"index":-1,"embedding":[2]}]})"));
    }

    void whatHoldsNoVectorsFails()
    {
        for (const Shape shape : kAll) {
            QVERIFY(!readResponse(shape, "{}"));
            QVERIFY(!readResponse(shape, "[]"));
            QVERIFY(!readResponse(shape, "<html>"));
            QVERIFY(!readResponse(shape, R"({"error":"model not found"})"));
        }
        QVERIFY(!readResponse(Shape::Ollama, R"({"embeddings":[[1,"2"]]})"));
    }

    void documentedAnswersOfOllamaAreRead()
    {
        if (test::fixtureFolder().isEmpty())
            QSKIP("TOLLGATE_FIXTURES is not set.");
        const auto documented = [](const char *name) {
            QFile file(test::fixtureFolder() + QStringLiteral("/specs/ollama/examples/")
                       + QLatin1String(name));
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        const auto two
            = readResponse(Shape::Ollama, documented("41-api-generate-embeddings-response.json"));
        QVERIFY(two && two->vectors.size() == 2);
        const auto counted
            = readResponse(Shape::Ollama, documented("40-api-generate-embeddings-response.json"));
        QCOMPARE(counted->inputTokens, std::optional<std::int64_t>(8));
        const auto one
            = readResponse(Shape::OllamaOne, documented("43-api-generate-embedding-response.json"));
        QVERIFY(one && one->vectors.at(0).json.contains("0.5670403838157654"));
    }
};

QTEST_APPLESS_MAIN(TestEmbeddings)
#include "test_embeddings.moc"
