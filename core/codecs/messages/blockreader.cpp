// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/blockreader.h"

#include "core/codecs/messages/readblocks.h"
#include "core/codecs/messages/writeblocks.h"

#include <algorithm>

namespace tollgate::codecs::messages {
namespace {

// The object with members put in for those it began with.
QByteArray withMembers(const QByteArray &object,
                       std::initializer_list<std::pair<QByteArrayView, QByteArray>> members)
{
    const auto tree = protocol::JsonTree::parse(object);
    if (!tree)
        return object;
    JsonWriter out;
    out.beginObject();
    for (const JsonValue member : tree->root()) {
        const QByteArray name = member.key();
        const auto put = std::find_if(members.begin(), members.end(), [&name](const auto &one) {
            return one.first == name && !one.second.isEmpty();
        });
        out.key(name).raw(put == members.end() ? member.json() : put->second);
    }
    for (const auto &[name, json] : members) {
        if (!json.isEmpty() && !tree->root()[name])
            out.key(name).raw(json);
    }
    out.endObject();
    return out.take();
}

QByteArray quoted(const QByteArray &text)
{
    QByteArray json;
    appendJsonString(json, text);
    return json;
}

bool isWholeJson(const QByteArray &text)
{
    return text.isEmpty() || protocol::JsonTree::parse(text).has_value();
}

} // namespace

bool BlockReader::mayEnd() const
{
    if (m_kind == Kind::Text || m_kind == Kind::Thinking)
        return true;
    // A call may still be waiting for its first piece.
    return isWholeJson(m_input) && (m_kind == Kind::Whole || !m_input.isEmpty());
}

void BlockReader::flush(StreamEvents &out)
{
    if (m_heldEnd)
        out.emplace_back(PartEnd{0, *m_heldEnd, {}});
    m_heldEnd.reset();
}

void BlockReader::tell(Part part, StreamEvents &out)
{
    flush(out);
    m_told = true;
    m_called = std::holds_alternative<ToolCall>(part.body);
    out.emplace_back(PartStart{0, ++m_part, std::move(part)});
}

void BlockReader::tellDelta(PartDelta::Kind kind, QByteArray bytes, StreamEvents &out)
{
    if (bytes.isEmpty())
        return;
    PartDelta delta{0, m_part, kind, std::move(bytes), {}, {}};
    out.emplace_back(std::move(delta));
}

void BlockReader::endPart(StreamEvents &out)
{
    out.emplace_back(PartEnd{0, m_part, {}});
}

void BlockReader::begin(std::int64_t index, Kind kind)
{
    m_kind = kind;
    m_open = true;
    m_told = false;
    m_index = index;
    m_block.clear();
    m_input.clear();
    m_signature.clear();
    m_content.clear();
    m_encrypted.clear();
    m_hasContent = false;
}

void BlockReader::startText(std::int64_t index, Part part, StreamEvents &out)
{
    begin(index, Kind::Text);
    tell(std::move(part), out);
}

void BlockReader::startThinking(std::int64_t index, Part part, QByteArray signature,
                                StreamEvents &out)
{
    begin(index, Kind::Thinking);
    m_signature = std::move(signature);
    m_pending = std::move(part);
    if (!std::get<Reasoning>(m_pending.body).text.isEmpty())
        tell(m_pending, out);
}

void BlockReader::startCall(std::int64_t index, Part part, QByteArray input, StreamEvents &out)
{
    auto &call = std::get<ToolCall>(part.body);
    begin(index, call.name == kAnswerTool ? Kind::Answer : Kind::Call);
    m_block = std::move(input);
    if (m_kind == Kind::Answer) {
        m_answeredByTool = true;
        Part text{Text{}};
        tell(std::move(text), out);
        return;
    }
    call.arguments.clear();
    if (call.callId.isEmpty())
        call.callId = stableCallId(call.name, {}, m_part + 1);
    if (m_seals.contains(call.callId))
        call.sealed = m_seals.take(call.callId);
    m_calls.insert(call.callId, m_part + 1);
    tell(std::move(part), out);
}

void BlockReader::whole(std::int64_t index, Part part, StreamEvents &out)
{
    begin(index, Kind::Whole);
    m_open = false;
    tell(std::move(part), out);
    endPart(out);
}

void BlockReader::start(std::int64_t index, JsonValue block, StreamEvents &out)
{
    const JsonValue type = block["type"];
    if (type.is("tool_use")) {
        Part part{ToolCall{}};
        auto &call = std::get<ToolCall>(part.body);
        call.callId = block["id"].string();
        call.name = block["name"].string();
        part.cache = readCacheMark(block, part.native);
        keepTold(part.native, block, {"type", "id", "name", "input", "cache_control"});
        startCall(index, std::move(part), block["input"].json(), out);
    } else if (type.is("text")) {
        std::optional<Part> part = readBlock(block);
        startText(index, part ? *std::move(part) : Part{Text{}}, out);
    } else if (type.is("thinking")) {
        Part part{Reasoning{block["thinking"].string()}};
        keepTold(part.native, block, {"type", "thinking", "signature"});
        startThinking(index, std::move(part), block["signature"].string(), out);
    } else {
        begin(index, Kind::Whole);
        m_block = block.json();
    }
}

void BlockReader::text(const QByteArray &text, StreamEvents &out)
{
    if (m_kind == Kind::Text)
        tellDelta(PartDelta::Kind::Text, text, out);
}

void BlockReader::thought(const QByteArray &text, StreamEvents &out)
{
    if (m_kind != Kind::Thinking)
        return;
    if (!m_told && !text.isEmpty())
        tell(m_pending, out);
    tellDelta(PartDelta::Kind::Text, text, out);
}

void BlockReader::input(const QByteArray &piece, StreamEvents &out)
{
    m_input += piece;
    if (m_kind == Kind::Call)
        tellDelta(PartDelta::Kind::Arguments, piece, out);
    else if (m_kind == Kind::Answer)
        tellDelta(PartDelta::Kind::Text, piece, out);
}

void BlockReader::cite(Citation citation, StreamEvents &out)
{
    if (m_kind != Kind::Text)
        return;
    PartDelta cited;
    cited.index = m_part;
    cited.kind = PartDelta::Kind::Citation;
    cited.citation = std::move(citation);
    out.emplace_back(std::move(cited));
}

void BlockReader::delta(JsonValue delta, StreamEvents &out)
{
    const QByteArray type = delta["type"].string();
    if (type == "input_json_delta") {
        input(delta["partial_json"].string(), out);
    } else if (type == "text_delta") {
        text(delta["text"].string(), out);
    } else if (type == "thinking_delta") {
        thought(delta["thinking"].string(), out);
    } else if (type == "signature_delta") {
        sign(delta["signature"].string());
    } else if (type == "citations_delta") {
        if (auto citation = readCitation(delta["citation"]))
            cite(*std::move(citation), out);
    } else if (type == "compaction_delta") {
        m_hasContent = m_hasContent || delta["content"].isString();
        m_content += delta["content"].string();
        m_encrypted += delta["encrypted_content"].string();
    }
}

void BlockReader::closeThinking(StreamEvents &out)
{
    std::optional<Sealed> seal;
    if (!m_signature.isEmpty())
        seal = unwrapSeal(m_signature, Sealed::Owner::Anthropic);
    const auto tellSeal = [&out](std::int64_t part, Sealed sealed) {
        PartDelta delta;
        delta.index = part;
        delta.kind = PartDelta::Kind::Seal;
        delta.sealed = std::move(sealed);
        out.emplace_back(std::move(delta));
    };
    if (m_told) {
        if (seal)
            tellSeal(m_part, *std::move(seal));
        endPart(out);
        return;
    }
    if (!seal)
        return;
    auto &reasoning = std::get<Reasoning>(m_pending.body);
    reasoning.sealed = seal;
    if (!carriesSeal(reasoning)) {
        tell(m_pending, out);
        endPart(out);
        return;
    }
    const QByteArray id = std::exchange(seal->id, {});
    if (id == kSealOfPrevious) {
        if (m_heldEnd)
            tellSeal(*m_heldEnd, *std::move(seal));
    } else if (m_calls.contains(id)) {
        tellSeal(m_calls.value(id), *std::move(seal));
    } else {
        m_seals.insert(id, *std::move(seal));
    }
}

void BlockReader::closeCall(StreamEvents &out)
{
    if (m_input.isEmpty()) {
        const QByteArray whole
            = m_block.isEmpty() || m_block == "null" ? QByteArray("{}") : m_block;
        tellDelta(m_kind == Kind::Call ? PartDelta::Kind::Arguments : PartDelta::Kind::Text, whole,
                  out);
    }
    endPart(out);
}

void BlockReader::closeWhole(StreamEvents &out)
{
    QByteArray json = m_block;
    if (!m_input.isEmpty() || m_hasContent || !m_encrypted.isEmpty()) {
        json = withMembers(
            m_block,
            {{"input", m_input.isEmpty() ? QByteArray() : argumentsObject(m_input)},
             {"content", m_hasContent ? quoted(m_content) : QByteArray()},
             {"encrypted_content", m_encrypted.isEmpty() ? QByteArray() : quoted(m_encrypted)}});
    }
    const auto tree = protocol::JsonTree::parse(json);
    if (!tree)
        return;
    if (auto part = readBlock(tree->root())) {
        tell(*std::move(part), out);
        endPart(out);
    }
}

void BlockReader::close(StreamEvents &out)
{
    if (!m_open)
        return;
    m_open = false;
    switch (m_kind) {
    case Kind::Text:
        m_heldEnd = m_part;
        break;
    case Kind::Thinking:
        closeThinking(out);
        break;
    case Kind::Call:
    case Kind::Answer:
        closeCall(out);
        break;
    case Kind::Whole:
        closeWhole(out);
        break;
    }
}

} // namespace tollgate::codecs::messages
