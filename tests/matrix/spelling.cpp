// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/matrix/spelling.h"

#include "core/base/jsonwriter.h"
#include "core/protocol/jsontree.h"

#include <algorithm>
#include <vector>

namespace tollgate::test {

using protocol::JsonValue;

namespace {

void write(JsonWriter &out, JsonValue value, bool sorted)
{
    if (value.isObject()) {
        out.beginObject();
        std::vector<JsonValue> members;
        for (const JsonValue member : value)
            members.push_back(member);
        if (sorted) {
            std::sort(members.begin(), members.end(),
                      [](JsonValue left, JsonValue right) { return left.key() < right.key(); });
        }
        for (const JsonValue member : members) {
            out.key(member.key());
            write(out, member, sorted);
        }
        out.endObject();
    } else if (value.isArray()) {
        out.beginArray();
        for (const JsonValue element : value)
            write(out, element, sorted);
        out.endArray();
    } else if (value.isString()) {
        out.string(QByteArrayView(value.string()));
    } else {
        out.raw(value.raw());
    }
}

QByteArray spelt(const QByteArray &json, bool sorted)
{
    const auto tree = protocol::JsonTree::parse(json);
    if (!tree)
        return json;
    JsonWriter out;
    write(out, tree->root(), sorted);
    return out.take();
}

} // namespace

QByteArray spelling(const QByteArray &json)
{
    return spelt(json, false);
}

QByteArray sortedSpelling(const QByteArray &json)
{
    return spelt(json, true);
}

} // namespace tollgate::test
