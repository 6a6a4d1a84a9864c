// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/native.h"

#include <algorithm>

namespace tollgate::conversation {
namespace {

bool listed(std::initializer_list<QByteArrayView> names, QByteArrayView name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool isMark(const NativeMember &member)
{
    return member.name.startsWith('.');
}

} // namespace

void keepUnknown(Native &bag, Dialect owner, JsonValue object,
                 std::initializer_list<QByteArrayView> known)
{
    if (!object.isObject())
        return;
    for (const JsonValue member : object) {
        QByteArray name = member.key();
        if (!listed(known, name))
            bag.push_back({owner, std::move(name), member.json()});
    }
}

void keep(Native &bag, Dialect owner, QByteArrayView name, QByteArray json)
{
    bag.push_back({owner, name.toByteArray(), std::move(json)});
}

QByteArray nativeOf(const Native &bag, Dialect owner, QByteArrayView name)
{
    for (const NativeMember &member : bag) {
        if (member.owner == owner && member.name == name)
            return member.json;
    }
    return {};
}

void writeNative(JsonWriter &out, const Native &bag, Dialect owner,
                 std::initializer_list<QByteArrayView> except)
{
    for (const NativeMember &member : bag) {
        if (member.owner == owner && !isMark(member) && !listed(except, member.name))
            out.key(member.name).raw(member.json);
    }
}

std::vector<QByteArray> foreignNames(const Native &bag, Dialect target)
{
    std::vector<QByteArray> names;
    for (const NativeMember &member : bag) {
        if (member.owner != target && !isMark(member))
            names.push_back(member.name);
    }
    return names;
}

} // namespace tollgate::conversation
