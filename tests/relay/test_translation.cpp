// SPDX-License-Identifier: GPL-3.0-or-later
// A call in another dialect than its client's, from the request out to the answer back.
#include "core/relay/translation.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::relay;
using protocol::Dialect;
using protocol::Endpoint;
using protocol::Operation;

namespace {

// Speaks what a test says it does.
class Vendor final : public Provider
{
public:
    explicit Vendor(std::vector<Dialect> spoken)
        : m_spoken(std::move(spoken))
    {
    }
    [[nodiscard]] QByteArray id() const override { return "vendor"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Vendor"); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override { return {}; }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return operation == Operation::Generate
            && std::find(m_spoken.begin(), m_spoken.end(), dialect) != m_spoken.end();
    }
    [[nodiscard]] Result<upstream::Request> request(const Outgoing &) const override
    {
        return upstream::Request{};
    }
    [[nodiscard]] Result<upstream::Request> modelsRequest(const routing::Channel &,
                                                          const Secret *) const override
    {
        return upstream::Request{};
    }
    [[nodiscard]] Result<QByteArrayList> readModels(QByteArrayView) const override
    {
        return QByteArrayList{};
    }

private:
    std::vector<Dialect> m_spoken;
};

Endpoint endpointOf(Dialect dialect, bool stream = false)
{
    Endpoint endpoint;
    endpoint.dialect = dialect;
    endpoint.stream = stream;
    return endpoint;
}

const QByteArray kMessagesRequest = R"({"model":"m","max_tokens":50,"stop_sequences":["END"],)"
                                    R"("messages":[{"role":"user","content":"hi"}]})";

Translation translationOf(Dialect client, const QByteArray &body, Dialect vendor, bool stream)
{
    const auto request = readConversation(endpointOf(client), body, "m", stream);
    conversation::Target target;
    target.model = "vendor-m";
    return Translation(endpointOf(client), vendor, request.value(), target, "req_1", 1'700'000'000);
}

QByteArray chunk(const QByteArray &delta, const QByteArray &finish = "null")
{
    return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"v\","
           "\"choices\":[{\"index\":0,\"delta\":"
        + delta + ",\"finish_reason\":" + finish + "}]}\n\n";
}

QByteArray usageChunk()
{
    return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"v\","
           "\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2,"
           "\"total_tokens\":9}}\n\n";
}

} // namespace

class TestTranslation final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksInTheClientsOwnDialectWhereItCan();
    void asksInTheOneThatTheChannelInsistsOn();
    void asksNobodyForWhatNoCodecKnows();
    void refusesWhatIsKeptElsewhere();
    void writesTheRequestAnewForALoweredMaximum();
    void tellsAStreamEventByEvent();
    void tellsTheSameHoweverTheBytesAreCut();
    void cutsAStreamAsOneThatReachedItsLength();
    void endsAFailedStreamWithoutATerminator();
    void takesATruncatedStreamForAFailure();
    void meetsStopSequencesThatResponsesDoesNotKnow();
    void tellsAnErrorInsideAnAnswer();
    void readsThinkingAloudWhereTheVendorDoesIt();
    void aChannelSaysWhetherItsModelsThinkAloud();
};

void TestTranslation::asksInTheClientsOwnDialectWhereItCan()
{
    const Vendor both({Dialect::Chat, Dialect::Messages});
    const store::ChannelRow channel;
    QCOMPARE(dialectFor(both, channel, Operation::Generate, Dialect::Chat), Dialect::Chat);
    QCOMPARE(dialectFor(both, channel, Operation::Generate, Dialect::Messages), Dialect::Messages);
    const Vendor one({Dialect::Messages});
    for (const Dialect client : {Dialect::Chat, Dialect::Completions, Dialect::Responses,
                                 Dialect::Gemini, Dialect::Ollama})
        QCOMPARE(dialectFor(one, channel, Operation::Generate, client), Dialect::Messages);
}

void TestTranslation::asksInTheOneThatTheChannelInsistsOn()
{
    const Vendor both({Dialect::Chat, Dialect::Responses});
    store::ChannelRow channel;
    channel.options = R"({"dialect":"responses"})";
    QCOMPARE(dialectFor(both, channel, Operation::Generate, Dialect::Chat), Dialect::Responses);
    const Vendor chat({Dialect::Chat});
    QCOMPARE(dialectFor(chat, channel, Operation::Generate, Dialect::Chat), Dialect::Chat);
}

void TestTranslation::asksNobodyForWhatNoCodecKnows()
{
    const Vendor chat({Dialect::Chat});
    QVERIFY(!dialectFor(chat, {}, Operation::Embed, Dialect::Embeddings));
    QVERIFY(!dialectFor(Vendor({}), {}, Operation::Generate, Dialect::Chat));
}

void TestTranslation::refusesWhatIsKeptElsewhere()
{
    const auto request
        = readConversation(endpointOf(Dialect::Responses),
                           R"({"input":"x","previous_response_id":"resp_1"})", "m", false);
    QVERIFY(!request);
    QCOMPARE(request.error().kind, ErrorKind::InvalidRequest);
    QCOMPARE(request.error().param, QByteArray("previous_response_id"));
}

void TestTranslation::writesTheRequestAnewForALoweredMaximum()
{
    Translation told = translationOf(Dialect::Messages, kMessagesRequest, Dialect::Chat, false);
    const auto first = told.requestBody({});
    QVERIFY(first.has_value());
    QVERIFY2(first->contains("\"max_tokens\":50"), first->constData());
    QVERIFY2(first->contains("\"model\":\"vendor-m\""), first->constData());
    const auto lowered = told.requestBody(20);
    QVERIFY(lowered.has_value());
    QVERIFY2(lowered->contains("\"max_tokens\":20"), lowered->constData());
    const auto raised = told.requestBody(80);
    QVERIFY(raised.has_value());
    QVERIFY(!raised->contains("80"));
}

void TestTranslation::tellsAStreamEventByEvent()
{
    const Translation told
        = translationOf(Dialect::Messages, kMessagesRequest, Dialect::Chat, true);
    const auto stream = told.stream();
    QByteArray passing;
    QVERIFY(stream->cut(chunk(R"({"role":"assistant","content":""})"), passing));
    QVERIFY(!stream->contentSeen());
    QVERIFY(stream->cut(chunk(R"({"content":"hel"})"), passing));
    QVERIFY(stream->contentSeen());
    QVERIFY2(passing.contains("\"text\":\"hel\""), passing.constData());
    QVERIFY(stream->cut(chunk(R"({"content":"lo"})") + chunk("{}", "\"stop\"") + usageChunk()
                            + "data: [DONE]\n\n",
                        passing));
    QVERIFY(stream->final() && stream->complete() && !stream->error());
    QVERIFY(!passing.contains("message_stop"));
    QVERIFY2(stream->tail().contains("message_stop"), stream->tail().constData());
    QCOMPARE(stream->facts().usage->totalInput(), 7);
    QCOMPARE(stream->facts().usage->totalOutput(), 2);
    QVERIFY(!stream->facts().empty);
}

void TestTranslation::tellsTheSameHoweverTheBytesAreCut()
{
    const Translation told
        = translationOf(Dialect::Messages, kMessagesRequest, Dialect::Chat, true);
    const QByteArray bytes = chunk(R"({"role":"assistant","content":"a"})")
        + chunk(R"({"content":"\u00e9b"})") + chunk("{}", "\"length\"") + usageChunk()
        + "data: [DONE]\n\n";
    QByteArray whole;
    const auto atOnce = told.stream();
    QVERIFY(atOnce->cut(bytes, whole));
    whole += atOnce->tail();
    for (qsizetype at = 0; at <= bytes.size(); ++at) {
        QByteArray pieces;
        const auto split = told.stream();
        QVERIFY(split->cut(bytes.first(at), pieces));
        QVERIFY(split->cut(bytes.sliced(at), pieces));
        QCOMPARE(pieces + split->tail(), whole);
    }
}

void TestTranslation::cutsAStreamAsOneThatReachedItsLength()
{
    const Translation told
        = translationOf(Dialect::Messages, kMessagesRequest, Dialect::Chat, true);
    const auto stream = told.stream();
    QByteArray passing;
    QVERIFY(stream->cut(chunk(R"({"content":"hello"})"), passing));
    TokenCounts used;
    used.output = 3;
    const QByteArray end = stream->cutShort({used, "m", 1});
    QVERIFY2(end.contains("content_block_stop"), end.constData());
    QVERIFY2(end.contains("\"stop_reason\":\"max_tokens\""), end.constData());
    QVERIFY2(end.contains("\"output_tokens\":3"), end.constData());
    QVERIFY2(end.contains("message_stop"), end.constData());
}

void TestTranslation::endsAFailedStreamWithoutATerminator()
{
    const Translation told
        = translationOf(Dialect::Messages, kMessagesRequest, Dialect::Chat, true);
    const auto stream = told.stream();
    QByteArray passing;
    QVERIFY(stream->cut(chunk(R"({"content":"hello"})"), passing));
    Error error;
    error.kind = ErrorKind::UpstreamTimeout;
    error.message = QStringLiteral("too slow");
    const QByteArray end = stream->failed(error);
    QVERIFY2(end.contains("event: error"), end.constData());
    QVERIFY(!end.contains("message_stop"));
}

void TestTranslation::takesATruncatedStreamForAFailure()
{
    const Translation told
        = translationOf(Dialect::Messages, kMessagesRequest, Dialect::Chat, true);
    const auto stream = told.stream();
    QByteArray passing;
    QVERIFY(stream->cut(chunk(R"({"content":"hello"})"), passing));
    stream->close(passing);
    QVERIFY(!stream->complete());
    QVERIFY(stream->error().has_value());
    QVERIFY(!(passing + stream->tail()).contains("message_stop"));
}

void TestTranslation::meetsStopSequencesThatResponsesDoesNotKnow()
{
    Translation told
        = translationOf(Dialect::Messages, kMessagesRequest, Dialect::Responses, false);
    const auto body = told.requestBody({});
    QVERIFY(body.has_value());
    QVERIFY2(!body->contains("END"), body->constData());
    const auto answer = told.answer(
        R"({"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"v",)"
        R"("output":[{"id":"msg_1","type":"message","role":"assistant","status":"completed",)"
        R"("content":[{"type":"output_text","text":"one END two","annotations":[]}]}],)"
        R"("usage":{"input_tokens":3,"output_tokens":4,"total_tokens":7}})");
    QVERIFY(answer.has_value());
    QVERIFY2(answer->body.contains("\"text\":\"one \""), answer->body.constData());
    QVERIFY2(answer->body.contains("\"stop_sequence\":\"END\""), answer->body.constData());
    QCOMPARE(answer->facts.usage->totalOutput(), 4);
}

void TestTranslation::tellsAnErrorInsideAnAnswer()
{
    const Translation told
        = translationOf(Dialect::Messages, kMessagesRequest, Dialect::Chat, false);
    QVERIFY(!told.answer(R"({"error":{"message":"no credit","code":402},"choices":null})"));
    QVERIFY(!told.answer("<html>"));
}

void TestTranslation::readsThinkingAloudWhereTheVendorDoesIt()
{
    const auto request = readConversation(
        endpointOf(Dialect::Messages),
        R"({"model":"m","max_tokens":5000,"thinking":{"type":"enabled","budget_tokens":2000},)"
        R"("messages":[{"role":"user","content":"hi"}]})",
        "m", false);
    const QByteArray whole
        = R"({"id":"c","object":"chat.completion","created":1,"model":"v","choices":[{"index":0,)"
          R"("message":{"role":"assistant","content":"<think>\nhm</think>\n\nyes"},)"
          R"("finish_reason":"stop"}]})";
    for (const bool tags : {true, false}) {
        conversation::Target target;
        target.model = "v";
        target.thinkTags = tags;
        const Translation told(endpointOf(Dialect::Messages), Dialect::Chat, request.value(),
                               target, "req_1", 1);
        const auto answer = told.answer(whole);
        QVERIFY(answer.has_value());
        QCOMPARE(answer->body.contains(R"("type":"thinking")"), tags);
        QCOMPARE(answer->body.contains("<think>"), !tags);
        const auto stream = told.stream();
        QByteArray passing;
        for (const char *piece : {"<thi", "nk>h", "m</think", ">yes"})
            QVERIFY(stream->cut(chunk(R"({"content":")" + QByteArray(piece) + R"("})"), passing));
        QVERIFY(stream->cut(chunk("{}", "\"stop\"") + "data: [DONE]\n\n", passing));
        QCOMPARE(passing.contains("thinking_delta"), tags);
        QCOMPARE(passing.contains("<thi"), !tags);
        QVERIFY2(passing.contains("yes"), passing.constData());
    }
}

void TestTranslation::aChannelSaysWhetherItsModelsThinkAloud()
{
    store::ChannelRow channel;
    QVERIFY(!thinksInTags(channel));
    channel.options = R"({"think_tags":"on"})";
    QCOMPARE(thinksInTags(channel), true);
    channel.options = R"({"dialect":"chat","think_tags":"off"})";
    QCOMPARE(thinksInTags(channel), false);
    channel.options = R"({"think_tags":"maybe"})";
    QVERIFY(!thinksInTags(channel));
}

QTEST_APPLESS_MAIN(TestTranslation)
#include "test_translation.moc"
