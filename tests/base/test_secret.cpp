// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/secret.h"

#include <QDebug>
#include <QTest>

#include <type_traits>

using namespace tollgate;

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, QByteArray>
              && !std::is_convertible_v<Secret, QString>);

class TestSecret : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void revealsWhatItWasGiven();
    void printsItselfMasked();
    void moveLeavesNothingBehind();
    void wipeOverwritesInPlace();
};

void TestSecret::revealsWhatItWasGiven()
{
    const Secret secret(QByteArrayView("sk-proj-0123456789abcdef"));
    QVERIFY(secret.reveal() == QByteArrayView("sk-proj-0123456789abcdef"));
    QVERIFY(!secret.isEmpty());
    QVERIFY(Secret().isEmpty());
    QVERIFY(Secret(QByteArrayView()).reveal().isEmpty());
}

void TestSecret::printsItselfMasked()
{
    const Secret secret(QByteArrayView("sk-proj-0123456789abcdef"));
    QCOMPARE(secret.masked(),
             QByteArray("sk-\xE2\x80\xA6"
                        "cdef"));
    QCOMPARE(Secret(QByteArrayView("short")).masked(), QByteArray("\xE2\x80\xA6"));
    QString text;
    QDebug(&text) << secret;
    QVERIFY(!text.contains(QStringLiteral("0123456789")));
    QVERIFY(text.contains(QStringLiteral("cdef")));
}

void TestSecret::moveLeavesNothingBehind()
{
    Secret first(QByteArrayView("0123456789abcdef"));
    Secret second(std::move(first));
    QVERIFY(first.isEmpty()); // NOLINT: a moved-from secret is empty by contract
    QVERIFY(second.reveal() == QByteArrayView("0123456789abcdef"));
    Secret third(QByteArrayView("other"));
    third = std::move(second);
    QVERIFY(third.reveal() == QByteArrayView("0123456789abcdef"));
}

void TestSecret::wipeOverwritesInPlace()
{
    char memory[] = "secret secret secret";
    const std::size_t size = sizeof memory - 1;
    QByteArray copy(memory, static_cast<qsizetype>(size));
    const QByteArray untouched = copy;
    wipe(copy); // shared: the other copy must survive
    QVERIFY(copy.isEmpty());
    QCOMPARE(untouched, QByteArray(memory));
}

QTEST_GUILESS_MAIN(TestSecret)
#include "test_secret.moc"
