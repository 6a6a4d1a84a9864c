// SPDX-License-Identifier: GPL-3.0-or-later
// What each vendor takes of JSON Schema. Sources: the vendors' documentation of function
// declarations and structured outputs.
#include "core/conversation/schemarules.h"
#include "core/protocol/jsonreader.h"

#include <algorithm>
#include <array>

namespace tollgate::conversation {
namespace {

void constToEnum(SchemaNode &schema)
{
    std::optional<SchemaNode> value = schema.take("const");
    if (!value || schema.has("enum"))
        return;
    SchemaNode values = SchemaNode::array();
    value->key.clear();
    values.children.push_back(std::move(*value));
    schema.set("enum", std::move(values));
}

QByteArray typeOfValue(const SchemaNode &value)
{
    if (value.isString())
        return "string";
    if (value.isBoolean())
        return "boolean";
    if (value.isObject())
        return "object";
    if (value.isArray())
        return "array";
    if (value.isNull())
        return "null";
    std::int64_t whole = 0;
    return protocol::toInteger(value.text, whole) ? "integer" : "number";
}

void typesFromValues(SchemaNode &schema, const SchemaNode &values)
{
    if (schema.has("type"))
        return;
    QByteArrayList types;
    for (const SchemaNode &value : values.children) {
        const QByteArray type = typeOfValue(value);
        if (!types.contains(type))
            types << type;
    }
    setTypes(schema, types);
}

void describeValues(SchemaNode &schema, const SchemaNode &values)
{
    QByteArrayList said;
    for (const SchemaNode &value : values.children)
        said << (value.isString() ? value.utf8() : schemaText(value));
    appendDescription(schema, "Allowed values: " + said.join(", ") + '.');
}

// An exclusive bound of a whole number is the inclusive one beside it; of another, a note.
void inclusiveBounds(SchemaNode &schema)
{
    struct Bound
    {
        QByteArrayView exclusive, inclusive, label;
        int step;
    };
    constexpr std::array kBounds{Bound{"exclusiveMinimum", "minimum", "Greater than", 1},
                                 Bound{"exclusiveMaximum", "maximum", "Less than", -1}};
    const bool whole = typesOf(schema).contains("integer");
    for (const Bound &bound : kBounds) {
        const SchemaNode *limit = schema.find(bound.exclusive);
        if (!limit)
            continue;
        std::int64_t value = 0;
        if (!limit->isNumber()) { // draft 4 has a boolean beside the bound
            schema.erase(bound.exclusive);
        } else if (whole && !schema.has(bound.inclusive) && protocol::toInteger(limit->text, value)
                   && std::abs(value) < 1'000'000'000) {
            schema.erase(bound.exclusive);
            schema.set(bound.inclusive, SchemaNode::number(value + bound.step));
        } else {
            describe(schema, bound.exclusive, bound.label);
        }
    }
}

void requiredWithin(SchemaNode &schema)
{
    SchemaNode *required = schema.find("required");
    if (!required)
        return;
    QSet<QByteArray> known;
    if (const SchemaNode *properties = schema.find("properties")) {
        for (const SchemaNode &property : properties->children)
            known.insert(property.key);
    }
    std::erase_if(required->children,
                  [&](const SchemaNode &name) { return !known.contains(name.utf8()); });
    if (required->children.empty())
        schema.erase("required");
}

SchemaNode namesOf(const SchemaNode &properties)
{
    SchemaNode names = SchemaNode::array();
    for (const SchemaNode &property : properties.children)
        names.children.push_back(SchemaNode::string(property.key));
    return names;
}

// One branch a type, each with the keywords that mean it.
void splitTypes(SchemaNode &schema, const QByteArrayList &types)
{
    struct Owner
    {
        QByteArrayView keyword;
        QByteArrayView type;
    };
    constexpr std::array kOwners{
        Owner{"properties", "object"}, Owner{"required", "object"}, Owner{"items", "array"},
        Owner{"minItems", "array"},    Owner{"maxItems", "array"},  Owner{"enum", "string"},
        Owner{"format", "string"},     Owner{"pattern", "string"},  Owner{"minLength", "string"},
        Owner{"maxLength", "string"},  Owner{"minimum", "number"},  Owner{"maximum", "number"},
        Owner{"minimum", "integer"},   Owner{"maximum", "integer"},
    };
    SchemaNode branches = SchemaNode::array();
    for (const QByteArray &type : types) {
        SchemaNode branch = SchemaNode::ofType(type);
        for (const Owner &owner : kOwners) {
            if (owner.type != type)
                continue;
            if (std::optional<SchemaNode> value = schema.take(owner.keyword))
                branch.set(owner.keyword, std::move(*value));
        }
        branches.children.push_back(std::move(branch));
    }
    schema.erase("type");
    schema.set("anyOf", std::move(branches));
}

void openApiEnum(SchemaNode &schema)
{
    SchemaNode *values = schema.find("enum");
    if (!values)
        return;
    if (std::erase_if(values->children, [](const SchemaNode &value) { return value.isNull(); }) > 0)
        schema.set("nullable", SchemaNode::boolean(true));
    values = schema.find("enum");
    const SchemaNode all = *values;
    typesFromValues(schema, all);
    const bool strings = std::all_of(all.children.begin(), all.children.end(),
                                     [](const SchemaNode &value) { return value.isString(); });
    const bool wanted = typesOf(schema).contains("string");
    if (!strings || !wanted) {
        schema.erase("enum");
        if (!all.children.empty())
            describeValues(schema, all);
        return;
    }
    // An empty name is refused.
    values = schema.find("enum");
    std::erase_if(values->children, [](const SchemaNode &value) { return value.text == "\"\""; });
    if (values->children.empty())
        schema.erase("enum");
}

void openApiFormat(SchemaNode &schema)
{
    const SchemaNode *format = schema.find("format");
    if (!format)
        return;
    const QByteArray name = format->utf8();
    const QByteArrayList types = typesOf(schema);
    const auto fits = [&](const char *type, std::initializer_list<QByteArrayView> formats) {
        return types.contains(type)
            && std::find(formats.begin(), formats.end(), name) != formats.end();
    };
    if (!fits("string", {"enum", "date-time"}) && !fits("integer", {"int32", "int64"})
        && !fits("number", {"float", "double"}))
        describe(schema, "format", "Format");
}

void anyStrictType(SchemaNode &schema)
{
    SchemaNode kinds = SchemaNode::array();
    for (const char *type : {"string", "number", "boolean"})
        kinds.children.push_back(SchemaNode::ofType(type));
    schema.set("anyOf", std::move(kinds));
}

bool saysType(const SchemaNode &schema)
{
    return schema.has("type") || schema.has("anyOf") || schema.has("oneOf") || schema.has("$ref")
        || schema.has("enum") || schema.has("const");
}

void formatWithin(SchemaNode &schema, std::initializer_list<QByteArrayView> formats)
{
    const SchemaNode *format = schema.find("format");
    if (format && std::find(formats.begin(), formats.end(), format->utf8()) == formats.end())
        describe(schema, "format", "Format");
}

// No vendor's grammar looks around.
void patternWithin(SchemaNode &schema)
{
    const SchemaNode *pattern = schema.find("pattern");
    if (pattern && pattern->utf8().contains("(?"))
        describe(schema, "pattern", "Pattern");
}

void closeObject(SchemaNode &schema)
{
    if (!typesOf(schema).contains("object"))
        return;
    if (!schema.has("properties"))
        schema.set("properties", SchemaNode::object());
    schema.set("additionalProperties", SchemaNode::boolean(false));
}

} // namespace

void SchemaRewriter::fit(SchemaNode &schema)
{
    if (!schema.has("type")) {
        if (const QByteArray implied = impliedType(schema);
            !implied.isEmpty() && !schema.has("anyOf") && !schema.has("oneOf"))
            schema.set("type", SchemaNode::string(implied));
    }
    switch (m_flavour) {
    case SchemaFlavour::Plain:
        break;
    case SchemaFlavour::GeminiOpenApi:
        fitGeminiOpenApi(schema);
        break;
    case SchemaFlavour::GeminiJson:
        fitGeminiJson(schema);
        break;
    case SchemaFlavour::OpenAiStrict:
        fitOpenAiStrict(schema);
        break;
    case SchemaFlavour::AnthropicStrict:
        fitAnthropicStrict(schema);
        break;
    }
}

void SchemaRewriter::fitGeminiOpenApi(SchemaNode &schema)
{
    constToEnum(schema);
    openApiEnum(schema);
    QByteArrayList types = typesOf(schema);
    if (types.removeAll("null") > 0)
        schema.set("nullable", SchemaNode::boolean(true));
    if (types.isEmpty() && schema.has("type"))
        types << "string"; // null alone
    setTypes(schema, types);
    openApiFormat(schema);
    inclusiveBounds(schema);
    if (schema.has("anyOf"))
        schema.erase("type");
    else if (types.size() > 1)
        splitTypes(schema, types);
    schema.keepOnly({"type", "format", "description", "nullable", "enum", "items", "minItems",
                     "maxItems", "anyOf", "properties", "required", "propertyOrdering", "minimum",
                     "maximum", "pattern", "minLength", "maxLength"});
    if (!saysType(schema))
        schema.set("type", SchemaNode::string("object"));
}

void SchemaRewriter::fitGeminiJson(SchemaNode &schema)
{
    constToEnum(schema);
    if (const SchemaNode *values = schema.find("enum")) {
        typesFromValues(schema, SchemaNode(*values));
        SchemaNode *kept = schema.find("enum");
        std::erase_if(kept->children, [](const SchemaNode &value) {
            return !value.isString() && !value.isNumber();
        });
        if (kept->children.empty())
            schema.erase("enum");
    }
    inclusiveBounds(schema);
    describe(schema, "pattern", "Pattern");
    describe(schema, "minLength", "Minimum length");
    describe(schema, "maxLength", "Maximum length");
    describe(schema, "multipleOf", "Multiple of");
    schema.keepOnly({"$id", "$anchor", "type", "format", "title", "description", "enum", "items",
                     "minItems", "maxItems", "prefixItems", "minimum", "maximum", "anyOf", "oneOf",
                     "properties", "required", "additionalProperties", "propertyOrdering"});
}

void SchemaRewriter::fitOpenAiStrict(SchemaNode &schema)
{
    describe(schema, "minLength", "Minimum length");
    describe(schema, "maxLength", "Maximum length");
    formatWithin(
        schema,
        {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"});
    patternWithin(schema);
    describe(schema, "default", "Default");
    schema.keepOnly({"type", "properties", "required", "items", "anyOf", "enum", "const",
                     "description", "title", "format", "pattern", "minimum", "maximum",
                     "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"});
    if (schema.has("anyOf"))
        schema.erase("type");
    if (typesOf(schema).contains("array") && !schema.has("items"))
        schema.set("items", SchemaNode::object());
    if (!saysType(schema))
        anyStrictType(schema);
}

void SchemaRewriter::fitAnthropicStrict(SchemaNode &schema)
{
    for (const auto &[keyword, label] :
         std::initializer_list<std::pair<const char *, const char *>>{
             {"minimum", "Minimum"},
             {"maximum", "Maximum"},
             {"exclusiveMinimum", "Greater than"},
             {"exclusiveMaximum", "Less than"},
             {"multipleOf", "Multiple of"},
             {"minLength", "Minimum length"},
             {"maxLength", "Maximum length"},
             {"maxItems", "At most this many items"}})
        describe(schema, keyword, label);
    if (const SchemaNode *least = schema.find("minItems");
        least && least->text != "0" && least->text != "1")
        describe(schema, "minItems", "At least this many items");
    formatWithin(schema,
                 {"date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4",
                  "ipv6", "uuid"});
    patternWithin(schema);
    schema.keepOnly({"type", "properties", "required", "items", "anyOf", "enum", "const",
                     "description", "format", "pattern", "default", "minItems"});
}

void SchemaRewriter::finish(SchemaNode &schema, bool root)
{
    if (m_flavour == SchemaFlavour::GeminiJson)
        return;
    const SchemaNode *properties = schema.find("properties");
    if (m_flavour == SchemaFlavour::GeminiOpenApi) {
        if (properties && properties->children.empty())
            schema.erase("properties");
        requiredWithin(schema);
        properties = schema.find("properties");
        if (properties && properties->children.size() > 1 && !schema.has("propertyOrdering"))
            schema.set("propertyOrdering", namesOf(*properties));
        if (typesOf(schema).contains("array") && !schema.has("items"))
            schema.set("items", SchemaNode::ofType("string"));
        return;
    }
    if (root && !schema.has("type") && !schema.has("anyOf"))
        schema.set("type", SchemaNode::string("object"));
    closeObject(schema);
    if (m_flavour == SchemaFlavour::AnthropicStrict || !schema.has("properties")) {
        requiredWithin(schema);
        return;
    }
    QSet<QByteArray> required;
    if (const SchemaNode *named = schema.find("required")) {
        for (const SchemaNode &name : named->children)
            required.insert(name.utf8());
    }
    SchemaNode *all = schema.find("properties");
    for (SchemaNode &property : all->children) {
        if (!required.contains(property.key))
            acceptNull(property);
    }
    schema.set("required", namesOf(*schema.find("properties")));
}

} // namespace tollgate::conversation
