// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/names.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::chat {
namespace {

struct Finish
{
    QByteArrayView name;
    StopReason reason;
};

// OpenAI's, then what compatible vendors and gateways were seen to send.
constexpr std::array kFinishes{
    Finish{"stop", StopReason::End},
    Finish{"length", StopReason::MaxTokens},
    Finish{"tool_calls", StopReason::ToolUse},
    Finish{"content_filter", StopReason::ContentFilter},
    Finish{"function_call", StopReason::ToolUse},
    Finish{"eos", StopReason::End},
    Finish{"eos_token", StopReason::End},
    Finish{"end_turn", StopReason::End},
    Finish{"complete", StopReason::End},
    Finish{"completed", StopReason::End},
    Finish{"stop_sequence", StopReason::StopSequence},
    Finish{"max_tokens", StopReason::MaxTokens},
    Finish{"max_output_tokens", StopReason::MaxTokens},
    Finish{"model_length", StopReason::ContextFull},
    Finish{"model_context_window_exceeded", StopReason::ContextFull},
    Finish{"tool_use", StopReason::ToolUse},
    Finish{"tool_call", StopReason::ToolUse},
    Finish{"sensitive", StopReason::ContentFilter},
    Finish{"safety", StopReason::ContentFilter},
    Finish{"refusal", StopReason::Refusal},
    Finish{"recitation", StopReason::Recitation},
    Finish{"malformed_function_call", StopReason::BadToolCall},
    Finish{"error", StopReason::Error},
    Finish{"network_error", StopReason::Error},
    Finish{"insufficient_system_resource", StopReason::Error},
    Finish{"abort", StopReason::Cancelled},
    Finish{"cancelled", StopReason::Cancelled},
};

int lifeOf(const QByteArray &ttl)
{
    bool good = false;
    const int number = ttl.chopped(ttl.isEmpty() ? 0 : 1).toInt(&good);
    if (!good || number <= 0 || number > 100)
        return 0;
    return ttl.endsWith('h') ? number * 3600 : ttl.endsWith('m') ? number * 60 : 0;
}

} // namespace

Stop stopOf(QByteArray native, bool calls)
{
    Stop stop;
    const QByteArray lower = native.toLower();
    const auto at = std::find_if(kFinishes.begin(), kFinishes.end(),
                                 [&](const Finish &finish) { return finish.name == lower; });
    if (at != kFinishes.end())
        stop.reason = at->reason;
    else if (!native.isEmpty())
        stop.reason = StopReason::Other;
    if (calls && (stop.reason == StopReason::End || stop.reason == StopReason::None))
        stop.reason = StopReason::ToolUse;
    stop.native = std::move(native);
    return stop;
}

QByteArray finishReason(const Stop &stop)
{
    switch (stop.reason) {
    case StopReason::MaxTokens:
    case StopReason::ContextFull:
        return "length";
    case StopReason::ToolUse:
        return "tool_calls";
    case StopReason::ContentFilter:
    case StopReason::Refusal:
    case StopReason::Recitation:
    case StopReason::Blocked:
        return "content_filter";
    default:
        return "stop";
    }
}

std::optional<CacheMark> readCacheMark(JsonValue object)
{
    if (const JsonValue control = object["cache_control"]; control.isObject())
        return CacheMark{lifeOf(control["ttl"].string())};
    if (const JsonValue breakpoint = object["prompt_cache_breakpoint"]; breakpoint.isObject())
        return CacheMark{};
    return {};
}

bool writeCacheMark(JsonWriter &out, const std::optional<CacheMark> &mark, const Native &bag,
                    bool cacheControl)
{
    if (!mark)
        return true;
    for (const char *name : {"cache_control", "prompt_cache_breakpoint"}) {
        if (const QByteArray spelt = nativeOf(bag, Dialect::Chat, name); !spelt.isEmpty()) {
            out.key(name).raw(spelt);
            return true;
        }
    }
    if (!cacheControl)
        return false;
    constexpr int kHour = 3600;
    out.key("cache_control").beginObject().member("type", "ephemeral");
    if (mark->ttlS >= kHour)
        out.member("ttl", "1h");
    out.endObject();
    return true;
}

QByteArray listElements(JsonValue list)
{
    if (!list.isArray() || list.size() == 0)
        return {};
    const QByteArrayView raw = list.raw();
    return raw.sliced(1, raw.size() - 2).trimmed().toByteArray();
}

QByteArray readLogprobs(JsonValue logprobs)
{
    if (!logprobs.isObject() || logprobs.size() == 0)
        return {};
    const JsonValue content = logprobs["content"];
    const JsonValue refusal = logprobs["refusal"];
    if (!content && !refusal) // the arrays of legacy completions
        return logprobs.json();
    const auto list = [](JsonValue value) {
        const QByteArray elements = listElements(value);
        return elements.isEmpty() ? QByteArray("null") : '[' + elements + ']';
    };
    if (!content.isSet() && !refusal.isSet())
        return {};
    return "{\"content\":" + list(content) + ",\"refusal\":" + list(refusal) + '}';
}

std::int64_t codePoints(QByteArrayView utf8)
{
    return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

} // namespace tollgate::codecs::chat
