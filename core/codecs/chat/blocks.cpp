// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/blocks.h"

#include "core/codecs/chat/content.h"
#include "core/conversation/toolpairs.h"

#include <algorithm>

namespace tollgate::codecs::chat {

void JsonBalance::feed(QByteArrayView bytes)
{
    for (const char c : bytes) {
        if (m_inString) {
            if (m_escaped)
                m_escaped = false;
            else if (c == '\\')
                m_escaped = true;
            else if (c == '"')
                m_inString = false;
        } else if (c == '"') {
            m_inString = true;
        } else if (c == '{' || c == '[') {
            ++m_depth;
            m_begun = true;
        } else if (c == '}' || c == ']') {
            --m_depth;
        }
    }
}

// A call is told when its name is known, and its id: one that never comes is made of the whole
// call.
bool Blocks::mayBegin(const Block &block) const
{
    const auto *call = std::get_if<ToolCall>(&block.header.body);
    return !call || m_finishing || (!call->name.isEmpty() && !call->callId.isEmpty());
}

void Blocks::giveId(Block &block)
{
    auto *call = std::get_if<ToolCall>(&block.header.body);
    if (!call || !call->callId.isEmpty())
        return;
    // The same as readAssistant() makes of the whole answer.
    std::int64_t position = m_calls;
    for (const Block &other : m_blocks)
        position -= other.isCall() ? 1 : 0;
    for (const Block &other : m_blocks) {
        if (&other == &block)
            break;
        position += other.isCall() ? 1 : 0;
    }
    call->callId = stableCallId(m_salt + '/' + call->name, block.held, position);
}

void Blocks::begin(Block &block, StreamEvents &out)
{
    giveId(block);
    block.told = true;
    out.emplace_back(PartStart{m_candidate, m_next, block.header});
    const QByteArray held = std::exchange(block.held, {});
    qsizetype from = 0;
    const auto kind = block.isCall() ? PartDelta::Kind::Arguments : PartDelta::Kind::Text;
    const auto tell = [&](qsizetype to) {
        if (to > from)
            out.emplace_back(
                PartDelta{m_candidate, m_next, kind, held.mid(from, to - from), {}, {}});
        from = std::max(from, to);
    };
    for (std::size_t i = 0; i < block.later.size(); ++i) {
        tell(block.laterAt[i]);
        PartDelta &delta = block.later[i];
        delta.index = m_next;
        out.emplace_back(std::move(delta));
    }
    tell(held.size());
    block.later.clear();
    block.laterAt.clear();
}

void Blocks::end(Block &block, StreamEvents &out)
{
    if (!block.told)
        begin(block, out);
    out.emplace_back(PartEnd{m_candidate, m_next, std::move(block.native)});
    ++m_next;
}

// Ends what has ended, and begins what may.
void Blocks::advance(StreamEvents &out)
{
    while (!m_blocks.empty()) {
        Block &front = m_blocks.front();
        const bool last = m_blocks.size() == 1;
        const bool over = m_finishing || (!last && (!front.isCall() || front.balance.complete()));
        if (!over) {
            if (!front.told && mayBegin(front))
                begin(front, out);
            return;
        }
        end(front, out);
        m_blocks.pop_front();
    }
}

Block &Blocks::add(Part header, StreamEvents &out)
{
    Block block;
    block.header = std::move(header);
    m_blocks.push_back(std::move(block));
    advance(out);
    return m_blocks.back();
}

template <class T> Block &Blocks::tail(StreamEvents &out)
{
    if (m_blocks.empty() || !std::holds_alternative<T>(m_blocks.back().header.body)
        || m_blocks.back().closed)
        return add(Part{T{}}, out);
    return m_blocks.back();
}

void Blocks::grow(Block &block, QByteArrayView bytes, StreamEvents &out)
{
    if (bytes.isEmpty())
        return;
    if (block.isCall())
        block.balance.feed(bytes);
    if (!block.told) {
        block.held += bytes;
        return;
    }
    const auto kind = block.isCall() ? PartDelta::Kind::Arguments : PartDelta::Kind::Text;
    out.emplace_back(PartDelta{m_candidate, m_next, kind, bytes.toByteArray(), {}, {}});
}

void Blocks::change(Block &block, PartDelta delta, StreamEvents &out)
{
    delta.candidate = m_candidate;
    delta.index = m_next;
    if (block.told) {
        out.emplace_back(std::move(delta));
        return;
    }
    block.later.push_back(std::move(delta));
    block.laterAt.push_back(block.held.size());
}

void Blocks::seal(Block &block, Sealed sealed, StreamEvents &out)
{
    block.sealed = true;
    PartDelta delta;
    delta.kind = PartDelta::Kind::Seal;
    delta.sealed = std::move(sealed);
    change(block, std::move(delta), out);
}

void Blocks::text(QByteArrayView bytes, StreamEvents &out)
{
    if (!bytes.isEmpty())
        grow(tail<Text>(out), bytes, out);
}

void Blocks::refusal(QByteArrayView bytes, StreamEvents &out)
{
    if (!bytes.isEmpty())
        grow(tail<Refusal>(out), bytes, out);
}

void Blocks::thought(QByteArrayView bytes, StreamEvents &out)
{
    if (bytes.isEmpty())
        return;
    // The blank line with which the writer sets thoughts apart for people.
    if (bytes == "\n\n" && !m_blocks.empty() && m_blocks.back().isReasoning()
        && m_blocks.back().closed)
        return;
    Block &block = tail<Reasoning>(out);
    block.plain += bytes;
    grow(block, bytes, out);
}

void Blocks::detail(const Detail &detail, bool plainToo, StreamEvents &out)
{
    Block *last = m_blocks.empty() || !m_blocks.back().isReasoning() ? nullptr : &m_blocks.back();
    if (detail.kind == Detail::Kind::Encrypted) {
        if (!detail.sealed)
            return;
        if (!last || last->sealed || !sealsThoughtBefore(detail))
            last = &add(Part{Reasoning{}}, out);
        seal(*last, *detail.sealed, out);
        last->closed = true;
        return;
    }
    // Our own writer, having told the text plainly, tells it once more with what sealed it.
    const bool repeats = last && !last->closed && !plainToo && !detail.text.isEmpty()
        && detail.text == last->plain;
    if (!repeats) {
        const bool summary = detail.kind == Detail::Kind::Summary;
        const bool begins = !last || last->closed
            || (!last->plain.isEmpty() && detail.text.isEmpty() && !detail.sealed)
            || (last->plain.isEmpty() && m_lastDetail != detail.index);
        if (detail.text.isEmpty() && !detail.sealed && !(begins && summary))
            return;
        if (begins) {
            Part header{Reasoning{}};
            std::get<Reasoning>(header.body).summary = summary;
            last = &add(std::move(header), out);
        }
        grow(*last, detail.text, out);
    } else {
        last->closed = true;
    }
    m_lastDetail = detail.index;
    if (detail.sealed && !last->sealed) {
        seal(*last, *detail.sealed, out);
        last->closed = true;
    }
}

void Blocks::citation(Citation citation, StreamEvents &out)
{
    Block *text = nullptr;
    for (Block &block : m_blocks) {
        if (std::holds_alternative<Text>(block.header.body))
            text = &block;
    }
    if (!text)
        text = &add(Part{Text{}}, out);
    PartDelta delta;
    delta.kind = PartDelta::Kind::Citation;
    delta.citation = std::move(citation);
    change(*text, std::move(delta), out);
}

void Blocks::media(Part part, StreamEvents &out)
{
    add(std::move(part), out);
}

void Blocks::opaque(Part part, StreamEvents &out)
{
    add(std::move(part), out);
}

void Blocks::audio(JsonValue audio, StreamEvents &out)
{
    Block *sound = nullptr;
    for (Block &block : m_blocks) {
        const auto *media = std::get_if<Media>(&block.header.body);
        if (media && media->kind == Media::Kind::Audio)
            sound = &block;
    }
    if (!sound) {
        Media media;
        media.kind = Media::Kind::Audio;
        sound = &add(Part{std::move(media)}, out);
    }
    if (const QByteArray data = audio["data"].string(); !data.isEmpty()) {
        PartDelta delta;
        delta.kind = PartDelta::Kind::Media;
        delta.bytes = data;
        change(*sound, std::move(delta), out);
    }
    for (const JsonValue member : audio) {
        if (member.keyIs("data") || !member.isSet())
            continue;
        const QByteArray name = member.key();
        const auto same = std::find_if(sound->native.begin(), sound->native.end(),
                                       [&](const NativeMember &kept) { return kept.name == name; });
        if (same == sound->native.end()) {
            keep(sound->native, Dialect::Chat, name, member.json());
        } else if (name == "transcript" && member.isString()) {
            same->json.chop(1);
            same->json += member.raw().sliced(1);
        } else {
            same->json = member.json();
        }
    }
}

// By index where there is one, else by id; a piece with neither belongs to the last call, unless it
// names another.
Block *Blocks::callBy(JsonValue call)
{
    const QByteArray id = call["id"].string();
    const QByteArray name = call["function"]["name"].string() + call["custom"]["name"].string();
    const auto index = call["index"].integer();
    Block *found = nullptr;
    for (Block &block : m_blocks) {
        const auto *made = std::get_if<ToolCall>(&block.header.body);
        if (!made)
            continue;
        const bool same = index ? block.key == QByteArray::number(qlonglong(*index))
            : id.isEmpty()      ? name.isEmpty()
                                : made->callId == id;
        // Several calls by one index: seen from servers that number them all alike.
        const bool other
            = !id.isEmpty() && !made->callId.isEmpty() && made->callId != id && !name.isEmpty();
        if (same && !other)
            found = &block;
    }
    return found;
}

void Blocks::call(JsonValue piece, std::int64_t position, StreamEvents &out)
{
    const JsonValue custom = piece["custom"];
    const bool isCustom
        = piece["type"].is("custom") || (custom.isObject() && !piece["function"].isObject());
    const JsonValue said = isCustom ? custom : piece["function"];
    const JsonValue input = isCustom ? said["input"] : said["arguments"];
    const QByteArray arguments = input.isString() ? input.string()
        : input.isSet()                           ? input.json()
                                                  : QByteArray();
    Block *block = callBy(piece);
    if (!block) {
        // A late piece of a call that has ended says nothing new, or cannot be placed.
        if (said["name"].string().isEmpty() && piece["id"].string().isEmpty() && m_calls > 0)
            return;
        Part header{ToolCall{}};
        auto &made = std::get<ToolCall>(header.body);
        made.kind = isCustom ? ToolCall::Kind::Custom : ToolCall::Kind::Function;
        made.name = said["name"].string();
        made.callId = piece["id"].string();
        made.sealed = readCallSeal(piece);
        ++m_calls;
        Block &added = add(std::move(header), out);
        const auto index = piece["index"].integer();
        added.key = QByteArray::number(qlonglong(index.value_or(position)));
        added.sealed = std::get<ToolCall>(added.header.body).sealed.has_value();
        block = &added;
    } else {
        auto &made = std::get<ToolCall>(block->header.body);
        if (!block->told && made.name.isEmpty())
            made.name = said["name"].string();
        if (!block->told && made.callId.isEmpty())
            made.callId = piece["id"].string();
        if (auto sealed = readCallSeal(piece); sealed && !block->sealed)
            seal(*block, *std::move(sealed), out);
        if (isFront(*block) && !block->told && mayBegin(*block))
            begin(*block, out);
    }
    grow(*block, arguments, out);
    advance(out);
}

void Blocks::finish(StreamEvents &out)
{
    m_finishing = true;
    advance(out);
    m_finishing = false;
}

} // namespace tollgate::codecs::chat
