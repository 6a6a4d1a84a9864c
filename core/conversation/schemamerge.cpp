// SPDX-License-Identifier: GPL-3.0-or-later
// What several schemas say together, in one.
#include "core/conversation/schemarules.h"

#include <algorithm>
#include <array>

namespace tollgate::conversation {
namespace {

QSet<QByteArray> namesIn(const SchemaNode &object)
{
    QSet<QByteArray> names;
    for (const SchemaNode &child : object.children)
        names.insert(child.key);
    return names;
}

void uniteProperties(SchemaNode &into, SchemaNode more)
{
    if (!more.isObject())
        return;
    SchemaNode *own = into.find("properties");
    if (!own) {
        into.set("properties", std::move(more));
        return;
    }
    const QSet<QByteArray> known = namesIn(*own);
    for (SchemaNode &property : more.children) {
        if (!known.contains(property.key))
            own->children.push_back(std::move(property));
    }
}

void uniteRequired(SchemaNode &into, SchemaNode more)
{
    SchemaNode *own = into.find("required");
    if (!own || !own->isArray() || !more.isArray()) {
        if (!own && more.isArray())
            into.set("required", std::move(more));
        return;
    }
    QSet<QByteArray> known;
    for (const SchemaNode &name : own->children)
        known.insert(name.utf8());
    for (SchemaNode &name : more.children) {
        if (!known.contains(name.utf8()))
            own->children.push_back(std::move(name));
    }
}

bool isNullType(const SchemaNode &schema)
{
    return typesOf(schema) == QByteArrayList{"null"};
}

void addNullBranch(SchemaNode &list)
{
    if (std::none_of(list.children.begin(), list.children.end(), isNullType))
        list.children.push_back(SchemaNode::ofType("null"));
}

void addNullValue(SchemaNode &values)
{
    const bool there = std::any_of(values.children.begin(), values.children.end(),
                                   [](const SchemaNode &value) { return value.isNull(); });
    if (values.isArray() && !there)
        values.children.push_back(SchemaNode::null());
}

} // namespace

void appendDescription(SchemaNode &schema, const QByteArray &sentence)
{
    const SchemaNode *old = schema.find("description");
    QByteArray text = old ? old->utf8() : QByteArray();
    if (!text.isEmpty())
        text += text.endsWith('.') ? " " : ". ";
    schema.set("description", SchemaNode::string(text + sentence));
}

void describe(SchemaNode &schema, QByteArrayView keyword, QByteArrayView label)
{
    const std::optional<SchemaNode> value = schema.take(keyword);
    if (!value)
        return;
    const QByteArray said = value->isString() ? value->utf8() : schemaText(*value);
    appendDescription(schema, label.toByteArray() + ": " + said + '.');
}

void mergeSchema(SchemaNode &into, SchemaNode more)
{
    const QSet<QByteArray> known = namesIn(into);
    for (SchemaNode &member : more.children) {
        if (member.key == "properties")
            uniteProperties(into, std::move(member));
        else if (member.key == "required")
            uniteRequired(into, std::move(member));
        else if (member.key.startsWith('$') || member.key == "definitions")
            continue; // said about its own place, not about the value
        else if (!known.contains(member.key))
            into.children.push_back(std::move(member));
    }
}

void mergeBranches(SchemaNode &into, SchemaNode branches)
{
    for (SchemaNode &branch : branches.children) {
        if (std::optional<SchemaNode> properties = branch.take("properties"))
            uniteProperties(into, std::move(*properties));
    }
}

void acceptNull(SchemaNode &schema)
{
    if (SchemaNode *values = schema.find("enum"))
        addNullValue(*values);
    QByteArrayList types = typesOf(schema);
    if (!types.isEmpty()) {
        if (!types.contains("null"))
            setTypes(schema, types << "null");
    } else if (SchemaNode *any = schema.find("anyOf")) {
        addNullBranch(*any);
    } else if (SchemaNode *one = schema.find("oneOf")) {
        addNullBranch(*one);
    } else if (schema.has("$ref")) {
        SchemaNode branches = SchemaNode::array();
        branches.children.push_back(std::exchange(schema, SchemaNode::object()));
        schema.key = std::exchange(branches.children.front().key, {});
        addNullBranch(branches);
        schema.set("anyOf", std::move(branches));
    }
}

QByteArray impliedType(const SchemaNode &schema)
{
    constexpr std::array kObject{"properties", "additionalProperties", "required",
                                 "patternProperties", "propertyOrdering"};
    constexpr std::array kArray{"items", "prefixItems", "minItems", "maxItems"};
    constexpr std::array kString{"pattern", "minLength", "maxLength"};
    constexpr std::array kNumber{"minimum", "maximum", "multipleOf"};
    const auto any = [&](const auto &names) {
        return std::any_of(names.begin(), names.end(),
                           [&](const char *name) { return schema.has(name); });
    };
    if (any(kObject))
        return "object";
    if (any(kArray))
        return "array";
    if (any(kString))
        return "string";
    return any(kNumber) ? "number" : "";
}

} // namespace tollgate::conversation
