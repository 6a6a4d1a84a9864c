// SPDX-License-Identifier: GPL-3.0-or-later
// All recorded Messages exchanges: nothing lost, streams equal to whole answers, any cut told.
#include "core/codecs/messages/messages.h"
#include "tests/codecs/properties.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTest>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

const Codec &codec()
{
    return codecs::messagesCodec();
}

// Text and a list of one text block are two spellings of one thing; this dialect's codec writes the
// second. So are what is absent and what is empty, false, zero or the usual.
QJsonValue spelt(const QJsonValue &value, const QString &name);

QJsonObject speltObject(QJsonObject object)
{
    const QString type = object.value(u"type").toString();
    for (const QString &name : object.keys()) {
        if (name == u"input" || name == u"input_schema" || name == u"format")
            continue;
        object[name] = spelt(object[name], name);
    }
    const QJsonValue content = object.value(u"content");
    if (content.isString() && (type == u"tool_result" || object.contains(u"role")))
        object[u"content"] = QJsonArray{QJsonObject{
            {QStringLiteral("type"), QStringLiteral("text")}, {QStringLiteral("text"), content}}};
    if (type == u"text" && object.value(u"citations").toArray().isEmpty()
        && !object.value(u"citations").isObject())
        object.remove(QStringLiteral("citations"));
    if (type == u"tool_result" && !object.value(u"is_error").toBool())
        object.remove(QStringLiteral("is_error"));
    if (type == u"custom")
        object.remove(QStringLiteral("type"));
    if (object.value(u"description").toString().isEmpty())
        object.remove(QStringLiteral("description"));
    if (!object.value(u"stream").toBool())
        object.remove(QStringLiteral("stream"));
    if (object.contains(u"thinking_tokens") && object.value(u"thinking_tokens").toInt() == 0)
        object.remove(QStringLiteral("thinking_tokens"));
    return object;
}

QJsonValue spelt(const QJsonValue &value, const QString &name)
{
    if (value.isObject())
        return speltObject(value.toObject());
    if (name == u"system" && value.isString())
        return QJsonArray{QJsonObject{{QStringLiteral("type"), QStringLiteral("text")},
                                      {QStringLiteral("text"), value}}};
    if (!value.isArray())
        return value;
    QJsonArray array;
    for (const QJsonValue element : value.toArray())
        array.append(spelt(element, {}));
    return array;
}

// Turns of one role behind each other are one turn, by the vendor's own word.
QJsonArray merged(const QJsonArray &messages)
{
    QJsonArray turns;
    for (const QJsonValue value : messages) {
        QJsonObject turn = value.toObject();
        if (!turns.isEmpty() && turns.last().toObject().value(u"role") == turn.value(u"role")) {
            QJsonArray content = turns.last().toObject().value(u"content").toArray();
            for (const QJsonValue block : turn.value(u"content").toArray())
                content.append(block);
            turn[u"content"] = content;
            turns.removeLast();
        }
        turns.append(turn);
    }
    return turns;
}

QByteArray normal(const QByteArray &body)
{
    QJsonObject object = speltObject(QJsonDocument::fromJson(body).object());
    if (object.contains(u"messages"))
        object[u"messages"] = merged(object.value(u"messages").toArray());
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

// What the catalogue would say of the model that the client asked for in these words.
Target targetOf(const QByteArray &body)
{
    const QJsonObject root = QJsonDocument::fromJson(body).object();
    Target target;
    target.model = root[u"model"].toString().toUtf8();
    target.midConversationSystem = true;
    target.adaptiveThinking = root[u"thinking"].toObject()[u"type"].toString() == u"adaptive";
    target.efforts = {"low", "medium", "high", "xhigh", "max"};
    return target;
}

std::vector<Recorded> recorded()
{
    static const std::vector<Recorded> all = recordedIn(Dialect::Messages);
    return all;
}

} // namespace

class TestMessagesTraffic final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void requestsSurvive();
    void answersSurvive();
    void streamsSurvive();
    void streamsAreGrammatical();
    void wholeAnswersStreamedAreTheSame();
    void damagedStreamsKeepTheGrammar();
};

void TestMessagesTraffic::initTestCase()
{
    if (fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES does not say where the recorded traffic is.");
}

void TestMessagesTraffic::requestsSurvive()
{
    int count = 0;
    QStringList wrong;
    for (const Recorded &exchange : recorded()) {
        if (exchange.request.isEmpty() || exchange.status >= 400)
            continue;
        ++count;
        const QString lost
            = requestSurvives(codec(), normal(exchange.request), targetOf(exchange.request));
        if (!lost.isEmpty())
            wrong += exchange.file + QStringLiteral(": ") + lost;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n')));
    QVERIFY2(count > 200, qPrintable(QString::number(count)));
}

void TestMessagesTraffic::answersSurvive()
{
    // With iterations the bill is their sum, and is told as the total.
    const QStringList iterated{QStringLiteral("usage.input_tokens"),
                               QStringLiteral("usage.output_tokens")};
    int count = 0;
    QStringList wrong;
    for (const Recorded &exchange : recorded()) {
        if (exchange.stream || exchange.body.isEmpty() || exchange.status >= 400)
            continue;
        ++count;
        const QByteArray body = normal(exchange.body);
        const QString lost = responseSurvives(
            codec(), body, {}, body.contains("\"iterations\"") ? iterated : QStringList());
        if (!lost.isEmpty())
            wrong += exchange.file + QStringLiteral(": ") + lost;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n')));
    QVERIFY2(count > 150, qPrintable(QString::number(count)));
}

void TestMessagesTraffic::streamsSurvive()
{
    int count = 0;
    QStringList wrong;
    for (const Recorded &exchange : recorded()) {
        if (!exchange.stream)
            continue;
        ++count;
        // A gateway's answer with another vendor's id: it gets the dialect's prefix.
        QByteArray body = exchange.body;
        body.replace("\"id\":\"chatcmpl-", "\"id\":\"msg_");
        const QString lost = streamSurvives(codec(), wireEvents(body), {});
        if (!lost.isEmpty())
            wrong += exchange.file + QStringLiteral(": ") + lost;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n')));
    QVERIFY2(count > 60, qPrintable(QString::number(count)));
}

void TestMessagesTraffic::streamsAreGrammatical()
{
    QStringList wrong;
    for (const Recorded &exchange : recorded()) {
        if (!exchange.stream)
            continue;
        const QString cut = cutsAreTold(codec(), wireEvents(exchange.body));
        if (!cut.isEmpty())
            wrong += exchange.file + QStringLiteral(": ") + cut;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n')));
}

void TestMessagesTraffic::wholeAnswersStreamedAreTheSame()
{
    QStringList wrong;
    for (const Recorded &exchange : recorded()) {
        if (exchange.stream || exchange.body.isEmpty() || exchange.status >= 400)
            continue;
        const auto whole = codec().decodeResponse(normal(exchange.body));
        QVERIFY2(whole, qPrintable(exchange.file));
        const QByteArray bytes = encodeStream(codec(), unfold(*whole), {});
        const Response again = foldEvents(codec(), decodeStream(codec(), wireEvents(bytes)));
        if (!(again == *whole))
            wrong += exchange.file + QStringLiteral(": ")
                + difference(describe(*whole), describe(again));
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n')));
}

// Events left out, told twice, told in another place, with another index or of another type.
void TestMessagesTraffic::damagedStreamsKeepTheGrammar()
{
    QRandomGenerator random(20261123);
    int streams = 0;
    for (const Recorded &exchange : recorded()) {
        if (!exchange.stream || ++streams > 40)
            continue;
        const std::vector<WireEvent> whole = wireEvents(exchange.body);
        for (int round = 0; round < 20; ++round) {
            std::vector<WireEvent> damaged = whole;
            for (int change = 0; change < 1 + round / 4; ++change) {
                const std::size_t at = random.bounded(quint32(damaged.size()));
                const std::size_t to = random.bounded(quint32(damaged.size()));
                switch (random.bounded(4)) {
                case 0:
                    damaged.erase(damaged.begin() + std::ptrdiff_t(at));
                    break;
                case 1:
                    damaged.insert(damaged.begin() + std::ptrdiff_t(to), WireEvent(damaged[at]));
                    break;
                case 2:
                    std::swap(damaged[at], damaged[to]);
                    break;
                default:
                    damaged[at]
                        .data.replace("\"index\":0", "\"index\":1")
                        .replace("text", "thinking");
                    break;
                }
                if (damaged.empty())
                    damaged = whole;
            }
            const StreamEvents events = decodeStream(codec(), damaged);
            QVERIFY2(grammarOf(events).isEmpty(),
                     qPrintable(exchange.file + QStringLiteral(": ") + grammarOf(events)));
            const StreamEvents again
                = decodeStream(codec(), wireEvents(encodeStream(codec(), events, {})));
            QVERIFY2(grammarOf(again).isEmpty(), qPrintable(exchange.file));
            QCOMPARE(std::holds_alternative<StreamEnd>(again.back()),
                     std::holds_alternative<StreamEnd>(events.back()));
        }
    }
}

QTEST_APPLESS_MAIN(TestMessagesTraffic)
#include "test_messages_traffic.moc"
