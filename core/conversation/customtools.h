// SPDX-License-Identifier: GPL-3.0-or-later
// Custom (free-text) tools on their way through dialects that know functions only: such a tool
// becomes a function with one string parameter, and a call of that function becomes free text
// again.
#pragma once

#include "core/conversation/request.h"

namespace tollgate::conversation {

// The function that stands for a Custom tool: one required string, "input". A grammar is told in
// words. Any other tool is given back as it is.
[[nodiscard]] Tool bridgeTool(const Tool &tool);
// {"input":"…"}: the arguments of a Custom call, for the function that stands for its tool.
[[nodiscard]] QByteArray bridgeArguments(QByteArrayView text);

// Whether the request declared a Custom tool by this name. `request` may be null.
[[nodiscard]] bool isCustomTool(QByteArrayView name, const Request *request);
// The free text in the arguments of a function that stands for a Custom tool; nullopt where `name`
// is no such tool.
[[nodiscard]] std::optional<QByteArray> unbridge(QByteArrayView name, QByteArrayView arguments,
                                                 const Request *request);

// The same for arguments that arrive in pieces: the texts given are together exactly what
// unbridge() says of the whole. Arguments that are not what was asked for are given as well as can
// be, at the end: the only string member, or the arguments themselves.
class CustomInput
{
public:
    // What of the text has become certain; never ends inside a character.
    [[nodiscard]] QByteArray feed(QByteArrayView arguments);
    [[nodiscard]] QByteArray finish();

private:
    enum class State { Lead, Text, Whole, Done };
    void decode(QByteArray &out);
    void leadIn();
    [[nodiscard]] bool escape(QByteArray &out, qsizetype &at, bool last);
    void unit(QByteArray &out, char16_t unit);
    void flushHigh(QByteArray &out);
    void text(QByteArray &out, bool last);

    State m_state = State::Lead;
    QByteArray m_held; // not yet understood
    char16_t m_high = 0; // the first half of a surrogate pair
};

} // namespace tollgate::conversation
