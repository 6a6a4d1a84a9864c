// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/streamreader.h"

#include "core/codecs/gemini/answer.h"
#include "core/codecs/gemini/details.h"
#include "core/codecs/gemini/parts.h"
#include "core/conversation/toolpairs.h"
#include "core/protocol/errors.h"

#include <QDateTime>

#include <algorithm>

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

constexpr std::int64_t kMostCandidates = 128;

// The latest value of each name counts.
void replace(Native &bag, QByteArrayView name, QByteArray json)
{
    for (NativeMember &known : bag) {
        if (known.name == name) {
            known.json = std::move(json);
            return;
        }
    }
    keep(bag, Dialect::Gemini, name, std::move(json));
}

void replaceRest(Native &bag, JsonValue object, std::initializer_list<QByteArrayView> known)
{
    Native fresh;
    keepRest(fresh, object, known);
    for (NativeMember &one : fresh)
        replace(bag, one.name, std::move(one.json));
}

// Figures are cumulative but told anew behind a tool's turn: like UsageFigures, keep the larger.
void takeLarger(Native &bag, JsonValue usage)
{
    for (const JsonValue figure : usage) {
        const QByteArray name = figure.key();
        std::int64_t before = 0;
        const bool known = protocol::toInteger(kept(bag, name), before);
        if (!known || figure.integer().value_or(before) >= before)
            replace(bag, name, figure.json());
    }
}

QByteArray tierOf(JsonValue usage)
{
    const QByteArray tier = member(usage, "serviceTier").string().toLower();
    return tier == "standard" ? QByteArray("default") : tier;
}

} // namespace

void StreamReader::fail(const Error &error, StreamEvents &out)
{
    m_over = true;
    out.emplace_back(StreamFailure{error});
}

void StreamReader::read(QByteArrayView, QByteArrayView data, StreamEvents &out)
{
    if (m_over || data.trimmed().isEmpty())
        return;
    const auto tree = protocol::JsonTree::parse(data);
    if (!tree) {
        fail(Error{ErrorKind::UpstreamFailed,
                   QStringLiteral("The vendor sent a chunk that is not valid JSON."), "bad_chunk"},
             out);
        return;
    }
    // Some proxies answer with the array where events were asked for.
    each(tree->root(), [&](JsonValue one) {
        if (!m_over && one.isObject())
            chunk(one, out);
    });
}

void StreamReader::chunk(JsonValue root, StreamEvents &out)
{
    if (const JsonValue error = root["error"]; error.isSet()) {
        const auto code = integer(error["code"]).value_or(0);
        fail(protocol::vendorFailure(static_cast<int>(std::clamp<std::int64_t>(code, 0, 599)),
                                     protocol::readVendorError(root.raw())),
             out);
        return;
    }
    std::optional<Usage> used = usage(root);
    if (!m_started)
        start(root, used, out);
    each(member(root, "candidates"), [&](JsonValue json) {
        if (json.isObject())
            candidate(json, out);
    });
    if (used)
        out.emplace_back(UsageReport{std::move(*used)});
    if (const JsonValue feedback = member(root, "promptFeedback"); feedback.isObject()) {
        if (const QByteArray reason = member(feedback, "blockReason").string(); !reason.isEmpty())
            m_blocked = reason;
    }
    replaceRest(m_native, root,
                {"candidates", "usageMetadata", "modelVersion", "responseId", "createTime"});
}

void StreamReader::start(JsonValue root, const std::optional<Usage> &used, StreamEvents &out)
{
    m_started = true;
    StreamStart start;
    start.id = m_id = member(root, "responseId").string();
    start.model = member(root, "modelVersion").string();
    start.usage = used;
    start.serviceTier = tierOf(member(root, "usageMetadata"));
    if (const JsonValue time = member(root, "createTime"); time.isString()) {
        const QDateTime told = QDateTime::fromString(QString::fromUtf8(time.string()), Qt::ISODate);
        if (told.isValid())
            start.createdS = told.toSecsSinceEpoch();
        keep(start.native, Dialect::Gemini, "createTime", time.json());
    }
    out.emplace_back(std::move(start));
}

std::optional<Usage> StreamReader::usage(JsonValue root)
{
    const JsonValue usage = member(root, "usageMetadata");
    if (!usage.isObject())
        return {};
    takeLarger(m_usage, usage);
    protocol::JsonReader reader(usage.raw());
    m_figures.read(reader, Dialect::Gemini);
    if (!m_figures.reported())
        return {};
    Usage told;
    told.counts = m_figures.counts(Dialect::Gemini);
    told.suspect = m_figures.suspect();
    told.native = m_usage;
    return told;
}

void StreamReader::candidate(JsonValue json, StreamEvents &out)
{
    const std::int64_t index
        = std::clamp<std::int64_t>(integer(member(json, "index")).value_or(0), 0, kMostCandidates);
    CandidateState &state = m_candidates[index];
    each(member(member(json, "content"), "parts"), [&](JsonValue one) {
        if (one.isObject())
            part(index, state, one, out);
    });
    cite(index, state, json, out);
    if (const JsonValue probabilities = member(json, "logprobsResult"); probabilities.isObject()) {
        const QByteArray content = chatLogprobs(probabilities);
        if (!content.isEmpty())
            out.emplace_back(LogprobsDelta{index, content, {}});
        ++state.logprobs;
        replace(state.native, "logprobsResult", probabilities.json());
    }
    replaceRest(state.native, json, {"content", "finishReason", "index", "logprobsResult"});
    if (const QByteArray reason = member(json, "finishReason").string(); !reason.isEmpty())
        state.finishReason = reason;
}

void StreamReader::cite(std::int64_t index, CandidateState &state, JsonValue json,
                        StreamEvents &out)
{
    auto *text = state.open ? std::get_if<Text>(&state.open->body) : nullptr;
    if (!text)
        return;
    std::vector<Citation> all = groundingCitations(member(json, "groundingMetadata"), text->text);
    std::vector<Citation> more = sourceCitations(member(json, "citationMetadata"), text->text);
    std::move(more.begin(), more.end(), std::back_inserter(all));
    for (Citation &citation : all) {
        // Metadata is told again, growing: what is known is not said twice.
        if (std::find(text->citations.begin(), text->citations.end(), citation)
            != text->citations.end())
            continue;
        text->citations.push_back(citation);
        PartDelta delta{index, state.next, PartDelta::Kind::Citation, {}, {}, {}};
        delta.citation = std::move(citation);
        out.emplace_back(std::move(delta));
    }
}

void StreamReader::endOpen(std::int64_t index, CandidateState &state, StreamEvents &out)
{
    if (!state.open)
        return;
    out.emplace_back(PartEnd{index, state.next++, {}});
    state.open.reset();
}

void StreamReader::identify(Part &part, CandidateState &state)
{
    if (auto *call = std::get_if<ToolCall>(&part.body)) {
        // Answers of one conversation differ in their id, and so do their calls.
        if (call->callId.isEmpty())
            call->callId = stableCallId(call->name, m_id + call->arguments, state.calls);
        ++state.calls;
        if (call->kind == ToolCall::Kind::Hosted)
            state.lastHosted = call->callId;
        else
            state.called = true;
    } else if (auto *result = std::get_if<ToolResult>(&part.body);
               result && result->callId.isEmpty()) {
        result->callId = state.lastHosted.isEmpty()
            ? stableCallId(result->name, m_id + result->structured, state.calls++)
            : state.lastHosted;
    }
}

void StreamReader::whole(std::int64_t index, CandidateState &state, Part part, StreamEvents &out)
{
    endOpen(index, state, out);
    identify(part, state);
    out.emplace_back(PartStart{index, state.next, std::move(part)});
    out.emplace_back(PartEnd{index, state.next, {}});
    ++state.next;
}

void StreamReader::endCall(std::int64_t index, CandidateState &state, StreamEvents &out)
{
    if (!state.call)
        return;
    PendingCall pending = std::move(*state.call);
    state.call.reset();
    if (!pending.args.empty())
        std::get<ToolCall>(pending.part.body).arguments = pending.args.json();
    whole(index, state, std::move(pending.part), out);
}

// A call that arrives in pieces: a name, values by path, an empty end that may be missing.
bool StreamReader::partialCall(std::int64_t index, CandidateState &state, JsonValue json,
                               StreamEvents &out)
{
    const JsonValue call = member(json, "functionCall");
    if (!call.isObject())
        return false;
    const bool named = !member(call, "name").string().isEmpty();
    const bool more = member(call, "willContinue").isTrue();
    const JsonValue patches = member(call, "partialArgs");
    if (named) {
        endCall(index, state, out);
        if (!more && !patches.isSet())
            return false;
        if (std::optional<Part> part = readPart(json)) {
            endOpen(index, state, out);
            state.call.emplace(PendingCall{std::move(*part), {}});
        }
    }
    if (!state.call)
        return !named;
    each(patches, [&](JsonValue patch) { state.call->args.add(patch); });
    if (!more)
        endCall(index, state, out);
    return true;
}

void StreamReader::part(std::int64_t index, CandidateState &state, JsonValue json,
                        StreamEvents &out)
{
    if (partialCall(index, state, json, out))
        return;
    std::optional<Part> read = readPart(json);
    if (!read)
        return;
    endCall(index, state, out);
    const auto *text = std::get_if<Text>(&read->body);
    const auto *thought = std::get_if<Reasoning>(&read->body);
    if (!text && !thought) {
        whole(index, state, std::move(*read), out);
        return;
    }
    if (state.open && continues(*state.open, *read)) {
        const QByteArray more = text ? text->text : thought->text;
        if (!more.isEmpty())
            out.emplace_back(PartDelta{index, state.next, PartDelta::Kind::Text, more, {}, {}});
        const std::optional<Sealed> seal = text ? read->sealed : thought->sealed;
        if (seal)
            out.emplace_back(PartDelta{index, state.next, PartDelta::Kind::Seal, {}, seal, {}});
        if (text) {
            std::get<Text>(state.open->body).text += more;
            state.open->sealed = seal;
        } else {
            auto &open = std::get<Reasoning>(state.open->body);
            open.sealed = seal;
        }
        return;
    }
    // An empty text that nobody signed says nothing.
    const bool silent = text && text->text.isEmpty() && !read->sealed && read->native.empty();
    const bool blank = thought && thought->text.isEmpty() && !thought->sealed;
    if (silent || blank)
        return;
    endOpen(index, state, out);
    out.emplace_back(PartStart{index, state.next, *read});
    state.open = std::move(read);
}

void StreamReader::finish(StreamEvents &out)
{
    if (m_over)
        return;
    bool complete = m_started && (!m_candidates.empty() || !m_blocked.isEmpty());
    for (auto &[index, state] : m_candidates)
        complete = complete && (m_whole || !state.finishReason.isEmpty() || !m_blocked.isEmpty());
    if (!complete) {
        fail(Error{ErrorKind::UpstreamFailed,
                   QStringLiteral("The vendor's answer broke off before it was complete."),
                   "truncated"},
             out);
        return;
    }
    m_over = true;
    for (auto &[index, state] : m_candidates) {
        endCall(index, state, out);
        endOpen(index, state, out);
        if (state.logprobs > 1)
            std::erase_if(state.native,
                          [](const NativeMember &one) { return one.name == "logprobsResult"; });
        out.emplace_back(
            CandidateStop{index, stopOf(state.finishReason, state.called), state.native});
    }
    // Without a figure it is no report, only a remark beside one.
    if (!m_figures.reported() && !m_usage.empty()) {
        JsonWriter remark;
        remark.beginObject();
        writeKept(remark, m_usage);
        keep(m_native, Dialect::Gemini, "usageMetadata", remark.endObject().take());
    }
    // Dialects that know no refused prompt tell an answer that was filtered away.
    if (m_candidates.empty())
        out.emplace_back(CandidateStop{0, {StopReason::ContentFilter, {}, m_blocked}, {}});
    out.emplace_back(StreamEnd{m_blocked, m_native});
}

std::unique_ptr<StreamDecoder> makeStreamReader()
{
    return std::make_unique<StreamReader>();
}

Result<Response> readResponse(QByteArrayView body)
{
    StreamReader reader(true);
    StreamEvents events;
    reader.read({}, body, events);
    reader.finish(events);
    Folder folder(Dialect::Gemini);
    for (const StreamEvent &event : events)
        folder.add(event);
    if (folder.failed())
        return failure(*folder.failed());
    return folder.take();
}

} // namespace tollgate::codecs::gemini
