// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/response.h"
#include "core/codecs/messages/usage.h"
#include "core/codecs/messages/writeblocks.h"
#include "core/conversation/customtools.h"
#include "core/protocol/errors.h"

#include <algorithm>

namespace tollgate::codecs::messages {
namespace {

template <class... F> struct Cases : F...
{
    using F::operator()...;
};
template <class... F> Cases(F...) -> Cases<F...>;

class StreamWriter final : public StreamEncoder
{
public:
    explicit StreamWriter(const AnswerContext &context)
        : m_context(context)
        , m_shown(thinkingShown(context))
    {
    }
    void write(const StreamEvent &event, QByteArray &out) override;

private:
    enum class Kind { None, Text, Thinking, Call, Held };

    void send(QByteArrayView type, QByteArray payload);
    void start(const StreamStart &start);
    void startPart(const PartStart &start);
    void change(const PartDelta &delta);
    void endPart();
    void stop(const StreamEnd &end);

    // A block and its pieces.
    void openBlock(QByteArrayView block);
    void piece(QByteArrayView type, QByteArrayView member, const QByteArray &text);
    void closeBlock();
    void wholeBlock(const QByteArray &block);
    void carry(const Sealed &seal, const QByteArray &id);
    void thought(const QByteArray &text);
    void cite(const Citation &citation);
    void endThinking();
    void writeHeld();
    void writeOpaque(const Opaque &opaque);

    const AnswerContext m_context;
    const ThinkingShown m_shown;
    QByteArray *m_out = nullptr;
    Kind m_kind = Kind::None;
    Part m_part; // Held: all of it; else what its end needs
    std::int64_t m_index = -1; // ours, of the open part
    std::int64_t m_block = -1; // the wire's
    bool m_blockOpen = false;
    std::optional<std::int64_t> m_candidate;
    Dialect m_source = Dialect::Chat;
    Stop m_stop;
    Native m_candidateNative;
    std::optional<Usage> m_usage;
    QByteArray m_serviceTier;
    Native m_native;
    bool m_called = false; // by the last part
    bool m_started = false;
    bool m_over = false;
};

// Raw members may hold line breaks between their tokens, which would end an SSE line.
void StreamWriter::send(QByteArrayView type, QByteArray payload)
{
    std::replace_if(
        payload.begin(), payload.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    *m_out += "event: ";
    *m_out += type;
    *m_out += "\ndata: ";
    *m_out += payload;
    *m_out += "\n\n";
}

void StreamWriter::start(const StreamStart &start)
{
    if (m_started)
        return;
    m_started = true;
    m_usage = start.usage;
    m_serviceTier = start.serviceTier;
    m_native = start.native;
    JsonWriter json;
    json.beginObject().member("type", "message_start").key("message").beginObject();
    json.member("id", answerId(start.id, m_source, m_context)).member("type", "message");
    json.member("role", "assistant");
    json.member("model", m_context.model.isEmpty() ? start.model : m_context.model);
    json.key("content").beginArray().endArray();
    json.key("stop_reason").null().key("stop_sequence").null().key("usage");
    writeUsage(json, start.usage, start.serviceTier);
    json.endObject().endObject();
    send("message_start", json.take());
}

void StreamWriter::openBlock(QByteArrayView block)
{
    closeBlock();
    m_blockOpen = true;
    JsonWriter json;
    json.beginObject().member("type", "content_block_start");
    json.member("index", ++m_block).key("content_block").raw(block).endObject();
    send("content_block_start", json.take());
}

void StreamWriter::piece(QByteArrayView type, QByteArrayView member, const QByteArray &text)
{
    JsonWriter json;
    json.beginObject().member("type", "content_block_delta").member("index", m_block);
    json.key("delta").beginObject().member("type", type).member(member, text);
    json.endObject().endObject();
    send("content_block_delta", json.take());
}

void StreamWriter::closeBlock()
{
    if (!m_blockOpen)
        return;
    m_blockOpen = false;
    JsonWriter json;
    json.beginObject().member("type", "content_block_stop").member("index", m_block).endObject();
    send("content_block_stop", json.take());
}

void StreamWriter::wholeBlock(const QByteArray &block)
{
    openBlock(block);
    closeBlock();
}

void StreamWriter::carry(const Sealed &seal, const QByteArray &id)
{
    openBlock(R"({"type":"thinking","thinking":"","signature":""})");
    piece("signature_delta", "signature", carrierOf(seal, id));
    closeBlock();
}

void StreamWriter::cite(const Citation &citation)
{
    if (!canCite(citation))
        return;
    JsonWriter json;
    json.beginObject().member("type", "content_block_delta").member("index", m_block);
    json.key("delta").beginObject().member("type", "citations_delta").key("citation");
    writeCitation(json, citation);
    json.endObject().endObject();
    send("content_block_delta", json.take());
}

void StreamWriter::thought(const QByteArray &text)
{
    if (text.isEmpty() || !m_shown.blocks || !m_shown.text)
        return;
    if (!m_blockOpen)
        openBlock(R"({"type":"thinking","thinking":"","signature":""})");
    piece("thinking_delta", "thinking", text);
}

void StreamWriter::startPart(const PartStart &event)
{
    m_part = event.part;
    m_index = event.index;
    m_kind = Kind::None;
    m_called = false;
    if (auto *text = std::get_if<Text>(&m_part.body)) {
        m_kind = Kind::Text;
        JsonWriter block;
        writeText(block, Text{}, m_part);
        openBlock(block.bytes());
        if (!text->text.isEmpty())
            piece("text_delta", "text", text->text);
        for (const Citation &citation : text->citations)
            cite(citation);
    } else if (auto *refusal = std::get_if<Refusal>(&m_part.body)) {
        m_kind = Kind::Text;
        openBlock(R"({"type":"text","text":""})");
        if (!refusal->text.isEmpty())
            piece("text_delta", "text", refusal->text);
    } else if (auto *reasoning = std::get_if<Reasoning>(&m_part.body)) {
        m_kind = Kind::Thinking;
        thought(paragraphs(*reasoning));
    } else if (auto *call = std::get_if<ToolCall>(&m_part.body)) {
        if (call->kind == ToolCall::Kind::Hosted)
            return;
        m_called = true;
        if (call->sealed)
            carry(*call->sealed, wireId(call->callId));
        m_kind = call->kind == ToolCall::Kind::Custom ? Kind::Held : Kind::Call;
        if (m_kind == Kind::Held)
            return;
        JsonWriter block;
        writeToolUse(block, ToolCall{call->kind, call->callId, call->name, {}, {}, {}}, m_part);
        openBlock(block.bytes());
        if (!call->arguments.isEmpty())
            piece("input_json_delta", "partial_json", call->arguments);
    } else if (std::holds_alternative<Media>(m_part.body)
               || std::holds_alternative<Opaque>(m_part.body)) {
        m_kind = Kind::Held;
    }
}

void StreamWriter::change(const PartDelta &delta)
{
    if (delta.index != m_index)
        return;
    auto *call = std::get_if<ToolCall>(&m_part.body);
    auto *reasoning = std::get_if<Reasoning>(&m_part.body);
    switch (delta.kind) {
    case PartDelta::Kind::Text:
        if (m_kind == Kind::Text && !delta.bytes.isEmpty())
            piece("text_delta", "text", delta.bytes);
        else if (m_kind == Kind::Thinking)
            thought(delta.bytes);
        break;
    case PartDelta::Kind::Break:
        if (m_kind == Kind::Thinking && m_blockOpen)
            thought("\n\n");
        break;
    case PartDelta::Kind::Arguments:
        if (m_kind == Kind::Call && !delta.bytes.isEmpty())
            piece("input_json_delta", "partial_json", delta.bytes);
        else if (m_kind == Kind::Held && call)
            call->arguments += delta.bytes;
        break;
    case PartDelta::Kind::Seal:
        if (reasoning)
            reasoning->sealed = delta.sealed;
        else
            m_part.sealed = delta.sealed; // of a call, too: it comes too late to stand before it
        break;
    case PartDelta::Kind::Citation:
        if (m_kind == Kind::Text && delta.citation)
            cite(*delta.citation);
        break;
    case PartDelta::Kind::Media:
        if (auto *media = std::get_if<Media>(&m_part.body))
            media->data += delta.bytes;
        break;
    }
}

void StreamWriter::endThinking()
{
    const auto &reasoning = std::get<Reasoning>(m_part.body);
    if (!reasoning.sealed || !m_shown.blocks)
        return;
    if (reasoning.sealed->owner == Sealed::Owner::AnthropicRedacted) {
        JsonWriter block;
        block.beginObject().member("type", "redacted_thinking");
        block.member("data", reasoning.sealed->data);
        writeNative(block, m_part.native, Dialect::Messages);
        block.endObject();
        wholeBlock(block.bytes());
        return;
    }
    if (!m_blockOpen)
        openBlock(R"({"type":"thinking","thinking":"","signature":""})");
    piece("signature_delta", "signature", signatureOf(reasoning));
}

void StreamWriter::writeOpaque(const Opaque &opaque)
{
    if (opaque.owner != Dialect::Messages)
        return;
    const auto tree = protocol::JsonTree::parse(opaque.json);
    if (!tree)
        return;
    // Blocks that the vendor tells in pieces are told so: clients read no input from the start.
    const bool called = tree->root()["input"].isObject();
    const bool compaction = opaque.type == "compaction" && tree->root()["content"].isString();
    JsonWriter block;
    block.beginObject();
    for (const JsonValue member : tree->root()) {
        const QByteArray name = member.key();
        block.key(name);
        if (called && name == "input")
            block.raw("{}");
        else if (compaction && name == "content")
            block.null();
        else
            block.raw(member.raw());
    }
    block.endObject();
    openBlock(block.bytes());
    if (called)
        piece("input_json_delta", "partial_json", tree->root()["input"].json());
    else if (compaction)
        piece("compaction_delta", "content", tree->root()["content"].string());
    closeBlock();
}

void StreamWriter::writeHeld()
{
    if (const auto *call = std::get_if<ToolCall>(&m_part.body)) {
        JsonWriter block;
        writeToolUse(block,
                     ToolCall{ToolCall::Kind::Function, call->callId, call->name, {}, {}, {}},
                     m_part);
        openBlock(block.bytes());
        piece("input_json_delta", "partial_json", bridgeArguments(call->arguments));
    } else if (const auto *media = std::get_if<Media>(&m_part.body)) {
        JsonWriter block;
        if (writeMedia(block, *media, m_part, true))
            wholeBlock(block.bytes());
    } else if (const auto *opaque = std::get_if<Opaque>(&m_part.body)) {
        writeOpaque(*opaque);
    }
}

void StreamWriter::endPart()
{
    if (m_kind == Kind::None && !m_blockOpen)
        return;
    if (m_kind == Kind::Thinking)
        endThinking();
    else if (m_kind == Kind::Held)
        writeHeld();
    closeBlock();
    if (const auto *call = std::get_if<ToolCall>(&m_part.body); call && m_part.sealed)
        carry(*m_part.sealed, wireId(call->callId));
    else if (m_part.sealed && m_shown.blocks)
        carry(*m_part.sealed, kSealOfPrevious.toByteArray());
    m_kind = Kind::None;
    m_part = {};
    m_index = -1;
}

void StreamWriter::stop(const StreamEnd &end)
{
    endPart();
    m_over = true;
    m_native.insert(m_native.end(), end.native.begin(), end.native.end());
    settle(m_native);
    if (!end.serviceTier.isEmpty())
        m_serviceTier = end.serviceTier;
    if (!end.promptBlocked.isEmpty() && m_stop.reason == StopReason::None)
        m_stop.reason = StopReason::Refusal;
    JsonWriter json;
    json.beginObject().member("type", "message_delta").key("delta").beginObject();
    json.member("stop_reason", stopReason(m_stop, m_source, m_called));
    json.key("stop_sequence");
    if (m_stop.sequence.isEmpty())
        json.null();
    else
        json.string(m_stop.sequence);
    writeNative(json, m_candidateNative, Dialect::Messages);
    const QByteArray container = nativeOf(m_native, Dialect::Messages, "container");
    if (!container.isEmpty())
        json.key("container").raw(container);
    json.endObject().key("usage");
    writeUsage(json, m_usage, m_serviceTier);
    writeNative(json, m_native, Dialect::Messages, {"container"});
    json.endObject();
    send("message_delta", json.take());
    send("message_stop", R"({"type":"message_stop"})");
}

void StreamWriter::write(const StreamEvent &event, QByteArray &out)
{
    if (m_over)
        return;
    m_out = &out;
    if (const auto *failed = std::get_if<StreamFailure>(&event)) {
        m_over = true;
        out += protocol::errorEvent(Dialect::Messages, failed->error, m_context.requestId);
        return;
    }
    if (const auto *told = std::get_if<StreamStart>(&event)) {
        start(*told);
        return;
    }
    if (!m_started)
        start({});
    // There is one answer here: of several the first that speaks.
    const auto heard
        = [this](std::int64_t candidate) { return m_candidate.value_or(candidate) == candidate; };
    std::visit(Cases{[&](const PartStart &told) {
                         if (!heard(told.candidate))
                             return;
                         m_candidate = told.candidate;
                         endPart();
                         startPart(told);
                     },
                     [&](const PartDelta &delta) {
                         if (heard(delta.candidate))
                             change(delta);
                     },
                     [&](const PartEnd &end) {
                         if (heard(end.candidate) && end.index == m_index)
                             endPart();
                     },
                     [&](const CandidateStop &stopped) {
                         if (!heard(stopped.candidate))
                             return;
                         m_stop = stopped.stop;
                         m_candidateNative = stopped.native;
                     },
                     [&](const UsageReport &report) { m_usage = report.usage; },
                     [&](const StreamPing &) { send("ping", R"({"type":"ping"})"); },
                     [&](const StreamEnd &end) { stop(end); }, [](const auto &) {}},
               event);
}

} // namespace

std::unique_ptr<StreamEncoder> makeStreamWriter(const AnswerContext &context)
{
    return std::make_unique<StreamWriter>(context);
}

} // namespace tollgate::codecs::messages
