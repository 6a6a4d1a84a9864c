// SPDX-License-Identifier: GPL-3.0-or-later
// One content block of a stream after the other, told as canonical events.
#pragma once

#include "core/codecs/messages/wire.h"

#include <QHash>

namespace tollgate::codecs::messages {

class BlockReader
{
public:
    [[nodiscard]] bool open() const { return m_open; }
    [[nodiscard]] std::int64_t index() const { return m_index; }
    // Whether another block may begin though this one's end was not told.
    [[nodiscard]] bool mayEnd() const;
    // Whether the last part told is a call.
    [[nodiscard]] bool called() const { return m_called; }
    [[nodiscard]] bool answeredByTool() const { return m_answeredByTool; }

    void start(std::int64_t index, JsonValue block, StreamEvents &out);
    void delta(JsonValue delta, StreamEvents &out);

    // The same in parts, for dialects that spell it otherwise.
    void startText(std::int64_t index, Part part, StreamEvents &out);
    void startThinking(std::int64_t index, Part part, QByteArray signature, StreamEvents &out);
    // `part` a Function call; `input`: what counts where no piece of it comes.
    void startCall(std::int64_t index, Part part, QByteArray input, StreamEvents &out);
    void text(const QByteArray &text, StreamEvents &out);
    void thought(const QByteArray &text, StreamEvents &out);
    void sign(const QByteArray &signature) { m_signature += signature; }
    void input(const QByteArray &piece, StreamEvents &out);
    void cite(Citation citation, StreamEvents &out);
    // A part that comes whole.
    void whole(std::int64_t index, Part part, StreamEvents &out);
    void close(StreamEvents &out);
    // Ends a text whose end was held back for a seal that might follow.
    void flush(StreamEvents &out);

private:
    enum class Kind { Text, Thinking, Call, Answer, Whole };

    void tell(Part part, StreamEvents &out);
    void tellDelta(PartDelta::Kind kind, QByteArray bytes, StreamEvents &out);
    void begin(std::int64_t index, Kind kind);
    void closeThinking(StreamEvents &out);
    void closeCall(StreamEvents &out);
    void closeWhole(StreamEvents &out);
    void endPart(StreamEvents &out);

    Kind m_kind = Kind::Text;
    bool m_open = false;
    bool m_told = false; // its PartStart
    std::int64_t m_index = -1; // the wire's
    std::int64_t m_part = -1; // ours, of the part told last
    QByteArray m_block; // Whole, Call: as it began
    QByteArray m_input; // pieces of JSON
    QByteArray m_signature;
    QByteArray m_content; // of a compaction
    QByteArray m_encrypted; // likewise
    bool m_hasContent = false;
    Part m_pending; // Thinking that has said nothing yet
    QHash<QByteArray, Sealed> m_seals; // of calls to come, see writeblocks.h
    QHash<QByteArray, std::int64_t> m_calls; // those told, with their part
    std::optional<std::int64_t> m_heldEnd;
    bool m_called = false;
    bool m_answeredByTool = false;
};

} // namespace tollgate::codecs::messages
