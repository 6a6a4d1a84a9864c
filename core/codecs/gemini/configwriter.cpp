// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/request.h"
#include "core/conversation/effort.h"
#include "core/conversation/schema.h"

#include <algorithm>

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

constexpr std::int64_t kLeastBudget = 128; // of models that cannot do without thinking
constexpr qsizetype kMostStops = 5;

void number(JsonWriter &out, QByteArrayView name, const QByteArray &digits)
{
    if (!digits.isEmpty())
        out.key(name).raw(digits);
}

void writeOwnThinking(JsonWriter &out, const ReasoningSpec &spec)
{
    if (spec.budget)
        out.member("thinkingBudget", *spec.budget);
    if (!spec.effort.isEmpty())
        out.member("thinkingLevel", spec.effort.toUpper());
    if (spec.show != ReasoningSpec::Show::Unset)
        out.member("includeThoughts", spec.show != ReasoningSpec::Show::None);
}

bool isOff(const ReasoningSpec &spec)
{
    return spec.mode == ReasoningSpec::Mode::Off || spec.effort == "none"
        || (spec.effort.isEmpty() && spec.budget == 0);
}

QByteArray levelOf(const ReasoningSpec &spec, const Target &target)
{
    QByteArray effort = spec.effort;
    if (isOff(spec))
        effort = "minimal";
    else if (effort.isEmpty() && spec.budget)
        effort = effortOfBudget(*spec.budget);
    if (effort.isEmpty())
        return {};
    const QByteArrayList usual{"minimal", "low", "medium", "high"};
    return nearestEffort(effort, target.efforts.isEmpty() ? usual : target.efforts).toUpper();
}

std::int64_t budgetOf(const ReasoningSpec &spec, const Target &target)
{
    if (isOff(spec))
        return target.alwaysThinks ? kLeastBudget : 0;
    if (spec.budget)
        return *spec.budget;
    if (spec.effort.isEmpty())
        return -1;
    const std::int64_t budget = budgetOfEffort(spec.effort, BudgetScale::Gemini);
    return target.alwaysThinks ? std::max(budget, kLeastBudget) : budget;
}

void writeThinking(JsonWriter &out, Plan &plan)
{
    constexpr QByteArrayView kPrefix = "generationConfig.thinkingConfig.";
    const ReasoningSpec &spec = plan.request.reasoning;
    const bool asked = spec.mode != ReasoningSpec::Mode::Unset || !spec.effort.isEmpty()
        || spec.budget || spec.show != ReasoningSpec::Show::Unset;
    if (!asked && !hasKept(plan.request.native, kPrefix))
        return;
    out.key("thinkingConfig").beginObject();
    if (plan.own) {
        writeOwnThinking(out, spec);
    } else {
        const bool says
            = spec.mode != ReasoningSpec::Mode::Unset || !spec.effort.isEmpty() || spec.budget;
        if (says && plan.target.thinkingLevels) {
            if (const QByteArray level = levelOf(spec, plan.target); !level.isEmpty())
                out.member("thinkingLevel", level);
        } else if (says) {
            out.member("thinkingBudget", budgetOf(spec, plan.target));
        }
        out.member("includeThoughts",
                   spec.show != ReasoningSpec::Show::None && !(says && isOff(spec)));
    }
    writeKept(out, plan.request.native, kPrefix);
    out.endObject();
}

Result<void> writeFormat(JsonWriter &out, Plan &plan)
{
    const OutputFormat &format = plan.request.format;
    const QByteArray mime = kept(plan.request.native, "generationConfig.responseMimeType");
    if (plan.schemaInWords) {
        if (plan.functions.empty())
            out.member("responseMimeType", "application/json");
        return {};
    }
    if (!mime.isEmpty())
        out.key("responseMimeType").raw(mime);
    else if (format.kind == OutputFormat::Kind::Text)
        out.member("responseMimeType", "text/plain");
    else if (format.kind != OutputFormat::Kind::Unset)
        out.member("responseMimeType", "application/json");
    if (format.kind != OutputFormat::Kind::Schema)
        return {};
    const QByteArray given = kept(plan.request.native, "generationConfig.responseSchema");
    if (!given.isEmpty()) {
        out.key("responseSchema").raw(given);
        return {};
    }
    const bool json = plan.target.jsonSchemaTools;
    if (plan.own && json) {
        out.key("responseJsonSchema").raw(format.schema);
        return {};
    }
    const auto fit = cleanSchema(format.schema,
                                 json ? SchemaFlavour::GeminiJson : SchemaFlavour::GeminiOpenApi);
    if (!fit) {
        Error error = fit.error();
        error.param = "response_format";
        return failure(std::move(error));
    }
    out.key(json ? "responseJsonSchema" : "responseSchema").raw(*fit);
    return {};
}

void writeSampling(JsonWriter &out, Plan &plan)
{
    const Sampling &sampling = plan.request.sampling;
    const auto take
        = [&](bool takes, QByteArrayView name, const char *canonical, const QByteArray &digits) {
              if (takes)
                  number(out, name, digits);
              else if (!digits.isEmpty())
                  plan.dropped.note(canonical);
          };
    const bool takes = plan.target.takesSampling;
    take(takes, "temperature", "temperature", sampling.temperature);
    take(takes, "topP", "top_p", sampling.topP);
    take(takes, "topK", "top_k", sampling.topK);
    take(takes, "presencePenalty", "presence_penalty", sampling.presencePenalty);
    take(takes, "frequencyPenalty", "frequency_penalty", sampling.frequencyPenalty);
    take(false, {}, "min_p", sampling.minP);
    take(false, {}, "repetition_penalty", sampling.repetitionPenalty);
    take(false, {}, "logit_bias", sampling.logitBias);
    std::int64_t seed = 0;
    const bool fits = protocol::toInteger(sampling.seed, seed)
        && seed >= std::numeric_limits<std::int32_t>::min()
        && seed <= std::numeric_limits<std::int32_t>::max();
    take(fits || plan.own, "seed", "seed", sampling.seed);
    if (sampling.logprobs)
        out.member("responseLogprobs", *sampling.logprobs);
    number(out, "logprobs", sampling.topLogprobs);
}

} // namespace

QByteArray formInWords(const OutputFormat &format)
{
    QByteArray words = "Answer with one JSON object and nothing else: no prose, no code fence.";
    if (format.kind == OutputFormat::Kind::Schema) {
        if (!format.description.isEmpty())
            words += ' ' + format.description;
        words += " It must be valid against this JSON Schema: " + format.schema;
    }
    return words;
}

Result<void> writeGenerationConfig(JsonWriter &out, Plan &plan)
{
    const Request &request = plan.request;
    JsonWriter config;
    config.beginObject();
    writeSampling(config, plan);
    if (request.candidates && (plan.own || *request.candidates != 1))
        config.member("candidateCount", *request.candidates);
    if (request.maxOutput) {
        const std::int64_t limit = plan.target.maxOutputTokens;
        config.member("maxOutputTokens",
                      !plan.own && limit > 0 ? std::min(*request.maxOutput, limit)
                                             : *request.maxOutput);
    }
    if (!request.stop.isEmpty()) {
        config.key("stopSequences").beginArray();
        for (qsizetype i = 0; i < request.stop.size() && (plan.own || i < kMostStops); ++i)
            config.string(request.stop[i]);
        config.endArray();
        if (!plan.own && request.stop.size() > kMostStops)
            plan.dropped.note("stop");
    }
    if (!request.modalities.isEmpty()) {
        config.key("responseModalities").beginArray();
        for (const QByteArray &modality : request.modalities)
            config.string(modality.toUpper());
        config.endArray();
    }
    if (auto written = writeFormat(config, plan); !written)
        return written;
    writeThinking(config, plan);
    writeKept(config, request.native, "generationConfig.", {"responseSchema", "responseMimeType"});
    config.endObject();
    if (const QByteArray text = config.take(); text != "{}")
        out.key("generationConfig").raw(text);
    return {};
}

} // namespace tollgate::codecs::gemini
