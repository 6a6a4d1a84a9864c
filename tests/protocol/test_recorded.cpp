// SPDX-License-Identifier: GPL-3.0-or-later
// Every recorded answer of the vendors goes through the meter: whole, in pieces, and cut off.
#include "core/protocol/errors.h"
#include "core/protocol/geminiarray.h"
#include "core/protocol/meter.h"
#include "core/protocol/peek.h"
#include "core/upstream/ssereader.h"
#include "tests/protocol/fixtures.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>
#include <QTest>

using namespace tollgate;
using namespace tollgate::protocol;
using tollgate::test::Recorded;

namespace {

struct Event
{
    QByteArray type;
    QByteArray data;
};

// Cuts a body into events, fed in the sizes that `piece` gives.
std::vector<Event> eventsOf(const Recorded &recorded, QByteArrayView body,
                            const std::function<qsizetype()> &piece)
{
    std::vector<Event> events;
    upstream::SseReader sse;
    GeminiArrayReader array;
    for (qsizetype at = 0; at < body.size();) {
        const qsizetype size = std::min(piece(), body.size() - at);
        const QByteArrayView bytes = body.sliced(at, size);
        at += size;
        if (recorded.endpoint.sse) {
            sse.append(bytes);
            for (auto event = sse.next(); event && *event; event = sse.next()) {
                if ((*event)->hasData)
                    events.push_back({(*event)->type.toByteArray(), (*event)->data.toByteArray()});
            }
        } else {
            array.append(bytes);
            for (auto element = array.next(); element && *element; element = array.next())
                events.push_back({{}, (*element)->json.toByteArray()});
        }
    }
    return events;
}

StreamMeter metered(const Recorded &recorded, const std::vector<Event> &events, std::size_t count)
{
    StreamMeter meter(recorded.endpoint);
    for (std::size_t i = 0; i < count; ++i)
        meter.read(events[i].type, events[i].data);
    return meter;
}

bool sameFacts(const AnswerFacts &a, const AnswerFacts &b)
{
    return a.usage == b.usage && a.usageSuspect == b.usageSuspect
        && a.finishReason == b.finishReason && a.vendorId == b.vendorId
        && a.servedModel == b.servedModel && a.outputBytes == b.outputBytes && a.empty == b.empty
        && a.error.has_value() == b.error.has_value();
}

// Whether this event ends the answer, told from the recording by other means than the meter's. For
// Chat that is [DONE], or every choice seen so far having its finish_reason.
class Terminal
{
public:
    explicit Terminal(Dialect dialect)
        : m_dialect(dialect)
    {
    }

    bool reached(const Event &event)
    {
        if (event.data == "[DONE]")
            return m_done
                = m_done || m_dialect == Dialect::Chat || m_dialect == Dialect::Completions;
        const QJsonObject json = QJsonDocument::fromJson(event.data).object();
        const QString type = json[u"type"].toString();
        switch (m_dialect) {
        case Dialect::Messages:
            return m_done = m_done || type == u"message_stop";
        case Dialect::Responses:
            return m_done
                = m_done || type == u"response.completed" || type == u"response.incomplete";
        case Dialect::Gemini:
            for (const QJsonValue &candidate : json[u"candidates"].toArray())
                m_done = m_done || candidate[u"finishReason"].isString();
            return m_done = m_done || json[u"promptFeedback"][u"blockReason"].isString();
        default:
            break;
        }
        for (const QJsonValue &choice : json[u"choices"].toArray()) {
            const int index = choice[u"index"].toInt();
            m_open[index]
                = m_open.value(index, true) && choice[u"finish_reason"].toString().isEmpty();
        }
        return m_done || (!m_open.isEmpty() && !m_open.values().contains(true));
    }

private:
    Dialect m_dialect;
    QHash<int, bool> m_open;
    bool m_done = false;
};

} // namespace

class TestRecorded : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void wholeAnswersAreRead();
    void refusalsAreUnderstood();
    void streamsAreCompleteAndCutOnesAreNot();
    void anySplitGivesTheSameFacts();
    void usageAddsUpToTheVendorsTotals();
    void requestsArePeekedAndEdited();

private:
    std::vector<Recorded> m_all;
};

void TestRecorded::initTestCase()
{
    if (test::fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES does not name the folder of recorded traffic.");
    m_all = test::allRecorded();
    QVERIFY(m_all.size() > 500);
}

void TestRecorded::wholeAnswersAreRead()
{
    int read = 0;
    int withUsage = 0;
    int suspect = 0;
    QStringList told;
    for (const Recorded &recorded : m_all) {
        if (recorded.stream || recorded.status >= 300)
            continue;
        const auto facts = readAnswer(recorded.endpoint, recorded.body);
        if (!facts) {
            told << recorded.file + QStringLiteral(": unreadable");
            continue;
        }
        ++read;
        if (facts->error)
            told << recorded.file + QStringLiteral(": ") + facts->error->message.left(70);
        else if (facts->empty)
            told << recorded.file + QStringLiteral(": empty");
        withUsage += facts->usage.has_value();
        suspect += facts->usageSuspect;
        if (facts->usageSuspect)
            told << recorded.file + QStringLiteral(": suspect usage");
    }
    for (const QString &line : told)
        qInfo().noquote() << line;
    qInfo() << "whole answers read:" << read << "with usage:" << withUsage << "suspect:" << suspect;
    QVERIFY(read > 400);
}

void TestRecorded::refusalsAreUnderstood()
{
    int refusals = 0;
    for (const Recorded &recorded : m_all) {
        if (recorded.status < 400)
            continue;
        ++refusals;
        const VendorError said = readVendorError(recorded.body);
        QVERIFY2(!said.message.isEmpty(), qPrintable(recorded.file));
        const Error error = vendorFailure(recorded.status, said);
        QVERIFY2(error.status() != 401 && error.status() != 403, qPrintable(recorded.file));
        if (recorded.status == 429)
            QVERIFY2(error.kind == ErrorKind::RateLimited || error.code == "provider_quota",
                     qPrintable(recorded.file));
    }
    qInfo() << "refusals understood:" << refusals;
    QVERIFY(refusals > 10);
}

void TestRecorded::streamsAreCompleteAndCutOnesAreNot()
{
    int complete = 0;
    int errors = 0;
    int suspect = 0;
    qsizetype prefixes = 0;
    QStringList incomplete;
    for (const Recorded &recorded : m_all) {
        if (!recorded.stream)
            continue;
        const auto events = eventsOf(recorded, recorded.body, [&] { return recorded.body.size(); });
        StreamMeter meter(recorded.endpoint);
        Terminal terminal(recorded.endpoint.dialect);
        bool ended = false;
        for (const Event &event : events) {
            meter.read(event.type, event.data);
            ended = terminal.reached(event);
            QVERIFY2(ended || !meter.complete(), qPrintable(recorded.file));
            ++prefixes;
            // Cut inside this event, nothing of it counts.
            if (!ended && event.data.size() > 2) {
                StreamMeter cut = meter;
                cut.read(event.type, event.data.first(event.data.size() / 2));
                QVERIFY2(!cut.complete(), qPrintable(recorded.file));
            }
        }
        if (meter.facts().error) {
            ++errors;
            QVERIFY2(!meter.complete(), qPrintable(recorded.file));
        } else if (meter.complete()) {
            ++complete;
            QVERIFY2(!meter.facts().empty, qPrintable(recorded.file));
            // Some recordings string several answers together: their figures do shrink.
            const auto starts = recorded.body.count("event: message_start")
                + recorded.body.count("event: response.created");
            suspect += meter.facts().usageSuspect;
            QVERIFY2(!meter.facts().usageSuspect || starts > 1, qPrintable(recorded.file));
        } else {
            incomplete << recorded.file;
        }
    }
    for (const QString &file : incomplete)
        qInfo().noquote() << "incomplete:" << file;
    qInfo() << "streams complete:" << complete << "with an error:" << errors
            << "incomplete:" << incomplete.size() << "prefixes tried:" << prefixes
            << "suspect usage:" << suspect;
    QVERIFY(complete > 150);
}

void TestRecorded::anySplitGivesTheSameFacts()
{
    int streams = 0;
    QRandomGenerator random(20261122);
    for (const Recorded &recorded : m_all) {
        if (!recorded.stream)
            continue;
        const auto all = eventsOf(recorded, recorded.body, [&] { return recorded.body.size(); });
        const StreamMeter whole = metered(recorded, all, all.size());
        const bool small = recorded.body.size() < 100'000;
        const std::vector<std::function<qsizetype()>> splits{
            [small] { return small ? 1 : 13; },
            [] { return 7; },
            [&] { return random.bounded(1, 1500); },
        };
        for (const auto &split : splits) {
            const auto events = eventsOf(recorded, recorded.body, split);
            QCOMPARE(events.size(), all.size());
            const StreamMeter meter = metered(recorded, events, events.size());
            QVERIFY2(sameFacts(meter.facts(), whole.facts()), qPrintable(recorded.file));
            QCOMPARE(meter.complete(), whole.complete());
        }
        ++streams;
    }
    qInfo() << "streams read in three splits each:" << streams;
    QVERIFY(streams > 150);
}

// Against the vendor's own total, or its separate figures, read by other means.
void TestRecorded::usageAddsUpToTheVendorsTotals()
{
    int checked = 0;
    QStringList off;
    for (const Recorded &recorded : m_all) {
        if (recorded.stream || recorded.status >= 300)
            continue;
        const auto facts = readAnswer(recorded.endpoint, recorded.body);
        if (!facts || !facts->usage || recorded.endpoint.operation != Operation::Generate)
            continue;
        const QJsonObject json = QJsonDocument::fromJson(recorded.body).object();
        const QJsonObject usage = json[u"usage"].toObject();
        const QJsonObject gemini = json[u"usageMetadata"].toObject();
        qint64 expected = 0;
        const QJsonArray turns
            = usage[u"iterations"].isArray() ? usage[u"iterations"].toArray() : QJsonArray{usage};
        if (recorded.endpoint.dialect == Dialect::Messages)
            for (const QJsonValue &turn : turns)
                for (const char *name : {"input_tokens", "output_tokens", "cache_read_input_tokens",
                                         "cache_creation_input_tokens"})
                    expected += turn[QLatin1String(name)].toInteger();
        else
            expected = (gemini.isEmpty() ? usage[u"total_tokens"] : gemini[u"totalTokenCount"])
                           .toInteger();
        ++checked;
        if (facts->usage->total() != expected)
            off << QStringLiteral("%1: %2, the vendor says %3")
                       .arg(recorded.file)
                       .arg(facts->usage->total())
                       .arg(expected);
    }
    for (const QString &line : off)
        qInfo().noquote() << line;
    qInfo() << "totals compared:" << checked << "different:" << off.size();
    QVERIFY(checked > 400);
    QVERIFY(off.size() <= 2);
}

void TestRecorded::requestsArePeekedAndEdited()
{
    int edited = 0;
    for (const Recorded &recorded : m_all) {
        if (recorded.request.isEmpty() || recorded.request.at(0) != '{')
            continue;
        Endpoint endpoint = recorded.endpoint;
        const auto found = peek(endpoint, recorded.request);
        if (!found) {
            // Recorded refusals had it coming; anything else is ours.
            QVERIFY2(recorded.status >= 400 || endpoint.dialect == Dialect::Gemini,
                     qPrintable(recorded.file + u' ' + found.error().message));
            continue;
        }
        const auto facts = readAnswer(endpoint, recorded.body);
        // Groq's compound systems search the web unasked.
        if (facts && facts->usage && !found->inputElsewhere && !found->model.contains("compound")
            && endpoint.operation == Operation::Generate)
            QVERIFY2(found->inputTokensCeiling >= facts->usage->totalInput()
                         || facts->usage->cacheRead > 0,
                     qPrintable(QStringLiteral("%1: bound %2, used %3")
                                    .arg(recorded.file)
                                    .arg(found->inputTokensCeiling)
                                    .arg(facts->usage->totalInput())));
        Edits edits;
        edits.model = "other/model";
        edits.addIncludeUsage = found->stream;
        edits.maxOutput = 77;
        const QByteArray out = applyEdits(recorded.request, endpoint, *found, edits);
        QVERIFY2(validateJson(out), qPrintable(recorded.file));
        endpoint.model = "other/model";
        const auto again = peek(endpoint, out);
        QVERIFY2(again, qPrintable(recorded.file));
        if (endpoint.operation == Operation::Generate)
            QCOMPARE(again->maxOutput, std::optional<std::int64_t>(77));
        QCOMPARE(again->model, QByteArray("other/model"));
        ++edited;
    }
    qInfo() << "requests peeked and edited:" << edited;
    QVERIFY(edited > 400);
}

QTEST_GUILESS_MAIN(TestRecorded)
#include "test_recorded.moc"
