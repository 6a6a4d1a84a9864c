// SPDX-License-Identifier: GPL-3.0-or-later
// The calls that the screens of the log, of usage and the first page live on, over a made log.
#include "testhouse.h"

#include "core/admin/outlook.h"
#include "core/admin/timebuckets.h"
#include "core/store/requests.h"
#include "tests/store/generatedlog_for_tests.h"

#include <QElapsedTimer>

namespace tollgate::admin {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr int kRows = 40'000;
constexpr std::int64_t kStepUs = 60'000'000; // 27 days

QJsonObject range(std::int64_t since, std::int64_t until, QJsonObject more = {})
{
    more.insert(word("since_us"), qint64{since});
    more.insert(word("until_us"), qint64{until});
    return more;
}

qint64 sumOf(const QJsonArray &values)
{
    qint64 sum = 0;
    for (const QJsonValue &value : values)
        sum += value.toInteger();
    return sum;
}

} // namespace

class TestRecordScreens : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void pagesThroughTheLog();
    void aWrongFilterIsAnAnswer();
    void sumsAndLogAgree_data();
    void sumsAndLogAgree();
    void bucketsFollowTheClockOnTheWall();
    void daysOfHalfHourZonesAreExact();
    void everyReportAnswers_data();
    void everyReportAnswers();
    void causesNameTheirNewestRequest();
    void budgetsTellTheirPace();
    void aMonthIsForetoldFromItsWeekdays();
    void theOverviewIsOneSnapshot();
    void followersHearOfRequestsOnce();
    void whatRunsIsListedAndStopped();

private:
    TestHouse m_house;
    const std::int64_t m_end = test::firstRequestUs + kRows * kStepUs;
};

void TestRecordScreens::initTestCase()
{
    auto made = m_house.store->writeNow(
        [](store::Database &db) { return test::generateLog(db, kRows, kStepUs); });
    QVERIFY2(made, made ? "" : qPrintable(made.error().message));
}

void TestRecordScreens::pagesThroughTheLog()
{
    QJsonObject ask{{word("filter"), word("status:failed token:\"token 2\"")}, {word("limit"), 40}};
    QSet<QString> ids;
    qint64 before = std::numeric_limits<qint64>::max();
    for (int page = 0; page < 200; ++page) {
        const auto answer = m_house.call("log page", ask);
        QVERIFY(answer);
        for (const QJsonValue &value : answer->value(word("requests")).toArray()) {
            const QJsonObject row = value.toObject();
            QCOMPARE(row.value(word("state")).toString(), word("failed"));
            QCOMPARE(row.value(word("token"))[word("name")].toString(), word("token 2"));
            const qint64 time = row.value(word("time_us")).toInteger();
            QVERIFY(time < before);
            before = time;
            ids.insert(row.value(word("id")).toString());
        }
        if (!answer->value(word("more")).toBool())
            break;
        ask.insert(word("before"), answer->value(word("next")));
    }
    ask.remove(word("before"));
    ask.remove(word("limit"));
    const auto count = m_house.call("log count", ask);
    QVERIFY(count);
    QVERIFY(!ids.isEmpty());
    QCOMPARE(count->value(word("count")).toInteger(), ids.size());
    QCOMPARE(count->value(word("capped")).toBool(), false);
    const auto fields = m_house.call("log fields", {{word("field"), word("client")}});
    QVERIFY(fields);
    QCOMPARE(fields->value(word("values")).toArray().size(), 3);
}

void TestRecordScreens::aWrongFilterIsAnAnswer()
{
    for (const char *command : {"log page", "log count", "usage series", "usage causes"}) {
        const auto answer
            = m_house.call(command, {{word("filter"), word("model:x (status:nonsense")}});
        QVERIFY(answer);
        const QJsonObject fault = answer->value(word("filter_error")).toObject();
        QCOMPARE(fault.value(word("at")).toInteger(), 16);
        QCOMPARE(fault.value(word("length")).toInteger(), 8);
        QVERIFY(!fault.value(word("hint")).toString().isEmpty());
    }
    QVERIFY(!m_house.call("log page", {{word("before"), word("nowhere")}}));
    QVERIFY(!m_house.call("log page", {{word("zone"), word("Mars/Olympus")}}));
    QVERIFY(!m_house.call("usage series", {{word("by"), word("weather")}}));
}

void TestRecordScreens::sumsAndLogAgree_data()
{
    QTest::addColumn<QString>("metric");
    QTest::addColumn<QString>("by");
    for (const char *metric : {"spend", "tokens", "requests", "errors"}) {
        for (const char *by : {"none", "model", "token", "channel"})
            QTest::addRow("%s by %s", metric, by) << word(metric) << word(by);
    }
}

// The same question once in a form that the sums know, once with a term that they do not, but that
// every row fulfils.
void TestRecordScreens::sumsAndLogAgree()
{
    QFETCH(QString, metric);
    QFETCH(QString, by);
    const std::int64_t since = test::firstRequestUs + 12'345'678;
    const QJsonObject ask = range(since, m_end - 98'765'432,
                                  {{word("metric"), metric},
                                   {word("by"), by},
                                   {word("bucket"), word("day")},
                                   {word("zone"), word("Asia/Kolkata")}});
    const auto sums = m_house.call("usage series", ask);
    QJsonObject slowly = ask;
    slowly.insert(word("filter"), word("protocol:chat"));
    const auto log = m_house.call("usage series", slowly);
    QVERIFY(sums && log);
    QCOMPARE(sums->value(word("source")).toString(), word("sums"));
    QCOMPARE(log->value(word("source")).toString(), word("log"));
    QVERIFY(log->value(word("complete")).toBool());
    for (const char *member : {"buckets", "requests"})
        QCOMPARE(sums->value(word(member)), log->value(word(member)));
    // The sums that the test made do not tell how requests ended; those of the store do.
    const auto withoutEndings = [](const QJsonObject &answer) {
        QJsonObject totals = answer.value(word("totals")).toObject();
        for (const char *ending : {"failed", "retried", "left", "blocked"})
            totals.remove(word(ending));
        return totals;
    };
    QCOMPARE(withoutEndings(*sums), withoutEndings(*log));
    const auto valuesByKey = [](const QJsonObject &answer) {
        QMap<QString, QJsonValue> found;
        for (const QJsonValue &series : answer.value(word("series")).toArray())
            found.insert(series[word("key")].toString(), series[word("values")]);
        return found;
    };
    if (metric != u"errors") // the made sums do not tell errors in a 200 apart
        QCOMPARE(valuesByKey(*sums), valuesByKey(*log));
    qint64 total = 0;
    for (const QJsonValue &series : log->value(word("series")).toArray())
        total += sumOf(series[word("values")].toArray());
    QVERIFY(total > 0);
}

void TestRecordScreens::bucketsFollowTheClockOnTheWall()
{
    const QTimeZone berlin("Europe/Berlin");
    const auto at = [&](const char *text, const QTimeZone &zone) {
        const QDateTime local = QDateTime::fromString(word(text), Qt::ISODate);
        return QDateTime(local.date(), local.time(), zone).toMSecsSinceEpoch() * 1'000;
    };
    const auto hours = [](const std::vector<std::int64_t> &edges, std::size_t bucket) {
        return (edges[bucket + 1] - edges[bucket]) / kHourUs;
    };
    const auto spring = bucketEdges(at("2026-03-28T00:00:00", berlin),
                                    at("2026-03-31T00:00:00", berlin), BucketSize::Day, berlin);
    QCOMPARE(spring.size(), std::size_t(4));
    QCOMPARE(hours(spring, 0), 24);
    QCOMPARE(hours(spring, 1), 23);
    const auto autumn = bucketEdges(at("2026-10-24T00:00:00", berlin),
                                    at("2026-10-27T00:00:00", berlin), BucketSize::Day, berlin);
    QCOMPARE(hours(autumn, 1), 25);
    QCOMPARE(bucketEdges(at("2026-10-25T00:00:00", berlin), at("2026-10-26T00:00:00", berlin),
                         BucketSize::Hour, berlin)
                 .size(),
             std::size_t(26));
    // Ten to midnight and ten past, on both sides of the date line and of the year.
    for (const char *name :
         {"Pacific/Kiritimati", "Pacific/Midway", "Asia/Kathmandu", "Australia/Lord_Howe"}) {
        const QTimeZone zone(name);
        const auto year = bucketEdges(at("2026-12-31T23:50:00", zone),
                                      at("2027-01-01T00:10:00", zone), BucketSize::Day, zone);
        QCOMPARE(year.size(), std::size_t(3));
        QCOMPARE(year[1], at("2027-01-01T00:00:00", zone));
        const auto months = bucketEdges(at("2026-11-15T12:00:00", zone),
                                        at("2027-02-02T00:00:00", zone), BucketSize::Month, zone);
        QCOMPARE(months.size(), std::size_t(5));
        for (std::size_t i = 0; i + 1 < months.size(); ++i)
            QVERIFY(months[i] < months[i + 1]);
        const std::int64_t hour
            = bucketBeginning(at("2026-07-01T09:37:00", zone), BucketSize::Hour, zone);
        QCOMPARE(hour, at("2026-07-01T09:00:00", zone));
    }
    const auto weeks = bucketEdges(at("2026-11-18T09:00:00", berlin),
                                   at("2026-12-01T00:00:00", berlin), BucketSize::Week, berlin);
    QCOMPARE(weeks[1], at("2026-11-23T00:00:00", berlin)); // a Monday
    QVERIFY(bucketEdges(0, 1'000'000 * kHourUs, BucketSize::Hour, berlin).empty());
}

void TestRecordScreens::daysOfHalfHourZonesAreExact()
{
    const auto answer = m_house.call("usage series",
                                     range(test::firstRequestUs, m_end,
                                           {{word("metric"), word("requests")},
                                            {word("bucket"), word("day")},
                                            {word("zone"), word("Asia/Kathmandu")}}));
    QVERIFY(answer);
    const QJsonArray buckets = answer->value(word("buckets")).toArray();
    const QJsonArray requests = answer->value(word("requests")).toArray();
    QCOMPARE(requests.size(), buckets.size());
    QCOMPARE(sumOf(requests), kRows);
    for (qsizetype i = 1; i + 1 < buckets.size(); ++i) // a request a minute
        QCOMPARE(requests.at(i).toInteger(), 24 * 60);
}

void TestRecordScreens::everyReportAnswers_data()
{
    QTest::addColumn<QString>("command");
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonObject>("more");
    const auto row = [](const char *name, const char *command, const char *member,
                        const QJsonObject &more = {}) {
        QTest::newRow(name) << word(command) << word(member) << more;
    };
    row("ttft", "usage series", "series", {{word("metric"), word("ttft")}});
    row("total by model", "usage series", "series",
        {{word("metric"), word("total")}, {word("by"), word("model")}});
    row("two dimensions", "usage series", "series",
        {{word("by"), word("token")}, {word("then_by"), word("channel")}});
    row("by client", "usage series", "series", {{word("by"), word("client")}});
    row("by cause", "usage series", "series",
        {{word("metric"), word("errors")}, {word("by"), word("cause")}});
    row("heat", "usage heat", "days");
    row("causes", "usage causes", "causes");
    row("scatter", "usage scatter", "points");
    row("boxes", "usage boxes", "boxes", {{word("metric"), word("ttft")}});
}

void TestRecordScreens::everyReportAnswers()
{
    QFETCH(QString, command);
    QFETCH(QString, member);
    QFETCH(QJsonObject, more);
    const auto answer
        = m_house.call(command.toLatin1().constData(), range(test::firstRequestUs, m_end, more));
    QVERIFY2(answer, answer ? "" : qPrintable(answer.error().message));
    QVERIFY(!answer->value(member).toArray().isEmpty());
    const auto nothing = m_house.call(command.toLatin1().constData(),
                                      range(m_end + kHourUs, m_end + 2 * kHourUs, more));
    QVERIFY(nothing);
    QVERIFY(nothing->value(member).toArray().isEmpty());
}

void TestRecordScreens::causesNameTheirNewestRequest()
{
    const auto answer = m_house.call("usage causes", range(test::firstRequestUs, m_end));
    QVERIFY(answer);
    qint64 count = 0;
    for (const QJsonValue &value : answer->value(word("causes")).toArray()) {
        const QJsonObject cause = value.toObject();
        count += cause.value(word("count")).toInteger();
        const auto newest = m_house.store->readNow([&](store::Database &db) {
            return store::request(db, cause.value(word("last_id")).toString().toUtf8());
        });
        QVERIFY(newest);
        QCOMPARE(qint64{newest->row.startedUs}, cause.value(word("last_us")).toInteger());
        QCOMPARE(QString::fromUtf8(newest->row.error), cause.value(word("cause")).toString());
    }
    QCOMPARE(count, kRows * 42 / 1'000);
}

void TestRecordScreens::budgetsTellTheirPace()
{
    const auto word = [](NanoUsd spent, std::int64_t now) {
        return paceName(paceOf(NanoUsd{1'000}, spent, 0, 1'000'000, now).word);
    };
    QCOMPARE(word(NanoUsd{500}, 10'000), QStringLiteral("early"));
    QCOMPARE(word(NanoUsd{500}, 500'000), QStringLiteral("on_pace"));
    QCOMPARE(word(NanoUsd{300}, 500'000), QStringLiteral("lasts"));
    QCOMPARE(word(NanoUsd{1'000}, 500'000), QStringLiteral("spent"));
    const Pace over = paceOf(NanoUsd{1'000}, NanoUsd{750}, 0, 1'000'000, 500'000);
    QCOMPARE(paceName(over.word), QStringLiteral("over"));
    QCOMPARE(over.overPercent, 50);
    QCOMPARE(over.runsOutUs, 666'666);
    const auto none = m_house.call("usage burn");
    QVERIFY(none);
    QVERIFY(none->value(QStringLiteral("budgets")).toArray().isEmpty());
}

void TestRecordScreens::aMonthIsForetoldFromItsWeekdays()
{
    std::vector<DaySpend> days;
    const QDate today(2026, 11, 23); // a Monday
    for (int back = 1; back <= 28; ++back) {
        const QDate day = today.addDays(-back);
        if (day.dayOfWeek() <= 5)
            days.push_back({day, day.dayOfWeek() * 1'000});
    }
    days.push_back({today, 1'500});
    const auto outlook = monthOutlook(days, today);
    QCOMPARE(outlook.size(), std::size_t(30));
    QCOMPARE(outlook[21].p50, outlook[21].p20); // the 22nd, past
    QCOMPARE(outlook[22].p50 - outlook[21].p50, 1'500); // today has more than a Monday's median
    QCOMPARE(outlook[23].p50 - outlook[22].p50, 2'000);
    QCOMPARE(outlook[27].p50 - outlook[26].p50, 0); // Saturday
    QCOMPARE(outlook[29].p80 - outlook[28].p80, 1'000);
    QVERIFY(monthOutlook({{today.addDays(-1), 5}}, today).empty());
}

void TestRecordScreens::theOverviewIsOneSnapshot()
{
    // A request of our own at this moment, since the made ones are long ago.
    store::RequestRow row;
    row.id = "req_now";
    row.startedUs = Clock::system().wallUs() - 1'000'000;
    row.tokenId = 1;
    row.channelId = 2;
    row.model = "model-1";
    row.status = 200;
    row.attempts = 1;
    row.usage.input = 100;
    row.usage.cacheRead = 300;
    row.usage.output = 7;
    row.cost = NanoUsd{4'200};
    row.firstTokenUs = 500'000;
    row.endUs = 900'000;
    row.flags = store::Unpriced;
    row.userAgent = "curl/8.1";
    const auto added
        = m_house.store->writeNow([&](store::Database &db) { return store::addRequest(db, row); });
    QVERIFY(added);
    const auto answer = m_house.call("overview", {{word("zone"), word("Pacific/Auckland")}});
    QVERIFY2(answer, answer ? "" : qPrintable(answer.error().message));
    const QJsonObject today = answer->value(word("today")).toObject();
    QCOMPARE(today.value(word("requests")).toInteger(), 1);
    QCOMPARE(today.value(word("cost_nano")).toInteger(), 4'200);
    QCOMPARE(today.value(word("cache_permille")).toInteger(), 750);
    const qint64 ttft = today.value(word("ttft_p50_us")).toInteger();
    QVERIFY(ttft > 450'000 && ttft < 560'000);
    QCOMPARE(answer->value(word("last_request"))[word("id")].toString(), word("req_now"));
    QCOMPARE(answer->value(word("last_request"))[word("client")].toString(), word("curl"));
    QCOMPARE(answer->value(word("requests_last_minute")).toInteger(), 1);
    const QJsonObject strip = answer->value(word("strip")).toObject();
    QCOMPARE(strip.value(word("channels")).toArray().size(), 1);
    QCOMPARE(strip.value(word("channels"))[0][word("requests")].toArray().size(), 96);
    QCOMPARE(sumOf(answer->value(word("sparklines"))[word("requests")].toArray()), 1);
    bool unpriced = false;
    for (const QJsonValue &line : answer->value(word("attention")).toArray())
        unpriced = unpriced || line[word("kind")].toString() == u"unpriced";
    QVERIFY(unpriced);
}

void TestRecordScreens::followersHearOfRequestsOnce()
{
    QStringList heard;
    int events = 0;
    const auto ended
        = wait(*m_house.admin, "log follow", {{word("filter"), word("model:model-5")}},
               [&](const QJsonObject &event) {
                   for (const QJsonValue &row : event.value(word("rows")).toArray())
                       heard.append(row[word("id")].toString());
                   ++events;
                   if (heard.size() == 3)
                       return false;
                   if (events == 1) { // the first heartbeat: it listens
                       m_house.store->post([](store::Database &db) {
                           for (const char *id : {"req_a", "req_b", "req_c", "req_d"}) {
                               store::RequestRow row;
                               row.id = id;
                               row.startedUs = Clock::system().wallUs();
                               row.model = row.id == "req_b" ? "model-6" : "model-5";
                               row.status = 200;
                               auto added = store::addRequest(db, row);
                               if (!added)
                                   return Result<void>(failure(added.error()));
                           }
                           return Result<void>();
                       });
                   }
                   return events < 200;
               });
    QVERIFY(ended);
    QCOMPARE(heard, (QStringList{word("req_a"), word("req_c"), word("req_d")}));
}

void TestRecordScreens::whatRunsIsListedAndStopped()
{
    const auto running = m_house.call("running");
    QVERIFY(running);
    QVERIFY(running->value(word("requests")).isArray());
    const auto stopped = m_house.call("running stop", {{word("id"), word("req_gone")}});
    QVERIFY(!stopped);
    QCOMPARE(stopped.error().code, QByteArray("not_running"));
}

} // namespace tollgate::admin

QTEST_GUILESS_MAIN(tollgate::admin::TestRecordScreens)
#include "test_recordscreens.moc"
