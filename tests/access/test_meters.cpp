// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/failedlogins.h"
#include "core/access/meters.h"
#include "core/access/slidingwindow.h"
#include "tests/access/fakeclock.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace tollgate;
using access::Meters;
using test::FakeClock;

namespace {

store::TokenRow limited(int rpm, std::int64_t tpm = 0, int concurrency = 0, std::int64_t id = 1)
{
    store::TokenRow row;
    row.id = id;
    row.requestsPerMinute = rpm;
    row.tokensPerMinute = tpm;
    row.concurrency = concurrency;
    return row;
}

int retryAfter(const Result<Meters::Place> &refused)
{
    return refused ? 0 : refused.error().retryAfterSeconds;
}

} // namespace

class TestMeters : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requestsAMinuteAreCountedExactly()
    {
        FakeClock clock;
        Meters meters(clock);
        const auto token = limited(3);
        QVERIFY(meters.admit(token, 0));
        clock.advanceMs(20'000);
        QVERIFY(meters.admit(token, 0));
        QVERIFY(meters.admit(token, 0));
        const auto refused = meters.admit(token, 0);
        QVERIFY(!refused);
        QCOMPARE(refused.error().status(), 429);
        QCOMPARE(refused.error().code, QByteArray("requests_per_minute"));
        QCOMPARE(refused.error().retryAfterSeconds, 40);
        clock.advanceMs(39'999);
        QVERIFY(!meters.admit(token, 0));
        clock.advanceMs(1);
        QVERIFY(meters.admit(token, 0));
        QVERIFY(!meters.admit(token, 0));
    }

    void refusedRequestsCostNothing()
    {
        FakeClock clock;
        Meters meters(clock);
        const auto token = limited(1, 100, 1);
        {
            const auto place = meters.admit(token, 10);
            QVERIFY(place);
            for (int i = 0; i < 100; ++i)
                QVERIFY(!meters.admit(token, 10));
        }
        clock.advanceMs(60'000);
        QVERIFY(meters.admit(token, 100));
    }

    void noWindowOfSixtySecondsHoldsMoreThanTheLimit()
    {
        FakeClock clock;
        Meters meters(clock);
        const auto token = limited(50);
        std::vector<std::int64_t> admitted;
        quint32 state = 12345;
        for (int i = 0; i < 20'000; ++i) {
            state = state * 1664525 + 1013904223;
            clock.advanceUs(state % 400'000);
            if (meters.admit(token, 0))
                admitted.push_back(clock.monotonicUs());
        }
        QVERIFY(admitted.size() > 1'000);
        for (std::size_t i = 50; i < admitted.size(); ++i)
            QVERIFY(admitted[i] - admitted[i - 50] >= 60'000'000);
    }

    void concurrencyIsGivenBackHoweverThePlaceEnds()
    {
        FakeClock clock;
        auto meters = std::make_unique<Meters>(clock);
        const auto token = limited(0, 0, 2);
        auto first = meters->admit(token, 0);
        auto second = meters->admit(token, 0);
        QVERIFY(first && second);
        const auto refused = meters->admit(token, 0);
        QCOMPARE(retryAfter(refused), 1);
        QCOMPARE(refused.error().code, QByteArray("concurrency_limit"));
        Meters::Place moved = std::move(*first);
        QVERIFY(!meters->admit(token, 0));
        moved = Meters::Place();
        QVERIFY(meters->admit(token, 0));
        meters.reset();
        *second = Meters::Place(); // outlives its Meters
    }

    void tokensAMinuteAreBookedAndCorrected()
    {
        FakeClock clock;
        Meters meters(clock);
        const auto token = limited(0, 1'000);
        auto small = meters.admit(token, 800);
        QVERIFY(small);
        QVERIFY(!meters.admit(token, 300));
        small->settle(100); // 700 come back
        auto second = meters.admit(token, 900);
        QVERIFY(second);
        second->settle(1'500); // 600 more than booked
        QVERIFY(!meters.admit(token, 1));
        second->settle(0); // only the first settling counts
        QVERIFY(!meters.admit(token, 1));
        clock.advanceMs(60'000);
        QVERIFY(meters.admit(token, 1'000));
    }

    void settlingAfterAMinuteBooksOnlyTheRest()
    {
        FakeClock clock;
        Meters meters(clock);
        const auto token = limited(0, 1'000);
        auto slow = meters.admit(token, 400);
        clock.advanceMs(61'000);
        slow->settle(100);
        QVERIFY(meters.admit(token, 1'000)); // nothing was taken back twice
        clock.advanceMs(60'000);
        auto large = meters.admit(token, 10);
        clock.advanceMs(61'000);
        large->settle(900); // 890 more, now
        QVERIFY(!meters.admit(token, 200));
        QVERIFY(meters.admit(token, 110));
    }

    void requestLargerThanTheLimitWaitsForAnEmptyMinute()
    {
        FakeClock clock;
        Meters meters(clock);
        const auto token = limited(0, 1'000);
        QVERIFY(meters.admit(token, 1));
        const auto refused = meters.admit(token, 5'000);
        QCOMPARE(retryAfter(refused), 60);
        clock.advanceMs(60'000);
        QVERIFY(meters.admit(token, 5'000));
        QVERIFY(!meters.admit(token, 1));
    }

    void hostileNumbersDoNotOverflow()
    {
        FakeClock clock;
        Meters meters(clock);
        const auto token = limited(0, std::numeric_limits<std::int64_t>::max());
        for (int i = 0; i < 100; ++i) {
            auto place = meters.admit(token, std::numeric_limits<std::int64_t>::max());
            if (place)
                place->settle(std::numeric_limits<std::int64_t>::max());
        }
        auto negative = meters.admit(limited(0, 100, 0, 2), -50);
        QVERIFY(negative);
        negative->settle(-50);
        QVERIFY(meters.admit(limited(0, 100, 0, 2), 100));
        QVERIFY(!meters.admit(limited(0, 100, 0, 2), 1));
    }

    void limitsOfANewerRowActOnWhatWasCounted()
    {
        FakeClock clock;
        Meters meters(clock);
        for (int i = 0; i < 5; ++i)
            QVERIFY(meters.admit(limited(10), 0));
        QVERIFY(!meters.admit(limited(5), 0)); // lowered: the five count
        QVERIFY(meters.admit(limited(6), 0));
    }

    void unlimitedTokenIsCheap()
    {
        Meters meters;
        const store::TokenRow token = limited(0);
        QBENCHMARK_ONCE
        {
            for (int i = 0; i < 1'000'000; ++i) {
                if (!meters.admit(token, 100))
                    QFAIL("refused without a limit");
            }
        }
    }

    void tenFailedLoginsAreFreeThenOneASecond()
    {
        FakeClock clock;
        Meters meters(clock);
        const QHostAddress bad(QStringLiteral("192.0.2.7"));
        const QHostAddress other(QStringLiteral("192.0.2.8"));
        for (int i = 0; i < 10; ++i) {
            QVERIFY(meters.mayTryToLogIn(bad));
            meters.loginFailed(bad);
        }
        QVERIFY(!meters.mayTryToLogIn(bad));
        QVERIFY(!meters.mayTryToLogIn(QHostAddress(QStringLiteral("::ffff:192.0.2.7"))));
        QVERIFY(meters.mayTryToLogIn(other));
        clock.advanceMs(999);
        QVERIFY(!meters.mayTryToLogIn(bad));
        clock.advanceMs(1);
        QVERIFY(meters.mayTryToLogIn(bad));
        meters.loginFailed(bad);
        QVERIFY(!meters.mayTryToLogIn(bad));
        clock.advanceMs(60'000);
        for (int i = 0; i < 9; ++i) {
            QVERIFY(meters.mayTryToLogIn(bad));
            meters.loginFailed(bad);
        }
    }

    void networkOfAnIpv6HostCountsAsOne()
    {
        FakeClock clock;
        Meters meters(clock);
        for (int i = 0; i < 10; ++i)
            meters.loginFailed(QHostAddress(QStringLiteral("2001:db8:1:2::%1").arg(i)));
        QVERIFY(!meters.mayTryToLogIn(QHostAddress(QStringLiteral("2001:db8:1:2:ffff::9"))));
        QVERIFY(meters.mayTryToLogIn(QHostAddress(QStringLiteral("2001:db8:1:3::1"))));
    }

    void hundredFailuresASecondFromAllAreTheMost()
    {
        FakeClock clock;
        Meters meters(clock);
        for (quint32 i = 0; i < 100; ++i) {
            QVERIFY(meters.mayTryToLogIn(QHostAddress(0x0a000000 + i)));
            meters.loginFailed(QHostAddress(0x0a000000 + i));
        }
        QVERIFY(!meters.mayTryToLogIn(QHostAddress(0x0b000000)));
        clock.advanceMs(1'000);
        QVERIFY(meters.mayTryToLogIn(QHostAddress(0x0b000000)));
    }

    void memoryForFailedLoginsIsBounded()
    {
        access::FailedLogins logins;
        const std::int64_t begin = 1'000'000'000;
        for (quint32 i = 0; i < 200'000; ++i)
            logins.add(QHostAddress(0x0a000000 + i), begin + i);
        QVERIFY(logins.addresses() <= access::FailedLogins::kMostAddresses);
        QVERIFY(logins.addresses() > access::FailedLogins::kMostAddresses / 2);
        // Strangers now share one history, used up by their like.
        QVERIFY(!logins.mayTry(QHostAddress(0x0c000001), begin + 200'000));
        // Two minutes later the old ones make room.
        const std::int64_t later = begin + 120'000'000;
        for (quint32 i = 0; i < 1'000; ++i)
            logins.add(QHostAddress(0x0d000000 + i), later + i);
        QVERIFY(logins.addresses() <= 1'000);
    }

    // Run under ThreadSanitizer too.
    void threadsShareTheLimitsExactly()
    {
        FakeClock clock;
        Meters meters(clock);
        std::atomic<int> admitted{0};
        std::atomic<int> running{0};
        std::atomic<int> most{0};
        const auto work = [&] {
            for (int i = 0; i < 5'000; ++i) {
                auto counted = meters.admit(limited(1'000, 0, 0, 1), 0);
                admitted += counted ? 1 : 0;
                auto place = meters.admit(limited(0, 1'000'000'000, 3, 2), 10);
                if (place) {
                    const int now = ++running;
                    int seen = most.load();
                    while (now > seen && !most.compare_exchange_weak(seen, now)) { }
                    place->settle(5);
                    --running;
                }
                const QHostAddress address(quint32(i % 50));
                if (meters.mayTryToLogIn(address))
                    meters.loginFailed(address);
            }
        };
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back(work);
        threads.clear();
        QCOMPARE(admitted.load(), 1'000);
        QVERIFY(most.load() >= 1 && most.load() <= 3);
        const auto all = meters.admit(limited(0, 0, 1, 2), 0);
        QVERIFY(all); // every place was given back
    }

    void manyTokensComeAndGo()
    {
        FakeClock clock;
        Meters meters(clock);
        for (std::int64_t id = 0; id < 50'000; ++id) {
            QVERIFY(meters.admit(limited(1, 0, 0, id), 0));
            clock.advanceMs(10);
        }
        QVERIFY(!meters.admit(limited(1, 0, 0, 49'999), 0));
        QVERIFY(meters.admit(limited(1, 0, 0, 0), 0));
    }

    void slidingWindowSaysHowLongToWait()
    {
        access::SlidingWindow window;
        window.add(0, 10);
        window.add(1'000'000, 20);
        window.add(2'000'000, 30);
        QCOMPARE(window.waitUs(3'000'000, 60), 0);
        QCOMPARE(window.waitUs(3'000'000, 50), 57'000'000);
        QCOMPARE(window.waitUs(3'000'000, 49), 58'000'000);
        QCOMPARE(window.waitUs(3'000'000, 0), 59'000'000);
        window.takeBack(1'000'000, 15);
        QCOMPARE(window.total(3'000'000), 45);
        window.takeBack(1'000'000, 15); // never below nothing
        QCOMPARE(window.total(3'000'000), 40);
        QCOMPARE(window.total(62'000'000), 0);
        window.takeBack(1'000'000, 15);
        QCOMPARE(window.total(62'000'000), 0);
    }
};

QTEST_APPLESS_MAIN(TestMeters)
#include "test_meters.moc"
