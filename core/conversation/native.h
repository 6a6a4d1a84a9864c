// SPDX-License-Identifier: GPL-3.0-or-later
// What only one dialect knows: raw JSON members that have no canonical place, kept under their
// dialect and written back to that dialect alone.
#pragma once

#include "core/base/jsonwriter.h"
#include "core/protocol/dialect.h"
#include "core/protocol/jsontree.h"

#include <initializer_list>
#include <utility>
#include <vector>

namespace tollgate::conversation {

using protocol::Dialect;
using protocol::JsonValue;

// A name that begins with a dot is no member but a codec's own mark (what a part was, where a name
// came from): found by nativeOf(), never written and never missed.
struct NativeMember
{
    Dialect owner = Dialect::Chat;
    QByteArray name;
    QByteArray json; // the value's own text
    bool operator==(const NativeMember &) const = default;
};

using Native = std::vector<NativeMember>;

// Keeps every member of `object` that is not in `known`.
void keepUnknown(Native &bag, Dialect owner, JsonValue object,
                 std::initializer_list<QByteArrayView> known);
void keep(Native &bag, Dialect owner, QByteArrayView name, QByteArray json);
// The member's text, or empty.
[[nodiscard]] QByteArray nativeOf(const Native &bag, Dialect owner, QByteArrayView name);
// Writes the owner's members into the object that is open, but those in `except`.
void writeNative(JsonWriter &out, const Native &bag, Dialect owner,
                 std::initializer_list<QByteArrayView> except = {});
// The names of members in the bag that are not `target`'s, as "name": what a translation drops.
[[nodiscard]] std::vector<QByteArray> foreignNames(const Native &bag, Dialect target);

} // namespace tollgate::conversation
