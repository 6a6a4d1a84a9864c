// SPDX-License-Identifier: GPL-3.0-or-later
// The request log and the sums over it, compared with the plainest way of computing both.
#include "core/store/attempts.h"
#include "core/store/channels.h"
#include "core/store/requests.h"
#include "core/store/rollups.h"
#include "core/store/schema.h"
#include "core/store/tokens.h"
#include "tests/store/profile_for_tests.h"

#include <QRandomGenerator>
#include <QTest>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

using namespace tollgate;
using namespace tollgate::store;
using namespace tollgate::test;

namespace {

constexpr std::int64_t hourUs = 3'600'000'000;
constexpr std::int64_t firstHourUs = 1'795'305'600'000'000; // 2026-11-22 00:00 UTC
constexpr int count = 1500;

const QByteArray oddModel = R"(odd%_\model)";

RequestRow randomRequest(QRandomGenerator &random, int serial)
{
    const auto upTo = [&](int most) { return std::int64_t(random.bounded(most)); };
    static const QByteArrayList models = {"alpha", "alpha-2", "beta", oddModel};
    static const int statuses[] = {200, 200, 200, 204, 400, 404, 429, 499, 500, 502, 503, 101, 0};
    RequestRow row;
    row.id = "req_" + QByteArray::number(serial);
    // Few distinct times, so that many rows share one and the key's second half decides.
    row.startedUs = firstHourUs + upTo(8 * 60) * 60'000'000 + upTo(3);
    row.tokenId = upTo(4);
    row.dialect = "openai";
    row.operation = "chat";
    row.model = models.at(upTo(int(models.size())));
    row.stream = upTo(2) != 0;
    row.status = statuses[upTo(int(std::size(statuses)))];
    row.error = row.status >= 400 ? "rate_limited" : "";
    row.errorText = row.status >= 400 ? QStringLiteral("zu viele Anfragen é") : QString();
    row.finishReason = "stop";
    row.channelId = upTo(3);
    row.usage = {upTo(1000), upTo(100), upTo(9), upTo(9), upTo(500),
                 upTo(50),   upTo(5),   upTo(5), upTo(5), upTo(5)};
    if (upTo(3) == 0)
        row.units = {upTo(4), upTo(90'000), upTo(90'000), upTo(5'000), upTo(3), "hd/1024x1024"};
    row.cost = NanoUsd{upTo(1'000'000)};
    row.charge = NanoUsd{upTo(1'000'000)};
    row.flags = (upTo(4) == 0 ? Estimated : 0U) | (upTo(4) == 0 ? Unpriced : 0U);
    row.clientIp = "127.0.0.1";
    row.userAgent = upTo(2) == 0 ? "curl/8 100% \\ok" : "agent_x";
    row.sessionId = "session" + QByteArray::number(upTo(5));
    row.vendorId = "chatcmpl-" + QByteArray::number(serial);
    row.bytesIn = upTo(10'000);
    row.bytesOut = upTo(10'000);
    row.endUs = upTo(1'000'000);
    return row;
}

bool isNewer(const RequestRow &a, int aSerial, const RequestRow &b, int bSerial)
{
    return a.startedUs != b.startedUs ? a.startedUs > b.startedUs : aSerial > bSerial;
}

bool fitsText(const RequestRow &row, const QString &text)
{
    const QStringList fields = {QString::fromUtf8(row.id),        QString::fromUtf8(row.model),
                                QString::fromUtf8(row.error),     row.errorText,
                                QString::fromUtf8(row.sessionId), QString::fromUtf8(row.clientIp),
                                QString::fromUtf8(row.userAgent), QString::fromUtf8(row.vendorId)};
    return std::any_of(fields.begin(), fields.end(), [&](const QString &field) {
        return field.contains(text, Qt::CaseInsensitive);
    });
}

bool fits(const RequestRow &row, const RequestFilter &filter)
{
    const bool good = row.status >= 200 && row.status < 400;
    switch (filter.status) {
    case StatusClass::Any:
        break;
    case StatusClass::Succeeded:
        if (!good)
            return false;
        break;
    case StatusClass::Failed:
        if (good)
            return false;
        break;
    case StatusClass::ClientError:
        if (row.status < 400 || row.status > 499)
            return false;
        break;
    case StatusClass::ServerError:
        if (row.status < 500)
            return false;
        break;
    }
    return (filter.sinceUs == 0 || row.startedUs >= filter.sinceUs)
        && (filter.untilUs == 0 || row.startedUs < filter.untilUs)
        && (filter.tokenId == 0 || row.tokenId == filter.tokenId)
        && (filter.channelId == 0 || row.channelId == filter.channelId)
        && (filter.model.isEmpty() || row.model == filter.model)
        && (filter.text.isEmpty() || fitsText(row, filter.text));
}

void addUp(Totals &sum, const RequestRow &row)
{
    ++sum.requests;
    sum.failed += row.status >= 200 && row.status < 400 ? 0 : 1;
    sum.usage.input += row.usage.input;
    sum.usage.cacheRead += row.usage.cacheRead;
    sum.usage.cacheWrite5m += row.usage.cacheWrite5m;
    sum.usage.cacheWrite1h += row.usage.cacheWrite1h;
    sum.usage.output += row.usage.output;
    sum.usage.reasoning += row.usage.reasoning;
    sum.usage.audioInput += row.usage.audioInput;
    sum.usage.audioOutput += row.usage.audioOutput;
    sum.usage.imageInput += row.usage.imageInput;
    sum.usage.imageOutput += row.usage.imageOutput;
    sum.units.images += row.units.images;
    sum.units.audioInputMs += row.units.audioInputMs;
    sum.units.audioOutputMs += row.units.audioOutputMs;
    sum.units.characters += row.units.characters;
    sum.units.searches += row.units.searches;
    sum.cost.value += row.cost.value;
    sum.charge.value += row.charge.value;
    sum.estimated += (row.flags & Estimated) != 0 ? 1 : 0;
    sum.unpriced += (row.flags & Unpriced) != 0 ? 1 : 0;
}

bool same(const Totals &a, const Totals &b)
{
    return a.requests == b.requests && a.failed == b.failed && a.usage == b.usage
        && a.units == b.units && a.cost == b.cost && a.charge == b.charge
        && a.estimated == b.estimated && a.unpriced == b.unpriced;
}

using Group = std::pair<std::int64_t, QString>;

Group groupOf(const RequestRow &row, UsageBy by)
{
    switch (by) {
    case UsageBy::Model: // what was never routed is filed under no model
        return {0, row.channelId != 0 ? QString::fromUtf8(row.model) : QString()};
    case UsageBy::Token:
        return {row.tokenId, {}};
    case UsageBy::Channel:
        return {row.channelId, {}};
    }
    return {};
}

} // namespace

class TestStoreRequests : public QObject
{
    Q_OBJECT

private:
    Profile m_profile;
    std::unique_ptr<Store> m_store;
    std::vector<RequestRow> m_rows; // in order of completion

    Result<bool> add(const RequestRow &row)
    {
        return m_store->writeNow([row](Database &db) { return addRequest(db, row); });
    }
    Result<RequestPage> page(const RequestFilter &filter, std::optional<PageKey> after, int limit)
    {
        return m_store->readNow([=](Database &db) { return requests(db, filter, after, limit); });
    }
    // Every page, one after the other; `between` runs after each.
    Result<QByteArrayList> allPages(const RequestFilter &filter, int limit,
                                    const std::function<void()> &between = {})
    {
        QByteArrayList ids;
        std::optional<PageKey> after;
        for (int turn = 0; turn < 10'000; ++turn) {
            auto got = page(filter, after, limit);
            if (!got)
                return failure(got.error());
            for (const LoggedRequest &logged : got->requests)
                ids.append(logged.row.id);
            if (!got->next)
                return ids;
            if (got->requests.size() != std::size_t(limit))
                return failure(ErrorKind::Internal,
                               QStringLiteral("a page before the last is "
                                              "not full"));
            after = got->next;
            if (between)
                between();
        }
        return failure(ErrorKind::Internal, QStringLiteral("the pages do not end"));
    }
    QByteArrayList expected(const RequestFilter &filter) const
    {
        std::vector<int> places;
        for (int i = 0; i < int(m_rows.size()); ++i) {
            if (fits(m_rows[std::size_t(i)], filter))
                places.push_back(i);
        }
        std::sort(places.begin(), places.end(), [&](int a, int b) {
            return isNewer(m_rows[std::size_t(a)], a, m_rows[std::size_t(b)], b);
        });
        QByteArrayList ids;
        for (const int place : places)
            ids.append(m_rows[std::size_t(place)].id);
        return ids;
    }

private Q_SLOTS:
    void initTestCase()
    {
        auto opened = m_profile.open();
        VERIFY_RESULT(opened);
        m_store = std::move(*opened);
        QRandomGenerator random(4711);
        for (int i = 0; i < count; ++i)
            m_rows.push_back(randomRequest(random, i));
        VERIFY_RESULT(m_store->writeNow([rows = m_rows](Database &db) -> Result<void> {
            for (const RequestRow &row : rows) {
                if (auto done = addRequest(db, row); !done)
                    return failure(done.error());
            }
            return {};
        }));
    }
    void cleanupTestCase() { m_store.reset(); }

    void aFilteredLogIsReadInPagesNewestFirst_data()
    {
        QTest::addColumn<RequestFilter>("filter");
        QTest::addColumn<int>("limit");
        RequestFilter filter;
        QTest::newRow("everything") << filter << 37;
        QTest::newRow("one a page") << filter << 1;
        QTest::newRow("exactly one page") << filter << count;
        filter.sinceUs = firstHourUs + hourUs + 1;
        filter.untilUs = firstHourUs + 3 * hourUs + 60'000'001;
        QTest::newRow("some hours") << filter << 50;
        filter.tokenId = 2;
        QTest::newRow("one token's hours") << filter << 7;
        filter.channelId = 1;
        filter.model = "alpha"; // and not alpha-2
        QTest::newRow("token, channel and model") << filter << 3;
        filter = {};
        filter.model = oddModel;
        QTest::newRow("a model with signs of a pattern") << filter << 10;
        for (const auto &[name, status] : {std::pair{"succeeded", StatusClass::Succeeded},
                                           {"failed", StatusClass::Failed},
                                           {"client errors", StatusClass::ClientError},
                                           {"server errors", StatusClass::ServerError}}) {
            filter = {};
            filter.status = status;
            QTest::newRow(name) << filter << 64;
        }
        for (const char *text :
             {"%", "_", "\\", "100% \\OK", "odd%_\\", "agent_X", "session3", "req_77", "é",
              "rate_limited", "nowhere to be found", "' OR 1=1"}) {
            filter = {};
            filter.text = QString::fromUtf8(text);
            QTest::newRow(text) << filter << 100;
        }
        filter = {};
        filter.text = QString(10'240, u'%');
        QTest::newRow("10 kB of text") << filter << 100;
        filter.text = QString(200'000, u'_');
        QTest::newRow("200 kB of text") << filter << 100;
        filter = {};
        filter.untilUs = 1;
        QTest::newRow("nothing") << filter << 100;
    }
    void aFilteredLogIsReadInPagesNewestFirst()
    {
        QFETCH(RequestFilter, filter);
        QFETCH(int, limit);
        auto ids = allPages(filter, limit);
        VERIFY_RESULT(ids);
        QCOMPARE(*ids, expected(filter));
    }

    void everyColumnComesBack()
    {
        RequestRow row;
        row.id = "req_full";
        row.startedUs = firstHourUs + 100 * hourUs;
        row.tokenId = 7;
        row.dialect = "gemini";
        row.operation = "embeddings";
        row.model = "ünï\"code";
        row.stream = true;
        row.status = 499;
        row.error = "client_gone";
        row.errorText = QStringLiteral("it's gone; 100%");
        row.finishReason = "length";
        row.attempts = 0;
        row.channelId = 9;
        row.usage = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        row.units = {1, 2, 3, 4, 5, "hd/1024x1792"};
        row.cost = NanoUsd{std::numeric_limits<std::int64_t>::max()};
        row.charge = NanoUsd{12};
        row.flags = Partial | ClientLeft;
        row.clientIp = "::1";
        row.userAgent = "agent";
        row.sessionId = "s";
        row.vendorId = "v";
        row.bytesIn = 5'000'000'000;
        row.bytesOut = 6'000'000'000;
        row.authUs = 1;
        row.routedUs = 2;
        row.reservedUs = 3;
        row.firstByteUs = 4;
        row.firstTokenUs = 5;
        row.endUs = 6;
        const auto inside = [row](Database &db) -> Result<LoggedRequest> {
            if (auto done = addRequest(db, row); !done)
                return failure(done.error());
            auto found = request(db, row.id);
            db.rollups().discard();
            // Undone again, so that the other tests' sums stay small.
            if (auto gone = db.run("DELETE FROM requests WHERE id = ?", row.id); !gone)
                return failure(gone.error());
            return found;
        };
        auto stored = m_store->writeNow(inside);
        VERIFY_RESULT(stored);
        const RequestRow &r = stored->row;
        QCOMPARE(r.id, row.id);
        QCOMPARE(r.startedUs, row.startedUs);
        QCOMPARE(r.tokenId, row.tokenId);
        QCOMPARE(r.dialect, row.dialect);
        QCOMPARE(r.operation, row.operation);
        QCOMPARE(r.model, row.model);
        QCOMPARE(r.stream, row.stream);
        QCOMPARE(r.status, row.status);
        QCOMPARE(r.error, row.error);
        QCOMPARE(r.errorText, row.errorText);
        QCOMPARE(r.finishReason, row.finishReason);
        QCOMPARE(r.channelId, row.channelId);
        QVERIFY(r.usage == row.usage);
        QVERIFY(r.units == row.units);
        QCOMPARE(r.cost, row.cost);
        QCOMPARE(r.charge, row.charge);
        QCOMPARE(r.flags, row.flags);
        QCOMPARE(r.clientIp, row.clientIp);
        QCOMPARE(r.userAgent, row.userAgent);
        QCOMPARE(r.sessionId, row.sessionId);
        QCOMPARE(r.vendorId, row.vendorId);
        QCOMPARE(r.bytesIn, row.bytesIn);
        QCOMPARE(r.bytesOut, row.bytesOut);
        QCOMPARE(r.authUs, row.authUs);
        QCOMPARE(r.routedUs, row.routedUs);
        QCOMPARE(r.reservedUs, row.reservedUs);
        QCOMPARE(r.firstByteUs, row.firstByteUs);
        QCOMPARE(r.firstTokenUs, row.firstTokenUs);
        QCOMPARE(r.endUs, row.endUs);
        auto missing = m_store->readNow([](Database &db) { return request(db, "req_full"); });
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, ErrorKind::NotFound);
    }

    void aLogFromBeforeUnitsIsReadOn()
    {
        const Profile profile;
        auto opened = profile.open();
        VERIFY_RESULT(opened);
        Store &old = **opened;
        VERIFY_RESULT(old.writeNow([](Database &db) {
            return db.script(
                "ALTER TABLE attempts DROP COLUMN units;;"
                "ALTER TABLE requests DROP COLUMN units;;"
                "ALTER TABLE rollups DROP COLUMN images;;"
                "ALTER TABLE rollups DROP COLUMN audio_input_ms;;"
                "ALTER TABLE rollups DROP COLUMN audio_output_ms;;"
                "ALTER TABLE rollups DROP COLUMN characters;;"
                "ALTER TABLE rollups DROP COLUMN searches;;"
                "INSERT INTO rollups(hour_us, token_id, channel_id, model, requests, "
                "failed, input, cache_read, cache_write_5m, cache_write_1h, output, "
                "reasoning, audio_input, audio_output, image_input, image_output, "
                "cost, charge, estimated, unpriced) "
                "VALUES(0, 1, 1, 'm', 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 9, 0, 0);;");
        }));
        VERIFY_RESULT(old.writeNow([](Database &db) { return migrations()[2].apply(db); }));
        RequestRow row;
        row.id = "new";
        row.startedUs = 1;
        row.tokenId = 1;
        row.channelId = 1;
        row.model = "m";
        row.units.images = 3;
        VERIFY_RESULT(old.writeNow([row](Database &db) { return addRequest(db, row); }));
        const auto sums
            = old.readNow([](Database &db) { return usage(db, UsageBy::Model, 0, hourUs); });
        VERIFY_RESULT(sums);
        QCOMPARE(sums->size(), std::size_t(1));
        QCOMPARE(sums->front().totals.requests, 2);
        QCOMPARE(sums->front().totals.units.images, 3);
    }

    void usageIsTheSumOfTheLog_data()
    {
        QTest::addColumn<std::int64_t>("since");
        QTest::addColumn<std::int64_t>("until");
        const auto at = [](std::int64_t us) { return firstHourUs + us; };
        QTest::newRow("all") << std::int64_t(0) << std::int64_t(0);
        QTest::newRow("whole hours") << at(hourUs) << at(4 * hourUs);
        QTest::newRow("odd ends") << at(hourUs / 2 + 7) << at(5 * hourUs + 1'234'567);
        QTest::newRow("inside one hour")
            << at(2 * hourUs + 60'000'001) << at(2 * hourUs + 1'800'000'002);
        QTest::newRow("over one border")
            << at(2 * hourUs + 3'000'000'000) << at(3 * hourUs + 60'000'000);
        QTest::newRow("one hour") << at(3 * hourUs) << at(4 * hourUs);
        QTest::newRow("to the border") << at(3 * hourUs + 1) << at(4 * hourUs);
        QTest::newRow("from the border") << at(3 * hourUs) << at(4 * hourUs - 1);
        QTest::newRow("open end") << at(5 * hourUs + 600'000'001) << std::int64_t(0);
        QTest::newRow("no time") << at(3 * hourUs + 5) << at(3 * hourUs + 5);
        QTest::newRow("the wrong way round") << at(4 * hourUs) << at(2 * hourUs);
        QTest::newRow("before everything") << std::int64_t(1) << at(0);
        QRandomGenerator random(99);
        for (int i = 0; i < 30; ++i) {
            const std::int64_t a = std::int64_t(random.bounded(quint64(9 * hourUs)));
            const std::int64_t b = std::int64_t(random.bounded(quint64(9 * hourUs)));
            QTest::addRow("random %d", i) << at(std::min(a, b)) << at(std::max(a, b));
        }
    }
    void usageIsTheSumOfTheLog()
    {
        QFETCH(std::int64_t, since);
        QFETCH(std::int64_t, until);
        for (const UsageBy by : {UsageBy::Model, UsageBy::Token, UsageBy::Channel}) {
            std::map<Group, Totals> sums;
            std::map<std::pair<std::int64_t, Group>, Totals> hourly;
            for (const RequestRow &row : m_rows) {
                if (row.startedUs < since || (until != 0 && row.startedUs >= until))
                    continue;
                const Group group = groupOf(row, by);
                addUp(sums[group], row);
                addUp(hourly[{row.startedUs / hourUs * hourUs, group}], row);
            }
            auto rows = m_store->readNow([=](Database &db) { return usage(db, by, since, until); });
            VERIFY_RESULT(rows);
            QCOMPARE(rows->size(), sums.size());
            for (const UsageRow &row : *rows) {
                const Group group{row.id, by == UsageBy::Model ? row.key : QString()};
                QVERIFY(sums.contains(group));
                QVERIFY(same(row.totals, sums.at(group)));
            }
            for (std::size_t i = 1; i < rows->size(); ++i)
                QVERIFY((*rows)[i - 1].totals.cost >= (*rows)[i].totals.cost);

            auto hours
                = m_store->readNow([=](Database &db) { return usageByHour(db, by, since, until); });
            VERIFY_RESULT(hours);
            QCOMPARE(hours->size(), hourly.size());
            std::int64_t last = 0;
            for (const HourRow &row : *hours) {
                QVERIFY(row.hourUs >= last);
                last = row.hourUs;
                const Group group{row.id, by == UsageBy::Model ? row.key : QString()};
                QVERIFY((hourly.contains({row.hourUs, group})));
                QVERIFY(same(row.totals, hourly.at({row.hourUs, group})));
            }
        }
    }

    void aRequestOfTheSameIdIsCountedOnce()
    {
        auto before
            = m_store->readNow([](Database &db) { return usage(db, UsageBy::Model, 0, 0); });
        VERIFY_RESULT(before);
        auto again = add(m_rows.front());
        VERIFY_RESULT(again);
        QVERIFY(!*again);
        auto after = m_store->readNow([](Database &db) { return usage(db, UsageBy::Model, 0, 0); });
        VERIFY_RESULT(after);
        QCOMPARE(after->size(), before->size());
        for (std::size_t i = 0; i < before->size(); ++i)
            QVERIFY(same((*before)[i].totals, (*after)[i].totals));
    }

    void usageNamesTokensAndChannels()
    {
        TokenRow token;
        token.name = QStringLiteral("alice");
        token.digest = QByteArray(32, 'a');
        auto added
            = m_store->writeNow([token](Database &db) { return addToken(db, token, firstHourUs); });
        VERIFY_RESULT(added);
        QCOMPARE(added->id, std::int64_t(1));
        auto rows = m_store->readNow([](Database &db) { return usage(db, UsageBy::Token, 0, 0); });
        VERIFY_RESULT(rows);
        for (const UsageRow &row : *rows)
            QCOMPARE(row.key,
                     row.id == 0 ? QString()
                                 : (row.id == 1 ? QStringLiteral("alice")
                                                : QStringLiteral("#%1").arg(row.id)));
    }

    void attemptsComeWithTheirRequestInOrder()
    {
        RequestRow row;
        row.id = "req_tried";
        row.startedUs = firstHourUs + 200 * hourUs;
        row.attempts = 3;
        row.status = 200;
        row.channelId = 1;
        auto done = m_store->writeNow([row](Database &db) -> Result<void> {
            for (const int number : {3, 1, 2}) {
                OpenAttempt attempt;
                attempt.row.requestId = row.id;
                attempt.row.number = number;
                attempt.row.channelId = number;
                attempt.row.model = "m" + QByteArray::number(number);
                attempt.row.reason = "because";
                attempt.row.startedUs = row.startedUs + number;
                auto id = addAttempt(db, attempt);
                if (!id)
                    return failure(id.error());
                AttemptRow ended = attempt.row;
                ended.id = *id;
                ended.state = AttemptState::Released;
                ended.status = 500 + number;
                ended.errorText = QStringLiteral("try %1").arg(number);
                if (auto end = endAttempt(db, ended, row.startedUs); !end)
                    return failure(end.error());
            }
            auto added = addRequest(db, row);
            return added ? Result<void>() : failure(added.error());
        });
        VERIFY_RESULT(done);
        m_rows.push_back(row);
        const auto check = [](const LoggedRequest &logged) {
            QCOMPARE(logged.attempts.size(), std::size_t(3));
            for (int i = 0; i < 3; ++i) {
                const AttemptRow &attempt = logged.attempts[std::size_t(i)];
                QCOMPARE(attempt.number, i + 1);
                QCOMPARE(attempt.status, 501 + i);
                QCOMPARE(attempt.errorText, QStringLiteral("try %1").arg(i + 1));
                QCOMPARE(attempt.state, AttemptState::Released);
                QCOMPARE(attempt.reason, QByteArray("because"));
            }
        };
        auto one = m_store->readNow([](Database &db) { return request(db, "req_tried"); });
        VERIFY_RESULT(one);
        check(*one);
        auto first = page({}, {}, 5);
        VERIFY_RESULT(first);
        QCOMPARE(first->requests.front().row.id, row.id);
        check(first->requests.front());
    }

    void whatIsAddedMeanwhileNeitherHidesNorRepeatsRows()
    {
        const QByteArrayList before = expected({});
        QRandomGenerator random(5);
        int serial = 100'000;
        const auto between = [&] {
            for (int i = 0; i < 3; ++i) {
                const RequestRow row = randomRequest(random, serial++);
                m_rows.push_back(row);
                if (!add(row))
                    qFatal("adding failed");
            }
        };
        auto ids = allPages({}, 41, between);
        VERIFY_RESULT(ids);
        QCOMPARE(std::set<QByteArray>(ids->begin(), ids->end()).size(), std::size_t(ids->size()));
        QByteArrayList old;
        for (const QByteArray &id : *ids) {
            if (before.contains(id))
                old.append(id);
        }
        QCOMPARE(old, before);
        auto all = allPages({}, 41);
        VERIFY_RESULT(all);
        QCOMPARE(*all, expected({}));
    }

    void followingSeesEachNewRequestOnce()
    {
        auto last = m_store->readNow([](Database &db) { return lastSequence(db); });
        VERIFY_RESULT(last);
        RequestFilter filter;
        filter.status = StatusClass::Failed;
        QRandomGenerator random(6);
        QByteArrayList added;
        QByteArrayList seen;
        std::int64_t at = *last;
        for (int i = 0; i < 60; ++i) {
            // Times run backwards: completion decides the order, not the start.
            RequestRow row = randomRequest(random, 200'000 + i);
            row.startedUs = firstHourUs - i;
            m_rows.push_back(row);
            if (fits(row, filter))
                added.append(row.id);
            VERIFY_RESULT(add(row));
            if (i % 7 != 0)
                continue;
            for (;;) {
                auto news = m_store->readNow(
                    [=](Database &db) { return requestsAfter(db, at, filter, 4); });
                VERIFY_RESULT(news);
                for (const LoggedRequest &logged : *news) {
                    QVERIFY(logged.sequence > at);
                    at = logged.sequence;
                    seen.append(logged.row.id);
                }
                if (news->size() < 4)
                    break;
            }
        }
        auto rest
            = m_store->readNow([=](Database &db) { return requestsAfter(db, at, filter, 100); });
        VERIFY_RESULT(rest);
        for (const LoggedRequest &logged : *rest)
            seen.append(logged.row.id);
        QCOMPARE(seen, added);
    }
};

QTEST_GUILESS_MAIN(TestStoreRequests)
#include "test_store_requests.moc"
