// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/vault.h"
#include "core/secrets/vaultfile.h"
#include "tests/access/fakeclock.h"
#include "tests/secrets/pump.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

using namespace tollgate;
using namespace tollgate::secrets;
using test::FakeClock;

namespace {

const VaultCost kCheap{1, 8'192};
const QByteArray kPassphrase = "correct horse";

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool setContent(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly | QIODevice::Truncate)
        && file.write(bytes) == bytes.size();
}

QByteArray create(Vault &vault, const QByteArray &passphrase = kPassphrase)
{
    return test::outcome([&](auto done) { vault.create(Secret(passphrase), std::move(done)); });
}

QByteArray unlock(Vault &vault, const QByteArray &passphrase = kPassphrase)
{
    return test::outcome([&](auto done) { vault.unlock(Secret(passphrase), std::move(done)); });
}

} // namespace

class TestVault : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->filePath(QStringLiteral("keys.vault"));
    }

    void secretsSurviveLockAndReopening()
    {
        const QByteArray binary = QByteArray("a\0b\xff", 4);
        {
            const auto vault = open();
            QVERIFY(!vault->exists());
            QCOMPARE(test::read(*vault, "a").state, KeyState::Unavailable);
            QCOMPARE(test::write(*vault, "a", "x"), QByteArray("vault_absent"));
            QCOMPARE(create(*vault), QByteArray("ok"));
            QVERIFY(vault->exists() && !vault->isLocked());
            QCOMPARE(test::read(*vault, "a").state, KeyState::Absent);
            QCOMPARE(test::write(*vault, "a", "sk-canary-value"), QByteArray("ok"));
            QCOMPARE(test::write(*vault, "b", binary), QByteArray("ok"));
            QCOMPARE(test::write(*vault, "c", QByteArray(3'000, 'k')), QByteArray("ok"));
            vault->lock();
            QVERIFY(vault->isLocked());
            QCOMPARE(test::read(*vault, "a").state, KeyState::Locked);
            QCOMPARE(test::write(*vault, "a", "y"), QByteArray("vault_locked"));
            QCOMPARE(test::remove(*vault, "a"), QByteArray("vault_locked"));
            QCOMPARE(unlock(*vault), QByteArray("ok"));
            QCOMPARE(test::remove(*vault, "c"), QByteArray("ok"));
            QCOMPARE(test::remove(*vault, "c"), QByteArray("ok"));
        }
        const auto again = open();
        QVERIFY(again->isLocked());
        QCOMPARE(unlock(*again), QByteArray("ok"));
        const Lookup found = test::read(*again, "a");
        QCOMPARE(found.state, KeyState::Present);
        QCOMPARE(found.secret->reveal(), QByteArrayView("sk-canary-value"));
        QCOMPARE(test::read(*again, "b").secret->reveal().toByteArray(), binary);
        QCOMPARE(test::read(*again, "c").state, KeyState::Absent);
        QVERIFY(!contentOf(m_path).contains("canary"));
        const auto mode = QFileInfo(m_path).permissions();
        QVERIFY(!(mode
                  & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther)));
    }

    void everyFlippedByteIsNoticed()
    {
        {
            const auto vault = open();
            QCOMPARE(create(*vault), QByteArray("ok"));
            QCOMPARE(test::write(*vault, "a", "sk-one"), QByteArray("ok"));
            QCOMPARE(test::write(*vault, "b", "sk-two"), QByteArray("ok"));
        }
        const QByteArray good = contentOf(m_path);
        const Secret passphrase(kPassphrase);
        const auto header = VaultHeader::read(good);
        QVERIFY(header);
        const auto keys = deriveKeys(*header, passphrase);
        QVERIFY(keys && readVault(good, *keys));
        for (qsizetype at = 0; at < good.size(); ++at) {
            for (const char flip : {'\x01', '\x80'}) {
                QByteArray bad = good;
                bad[at] = char(bad[at] ^ flip);
                const auto badHeader = VaultHeader::read(bad);
                // Cost and salt act on the key; a flip that asks for much memory is not tried out.
                if (badHeader && badHeader->cost.bytes > (1 << 22))
                    continue;
                const auto badKeys = badHeader ? deriveKeys(*badHeader, passphrase)
                                               : Result<VaultKeys>(failure(badHeader.error()));
                QVERIFY2(!badKeys || !readVault(bad, *badKeys), QByteArray::number(at).constData());
                QVERIFY(!readVault(bad, *keys)); // not even with the right key
            }
        }
    }

    void everyTruncationAndAppendixIsNoticed()
    {
        {
            const auto vault = open();
            QCOMPARE(create(*vault), QByteArray("ok"));
            QCOMPARE(test::write(*vault, "a", "sk-one"), QByteArray("ok"));
        }
        const QByteArray good = contentOf(m_path);
        const auto keys = deriveKeys(*VaultHeader::read(good), Secret(kPassphrase));
        QVERIFY(keys);
        for (qsizetype size = 0; size < good.size(); ++size)
            QVERIFY(!readVault(good.first(size), *keys));
        QVERIFY(!readVault(good + '\0', *keys));
        QVERIFY(!VaultHeader::read({}));
        QVERIFY(!VaultHeader::read(QByteArray(10'000, '\0')));
    }

    void entriesAreBoundToTheirReferences()
    {
        const VaultHeader header = VaultHeader::fresh(kCheap);
        const auto keys = deriveKeys(header, Secret(kPassphrase));
        QVERIFY(keys);
        const QByteArray sealed = sealEntry(*keys, "a", Secret("sk-one"));
        QVERIFY(openEntry(*keys, "a", sealed));
        QVERIFY(!openEntry(*keys, "b", sealed));
        QVERIFY(!openEntry(*keys, "", sealed));
        QVERIFY(sealEntry(*keys, "a", Secret("sk-one")) != sealed); // fresh nonce
    }

    void wrongPassphraseAndDamageLookTheSame()
    {
        FakeClock clock;
        const auto vault = openVault(m_path, kCheap, clock);
        QCOMPARE(unlock(*vault), QByteArray("vault_absent"));
        QCOMPARE(create(*vault), QByteArray("ok"));
        vault->lock();
        const auto unlockError = [&](const QByteArray &passphrase) {
            clock.advanceMs(120'000);
            const auto result = test::waitFor<Result<void>>(
                [&](auto done) { vault->unlock(Secret(passphrase), std::move(done)); });
            return result && !*result ? result->error().message : QString();
        };
        const QString wrong = unlockError("wrong horse");
        QVERIFY(!wrong.isEmpty());
        QVERIFY(vault->isLocked());
        const QByteArray good = contentOf(m_path);
        QByteArray damaged = good;
        damaged[damaged.size() - 1] = char(damaged[damaged.size() - 1] ^ 1);
        QVERIFY(setContent(m_path, damaged));
        QCOMPARE(unlockError(kPassphrase), wrong);
        QVERIFY(setContent(m_path, "not a vault at all"));
        QCOMPARE(unlockError(kPassphrase), wrong);
        QVERIFY(setContent(m_path, good));
        QCOMPARE(unlockError(kPassphrase), QString());
        QVERIFY(!vault->isLocked());
    }

    void wrongTriesArePutOffLongerAndLonger()
    {
        FakeClock clock;
        const auto vault = openVault(m_path, kCheap, clock);
        QCOMPARE(create(*vault), QByteArray("ok"));
        vault->lock();
        for (const int seconds : {1, 2, 4, 8, 16, 32, 60, 60}) {
            QCOMPARE(unlock(*vault, "wrong horse"), QByteArray("vault_not_opened"));
            QCOMPARE(unlock(*vault), QByteArray("vault_wait")); // not even the right one
            clock.advanceMs(seconds * 1000 - 1);
            QCOMPARE(unlock(*vault), QByteArray("vault_wait"));
            clock.advanceMs(1);
        }
        QCOMPARE(unlock(*vault), QByteArray("ok"));
        vault->lock();
        QCOMPARE(unlock(*vault, "wrong horse"), QByteArray("vault_not_opened"));
        clock.advanceMs(1'000);
        QCOMPARE(unlock(*vault), QByteArray("ok"));
    }

    void newerVersionIsNamed()
    {
        const auto vault = open();
        QCOMPARE(create(*vault), QByteArray("ok"));
        QByteArray newer = contentOf(m_path);
        newer[8] = 2;
        QVERIFY(setContent(m_path, newer));
        QCOMPARE(unlock(*vault), QByteArray("vault_too_new"));
    }

    void createNeverReplacesAVault()
    {
        const auto vault = open();
        QCOMPARE(create(*vault, "short"), QByteArray("bad_passphrase"));
        QCOMPARE(create(*vault, QByteArray(2'000, 'x')), QByteArray("bad_passphrase"));
        QVERIFY(!vault->exists());
        QCOMPARE(create(*vault), QByteArray("ok"));
        const QByteArray before = contentOf(m_path);
        QCOMPARE(create(*vault, "another passphrase"), QByteArray("vault_exists"));
        QCOMPARE(contentOf(m_path), before);
    }

    void manyWritesAtOnceAllArrive()
    {
        const auto vault = open();
        QCOMPARE(create(*vault), QByteArray("ok"));
        int done = 0;
        int failed = 0;
        for (int i = 0; i < 60; ++i) {
            vault->write(QByteArray::number(i % 30), Secret("value " + QByteArray::number(i)),
                         [&](const Result<void> &result) { ++(result ? done : failed); });
        }
        QTRY_COMPARE_WITH_TIMEOUT(done + failed, 60, test::kWaitMs);
        QCOMPARE(failed, 0);
        vault->lock();
        QCOMPARE(unlock(*vault), QByteArray("ok"));
        for (int i = 0; i < 30; ++i) {
            const Lookup found = test::read(*vault, QByteArray::number(i));
            QCOMPARE(found.state, KeyState::Present);
            QCOMPARE(found.secret->reveal().toByteArray(), "value " + QByteArray::number(i + 30));
        }
    }

    void fileChangedByAnotherIsNotOverwritten()
    {
        const auto mine = open();
        const auto theirs = open();
        QCOMPARE(create(*mine), QByteArray("ok"));
        QCOMPARE(unlock(*theirs), QByteArray("ok"));
        QCOMPARE(test::write(*theirs, "b", "theirs"), QByteArray("ok"));
        QCOMPARE(test::write(*mine, "a", "mine"), QByteArray("vault_changed"));
        QCOMPARE(test::read(*mine, "a").state, KeyState::Absent); // memory follows the disk
        mine->lock();
        QCOMPARE(unlock(*mine), QByteArray("ok"));
        QCOMPARE(test::write(*mine, "a", "mine"), QByteArray("ok"));
        QCOMPARE(test::read(*mine, "b").secret->reveal(), QByteArrayView("theirs"));
    }

    void lockDuringUnlockWins()
    {
        const auto vault = open();
        QCOMPARE(create(*vault), QByteArray("ok"));
        vault->lock();
        QByteArray answer;
        vault->unlock(Secret(kPassphrase), [&](const Result<void> &result) {
            answer = result ? QByteArray("ok") : result.error().code;
        });
        QTest::qWait(1);
        vault->lock();
        QTRY_VERIFY_WITH_TIMEOUT(!answer.isEmpty(), test::kWaitMs);
        QCOMPARE(vault->isLocked(), answer != "ok");
        QCOMPARE(answer, QByteArray("vault_locked"));
    }

    void destroyedVaultCallsNobody()
    {
        bool called = false;
        {
            const auto vault = open();
            QCOMPARE(create(*vault), QByteArray("ok"));
            for (int i = 0; i < 20; ++i)
                vault->write(QByteArray::number(i), Secret("x"),
                             [&](const Result<void> &) { called = true; });
            vault->read(
                "a", [&](const Lookup &) { called = true; }, Asking::Quietly);
        }
        QTest::qWait(50);
        QVERIFY(!called);
    }

    void emptyAndHugeSecretsAreRefused()
    {
        const auto vault = open();
        QCOMPARE(create(*vault), QByteArray("ok"));
        QCOMPARE(test::write(*vault, "a", ""), QByteArray("empty_key"));
        QCOMPARE(test::write(*vault, "", "x"), QByteArray("empty_key"));
        QCOMPARE(test::write(*vault, "a", QByteArray(70'000, 'x')), QByteArray("key_too_long"));
    }

    void moderateCostIsWhatItSaysAndOffTheEventLoop()
    {
        const auto vault = openVault(m_path);
        int ticks = 0;
        QTimer tick;
        connect(&tick, &QTimer::timeout, this, [&] { ++ticks; });
        tick.start(5);
        QElapsedTimer took;
        took.start();
        QCOMPARE(create(*vault), QByteArray("ok"));
        qInfo("Argon2id moderate: %lld ms, in which the event loop turned %d times", took.elapsed(),
              ticks);
        const auto header = VaultHeader::read(contentOf(m_path));
        QVERIFY(header);
        QCOMPARE(header->cost.passes, 3U);
        QCOMPARE(header->cost.bytes, std::uint64_t(256) << 20);
        QVERIFY(ticks >= 5); // a loop that computes gets to one or two
    }

    void passphraseComesFromACredentialOrAFile()
    {
        qunsetenv("CREDENTIALS_DIRECTORY");
        qunsetenv("TOLLGATE_VAULT_PASSPHRASE_FILE");
        QVERIFY(!givenVaultPassphrase());
        const QString file = m_folder->filePath(QStringLiteral("words"));
        QVERIFY(setContent(file, "from a file\r\n"));
        qputenv("TOLLGATE_VAULT_PASSPHRASE_FILE", QFile::encodeName(file));
        QCOMPARE(givenVaultPassphrase()->reveal(), QByteArrayView("from a file"));
        QVERIFY(setContent(m_folder->filePath(QStringLiteral("tollgate-vault-passphrase")),
                           " two \n\n"));
        qputenv("CREDENTIALS_DIRECTORY", QFile::encodeName(m_folder->path()));
        QCOMPARE(givenVaultPassphrase()->reveal(), QByteArrayView(" two \n"));
        qunsetenv("CREDENTIALS_DIRECTORY");
        QVERIFY(setContent(file, "\n"));
        QCOMPARE(givenVaultPassphrase().error().code, QByteArray("bad_passphrase"));
        QVERIFY(setContent(file, QByteArray(100'000, 'x')));
        QVERIFY(!givenVaultPassphrase());
        qunsetenv("TOLLGATE_VAULT_PASSPHRASE_FILE");
    }

private:
    std::unique_ptr<Vault> open() const { return openVault(m_path, kCheap, Clock::system()); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
};

QTEST_GUILESS_MAIN(TestVault)
#include "test_vault.moc"
