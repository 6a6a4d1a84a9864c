// SPDX-License-Identifier: GPL-3.0-or-later
// What of a secret can be found in this process's own memory, and what hardening changes. The
// needles are made at run time and kept xored, so that the search does not find itself.
#include "core/base/random.h"
#include "core/secrets/hardening.h"
#include "core/secrets/vault.h"
#include "core/secrets/vaultfile.h"
#include "tests/secrets/pump.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

using namespace tollgate;
using namespace tollgate::secrets;

namespace {

class Needle
{
public:
    Needle()
        : m_masked(randomBytes(48))
    {
    }
    // Calls `use` with the plain bytes on the stack, and wipes them.
    template <class F> auto with(F use) const
    {
        char plain[48];
        for (int i = 0; i < 48; ++i)
            plain[i] = char(m_masked[i] ^ 0x5a);
        auto result = use(QByteArrayView(plain, 48));
        volatile char *wiped = plain;
        for (int i = 0; i < 48; ++i)
            wiped[i] = 0;
        return result;
    }
    // How often the bytes stand in readable memory of this process; -1 where that cannot be read.
    [[nodiscard]] int countInMemory() const
    {
        QFile maps(QStringLiteral("/proc/self/maps"));
        QFile memory(QStringLiteral("/proc/self/mem"));
        if (!maps.open(QIODevice::ReadOnly)
            || !memory.open(QIODevice::ReadOnly | QIODevice::Unbuffered)) {
            return -1;
        }
        QByteArray buffer(1 << 20, '\0');
        int count = 0;
        const QByteArrayList lines = maps.readAll().split('\n');
        for (const QByteArray &line : lines) {
            // Locked pages are readable only while sodium says so; guard pages never are.
            if (!line.contains(" rw") || line.contains("[v"))
                continue;
            const auto range = line.first(line.indexOf(' ')).split('-');
            qulonglong at = range[0].toULongLong(nullptr, 16);
            const qulonglong end = range[1].toULongLong(nullptr, 16);
            while (at < end && memory.seek(qint64(at))) {
                const qint64 got
                    = memory.read(buffer.data(), std::min<qint64>(buffer.size(), qint64(end - at)));
                if (got <= 0)
                    break;
                count += countIn(buffer.constData(), got);
                at += qulonglong(got);
                if (at < end && got > 48)
                    at -= 47;
                if (end - at < 48)
                    break;
            }
        }
        return count;
    }

private:
    [[nodiscard]] int countIn(const char *bytes, qint64 size) const
    {
        int count = 0;
        const char *const end = bytes + size - 47;
        for (const char *at = bytes; at < end; ++at) {
            at = static_cast<const char *>(
                std::memchr(at, m_masked[0] ^ 0x5a, static_cast<std::size_t>(end - at)));
            if (!at)
                break;
            int j = 1;
            while (j < 48 && char(at[j] ^ 0x5a) == m_masked[j])
                ++j;
            count += j == 48 ? 1 : 0;
        }
        return count;
    }

    QByteArray m_masked;
};

int dumpable()
{
    return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
}

} // namespace

class TestMemory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("A sanitizer keeps terabytes of shadow memory and copies of its own.");
#endif
        const Needle needle;
        if (needle.countInMemory() < 0)
            QSKIP("This system does not let a program read its own memory.");
    }

    void livingSecretStandsOnceAndADeadOneNowhere()
    {
        const Needle needle;
        auto secret
            = std::make_unique<Secret>(needle.with([](QByteArrayView v) { return Secret(v); }));
        QCOMPARE(needle.countInMemory(), 1);
        Secret moved = std::move(*secret);
        secret.reset();
        QCOMPARE(needle.countInMemory(), 1);
        moved = Secret();
        QCOMPARE(needle.countInMemory(), 0);
    }

    void openVaultHoldsOnlySealedSecrets()
    {
        const QTemporaryDir folder;
        const auto vault
            = openVault(folder.filePath(QStringLiteral("v")), VaultCost{1, 8'192}, Clock::system());
        QCOMPARE(test::outcome([&](auto done) { vault->create(Secret("correct horse"), done); }),
                 QByteArray("ok"));
        const Needle needle;
        QCOMPARE(test::outcome([&](auto done) {
                     vault->write("k", needle.with([](QByteArrayView v) { return Secret(v); }),
                                  done);
                 }),
                 QByteArray("ok"));
        QCOMPARE(needle.countInMemory(), 0);
        auto found = test::read(*vault, "k");
        QCOMPARE(found.state, KeyState::Present);
        QCOMPARE(needle.countInMemory(), 1);
        found = {};
        QCOMPARE(needle.countInMemory(), 0);
    }

    void environmentIsReadAndNeverWritten()
    {
        const auto store = openEnvironment();
        qputenv("TOLLGATE_TEST_KEY", "plain");
        const auto found = test::read(*store, "TOLLGATE_TEST_KEY");
        QCOMPARE(found.secret->reveal(), QByteArrayView("plain"));
        QCOMPARE(test::write(*store, "TOLLGATE_TEST_KEY", "x"), QByteArray("read_only"));
        QCOMPARE(test::remove(*store, "TOLLGATE_TEST_KEY"), QByteArray("read_only"));
        QCOMPARE(qgetenv("TOLLGATE_TEST_KEY"), QByteArray("plain"));
    }

    // In a child, since there is no way back.
    void hardeningTakesEffect()
    {
        const pid_t child = ::fork();
        if (child == 0) {
            const Hardening done = harden(false);
            rlimit limit{};
            ::getrlimit(RLIMIT_CORE, &limit);
            const mode_t mask = ::umask(0);
            int wrong = 0;
            wrong |= done.coreDumpsOff && limit.rlim_cur == 0 && limit.rlim_max == 0 ? 0 : 1;
            wrong |= done.filesPrivate && mask == 077 ? 0 : 2;
            wrong |= done.memoryUnreadable && dumpable() == 0 ? 0 : 4;
            wrong |= done.note.isEmpty() ? 0 : 8;
            ::_exit(wrong);
        }
        int status = -1;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 0);
    }

    void debuggingMayBeAllowed()
    {
        const pid_t child = ::fork();
        if (child == 0) {
            const Hardening done = harden(true);
            int wrong = 0;
            wrong |= !done.coreDumpsOff && !done.memoryUnreadable && dumpable() == 1 ? 0 : 1;
            wrong |= done.filesPrivate && !done.note.isEmpty() ? 0 : 2;
            ::_exit(wrong);
        }
        int status = -1;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 0);
    }
};

QTEST_GUILESS_MAIN(TestMemory)
#include "test_memory.moc"
