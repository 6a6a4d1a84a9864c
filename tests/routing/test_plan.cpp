// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"
#include "core/routing/routing.h"

#include <QSet>
#include <QTest>

#include <cmath>
#include <map>

using namespace tollgate;
using namespace tollgate::routing;

namespace {

struct Shape
{
    int priority = 0;
    int weight = 1;
    std::vector<KeyReadiness> keys{KeyReadiness::Ready};
};

// Keys are numbered channel * 10 + place.
std::shared_ptr<Channel> channel(std::int64_t id, const Shape &shape = {})
{
    auto made = std::make_shared<Channel>();
    made->row.id = id;
    made->row.name = QStringLiteral("c%1").arg(id);
    made->row.priority = shape.priority;
    made->row.weight = shape.weight;
    made->row.models = {"m"};
    for (std::size_t i = 0; i < shape.keys.size(); ++i) {
        ChannelKey key;
        key.row.id = id * 10 + std::int64_t(i);
        key.row.channelId = id;
        key.readiness = shape.keys[i];
        made->keys.push_back(key);
    }
    made->speaks = [](protocol::Operation, protocol::Dialect) { return true; };
    return made;
}

ChannelTable table(std::initializer_list<std::shared_ptr<Channel>> channels)
{
    ChannelTable made;
    made.channels.assign(channels.begin(), channels.end());
    return made;
}

using Cooling = std::map<std::int64_t, std::int64_t>;

Plan planFor(const ChannelTable &channels, const QByteArray &affinity = {},
             const Cooling &cooling = {}, const QByteArray &model = "m")
{
    Question question;
    question.model = model;
    question.affinity = affinity;
    return plan(
        channels, question,
        [&](std::int64_t key) {
            const auto found = cooling.find(key);
            return found == cooling.end() ? 0 : found->second;
        },
        [](std::uint32_t bound) { return randomBelow(bound); });
}

std::vector<std::int64_t> keysOf(const Plan &made)
{
    std::vector<std::int64_t> keys;
    for (const Candidate &each : made.candidates)
        keys.push_back(each.channel->keys[each.key].row.id);
    return keys;
}

using Keys = std::vector<std::int64_t>;

// Chi-square of counts against shares; compare with the 0.001 quantile of its degrees of freedom.
double chiSquare(const std::map<std::int64_t, int> &counts,
                 const std::map<std::int64_t, double> &shares, int draws)
{
    double chi = 0;
    for (const auto &[id, share] : shares) {
        const double expected = share * draws;
        const auto found = counts.find(id);
        const double got = found == counts.end() ? 0 : found->second;
        chi += (got - expected) * (got - expected) / expected;
    }
    return chi;
}

} // namespace

class TestPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void higherPrioritiesComeFirst()
    {
        const auto channels
            = table({channel(1, {0}), channel(2, {10}), channel(3, {-5}), channel(4, {5})});
        for (int i = 0; i < 50; ++i)
            QCOMPARE(keysOf(planFor(channels)), Keys({20, 40, 10, 30}));
    }

    void weightsAreRealInTheFirstPlace_data()
    {
        QTest::addColumn<bool>("session");
        QTest::newRow("drawn") << false;
        QTest::newRow("by conversation") << true;
    }
    void weightsAreRealInTheFirstPlace()
    {
        QFETCH(bool, session);
        const auto channels = table({channel(1, {0, 1}), channel(2, {0, 2}), channel(3, {0, 7})});
        constexpr int kDraws = 20'000;
        std::map<std::int64_t, int> first;
        std::map<std::int64_t, int> secondAfterThree;
        int threes = 0;
        for (int i = 0; i < kDraws; ++i) {
            const auto made = planFor(
                channels, session ? "conversation " + QByteArray::number(i) : QByteArray());
            ++first[made.candidates[0].channel->row.id];
            if (made.candidates[0].channel->row.id == 3) {
                ++threes;
                ++secondAfterThree[made.candidates[1].channel->row.id];
            }
        }
        // 13.8 is the 0.999 quantile for two degrees of freedom, 10.8 for one; with some air, since
        // the draw is not seeded.
        QVERIFY(chiSquare(first, {{1, 0.1}, {2, 0.2}, {3, 0.7}}, kDraws) < 20);
        QVERIFY(chiSquare(secondAfterThree, {{1, 1 / 3.0}, {2, 2 / 3.0}}, threes) < 17);
    }

    void weightZeroServesOnlyAfterTheRestOfItsTier()
    {
        const auto channels = table(
            {channel(1, {0, 0}), channel(2, {0, 1}), channel(3, {0, 0}), channel(4, {-1, 9})});
        std::map<std::int64_t, int> second;
        for (int i = 0; i < 400; ++i) {
            const QByteArray affinity = i % 2 ? "s" + QByteArray::number(i) : QByteArray();
            const Keys keys = keysOf(planFor(channels, affinity));
            QCOMPARE(keys.front(), 20);
            QCOMPARE(keys.back(), 40);
            ++second[keys[1]];
        }
        QVERIFY(second[10] > 100 && second[30] > 100);
    }

    void hugeWeightsDoNotOverflow()
    {
        ChannelTable channels;
        for (int i = 1; i <= 5'000; ++i)
            channels.channels.push_back(channel(i, {0, std::numeric_limits<int>::max()}));
        channels.channels.push_back(channel(9'999, {0, -5}));
        const Plan made = planFor(channels);
        QCOMPARE(made.candidates.size(), std::size_t(5'001));
        QCOMPARE(made.candidates.back().channel->row.id, 9'999);
    }

    void keysOfAChannelRotateAndAppearOnce()
    {
        using enum KeyReadiness;
        const auto channels
            = table({channel(1, {0, 1, {Ready, Ready, Locked, Ready}}), channel(2)});
        std::map<std::int64_t, int> first;
        for (int i = 0; i < 3'000; ++i) {
            const Keys keys = keysOf(planFor(channels));
            QCOMPARE(keys.size(), std::size_t(4));
            QCOMPARE(QSet<std::int64_t>(keys.begin(), keys.end()).size(), 4);
            const auto of1
                = std::find_if(keys.begin(), keys.end(), [](auto id) { return id < 20; });
            ++first[*of1];
        }
        QVERIFY(chiSquare(first, {{10, 1 / 3.0}, {11, 1 / 3.0}, {13, 1 / 3.0}}, 3'000) < 20);
    }

    void conversationKeepsItsOrderAndItsKey()
    {
        using enum KeyReadiness;
        const auto channels = table({channel(1, {0, 2, {Ready, Ready}}), channel(2, {0, 3}),
                                     channel(3, {0, 1, {Ready, Ready, Ready}})});
        QSet<QByteArray> orders;
        for (int session = 0; session < 100; ++session) {
            const QByteArray affinity = "session-" + QByteArray::number(session);
            const Keys keys = keysOf(planFor(channels, affinity));
            for (int i = 0; i < 5; ++i)
                QCOMPARE(keysOf(planFor(channels, affinity)), keys);
            QByteArray order;
            for (const auto key : keys)
                order += QByteArray::number(key) + ' ';
            orders.insert(order);
        }
        QVERIFY(orders.size() > 10); // different conversations spread
    }

    void leavingChannelMovesOnlyItsOwnConversations()
    {
        const auto with = table({channel(1), channel(2), channel(3), channel(4)});
        const auto without = table({channel(1), channel(2), channel(4)});
        int moved = 0;
        for (int session = 0; session < 500; ++session) {
            const QByteArray affinity = QByteArray::number(session);
            const auto before = planFor(with, affinity).candidates[0].channel->row.id;
            const auto after = planFor(without, affinity).candidates[0].channel->row.id;
            if (before == 3)
                ++moved;
            else
                QCOMPARE(after, before);
        }
        QVERIFY(moved > 60);
    }

    void coolingKeysGoLastAndComeBack()
    {
        using enum KeyReadiness;
        const auto channels = table({channel(1, {10, 1, {Ready, Ready}}), channel(2, {0})});
        for (const QByteArray &affinity : {QByteArray(), QByteArray("s")}) {
            QCOMPARE(keysOf(planFor(channels, affinity, {{10, 9'000'000}})), Keys({11, 20, 10}));
            QCOMPARE(keysOf(planFor(channels, affinity, {{10, 9'000'000}, {11, 4'000'001}})),
                     Keys({20, 11, 10}));
            const Plan all
                = planFor(channels, affinity, {{10, 9'000'000}, {11, 4'000'001}, {20, 30'000'000}});
            QCOMPARE(keysOf(all), Keys({11, 10, 20}));
            QVERIFY(all.candidates[0].reason.contains("cooling down for 5 s"));
            QCOMPARE(all.candidates[0].coolingUs, 4'000'001);
            QCOMPARE(keysOf(planFor(channels, affinity)).back(), 20);
        }
    }

    void everyChannelLeftOutHasItsReason()
    {
        using enum KeyReadiness;
        const auto disabled = channel(1);
        disabled->row.enabled = false;
        const auto otherModel = channel(2);
        otherModel->row.models = {"x"};
        const auto otherDialect = channel(3);
        otherDialect->speaks = [](protocol::Operation, protocol::Dialect) { return false; };
        const auto keyOff = channel(4);
        keyOff->keys[0].row.enabled = false;
        const auto channels
            = table({disabled, otherModel, otherDialect, keyOff, channel(5, {0, 1, {Locked}}),
                     channel(6, {0, 1, {Absent}}), channel(7, {0, 1, {Denied}}),
                     channel(8, {0, 1, {Unavailable}}), channel(9, {0, 1, {}}), channel(10)});
        const Plan made = planFor(channels);
        QCOMPARE(keysOf(made), Keys({100}));
        std::map<std::int64_t, Cause> causes;
        for (const Exclusion &each : made.excluded) {
            causes[each.channelId] = each.cause;
            QVERIFY(!each.reason.isEmpty());
            QCOMPARE(each.channel, QStringLiteral("c%1").arg(each.channelId));
        }
        QCOMPARE(causes,
                 (std::map<std::int64_t, Cause>{{1, Cause::Disabled},
                                                {2, Cause::OtherModel},
                                                {3, Cause::OtherDialect},
                                                {4, Cause::NoKey},
                                                {5, Cause::KeyLocked},
                                                {6, Cause::KeyAbsent},
                                                {7, Cause::KeyDenied},
                                                {8, Cause::KeysUnavailable},
                                                {9, Cause::NoKey}}));
    }

    void reasonTellsWhyThisOne()
    {
        using enum KeyReadiness;
        const auto channels
            = table({channel(1, {10, 3, {Ready, Ready}}), channel(2, {10, 2}), channel(3, {0, 9})});
        for (const Candidate &each : planFor(channels, "s").candidates) {
            if (each.channel->row.id == 1)
                QVERIFY(each.reason.startsWith("priority 10, weight 3 of 5, key "));
            if (each.channel->row.id == 2)
                QCOMPARE(each.reason,
                         QByteArray("priority 10, weight 2 of 5, kept for this conversation"));
            if (each.channel->row.id == 3)
                QVERIFY(each.reason.startsWith("priority 0, weight 9 of 9"));
        }
    }

    void whyNoChannelNamesWhatToDo_data()
    {
        QTest::addColumn<int>("readiness");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("locked") << int(KeyReadiness::Locked) << QByteArray("provider_key_locked");
        QTest::newRow("absent") << int(KeyReadiness::Absent) << QByteArray("provider_key_missing");
        QTest::newRow("denied") << int(KeyReadiness::Denied) << QByteArray("provider_key_denied");
        QTest::newRow("unavailable")
            << int(KeyReadiness::Unavailable) << QByteArray("key_store_unavailable");
    }
    void whyNoChannelNamesWhatToDo()
    {
        QFETCH(int, readiness);
        QFETCH(QByteArray, code);
        const auto shut = channel(1, {0, 1, {KeyReadiness(readiness)}});
        const Plan made = planFor(table({shut, channel(2, {0, 1, {KeyReadiness(readiness)}})}));
        QVERIFY(made.candidates.empty());
        const Error error = whyNoChannel(made, {"m"});
        QCOMPARE(error.status(), 503);
        QCOMPARE(error.code, code);
        QVERIFY(error.message.contains(QStringLiteral("c1")));
        QVERIFY(error.message.contains(QStringLiteral("c2")));
        QVERIFY(error.message.front().isUpper());
        QVERIFY(!error.message.contains(u'%'));
    }

    void namesWithPercentSignsStayWhole()
    {
        const auto shut = channel(1, {0, 1, {KeyReadiness::Locked}});
        shut->row.name = QStringLiteral("%1 %2 100%");
        const Error error = whyNoChannel(planFor(table({shut})), {"m"});
        QVERIFY(error.message.contains(QStringLiteral("\u201c%1 %2 100%\u201d")));
    }

    void unknownModelIsNotFound()
    {
        const auto channels = table({channel(1)});
        const Error error = whyNoChannel(planFor(channels, {}, {}, "other"), {"other"});
        QCOMPARE(error.status(), 404);
        QCOMPARE(error.code, QByteArray("model_not_found"));
        QVERIFY(error.message.contains(QStringLiteral("other")));
        QCOMPARE(whyNoChannel(planFor({}), {"m"}).status(), 404);

        const auto disabled = channel(1);
        disabled->row.enabled = false;
        QCOMPARE(whyNoChannel(planFor(table({disabled})), {"m"}).status(), 404);
        const auto foreign = channel(1);
        foreign->speaks = [](protocol::Operation, protocol::Dialect) { return false; };
        const Error elsewhere = whyNoChannel(planFor(table({foreign})), {"m"});
        QCOMPARE(elsewhere.status(), 404);
        QCOMPARE(elsewhere.code, QByteArray("model_not_supported_here"));
    }

    void speaksIsAskedForTheOperationAndDialectAtHand()
    {
        const auto picky = channel(1);
        picky->speaks = [](protocol::Operation operation, protocol::Dialect dialect) {
            return operation == protocol::Operation::Embed && dialect == protocol::Dialect::Gemini;
        };
        Question question;
        question.model = "m";
        const auto none = [](std::int64_t) { return std::int64_t(0); };
        QVERIFY(plan(table({picky}), question, none, randomBelow).candidates.empty());
        question.operation = protocol::Operation::Embed;
        question.dialect = protocol::Dialect::Gemini;
        QCOMPARE(plan(table({picky}), question, none, randomBelow).candidates.size(),
                 std::size_t(1));
    }

    void planIsPure()
    {
        const auto channels = table({channel(1, {0, 3}), channel(2, {0, 2}), channel(3, {1, 1})});
        const auto once = [&] {
            std::uint32_t state = 7;
            return keysOf(plan(
                channels, {"m"}, [](std::int64_t) { return std::int64_t(0); },
                [&](std::uint32_t bound) {
                    return (state = state * 1664525 + 1013904223) % bound;
                }));
        };
        const Keys first = once();
        for (int i = 0; i < 10; ++i)
            QCOMPARE(once(), first);
    }
};

QTEST_APPLESS_MAIN(TestPlan)
#include "test_plan.moc"
