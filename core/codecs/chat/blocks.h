// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of one candidate of a stream, as they grow: the first that has not ended is told at
// once, those behind it are held until it has. Chat's tool calls may be interleaved, canonical
// parts may not.
#pragma once

#include "core/codecs/chat/thinking.h"
#include "core/conversation/event.h"

#include <deque>

namespace tollgate::codecs::chat {

// Whether arguments told in pieces are a complete JSON value.
class JsonBalance
{
public:
    void feed(QByteArrayView bytes);
    [[nodiscard]] bool complete() const { return m_begun && m_depth == 0; }

private:
    int m_depth = 0;
    bool m_begun = false;
    bool m_inString = false;
    bool m_escaped = false;
};

struct Block
{
    Part header; // what PartStart will carry
    QByteArray key; // of a call: what its later pieces are found by
    QByteArray held; // text or arguments that were not told yet
    QByteArray plain; // of reasoning: what came as plain text
    std::vector<PartDelta> later; // seals, citations, sound: behind `held`
    std::vector<qsizetype> laterAt; // of `held`, where each of these belongs
    JsonBalance balance;
    Native native; // for PartEnd
    bool told = false; // its PartStart was emitted
    bool closed = false; // takes no more text
    bool sealed = false;

    [[nodiscard]] bool isCall() const { return std::holds_alternative<ToolCall>(header.body); }
    [[nodiscard]] bool isReasoning() const
    {
        return std::holds_alternative<Reasoning>(header.body);
    }
};

class Blocks
{
public:
    Blocks(std::int64_t candidate, QByteArray salt)
        : m_candidate(candidate)
        , m_salt(std::move(salt))
    {
    }

    void text(QByteArrayView bytes, StreamEvents &out);
    void refusal(QByteArrayView bytes, StreamEvents &out);
    void thought(QByteArrayView bytes, StreamEvents &out);
    void detail(const Detail &detail, bool plainToo, StreamEvents &out);
    void citation(Citation citation, StreamEvents &out);
    void media(Part part, StreamEvents &out);
    // Sound comes in pieces, with a transcript beside it.
    void audio(JsonValue audio, StreamEvents &out);
    void call(JsonValue call, std::int64_t position, StreamEvents &out);
    void opaque(Part part, StreamEvents &out);
    void finish(StreamEvents &out);

    [[nodiscard]] bool calls() const { return m_calls > 0; }
    [[nodiscard]] bool empty() const { return m_next == 0 && m_blocks.empty(); }

private:
    template <class T> Block &tail(StreamEvents &out);
    Block &add(Part header, StreamEvents &out);
    [[nodiscard]] Block *callBy(JsonValue call);
    void grow(Block &block, QByteArrayView bytes, StreamEvents &out);
    void change(Block &block, PartDelta delta, StreamEvents &out);
    void seal(Block &block, Sealed sealed, StreamEvents &out);
    void advance(StreamEvents &out);
    void begin(Block &block, StreamEvents &out);
    void end(Block &block, StreamEvents &out);
    [[nodiscard]] bool isFront(const Block &block) const { return &block == &m_blocks.front(); }
    [[nodiscard]] bool mayBegin(const Block &block) const;
    void giveId(Block &block);

    std::int64_t m_candidate;
    QByteArray m_salt;
    std::deque<Block> m_blocks; // the first is the one being told
    std::int64_t m_next = 0; // index of the first
    std::int64_t m_calls = 0;
    QByteArray m_lastDetail;
    bool m_finishing = false;
};

} // namespace tollgate::codecs::chat
