// SPDX-License-Identifier: GPL-3.0-or-later
// Reasoning as compatible vendors tell it: text in reasoning_content or reasoning, and the elements
// of reasoning_details (OpenRouter's form) with signatures and encrypted reasoning.
#pragma once

#include "core/conversation/message.h"

namespace tollgate::codecs::chat {

using namespace conversation;

// One element of reasoning_details.
struct Detail
{
    enum class Kind { Text, Summary, Encrypted };
    Kind kind = Kind::Text;
    QByteArray text;
    QByteArray index; // as spelt; tells elements of a stream apart
    std::optional<Sealed> sealed;
};
[[nodiscard]] Detail readDetail(JsonValue element);
// Whether the seal belongs to the reasoning in front of it, rather than standing for itself.
[[nodiscard]] bool sealsThoughtBefore(const Detail &detail);

// The plain text of a message or delta: reasoning_content or reasoning, whichever is there.
[[nodiscard]] QByteArray readPlainThought(JsonValue message);
// All reasoning of a whole message.
[[nodiscard]] std::vector<Part> readThoughts(JsonValue message);

// All reasoning text, paragraphs apart.
[[nodiscard]] QByteArray plainThoughts(const std::vector<Part> &parts);
[[nodiscard]] QByteArray paragraphs(const Reasoning &reasoning);
// Whether plain text does not tell all of it.
[[nodiscard]] bool needsDetails(const Part &part);
// The elements of an open array that tell this reasoning; counts `index` on.
void writeDetails(JsonWriter &out, const Part &part, int &index);

// Splits a content that begins with <think> or <thought>: fed in pieces, gives pieces.
class ThinkTags
{
public:
    struct Piece
    {
        bool thought = false;
        QByteArray text;
    };
    [[nodiscard]] std::vector<Piece> feed(QByteArrayView text);
    [[nodiscard]] std::vector<Piece> finish();

private:
    enum class State { Lead, Thinking, Speaking };
    [[nodiscard]] qsizetype heldBack() const;

    State m_state = State::Lead;
    QByteArray m_closing;
    QByteArray m_held;
    bool m_spoken = false;
};

} // namespace tollgate::codecs::chat
