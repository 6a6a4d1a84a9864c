// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/schemanode.h"

#include "core/base/jsonwriter.h"

#include <QHash>

#include <algorithm>

namespace tollgate::conversation {

using protocol::JsonType;

SchemaNode SchemaNode::string(QByteArrayView utf8)
{
    SchemaNode node{JsonType::String};
    appendJsonString(node.text, utf8);
    return node;
}

SchemaNode SchemaNode::number(std::int64_t value)
{
    return {JsonType::Number, {}, QByteArray::number(qlonglong(value))};
}

SchemaNode SchemaNode::boolean(bool value)
{
    return {value ? JsonType::True : JsonType::False, {}, value ? "true" : "false"};
}

SchemaNode SchemaNode::null()
{
    return {JsonType::Null, {}, "null"};
}

SchemaNode SchemaNode::ofType(QByteArrayView name)
{
    SchemaNode node = object();
    node.set("type", string(name));
    return node;
}

QByteArray SchemaNode::utf8() const
{
    if (!isString() || text.size() < 2)
        return {};
    const QByteArrayView inner = QByteArrayView(text).sliced(1, text.size() - 2);
    return protocol::JsonText{inner, inner.contains('\\'), inner.size()}.decoded();
}

const SchemaNode *SchemaNode::find(QByteArrayView name) const
{
    if (!isObject())
        return nullptr;
    const auto at = std::find_if(children.begin(), children.end(),
                                 [&](const SchemaNode &child) { return child.key == name; });
    return at == children.end() ? nullptr : &*at;
}

SchemaNode *SchemaNode::find(QByteArrayView name)
{
    return const_cast<SchemaNode *>(std::as_const(*this).find(name));
}

SchemaNode &SchemaNode::set(QByteArrayView name, SchemaNode value)
{
    value.key = name.toByteArray();
    if (SchemaNode *old = find(name)) {
        *old = std::move(value);
        return *old;
    }
    children.push_back(std::move(value));
    return children.back();
}

std::optional<SchemaNode> SchemaNode::take(QByteArrayView name)
{
    SchemaNode *found = find(name);
    if (!found)
        return {};
    SchemaNode taken = std::move(*found);
    children.erase(children.begin() + (found - children.data()));
    return taken;
}

void SchemaNode::erase(QByteArrayView name)
{
    if (SchemaNode *found = find(name))
        children.erase(children.begin() + (found - children.data()));
}

void SchemaNode::keepOnly(std::initializer_list<QByteArrayView> names)
{
    std::erase_if(children, [&](const SchemaNode &child) {
        return std::find(names.begin(), names.end(), child.key) == names.end();
    });
}

SchemaNode schemaNode(protocol::JsonValue value)
{
    SchemaNode node{value.type()};
    if (!value.isObject() && !value.isArray()) {
        node.text = value.json();
        return node;
    }
    QHash<QByteArray, std::size_t> places;
    for (const protocol::JsonValue child : value) {
        SchemaNode read = schemaNode(child);
        if (value.isObject()) {
            read.key = child.key();
            const auto known = places.constFind(read.key);
            if (known != places.constEnd()) {
                node.children[*known] = std::move(read);
                continue;
            }
            places.insert(read.key, node.children.size());
        }
        node.children.push_back(std::move(read));
    }
    return node;
}

namespace {

void write(JsonWriter &out, const SchemaNode &node)
{
    if (node.isObject()) {
        out.beginObject();
        for (const SchemaNode &child : node.children) {
            out.key(child.key);
            write(out, child);
        }
        out.endObject();
    } else if (node.isArray()) {
        out.beginArray();
        for (const SchemaNode &child : node.children)
            write(out, child);
        out.endArray();
    } else {
        out.raw(node.text);
    }
}

} // namespace

QByteArray schemaText(const SchemaNode &node)
{
    JsonWriter out;
    write(out, node);
    return out.take();
}

qsizetype schemaSize(const SchemaNode &node)
{
    qsizetype size = node.key.size() + node.text.size() + 4;
    for (const SchemaNode &child : node.children)
        size += schemaSize(child);
    return size;
}

} // namespace tollgate::conversation
