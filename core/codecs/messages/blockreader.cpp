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
    return m_kind == Kind::Text || m_kind == Kind::Thinking || isWholeJson(m_input);
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

void BlockReader::startCall(JsonValue block, StreamEvents &out)
{
    m_block = block["input"].json();
    std::optional<Part> part = readBlock(block);
    auto *call = part ? std::get_if<ToolCall>(&part->body) : nullptr;
    if (!call) {
        m_kind = Kind::Answer;
        m_answeredByTool = true;
        Part text{Text{}};
        tell(std::move(text), out);
        return;
    }
    m_called = true;
    call->arguments.clear();
    if (call->callId.isEmpty())
        call->callId = stableCallId(call->name, {}, m_part + 1);
    const auto seal = std::find_if(m_seals.begin(), m_seals.end(),
                                   [call](const Sealed &one) { return one.id == call->callId; });
    if (seal != m_seals.end())
        call->sealed = Sealed{seal->owner, seal->data, {}};
    m_calls.emplace_back(call->callId, m_part + 1);
    tell(*std::move(part), out);
}

void BlockReader::start(std::int64_t index, JsonValue block, StreamEvents &out)
{
    m_open = true;
    m_told = false;
    m_index = index;
    m_input.clear();
    m_signature.clear();
    m_content.clear();
    m_encrypted.clear();
    m_hasContent = false;
    const JsonValue type = block["type"];
    if (type.is("tool_use")) {
        m_kind = Kind::Call;
        startCall(block, out);
    } else if (type.is("text")) {
        m_kind = Kind::Text;
        if (auto part = readBlock(block))
            tell(*std::move(part), out);
    } else if (type.is("thinking")) {
        m_kind = Kind::Thinking;
        m_pending = Part{Reasoning{block["thinking"].string()}};
        m_signature = block["signature"].string();
        keepUnknown(m_pending.native, Dialect::Messages, block, {"type", "thinking", "signature"});
        if (!std::get<Reasoning>(m_pending.body).text.isEmpty())
            tell(m_pending, out);
    } else {
        m_kind = Kind::Whole;
        m_block = block.json();
    }
}

void BlockReader::delta(JsonValue delta, StreamEvents &out)
{
    const QByteArray type = delta["type"].string();
    if (type == "input_json_delta") {
        const QByteArray piece = delta["partial_json"].string();
        m_input += piece;
        if (m_kind == Kind::Call)
            tellDelta(PartDelta::Kind::Arguments, piece, out);
        else if (m_kind == Kind::Answer)
            tellDelta(PartDelta::Kind::Text, piece, out);
    } else if (type == "text_delta" && m_kind == Kind::Text) {
        tellDelta(PartDelta::Kind::Text, delta["text"].string(), out);
    } else if (type == "thinking_delta" && m_kind == Kind::Thinking) {
        const QByteArray text = delta["thinking"].string();
        if (!m_told && !text.isEmpty())
            tell(m_pending, out);
        tellDelta(PartDelta::Kind::Text, text, out);
    } else if (type == "signature_delta" && m_kind == Kind::Thinking) {
        m_signature += delta["signature"].string();
    } else if (type == "citations_delta" && m_kind == Kind::Text) {
        if (auto citation = readCitation(delta["citation"])) {
            PartDelta cited;
            cited.index = m_part;
            cited.kind = PartDelta::Kind::Citation;
            cited.citation = *std::move(citation);
            out.emplace_back(std::move(cited));
        }
    } else if (type == "compaction_delta" && m_kind == Kind::Whole) {
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
    if (seal->id == kSealOfPrevious) {
        if (m_heldEnd)
            tellSeal(*m_heldEnd, Sealed{seal->owner, seal->data, {}});
        return;
    }
    const auto call = std::find_if(m_calls.begin(), m_calls.end(),
                                   [&](const auto &one) { return one.first == seal->id; });
    if (call != m_calls.end())
        tellSeal(call->second, Sealed{seal->owner, seal->data, {}});
    else
        m_seals.push_back(*std::move(seal));
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
