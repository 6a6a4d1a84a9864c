// SPDX-License-Identifier: GPL-3.0-or-later
// Against a real gnome-keyring in a D-Bus session of its own. Needs the packages gnome-keyring,
// dbus-daemon and libsecret-1-0.
#include "core/base/random.h"
#include "tests/secrets/keyringsession.h"

#include <QDirIterator>
#include <QElapsedTimer>
#include <QTest>

using namespace tollgate;
using test::KeyringSession;
using test::Probe;

namespace {

QByteArray state(const QByteArray &answer)
{
    return answer.first(std::max<qsizetype>(answer.indexOf(' '), 0));
}

QByteArray firstWords(const QByteArray &answer, qsizetype count)
{
    return answer.split(' ').first(std::min(count, answer.count(' ') + 1)).join(' ');
}

bool anyFileHolds(const QString &folder, const QByteArrayList &needles)
{
    QDirIterator files(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QByteArray bytes = file.readAll();
        for (const QByteArray &needle : needles) {
            if (bytes.contains(needle))
                return true;
        }
    }
    return false;
}

} // namespace

class TestKeychain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const QString missing = KeyringSession::missingProgram();
        if (!missing.isEmpty())
            QSKIP(qPrintable(QStringLiteral("The program %1 is not installed.").arg(missing)));
    }

    void withoutABusTheKeychainIsUnavailable()
    {
        const KeyringSession session;
        const auto answers = session.ask({"read a", "quiet a", "write a c2VjcmV0", "remove a"});
        QCOMPARE(state(answers[0]), QByteArray("unavailable"));
        QCOMPARE(state(answers[1]), QByteArray("unavailable"));
        QCOMPARE(firstWords(answers[2], 2), QByteArray("failed keychain_unavailable"));
        QCOMPARE(firstWords(answers[3], 2), QByteArray("failed keychain_unavailable"));
    }

    void withoutAServiceTheKeychainIsUnavailable()
    {
        KeyringSession session;
        QVERIFY(session.startBus());
        const auto answers = session.ask({"read a", "quiet a", "write a c2VjcmV0"});
        QCOMPARE(state(answers[0]), QByteArray("unavailable"));
        QCOMPARE(state(answers[1]), QByteArray("unavailable"));
        QCOMPARE(firstWords(answers[2], 2), QByteArray("failed keychain_unavailable"));
    }

    void keyringNobodyUnlockedIsLocked()
    {
        KeyringSession session;
        QVERIFY(session.startBus());
        QVERIFY(session.startKeyring({}));
        const auto answers = session.ask({"read a", "quiet a", "write a c2VjcmV0", "remove a"});
        QCOMPARE(state(answers[0]), QByteArray("locked"));
        QCOMPARE(state(answers[1]), QByteArray("locked"));
        QCOMPARE(firstWords(answers[2], 2), QByteArray("failed keychain_locked"));
        QCOMPARE(firstWords(answers[3], 2), QByteArray("failed keychain_locked"));
    }

    void secretsGoRoundAnUnlockedKeyring()
    {
        KeyringSession session;
        QVERIFY(session.startBus());
        QVERIFY(session.startKeyring("passphrase"));
        Probe probe(session);
        QCOMPARE(state(probe.ask("read text")), QByteArray("absent"));
        const QByteArray text = "sk-canary-0123456789abcdef";
        const QByteArray binary = QByteArray("a\0b\xff\n", 5) + randomBytes(64);
        const QByteArray large(3'000, 'k');
        for (const auto &[reference, secret] : {std::pair<QByteArray, QByteArray>{"text", text},
                                                {"binary", binary},
                                                {"large", large}}) {
            QCOMPARE(probe.ask("write " + reference + ' ' + secret.toBase64()), QByteArray("ok"));
            QCOMPARE(probe.ask("read " + reference), "present " + secret.toBase64());
            QCOMPARE(probe.ask("quiet " + reference), "present " + secret.toBase64());
        }
        QCOMPARE(probe.ask("write text " + QByteArray("other").toBase64()), QByteArray("ok"));
        QCOMPARE(probe.ask("read text"), "present " + QByteArray("other").toBase64());
        QCOMPARE(probe.ask("remove text"), QByteArray("ok"));
        QCOMPARE(state(probe.ask("read text")), QByteArray("absent"));
        QCOMPARE(probe.ask("remove text"), QByteArray("ok")); // not there: nothing to do
        QCOMPARE(firstWords(probe.ask("write text"), 2), QByteArray("failed empty_key"));
        QCOMPARE(firstWords(probe.ask("write text " + QByteArray(20'000, 'x').toBase64()), 2),
                 QByteArray("failed key_too_long"));
        // Another program sees the same keychain, and no file holds a key in plain.
        QCOMPARE(session.ask({"read large"})[0], "present " + large.toBase64());
        QVERIFY(!anyFileHolds(
            session.home(), {text, text.toBase64(), large.first(64), large.first(63).toBase64()}));
    }

    void lockedKeyringIsToldFromAMissingKeyAndHealsOnUnlock()
    {
        KeyringSession session;
        QVERIFY(session.startBus());
        QVERIFY(session.startKeyring("passphrase"));
        QCOMPARE(session.ask({"write k c2VjcmV0"})[0], QByteArray("ok"));
        session.stopKeyring();
        QVERIFY(session.startKeyring({}));
        const auto locked
            = session.ask({"quiet k", "read k", "read nothere", "write n c2VjcmV0", "remove k"});
        for (int i = 0; i < 3; ++i)
            QCOMPARE(state(locked[i]), QByteArray("locked"));
        QCOMPARE(firstWords(locked[3], 2), QByteArray("failed keychain_locked"));
        QCOMPARE(firstWords(locked[4], 2), QByteArray("failed keychain_locked"));
        session.stopKeyring();
        QVERIFY(session.startKeyring("passphrase"));
        QCOMPARE(session.ask({"read k", "read nothere"}).first(), QByteArray("present c2VjcmV0"));
    }

    void keyDeletedUnderUsIsAbsent()
    {
        KeyringSession session;
        QVERIFY(session.startBus());
        QVERIFY(session.startKeyring("passphrase"));
        Probe probe(session);
        QCOMPARE(probe.ask("write k c2VjcmV0"), QByteArray("ok"));
        QCOMPARE(session.ask({"remove k"})[0], QByteArray("ok"));
        QCOMPARE(state(probe.ask("read k")), QByteArray("absent"));
        QCOMPARE(probe.ask("write k bmV3"), QByteArray("ok"));
        QCOMPARE(probe.ask("read k"), QByteArray("present bmV3"));
    }

    void serviceThatDiesAndReturnsIsFoundAgain()
    {
        KeyringSession session;
        QVERIFY(session.startBus());
        QVERIFY(session.startKeyring("passphrase"));
        Probe probe(session);
        QCOMPARE(probe.ask("write k c2VjcmV0"), QByteArray("ok"));
        session.stopKeyring();
        QCOMPARE(state(probe.ask("read k")), QByteArray("unavailable"));
        QVERIFY(session.startKeyring("passphrase"));
        QCOMPARE(probe.ask("read k"), QByteArray("present c2VjcmV0"));
    }

    void serviceThatNeverAnswersIsGivenUpOn()
    {
        KeyringSession session;
        QVERIFY(session.startBus());
        QVERIFY(session.startService(QCoreApplication::applicationDirPath()
                                     + QStringLiteral("/silentservice")));
        constexpr int limitMs = 4'000;
        Probe probe(session, limitMs);
        QElapsedTimer clock;
        clock.start();
        QCOMPARE(state(probe.ask("read k")), QByteArray("locked"));
        QVERIFY(clock.elapsed() >= limitMs * 9 / 10);
        clock.restart();
        QCOMPARE(state(probe.ask("read k")), QByteArray("locked"));
        QCOMPARE(firstWords(probe.ask("write k c2VjcmV0"), 2),
                 QByteArray("failed keychain_locked"));
        // At once, since the stuck one still blocks the queue: in its turn it would take as long.
        QVERIFY(clock.elapsed() < limitMs);
    }
};

QTEST_GUILESS_MAIN(TestKeychain)
#include "test_keychain.moc"
