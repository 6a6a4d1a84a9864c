// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/limits.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::messages {
namespace {

constexpr std::size_t kMostMarks = 4;
constexpr double kLeastThinkingTopP = 0.95; // Anthropic's documentation

struct Unsayable
{
    QByteArray Sampling::*member;
    QByteArrayView name;
};
constexpr std::array kUnsayable{
    Unsayable{&Sampling::minP, "min_p"},
    Unsayable{&Sampling::presencePenalty, "presence_penalty"},
    Unsayable{&Sampling::frequencyPenalty, "frequency_penalty"},
    Unsayable{&Sampling::repetitionPenalty, "repetition_penalty"},
    Unsayable{&Sampling::seed, "seed"},
    Unsayable{&Sampling::logitBias, "logit_bias"},
    Unsayable{&Sampling::topLogprobs, "top_logprobs"},
};

bool isBlank(const QByteArray &text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
}

} // namespace

Result<void> checkRequest(const Request &request, Dropped &dropped)
{
    if (request.candidates.value_or(1) > 1)
        return refused(QStringLiteral("This provider gives one answer a request: ask with n = 1."),
                       "n");
    if (!request.previousResponseId.isEmpty())
        return refused(QStringLiteral("This provider keeps no conversations: send the whole "
                                      "conversation instead of the id of the answer before."),
                       "previous_response_id");
    bool text = request.modalities.isEmpty();
    for (const QByteArray &modality : request.modalities) {
        if (modality.compare("text", Qt::CaseInsensitive) == 0)
            text = true;
        else
            dropped.note("modalities");
    }
    if (!text)
        return refused(QStringLiteral("This provider answers in text only."), "modalities");
    for (const Unsayable &one : kUnsayable) {
        if (!(request.sampling.*one.member).isEmpty())
            dropped.note(one.name.toByteArray());
    }
    if (request.sampling.logprobs.value_or(false))
        dropped.note("logprobs");
    if (!request.verbosity.isEmpty())
        dropped.note("verbosity");
    if (!request.metadata.isEmpty())
        dropped.note("metadata");
    if (!request.cacheKey.isEmpty())
        dropped.note("prompt_cache_key");
    if (request.store.value_or(false))
        dropped.note("store");
    return {};
}

FitSampling fitSampling(const Sampling &sampling, const Target &target, bool thinks, bool own,
                        Dropped &dropped)
{
    const bool taken = target.takesSampling;
    FitSampling fit{sampling.temperature, sampling.topP, sampling.topK};
    const auto leave = [&](QByteArray &member, const char *name, double usual) {
        if (own && taken && member.toDouble() == usual) // harmless, and as its client wrote it
            return;
        if (!member.isEmpty() && member.toDouble() != usual)
            dropped.note(name);
        member.clear();
    };
    constexpr double kNoUsual = -1;
    if (!taken || thinks)
        leave(fit.temperature, "temperature", 1);
    if (!taken || (thinks && !fit.topP.isEmpty() && fit.topP.toDouble() < kLeastThinkingTopP))
        leave(fit.topP, "top_p", 1);
    if (!taken || thinks)
        leave(fit.topK, "top_k", kNoUsual);
    if (!fit.temperature.isEmpty() && fit.temperature.toDouble() > 1)
        fit.temperature = "1";
    // Several models refuse the two together; of the two the temperature says more.
    if (!own && !target.takesTemperatureAndTopP && !fit.temperature.isEmpty()
        && !fit.topP.isEmpty())
        leave(fit.topP, "top_p", 1);
    return fit;
}

QByteArrayList stopSequences(const QByteArrayList &stop, Dropped &dropped)
{
    QByteArrayList taken;
    for (const QByteArray &sequence : stop) {
        if (isBlank(sequence))
            dropped.note("stop");
        else
            taken.append(sequence);
    }
    return taken;
}

QByteArray serviceTierOf(const QByteArray &tier, Dropped &dropped)
{
    if (tier == "auto" || tier == "priority")
        return "auto";
    if (tier == "default" || tier == "flex" || tier == "standard" || tier == "standard_only")
        return "standard_only";
    if (!tier.isEmpty())
        dropped.note("service_tier");
    return {};
}

void limitCacheMarks(Arranged &arranged, std::vector<Tool> &tools, Dropped &dropped)
{
    std::vector<std::optional<CacheMark> *> marks; // in the order of the prefix
    const auto collect = [&marks](auto &list) {
        for (auto &one : list) {
            if (one.cache)
                marks.push_back(&one.cache);
        }
    };
    collect(tools);
    collect(arranged.system);
    for (Message &turn : arranged.turns) {
        for (Part &part : turn.parts) {
            // Thinking cannot carry a mark.
            if (std::holds_alternative<Reasoning>(part.body))
                part.cache.reset();
        }
        collect(turn.parts);
    }
    if (marks.size() <= kMostMarks)
        return;
    dropped.note("cache_control");
    for (std::size_t i = 0; i + kMostMarks < marks.size(); ++i)
        marks[i]->reset();
}

} // namespace tollgate::codecs::messages
