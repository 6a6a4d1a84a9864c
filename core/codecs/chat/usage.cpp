// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/usage.h"

#include "core/protocol/jsonreader.h"

#include <algorithm>

namespace tollgate::codecs::chat {
namespace {

constexpr QByteArrayView kInputDetails = "prompt_tokens_details";
constexpr QByteArrayView kOutputDetails = "completion_tokens_details";

// Those that writeUsage() tells from the counts; image_tokens only where there are any.
bool isWritten(const QByteArray &name, JsonValue value)
{
    if (name == "image_tokens")
        return value.integer().value_or(0) > 0;
    return name == "cached_tokens" || name == "cache_write_tokens" || name == "audio_tokens"
        || name == "reasoning_tokens";
}

void put(Native &bag, QByteArray name, JsonValue value)
{
    for (NativeMember &member : bag) {
        if (member.name == name) {
            member.json = value.json();
            return;
        }
    }
    bag.push_back({Dialect::Chat, std::move(name), value.json()});
}

void writeFurther(JsonWriter &out, const Native &bag, QByteArrayView object)
{
    for (const NativeMember &member : bag) {
        if (member.owner == Dialect::Chat && member.name.startsWith(object.toByteArray() + '.'))
            out.key(QByteArrayView(member.name).sliced(object.size() + 1)).raw(member.json);
    }
}

} // namespace

void UsageReader::take(JsonValue usage)
{
    protocol::JsonReader reader(usage.raw());
    m_figures.read(reader, Dialect::Chat);
    for (const JsonValue member : usage) {
        if (!member.isSet())
            continue;
        const QByteArray name = member.key();
        if (name == kInputDetails || name == kOutputDetails) {
            for (const JsonValue detail : member) {
                if (detail.isSet() && !isWritten(detail.key(), detail))
                    put(m_native, name + '.' + detail.key(), detail);
            }
        } else if (name != "prompt_tokens" && name != "completion_tokens"
                   && name != "total_tokens") {
            put(m_native, name, member);
        }
    }
}

bool UsageReader::read(JsonValue completion)
{
    bool found = false;
    const auto look = [&](JsonValue usage) {
        if (usage.isObject()) {
            take(usage);
            found = true;
        }
    };
    look(completion["usage"]);
    look(completion["x_groq"]["usage"]);
    for (const JsonValue choice : completion["choices"]) // Moonshot of old
        look(choice["usage"]);
    return found && reported();
}

Usage UsageReader::usage()
{
    Usage usage;
    usage.counts = m_figures.counts(Dialect::Chat);
    usage.suspect = m_figures.suspect();
    usage.native = m_native;
    // In one order, wherever the vendor put them: the same report gives the same bytes.
    std::sort(usage.native.begin(), usage.native.end(),
              [](const NativeMember &a, const NativeMember &b) { return a.name < b.name; });
    return usage;
}

void writeUsage(JsonWriter &out, const Usage &usage)
{
    const TokenCounts &counts = usage.counts;
    out.beginObject();
    out.member("prompt_tokens", counts.totalInput());
    out.member("completion_tokens", counts.totalOutput());
    out.member("total_tokens", counts.total());
    out.key(kInputDetails).beginObject();
    out.member("cached_tokens", counts.cacheRead);
    out.member("cache_write_tokens", counts.cacheWrite5m + counts.cacheWrite1h);
    out.member("audio_tokens", counts.audioInput);
    if (counts.imageInput > 0)
        out.member("image_tokens", counts.imageInput);
    writeFurther(out, usage.native, kInputDetails);
    out.endObject();
    out.key(kOutputDetails).beginObject();
    out.member("reasoning_tokens", counts.reasoning);
    out.member("audio_tokens", counts.audioOutput);
    if (counts.imageOutput > 0)
        out.member("image_tokens", counts.imageOutput);
    writeFurther(out, usage.native, kOutputDetails);
    out.endObject();
    for (const NativeMember &member : usage.native) {
        if (member.owner == Dialect::Chat && !member.name.startsWith(kInputDetails.toByteArray())
            && !member.name.startsWith(kOutputDetails.toByteArray()))
            out.key(member.name).raw(member.json);
    }
    out.endObject();
}

} // namespace tollgate::codecs::chat
