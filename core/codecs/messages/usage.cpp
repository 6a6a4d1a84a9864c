// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/usage.h"

#include <algorithm>

namespace tollgate::codecs::messages {

void UsageTally::read(JsonValue usage)
{
    if (!usage.isObject())
        return;
    protocol::JsonReader reader(usage.raw());
    m_figures.read(reader, Dialect::Messages);
    m_reported = m_reported || m_figures.reported();
    if (m_serviceTier.isEmpty())
        m_serviceTier = usage["service_tier"].string();
    keepTold(m_native, usage,
             {"input_tokens", "output_tokens", "cache_creation_input_tokens",
              "cache_read_input_tokens", "cache_creation", "output_tokens_details",
              "service_tier"});
    settle(m_native);
}

Usage UsageTally::usage()
{
    Usage usage;
    usage.counts = m_figures.counts(Dialect::Messages);
    usage.suspect = m_figures.suspect();
    usage.native = m_native;
    return usage;
}

void writeUsage(JsonWriter &out, const std::optional<Usage> &usage, const QByteArray &serviceTier)
{
    const TokenCounts counts = usage ? usage->counts : TokenCounts{};
    out.beginObject();
    out.member("input_tokens", counts.input + counts.audioInput + counts.imageInput);
    out.member("cache_creation_input_tokens", counts.cacheWrite5m + counts.cacheWrite1h);
    out.member("cache_read_input_tokens", counts.cacheRead);
    out.key("cache_creation").beginObject();
    out.member("ephemeral_5m_input_tokens", counts.cacheWrite5m);
    out.member("ephemeral_1h_input_tokens", counts.cacheWrite1h).endObject();
    out.member("output_tokens", counts.totalOutput());
    if (counts.reasoning > 0) {
        out.key("output_tokens_details").beginObject();
        out.member("thinking_tokens", counts.reasoning).endObject();
    }
    if (serviceTier == "standard" || serviceTier == "priority" || serviceTier == "batch")
        out.member("service_tier", serviceTier);
    else if (serviceTier == "default")
        out.member("service_tier", "standard");
    if (usage)
        writeNative(out, usage->native, Dialect::Messages);
    out.endObject();
}

} // namespace tollgate::codecs::messages
