// SPDX-License-Identifier: GPL-3.0-or-later
// generationConfig, tools and toolConfig of a client's request.
#include "core/codecs/gemini/request.h"
#include "core/conversation/effort.h"
#include "core/conversation/schema.h"

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

Tool functionOf(JsonValue declaration)
{
    Tool tool;
    tool.name = member(declaration, "name").string();
    tool.description = member(declaration, "description").string();
    const JsonValue json = member(declaration, "parametersJsonSchema");
    const JsonValue openApi = member(declaration, "parameters");
    if (json.isSet()) {
        tool.schema = json.json();
    } else if (openApi.isSet()) {
        // Other vendors get JSON Schema of it; Gemini gets it back as it was.
        tool.schema = cleanSchema(openApi.raw(), SchemaFlavour::Plain).value_or(openApi.json());
        keep(tool.native, Dialect::Gemini, "parameters", openApi.json());
    }
    keepRest(tool.native, declaration,
             {"name", "description", "parameters", "parametersJsonSchema"});
    return tool;
}

void readTool(JsonValue json, std::vector<Tool> &tools)
{
    if (!json.isObject())
        return;
    for (const JsonValue field : json) {
        if (sameName(field.key(), "functionDeclarations")) {
            each(field, [&](JsonValue declaration) {
                if (declaration.isObject())
                    tools.push_back(functionOf(declaration));
            });
            continue;
        }
        if (!field.isSet())
            continue;
        Tool tool;
        tool.kind = Tool::Kind::Hosted;
        tool.hostedType = field.key();
        tool.owner = Dialect::Gemini;
        tool.json = field.json();
        tools.push_back(std::move(tool));
    }
}

void readChoice(JsonValue config, ToolChoice &choice, Native &native)
{
    const QByteArray mode = member(config, "mode").string().toUpper();
    each(member(config, "allowedFunctionNames"), [&](JsonValue name) {
        if (name.isString())
            choice.allowed << name.string();
    });
    if (mode == "ANY" && choice.allowed.size() == 1) {
        choice.mode = ToolChoice::Mode::Named;
        choice.name = choice.allowed.takeFirst();
    } else if (mode == "ANY") {
        choice.mode = ToolChoice::Mode::Required;
    } else if (mode == "NONE") {
        choice.mode = ToolChoice::Mode::None;
    } else if (mode == "AUTO" || mode == "VALIDATED") {
        choice.mode = ToolChoice::Mode::Auto;
        if (mode == "VALIDATED")
            keep(native, Dialect::Gemini, "toolConfig.functionCallingConfig.mode", "\"VALIDATED\"");
    }
    keepRest(native, config, {"mode", "allowedFunctionNames"}, "toolConfig.functionCallingConfig.");
}

void readThinking(JsonValue config, Request &request)
{
    if (!config.isObject())
        return;
    ReasoningSpec &spec = request.reasoning;
    if (const auto shown = member(config, "includeThoughts").boolean())
        spec.show = *shown ? ReasoningSpec::Show::Summary : ReasoningSpec::Show::None;
    if (const auto budget = integer(member(config, "thinkingBudget"))) {
        spec.budget = *budget;
        spec.mode = *budget == 0 ? ReasoningSpec::Mode::Off
            : *budget < 0        ? ReasoningSpec::Mode::Adaptive
                                 : ReasoningSpec::Mode::On;
    }
    if (const JsonValue level = member(config, "thinkingLevel"); level.isString()) {
        QByteArray name = level.string().toLower();
        if (name.startsWith("thinking_level_"))
            name = name.mid(15);
        if (name != "unspecified") {
            spec.effort = name;
            spec.mode = ReasoningSpec::Mode::On;
        }
    }
    keepRest(request.native, config, {"includeThoughts", "thinkingBudget", "thinkingLevel"},
             "generationConfig.thinkingConfig.");
}

void readFormat(JsonValue config, Request &request)
{
    OutputFormat &format = request.format;
    const QByteArray mime = member(config, "responseMimeType").string();
    const JsonValue json = member(config, "responseJsonSchema");
    const JsonValue openApi = member(config, "responseSchema");
    if (json.isSet()) {
        format.kind = OutputFormat::Kind::Schema;
        format.schema = json.json();
    } else if (openApi.isSet()) {
        format.kind = OutputFormat::Kind::Schema;
        format.schema = cleanSchema(openApi.raw(), SchemaFlavour::Plain).value_or(openApi.json());
        keep(request.native, Dialect::Gemini, "generationConfig.responseSchema", openApi.json());
    } else if (mime == "application/json") {
        format.kind = OutputFormat::Kind::JsonObject;
    } else if (mime == "text/plain") {
        format.kind = OutputFormat::Kind::Text;
    }
    const bool usual = mime == "application/json" || mime == "text/plain";
    if (!mime.isEmpty()
        && (!usual || (format.kind == OutputFormat::Kind::Schema && mime[0] == 't')))
        keep(request.native, Dialect::Gemini, "generationConfig.responseMimeType",
             member(config, "responseMimeType").json());
}

} // namespace

void readTools(JsonValue root, Request &request)
{
    each(member(root, "tools"), [&](JsonValue tool) { readTool(tool, request.tools); });
    const JsonValue config = member(root, "toolConfig");
    readChoice(member(config, "functionCallingConfig"), request.toolChoice, request.native);
    keepRest(request.native, config, {"functionCallingConfig"}, "toolConfig.");
}

Result<void> readGenerationConfig(JsonValue config, Request &request)
{
    if (!config.isObject())
        return {};
    Sampling &sampling = request.sampling;
    sampling.temperature = digits(member(config, "temperature"));
    sampling.topP = digits(member(config, "topP"));
    sampling.topK = digits(member(config, "topK"));
    sampling.presencePenalty = digits(member(config, "presencePenalty"));
    sampling.frequencyPenalty = digits(member(config, "frequencyPenalty"));
    sampling.seed = digits(member(config, "seed"));
    sampling.logprobs = member(config, "responseLogprobs").boolean();
    sampling.topLogprobs = digits(member(config, "logprobs"));
    request.candidates = integer(member(config, "candidateCount"));
    request.maxOutput = integer(member(config, "maxOutputTokens"));
    if (request.maxOutput && *request.maxOutput < 0) {
        return failure(invalid(QStringLiteral("'maxOutputTokens' must not be negative."),
                               "generationConfig.maxOutputTokens"));
    }
    each(member(config, "stopSequences"), [&](JsonValue sequence) {
        if (sequence.isString())
            request.stop << sequence.string();
    });
    each(member(config, "responseModalities"), [&](JsonValue modality) {
        if (modality.isString())
            request.modalities << modality.string().toLower();
    });
    readThinking(member(config, "thinkingConfig"), request);
    readFormat(config, request);
    keepRest(request.native, config,
             {"temperature", "topP", "topK", "presencePenalty", "frequencyPenalty", "seed",
              "responseLogprobs", "logprobs", "candidateCount", "maxOutputTokens", "stopSequences",
              "responseModalities", "thinkingConfig", "responseMimeType", "responseSchema",
              "responseJsonSchema"},
             "generationConfig.");
    return {};
}

} // namespace tollgate::codecs::gemini
