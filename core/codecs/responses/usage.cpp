// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/usage.h"

#include "core/codecs/responses/wire.h"

namespace tollgate::codecs::responses {
namespace {

constexpr QByteArrayView kInputDetails = "input_tokens_details";
constexpr QByteArrayView kOutputDetails = "output_tokens_details";

void keepDetails(Usage &usage, JsonValue object, QByteArrayView name,
                 std::initializer_list<QByteArrayView> known)
{
    if (QByteArray rest = leftover(object[name], known); !rest.isEmpty())
        keep(usage.native, Dialect::Responses, name, std::move(rest));
}

} // namespace

Usage readUsage(JsonValue object)
{
    protocol::UsageFigures figures;
    const QByteArray json = object.json();
    protocol::JsonReader reader(json);
    figures.read(reader, Dialect::Responses);
    Usage usage;
    usage.counts = figures.counts(Dialect::Responses);
    usage.suspect = figures.suspect();
    keepUnknown(usage.native, Dialect::Responses, object,
                {"input_tokens", "output_tokens", "total_tokens", kInputDetails, kOutputDetails});
    keepDetails(usage, object, kInputDetails, {"cached_tokens", "cache_write_tokens"});
    keepDetails(usage, object, kOutputDetails, {"reasoning_tokens"});
    return usage;
}

void writeUsage(JsonWriter &out, const std::optional<Usage> &usage)
{
    if (!usage) {
        out.null();
        return;
    }
    const TokenCounts &counts = usage->counts;
    out.beginObject().member("input_tokens", counts.totalInput());
    out.key(kInputDetails).beginObject().member("cached_tokens", counts.cacheRead);
    out.member("cache_write_tokens", counts.cacheWrite5m + counts.cacheWrite1h);
    writeLeftover(out, nativeOf(usage->native, Dialect::Responses, kInputDetails));
    out.endObject().member("output_tokens", counts.totalOutput());
    out.key(kOutputDetails).beginObject().member("reasoning_tokens", counts.reasoning);
    writeLeftover(out, nativeOf(usage->native, Dialect::Responses, kOutputDetails));
    out.endObject().member("total_tokens", counts.total());
    writeNative(out, usage->native, Dialect::Responses, {kInputDetails, kOutputDetails});
    out.endObject();
}

} // namespace tollgate::codecs::responses
