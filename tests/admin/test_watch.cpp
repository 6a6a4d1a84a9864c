// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/watch.h"
#include "tests/admin/testhouse.h"

using namespace tollgate;
using namespace tollgate::admin;

namespace {

constexpr std::int64_t kNow = 1'800'000'000'000'000;

Look look(HealthWord word, int percent = 0)
{
    Look out;
    out.atUs = kNow;
    HealthBadge badge;
    badge.word = word;
    badge.reason = QStringLiteral("3 failures in a row (503)");
    out.channels.emplace(7, std::pair(QStringLiteral("main"), badge));
    out.budgets.push_back({3, QStringLiteral("ci"), 0, percent});
    return out;
}

QByteArrayList kinds(const std::vector<Notice> &notices)
{
    QByteArrayList out;
    for (const Notice &one : notices)
        out.append(one.row.kind);
    return out;
}

} // namespace

class TestWatch : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsAsItWasIsNoEvent();
    void channelsFailAndRecoverOnce();
    void budgetsAreToldAtEachStep();
    void failoverAndMissingPricesAreTold();
    void sameNoticeIsCountedWhileItIsQuiet();
    void bellIsReadAndCleared();
};

void TestWatch::whatIsAsItWasIsNoEvent()
{
    QVERIFY(noticesOf(nullptr, look(HealthWord::Failing, 100)).empty());
    const Look before = look(HealthWord::Failing, 90);
    QVERIFY(noticesOf(&before, look(HealthWord::Failing, 95)).empty());
}

void TestWatch::channelsFailAndRecoverOnce()
{
    const Look well = look(HealthWord::Healthy);
    const Look ill = look(HealthWord::CoolingDown);
    QCOMPARE(kinds(noticesOf(&well, ill)), QByteArrayList{"channel_failing"});
    QCOMPARE(kinds(noticesOf(&ill, look(HealthWord::Failing))), QByteArrayList());
    QCOMPARE(kinds(noticesOf(&ill, well)), QByteArrayList{"channel_recovered"});
    QCOMPARE(kinds(noticesOf(&ill, look(HealthWord::Off))), QByteArrayList());
}

void TestWatch::budgetsAreToldAtEachStep()
{
    const Look low = look(HealthWord::Healthy, 79);
    const Look high = look(HealthWord::Healthy, 80);
    QCOMPARE(kinds(noticesOf(&low, high)), QByteArrayList{"budget_80"});
    QCOMPARE(kinds(noticesOf(&high, look(HealthWord::Healthy, 99))), QByteArrayList());
    QCOMPARE(kinds(noticesOf(&high, look(HealthWord::Healthy, 100))), QByteArrayList{"budget_100"});
    QCOMPARE(kinds(noticesOf(&low, look(HealthWord::Healthy, 100))), QByteArrayList{"budget_100"});
}

void TestWatch::failoverAndMissingPricesAreTold()
{
    const Look before = look(HealthWord::Healthy);
    Look now = before;
    store::LoggedRequest moved;
    moved.row.status = 200;
    moved.row.channelId = 8;
    moved.attempts.resize(2);
    moved.attempts.front().channelId = 7;
    store::LoggedRequest failed = moved;
    failed.row.status = 502;
    store::LoggedRequest unpriced;
    unpriced.row.status = 200;
    unpriced.row.model = "new-model";
    unpriced.row.flags = store::Unpriced;
    now.requests = {moved, failed, unpriced};
    const std::vector<Notice> told = noticesOf(&before, now);
    QCOMPARE(kinds(told), (QByteArrayList{"failover", "unpriced_model"}));
    QCOMPARE(told.front().row.subject, QByteArray("channel:7"));
    QCOMPARE(told.back().row.subject, QByteArray("new-model"));
}

void TestWatch::sameNoticeIsCountedWhileItIsQuiet()
{
    TestHouse house;
    const auto add = [&house](std::int64_t atUs) {
        return house.store->writeNow([atUs](store::Database &db) {
            store::NoticeRow row;
            row.atUs = atUs;
            row.kind = "failover";
            row.subject = "channel:7";
            return store::addNotice(db, row, 600'000'000);
        });
    };
    QVERIFY(*add(kNow));
    QVERIFY(!*add(kNow + 1'000'000));
    QVERIFY(!*add(kNow + 599'000'000));
    QVERIFY(*add(kNow + 601'000'000));
    const auto list = house.call("bell list");
    QVERIFY(list);
    const QJsonArray notices = list->value(word("notices")).toArray();
    QCOMPARE(notices.size(), 2);
    QCOMPARE(notices.at(1).toObject().value(word("times")).toInt(), 3);
    QCOMPARE(list->value(word("unread")).toInt(), 2);
}

void TestWatch::bellIsReadAndCleared()
{
    TestHouse house;
    const auto added = house.store->writeNow([](store::Database &db) {
        store::NoticeRow row;
        row.atUs = kNow;
        row.kind = "unpriced_model";
        row.subject = "m";
        return store::addNotice(db, row, 0);
    });
    QVERIFY(added);
    QCOMPARE(house.call("bell read")->value(word("count")).toInt(), 1);
    QCOMPARE(house.call("bell list")->value(word("unread")).toInt(), 0);
    QCOMPARE(house.call("bell clear")->value(word("count")).toInt(), 1);
    QVERIFY(house.call("bell list")->value(word("notices")).toArray().isEmpty());
}

QTEST_GUILESS_MAIN(TestWatch)
#include "test_watch.moc"
