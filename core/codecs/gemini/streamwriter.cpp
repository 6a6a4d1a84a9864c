// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/answer.h"
#include "core/codecs/gemini/answerwriter.h"
#include "core/codecs/gemini/parts.h"
#include "core/protocol/errors.h"

#include <map>

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

template <class... F> struct Cases : F...
{
    using F::operator()...;
};
template <class... F> Cases(F...) -> Cases<F...>;

// Text goes out as it comes; calls, media and whatever Gemini tells whole wait for their end. How
// each candidate ended, and what it cost, is told by the last chunk.
class StreamWriter : public StreamEncoder
{
public:
    explicit StreamWriter(const AnswerContext &context)
        : m_context(context)
    {
    }
    void write(const StreamEvent &event, QByteArray &out) override;

private:
    struct CandidateState
    {
        CandidateEnd end;
        std::optional<Part> open;
        std::int64_t part = 0;
        QByteArray said; // of an open text
        bool paragraph = false; // a break came: the next text begins behind an empty line
        bool dangling = false; // reasoning was told that does not end in a line break
        bool stopped = false;
    };

    CandidateState &candidate(std::int64_t index);
    void begin(const PartStart &start, QByteArray &out);
    void change(const PartDelta &delta, QByteArray &out);
    void end(const PartEnd &end, QByteArray &out);
    void text(std::int64_t index, CandidateState &state, QByteArrayView text, QByteArray &out);
    void seal(std::int64_t index, CandidateState &state, const Sealed &sealed, QByteArray &out);
    void chunk(std::int64_t index, const Part &part, QByteArray &out);
    void last(const StreamEnd &end, QByteArray &out);
    void failed(const Error &error, QByteArray &out);
    void emitObject(const QByteArray &object, QByteArray &out);
    void envelope(JsonWriter &out, const Native &native) const;

    AnswerContext m_context;
    Dialect m_source = Dialect::Chat;
    StreamStart m_start;
    std::optional<Usage> m_usage;
    std::map<std::int64_t, CandidateState> m_candidates;
    bool m_begun = false;
    bool m_over = false;
};

bool isText(const Part &part)
{
    return std::holds_alternative<Text>(part.body) || std::holds_alternative<Refusal>(part.body);
}

// Whose answer it is shows in what only Gemini tells.
bool tellsGemini(const Native &native)
{
    return hasKept(native, {});
}

StreamWriter::CandidateState &StreamWriter::candidate(std::int64_t index)
{
    CandidateState &state = m_candidates[index];
    state.end.index = index;
    return state;
}

void StreamWriter::emitObject(const QByteArray &object, QByteArray &out)
{
    if (m_context.sse) {
        // Arguments and vendors' own members may be set in lines, which would end the event.
        QByteArray line = object;
        line.replace('\n', ' ').replace('\r', ' ');
        out += "data: " + line + "\r\n\r\n";
        return;
    }
    out += m_begun ? ",\r\n" : "[";
    out += object;
    m_begun = true;
}

void StreamWriter::envelope(JsonWriter &out, const Native &native) const
{
    Envelope{m_start.id, m_start.model, m_context.requestId, m_context.model, native}.write(out);
}

void StreamWriter::chunk(std::int64_t index, const Part &part, QByteArray &out)
{
    JsonWriter written;
    writeAnswerPart(written, part);
    const QByteArray text = written.take();
    if (text.isEmpty())
        return;
    JsonWriter json;
    json.beginObject().key("candidates").beginArray().beginObject();
    json.key("content").beginObject().key("parts").beginArray().raw(text).endArray();
    json.member("role", kModel).endObject().member("index", index).endObject().endArray();
    if (m_usage) {
        json.key("usageMetadata");
        writeUsage(json, *m_usage);
    }
    envelope(json, m_start.native);
    emitObject(json.endObject().take(), out);
}

void StreamWriter::text(std::int64_t index, CandidateState &state, QByteArrayView text,
                        QByteArray &out)
{
    if (text.isEmpty())
        return;
    Part piece;
    if (std::holds_alternative<Reasoning>(state.open->body)) {
        const QByteArrayView gap = state.paragraph && state.dangling ? "\n\n" : "";
        piece.body = Reasoning{gap.toByteArray() + text.toByteArray(), true, {}, {}};
        state.paragraph = false;
        state.dangling = !text.endsWith('\n');
    } else {
        piece.body = Text{text.toByteArray(), {}};
        state.said += text;
    }
    chunk(index, piece, out);
}

void StreamWriter::seal(std::int64_t index, CandidateState &state, const Sealed &sealed,
                        QByteArray &out)
{
    Part piece;
    if (std::holds_alternative<Reasoning>(state.open->body)) {
        piece.body = Reasoning{{}, true, {}, sealed};
    } else {
        piece.body = Text{};
        piece.sealed = sealed;
    }
    chunk(index, piece, out);
}

void StreamWriter::begin(const PartStart &start, QByteArray &out)
{
    CandidateState &state = candidate(start.candidate);
    state.open = start.part;
    state.part = start.index;
    state.said.clear();
    state.paragraph = state.dangling = false;
    const auto *reasoning = std::get_if<Reasoning>(&start.part.body);
    if (!reasoning && !isText(start.part))
        return;
    const bool cited = std::holds_alternative<Text>(start.part.body);
    // A part with members of its own goes out in one piece with them.
    if (!start.part.native.empty() || (reasoning && reasoning->sealed) || start.part.sealed) {
        chunk(start.candidate, start.part, out);
        if (cited)
            state.said = std::get<Text>(start.part.body).text;
        if (reasoning)
            state.dangling = !reasoning->text.endsWith('\n');
    } else if (reasoning) {
        text(start.candidate, state, thoughtText(*reasoning), out);
    } else if (cited) {
        text(start.candidate, state, std::get<Text>(start.part.body).text, out);
    } else {
        text(start.candidate, state, std::get<Refusal>(start.part.body).text, out);
    }
    if (cited && !std::get<Text>(start.part.body).citations.empty())
        state.end.cited.push_back({start.index, {}, std::get<Text>(start.part.body).citations});
}

void StreamWriter::change(const PartDelta &delta, QByteArray &out)
{
    CandidateState &state = candidate(delta.candidate);
    if (!state.open || delta.index != state.part)
        return;
    const bool told = isText(*state.open) || std::holds_alternative<Reasoning>(state.open->body);
    switch (delta.kind) {
    case PartDelta::Kind::Text:
        if (told)
            text(delta.candidate, state, delta.bytes, out);
        break;
    case PartDelta::Kind::Break:
        state.paragraph = true;
        break;
    case PartDelta::Kind::Arguments:
        if (auto *call = std::get_if<ToolCall>(&state.open->body))
            call->arguments += delta.bytes;
        break;
    case PartDelta::Kind::Seal:
        if (!delta.sealed)
            break;
        if (auto *call = std::get_if<ToolCall>(&state.open->body))
            call->sealed = delta.sealed;
        else if (told)
            seal(delta.candidate, state, *delta.sealed, out);
        else
            state.open->sealed = delta.sealed;
        break;
    case PartDelta::Kind::Citation:
        if (!delta.citation || !std::holds_alternative<Text>(state.open->body))
            break;
        if (state.end.cited.empty() || state.end.cited.back().part != delta.index)
            state.end.cited.push_back({delta.index, {}, {}});
        state.end.cited.back().citations.push_back(*delta.citation);
        break;
    case PartDelta::Kind::Media:
        if (auto *media = std::get_if<Media>(&state.open->body))
            media->data += delta.bytes;
        break;
    }
}

void StreamWriter::end(const PartEnd &end, QByteArray &out)
{
    CandidateState &state = candidate(end.candidate);
    if (!state.open || end.index != state.part)
        return;
    Part part = std::move(*state.open);
    state.open.reset();
    if (!state.end.cited.empty() && state.end.cited.back().part == end.index)
        state.end.cited.back().text = state.said;
    if (isText(part) || std::holds_alternative<Reasoning>(part.body))
        return;
    part.native.insert(part.native.end(), end.native.begin(), end.native.end());
    chunk(end.candidate, part, out);
}

void StreamWriter::last(const StreamEnd &end, QByteArray &out)
{
    for (auto &[index, state] : m_candidates) {
        if (state.open)
            this->end(PartEnd{index, state.part, {}}, out);
    }
    JsonWriter json;
    json.beginObject();
    const bool blocked = !end.promptBlocked.isEmpty();
    if (!m_candidates.empty() && !blocked) {
        json.key("candidates").beginArray();
        for (const auto &[index, state] : m_candidates) {
            json.beginObject().key("content").beginObject();
            json.key("parts").beginArray();
            json.beginObject().member("text", "").endObject();
            json.endArray().member("role", kModel).endObject();
            state.end.write(json, m_source);
            json.endObject();
        }
        json.endArray();
    }
    if (blocked && kept(end.native, "promptFeedback").isEmpty()
        && kept(m_start.native, "promptFeedback").isEmpty()) {
        json.key("promptFeedback").beginObject().member("blockReason", end.promptBlocked);
        json.endObject();
    }
    if (m_usage) {
        json.key("usageMetadata");
        writeUsage(json, *m_usage);
    }
    Native native = m_start.native;
    native.insert(native.end(), end.native.begin(), end.native.end());
    envelope(json, native);
    emitObject(json.endObject().take(), out);
    if (!m_context.sse)
        out += ']';
}

void StreamWriter::failed(const Error &error, QByteArray &out)
{
    if (m_context.sse) {
        out += protocol::errorEvent(Dialect::Gemini, error, m_context.requestId);
        return;
    }
    emitObject(protocol::errorBody(Dialect::Gemini, error, m_context.requestId), out);
    out += ']';
}

void StreamWriter::write(const StreamEvent &event, QByteArray &out)
{
    if (m_over)
        return;
    std::visit(Cases{
                   [&](const StreamStart &start) {
                       m_start = start;
                       m_usage = start.usage;
                       if (tellsGemini(start.native)
                           || (start.usage && tellsGemini(start.usage->native)))
                           m_source = Dialect::Gemini;
                   },
                   [&](const PartStart &start) { begin(start, out); },
                   [&](const PartDelta &delta) { change(delta, out); },
                   [&](const PartEnd &done) { end(done, out); },
                   [&](const LogprobsDelta &delta) {
                       QByteArray &all = candidate(delta.candidate).end.logprobs;
                       if (!all.isEmpty() && !delta.content.isEmpty())
                           all += ',';
                       all += delta.content;
                   },
                   [&](const CandidateStop &stop) {
                       CandidateState &state = candidate(stop.candidate);
                       state.end.stop = stop.stop;
                       state.end.native = stop.native;
                   },
                   [&](const UsageReport &report) {
                       m_usage = report.usage;
                       if (tellsGemini(report.usage.native))
                           m_source = Dialect::Gemini;
                   },
                   [](const StreamPing &) {},
                   [&](const StreamFailure &failure) {
                       m_over = true;
                       failed(failure.error, out);
                   },
                   [&](const StreamEnd &done) {
                       m_over = true;
                       last(done, out);
                   },
               },
               event);
}

} // namespace

std::unique_ptr<StreamEncoder> makeStreamWriter(const AnswerContext &context)
{
    return std::make_unique<StreamWriter>(context);
}

} // namespace tollgate::codecs::gemini
