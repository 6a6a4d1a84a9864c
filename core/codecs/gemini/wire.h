// SPDX-License-Identifier: GPL-3.0-or-later
// Small things of Gemini's wire format: proto3 JSON with either spelling of a name, enums as words,
// signatures, ids it may leave out.
#pragma once

#include "core/conversation/message.h"
#include "core/conversation/request.h"
#include "core/conversation/response.h"

#include <initializer_list>

namespace tollgate::codecs::gemini {

using conversation::Dialect;
using conversation::JsonValue;
using conversation::Native;
using conversation::Sealed;

inline constexpr QByteArrayView kModel = "model";
// What a call made elsewhere is signed with: base64 of the word Google documents for it.
inline constexpr QByteArrayView kDummySignature = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

// The member by its camelCase name or its snake_case one; the last of several counts.
[[nodiscard]] JsonValue member(JsonValue object, QByteArrayView camel);
[[nodiscard]] bool sameName(QByteArrayView key, QByteArrayView camel);
// Visits the elements of a repeated field, which proto3 JSON also takes for one alone.
template <class Visit> void each(JsonValue repeated, Visit &&visit)
{
    if (!repeated.isArray()) {
        if (repeated.isSet())
            visit(repeated);
        return;
    }
    for (const JsonValue element : repeated)
        visit(element);
}
// int32 and int64 may be spelt as strings.
[[nodiscard]] std::optional<std::int64_t> integer(JsonValue value);
[[nodiscard]] QByteArray digits(JsonValue value);

// Keeps the members that `known` (camelCase) does not name, as "prefix" + their name.
void keepRest(Native &bag, JsonValue object, std::initializer_list<QByteArrayView> known,
              QByteArrayView prefix = {});
// Writes the members kept under this prefix ("generationConfig.") without it; with an empty one
// those that have none.
void writeKept(JsonWriter &out, const Native &bag, QByteArrayView prefix = {},
               std::initializer_list<QByteArrayView> except = {});
[[nodiscard]] bool hasKept(const Native &bag, QByteArrayView prefix);
[[nodiscard]] QByteArray kept(const Native &bag, QByteArrayView name);

// An id made by stableCallId(): never told to a vendor that did without.
[[nodiscard]] bool isMadeUpId(QByteArrayView callId);
// The arguments as the object Gemini wants: "" is {}, what is no object is wrapped.
[[nodiscard]] QByteArray argumentsObject(const QByteArray &arguments);
[[nodiscard]] bool isJsonObject(const QByteArray &text);

[[nodiscard]] conversation::Stop stopOf(QByteArrayView finishReason, bool calls);
[[nodiscard]] QByteArray finishReasonOf(const conversation::Stop &stop, Dialect source);

[[nodiscard]] Error invalid(const QString &message, QByteArray param);

} // namespace tollgate::codecs::gemini
