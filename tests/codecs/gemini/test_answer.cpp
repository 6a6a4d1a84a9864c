// SPDX-License-Identifier: GPL-3.0-or-later
// Answers, whole and streamed, rule by rule.
#include "core/codecs/gemini/gemini.h"
#include "core/protocol/jsontree.h"
#include "tests/codecs/properties.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

const Codec &codec()
{
    return codecs::geminiCodec();
}

std::vector<WireEvent> chunks(std::initializer_list<const char *> parts, bool finished = true)
{
    std::vector<WireEvent> wire;
    for (const char *part : parts) {
        QByteArray data = R"({"responseId":"r","candidates":[{"content":{"role":"model","parts":[)";
        data += part;
        data += "]}";
        wire.push_back({{}, data + "}]}"});
    }
    if (finished)
        wire.push_back({{}, "{\"candidates\":[{\"finishReason\":\"STOP\"}]}"});
    return wire;
}

Response folded(const std::vector<WireEvent> &wire)
{
    return foldEvents(codec(), decodeStream(codec(), wire));
}

const std::vector<Part> &partsOf(const Response &response)
{
    return response.candidates.front().message.parts;
}

Response answered(std::vector<Part> parts)
{
    Response response;
    response.id = "id";
    Candidate candidate;
    candidate.message.parts = std::move(parts);
    candidate.stop = {StopReason::End, {}, "stop"};
    response.candidates = {std::move(candidate)};
    return response;
}

QByteArray written(const Response &response)
{
    AnswerContext context;
    context.model = "m";
    return codec().encodeResponse(response, context);
}

} // namespace

class TestGeminiAnswer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textGoesOnInOnePartUntilItIsSigned()
    {
        const Response response = folded(chunks(
            {R"({"text":"a","thought":true})", R"({"text":"b","thought":true})", R"({"text":"c"})",
             R"({"text":"d"})", R"({"text":"","thoughtSignature":"S"})", R"({"text":"e"})"}));
        QCOMPARE(partsOf(response).size(), std::size_t(3));
        QCOMPARE(std::get<Reasoning>(partsOf(response)[0].body).text, QByteArray("ab"));
        QCOMPARE(std::get<Text>(partsOf(response)[1].body).text, QByteArray("cd"));
        QCOMPARE(partsOf(response)[1].sealed->data, QByteArray("S"));
        QCOMPARE(std::get<Text>(partsOf(response)[2].body).text, QByteArray("e"));
    }

    void argumentsByPathBecomeOneObject()
    {
        const Response response = folded(chunks(
            {R"({"functionCall":{"name":"f","willContinue":true},"thoughtSignature":"S"})",
             R"({"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"x","willContinue":true}],"willContinue":true}})",
             R"({"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"y"},{"jsonPath":"$.b[1].c","numberValue":1.0},{"jsonPath":"$['d']","boolValue":false},{"jsonPath":"$.e","nullValue":"NULL_VALUE"}],"willContinue":true}})",
             R"({"functionCall":{}})", R"({"functionCall":{"name":"g","willContinue":true}})"}));
        const auto &call = std::get<ToolCall>(partsOf(response)[0].body);
        QCOMPARE(call.arguments,
                 QByteArray(R"({"a":"xy","b":[null,{"c":1.0}],"d":false,"e":null})"));
        QCOMPARE(call.sealed->data, QByteArray("S"));
        // The empty end may be missing.
        QCOMPARE(std::get<ToolCall>(partsOf(response)[1].body).arguments, QByteArray("{}"));
        QCOMPARE(response.candidates[0].stop.reason, StopReason::ToolUse);
    }

    void aBlockedPromptIsNoEmptySuccess()
    {
        const char *body
            = R"({"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3}})";
        const auto response = codec().decodeResponse(body);
        QVERIFY(response.has_value());
        QCOMPARE(response->promptBlocked, QByteArray("SAFETY"));
        QCOMPARE(response->candidates.front().stop.reason, StopReason::ContentFilter);
        QVERIFY(!written(*response).contains("candidates"));
        QVERIFY(written(*response).contains(R"("promptFeedback":{"blockReason":"SAFETY"})"));
    }

    void whatIsNoAnswerIsAFailure()
    {
        for (const char *body :
             {"", "{}", "[]", "no", "{\"candidates\":[]}",
              "{\"error\":{\"code\":429,\"message\":\"m\",\"status\":\"RESOURCE_EXHAUSTED\"}}"}) {
            const auto response = codec().decodeResponse(body);
            QVERIFY2(!response, body);
        }
        QCOMPARE(
            codec().decodeResponse("{\"error\":{\"code\":429,\"message\":\"m\"}}").error().kind,
            ErrorKind::RateLimited);
    }

    void aStreamWithoutFinishReasonIsTruncated()
    {
        const StreamEvents events = decodeStream(codec(), chunks({R"({"text":"a"})"}, false));
        QVERIFY(std::holds_alternative<StreamFailure>(events.back()));
        QCOMPARE(std::get<StreamFailure>(events.back()).error.code, QByteArray("truncated"));
        QVERIFY(std::holds_alternative<StreamFailure>(decodeStream(codec(), {}).back()));
    }

    void anErrorInTheStreamEndsIt()
    {
        std::vector<WireEvent> wire = chunks({R"({"text":"a"})"}, false);
        wire.push_back({{}, R"({"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}})"});
        wire.push_back({{}, R"({"candidates":[{"finishReason":"STOP"}]})"});
        const StreamEvents events = decodeStream(codec(), wire);
        QCOMPARE(grammarOf(events), QString());
        QVERIFY(std::holds_alternative<StreamFailure>(events.back()));
    }

    void offsetsOfCitationsAreBytesThereAndCodePointsHere()
    {
        // Three bytes a character: "日本" ends at byte 6, code point 2.
        const QByteArray body = QByteArray(
            R"({"candidates":[{"content":{"parts":[{"text":"日本語 x"}]},"finishReason":"STOP","groundingMetadata":{"groundingChunks":[{"web":{"uri":"urn:x","title":"X"}}],"groundingSupports":[{"segment":{"startIndex":3,"endIndex":6,"text":"本"},"groundingChunkIndices":[0,7]},{"segment":{"startIndex":4,"endIndex":6},"groundingChunkIndices":[0]}]}}]})");
        auto response = codec().decodeResponse(body);
        QVERIFY(response.has_value());
        const auto citations = std::get<Text>(partsOf(*response)[0].body).citations;
        QCOMPARE(citations.size(), std::size_t(2));
        QCOMPARE(citations[0].start, 1);
        QCOMPARE(citations[0].end, 2);
        QCOMPARE(citations[0].url, QByteArray("urn:x"));
        QCOMPARE(citations[1].start, -1); // inside a character
        // Told by another vendor, they become bytes again.
        Response foreign = answered({{Text{"日本語 x", {citations[0]}}}});
        QVERIFY(written(foreign).contains(R"("startIndex":3,"endIndex":6,"text":"本")"));
    }

    void probabilitiesHaveChatsForm()
    {
        const char *body
            = R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP","logprobsResult":{"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.10},{"token":"b","logProbability":-2}]}],"chosenCandidates":[{"token":"a","tokenId":5,"logProbability":-0.10}]}}]})";
        const auto response = codec().decodeResponse(body);
        QCOMPARE(
            response->candidates[0].logprobs,
            QByteArray(
                R"({"content":[{"token":"a","logprob":-0.10,"bytes":[97],"top_logprobs":[{"token":"a","logprob":-0.10,"bytes":[97]},{"token":"b","logprob":-2,"bytes":[98]}]}],"refusal":null})"));
        QVERIFY(written(*response).contains("\"tokenId\":5"));
        Response foreign = answered({{Text{"a", {}}}});
        foreign.candidates[0].logprobs = response->candidates[0].logprobs;
        QVERIFY(written(foreign).contains(
            R"("chosenCandidates":[{"token":"a","logProbability":-0.10}])"));
    }

    void usageIsCountedApartAndToldInSums()
    {
        const auto response = codec().decodeResponse(
            R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"cachedContentTokenCount":4,"candidatesTokenCount":3,"thoughtsTokenCount":5,"totalTokenCount":18}})");
        const TokenCounts &counts = response->usage->counts;
        QCOMPARE(counts.input, 6);
        QCOMPARE(counts.cacheRead, 4);
        QCOMPARE(counts.output, 3);
        QCOMPARE(counts.reasoning, 5);
        Response foreign = answered({{Text{"a", {}}}});
        foreign.usage = Usage{};
        foreign.usage->counts = counts;
        foreign.usage->counts.cacheWrite5m = 2;
        QVERIFY(written(foreign).contains(
            R"("usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":3,"totalTokenCount":20,"cachedContentTokenCount":4,"thoughtsTokenCount":5})"));
    }

    void reasonsToStopAreTranslated()
    {
        const std::pair<StopReason, const char *> kRows[]
            = {{StopReason::End, "STOP"},
               {StopReason::ToolUse, "STOP"},
               {StopReason::StopSequence, "STOP"},
               {StopReason::MaxTokens, "MAX_TOKENS"},
               {StopReason::ContextFull, "MAX_TOKENS"},
               {StopReason::ContentFilter, "SAFETY"},
               {StopReason::Recitation, "RECITATION"},
               {StopReason::BadToolCall, "MALFORMED_FUNCTION_CALL"},
               {StopReason::Paused, "OTHER"}};
        for (const auto &[reason, word] : kRows) {
            Response response = answered({{Text{"a", {}}}});
            response.candidates[0].stop = {reason, {}, "native"};
            QVERIFY2(written(response).contains(QByteArray("\"finishReason\":\"") + word + '"'),
                     word);
        }
        const auto read = codec().decodeResponse(
            R"({"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"SPII"}]})");
        QCOMPARE(read->candidates[0].stop.reason, StopReason::Blocked);
        QCOMPARE(read->candidates[0].stop.native, QByteArray("SPII"));
    }

    void callsGoOutWholeAndTheEndLast()
    {
        Response response = answered(
            {{Text{"hé", {}}}, {ToolCall{ToolCall::Kind::Function, "c1", "f", "{\"a\":1.0}"}}});
        response.candidates[0].stop.reason = StopReason::ToolUse;
        response.usage = Usage{};
        response.usage->counts.output = 2;
        for (const bool sse : {true, false}) {
            AnswerContext context;
            context.model = "m";
            context.sse = sse;
            const QByteArray out = encodeStream(codec(), shattered(unfold(response), 2), context);
            QCOMPARE(out.startsWith(sse ? "data: {" : "[{"), true);
            QCOMPARE(out.endsWith(sse ? "\r\n\r\n" : "}]"), true);
            const std::vector<WireEvent> wire = wireEvents(out);
            int calls = 0;
            int ends = 0;
            for (const WireEvent &event : wire) {
                calls += event.data.contains("functionCall") ? 1 : 0;
                ends += event.data.contains("finishReason") ? 1 : 0;
            }
            QCOMPARE(calls, 1);
            QCOMPARE(ends, 1);
            QVERIFY(wire.back().data.contains("\"usageMetadata\""));
            QVERIFY(wire.back().data.contains("\"finishReason\""));
            const Response again = folded(wire);
            QCOMPARE(std::get<Text>(partsOf(again)[0].body).text, QByteArray("hé"));
            QCOMPARE(std::get<ToolCall>(partsOf(again)[1].body).arguments,
                     QByteArray("{\"a\":1.0}"));
            QCOMPARE(std::get<ToolCall>(partsOf(again)[1].body).callId, QByteArray("c1"));
        }
    }

    void aFailureEndsTheStreamAsAnErrorObject()
    {
        for (const bool sse : {true, false}) {
            AnswerContext context;
            context.sse = sse;
            const auto writer = codec().streamEncoder(context);
            QByteArray out;
            writer->write(StreamStart{}, out);
            writer->write(PartStart{0, 0, {Text{"a", {}}}}, out);
            writer->write(StreamFailure{Error{ErrorKind::UpstreamFailed, QStringLiteral("cut")}},
                          out);
            const qsizetype length = out.size();
            writer->write(StreamEnd{}, out);
            QCOMPARE(out.size(), length);
            const auto wire = wireEvents(out);
            QVERIFY(wire.back().data.contains("\"error\""));
            QVERIFY(!out.contains("finishReason"));
            if (!sse)
                QVERIFY(protocol::JsonTree::parse(out).has_value());
        }
    }

    void paragraphsOfThoughtAreKeptApart()
    {
        Reasoning thought{"ab", true, {1}, {}};
        QVERIFY(written(answered({{thought}})).contains("\"a\\n\\nb\""));
        const StreamEvents events{StreamStart{},
                                  PartStart{0, 0, {Reasoning{"a", true, {}, {}}}},
                                  PartDelta{0, 0, PartDelta::Kind::Break, {}, {}, {}},
                                  PartDelta{0, 0, PartDelta::Kind::Text, "b", {}, {}},
                                  PartEnd{},
                                  CandidateStop{0, {StopReason::End, {}, {}}, {}},
                                  StreamEnd{}};
        QVERIFY(encodeStream(codec(), events, {}).contains("\"\\n\\nb\""));
    }
};

QTEST_APPLESS_MAIN(TestGeminiAnswer)
#include "test_answer.moc"
