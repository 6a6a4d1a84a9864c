// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/estimate.h"

#include <algorithm>
#include <limits>

namespace tollgate::relay {
namespace {

// Input may be written to a cache at a higher rate than fresh input costs, and a tier may apply:
// the dearest rate that any input token of this request can meet.
PicoUsd dearestInput(const ledger::Price &price, std::int64_t tokens)
{
    const auto dearest = [](const ledger::Rates &rates) {
        return std::max({rates.input, rates.cacheWrite5m, rates.cacheWrite1h, rates.audioInput,
                         rates.imageInput});
    };
    PicoUsd rate = dearest(price.rates);
    for (const ledger::Tier &tier : price.tiers) {
        if (tokens > tier.aboveInputTokens)
            rate = std::max(rate, dearest(tier.rates));
    }
    return rate;
}

PicoUsd dearestOutput(const ledger::Price &price, std::int64_t inputTokens)
{
    const auto dearest = [](const ledger::Rates &rates) {
        return std::max({rates.output, rates.reasoning, rates.audioOutput, rates.imageOutput});
    };
    PicoUsd rate = dearest(price.rates);
    for (const ledger::Tier &tier : price.tiers) {
        if (inputTokens > tier.aboveInputTokens)
            rate = std::max(rate, dearest(tier.rates));
    }
    return rate;
}

std::int64_t wantedOutput(const ledger::Price *price, const protocol::Peek &peek,
                          const RelaySettings &settings)
{
    const std::int64_t known = price ? price->maxOutputTokens : 0;
    const std::int64_t each
        = peek.maxOutput.value_or(known > 0 ? known : settings.defaultOutputTokens);
    return checkedMultiply(each, std::max<std::int64_t>(peek.choices, 1))
        .value_or(std::numeric_limits<std::int64_t>::max());
}

// What cannot be limited is held for as a whole. The dearest picture is 6,240 tokens; a second of
// speech is about fifteen letters, and fewer than fifty tokens; a transcript is shorter than its
// sound; a compaction than its conversation.
std::int64_t madeTokens(protocol::Operation operation, const protocol::Peek &peek)
{
    using protocol::Operation;
    switch (operation) {
    case Operation::Image:
        return 8'192 * std::max<std::int64_t>(peek.choices, 1);
    case Operation::Speak:
        return 64 + std::min<std::int64_t>(peek.inputTokensCeiling, 100'000) * 4;
    case Operation::Transcribe:
    case Operation::Compact:
        return std::min<std::int64_t>(peek.inputTokensCeiling, 32'768);
    default:
        return 0;
    }
}

// No vendor answers with more than this at once.
constexpr std::int64_t kMostOutput = 10'000'000;

// Numbers that were negative, cut or shrank are believed only as far as this request allows.
void clampToOwnCount(TokenCounts &told, const protocol::Peek &peek, const TokenCounts &own)
{
    if (told.totalInput() == 0 || told.totalInput() > peek.inputTokensCeiling) {
        told.input = own.input;
        told.cacheRead = told.cacheWrite5m = told.cacheWrite1h = 0;
        told.audioInput = told.imageInput = 0;
    }
    const std::int64_t most = peek.maxOutput
        ? checkedMultiply(*peek.maxOutput, std::max<std::int64_t>(peek.choices, 1))
              .value_or(kMostOutput)
        : kMostOutput;
    if (told.totalOutput() == 0 || told.totalOutput() > std::min(most, kMostOutput)) {
        told.output = own.output;
        told.reasoning = told.audioOutput = told.imageOutput = 0;
    }
}

} // namespace

bool isBilledByUnits(const ledger::Price &price)
{
    return price.units.any() && price.rates == ledger::Rates() && price.tiers.empty();
}

bool covers(const ledger::Price &price, protocol::Operation operation)
{
    if (!isBilledByUnits(price) || isFree(operation))
        return true;
    switch (operation) {
    case protocol::Operation::Image:
        return price.units.imageRate({}).value >= 0;
    case protocol::Operation::Speak:
        return price.units.character.value >= 0 || price.units.audioOutputSecond.value >= 0;
    case protocol::Operation::Transcribe:
        return price.units.audioInputSecond.value >= 0;
    case protocol::Operation::Rerank:
        return price.units.search.value >= 0;
    default:
        return false;
    }
}

bool isFree(protocol::Operation operation)
{
    return operation == protocol::Operation::CountTokens
        || operation == protocol::Operation::Moderate;
}

Result<void> estimateHold(ledger::HoldRequest &request, const ledger::Price *price,
                          const protocol::Endpoint &endpoint, const protocol::Peek &peek,
                          const RelaySettings &settings, const UnitCounts &mostUnits)
{
    if (endpoint.operation == protocol::Operation::Generate) {
        request.outputTokens = wantedOutput(price, peek, settings);
        request.minimumOutputTokens = std::min(request.outputTokens, settings.minimumOutputTokens);
    }
    if (const auto made = madeTokens(endpoint.operation, peek); made > 0)
        request.outputTokens = request.minimumOutputTokens = made;
    if (!price || isFree(endpoint.operation))
        return {};
    const PicoUsd rate = dearestInput(*price, peek.inputTokensCeiling);
    const auto input = checkedMultiply(rate.value, peek.inputTokensCeiling);
    const auto units = ledger::unitCostOf(price->units, mostUnits);
    const auto fees
        = units ? checkedAdd(units->value, price->rates.perRequest.value) : std::nullopt;
    const auto sum = input && fees ? checkedAdd(*input, *fees) : std::nullopt;
    const auto fixed = sum ? roundUp(PicoUsd{*sum}) : std::nullopt;
    if (!fixed) {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("The request is too large to be priced; send less input."));
    }
    request.fixed = *fixed;
    request.perOutputToken = dearestOutput(*price, peek.inputTokensCeiling);
    return {};
}

UsedTokens tokensUsed(const protocol::AnswerFacts &facts, const protocol::Peek &peek,
                      qsizetype bodyBytes, bool complete)
{
    UsedTokens used;
    const std::int64_t seenOutput = protocol::estimateTokens(facts.outputBytes);
    TokenCounts own;
    own.input = std::min(peek.inputTokensCeiling, protocol::estimateTokens(bodyBytes));
    own.output = seenOutput;
    if (facts.usage) {
        used.counts = *facts.usage;
        if (facts.usageEstimated)
            used.flags |= store::Estimated;
        if (facts.usageSuspect) {
            used.flags |= store::Clamped;
            clampToOwnCount(used.counts, peek, own);
        }
        // A broken stream may have told its input and only the start of its output.
        if (!complete && used.counts.totalOutput() < seenOutput) {
            used.counts.output += seenOutput - used.counts.totalOutput();
            used.flags |= store::Estimated;
        }
        return used;
    }
    used.counts = own;
    used.flags |= store::Estimated;
    return used;
}

} // namespace tollgate::relay
