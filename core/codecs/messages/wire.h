// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the Messages dialect that several of its files need.
#pragma once

#include "core/conversation/conversation.h"

namespace tollgate::codecs::messages {

using namespace tollgate::conversation;

inline constexpr qsizetype kLongestToolName = 128;
// Letters, digits, _ and - are all that a tool's name and a call's id may have.
[[nodiscard]] bool isPlainName(QByteArrayView name, qsizetype longest);
// An id, or the name in a call long made, in that alphabet: itself where it fits, else the same
// other id for the same id each time. `longest` 0: any length.
[[nodiscard]] QByteArray wireId(const QByteArray &id, qsizetype longest = 0);
// Arguments as the JSON object that this dialect wants instead of text: the same bytes where they
// are one, {"_raw": "…"} where nothing can be made of them.
[[nodiscard]] QByteArray argumentsObject(const QByteArray &arguments);

// A tool that stands for an output schema, where the vendor knows tools only. Its call is the
// answer's text.
inline constexpr QByteArrayView kAnswerTool = "tollgate_answer";

// Members of nested objects that have no canonical place are kept as "thinking.x", "metadata.x" …
void keepNested(Native &bag, QByteArrayView object, JsonValue value,
                std::initializer_list<QByteArrayView> known);
void writeNested(JsonWriter &out, const Native &bag, QByteArrayView object);
[[nodiscard]] bool hasNested(const Native &bag, QByteArrayView object);

// keepUnknown() without members that are null: null says nothing.
void keepTold(Native &bag, JsonValue object, std::initializer_list<QByteArrayView> known);
// Sorted by name, the last of one name only: the same bag whatever order its members came in.
void settle(Native &bag);

[[nodiscard]] std::optional<CacheMark> readCacheMark(JsonValue object, Native &bag);
// The object's members that stand behind its content: the mark, what was kept natively.
void writeTail(JsonWriter &out, const std::optional<CacheMark> &cache, const Native &bag,
               std::initializer_list<QByteArrayView> except = {});

[[nodiscard]] Stop readStop(const QByteArray &reason, const QByteArray &sequence);
// The spelling of a reason; `called`: whether the answer calls tools.
[[nodiscard]] QByteArray stopReason(const Stop &stop, Dialect source, bool called);

[[nodiscard]] tl::unexpected<Error> refused(const QString &message, const QByteArray &param);

} // namespace tollgate::codecs::messages
