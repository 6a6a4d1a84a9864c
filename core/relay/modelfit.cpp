// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/modelfit.h"

namespace tollgate::relay {
namespace {

using conversation::ReasoningSpec;
using ledger::ModelTraits;

bool takesSampling(ModelTraits::Sampling sampling, const ReasoningSpec &asked)
{
    using Mode = ReasoningSpec::Mode;
    const bool off = asked.mode == Mode::Off || asked.effort == "none" || asked.budget == 0;
    const bool unasked = asked.mode == Mode::Unset && asked.effort.isEmpty() && !asked.budget;
    switch (sampling) {
    case ModelTraits::Sampling::Never:
        return false;
    case ModelTraits::Sampling::ReasoningOff:
        return off;
    case ModelTraits::Sampling::ReasoningUnasked:
        return off || unasked;
    case ModelTraits::Sampling::Unknown:
    case ModelTraits::Sampling::Always:
        break;
    }
    return true;
}

} // namespace

void fitToModel(conversation::Target &target, const ModelTraits &traits, const ReasoningSpec &asked)
{
    const auto refuse
        = [](bool &takes, std::optional<bool> can) { takes = takes && can.value_or(true); };
    refuse(target.takesSampling, takesSampling(traits.sampling, asked));
    refuse(target.takesJsonSchema, traits.structuredOutput);
    refuse(target.takesRequiredChoice, traits.forcedTools);
    refuse(target.jsonSchemaTools, traits.jsonSchemaTools);
    refuse(target.takesPrefill, traits.prefill);
    refuse(target.takesReasoning, traits.reasoning != ModelTraits::Reasoning::None);

    const auto allow
        = [](bool &does, std::optional<bool> can) { does = does || can.value_or(false); };
    allow(target.adaptiveThinking, traits.adaptiveThinking);
    allow(target.thinkingLevels, traits.thinkingLevels);
    allow(target.signsCalls, traits.signsCalls);
    allow(target.midConversationSystem, traits.midConversationSystem);
    allow(target.takesTemperatureAndTopP, traits.temperatureAndTopP);
    allow(target.alwaysThinks, traits.reasoning == ModelTraits::Reasoning::Always);

    if (target.maxOutputTokens == 0)
        target.maxOutputTokens = traits.maxOutputTokens;
    if (target.efforts.isEmpty())
        target.efforts = traits.efforts;
}

} // namespace tollgate::relay
