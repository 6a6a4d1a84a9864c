// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/thinking.h"

#include "core/conversation/seal.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::chat {
namespace {

using Owner = Sealed::Owner;

constexpr QByteArrayView kRaw = "reasoning_details";

struct Format
{
    QByteArrayView name;
    Owner signature; // what seals a text
    Owner data; // of an encrypted element
};
constexpr std::array kFormats{
    Format{"anthropic-claude-v1", Owner::Anthropic, Owner::AnthropicRedacted},
    Format{"openai-responses-v1", Owner::OpenAi, Owner::OpenAi},
    Format{"google-gemini-v1", Owner::Gemini, Owner::Gemini},
};

QByteArrayView formatOf(Owner owner)
{
    for (const Format &format : kFormats) {
        if (format.signature == owner || format.data == owner)
            return format.name;
    }
    return "unknown";
}

std::optional<Sealed> readSeal(JsonValue element, Detail::Kind kind)
{
    const bool encrypted = kind == Detail::Kind::Encrypted;
    const QByteArray bytes = element[encrypted ? "data" : "signature"].string();
    if (bytes.isEmpty())
        return {};
    const JsonValue name = element["format"];
    for (const Format &format : kFormats) {
        if (!name.is(format.name))
            continue;
        auto sealed = unwrapSeal(bytes, encrypted ? format.data : format.signature);
        if (sealed && sealed->id.isEmpty()
            && (sealed->owner == Owner::OpenAi || sealed->owner == Owner::Gemini))
            sealed->id = element["id"].string();
        return sealed;
    }
    return Sealed{Owner::OpenRouter, element.json(), {}};
}

void addRaw(Part &part, JsonValue element)
{
    for (NativeMember &member : part.native) {
        if (member.name == kRaw) {
            member.json.chop(1);
            member.json += ',' + element.json() + ']';
            return;
        }
    }
    keep(part.native, Dialect::Chat, kRaw, '[' + element.json() + ']');
}

// Joins an element to the reasoning before it, or begins another.
void addDetail(std::vector<Part> &parts, QByteArray &lastIndex, JsonValue element)
{
    Detail detail = readDetail(element);
    if (detail.text.isEmpty() && !detail.sealed)
        return;
    Reasoning *last = parts.empty() ? nullptr : &std::get<Reasoning>(parts.back().body);
    const bool open = last && !last->sealed;
    const bool joins = open
        && (detail.kind == Detail::Kind::Encrypted ? sealsThoughtBefore(detail)
                                                   : detail.index == lastIndex
                    && last->summary == (detail.kind == Detail::Kind::Summary));
    if (!joins) {
        Part part{Reasoning{}};
        std::get<Reasoning>(part.body).summary = detail.kind == Detail::Kind::Summary;
        parts.push_back(std::move(part));
        last = &std::get<Reasoning>(parts.back().body);
    }
    last->text += detail.text;
    if (detail.sealed)
        last->sealed = std::move(detail.sealed);
    lastIndex = std::move(detail.index);
    addRaw(parts.back(), element);
}

QByteArray textOf(JsonValue value)
{
    if (value.isString())
        return value.string();
    QByteArray text;
    for (const JsonValue element : value)
        text += element.isString() ? element.string() : element["text"].string();
    return text;
}

} // namespace

Detail readDetail(JsonValue element)
{
    Detail detail;
    if (element["type"].is("reasoning.summary"))
        detail.kind = Detail::Kind::Summary;
    else if (element["type"].is("reasoning.encrypted"))
        detail.kind = Detail::Kind::Encrypted;
    detail.text = element[detail.kind == Detail::Kind::Summary ? "summary" : "text"].string();
    detail.index = element["index"].digits();
    detail.sealed = readSeal(element, detail.kind);
    return detail;
}

bool sealsThoughtBefore(const Detail &detail)
{
    return detail.kind == Detail::Kind::Encrypted && detail.sealed
        && detail.sealed->owner != Owner::AnthropicRedacted;
}

QByteArray readPlainThought(JsonValue message)
{
    // Some servers send both, with the same text.
    const QByteArray text = textOf(message["reasoning_content"]);
    return text.isEmpty() ? textOf(message["reasoning"]) : text;
}

std::vector<Part> readThoughts(JsonValue message)
{
    std::vector<Part> parts;
    QByteArray lastIndex;
    for (const JsonValue element : message[kRaw])
        addDetail(parts, lastIndex, element);
    QByteArray plain = readPlainThought(message);
    const bool told = std::any_of(parts.begin(), parts.end(), [](const Part &part) {
        return !std::get<Reasoning>(part.body).text.isEmpty();
    });
    if (plain.isEmpty() || told)
        return parts;
    // Seals alone came in detail: they are of the text told plainly.
    if (parts.size() == 1) {
        std::get<Reasoning>(parts.front().body).text = std::move(plain);
        return parts;
    }
    Reasoning reasoning;
    reasoning.text = std::move(plain);
    parts.insert(parts.begin(), Part{std::move(reasoning)});
    return parts;
}

QByteArray paragraphs(const Reasoning &reasoning)
{
    QByteArray text;
    qsizetype from = 0;
    for (const qsizetype at : reasoning.breaks) {
        if (at <= from || at > reasoning.text.size())
            continue;
        text += reasoning.text.mid(from, at - from) + "\n\n";
        from = at;
    }
    return text + reasoning.text.mid(from);
}

QByteArray plainThoughts(const std::vector<Part> &parts)
{
    QByteArray text;
    for (const Part &part : parts) {
        const auto *reasoning = std::get_if<Reasoning>(&part.body);
        if (!reasoning || reasoning->text.isEmpty())
            continue;
        if (!text.isEmpty())
            text += "\n\n";
        text += paragraphs(*reasoning);
    }
    return text;
}

bool needsDetails(const Part &part)
{
    const auto *reasoning = std::get_if<Reasoning>(&part.body);
    return reasoning
        && (reasoning->sealed || reasoning->summary
            || !nativeOf(part.native, Dialect::Chat, kRaw).isEmpty());
}

void writeDetails(JsonWriter &out, const Part &part, int &index)
{
    const QByteArray raw = nativeOf(part.native, Dialect::Chat, kRaw);
    if (const auto tree = protocol::JsonTree::parse(raw); tree && tree->root().isArray()) {
        for (const JsonValue element : tree->root())
            out.raw(element.raw());
        ++index;
        return;
    }
    const auto &reasoning = std::get<Reasoning>(part.body);
    const std::optional<Sealed> &sealed = reasoning.sealed;
    const bool signs = sealed && sealed->owner == Owner::Anthropic;
    const bool own = sealed && sealed->owner == Owner::OpenRouter;
    const QByteArrayView format = sealed ? formatOf(sealed->owner) : QByteArrayView("unknown");
    // An element of unknown form may hold its text itself.
    const auto whole = protocol::JsonTree::parse(own ? QByteArrayView(sealed->data) : "{}");
    const bool holdsText = whole && readDetail(whole->root()).text == reasoning.text;
    if ((!reasoning.text.isEmpty() && !(own && holdsText)) || signs) {
        out.beginObject();
        out.member("type", reasoning.summary ? "reasoning.summary" : "reasoning.text");
        out.member(reasoning.summary ? "summary" : "text", paragraphs(reasoning));
        if (signs)
            out.member("signature", wrapSeal(*sealed, Owner::Anthropic));
        out.key("format").string(format);
        out.member("index", index);
        out.endObject();
    }
    if (own) {
        out.raw(sealed->data);
    } else if (sealed && !signs) {
        out.beginObject().member("type", "reasoning.encrypted").member("data", sealed->data);
        if (!sealed->id.isEmpty())
            out.member("id", sealed->id);
        out.key("format").string(format);
        out.member("index", index).endObject();
    }
    ++index;
}

// How much of the end may be the beginning of the closing tag.
qsizetype ThinkTags::heldBack() const
{
    for (qsizetype size = std::min(m_held.size(), m_closing.size() - 1); size > 0; --size) {
        if (m_closing.startsWith(QByteArrayView(m_held).last(size)))
            return size;
    }
    return 0;
}

std::vector<ThinkTags::Piece> ThinkTags::feed(QByteArrayView text)
{
    std::vector<Piece> pieces;
    m_held += text;
    if (m_state == State::Lead) {
        const QByteArray head = m_held.trimmed();
        for (const QByteArrayView tag : {"<think>", "<thought>"}) {
            if (head.startsWith(tag)) {
                m_held.remove(0, m_held.indexOf(tag) + tag.size());
                m_closing = "</" + tag.sliced(1).toByteArray();
                m_state = State::Thinking;
                break;
            }
            if (tag.startsWith(head)) // may become one yet
                return pieces;
        }
        if (m_state == State::Lead) {
            m_state = State::Speaking;
            m_spoken = true; // nothing is cut off a plain answer
        }
    }
    if (m_state == State::Thinking) {
        const qsizetype end = m_held.indexOf(m_closing);
        const qsizetype sure = end < 0 ? m_held.size() - heldBack() : end;
        if (sure > 0)
            pieces.push_back({true, m_held.left(sure)});
        m_held.remove(0, end < 0 ? sure : end + m_closing.size());
        if (end >= 0)
            m_state = State::Speaking;
    }
    if (m_state == State::Speaking) {
        if (!m_spoken) { // line ends between the thought and the answer
            while (!m_held.isEmpty() && (m_held.front() == '\n' || m_held.front() == '\r'))
                m_held.remove(0, 1);
        }
        if (!m_held.isEmpty()) {
            m_spoken = true;
            pieces.push_back({false, std::exchange(m_held, {})});
        }
    }
    return pieces;
}

std::vector<ThinkTags::Piece> ThinkTags::finish()
{
    if (m_held.isEmpty())
        return {};
    return {{m_state == State::Thinking, std::exchange(m_held, {})}};
}

} // namespace tollgate::codecs::chat
