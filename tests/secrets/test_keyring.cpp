// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/mailbox.h"
#include "core/secrets/keyring.h"
#include "tests/secrets/pump.h"

#include <QElapsedTimer>
#include <QTest>

using namespace tollgate;
using namespace tollgate::secrets;

namespace {

// Answers what it is told to, later; or keeps silent.
class ScriptedStore final : public SecretStore
{
public:
    void read(const QByteArray &reference, std::function<void(Lookup)> done, Asking asking) override
    {
        ++reads;
        quiet += asking == Asking::Quietly ? 1 : 0;
        if (silent)
            return;
        m_mail.post([this, reference, done = std::move(done)] {
            const auto found = states.constFind(reference);
            Lookup lookup;
            lookup.state = found == states.constEnd() ? fallback : *found;
            if (lookup.state == KeyState::Present)
                lookup.secret = std::make_shared<const Secret>(values.value(reference, "secret"));
            else
                lookup.detail = QStringLiteral("why");
            done(lookup);
        });
    }
    void write(const QByteArray &, Secret, std::function<void(Result<void>)>) override { }
    void remove(const QByteArray &, std::function<void(Result<void>)>) override { }

    QHash<QByteArray, KeyState> states;
    QHash<QByteArray, QByteArray> values;
    KeyState fallback = KeyState::Present;
    bool silent = false;
    int reads = 0;
    int quiet = 0;

private:
    Mailbox m_mail;
};

store::ChannelKeyRow key(std::int64_t id, store::KeySource source, const QByteArray &reference)
{
    store::ChannelKeyRow row;
    row.id = id;
    row.source = source;
    row.reference = reference;
    return row;
}

using store::KeySource;

} // namespace

class TestKeyRing : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everySourceIsAskedAndOneNoticeIsGiven()
    {
        ScriptedStore chain;
        ScriptedStore vault;
        qputenv("TOLLGATE_TEST_KEY", "from the environment");
        const auto environment = openEnvironment();
        chain.states = {{"locked", KeyState::Locked}};
        int notices = 0;
        KeyRing ring({&chain, &vault, environment.get()}, [&] { ++notices; });
        ring.setKeys({key(1, KeySource::Keychain, "a"), key(2, KeySource::Keychain, "locked"),
                      key(3, KeySource::Vault, "b"),
                      key(4, KeySource::Environment, "TOLLGATE_TEST_KEY"),
                      key(5, KeySource::Environment, "TOLLGATE_NO_SUCH_KEY"),
                      key(6, KeySource::None, {}), key(7, KeySource::Environment, "PATH=x")});
        QVERIFY(ring.isLoading());
        QTRY_VERIFY(!ring.isLoading());
        QTRY_VERIFY(notices > 0);
        QCOMPARE(ring.get(1).state, KeyState::Present);
        QCOMPARE(ring.get(1).secret->reveal(), QByteArrayView("secret"));
        QCOMPARE(ring.get(2).state, KeyState::Locked);
        QVERIFY(!ring.get(2).secret && !ring.get(2).detail.isEmpty());
        QCOMPARE(ring.get(3).state, KeyState::Present);
        QCOMPARE(ring.get(4).secret->reveal(), QByteArrayView("from the environment"));
        QCOMPARE(ring.get(5).state, KeyState::Absent);
        QCOMPARE(ring.get(6).state, KeyState::Present);
        QVERIFY(!ring.get(6).secret);
        QCOMPARE(ring.get(7).state, KeyState::Absent);
        QCOMPARE(ring.get(99).state, KeyState::Unavailable);
        QVERIFY(notices <= 3);
    }

    void knownKeysAreNotReadAgain()
    {
        ScriptedStore chain;
        KeyRing ring({&chain, nullptr, nullptr}, {});
        ring.setKeys({key(1, KeySource::Keychain, "a"), key(2, KeySource::Keychain, "b")});
        QTRY_VERIFY(!ring.isLoading());
        const auto kept = ring.get(1).secret;
        auto row = key(1, KeySource::Keychain, "a");
        row.enabled = false; // nothing the store would know of
        ring.setKeys(
            {row, key(2, KeySource::Keychain, "elsewhere"), key(3, KeySource::Vault, "c")});
        QTRY_VERIFY(!ring.isLoading());
        QCOMPARE(chain.reads, 3);
        QCOMPARE(ring.get(1).secret, kept);
        QCOMPARE(ring.get(3).state, KeyState::Unavailable); // no vault in this program
        ring.setKeys({});
        QCOMPARE(ring.get(1).state, KeyState::Unavailable);
        QVERIFY(!ring.get(1).secret);
    }

    void lockedKeysAreTriedAgainQuietlyUntilTheyOpen()
    {
        ScriptedStore chain;
        chain.fallback = KeyState::Locked;
        int notices = 0;
        KeyRing ring({&chain, nullptr, nullptr}, [&] { ++notices; }, {20, 80});
        ring.setKeys({key(1, KeySource::Keychain, "a"), key(2, KeySource::Keychain, "b")});
        QTRY_VERIFY(chain.reads >= 6);
        QCOMPARE(chain.quiet, chain.reads - 2); // only the first asking may open a dialog
        const int before = notices;
        QVERIFY(before <= 2); // still locked is no news
        chain.fallback = KeyState::Present;
        QTRY_COMPARE(ring.get(1).state, KeyState::Present);
        QTRY_COMPARE(ring.get(2).state, KeyState::Present);
        QTRY_VERIFY(notices > before);
        const int reads = chain.reads;
        QTest::qWait(200);
        QCOMPARE(chain.reads, reads); // content
    }

    void retriesBackOff()
    {
        ScriptedStore chain;
        chain.fallback = KeyState::Unavailable;
        KeyRing ring({&chain, nullptr, nullptr}, {}, {20, 10'000});
        ring.setKeys({key(1, KeySource::Keychain, "a")});
        QElapsedTimer clock;
        clock.start();
        QTRY_VERIFY_WITH_TIMEOUT(chain.reads >= 5, test::kWaitMs);
        QVERIFY(clock.elapsed() >= 250); // 0, 20, 60, 140, 300, less what coarse timers may gain
    }

    void deniedIsNotAskedAgainByItself()
    {
        ScriptedStore chain;
        chain.fallback = KeyState::Denied;
        KeyRing ring({&chain, nullptr, nullptr}, {}, {10, 20});
        ring.setKeys({key(1, KeySource::Keychain, "a")});
        QTest::qWait(100);
        QCOMPARE(chain.reads, 1);
        ring.retry();
        QTRY_COMPARE(chain.reads, 2);
        QCOMPARE(chain.quiet, 0);
    }

    void keyInMemoryOutlivesAStoreThatCloses()
    {
        ScriptedStore chain;
        KeyRing ring({&chain, nullptr, nullptr}, {}, {10'000, 10'000});
        ring.setKeys({key(1, KeySource::Keychain, "a")});
        QTRY_COMPARE(ring.get(1).state, KeyState::Present);
        for (const KeyState state : {KeyState::Locked, KeyState::Unavailable, KeyState::Denied}) {
            chain.fallback = state;
            const int before = chain.reads;
            ring.reload(1);
            QTRY_VERIFY(chain.reads > before);
            QTest::qWait(5);
            QCOMPARE(ring.get(1).state, KeyState::Present);
            QVERIFY(ring.get(1).secret);
        }
        chain.fallback = KeyState::Absent;
        ring.reload(1);
        QTRY_COMPARE(ring.get(1).state, KeyState::Absent);
        QVERIFY(!ring.get(1).secret);
    }

    void reloadTakesTheNewValueAndOldHoldersKeepTheirs()
    {
        ScriptedStore chain;
        int notices = 0;
        KeyRing ring({&chain, nullptr, nullptr}, [&] { ++notices; });
        ring.setKeys({key(1, KeySource::Keychain, "a")});
        QTRY_VERIFY(notices > 0 && !ring.isLoading());
        const auto old = ring.get(1).secret;
        chain.values["a"] = "rotated";
        const int before = notices;
        ring.reload(1);
        QTRY_VERIFY(notices > before);
        QCOMPARE(ring.get(1).secret->reveal(), QByteArrayView("rotated"));
        QCOMPARE(old->reveal(), QByteArrayView("secret"));
    }

    void silentStoreDoesNotHoldUpTheOthers()
    {
        ScriptedStore chain;
        chain.silent = true;
        ScriptedStore vault;
        int notices = 0;
        KeyRing ring({&chain, &vault, nullptr}, [&] { ++notices; });
        ring.setKeys({key(1, KeySource::Keychain, "a"), key(2, KeySource::Vault, "b")});
        QTRY_COMPARE(ring.get(2).state, KeyState::Present);
        QTRY_VERIFY(notices > 0);
        QVERIFY(ring.isLoading() && ring.get(1).loading);
    }

    void ringMayGoBeforeItsAnswers()
    {
        ScriptedStore chain;
        bool called = false;
        {
            KeyRing ring({&chain, nullptr, nullptr}, [&] { called = true; });
            ring.setKeys({key(1, KeySource::Keychain, "a")});
        }
        QTest::qWait(20);
        QVERIFY(!called);
    }
};

QTEST_GUILESS_MAIN(TestKeyRing)
#include "test_keyring.moc"
