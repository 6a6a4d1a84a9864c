// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/parts.h"
#include "core/conversation/media.h"
#include "core/conversation/seal.h"

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

Media mediaOf(JsonValue part, JsonValue inlineData, JsonValue fileData)
{
    Media media;
    const JsonValue source = inlineData.isObject() ? inlineData : fileData;
    media.mime = member(source, "mimeType").string();
    media.kind = kindOfMime(media.mime);
    media.filename = member(source, "displayName").string();
    if (inlineData.isObject()) {
        media.source = Media::Source::Base64;
        media.data = member(inlineData, "data").string();
        // Google's clients for Python write the URL's alphabet, which no other vendor reads.
        media.data.replace('-', '+').replace('_', '/');
    } else {
        media.source = Media::Source::Url;
        media.data = member(fileData, "fileUri").string();
        if (media.mime.isEmpty() && member(part, "videoMetadata").isSet())
            media.kind = Media::Kind::Video;
    }
    return media;
}

void keepMediaRest(Native &bag, JsonValue inlineData, JsonValue fileData)
{
    const QByteArrayView data = member(inlineData, "data").raw();
    if (data.contains('-') || data.contains('_'))
        keep(bag, Dialect::Gemini, kUrlAlphabet, "true");
    keepRest(bag, inlineData, {"mimeType", "data"}, "inlineData.");
    keepRest(bag, fileData, {"mimeType", "fileUri"}, "fileData.");
}

// The text a result says, for dialects whose results are text.
QByteArray resultText(JsonValue response, bool &error)
{
    if (response.size() == 1) {
        const JsonValue only = *response.begin();
        error = only.keyIs("error");
        if (error || only.keyIs("output") || only.keyIs("result"))
            return only.isString() ? only.string() : only.json();
    }
    return response.json();
}

ToolResult resultOf(JsonValue answer)
{
    ToolResult result;
    result.callId = member(answer, "id").string();
    result.name = member(answer, "name").string();
    const JsonValue response = member(answer, "response");
    if (response.isObject()) {
        result.structured = response.json();
        if (response.size() > 0)
            result.parts.emplace_back(Text{resultText(response, result.error), {}});
    } else if (response.isSet()) {
        result.parts.emplace_back(
            Text{response.isString() ? response.string() : response.json(), {}});
    }
    each(member(answer, "parts"), [&](JsonValue piece) {
        const JsonValue inlineData = member(piece, "inlineData");
        const JsonValue fileData = member(piece, "fileData");
        if (inlineData.isObject() || fileData.isObject())
            result.parts.emplace_back(mediaOf(piece, inlineData, fileData));
    });
    return result;
}

ToolCall callOf(JsonValue call)
{
    ToolCall read;
    read.callId = member(call, "id").string();
    read.name = member(call, "name").string();
    const JsonValue args = member(call, "args");
    read.arguments = args.isObject() ? args.json() : QByteArray("{}");
    return read;
}

ToolCall hostedCall(QByteArrayView type, QByteArrayView name, JsonValue object)
{
    ToolCall call;
    call.kind = ToolCall::Kind::Hosted;
    call.hostedType = type.toByteArray();
    call.name = name.toByteArray();
    call.callId = member(object, "id").string();
    call.arguments = object.json();
    return call;
}

ToolResult hostedResult(QByteArrayView type, QByteArrayView name, JsonValue object)
{
    ToolResult result;
    result.hostedType = type.toByteArray();
    result.name = name.toByteArray();
    result.callId = member(object, "id").string();
    result.structured = object.json();
    const QByteArray output = member(object, "output").string();
    if (!output.isEmpty())
        result.parts.emplace_back(Text{output, {}});
    const QByteArray outcome = member(object, "outcome").string();
    result.error = !outcome.isEmpty() && outcome != "OUTCOME_OK";
    return result;
}

void sign(Part &part, std::optional<Sealed> seal)
{
    if (!seal)
        return;
    if (auto *call = std::get_if<ToolCall>(&part.body))
        call->sealed = std::move(seal);
    else if (auto *reasoning = std::get_if<Reasoning>(&part.body))
        reasoning->sealed = std::move(seal);
    else
        part.sealed = std::move(seal);
}

bool readSpecial(JsonValue json, Part &part)
{
    if (const JsonValue call = member(json, "functionCall"); call.isObject()) {
        part.body = callOf(call);
        keepRest(part.native, call, {"id", "name", "args", "partialArgs", "willContinue"},
                 "functionCall.");
    } else if (const JsonValue answer = member(json, "functionResponse"); answer.isObject()) {
        part.body = resultOf(answer);
        keepRest(part.native, answer, {"id", "name", "response", "parts"}, "functionResponse.");
        // Kept as they stand: their spelling and what a media part cannot hold.
        if (const JsonValue parts = member(answer, "parts"); parts.isSet())
            keep(part.native, Dialect::Gemini, "functionResponse.parts", parts.json());
    } else if (const JsonValue code = member(json, "executableCode"); code.isObject()) {
        part.body = hostedCall("executableCode", "code_execution", code);
    } else if (const JsonValue ran = member(json, "codeExecutionResult"); ran.isObject()) {
        part.body = hostedResult("codeExecutionResult", "code_execution", ran);
    } else if (const JsonValue use = member(json, "toolCall"); use.isObject()) {
        part.body = hostedCall("toolCall", member(use, "toolType").string(), use);
    } else if (const JsonValue told = member(json, "toolResponse"); told.isObject()) {
        part.body = hostedResult("toolResponse", member(told, "toolType").string(), told);
    } else {
        return false;
    }
    return true;
}

} // namespace

std::optional<Part> readPart(JsonValue json)
{
    if (!json.isObject())
        return {};
    Part part;
    const JsonValue text = member(json, "text");
    const JsonValue inlineData = member(json, "inlineData");
    const JsonValue fileData = member(json, "fileData");
    const JsonValue signature = member(json, "thoughtSignature");
    const bool thought = member(json, "thought").isTrue();
    if (readSpecial(json, part)) {
        if (thought)
            keep(part.native, Dialect::Gemini, "thought", "true");
    } else if (inlineData.isObject() || fileData.isObject()) {
        part.body = mediaOf(json, inlineData, fileData);
        keepMediaRest(part.native, inlineData, fileData);
        if (thought)
            keep(part.native, Dialect::Gemini, "thought", "true");
    } else if (text.isString() || signature.isString()) {
        if (thought)
            part.body = Reasoning{text.string(), true, {}, {}};
        else
            part.body = Text{text.string(), {}};
    } else if (json.size() > 0) {
        const JsonValue first = *json.begin();
        part.body = Opaque{Dialect::Gemini, first.key(), json.json()};
        return part;
    } else {
        return {};
    }
    if (!signature.string().isEmpty())
        sign(part, unwrapSeal(signature.string(), Sealed::Owner::Gemini));
    keepRest(part.native, json,
             {"text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall",
              "functionResponse", "executableCode", "codeExecutionResult", "toolCall",
              "toolResponse"});
    return part;
}

bool continues(const Part &before, const Part &next)
{
    if (!before.native.empty() || !next.native.empty() || before.sealed)
        return false;
    if (const auto *thought = std::get_if<Reasoning>(&before.body))
        return !thought->sealed && std::holds_alternative<Reasoning>(next.body);
    return std::holds_alternative<Text>(before.body) && std::holds_alternative<Text>(next.body);
}

} // namespace tollgate::codecs::gemini
