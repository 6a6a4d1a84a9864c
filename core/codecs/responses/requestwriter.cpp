// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/wire.h"

#include <algorithm>

namespace tollgate::codecs::responses {
namespace {

constexpr std::int64_t kLeastOutput = 16; // below, OpenAI refuses

// What the request said in words of its own dialect, and another's cannot be told here.
void noteForeign(const Request &request, Dropped &dropped)
{
    const Sampling &sampling = request.sampling;
    const auto note = [&](const QByteArray &value, const char *name) {
        if (!value.isEmpty())
            dropped.note(name);
    };
    note(sampling.topK, "top_k");
    note(sampling.minP, "min_p");
    note(sampling.presencePenalty, "presence_penalty");
    note(sampling.frequencyPenalty, "frequency_penalty");
    note(sampling.repetitionPenalty, "repetition_penalty");
    note(sampling.seed, "seed");
    note(sampling.logitBias, "logit_bias");
    if (request.candidates.value_or(1) > 1)
        dropped.note("n");
    const auto spoken = [](const QByteArray &modality) { return modality != "text"; };
    if (std::any_of(request.modalities.begin(), request.modalities.end(), spoken))
        dropped.note("modalities");
    if (request.cache && request.source != Dialect::Responses)
        dropped.note("cache_control");
    for (const QByteArray &name : foreignNames(request.native, Dialect::Responses))
        dropped.note(name);
}

void writeSampling(JsonWriter &out, const Request &request, const Target &target, Dropped &dropped)
{
    const auto digits = [&](const char *name, const QByteArray &value) {
        if (value.isEmpty())
            return;
        if (target.takesSampling)
            out.key(name).raw(value);
        else
            dropped.note(name);
    };
    digits("temperature", request.sampling.temperature);
    digits("top_p", request.sampling.topP);
    if (!request.sampling.topLogprobs.isEmpty())
        out.key("top_logprobs").raw(request.sampling.topLogprobs);
    if (request.maxOutput) {
        std::int64_t most = std::max(*request.maxOutput, kLeastOutput);
        if (target.maxOutputTokens > 0)
            most = std::min(most, target.maxOutputTokens);
        out.member("max_output_tokens",
                   request.source == Dialect::Responses && target.maxOutputTokens == 0
                       ? *request.maxOutput
                       : most);
    }
}

bool reasons(const Request &request, const Target &target)
{
    const auto sealed = [](const Message &message) {
        return std::any_of(message.parts.begin(), message.parts.end(), [](const Part &part) {
            const auto *reasoning = std::get_if<Reasoning>(&part.body);
            return reasoning && reasoning->sealed
                && reasoning->sealed->owner == Sealed::Owner::OpenAi;
        });
    };
    return !target.efforts.isEmpty() || target.alwaysThinks
        || request.reasoning.mode != ReasoningSpec::Mode::Unset
        || !request.reasoning.effort.isEmpty()
        || std::any_of(request.messages.begin(), request.messages.end(), sealed);
}

// A conversation kept nowhere needs its reasoning back, sealed; a model that does not reason
// refuses to be asked for it.
void writeInclude(JsonWriter &out, const Request &request, const Target &target)
{
    const QByteArray asked = nativeOf(request.native, Dialect::Responses, "include");
    if (!asked.isEmpty()) {
        out.key("include").raw(asked);
        return;
    }
    if (request.source == Dialect::Responses)
        return;
    const bool logprobs = request.sampling.logprobs.value_or(false);
    const bool sealed = !request.store.value_or(false) && reasons(request, target);
    if (!logprobs && !sealed)
        return;
    out.key("include").beginArray();
    if (sealed)
        out.string(QByteArrayView("reasoning.encrypted_content"));
    if (logprobs)
        out.string(QByteArrayView("message.output_text.logprobs"));
    out.endArray();
}

void writeToolMembers(JsonWriter &out, const Request &request, const Target &target,
                      Dropped &dropped)
{
    if (!request.tools.empty()) {
        JsonWriter tools;
        writeTools(tools, request.tools,
                   {request.source != Dialect::Responses, target.takesStrictSchemas}, dropped);
        if (tools.bytes() != "[]")
            out.key("tools").raw(tools.bytes());
    }
    if (const QByteArray choice = choiceValue(request, target.takesRequiredChoice);
        !choice.isEmpty())
        out.key("tool_choice").raw(choice);
    if (request.toolChoice.parallel) {
        if (target.takesParallelToolCalls)
            out.member("parallel_tool_calls", *request.toolChoice.parallel);
        else if (!*request.toolChoice.parallel)
            dropped.note("parallel_tool_calls");
    }
}

void writeWho(JsonWriter &out, const Request &request)
{
    const QByteArray safety
        = unquoted(nativeOf(request.native, Dialect::Responses, "safety_identifier"));
    if (request.userId.isEmpty() || request.userId == safety)
        return;
    out.member(request.source == Dialect::Responses || request.userId.size() > 64
                   ? "user"
                   : "safety_identifier",
               request.userId);
}

// Instructions for what the target cannot be asked otherwise.
QByteArray addedInstructions(const Request &request, const Target &target)
{
    QByteArray added;
    const auto mode = request.toolChoice.mode;
    if (!target.takesRequiredChoice && mode == ToolChoice::Mode::Required)
        added = "You must call one of the tools.";
    else if (!target.takesRequiredChoice && mode == ToolChoice::Mode::Named)
        added = "You must call the tool " + request.toolChoice.name + '.';
    if (!target.takesJsonSchema && request.format.kind == OutputFormat::Kind::Schema)
        added += (added.isEmpty() ? "" : "\n\n")
            + QByteArray("Answer with one JSON value that matches this JSON Schema:\n")
            + request.format.schema;
    return added;
}

} // namespace

void writeText(JsonWriter &out, const Request &request, const Target &target)
{
    const OutputFormat &format = request.format;
    const QByteArray rest = nativeOf(request.native, Dialect::Responses, "text");
    if (format.kind == OutputFormat::Kind::Unset && request.verbosity.isEmpty() && rest.isEmpty())
        return;
    out.key("text").beginObject();
    if (format.kind == OutputFormat::Kind::Text) {
        out.key("format").beginObject().member("type", "text").endObject();
    } else if (format.kind == OutputFormat::Kind::JsonObject
               || (format.kind == OutputFormat::Kind::Schema && !target.takesJsonSchema)) {
        out.key("format").beginObject().member("type", "json_object").endObject();
    } else if (format.kind == OutputFormat::Kind::Schema) {
        const bool foreign = request.source != Dialect::Responses;
        out.key("format").beginObject().member("type", "json_schema");
        out.member("name", format.name.isEmpty() ? QByteArray("output") : format.name);
        if (!format.description.isEmpty())
            out.member("description", format.description);
        if (!format.schema.isEmpty())
            out.key("schema").raw(format.schema);
        if (!target.takesStrictSchemas)
            out.member("strict", false);
        else if (format.strict || foreign)
            out.member("strict", format.strict.value_or(false));
        out.endObject();
    }
    if (!request.verbosity.isEmpty())
        out.member("verbosity", request.verbosity);
    writeLeftover(out, rest);
    out.endObject();
}

void writeReasoning(JsonWriter &out, const Request &request, const Target &target)
{
    const ReasoningSpec &asked = request.reasoning;
    QByteArray effort = asked.effort;
    if (asked.mode == ReasoningSpec::Mode::Off)
        effort = "none";
    else if (effort.isEmpty() && asked.budget)
        effort = effortOfBudget(*asked.budget);
    if (effort == "none" && target.alwaysThinks)
        effort = target.efforts.isEmpty() ? "low" : nearestEffort("minimal", target.efforts);
    else if (!effort.isEmpty())
        effort = nearestEffort(effort, target.efforts);
    const QByteArray rest = nativeOf(request.native, Dialect::Responses, "reasoning");
    const bool show
        = asked.show == ReasoningSpec::Show::Summary || asked.show == ReasoningSpec::Show::Full;
    if (effort.isEmpty() && rest.isEmpty() && !show)
        return;
    out.key("reasoning").beginObject();
    if (!effort.isEmpty())
        out.member("effort", effort);
    if (show && !rest.contains("\"summary\""))
        out.member("summary", "auto");
    writeLeftover(out, rest);
    out.endObject();
}

Result<EncodedRequest> writeRequest(const Request &request, const Target &target)
{
    EncodedRequest encoded;
    Dropped &dropped = encoded.dropped;
    auto input = inputOf(request, target, dropped);
    if (!input)
        return failure(input.error());
    const bool foreign = request.source != Dialect::Responses;
    JsonWriter out;
    out.beginObject();
    const QByteArray &model = target.model.isEmpty() ? request.model : target.model;
    if (!model.isEmpty())
        out.member("model", model);
    QByteArray instructions = instructionsOf(request);
    if (const QByteArray added = addedInstructions(request, target); !added.isEmpty())
        instructions += (instructions.isEmpty() ? "" : "\n\n") + added;
    const bool told
        = !request.messages.empty() && inInstructions(request.messages.front(), foreign);
    if (!instructions.isEmpty() || (told && !foreign))
        out.member("instructions", instructions);
    if (foreign || *input != "[]")
        out.key("input").raw(*input);
    writeToolMembers(out, request, target, dropped);
    writeSampling(out, request, target, dropped);
    writeText(out, request, target);
    writeReasoning(out, request, target);
    writeInclude(out, request, target);
    if (request.stream)
        out.member("stream", true);
    // Nothing is kept upstream that the client did not ask to keep.
    if (request.store || foreign)
        out.member("store", request.store.value_or(false));
    if (!request.previousResponseId.isEmpty())
        out.member("previous_response_id", request.previousResponseId);
    if (!foreign || isTier(request.serviceTier)) {
        if (!request.serviceTier.isEmpty())
            out.member("service_tier", request.serviceTier);
    } else if (!request.serviceTier.isEmpty()) {
        dropped.note("service_tier");
    }
    if (!request.metadata.isEmpty())
        out.key("metadata").raw(request.metadata);
    if (!request.cacheKey.isEmpty())
        out.member("prompt_cache_key", request.cacheKey);
    writeWho(out, request);
    writeNative(out, request.native, Dialect::Responses,
                {"tool_choice", "include", "text", "reasoning"});
    out.endObject();
    noteForeign(request, dropped);
    encoded.body = out.take();
    return encoded;
}

} // namespace tollgate::codecs::responses
