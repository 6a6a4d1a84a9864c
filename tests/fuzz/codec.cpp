// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes through a codec, on into every other dialect, and back.
#include "core/codecs/codecs.h"
#include "core/codecs/ollama/ollama.h"
#include "core/protocol/peek.h"
#include "core/relay/framing.h"
#include "tests/codecs/properties.h"
#include "tests/fuzz/claims.h"
#include "tests/fuzz/targets.h"
#include "tests/matrix/grammar.h"

#include <algorithm>

namespace tollgate::fuzz {

using namespace conversation;
using protocol::JsonTree;

namespace {

constexpr Dialect kDialects[]
    = {Dialect::Chat,   Dialect::Completions, Dialect::Responses, Dialect::Messages,
       Dialect::Gemini, Dialect::Ollama,      Dialect::Converse,  Dialect::Cohere};
constexpr Dialect kClients[]
    = {Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini, Dialect::Ollama};

constexpr unsigned kRarely = 512; // one input in so many is tried at greater size too

bool speaksToClients(Dialect dialect)
{
    return dialect != Dialect::Converse && dialect != Dialect::Cohere;
}

bool isJson(QByteArrayView bytes)
{
    // Wrapped by us, what was just within the limit of depth is nested deeper.
    constexpr int kDeep = 400;
    return bool(JsonTree::parse(bytes, kDeep));
}

conversation::Target targetFor(unsigned options)
{
    const auto bit = [&](unsigned at) { return (options >> at & 1U) != 0; };
    conversation::Target target;
    target.model = "m";
    target.maxOutputTokens = bit(0) ? 8192 : 0;
    target.takesStrictSchemas = !bit(1);
    target.takesJsonSchema = !bit(1);
    target.takesRequiredChoice = !bit(1);
    target.refusesUnknown = bit(2);
    target.takesSampling = !bit(2);
    target.takesSystemRole = !bit(3);
    target.wantsReasoningContent = bit(4);
    target.adaptiveThinking = bit(4);
    target.thinkingLevels = bit(4);
    target.signsCalls = bit(5);
    target.jsonSchemaTools = !bit(5);
    target.takesPrefill = !bit(6);
    target.takesReasoning = !bit(7);
    return target;
}

AnswerContext contextFor(const Request *request)
{
    AnswerContext context;
    context.requestId = "req_1";
    context.model = "m";
    context.nowS = 1;
    context.includeUsage = true;
    context.request = request;
    return context;
}

bool bounded(qsizetype output, qsizetype input)
{
    // Each piece may be wrapped in an event of its own, or in its place in a list.
    constexpr qsizetype kFactor = 600;
    constexpr qsizetype kConstant = 200'000;
    return output < kFactor * input + kConstant;
}

// What was read is told to this vendor. Where clients speak its dialect, it is read again.
void tellVendor(const Request &request, Dialect vendor, const conversation::Target &target,
                QByteArrayView body)
{
    const Codec &codec = *codecs::codecOf(vendor);
    const auto written = codec.encodeRequest(request, target);
    if (!written) {
        claim(!written.error().message.isEmpty(), "refused without a reason", body);
        return;
    }
    claim(isJson(written->body), "a request that is no JSON", written->body);
    // References in schemas are inlined, up to a MiB each.
    claim(bounded(written->body.size(), body.size()) || body.contains("$ref"),
          "a request grew beyond its cause", body);
    if (!speaksToClients(vendor))
        return;
    const auto again = codec.decodeRequest(written->body);
    claim(bool(again), "a request that cannot be read", written->body);
    const auto twice = codec.encodeRequest(*again, target);
    claim(twice || vendor != request.source, "its own request refused", written->body);
    if (!twice || vendor != request.source)
        return;
    claim(twice->body == written->body, "written twice it is another",
          written->body + "\n" + twice->body);
    const auto third = codec.decodeRequest(twice->body);
    claim(third && *third == *again, "not the same request again", written->body);
}

void request(const Codec &codec, QByteArrayView body, const conversation::Target &target)
{
    if (!protocol::validateJson(body))
        return; // refused before any codec sees it
    const auto read = codec.decodeRequest(body);
    if (!read)
        return claim(!read.error().message.isEmpty(), "refused without a reason", body);
    for (const Dialect vendor : kDialects)
        tellVendor(*read, vendor, target, body);
}

void answer(const Codec &codec, QByteArrayView body)
{
    const auto read = codec.decodeResponse(body);
    if (!read)
        return;
    const AnswerContext context = contextFor(nullptr);
    for (const Dialect client : kClients) {
        const Codec &theirs = *codecs::codecOf(client);
        const QByteArray told = theirs.encodeResponse(*read, context);
        claim(isJson(told), "an answer that is no JSON", told);
        claim(bounded(told.size(), body.size()), "an answer grew beyond its cause", body);
        const auto again = theirs.decodeResponse(told);
        claim(bool(again), "an answer that cannot be read", told);
        if (client == codec.dialect())
            claim(theirs.encodeResponse(*again, context) == told, "told twice it is another", told);
    }
    // As a stream, for a client that asked for one.
    const StreamEvents events = unfold(*read);
    claimRight(test::grammarOf(events), "an answer unfolds badly", body);
}

bool same(const StreamEvents &left, const StreamEvents &right)
{
    return test::describe(left) == test::describe(right);
}

// The stream as the relay cuts it, the bytes coming in pieces of this size.
StreamEvents readIn(const Codec &codec, QByteArrayView bytes, qsizetype piece)
{
    StreamEvents events;
    relay::Framing framing(codec.dialect());
    const auto decoder = codec.streamDecoder();
    for (qsizetype at = 0; at < bytes.size(); at += piece) {
        framing.append(bytes.sliced(at, std::min(piece, bytes.size() - at)));
        for (;;) {
            const auto frame = framing.next();
            if (!frame || !*frame)
                break;
            decoder->read((*frame)->type, (*frame)->data, events);
        }
    }
    if (const auto frame = framing.last())
        decoder->read(frame->type, frame->data, events);
    decoder->finish(events);
    return events;
}

// Bedrock's frames carry sums that no mutation would get right: here its events are lines that
// begin with their type.
StreamEvents readLines(const Codec &codec, QByteArrayView bytes)
{
    std::vector<test::WireEvent> wire;
    for (const QByteArray &line : bytes.toByteArray().split('\n')) {
        const qsizetype space = line.indexOf(' ');
        if (space > 0)
            wire.push_back({line.first(space), line.sliced(space + 1)});
    }
    return test::decodeStream(codec, wire);
}

void tellClient(const StreamEvents &events, const Codec &from, Dialect client, QByteArrayView body)
{
    const Codec &codec = *codecs::codecOf(client);
    const bool failed = std::holds_alternative<StreamFailure>(events.back());
    const QByteArray told = test::encodeStream(codec, events, contextFor(nullptr));
    claim(bounded(told.size(), body.size()), "a stream grew beyond its cause", body);
    const test::Verdict verdict = test::streamVerdict(client, told);
    claim(verdict.failed == failed, "an end of another kind", told);
    claim(!failed || !verdict.finished, "looks finished", told);
    const StreamEvents again = test::decodeStream(codec, test::wireEvents(told));
    claimRight(test::grammarOf(again), "told on, events are out of order", told);
    if (client != from.dialect() || failed)
        return;
    claim(!again.empty() && std::holds_alternative<StreamEnd>(again.back()),
          "its own stream does not end", told);
}

void stream(const Codec &codec, QByteArrayView body)
{
    const bool lines = codec.dialect() == Dialect::Converse;
    const StreamEvents events = lines ? readLines(codec, body) : readIn(codec, body, body.size());
    if (!lines && !body.isEmpty()) {
        for (const qsizetype piece : {qsizetype(1), qsizetype(13)})
            claim(same(events, readIn(codec, body, piece)), "cut otherwise it is another", body);
    }
    claimRight(test::grammarOf(events), "events are out of order", body);
    claim(!events.empty()
              && (std::holds_alternative<StreamFailure>(events.back())
                  || std::holds_alternative<StreamEnd>(events.back())),
          "no end is told", body);
    for (const Dialect client : kClients)
        tellClient(events, codec, client, body);
}

// One event of the stream, picked by `chance`, said again until there are about so many bytes.
QByteArray grownStream(QByteArrayView body, qsizetype bytes, QByteArrayView between,
                       std::uint32_t chance)
{
    QByteArray all = body.toByteArray();
    std::vector<qsizetype> ends;
    for (qsizetype at = 0; (at = all.indexOf(between, at)) >= 0;)
        ends.push_back(at += between.size());
    if (ends.empty())
        return {};
    const std::size_t at = chance % ends.size();
    const qsizetype from = at == 0 ? 0 : ends[at - 1];
    const QByteArray event = all.mid(from, ends[at] - from);
    return all.insert(ends[at], event.repeated(bytes / event.size() + 1));
}

} // namespace

void codec(Dialect dialect, QByteArrayView input)
{
    constexpr qsizetype kHead = 2;
    if (input.size() <= kHead)
        return;
    const conversation::Target target = targetFor(std::uint8_t(input[1]));
    const Codec &codec = input[0] == 'g' && dialect == Dialect::Ollama
        ? codecs::ollamaGenerateCodec()
        : *codecs::codecOf(dialect);
    const QByteArray body = input.sliced(kHead).toByteArray();
    const std::uint32_t chance = chanceOf(body);
    const bool bigger = chance % kRarely == 0;
    const std::uint32_t pick = chance / kRarely;
    const auto tryBigger = [&](const char *what, const std::function<QByteArray(qsizetype)> &grown,
                               const std::function<void(QByteArrayView)> &work) {
        if (!bigger || grown(1).isEmpty())
            return;
        claimLinear(what, [&](qsizetype bytes) { work(grown(bytes)); });
    };
    const auto bigJson = [&](qsizetype bytes) { return grownJson(body, bytes, pick); };
    if (input[0] == 'a') {
        const auto work = [&](QByteArrayView bytes) { answer(codec, bytes); };
        work(body);
        tryBigger("an answer's time grows faster than it", bigJson, work);
    } else if (input[0] == 's') {
        const QByteArray between
            = dialect == Dialect::Converse || dialect == Dialect::Ollama ? "\n" : "\n\n";
        const auto work = [&](QByteArrayView bytes) { stream(codec, bytes); };
        work(body);
        tryBigger(
            "a stream's time grows faster than it",
            [&](qsizetype bytes) { return grownStream(body, bytes, between, pick); }, work);
    } else {
        const auto work = [&](QByteArrayView bytes) { request(codec, bytes, target); };
        work(body);
        tryBigger("a request's time grows faster than it", bigJson, work);
    }
}

} // namespace tollgate::fuzz
