// SPDX-License-Identifier: GPL-3.0-or-later
// Where each value of a JSON text with comments stands. Comments and trailing commas are taken, as
// editors' settings files have them; everything else is RFC 8259 to the letter.
#pragma once

#include "core/base/result.h"
#include "core/clients/value.h"

#include <vector>

namespace tollgate::clients {

struct JsonMember;

struct JsonNode
{
    enum class Kind { Object, Array, String, Number, Literal };

    Kind kind = Kind::Literal;
    qsizetype begin = 0;
    qsizetype end = 0;
    std::vector<JsonMember> members;
};

struct JsonMember
{
    qsizetype begin = 0; // of the key, or of the element
    QString key; // empty in an array
    JsonNode value;
    qsizetype comma = -1; // where the comma behind it stands
};

// The message says what is wrong and in which line; nothing is repaired.
[[nodiscard]] Result<JsonNode> parseJsonTree(const QByteArray &text);
[[nodiscard]] Value valueOf(const QByteArray &text, const JsonNode &node);
[[nodiscard]] Result<Value> parseJson(const QByteArray &text);

} // namespace tollgate::clients
