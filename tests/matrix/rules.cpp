// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/matrix/rules.h"

#include <algorithm>

namespace tollgate::test {

bool Rules::must(bool holds, const QByteArray &what)
{
    if (!holds && m_wrong.isEmpty())
        m_wrong = QString::fromUtf8(m_where + what);
    return holds;
}

bool Rules::isText(JsonValue object, const char *name)
{
    return must(object[name].isString(), QByteArray(name) + " is no text");
}

bool Rules::isName(JsonValue object, const char *name)
{
    return must(!object[name].string().isEmpty(), QByteArray(name) + " is missing or empty");
}

bool Rules::isCount(JsonValue object, const char *name)
{
    const auto count = object[name].integer();
    return must(count && *count >= 0, QByteArray(name) + " is no count");
}

bool Rules::isList(JsonValue object, const char *name)
{
    return must(object[name].isArray(), QByteArray(name) + " is no list");
}

bool Rules::isObject(JsonValue object, const char *name)
{
    return must(object[name].isObject(), QByteArray(name) + " is no object");
}

bool Rules::oneOf(JsonValue value, const char *name, std::initializer_list<const char *> allowed)
{
    const bool found = std::any_of(allowed.begin(), allowed.end(),
                                   [&](const char *one) { return value.is(one); });
    return must(found, QByteArray(name) + " cannot be " + value.json().left(60));
}

std::int64_t Rules::figure(JsonValue object, const char *name)
{
    const JsonValue value = object[name];
    if (!value.isSet())
        return 0;
    const auto count = value.integer();
    must(count && *count >= 0, QByteArray(name) + " is no figure");
    return count.value_or(0);
}

bool Rules::parses(QByteArrayView json, const char *what)
{
    const auto tree = JsonTree::parse(json);
    return must(tree && tree->root().isObject(), QByteArray(what) + " is no JSON object");
}

std::vector<SseEvent> readSse(Rules &rules, QByteArrayView bytes, QByteArrayView lineEnd)
{
    std::vector<SseEvent> events;
    const QByteArray all = bytes.toByteArray();
    const QByteArray stop = lineEnd.toByteArray();
    SseEvent event;
    bool hasData = false;
    for (qsizetype at = 0; at < bytes.size();) {
        const qsizetype end = all.indexOf(stop, at);
        if (end < 0)
            break;
        const QByteArrayView line = bytes.sliced(at, end - at);
        at = end + lineEnd.size();
        rules.must(!line.contains('\r') && !line.contains('\n'), "a stray line end");
        if (line.isEmpty()) {
            rules.must(hasData || event.type.isEmpty(), "an event without data");
            if (hasData)
                events.push_back(event);
            event = {};
            hasData = false;
        } else if (line.startsWith("data: ")) {
            rules.must(!std::exchange(hasData, true), "two data lines in one event");
            event.data = line.sliced(6).toByteArray();
        } else if (line.startsWith("event: ")) {
            rules.must(event.type.isEmpty() && !hasData, "event is not the first line");
            event.type = line.sliced(7).toByteArray();
        } else {
            rules.must(line.startsWith(':'), "a line that is neither event, data nor comment");
        }
    }
    return events;
}

bool isPlainName(QByteArrayView name, qsizetype longest)
{
    return !name.isEmpty() && name.size() <= longest
        && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                   || c == '_' || c == '-';
           });
}

QString wholeWrong(Dialect dialect, QByteArrayView body)
{
    switch (dialect) {
    case Dialect::Chat:
        return chatWhole(body);
    case Dialect::Responses:
        return responsesWhole(body);
    case Dialect::Messages:
        return messagesWhole(body);
    case Dialect::Gemini:
        return geminiWhole(body);
    case Dialect::Ollama:
        return ollamaWhole(body);
    default:
        return QStringLiteral("no client speaks this dialect");
    }
}

Verdict streamVerdict(Dialect dialect, QByteArrayView bytes)
{
    switch (dialect) {
    case Dialect::Chat:
        return chatStream(bytes);
    case Dialect::Responses:
        return responsesStream(bytes);
    case Dialect::Messages:
        return messagesStream(bytes);
    case Dialect::Gemini:
        return geminiStream(bytes);
    case Dialect::Ollama:
        return ollamaStream(bytes);
    default:
        return {QStringLiteral("no client speaks this dialect"), false, false};
    }
}

} // namespace tollgate::test
