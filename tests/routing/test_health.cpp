// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/routing/health.h"
#include "tests/access/fakeclock.h"

#include <QTest>

#include <limits>
#include <thread>

using namespace tollgate;
using routing::Health;
using routing::KeyCondition;
using test::FakeClock;

namespace {

constexpr std::int64_t kKey = 7;
constexpr std::int64_t kSecond = 1'000'000;

void failTimes(Health &health, int times)
{
    for (int i = 0; i < times; ++i)
        health.failed(kKey);
}

} // namespace

class TestHealth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fourFailuresAreForgivenTheFifthCutsOff()
    {
        FakeClock clock;
        Health health(clock);
        failTimes(health, 4);
        QCOMPARE(health.cooldownUs(kKey), 0);
        QVERIFY(health.beginAttempt(kKey));
        failTimes(health, 1);
        QCOMPARE(health.cooldownUs(kKey), 10 * kSecond);
        QCOMPARE(health.cooldownUs(kKey + 16), 0);
        QVERIFY(!health.beginAttempt(kKey));
    }

    void failuresSpreadOverTimeDoNotCutOff()
    {
        FakeClock clock;
        Health health(clock);
        for (int i = 0; i < 100; ++i) {
            failTimes(health, 1);
            clock.advanceMs(2'600);
        }
        QCOMPARE(health.cooldownUs(kKey), 0);
    }

    void aFewFailuresAmongManySuccessesDoNotCutOff()
    {
        FakeClock clock;
        Health health(clock);
        failTimes(health, 1);
        for (int i = 0; i < 1'000; ++i) {
            for (int j = 0; j < 9; ++j)
                health.succeeded(kKey);
            failTimes(health, 1);
            clock.advanceMs(5);
        }
        QCOMPARE(health.cooldownUs(kKey), 0);
    }

    void cutOffsDoubleUpToFiveMinutesAndOneSuccessEndsThem()
    {
        FakeClock clock;
        Health health(clock);
        failTimes(health, 5);
        for (const std::int64_t seconds : {10, 20, 40, 80, 160, 300, 300}) {
            QCOMPARE(health.cooldownUs(kKey), seconds * kSecond);
            clock.advanceMs(seconds * 1000);
            QCOMPARE(health.cooldownUs(kKey), 0);
            QVERIFY(health.beginAttempt(kKey));
            failTimes(health, 1);
        }
        clock.advanceMs(300'000);
        QVERIFY(health.beginAttempt(kKey));
        health.succeeded(kKey);
        QCOMPARE(health.cooldownUs(kKey), 0);
        QVERIFY(health.beginAttempt(kKey));
        QVERIFY(health.beginAttempt(kKey));
        failTimes(health, 5);
        QCOMPARE(health.cooldownUs(kKey), 10 * kSecond); // from the beginning again
    }

    void oneProbeAtATime()
    {
        FakeClock clock;
        Health health(clock);
        failTimes(health, 5);
        clock.advanceMs(10'000);
        QVERIFY(health.beginAttempt(kKey));
        QVERIFY(!health.beginAttempt(kKey));
        QVERIFY(health.cooldownUs(kKey) > 0);
        QCOMPARE(health.reports().at(0).condition, KeyCondition::Probing);
        clock.advanceMs(30'000); // the prober never came back
        QVERIFY(health.beginAttempt(kKey));
        QVERIFY(!health.beginAttempt(kKey));
    }

    void requestsFromBeforeTheCutOffDoNotLengthenIt()
    {
        FakeClock clock;
        Health health(clock);
        failTimes(health, 200);
        QCOMPARE(health.cooldownUs(kKey), 10 * kSecond);
    }

    void retryAfterIsClamped_data()
    {
        QTest::addColumn<int>("said");
        QTest::addColumn<int>("cools");
        QTest::newRow("absent") << -1 << 30;
        QTest::newRow("negative") << -1'000'000 << 30;
        QTest::newRow("zero") << 0 << 1;
        QTest::newRow("plain") << 42 << 42;
        QTest::newRow("an hour") << 3'600 << 3'600;
        QTest::newRow("huge") << 1'000'000'000 << 3'600;
        QTest::newRow("largest") << std::numeric_limits<int>::max() << 3'600;
        QTest::newRow("smallest") << std::numeric_limits<int>::min() << 30;
    }
    void retryAfterIsClamped()
    {
        QFETCH(int, said);
        QFETCH(int, cools);
        FakeClock clock;
        Health health(clock);
        health.rateLimited(kKey, said);
        QCOMPARE(health.cooldownUs(kKey), cools * kSecond);
        QCOMPARE(health.reports().at(0).condition, KeyCondition::RateLimited);
        health.rateLimited(kKey, 1); // never shortens
        QCOMPARE(health.cooldownUs(kKey), cools * kSecond);
        health.succeeded(kKey); // was under way before the 429
        QCOMPARE(health.cooldownUs(kKey), cools * kSecond);
        clock.advanceMs(cools * 1000LL);
        QCOMPARE(health.cooldownUs(kKey), 0);
        QVERIFY(health.beginAttempt(kKey));
        QVERIFY(health.beginAttempt(kKey)); // no probing after a 429
    }

    void rejectedKeyCoolsFiveMinutesUnlessItWorks()
    {
        FakeClock clock;
        Health health(clock);
        health.rejected(kKey);
        QCOMPARE(health.cooldownUs(kKey), 300 * kSecond);
        QCOMPARE(health.reports().at(0).condition, KeyCondition::Rejected);
        health.succeeded(kKey);
        QCOMPARE(health.cooldownUs(kKey), 0);
        QVERIFY(health.reports().empty());
    }

    void clearForgetsEverything()
    {
        FakeClock clock;
        Health health(clock);
        failTimes(health, 5);
        health.rateLimited(kKey, 100);
        health.rejected(kKey);
        health.clear(kKey);
        QCOMPARE(health.cooldownUs(kKey), 0);
        QVERIFY(health.reports().empty());
    }

    void reportsTellOfAllThatAreNotWell()
    {
        FakeClock clock;
        Health health(clock);
        health.rateLimited(3, 60);
        for (int i = 0; i < 5; ++i)
            health.failed(1);
        health.failed(2);
        const auto reports = health.reports();
        QCOMPARE(reports.size(), std::size_t(3));
        QCOMPARE(reports[0].keyId, 1);
        QCOMPARE(reports[0].condition, KeyCondition::Broken);
        QCOMPARE(reports[0].cooldownUs, 10 * kSecond);
        QCOMPARE(reports[1].keyId, 2);
        QCOMPARE(reports[1].condition, KeyCondition::Well);
        QCOMPARE(reports[1].recentFailures, 1);
        QCOMPARE(reports[2].keyId, 3);
        clock.advanceMs(61'000);
        QCOMPARE(health.reports().size(),
                 std::size_t(1)); // only the cut-off key waits for its probe
    }

    // Run under ThreadSanitizer too.
    void threadsMayReportAndAskAtOnce()
    {
        FakeClock clock;
        Health health(clock);
        const auto work = [&](int seed) {
            for (int i = 0; i < 20'000; ++i) {
                const std::int64_t key = (i * 7 + seed) % 40;
                switch ((i + seed) % 7) {
                case 0:
                    health.failed(key);
                    break;
                case 1:
                    health.succeeded(key);
                    break;
                case 2:
                    health.rateLimited(key, i % 5);
                    break;
                case 3:
                    (void)health.beginAttempt(key);
                    break;
                case 4:
                    health.clear(key);
                    break;
                case 5:
                    if (i % 100 == 0)
                        (void)health.reports();
                    break;
                default:
                    clock.advanceUs(health.cooldownUs(key) > 0 ? 50 : 10);
                }
            }
        };
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back(work, i);
        threads.clear();
        for (std::int64_t key = 0; key < 40; ++key) {
            QVERIFY(health.cooldownUs(key) >= 0);
            health.clear(key);
        }
        QVERIFY(health.reports().empty());
    }
};

QTEST_APPLESS_MAIN(TestHealth)
#include "test_health.moc"
