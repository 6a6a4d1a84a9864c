// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/wire.h"

#include "core/conversation/stopwords.h"

#include <QCryptographicHash>

#include <algorithm>
#include <array>

namespace tollgate::codecs::messages {
namespace {

constexpr int kMinute = 60;
constexpr int kFiveMinutes = 5 * kMinute;
constexpr int kHour = 60 * kMinute;

bool isPlain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
        || c == '-';
}

// The first of a reason is how it is written.
constexpr std::array kStops{
    StopWord{"end_turn", StopReason::End},
    StopWord{"stop_sequence", StopReason::StopSequence},
    StopWord{"max_tokens", StopReason::MaxTokens},
    StopWord{"model_context_window_exceeded", StopReason::ContextFull},
    StopWord{"tool_use", StopReason::ToolUse},
    StopWord{"refusal", StopReason::Refusal},
    StopWord{"refusal", StopReason::ContentFilter},
    StopWord{"refusal", StopReason::Recitation},
    StopWord{"refusal", StopReason::Blocked},
    StopWord{"pause_turn", StopReason::Paused},
    StopWord{"compaction", StopReason::Compaction},
};

QByteArray nestedName(QByteArrayView object, QByteArrayView member)
{
    return object.toByteArray() + '.' + member.toByteArray();
}

} // namespace

bool isPlainName(QByteArrayView name, qsizetype longest)
{
    return !name.isEmpty() && name.size() <= longest
        && std::all_of(name.begin(), name.end(), isPlain);
}

QByteArray wireId(const QByteArray &id, qsizetype longest)
{
    constexpr qsizetype kDigits = 12;
    const bool fits = longest == 0 || id.size() <= longest;
    if (fits && !id.isEmpty() && std::all_of(id.begin(), id.end(), isPlain))
        return id;
    const QByteArray digest
        = QCryptographicHash::hash(id, QCryptographicHash::Sha256).toHex().left(kDigits);
    QByteArray plain = longest == 0 ? id : id.left(longest - kDigits - 1);
    std::replace_if(
        plain.begin(), plain.end(), [](char c) { return !isPlain(c); }, '_');
    return plain + '_' + digest;
}

QByteArray argumentsObject(const QByteArray &arguments)
{
    if (arguments.isEmpty())
        return "{}";
    if (const auto tree = protocol::JsonTree::parse(arguments)) {
        if (tree->root().isObject())
            return arguments;
        if (tree->root().isNull())
            return "{}";
        // Seen from models: the object wrapped into a string once more.
        const QByteArray inner = tree->root().string();
        if (const auto again = protocol::JsonTree::parse(inner); again && again->root().isObject())
            return inner;
    }
    JsonWriter out;
    out.beginObject().member("_raw", arguments).endObject();
    return out.take();
}

void keepNested(Native &bag, QByteArrayView object, JsonValue value,
                std::initializer_list<QByteArrayView> known)
{
    Native inner;
    keepUnknown(inner, Dialect::Messages, value, known);
    for (NativeMember &member : inner)
        keep(bag, Dialect::Messages, nestedName(object, member.name), std::move(member.json));
}

void writeNested(JsonWriter &out, const Native &bag, QByteArrayView object)
{
    const QByteArray prefix = nestedName(object, {});
    for (const NativeMember &member : bag) {
        if (member.owner == Dialect::Messages && member.name.startsWith(prefix))
            out.key(QByteArrayView(member.name).sliced(prefix.size())).raw(member.json);
    }
}

bool hasNested(const Native &bag, QByteArrayView object)
{
    const QByteArray prefix = nestedName(object, {});
    return std::any_of(bag.begin(), bag.end(), [&prefix](const NativeMember &member) {
        return member.owner == Dialect::Messages && member.name.startsWith(prefix);
    });
}

void keepTold(Native &bag, JsonValue object, std::initializer_list<QByteArrayView> known)
{
    const std::size_t before = bag.size();
    keepUnknown(bag, Dialect::Messages, object, known);
    const auto untold = [](const NativeMember &member) { return member.json == "null"; };
    bag.erase(std::remove_if(bag.begin() + static_cast<std::ptrdiff_t>(before), bag.end(), untold),
              bag.end());
}

void settle(Native &bag)
{
    std::stable_sort(bag.begin(), bag.end(),
                     [](const NativeMember &a, const NativeMember &b) { return a.name < b.name; });
    Native once;
    for (NativeMember &member : bag) {
        if (!once.empty() && once.back().name == member.name)
            once.back() = std::move(member);
        else
            once.push_back(std::move(member));
    }
    bag = std::move(once);
}

std::optional<CacheMark> readCacheMark(JsonValue object, Native &bag)
{
    const JsonValue mark = object["cache_control"];
    if (!mark.isObject())
        return {};
    const JsonValue ttl = mark["ttl"];
    CacheMark read;
    if (ttl.is("1h"))
        read.ttlS = kHour;
    else if (ttl.is("5m"))
        read.ttlS = kFiveMinutes;
    const qsizetype understood = qsizetype(mark["type"].is("ephemeral")) + (read.ttlS != 0);
    if (understood != mark.size())
        keep(bag, Dialect::Messages, "cache_control", mark.json());
    return read;
}

void writeTail(JsonWriter &out, const std::optional<CacheMark> &cache, const Native &bag,
               std::initializer_list<QByteArrayView> except)
{
    const bool spelt = !nativeOf(bag, Dialect::Messages, "cache_control").isEmpty();
    if (cache && !spelt) {
        out.key("cache_control").beginObject().member("type", "ephemeral");
        if (cache->ttlS > 0)
            out.member("ttl", cache->ttlS > kFiveMinutes ? "1h" : "5m");
        out.endObject();
    }
    writeNative(out, bag, Dialect::Messages, except);
}

Stop readStop(const QByteArray &reason, const QByteArray &sequence)
{
    return {reasonFor(kStops, reason), sequence, reason};
}

QByteArray stopReason(const Stop &stop, Dialect source, bool called)
{
    const bool plain = stop.reason == StopReason::None || stop.reason == StopReason::End;
    if (plain && called)
        return "tool_use";
    if (stop.reason == StopReason::Other && source == Dialect::Messages && !stop.native.isEmpty())
        return stop.native;
    return wordFor(kStops, stop.reason, "end_turn");
}

tl::unexpected<Error> refused(const QString &message, const QByteArray &param)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = message;
    error.param = param;
    return tl::unexpected<Error>(std::move(error));
}

} // namespace tollgate::codecs::messages
