// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/ssetext.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace tollgate::admin {
namespace {

// When the byte at a place of the answer went out.
class Clocked
{
public:
    explicit Clocked(const QByteArray &timing)
    {
        qsizetype end = 0;
        for (const QByteArray &line : timing.split('\n')) {
            const qsizetype space = line.indexOf(' ');
            if (space <= 0)
                continue;
            end += line.mid(space + 1).toLongLong();
            m_pieces.push_back({end, line.left(space).toLongLong()});
        }
    }
    // Asked for places that only grow.
    std::int64_t at(qsizetype place)
    {
        while (m_next < m_pieces.size() && m_pieces[m_next].end <= place)
            ++m_next;
        return m_next < m_pieces.size() ? m_pieces[m_next].offsetUs : -1;
    }

private:
    struct Piece
    {
        qsizetype end = 0;
        std::int64_t offsetUs = 0;
    };
    std::vector<Piece> m_pieces;
    std::size_t m_next = 0;
};

QString string(const QJsonValue &value)
{
    return value.isString() ? value.toString() : QString();
}

// Where the dialects keep what they add: Chat, Completions, Messages, Responses, Gemini, Ollama.
QString deltaOf(const QJsonObject &data)
{
    const QJsonValue choice = data.value(QLatin1String("choices"))[0];
    if (choice.isObject()) {
        const QJsonValue delta = choice[QLatin1String("delta")];
        for (const char *name : {"content", "reasoning_content", "reasoning"}) {
            if (const QString found = string(delta[QLatin1String(name)]); !found.isEmpty())
                return found;
        }
        return string(choice[QLatin1String("text")]);
    }
    const QJsonValue delta = data.value(QLatin1String("delta"));
    if (delta.isString())
        return delta.toString();
    for (const char *name : {"text", "thinking", "partial_json"}) {
        if (const QString found = string(delta[QLatin1String(name)]); !found.isEmpty())
            return found;
    }
    QString text;
    const QJsonValue parts = data.value(
        QLatin1String("candidates"))[0][QLatin1String("content")][QLatin1String("parts")];
    for (const QJsonValue &part : parts.toArray())
        text += string(part[QLatin1String("text")]);
    if (!text.isEmpty())
        return text;
    if (const QString found
        = string(data.value(QLatin1String("message"))[QLatin1String("content")]);
        !found.isEmpty())
        return found;
    return string(data.value(QLatin1String("response")));
}

void read(StreamEvent &event)
{
    QByteArray data;
    bool field = false;
    for (QByteArray line : event.raw.split('\n')) {
        if (line.endsWith('\r'))
            line.chop(1);
        if (line.startsWith("event:")) {
            event.type = line.mid(6).trimmed();
            field = true;
        } else if (line.startsWith("data:")) {
            data += line.mid(5).trimmed();
            field = true;
        } else if (line.startsWith(':') && event.type.isEmpty()) {
            event.type = "comment";
            field = true;
        }
    }
    if (!field)
        data = event.raw; // a line of JSON
    if (data == "[DONE]") {
        event.type = data;
        return;
    }
    const QJsonObject object = QJsonDocument::fromJson(data).object();
    if (event.type.isEmpty())
        event.type = string(object.value(QLatin1String("type"))).toUtf8();
    if (event.type.isEmpty())
        event.type = string(object.value(QLatin1String("object"))).toUtf8();
    event.delta = deltaOf(object);
}

// The end of the event that begins at `from`, past its empty line; -1: it has none.
qsizetype endOf(const QByteArray &answer, qsizetype from, bool lines)
{
    if (lines) {
        const qsizetype end = answer.indexOf('\n', from);
        return end < 0 ? -1 : end + 1;
    }
    const qsizetype plain = answer.indexOf("\n\n", from);
    const qsizetype crlf = answer.indexOf("\r\n\r\n", from);
    if (plain < 0 && crlf < 0)
        return -1;
    return crlf >= 0 && (plain < 0 || crlf < plain) ? crlf + 4 : plain + 2;
}

} // namespace

std::vector<StreamEvent> streamEvents(const QByteArray &answer, const QByteArray &timing, int most)
{
    std::vector<StreamEvent> events;
    Clocked clock(timing);
    const bool lines = answer.startsWith('{');
    qsizetype from = 0;
    while (from < answer.size() && int(events.size()) < most) {
        const qsizetype end = endOf(answer, from, lines);
        StreamEvent event;
        event.whole = end >= 0;
        event.raw = (end < 0 ? answer.mid(from) : answer.mid(from, end - from)).trimmed();
        from = end < 0 ? answer.size() : end;
        event.offsetUs = clock.at(from - 1);
        if (event.raw.isEmpty())
            continue;
        read(event);
        events.push_back(std::move(event));
    }
    return events;
}

} // namespace tollgate::admin
