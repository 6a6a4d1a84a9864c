// SPDX-License-Identifier: GPL-3.0-or-later
#include "schemarows.h"

namespace tollgate::test {
namespace {

using conversation::SchemaFlavour;

constexpr auto Plain = SchemaFlavour::Plain;
constexpr auto OpenApi = SchemaFlavour::GeminiOpenApi;
constexpr auto GeminiJson = SchemaFlavour::GeminiJson;
constexpr auto OpenAi = SchemaFlavour::OpenAiStrict;
constexpr auto Anthropic = SchemaFlavour::AnthropicStrict;

const SchemaRow kRows[]
    = {
        {"plain: nothing", Plain, "", R"({"type":"object","properties":{}})"},
        {"plain: null", Plain, "null", R"({"type":"object","properties":{}})"},
        {"plain: true", Plain, "true", R"({"type":"object","properties":{}})"},
        {"plain: keeps what it does not know", Plain,
         R"({"$schema":"s","type":"object","properties":{"a":{"type":"integer","x-a":1.0}},"default":{}})",
         R"({"$schema":"s","type":"object","properties":{"a":{"type":"integer","x-a":1.0}},"default":{}})"},
        {"plain: names the root's type", Plain, R"({"properties":{"a":true,"b":false}})",
         R"({"type":"object","properties":{"a":{},"b":{}}})"},
        {"plain: keeps additionalProperties", Plain,
         R"({"type":"object","properties":{},"additionalProperties":false})",
         R"({"type":"object","properties":{},"additionalProperties":false})"},
        {"plain: types of OpenAPI", Plain,
         R"({"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true},"b":{"type":"ARRAY","items":{"type":"NUMBER","nullable":false}}}})",
         R"({"type":"object","properties":{"a":{"type":["string","null"]},"b":{"type":"array","items":{"type":"number"}}}})"},
        {"plain: nullable enum and reference", Plain,
         R"({"type":"object","properties":{"a":{"type":"string","enum":["x"],"nullable":true},"b":{"$ref":"#/$defs/B","nullable":true}}})",
         R"({"type":"object","properties":{"a":{"type":["string","null"],"enum":["x",null]},"b":{"anyOf":[{"$ref":"#/$defs/B"},{"type":"null"}]}}})"},
        {"plain: a property called type", Plain,
         R"({"type":"object","properties":{"type":{"type":"string"},"nullable":{"type":"boolean"},"properties":{"type":"object"}}})",
         R"({"type":"object","properties":{"type":{"type":"string"},"nullable":{"type":"boolean"},"properties":{"type":"object"}}})"},
        {"plain: old tuple", Plain,
         R"({"type":"object","properties":{"p":{"type":"array","items":[{"type":"number"},true],"additionalItems":false}}})",
         R"({"type":"object","properties":{"p":{"type":"array","prefixItems":[{"type":"number"},{}],"items":false}}})"},
        {"plain: last member of a name counts", Plain,
         R"({"type":"string","type":"object","properties":{"a":{"type":"string"},"a":{"type":"number"}}})",
         R"({"type":"object","properties":{"a":{"type":"number"}}})"},
        {"plain: a root array stays one", Plain, R"({"type":"array","items":{"type":"string"}})",
         R"({"type":"array","items":{"type":"string"}})"},

        {"openapi: no arguments", OpenApi, R"({"type":"object","properties":{}})",
         R"({"type":"object"})"},
        {"openapi: words removed", OpenApi,
         R"({"$schema":"s","$id":"i","$comment":"c","title":"T","type":"object","properties":{"a":{"type":"string","title":"A","default":"x","examples":["y"]}},"required":["a","b"],"additionalProperties":false,"patternProperties":{},"if":{},"then":{},"else":{},"not":{}})",
         R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"]})"},
        {"openapi: reference inlined", OpenApi,
         R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A","description":"mine"},"b":{"$ref":"#/definitions/B"}},"$defs":{"A":{"type":"string","description":"its"}},"definitions":{"B":{"type":"integer"}}})",
         R"({"type":"object","properties":{"a":{"description":"mine","type":"string"},"b":{"type":"integer"}},"propertyOrdering":["a","b"]})"},
        {"openapi: escaped reference", OpenApi,
         R"({"type":"object","properties":{"a":{"$ref":"#/$defs/x~1y%20z"},"b":{"$ref":"#/properties/c"},"c":{"type":"boolean"}},"$defs":{"x/y z":{"type":"string"}}})",
         R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"boolean"},"c":{"type":"boolean"}},"propertyOrdering":["a","b","c"]})"},
        {"openapi: recursion cut", OpenApi,
         R"({"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/N"},{"type":"null"}]}}}}})",
         R"({"type":"object","properties":{"v":{"type":"integer"},"next":{"type":"object","nullable":true}},"propertyOrdering":["v","next"]})"},
        {"openapi: recursion to the root", OpenApi,
         R"({"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#"}}}})",
         R"({"type":"object","properties":{"kids":{"type":"array","items":{"type":"object","properties":{"kids":{"type":"array","items":{"type":"object"}}}}}}})"},
        {"openapi: a reference to itself", OpenApi,
         R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"$ref":"#/$defs/A"}}})",
         R"({"type":"object","properties":{"a":{"type":"object"}}})"},
        {"openapi: a reference outside", OpenApi,
         R"({"type":"object","properties":{"a":{"$ref":"https://x/y.json"},"b":{"$ref":"#/none"}}})",
         R"({"type":"object","properties":{"a":{"type":"object"},"b":{"type":"object"}},"propertyOrdering":["a","b"]})"},
        {"openapi: type or null", OpenApi,
         R"({"type":"object","properties":{"a":{"type":["string","null"]},"b":{"anyOf":[{"type":"integer"},{"type":"null"}],"description":"d"},"c":{"type":"null"}}})",
         R"({"type":"object","properties":{"a":{"type":"string","nullable":true},"b":{"description":"d","type":"integer","nullable":true},"c":{"type":"string","nullable":true}},"propertyOrdering":["a","b","c"]})"},
        {"openapi: several types", OpenApi,
         R"({"type":"object","properties":{"a":{"type":["string","array","null"],"items":{"type":"number"},"minLength":2}}})",
         R"({"type":"object","properties":{"a":{"nullable":true,"anyOf":[{"type":"string","minLength":2},{"type":"array","items":{"type":"number"}}]}}})"},
        {"openapi: oneOf", OpenApi,
         R"({"type":"object","properties":{"a":{"oneOf":[{"type":"string"},{"type":"object","properties":{"k":{"const":"v"}}}],"discriminator":{"propertyName":"k"}}}})",
         R"({"type":"object","properties":{"a":{"anyOf":[{"type":"string"},{"type":"object","properties":{"k":{"enum":["v"],"type":"string"}}}]}}})"},
        {"openapi: allOf", OpenApi,
         R"({"allOf":[{"$ref":"#/$defs/B"},{"type":"object","properties":{"b":{"type":"string"}},"required":["b"]}],"$defs":{"B":{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}}})",
         R"({"type":"object","properties":{"b":{"type":"string"},"a":{"type":"string"}},"required":["b","a"],"propertyOrdering":["b","a"]})"},
        {"openapi: branches beside properties", OpenApi,
         R"({"type":"object","properties":{"a":{"type":"string"}},"anyOf":[{"required":["a"]},{"properties":{"b":{"type":"string"}},"required":["b"]}]})",
         R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"propertyOrdering":["a","b"]})"},
        {"openapi: tuple",
         OpenApi, R"({"type":"object","properties":{"p":{"type":"array","prefixItems":[{"type":"number"},{"type":"number"}]},"q":{"type":"array","prefixItems":[{"type":"number"},{"type":"string"}],"items":{"type":"boolean"}}}})", R"({"type":"object","properties":{"p":{"type":"array","minItems":2,"maxItems":2,"items":{"type":"number"}},"q":{"type":"array","items":{"anyOf":[{"type":"number"},{"type":"string"},{"type":"boolean"}]},"minItems":2}},"propertyOrdering":["p","q"]})"},
        {"openapi: enums", OpenApi,
         R"({"type":"object","properties":{"a":{"enum":["x","",null]},"b":{"type":"integer","enum":[1,2.0],"description":"Size"},"c":{"const":true}}})",
         R"({"type":"object","properties":{"a":{"enum":["x"],"nullable":true,"type":"string"},"b":{"type":"integer","description":"Size. Allowed values: 1, 2.0."},"c":{"type":"boolean","description":"Allowed values: true."}},"propertyOrdering":["a","b","c"]})"},
        {"openapi: formats", OpenApi,
         R"({"type":"object","properties":{"a":{"type":"string","format":"uuid"},"b":{"type":"string","format":"date-time"},"c":{"type":"integer","format":"int64"},"d":{"type":"string","format":"int32"}}})",
         R"({"type":"object","properties":{"a":{"type":"string","description":"Format: uuid."},"b":{"type":"string","format":"date-time"},"c":{"type":"integer","format":"int64"},"d":{"type":"string","description":"Format: int32."}},"propertyOrdering":["a","b","c","d"]})"},
        {"openapi: bounds", OpenApi,
         R"({"type":"object","properties":{"a":{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":10},"b":{"type":"number","exclusiveMinimum":0.5,"multipleOf":2,"maximum":3}}})",
         R"({"type":"object","properties":{"a":{"type":"integer","minimum":1,"maximum":9},"b":{"type":"number","maximum":3,"description":"Greater than: 0.5."}},"propertyOrdering":["a","b"]})"},
        {"openapi: a map", OpenApi,
         R"({"type":"object","properties":{"m":{"type":"object","additionalProperties":{"type":"string"}},"l":{"type":"array"},"e":{}}})",
         R"({"type":"object","properties":{"m":{"type":"object"},"l":{"type":"array","items":{"type":"string"}},"e":{"type":"object"}},"propertyOrdering":["m","l","e"]})"},
        {"openapi: properties named as keywords", OpenApi,
         R"({"type":"object","properties":{"title":{"type":"string"},"default":{"type":"string"},"$ref":{"type":"string"}},"required":["title"]})",
         R"({"type":"object","properties":{"title":{"type":"string"},"default":{"type":"string"},"$ref":{"type":"string"}},"required":["title"],"propertyOrdering":["title","default","$ref"]})"},

        {"geminijson: keeps references", GeminiJson,
         R"({"$schema":"s","type":"object","properties":{"n":{"$ref":"#/definitions/N","description":"d"}},"definitions":{"N":{"type":"object","properties":{"next":{"$ref":"#/definitions/N"}}}}})",
         R"({"type":"object","properties":{"n":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}})"},
        {"geminijson: keeps what it knows", GeminiJson,
         R"({"type":"object","title":"T","properties":{"a":{"oneOf":[{"type":"string"},{"type":"null"}]},"p":{"type":"array","prefixItems":[{"type":"number"}]},"c":{"const":5},"d":{"type":["string","null"],"format":"uuid"}},"required":["a"],"additionalProperties":false})", R"({"type":"object","title":"T","properties":{"a":{"oneOf":[{"type":"string"},{"type":"null"}]},"p":{"type":"array","prefixItems":[{"type":"number"}]},"c":{"enum":[5],"type":"integer"},"d":{"type":["string","null"],"format":"uuid"}},"required":["a"],"additionalProperties":false})"},
        {"geminijson: drops the rest", GeminiJson,
         R"({"type":"object","properties":{"a":{"type":"string","pattern":"^x","default":"x"},"b":{"type":"integer","exclusiveMinimum":3},"c":{"const":true},"d":{"allOf":[{"type":"string"},{"description":"d"}]},"e":{"allOf":[{"$ref":"#/$defs/E"}],"description":"e"}},"$defs":{"E":{"type":"string"}},"unevaluatedProperties":false})",
         R"({"type":"object","properties":{"a":{"type":"string","description":"Pattern: ^x."},"b":{"type":"integer","minimum":4},"c":{"type":"boolean"},"d":{"type":"string","description":"d"},"e":{"$ref":"#/$defs/E"}},"$defs":{"E":{"type":"string"}}})"},

        {"openai: everything required", OpenAi,
         R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer","default":3},"c":{"$ref":"#/$defs/C"},"d":{"enum":["x"],"type":"string"}},"required":["a"],"$defs":{"C":{"type":"object","properties":{}}}})",
         R"({"type":"object","properties":{"a":{"type":"string"},"b":{"type":["integer","null"],"description":"Default: 3."},"c":{"anyOf":[{"$ref":"#/$defs/C"},{"type":"null"}]},"d":{"enum":["x",null],"type":["string","null"]}},"required":["a","b","c","d"],"additionalProperties":false,"$defs":{"C":{"type":"object","properties":{},"additionalProperties":false,"required":[]}}})"},
        {"openai: words outside the subset", OpenAi,
         R"({"type":"object","properties":{"a":{"type":"string","minLength":1,"pattern":"^(?=x)y","format":"uri"},"b":{"oneOf":[{"type":"string"},{"type":"number"}]},"c":{"type":"array","uniqueItems":true},"d":{}},"required":["a","b","c","d"]})", R"({"type":"object","properties":{"a":{"type":"string","description":"Minimum length: 1. Format: uri. Pattern: ^(?=x)y."},"b":{"anyOf":[{"type":"string"},{"type":"number"}]},"c":{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"}]}},"d":{"anyOf":[{"type":"string"},{"type":"number"},{"type":"boolean"}]}},"required":["a","b","c","d"],"additionalProperties":false})"},
        {"openai: a root of branches", OpenAi,
         R"({"anyOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"type":"object","properties":{"b":{"type":"string"}}}]})",
         R"({"type":"object","properties":{"a":{"type":["string","null"]},"b":{"type":["string","null"]}},"additionalProperties":false,"required":["a","b"]})"},
        {"openai: recursion stays", OpenAi,
         R"({"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#"}}},"required":["kids"]})",
         R"({"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#"}}},"required":["kids"],"additionalProperties":false})"},

        {"anthropic: closes objects", Anthropic,
         R"({"$schema":"s","title":"T","type":"object","properties":{"a":{"type":"string","minLength":1,"maxLength":5},"b":{"type":"integer","minimum":0},"c":{"type":"array","items":{"type":"string"},"minItems":2},"d":{"type":"array","items":{"type":"string"},"minItems":1}},"required":["a"]})",
         R"({"type":"object","properties":{"a":{"type":"string","description":"Minimum length: 1. Maximum length: 5."},"b":{"type":"integer","description":"Minimum: 0."},"c":{"type":"array","items":{"type":"string"},"description":"At least this many items: 2."},"d":{"type":"array","items":{"type":"string"},"minItems":1}},"required":["a"],"additionalProperties":false})"},
        {"anthropic: recursion cut", Anthropic,
         R"({"type":"object","properties":{"n":{"$ref":"#/$defs/N"}},"$defs":{"N":{"type":"object","properties":{"next":{"$ref":"#/$defs/N"}}}}})",
         R"({"type":"object","properties":{"n":{"type":"object","properties":{"next":{"type":"object","properties":{},"additionalProperties":false}},"additionalProperties":false}},"additionalProperties":false})"},
        {"anthropic: keeps const, null and branches", Anthropic,
         R"({"type":"object","properties":{"a":{"const":"x"},"b":{"type":["string","null"]},"c":{"oneOf":[{"type":"string"},{"type":"number"}]}}})",
         R"({"type":"object","properties":{"a":{"const":"x"},"b":{"type":["string","null"]},"c":{"anyOf":[{"type":"string"},{"type":"number"}]}},"additionalProperties":false})"},
};

} // namespace

std::span<const SchemaRow> schemaRows()
{
    return kRows;
}

QByteArray doublingReferences(int levels)
{
    QByteArray defs;
    for (int i = 0; i < levels; ++i) {
        const QByteArray next = "{\"$ref\":\"#/$defs/d" + QByteArray::number(i + 1) + "\"}";
        defs += "\"d" + QByteArray::number(i)
            + "\":{\"type\":\"object\",\"properties\":{\"a\":" + next + ",\"b\":" + next + "}},";
    }
    defs += "\"d" + QByteArray::number(levels) + "\":{\"type\":\"string\"}";
    return R"({"type":"object","properties":{"x":{"$ref":"#/$defs/d0"}},"$defs":{)" + defs + "}}";
}

QByteArray chainOfReferences(int length)
{
    QByteArray defs;
    for (int i = 0; i < length; ++i) {
        defs += "\"d" + QByteArray::number(i) + R"(":{"type":"array","items":{"$ref":"#/$defs/d)"
            + QByteArray::number(i + 1) + "\"}},";
    }
    return R"({"type":"object","properties":{"x":{"$ref":"#/$defs/d0"}},"$defs":{)" + defs + "\"d"
        + QByteArray::number(length) + "\":{}}}";
}

QByteArray manyProperties(int count)
{
    QByteArray properties;
    QByteArray required;
    for (int i = 0; i < count; ++i) {
        const QByteArray name = "\"p" + QByteArray::number(i) + '"';
        properties += name + R"(:{"type":["string","null"],"format":"uuid"},)";
        required += name + ',';
    }
    properties.chop(1);
    required.chop(1);
    return R"({"type":"object","properties":{)" + properties + R"(},"required":[)" + required
        + "]}";
}

} // namespace tollgate::test
