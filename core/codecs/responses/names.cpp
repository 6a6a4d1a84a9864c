// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/wire.h"

#include <QCryptographicHash>

#include <algorithm>

namespace tollgate::codecs::responses {
namespace {

constexpr qsizetype kLongestName = 64; // what every vendor takes
constexpr QByteArrayView kBetween = "__";
constexpr QByteArrayView kMade = "_tg_";

QByteArray prefixOf(QByteArrayView space)
{
    return space.endsWith(kBetween) ? space.toByteArray()
                                    : space.toByteArray() + kBetween.toByteArray();
}

// Of a tool's or a call's "namespace": the name alone, or an object that has one.
QByteArray spaceOf(const Native &native)
{
    const QByteArray json = nativeOf(native, Dialect::Responses, ".namespace");
    if (json.isEmpty())
        return {};
    const auto tree = protocol::JsonTree::parse(json);
    if (!tree)
        return {};
    const JsonValue root = tree->root();
    return root.isString() ? root.string() : root["name"].string();
}

} // namespace

QByteArray joinedName(QByteArrayView space, QByteArrayView name)
{
    if (space.isEmpty())
        return name.toByteArray();
    QByteArray joined = prefixOf(space) + name.toByteArray();
    if (joined.size() <= kLongestName)
        return joined;
    const QByteArray digest
        = QCryptographicHash::hash(joined, QCryptographicHash::Sha256).toHex().left(8);
    return joined.left(kLongestName - digest.size() - 1) + '_' + digest;
}

const Tool *declaredTool(QByteArrayView name, const Request *request)
{
    if (!request)
        return nullptr;
    const auto at
        = std::find_if(request->tools.begin(), request->tools.end(), [name](const Tool &tool) {
              return tool.kind != Tool::Kind::Hosted && tool.name == name;
          });
    return at == request->tools.end() ? nullptr : &*at;
}

SpacedName spacedName(const QByteArray &name, const Native &native, const Request *request)
{
    const Native *bag = &native;
    QByteArray space = spaceOf(native);
    if (space.isEmpty()) {
        const Tool *tool = declaredTool(name, request);
        if (!tool)
            return {{}, name};
        bag = &tool->native;
        space = spaceOf(*bag);
        if (space.isEmpty())
            return {{}, name};
    }
    const QByteArray own = unquoted(nativeOf(*bag, Dialect::Responses, ".name"));
    if (!own.isEmpty())
        return {space, own};
    const QByteArray prefix = prefixOf(space);
    return {space, name.startsWith(prefix) ? name.sliced(prefix.size()) : name};
}

QByteArray madeId(QByteArrayView prefix, QByteArrayView requestId, qsizetype index)
{
    constexpr qsizetype kMost = 40; // ids have at most 64 characters
    const qsizetype dash = requestId.indexOf('_');
    QByteArray id = prefix.toByteArray() + kMade.toByteArray();
    id += requestId.sliced(dash + 1).first(std::min(kMost, requestId.size() - dash - 1));
    if (index >= 0)
        id += '_' + QByteArray::number(index);
    return id;
}

bool isMadeId(QByteArrayView id)
{
    return id.contains(kMade);
}

QByteArray leftover(JsonValue object, std::initializer_list<QByteArrayView> known)
{
    Native bag;
    keepUnknown(bag, Dialect::Responses, object, known);
    if (bag.empty())
        return {};
    JsonWriter out;
    out.beginObject();
    writeNative(out, bag, Dialect::Responses);
    out.endObject();
    return out.take();
}

void writeLeftover(JsonWriter &out, const QByteArray &object)
{
    if (object.isEmpty())
        return;
    if (const auto tree = protocol::JsonTree::parse(object)) {
        for (const JsonValue member : tree->root())
            out.key(member.key()).raw(member.raw());
    }
}

QByteArray quoted(QByteArrayView text)
{
    QByteArray out;
    appendJsonString(out, text);
    return out;
}

QByteArray unquoted(const QByteArray &json)
{
    if (json.isEmpty())
        return {};
    const auto tree = protocol::JsonTree::parse(json);
    return tree ? tree->root().string() : QByteArray();
}

bool isTier(const QByteArray &tier)
{
    static const QByteArrayList kTiers{"auto", "default", "flex", "scale", "priority", "fast"};
    return kTiers.contains(tier);
}

} // namespace tollgate::codecs::responses
