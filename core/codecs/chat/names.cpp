// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/names.h"

#include "core/conversation/stopwords.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::chat {
namespace {

// OpenAI's, then what compatible vendors and gateways were seen to send.
constexpr std::array kFinishes{
    StopWord{"stop", StopReason::End},
    StopWord{"length", StopReason::MaxTokens},
    StopWord{"tool_calls", StopReason::ToolUse},
    StopWord{"content_filter", StopReason::ContentFilter},
    StopWord{"function_call", StopReason::ToolUse},
    StopWord{"eos", StopReason::End},
    StopWord{"eos_token", StopReason::End},
    StopWord{"end_turn", StopReason::End},
    StopWord{"complete", StopReason::End},
    StopWord{"completed", StopReason::End},
    StopWord{"stop_sequence", StopReason::StopSequence},
    StopWord{"max_tokens", StopReason::MaxTokens},
    StopWord{"max_output_tokens", StopReason::MaxTokens},
    StopWord{"model_length", StopReason::ContextFull},
    StopWord{"model_context_window_exceeded", StopReason::ContextFull},
    StopWord{"tool_use", StopReason::ToolUse},
    StopWord{"tool_call", StopReason::ToolUse},
    StopWord{"sensitive", StopReason::ContentFilter},
    StopWord{"safety", StopReason::ContentFilter},
    StopWord{"refusal", StopReason::Refusal},
    StopWord{"recitation", StopReason::Recitation},
    StopWord{"malformed_function_call", StopReason::BadToolCall},
    StopWord{"error", StopReason::Error},
    StopWord{"network_error", StopReason::Error},
    StopWord{"insufficient_system_resource", StopReason::Error},
    StopWord{"abort", StopReason::Cancelled},
    StopWord{"cancelled", StopReason::Cancelled},
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
    stop.reason = reasonFor(kFinishes, native.toLower());
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
