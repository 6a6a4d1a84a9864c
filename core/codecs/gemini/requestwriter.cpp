// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/request.h"

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

void writeTier(JsonWriter &out, Plan &plan)
{
    const QByteArray &tier = plan.request.serviceTier;
    if (tier.isEmpty() || tier == "auto")
        return;
    if (tier == "default")
        out.member("serviceTier", "standard");
    else if (plan.own || tier == "flex" || tier == "priority")
        out.member("serviceTier", tier);
    else
        plan.dropped.note("service_tier");
}

// What no request to Gemini can say.
void noteRest(Plan &plan)
{
    const Request &request = plan.request;
    const auto note = [&](bool said, const char *name) {
        if (said)
            plan.dropped.note(name);
    };
    note(!request.verbosity.isEmpty(), "verbosity");
    note(!request.userId.isEmpty(), "user");
    note(!request.metadata.isEmpty(), "metadata");
    note(!request.cacheKey.isEmpty(), "prompt_cache_key");
    note(request.cache.has_value(), "cache_control");
    note(request.store.value_or(false), "store");
    note(!request.previousResponseId.isEmpty(), "previous_response_id");
    for (const QByteArray &name : foreignNames(request.native, Dialect::Gemini))
        plan.dropped.note(name);
}

} // namespace

Result<EncodedRequest> writeRequest(const Request &request, const Target &target)
{
    Plan plan = planOf(request, target);
    JsonWriter out;
    out.beginObject();
    if (auto written = writeMessages(out, plan); !written)
        return failure(std::move(written.error()));
    if (auto written = writeTools(out, plan); !written)
        return failure(std::move(written.error()));
    writeToolConfig(out, plan);
    if (auto written = writeGenerationConfig(out, plan); !written)
        return failure(std::move(written.error()));
    writeTier(out, plan);
    writeKept(out, request.native);
    noteRest(plan);
    out.endObject();
    return EncodedRequest{out.take(), std::move(plan.dropped)};
}

} // namespace tollgate::codecs::gemini
