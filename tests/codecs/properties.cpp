// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/codecs/properties.h"

#include "core/protocol/jsontree.h"
#include "core/upstream/ssereader.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace tollgate::test {

using namespace conversation;
using protocol::JsonTree;

namespace {

bool excepted(const QString &path, const QStringList &exceptions)
{
    return std::any_of(exceptions.begin(), exceptions.end(), [&](QString exception) {
        const bool anywhere = exception.startsWith(u"*.");
        if (anywhere)
            exception.remove(0, 2);
        const bool below = exception.endsWith(u".*");
        if (below)
            exception.chop(2);
        if (path == exception || (anywhere && path.endsWith(u'.' + exception)))
            return true;
        if (!below)
            return false;
        return path.startsWith(exception + u'.') || path.startsWith(exception + u'[')
            || (anywhere && path.contains(u'.' + exception + u'.'));
    });
}

QString brief(QByteArrayView json)
{
    constexpr qsizetype kShown = 80;
    return QString::fromUtf8(json.first(std::min(json.size(), kShown)));
}

// What an encoder may say otherwise without changing it: how a vendor spelt its stop reason, no
// arguments as "{}", clamped figures, an id for an answer that had none.
QByteArrayList meaning(Response response, const Response &original)
{
    for (Candidate &candidate : response.candidates) {
        candidate.stop.native.clear();
        for (Part &part : candidate.message.parts) {
            auto *call = std::get_if<ToolCall>(&part.body);
            if (call && call->kind == ToolCall::Kind::Function && call->arguments.isEmpty())
                call->arguments = "{}";
        }
    }
    if (response.usage)
        response.usage->suspect = false;
    if (original.id.isEmpty())
        response.id.clear();
    return describe(response);
}

// Null, and what is as good as: a client cannot tell it from silence.
bool saysNothing(JsonValue value)
{
    return !value.isSet() || (value.isString() && value.string().isEmpty())
        || ((value.isArray() || value.isObject()) && value.size() == 0);
}

// One plain text part, which several dialects also take as a text.
bool isOneText(JsonValue list, const QByteArray &text)
{
    if (!list.isArray() || list.size() != 1)
        return false;
    const JsonValue part = *list.begin();
    return part.isObject() && part.size() <= 2 && part["text"].string() == text;
}

struct Comparison
{
    const QStringList &exceptions;
    QStringList found;

    void complain(const QString &path, const QString &what)
    {
        if (!excepted(path, exceptions))
            found += path + QStringLiteral(": ") + what;
    }

    void compare(const QString &path, JsonValue left, JsonValue right)
    {
        if (excepted(path, exceptions) || saysNothing(left))
            return;
        if ((left.isArray() && right.isString() && isOneText(left, right.string()))
            || (left.isString() && isOneText(right, left.string())))
            return;
        if (!right.isSet() || left.type() != right.type())
            return complain(path,
                            brief(left.raw()) + QStringLiteral(" became ")
                                + (right ? brief(right.raw()) : QStringLiteral("nothing")));
        if (left.isObject()) {
            for (const JsonValue member : left) {
                const QByteArray name = member.key();
                const QString inner = QString::fromUtf8(name);
                compare(path.isEmpty() ? inner : path + u'.' + inner, left[name], right[name]);
            }
        } else if (left.isArray()) {
            compareLists(path + QStringLiteral("[]"), left, right);
        } else if (left.isNumber()) {
            if (left.digits() != right.digits()
                && left.digits().toDouble() != right.digits().toDouble())
                complain(path, brief(left.raw()) + QStringLiteral(" became ") + brief(right.raw()));
        } else if (left.isString() ? left.string() != right.string()
                                   : left.raw().compare(right.raw(), Qt::CaseSensitive) != 0) {
            complain(path, brief(left.raw()) + QStringLiteral(" became ") + brief(right.raw()));
        }
    }

    void compareLists(const QString &path, JsonValue left, JsonValue right)
    {
        auto other = right.begin();
        qsizetype count = 0;
        for (const JsonValue element : left) {
            if (!(other != right.end())) {
                complain(
                    path,
                    QStringLiteral("%1 elements became %2").arg(left.size()).arg(right.size()));
                return;
            }
            compare(path, element, *other);
            ++other;
            ++count;
        }
        if (right.size() > count)
            complain(path, QStringLiteral("%1 elements became %2").arg(count).arg(right.size()));
    }
};

std::vector<WireEvent> arrayElements(QByteArrayView body)
{
    std::vector<WireEvent> events;
    if (const auto tree = JsonTree::parse(body)) {
        for (const JsonValue element : tree->root())
            events.push_back({{}, element.json()});
    }
    return events;
}

std::vector<WireEvent> sseEvents(QByteArrayView body)
{
    std::vector<WireEvent> events;
    upstream::SseReader reader;
    reader.append(body);
    for (;;) {
        const auto event = reader.next();
        if (!event || !*event)
            break;
        if ((*event)->hasData)
            events.push_back({(*event)->type.toByteArray(), (*event)->data.toByteArray()});
    }
    if (const auto last = reader.last())
        events.push_back({last->type.toByteArray(), last->data.toByteArray()});
    return events;
}

QString told(const Error &error)
{
    return QStringLiteral("refused: ") + error.message;
}

} // namespace

std::vector<Recorded> recordedIn(Dialect dialect)
{
    std::vector<Recorded> found;
    for (Recorded &recorded : allRecorded()) {
        if (recorded.endpoint.dialect == dialect
            && recorded.endpoint.operation == protocol::Operation::Generate)
            found.push_back(std::move(recorded));
    }
    static const QHash<QString, Dialect> kRequests{
        {QStringLiteral("openai-chat"), Dialect::Chat},
        {QStringLiteral("anthropic-messages"), Dialect::Messages},
    };
    const auto contents = [](const QString &name) {
        QFile file(fixtureFolder() + QStringLiteral("/recorded/") + name);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    };
    const QJsonArray index
        = QJsonDocument::fromJson(contents(QStringLiteral("index.json"))).array();
    for (const QJsonValue &value : index) {
        const QJsonObject entry = value.toObject();
        const QString api = entry[u"apis"].toArray()[0].toString();
        if (entry[u"kind"] != QStringLiteral("request-json") || !kRequests.contains(api)
            || kRequests[api] != dialect)
            continue;
        Recorded recorded;
        recorded.file = entry[u"file"].toString();
        recorded.endpoint.dialect = dialect;
        recorded.request = contents(recorded.file);
        found.push_back(std::move(recorded));
    }
    return found;
}

std::vector<WireEvent> wireEvents(QByteArrayView body)
{
    const QByteArrayView text = body.trimmed();
    if (text.startsWith('['))
        return arrayElements(text);
    if (!text.startsWith('{'))
        return sseEvents(body);
    std::vector<WireEvent> events;
    for (const QByteArray &line : text.toByteArray().split('\n')) {
        if (!line.trimmed().isEmpty())
            events.push_back({{}, line});
    }
    return events;
}

QStringList uncovered(QByteArrayView original, QByteArrayView again, const QStringList &exceptions)
{
    const auto left = JsonTree::parse(original);
    const auto right = JsonTree::parse(again);
    if (!left || !right)
        return {QStringLiteral("no JSON: ") + brief(left ? again : original)};
    Comparison comparison{exceptions, {}};
    comparison.compare({}, left->root(), right->root());
    return comparison.found;
}

StreamEvents decodeStream(const Codec &codec, const std::vector<WireEvent> &wire)
{
    StreamEvents events;
    const auto decoder = codec.streamDecoder();
    for (const WireEvent &event : wire)
        decoder->read(event.type, event.data, events);
    decoder->finish(events);
    return events;
}

Response foldEvents(const Codec &codec, const StreamEvents &events)
{
    Folder folder(codec.dialect());
    for (const StreamEvent &event : events)
        folder.add(event);
    return folder.take();
}

QByteArray encodeStream(const Codec &codec, const StreamEvents &events,
                        const AnswerContext &context)
{
    QByteArray bytes;
    const auto encoder = codec.streamEncoder(context);
    for (const StreamEvent &event : events)
        encoder->write(event, bytes);
    return bytes;
}

StreamEvents shattered(const StreamEvents &events, qsizetype bytes)
{
    StreamEvents pieces;
    for (const StreamEvent &event : events) {
        const auto *delta = std::get_if<PartDelta>(&event);
        if (!delta
            || (delta->kind != PartDelta::Kind::Text
                && delta->kind != PartDelta::Kind::Arguments)) {
            pieces.push_back(event);
            continue;
        }
        const auto inside = [&](qsizetype at) {
            return at < delta->bytes.size() && (delta->bytes[at] & 0xC0) == 0x80;
        };
        for (qsizetype from = 0; from < delta->bytes.size();) {
            qsizetype to = std::min(from + bytes, delta->bytes.size());
            while (inside(to))
                ++to;
            PartDelta piece = *delta;
            piece.bytes = delta->bytes.mid(from, to - from);
            pieces.emplace_back(std::move(piece));
            from = to;
        }
    }
    return pieces;
}

QString requestSurvives(const Codec &codec, QByteArrayView body, const Target &target,
                        const QStringList &exceptions)
{
    const auto request = codec.decodeRequest(body);
    if (!request)
        return told(request.error());
    const auto encoded = codec.encodeRequest(*request, target);
    if (!encoded)
        return told(encoded.error());
    const QStringList lost = uncovered(body, encoded->body, exceptions);
    if (!lost.isEmpty())
        return lost.join(u'\n');
    auto again = codec.decodeRequest(encoded->body);
    if (!again)
        return QStringLiteral("of its own: ") + told(again.error());
    again->includeUsage = request->includeUsage; // always asked for, for the bill's sake
    if (!(*again == *request))
        return difference(describe(*request), describe(*again));
    const auto twice = codec.encodeRequest(*again, target);
    return twice && twice->body == encoded->body ? QString()
                                                 : QStringLiteral("not the same bytes again");
}

QString responseSurvives(const Codec &codec, QByteArrayView body, const AnswerContext &context,
                         const QStringList &exceptions)
{
    const auto response = codec.decodeResponse(body);
    if (!response)
        return told(response.error());
    const QByteArray encoded = codec.encodeResponse(*response, context);
    const QStringList lost = uncovered(body, encoded, exceptions);
    if (!lost.isEmpty())
        return lost.join(u'\n');
    const auto again = codec.decodeResponse(encoded);
    if (!again)
        return QStringLiteral("of its own: ") + told(again.error());
    const QString differs = difference(meaning(*response, *response), meaning(*again, *response));
    if (!differs.isEmpty())
        return differs;
    return codec.encodeResponse(*again, context) == encoded
        ? QString()
        : QStringLiteral("not the same bytes again");
}

QString streamSurvives(const Codec &codec, const std::vector<WireEvent> &wire,
                       const AnswerContext &context)
{
    const StreamEvents events = decodeStream(codec, wire);
    const Response whole = foldEvents(codec, events);
    const QByteArrayList expected = meaning(whole, whole);
    constexpr qsizetype kWhole = 1 << 20;
    for (const qsizetype size : {kWhole, qsizetype(7), qsizetype(1)}) {
        const QByteArray bytes = encodeStream(codec, shattered(events, size), context);
        if (bytes != encodeStream(codec, shattered(events, size), context))
            return QStringLiteral("not the same bytes again");
        const StreamEvents again = decodeStream(codec, wireEvents(bytes));
        if (const QString wrong = grammarOf(again); !wrong.isEmpty())
            return wrong;
        const QString differs = difference(expected, meaning(foldEvents(codec, again), whole));
        if (!differs.isEmpty())
            return QStringLiteral("in pieces of %1: ").arg(size) + differs;
    }
    return {};
}

QString cutsAreTold(const Codec &codec, const std::vector<WireEvent> &wire)
{
    for (std::size_t length = 0; length <= wire.size(); ++length) {
        const std::vector<WireEvent> cut(wire.begin(),
                                         wire.begin() + static_cast<std::ptrdiff_t>(length));
        const StreamEvents events = decodeStream(codec, cut);
        const QString where = QStringLiteral("after %1 events: ").arg(length);
        if (const QString wrong = grammarOf(events); !wrong.isEmpty())
            return where + wrong;
        if (events.empty()
            || (!std::holds_alternative<StreamEnd>(events.back())
                && !std::holds_alternative<StreamFailure>(events.back())))
            return where + QStringLiteral("no end was told");
        // Long streams: their middle is as good as any.
        constexpr std::size_t kEach = 40;
        if (length > kEach && length + kEach < wire.size())
            length += wire.size() / kEach;
    }
    return {};
}

} // namespace tollgate::test
