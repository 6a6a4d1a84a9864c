// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/routing/routing.h"

#include <QTest>

using namespace tollgate;
using routing::AttemptFailure;
using routing::judge;
using routing::Verdict;

namespace {

AttemptFailure answeredWith(int status)
{
    AttemptFailure failure;
    failure.requestSent = true;
    failure.answered = true;
    failure.status = status;
    return failure;
}

} // namespace

class TestVerdict : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void errorStatusesOfTheChannelMoveOn()
    {
        for (const int status : {401, 402, 403, 404, 405, 408, 409, 410, 425, 429, 500, 501, 502,
                                 503, 504, 520, 529, 599}) {
            QVERIFY2(judge(answeredWith(status)) == Verdict::Next,
                     QByteArray::number(status).constData());
        }
    }

    void clientsFaultsAreFinal()
    {
        for (const int status :
             {400, 406, 411, 413, 414, 415, 422, 431, 451, 200, 204, 301, 307, 0})
            QVERIFY2(judge(answeredWith(status)) == Verdict::Final,
                     QByteArray::number(status).constData());
    }

    void vendorsOwnWordsOutweighTheStatus()
    {
        AttemptFailure badKey = answeredWith(400);
        badKey.blamesChannel = true;
        QCOMPARE(judge(badKey), Verdict::Next);
        AttemptFailure overloaded = answeredWith(200);
        overloaded.refusedInBody = true;
        QCOMPARE(judge(overloaded), Verdict::Next);
    }

    void nothingLeftSoAnotherMayTry()
    {
        QCOMPARE(judge({}), Verdict::Next);
        AttemptFailure late;
        late.timedOut = true; // connecting
        QCOMPARE(judge(late), Verdict::Next);
    }

    void sentAndNeverAnsweredMayHaveBeenBilled()
    {
        AttemptFailure lost;
        lost.requestSent = true;
        QCOMPARE(judge(lost), Verdict::Final);
        lost.timedOut = true;
        QCOMPARE(judge(lost), Verdict::Final);
        lost.blamesChannel = true;
        QCOMPARE(judge(lost), Verdict::Final);
    }

    void contentWithTheClientEndsItAll()
    {
        for (const int status : {200, 429, 500, 529}) {
            AttemptFailure late = answeredWith(status);
            late.anyContentSent = true;
            late.refusedInBody = true;
            late.blamesChannel = true;
            QCOMPARE(judge(late), Verdict::Final);
        }
        AttemptFailure cut;
        cut.anyContentSent = true;
        QCOMPARE(judge(cut), Verdict::Final);
    }

    void brokenChannelIsLeftForAnotherBeforeItsOtherKeys()
    {
        const auto channelOf = [](std::int64_t id) {
            auto channel = std::make_shared<routing::Channel>();
            channel->row.id = id;
            return channel;
        };
        const auto one = channelOf(1);
        const auto two = channelOf(2);
        routing::Plan plan;
        for (std::size_t key = 0; key < 3; ++key)
            plan.candidates.push_back({one, key, {}, {}});
        for (std::size_t key = 0; key < 2; ++key)
            plan.candidates.push_back({two, key, {}, {}});
        const auto order = [](const routing::Plan &of) {
            QByteArray text;
            for (const auto &each : of.candidates)
                text += QByteArray::number(each.channel->row.id) + char('a' + int(each.key)) + ' ';
            return text.trimmed();
        };

        routing::Plan keysOwn = plan;
        routing::steerAway(keysOwn, 0, answeredWith(429));
        QCOMPARE(order(keysOwn), QByteArray("1a 1b 1c 2a 2b"));
        routing::Plan down = plan;
        routing::steerAway(down, 0, {});
        QCOMPARE(order(down), QByteArray("1a 2a 2b 1b 1c"));
        routing::steerAway(down, 1, answeredWith(503));
        QCOMPARE(order(down), QByteArray("1a 2a 1b 1c 2b"));
        routing::steerAway(down, 4, answeredWith(503));
        routing::steerAway(down, 99, answeredWith(503));
        QCOMPARE(order(down), QByteArray("1a 2a 1b 1c 2b"));
    }
};

QTEST_APPLESS_MAIN(TestVerdict)
#include "test_verdict.moc"
