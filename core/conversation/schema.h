// SPDX-License-Identifier: GPL-3.0-or-later
// JSON Schemas made fit for a vendor that takes only a part of the language. Deterministic (the
// same text always gives the same text: prompt caches depend on it), linear but for inlined
// references, whose growth is bounded. Facts: each vendor's structured-output documentation.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

namespace tollgate::conversation {

enum class SchemaFlavour {
    Plain, // valid JSON Schema with an object at its root; booleans become {}
    GeminiOpenApi, // parameters, responseSchema: the OpenAPI 3.0 subset, $ref inlined
    GeminiJson, // parametersJsonSchema, responseJsonSchema
    OpenAiStrict, // every property required, additionalProperties false
    AnthropicStrict, // Bedrock's too
};

// The schema's text for this flavour. Empty input is an object without properties. InvalidRequest
// where the text is no schema, or references recurse where the flavour cannot say so without end
// (they are cut to {"type":"object"} first) or inline to over 1 MiB.
[[nodiscard]] Result<QByteArray> cleanSchema(QByteArrayView schema, SchemaFlavour flavour);

} // namespace tollgate::conversation
