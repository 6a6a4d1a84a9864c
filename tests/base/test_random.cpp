// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include <QSet>
#include <QTest>

using namespace tollgate;

class TestRandom : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void idsAreLettersAndDigitsBehindTheirPrefix()
    {
        for (const QByteArray &id : {randomId("req_"), orderedId("req_", 1'790'000'000'000'000)}) {
            QVERIFY(id.startsWith("req_"));
            QCOMPARE(id.size(), qsizetype(4 + 22));
            for (const char c : id.mid(4))
                QVERIFY((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'));
        }
    }

    void idsDoNotRepeat()
    {
        QSet<QByteArray> seen;
        for (int i = 0; i < 20'000; ++i) {
            seen.insert(randomId("a"));
            seen.insert(orderedId("b", 1'790'000'000'000'000)); // all in one millisecond
        }
        QCOMPARE(seen.size(), qsizetype(40'000));
    }

    void anIdOfALaterMillisecondSortsAfter()
    {
        const std::int64_t start = 1'790'000'000'000'000;
        for (const std::int64_t step : {1'000LL, 62'000LL, 61'999'000LL, 86'400'000'000LL}) {
            for (int i = 0; i < 200; ++i) {
                const QByteArray before = orderedId("req_", start + i * step);
                const QByteArray after = orderedId("req_", start + (i + 1) * step);
                QVERIFY2(before < after, (before + " " + after).constData());
            }
        }
    }

    void aClockBeforeItsEpochStillGivesIds()
    {
        QCOMPARE(orderedId("", -5).left(8), QByteArray("00000000"));
        QCOMPARE(orderedId("", 0).size(), qsizetype(22));
    }
};

QTEST_GUILESS_MAIN(TestRandom)
#include "test_random.moc"
