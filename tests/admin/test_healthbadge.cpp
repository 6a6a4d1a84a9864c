// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/healthbadge.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::admin;

namespace {

constexpr std::int64_t kNow = 1'800'000'000'000'000;
constexpr std::int64_t kSecond = 1'000'000;

store::RecentAttempt attempt(int secondsAgo, int status, const char *error = "",
                             std::int64_t firstTokenUs = 400'000)
{
    store::RecentAttempt one;
    one.startedUs = kNow - secondsAgo * kSecond;
    one.status = status;
    one.ended = true;
    one.error = error;
    one.firstTokenUs = firstTokenUs;
    return one;
}

HealthFacts facts()
{
    HealthFacts out;
    out.nowUs = kNow;
    out.lastUsedUs = kNow - kSecond;
    KeyFacts key;
    key.id = 1;
    key.usable = true;
    out.keys = {key};
    return out;
}

} // namespace

class TestHealthBadge : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatTheUserDidComesFirst();
    void aChannelThatWasNeverCalledIsUntested();
    void successesAreHealthy();
    void someFailuresDegrade();
    void manyFailuresAreFailing();
    void aRefusedKeyFailsUntilASuccess();
    void aClientsMistakeSaysNothing();
    void coolingNamesItsEndAndItsCause();
    void oneKeyThatIsWellKeepsTheChannelGoing();
    void noUsableKeySaysWhy();
    void slowFirstTokensAreSlow();
    void whatIsOlderThanAQuarterIsForgotten();
};

void TestHealthBadge::whatTheUserDidComesFirst()
{
    HealthFacts off = facts();
    off.enabled = false;
    QCOMPARE(healthBadge(off).word, HealthWord::Off);
    HealthFacts paused = facts();
    paused.recent = {attempt(1, 500, "upstream_failed")};
    paused.pausedUntilUs = kNow + kSecond;
    QCOMPARE(healthBadge(paused).word, HealthWord::Paused);
    QCOMPARE(healthBadge(paused).untilUs, kNow + kSecond);
    paused.pausedUntilUs = store::kUntilResumed;
    QCOMPARE(healthBadge(paused).untilUs, 0);
    paused.pausedUntilUs = kNow - 1;
    QVERIFY(healthBadge(paused).word != HealthWord::Paused);
}

void TestHealthBadge::aChannelThatWasNeverCalledIsUntested()
{
    HealthFacts fresh = facts();
    fresh.lastUsedUs = 0;
    QCOMPARE(healthBadge(fresh).word, HealthWord::Untested);
    fresh.lastUsedUs = kNow - 86'400 * kSecond;
    QCOMPARE(healthBadge(fresh).word, HealthWord::Healthy);
}

void TestHealthBadge::successesAreHealthy()
{
    HealthFacts well = facts();
    for (int i = 0; i < 60; ++i)
        well.recent.push_back(attempt(i, 200));
    well.recent.push_back(attempt(70, 500, "upstream_failed"));
    QCOMPARE(healthBadge(well).word, HealthWord::Healthy);
}

void TestHealthBadge::someFailuresDegrade()
{
    HealthFacts some = facts();
    for (int i = 0; i < 9; ++i)
        some.recent.push_back(attempt(i, 200));
    some.recent.push_back(attempt(10, 503, "upstream_failed"));
    QCOMPARE(healthBadge(some).word, HealthWord::Degraded);
    QVERIFY(healthBadge(some).reason.contains(QStringLiteral("1 of 10")));
}

void TestHealthBadge::manyFailuresAreFailing()
{
    HealthFacts many = facts();
    for (int i = 0; i < 4; ++i)
        many.recent.push_back(attempt(i, 503, "upstream_failed"));
    many.recent.push_back(attempt(9, 200));
    const HealthBadge badge = healthBadge(many);
    QCOMPARE(badge.word, HealthWord::Failing);
    QCOMPARE(badge.sinceUs, kNow - 3 * kSecond);
    QVERIFY(badge.reason.contains(QStringLiteral("503")));
}

void TestHealthBadge::aRefusedKeyFailsUntilASuccess()
{
    HealthFacts refused = facts();
    for (int i = 10; i < 100; ++i)
        refused.recent.push_back(attempt(i, 200));
    refused.recent.insert(refused.recent.begin(), attempt(2, 401, "upstream_failed"));
    QCOMPARE(healthBadge(refused).word, HealthWord::Failing);
    refused.recent.insert(refused.recent.begin(), attempt(1, 200));
    QCOMPARE(healthBadge(refused).word, HealthWord::Healthy);
}

void TestHealthBadge::aClientsMistakeSaysNothing()
{
    HealthFacts mistakes = facts();
    for (int i = 0; i < 20; ++i)
        mistakes.recent.push_back(attempt(i, 400, "invalid_request"));
    mistakes.recent.push_back(attempt(30, 200, "client_gone"));
    QCOMPARE(healthBadge(mistakes).word, HealthWord::Healthy);
}

void TestHealthBadge::coolingNamesItsEndAndItsCause()
{
    HealthFacts cooling = facts();
    cooling.keys.front().health.condition = routing::KeyCondition::Broken;
    cooling.keys.front().health.cooldownUs = 42 * kSecond;
    cooling.recent = {attempt(1, 500, "upstream_failed"), attempt(2, 500, "upstream_failed")};
    HealthBadge badge = healthBadge(cooling);
    QCOMPARE(badge.word, HealthWord::CoolingDown);
    QCOMPARE(badge.untilUs, kNow + 42 * kSecond);
    QVERIFY(badge.reason.startsWith(QStringLiteral("2 failures in a row (500)")));
    cooling.keys.front().health.condition = routing::KeyCondition::RateLimited;
    badge = healthBadge(cooling);
    QCOMPARE(badge.word, HealthWord::RateLimited);
    cooling.keys.front().health.condition = routing::KeyCondition::Rejected;
    QCOMPARE(healthBadge(cooling).word, HealthWord::Failing);
}

void TestHealthBadge::oneKeyThatIsWellKeepsTheChannelGoing()
{
    HealthFacts two = facts();
    KeyFacts resting = two.keys.front();
    resting.health.condition = routing::KeyCondition::RateLimited;
    resting.health.cooldownUs = 9 * kSecond;
    two.keys.push_back(resting);
    QCOMPARE(healthBadge(two).word, HealthWord::Healthy);
}

void TestHealthBadge::noUsableKeySaysWhy()
{
    HealthFacts none = facts();
    none.keys.front().usable = false;
    none.keys.front().trouble = QStringLiteral("The key is locked");
    QCOMPARE(healthBadge(none).word, HealthWord::Failing);
    QCOMPARE(healthBadge(none).reason, QStringLiteral("The key is locked"));
}

void TestHealthBadge::slowFirstTokensAreSlow()
{
    HealthFacts slow = facts();
    for (int i = 0; i < 12; ++i)
        slow.recent.push_back(attempt(i, 200, "", 20'000'000));
    QCOMPARE(healthBadge(slow).word, HealthWord::Slow);
    slow.recent.resize(9);
    QCOMPARE(healthBadge(slow).word, HealthWord::Healthy);
}

void TestHealthBadge::whatIsOlderThanAQuarterIsForgotten()
{
    HealthFacts old = facts();
    for (int i = 0; i < 9; ++i)
        old.recent.push_back(attempt(901 + i, 500, "upstream_failed"));
    QCOMPARE(healthBadge(old).word, HealthWord::Healthy);
}

QTEST_GUILESS_MAIN(TestHealthBadge)
#include "test_healthbadge.moc"
