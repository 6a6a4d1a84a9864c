// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/schema.h"

#include "core/conversation/schemarules.h"

#include <algorithm>
#include <array>

namespace tollgate::conversation {
namespace {

constexpr int kDeepestSchema = 128;

enum class Holds { Schema, List, Map };
struct Keyword
{
    QByteArrayView name;
    Holds holds;
    bool booleans; // a boolean is ordinary here and stays
};
constexpr std::array kKeywords{
    Keyword{"properties", Holds::Map, false},
    Keyword{"patternProperties", Holds::Map, false},
    Keyword{"$defs", Holds::Map, false},
    Keyword{"definitions", Holds::Map, false},
    Keyword{"dependentSchemas", Holds::Map, false},
    Keyword{"anyOf", Holds::List, false},
    Keyword{"oneOf", Holds::List, false},
    Keyword{"allOf", Holds::List, false},
    Keyword{"prefixItems", Holds::List, false},
    Keyword{"items", Holds::Schema, true},
    Keyword{"contains", Holds::Schema, false},
    Keyword{"not", Holds::Schema, false},
    Keyword{"if", Holds::Schema, false},
    Keyword{"then", Holds::Schema, false},
    Keyword{"else", Holds::Schema, false},
    Keyword{"propertyNames", Holds::Schema, false},
    Keyword{"additionalProperties", Holds::Schema, true},
    Keyword{"additionalItems", Holds::Schema, true},
    Keyword{"unevaluatedProperties", Holds::Schema, true},
    Keyword{"unevaluatedItems", Holds::Schema, true},
};

void standardiseChild(SchemaNode &child, bool booleans)
{
    if (child.isObject()) {
        standardise(child);
    } else if (!(booleans && child.isBoolean())) {
        QByteArray key = std::move(child.key);
        child = SchemaNode::object();
        child.key = std::move(key);
    }
}

void standardiseMember(SchemaNode &member)
{
    const auto known = std::find_if(kKeywords.begin(), kKeywords.end(),
                                    [&](const Keyword &k) { return k.name == member.key; });
    if (known == kKeywords.end())
        return;
    if (known->holds == Holds::Schema) {
        standardiseChild(member, known->booleans);
        return;
    }
    for (SchemaNode &child : member.children)
        standardiseChild(child, false);
}

bool listOrMapIsBroken(const SchemaNode &member)
{
    for (const Keyword &known : kKeywords) {
        if (known.name != member.key)
            continue;
        return (known.holds == Holds::List && !member.isArray())
            || (known.holds == Holds::Map && !member.isObject());
    }
    return false;
}

// Before draft 2020-12 a tuple stood in "items" itself.
void modernTuple(SchemaNode &schema)
{
    SchemaNode *items = schema.find("items");
    if (!items || !items->isArray())
        return;
    std::optional<SchemaNode> rest = schema.take("additionalItems");
    items = schema.find("items");
    items->key = "prefixItems";
    if (rest)
        schema.set("items", std::move(*rest));
}

void lowerTypes(SchemaNode &schema)
{
    QByteArrayList types;
    for (const QByteArray &type : typesOf(schema)) {
        const QByteArray name = type.toLower();
        if (name != "type_unspecified" && !types.contains(name))
            types << name;
    }
    if (schema.has("type"))
        setTypes(schema, types);
    if (const SchemaNode *nullable = schema.find("nullable"); nullable && nullable->isBoolean()) {
        const bool wanted = nullable->isTrue();
        schema.erase("nullable");
        if (wanted)
            acceptNull(schema);
    }
}

Result<SchemaNode> parsed(QByteArrayView text)
{
    const auto broken = [](const QString &why) {
        return failure(ErrorKind::InvalidRequest, why, "invalid_schema");
    };
    if (text.trimmed().isEmpty())
        return SchemaNode::object();
    const auto tree = protocol::JsonTree::parse(text, kDeepestSchema);
    if (!tree) {
        return broken(QStringLiteral("A JSON schema cannot be read. %1").arg(tree.error().message));
    }
    SchemaNode root = schemaNode(tree->root());
    if (root.isNull() || root.isBoolean())
        return SchemaNode::object();
    if (!root.isObject())
        return broken(QStringLiteral("A JSON schema is an object."));
    return root;
}

// A tool's arguments and a structured answer are objects. A root that says plainly that it is
// something else is left alone: to wrap it would change the answer.
void objectRoot(SchemaNode &root)
{
    QByteArrayList types = typesOf(root);
    types.removeAll("null");
    if (!types.isEmpty() && !types.contains("object"))
        return;
    const bool unsaid = !root.has("type");
    setTypes(root, {"object"});
    if (unsaid)
        std::rotate(root.children.rbegin(), root.children.rbegin() + 1, root.children.rend());
    if (!root.has("properties") && !root.has("$ref") && !root.has("anyOf") && !root.has("oneOf")
        && !root.has("allOf"))
        root.set("properties", SchemaNode::object());
}

} // namespace

QByteArrayList typesOf(const SchemaNode &schema)
{
    const SchemaNode *type = schema.find("type");
    if (!type)
        return {};
    if (type->isString())
        return {type->utf8()};
    QByteArrayList names;
    for (const SchemaNode &name : type->children) {
        if (type->isArray() && name.isString())
            names << name.utf8();
    }
    return names;
}

void setTypes(SchemaNode &schema, const QByteArrayList &types)
{
    if (types.isEmpty()) {
        schema.erase("type");
    } else if (types.size() == 1) {
        schema.set("type", SchemaNode::string(types.front()));
    } else {
        SchemaNode list = SchemaNode::array();
        for (const QByteArray &type : types)
            list.children.push_back(SchemaNode::string(type));
        schema.set("type", std::move(list));
    }
}

void standardise(SchemaNode &schema)
{
    std::erase_if(schema.children, listOrMapIsBroken);
    modernTuple(schema);
    lowerTypes(schema);
    for (SchemaNode &member : schema.children)
        standardiseMember(member);
    // "items": false says something only behind a tuple.
    const SchemaNode *items = schema.find("items");
    if (items && (items->isTrue() || (items->isFalse() && !schema.has("prefixItems"))))
        schema.set("items", SchemaNode::object());
}

Result<QByteArray> cleanSchema(QByteArrayView schema, SchemaFlavour flavour)
{
    Result<SchemaNode> read = parsed(schema);
    if (!read)
        return failure(std::move(read.error()));
    SchemaNode root = std::move(*read);
    standardise(root);
    objectRoot(root);
    if (flavour == SchemaFlavour::Plain)
        return schemaText(root);
    Result<SchemaNode> fit = SchemaRewriter(root, flavour).run();
    if (!fit)
        return failure(std::move(fit.error()));
    return schemaText(*fit);
}

} // namespace tollgate::conversation
