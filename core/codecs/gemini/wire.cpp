// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/wire.h"

#include "core/conversation/stopwords.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::gemini {

using conversation::Stop;
using conversation::StopReason;
using conversation::StopWord;

namespace {

// The first word of a reason is what it is written as.
constexpr std::array kReasons{
    StopWord{"STOP", StopReason::End},
    StopWord{"STOP", StopReason::StopSequence},
    StopWord{"STOP", StopReason::ToolUse},
    StopWord{"MAX_TOKENS", StopReason::MaxTokens},
    StopWord{"MAX_TOKENS", StopReason::ContextFull},
    StopWord{"SAFETY", StopReason::ContentFilter},
    StopWord{"SAFETY", StopReason::Refusal},
    StopWord{"RECITATION", StopReason::Recitation},
    StopWord{"PROHIBITED_CONTENT", StopReason::Blocked},
    StopWord{"PROHIBITED_CONTENT", StopReason::ContentFilter},
    StopWord{"BLOCKLIST", StopReason::Blocked},
    StopWord{"SPII", StopReason::Blocked},
    StopWord{"IMAGE_SAFETY", StopReason::Blocked},
    StopWord{"IMAGE_PROHIBITED_CONTENT", StopReason::Blocked},
    StopWord{"IMAGE_RECITATION", StopReason::Recitation},
    StopWord{"MALFORMED_FUNCTION_CALL", StopReason::BadToolCall},
    StopWord{"UNEXPECTED_TOOL_CALL", StopReason::BadToolCall},
    StopWord{"TOO_MANY_TOOL_CALLS", StopReason::BadToolCall},
    StopWord{"FINISH_REASON_UNSPECIFIED", StopReason::None},
};

bool nameListed(QByteArrayView key, std::initializer_list<QByteArrayView> known)
{
    return std::any_of(known.begin(), known.end(),
                       [key](QByteArrayView name) { return sameName(key, name); });
}

} // namespace

bool sameName(QByteArrayView key, QByteArrayView camel)
{
    if (key == camel)
        return true;
    qsizetype at = 0;
    for (const char c : camel) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper && (at >= key.size() || key[at++] != '_'))
            return false;
        if (at >= key.size() || key[at++] != (upper ? static_cast<char>(c | 0x20) : c))
            return false;
    }
    return at == key.size();
}

JsonValue member(JsonValue object, QByteArrayView camel)
{
    JsonValue found;
    if (object.isObject()) {
        for (const JsonValue child : object) {
            if (sameName(child.key(), camel))
                found = child;
        }
    }
    return found;
}

std::optional<std::int64_t> integer(JsonValue value)
{
    if (!value.isString())
        return value.integer();
    std::int64_t number = 0;
    if (protocol::toInteger(value.string(), number))
        return number;
    return {};
}

QByteArray digits(JsonValue value)
{
    if (value.isNumber())
        return value.digits();
    const auto number = value.isString() ? integer(value) : std::nullopt;
    return number ? QByteArray::number(static_cast<qlonglong>(*number)) : QByteArray();
}

void keepRest(Native &bag, JsonValue object, std::initializer_list<QByteArrayView> known,
              QByteArrayView prefix)
{
    if (!object.isObject())
        return;
    for (const JsonValue child : object) {
        const QByteArray key = child.key();
        // No name of the API has a dot: it is what prefixes end in.
        if (!key.contains('.') && !nameListed(key, known))
            conversation::keep(bag, Dialect::Gemini, prefix.toByteArray() + key, child.json());
    }
}

void writeKept(JsonWriter &out, const Native &bag, QByteArrayView prefix,
               std::initializer_list<QByteArrayView> except)
{
    for (const conversation::NativeMember &one : bag) {
        if (one.owner != Dialect::Gemini)
            continue;
        if (!one.name.startsWith(prefix))
            continue;
        const QByteArray name = one.name.mid(prefix.size());
        if (!name.contains('.') && !nameListed(name, except))
            out.key(name).raw(one.json);
    }
}

bool hasKept(const Native &bag, QByteArrayView prefix)
{
    return std::any_of(bag.begin(), bag.end(), [prefix](const conversation::NativeMember &one) {
        return one.owner == Dialect::Gemini && one.name.startsWith(prefix);
    });
}

QByteArray kept(const Native &bag, QByteArrayView name)
{
    return conversation::nativeOf(bag, Dialect::Gemini, name);
}

bool isMadeUpId(QByteArrayView callId)
{
    constexpr QByteArrayView kPrefix = "call_";
    if (!callId.startsWith(kPrefix) || callId.size() != kPrefix.size() + 24)
        return false;
    const QByteArrayView rest = callId.sliced(kPrefix.size());
    return std::all_of(rest.begin(), rest.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool isJsonObject(const QByteArray &text)
{
    protocol::JsonReader reader(text, 256);
    if (reader.type() != protocol::JsonType::Object)
        return false;
    reader.skip();
    return reader.atEnd();
}

QByteArray argumentsObject(const QByteArray &arguments)
{
    if (arguments.trimmed().isEmpty())
        return "{}";
    if (isJsonObject(arguments))
        return arguments;
    JsonWriter wrapped;
    wrapped.beginObject().member("_raw", arguments).endObject();
    return wrapped.take();
}

Stop stopOf(QByteArrayView finishReason, bool calls)
{
    Stop stop;
    stop.native = finishReason.toByteArray();
    stop.reason = reasonFor(kReasons, finishReason);
    if (calls && stop.reason == StopReason::End)
        stop.reason = StopReason::ToolUse;
    return stop;
}

QByteArray finishReasonOf(const Stop &stop, Dialect source)
{
    if (source == Dialect::Gemini && !stop.native.isEmpty())
        return stop.native;
    if (stop.reason == StopReason::None)
        return {};
    return wordFor(kReasons, stop.reason, "OTHER");
}

Error invalid(const QString &message, QByteArray param)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = message;
    error.code = "invalid_request";
    error.param = std::move(param);
    return error;
}

} // namespace tollgate::codecs::gemini
