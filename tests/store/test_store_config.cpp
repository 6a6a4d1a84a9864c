// SPDX-License-Identifier: GPL-3.0-or-later
// What the user sets up: channels, tokens, settings, prices; and the trail of who did.
#include "core/store/budgets.h"
#include "core/store/channels.h"
#include "core/store/pricerows.h"
#include "core/store/schema.h"
#include "core/store/settings.h"
#include "core/store/tokens.h"
#include "tests/store/profile_for_tests.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::store;
using namespace tollgate::test;

namespace {

constexpr std::int64_t nowUs = 1'795'305'600'000'000; // 2026-11-22 00:00 UTC

ChannelRow fullChannel(const QString &name)
{
    ChannelRow row;
    row.name = name;
    row.provider = "openai";
    row.baseUrl = "https://api.example.com/v1";
    row.enabled = false;
    row.local = true;
    row.priority = -5;
    row.weight = 0;
    row.models = {"zeta", "alpha", "ünï\"code\\", ""};
    // Not in alphabetical order, and one name twice: the order is the user's.
    row.modelMap = {{"b", "vendor-b"}, {"a", "vendor-a"}, {"b", "later"}, {"[x,y]", "\"q\""}};
    row.headers = Headers{{"X-First", "1"}, {"x-first", "two, three"}, {"Organization", ""}};
    row.connectMs = 1;
    row.firstByteMs = 2;
    row.idleMs = 3;
    row.totalMs = 4;
    row.proxy = "socks5://127.0.0.1:1080";
    row.options = R"({"api-version":"2024-06-01","n":12345678901234567890})";
    ChannelKeyRow key;
    key.reference = "channel/one";
    key.boundTo = "https://api.example.com:443";
    key.hint = "…9f2c";
    row.keys.push_back(key);
    key.source = KeySource::Environment;
    key.reference = "OPENAI_KEY";
    key.enabled = false;
    row.keys.push_back(key);
    return row;
}

void compareKeys(const ChannelKeyRow &a, const ChannelKeyRow &b)
{
    QCOMPARE(a.source, b.source);
    QCOMPARE(a.reference, b.reference);
    QCOMPARE(a.boundTo, b.boundTo);
    QCOMPARE(a.hint, b.hint);
    QCOMPARE(a.enabled, b.enabled);
}

void compareChannels(const ChannelRow &a, const ChannelRow &b)
{
    QCOMPARE(a.name, b.name);
    QCOMPARE(a.provider, b.provider);
    QCOMPARE(a.baseUrl, b.baseUrl);
    QCOMPARE(a.enabled, b.enabled);
    QCOMPARE(a.local, b.local);
    QCOMPARE(a.priority, b.priority);
    QCOMPARE(a.weight, b.weight);
    QCOMPARE(a.models, b.models);
    QVERIFY(a.modelMap == b.modelMap);
    QCOMPARE(a.headers.size(), b.headers.size());
    QVERIFY(std::equal(
        a.headers.begin(), a.headers.end(), b.headers.begin(),
        [](const Header &x, const Header &y) { return x.name == y.name && x.value == y.value; }));
    QCOMPARE(a.connectMs, b.connectMs);
    QCOMPARE(a.firstByteMs, b.firstByteMs);
    QCOMPARE(a.idleMs, b.idleMs);
    QCOMPARE(a.totalMs, b.totalMs);
    QCOMPARE(a.proxy, b.proxy);
    QCOMPARE(a.options, b.options);
    QCOMPARE(a.keys.size(), b.keys.size());
    for (std::size_t i = 0; i < a.keys.size(); ++i)
        compareKeys(a.keys[i], b.keys[i]);
}

TokenRow tokenRow(const QString &name)
{
    static int serial = 0;
    TokenRow row;
    row.name = name;
    row.digest = QByteArray::number(++serial).leftJustified(32, '\0');
    row.prefix = "tg-abcd";
    return row;
}

} // namespace

class TestStoreConfig : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<Profile> m_profile;
    std::unique_ptr<Store> m_store;

    template <class Op> auto write(Op op) { return m_store->writeNow(std::move(op)); }
    template <class Op> auto read(Op op) { return m_store->readNow(std::move(op)); }
    Result<ChannelRow> addNow(const ChannelRow &row)
    {
        return write([row](Database &db) { return addChannel(db, row, nowUs); });
    }
    Result<TokenRow> addNow(const TokenRow &row)
    {
        return write([row](Database &db) { return addToken(db, row, nowUs); });
    }
    Result<TokenRow> update(const TokenRow &row, std::int64_t at = nowUs)
    {
        return write([row, at](Database &db) { return updateToken(db, row, at); });
    }
    std::vector<BudgetState> budgets(std::int64_t at = nowUs)
    {
        auto states = read([at](Database &db) { return budgetStates(db, at); });
        return states ? *states : std::vector<BudgetState>();
    }
    // Money moves through the ledger; here only its rows are wanted.
    Result<void> spend(std::int64_t budgetId, std::int64_t windowUs, std::int64_t nano)
    {
        return write([=](Database &db) -> Result<void> {
            auto done = db.run("INSERT INTO budget_windows VALUES(?,?,1000,1000,0,?,?) "
                               "ON CONFLICT(budget_id, window_us) DO UPDATE SET spent = "
                               "excluded.spent, folded = excluded.folded",
                               budgetId, windowUs, nano, nano);
            return done ? Result<void>() : failure(done.error());
        });
    }

private Q_SLOTS:
    void init()
    {
        m_profile = std::make_unique<Profile>();
        auto opened = m_profile->open();
        VERIFY_RESULT(opened);
        m_store = std::move(*opened);
    }
    void cleanup()
    {
        m_store.reset();
        m_profile.reset();
    }

    void aChannelComesBackAsItWasStored()
    {
        const ChannelRow row = fullChannel(QStringLiteral("Größe \"1\""));
        auto added = addNow(row);
        VERIFY_RESULT(added);
        compareChannels(*added, row);
        QVERIFY(added->id > 0);
        QCOMPARE(added->version, 1);
        QCOMPARE(added->createdUs, nowUs);
        for (const ChannelKeyRow &key : added->keys) {
            QVERIFY(key.id > 0);
            QCOMPARE(key.channelId, added->id);
        }
        auto byId = read([id = added->id](Database &db) { return channel(db, id); });
        VERIFY_RESULT(byId);
        compareChannels(*byId, row);
        auto byName = read([name = row.name](Database &db) { return channelNamed(db, name); });
        VERIFY_RESULT(byName);
        QCOMPARE(byName->id, added->id);
        // The bare one is as empty as it was.
        ChannelRow bare;
        bare.name = QStringLiteral("bare");
        auto plain = addNow(bare);
        VERIFY_RESULT(plain);
        compareChannels(*plain, bare);
    }

    void channelsAreListedByPriorityThenName()
    {
        for (const auto &[name, priority] :
             {std::pair{"b", 1}, {"low", -1}, {"a", 1}, {"high", 9}, {"Z", 1}}) {
            ChannelRow row = fullChannel(QString::fromLatin1(name));
            row.priority = priority;
            VERIFY_RESULT(addNow(row));
        }
        auto list = read([](Database &db) { return channels(db); });
        VERIFY_RESULT(list);
        QStringList names;
        for (const ChannelRow &row : *list) {
            names.append(row.name);
            ChannelRow expected = fullChannel(row.name);
            expected.priority = row.priority;
            compareChannels(row, expected);
        }
        QCOMPARE(names.join(u' '), QStringLiteral("high Z a b low"));
    }

    void aChannelsNameIsItsOwn()
    {
        auto first = addNow(fullChannel(QStringLiteral("one")));
        VERIFY_RESULT(first);
        auto second = addNow(fullChannel(QStringLiteral("two")));
        VERIFY_RESULT(second);
        auto again = addNow(fullChannel(QStringLiteral("one")));
        QVERIFY(!again);
        QCOMPARE(again.error().kind, ErrorKind::Conflict);
        QCOMPARE(again.error().code, QByteArray("name_taken"));
        second->name = QStringLiteral("one");
        auto renamed = write([row = *second](Database &db) { return updateChannel(db, row); });
        QVERIFY(!renamed);
        QCOMPARE(renamed.error().code, QByteArray("name_taken"));
        // Its own name is no conflict.
        first->weight = 7;
        auto kept = write([row = *first](Database &db) { return updateChannel(db, row); });
        VERIFY_RESULT(kept);
        QCOMPARE(kept->weight, 7);
    }

    void aStaleChannelIsNotWritten()
    {
        auto added = addNow(fullChannel(QStringLiteral("one")));
        VERIFY_RESULT(added);
        ChannelRow mine = *added;
        mine.baseUrl = "https://mine";
        auto changed = write([mine](Database &db) { return updateChannel(db, mine); });
        VERIFY_RESULT(changed);
        QCOMPARE(changed->version, 2);
        compareChannels(*changed, mine);
        ChannelRow theirs = *added;
        theirs.baseUrl = "https://theirs";
        auto refused = write([theirs](Database &db) { return updateChannel(db, theirs); });
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Conflict);
        QCOMPARE(refused.error().code, QByteArray("version"));
        auto stored = read([id = added->id](Database &db) { return channel(db, id); });
        VERIFY_RESULT(stored);
        QCOMPARE(stored->baseUrl, QByteArray("https://mine"));
        theirs.id = 999;
        theirs.name = QStringLiteral("nobody");
        auto missing = write([theirs](Database &db) { return updateChannel(db, theirs); });
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, ErrorKind::NotFound);
    }

    void keysComeAndGoWithTheirChannel()
    {
        auto one = addNow(fullChannel(QStringLiteral("one")));
        VERIFY_RESULT(one);
        auto two = addNow(fullChannel(QStringLiteral("two")));
        VERIFY_RESULT(two);
        ChannelKeyRow key;
        key.channelId = one->id;
        key.source = KeySource::Vault;
        key.reference = "third";
        auto third = write([key](Database &db) { return addChannelKey(db, key); });
        VERIFY_RESULT(third);
        third->hint = "…abcd";
        third->enabled = false;
        VERIFY_RESULT(write([row = *third](Database &db) { return updateChannelKey(db, row); }));
        // A key of one channel is not changed as one of another.
        ChannelKeyRow wrong = *third;
        wrong.channelId = two->id;
        auto refused = write([wrong](Database &db) { return updateChannelKey(db, wrong); });
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::NotFound);
        const std::int64_t firstKey = one->keys.front().id;
        VERIFY_RESULT(write([firstKey](Database &db) { return removeChannelKey(db, firstKey); }));
        auto twice = write([firstKey](Database &db) { return removeChannelKey(db, firstKey); });
        QVERIFY(!twice);
        QCOMPARE(twice.error().kind, ErrorKind::NotFound);
        auto stored = read([id = one->id](Database &db) { return channel(db, id); });
        VERIFY_RESULT(stored);
        QCOMPARE(stored->keys.size(), std::size_t(2));
        QCOMPARE(stored->keys.back().id, third->id);
        compareKeys(stored->keys.back(), *third);

        ChannelKeyRow orphan;
        orphan.channelId = 999;
        auto nowhere = write([orphan](Database &db) { return addChannelKey(db, orphan); });
        QVERIFY(!nowhere);

        VERIFY_RESULT(write([id = one->id](Database &db) { return removeChannel(db, id); }));
        auto keys
            = read([](Database &db) { return db.integer("SELECT count(*) FROM channel_keys"); });
        QVERIFY(keys && keys->value_or(0) == 2);
        auto gone = write([id = one->id](Database &db) { return removeChannel(db, id); });
        QVERIFY(!gone);
        QCOMPARE(gone.error().kind, ErrorKind::NotFound);
        // The name is free again.
        VERIFY_RESULT(addNow(fullChannel(QStringLiteral("one"))));
    }

    void aTokenComesBackAsItWasStored()
    {
        TokenRow row = tokenRow(QStringLiteral("älice"));
        row.digest = QByteArray::fromHex(
            "00ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d00");
        row.state = TokenState::Disabled;
        row.expiresUs = nowUs + 1;
        row.models = {"gpt-*", "a,b"};
        row.ipRanges = {"10.0.0.0/8", "::1"};
        row.requestsPerMinute = 1;
        row.tokensPerMinute = 5'000'000'000;
        row.concurrency = 3;
        row.metrics = true;
        row.budget = NanoUsd{77};
        row.budgetWindow = BudgetWindow::Week;
        auto added = addNow(row);
        VERIFY_RESULT(added);
        QCOMPARE(added->name, row.name);
        QCOMPARE(added->digest, row.digest);
        QCOMPARE(added->prefix, row.prefix);
        QCOMPARE(added->state, row.state);
        QCOMPARE(added->expiresUs, row.expiresUs);
        QCOMPARE(added->models, row.models);
        QCOMPARE(added->ipRanges, row.ipRanges);
        QCOMPARE(added->requestsPerMinute, row.requestsPerMinute);
        QCOMPARE(added->tokensPerMinute, row.tokensPerMinute);
        QCOMPARE(added->concurrency, row.concurrency);
        QCOMPARE(added->metrics, true);
        QVERIFY(added->budget == row.budget);
        QCOMPARE(added->budgetWindow, row.budgetWindow);
        QVERIFY(added->budgetId > 0);
        QCOMPARE(added->createdUs, nowUs);
        QCOMPARE(added->version, 1);
        // What an update must not touch.
        TokenRow change = *added;
        change.digest = QByteArray(32, 'x');
        change.prefix = "tg-xxxx";
        change.createdUs = 1;
        change.lastUsedUs = 5;
        change.models = {};
        auto changed = update(change);
        VERIFY_RESULT(changed);
        QCOMPARE(changed->digest, row.digest);
        QCOMPARE(changed->prefix, row.prefix);
        QCOMPARE(changed->createdUs, nowUs);
        QCOMPARE(changed->lastUsedUs, 0);
        QCOMPARE(changed->models, QByteArrayList());
        QCOMPARE(changed->version, 2);
        auto stale = update(change);
        QVERIFY(!stale);
        QCOMPARE(stale.error().kind, ErrorKind::Conflict);
        QCOMPARE(stale.error().code, QByteArray("version"));
    }

    void aTokensNameIsItsOwnUntilItIsRevoked()
    {
        auto first = addNow(tokenRow(QStringLiteral("ci")));
        VERIFY_RESULT(first);
        auto taken = addNow(tokenRow(QStringLiteral("ci")));
        QVERIFY(!taken);
        QCOMPARE(taken.error().kind, ErrorKind::Conflict);
        QCOMPARE(taken.error().code, QByteArray("name_taken"));
        auto other = addNow(tokenRow(QStringLiteral("other")));
        VERIFY_RESULT(other);
        other->name = QStringLiteral("ci");
        auto renamed = update(*other);
        QVERIFY(!renamed);
        QCOMPARE(renamed.error().code, QByteArray("name_taken"));

        const auto setState = [&](std::int64_t id, TokenState state) {
            return write([=](Database &db) { return setTokenState(db, id, state); });
        };
        VERIFY_RESULT(setState(first->id, TokenState::Disabled));
        QVERIFY(!addNow(tokenRow(QStringLiteral("ci")))); // disabled still has its name
        VERIFY_RESULT(setState(first->id, TokenState::Active));
        auto revoked = setState(first->id, TokenState::Revoked);
        VERIFY_RESULT(revoked);
        auto second = addNow(tokenRow(QStringLiteral("ci")));
        VERIFY_RESULT(second);
        auto named = read([](Database &db) { return tokenNamed(db, QStringLiteral("ci")); });
        VERIFY_RESULT(named);
        QCOMPARE(named->id, second->id);

        // Revoked is for ever, by either way.
        auto back = setState(first->id, TokenState::Active);
        QVERIFY(!back);
        QCOMPARE(back.error().kind, ErrorKind::Conflict);
        TokenRow sneaky = *revoked;
        sneaky.state = TokenState::Active;
        auto updated = update(sneaky);
        VERIFY_RESULT(updated);
        QCOMPARE(updated->state, TokenState::Revoked);
        VERIFY_RESULT(setState(first->id, TokenState::Revoked)); // again is no harm

        auto list = read([](Database &db) { return tokens(db); });
        VERIFY_RESULT(list);
        QCOMPARE(list->size(), std::size_t(3));
        QCOMPARE(list->back().id, first->id); // revoked ones last
        QCOMPARE(list->front().name, QStringLiteral("ci"));
    }

    void aBudgetOfAnotherSizeKeepsWhatWasSpent()
    {
        TokenRow row = tokenRow(QStringLiteral("spender"));
        row.budget = NanoUsd{1000};
        row.budgetWindow = BudgetWindow::Day;
        auto token = addNow(row);
        VERIFY_RESULT(token);
        VERIFY_RESULT(spend(token->budgetId, nowUs, 400));
        const std::int64_t budgetId = token->budgetId;
        token->budget = NanoUsd{500};
        token = update(*token);
        VERIFY_RESULT(token);
        QCOMPARE(token->budgetId, budgetId);
        QCOMPARE(budgets().size(), std::size_t(1));
        QCOMPARE(budgets().front().cap, NanoUsd{500});
        QCOMPARE(budgets().front().spent, NanoUsd{400});
        // The next day begins with the new size and nothing spent.
        const BudgetState next = budgets(nowUs + 86'400'000'000).front();
        QCOMPARE(next.cap, NanoUsd{500});
        QCOMPARE(next.spent, NanoUsd{0});
    }

    void aBudgetOfAnotherWindowStartsAfresh()
    {
        TokenRow row = tokenRow(QStringLiteral("spender"));
        row.budget = NanoUsd{1000};
        row.budgetWindow = BudgetWindow::Day;
        auto token = addNow(row);
        VERIFY_RESULT(token);
        const std::int64_t daily = token->budgetId;
        VERIFY_RESULT(spend(daily, nowUs, 400));
        token->budgetWindow = BudgetWindow::Month;
        token = update(*token);
        VERIFY_RESULT(token);
        QVERIFY(token->budgetId != daily && token->budgetId != 0);
        QCOMPARE(token->budgetWindow, BudgetWindow::Month);
        QCOMPARE(budgets().size(), std::size_t(1));
        QCOMPARE(budgets().front().budget.id, token->budgetId);
        QCOMPARE(budgets().front().spent, NanoUsd{0});
        QCOMPARE(budgets().front().windowStartUs, windowStart(BudgetWindow::Month, nowUs));
        auto old = read([daily](Database &db) { return budget(db, daily); });
        QVERIFY(old && *old && (*old)->retired);

        token->budget.reset();
        token = update(*token);
        VERIFY_RESULT(token);
        QCOMPARE(token->budgetId, 0);
        QVERIFY(!token->budget);
        QVERIFY(budgets().empty());
        token->budget = NanoUsd{5};
        token->budgetWindow = BudgetWindow::Total;
        token = update(*token);
        VERIFY_RESULT(token);
        QCOMPARE(budgets().front().cap, NanoUsd{5});
        QCOMPARE(budgets().front().windowEndUs, 0);

        token->budget = NanoUsd{-1};
        auto negative = update(*token);
        QVERIFY(!negative);
        QCOMPARE(negative.error().kind, ErrorKind::InvalidRequest);
        QCOMPARE(budgets().front().cap, NanoUsd{5});
        auto stored = read([id = token->id](Database &db) { return store::token(db, id); });
        QCOMPARE(stored->version, token->version); // nothing of the refused change stayed
    }

    void windowsFollowTheCalendar()
    {
        constexpr std::int64_t day = 86'400'000'000;
        const std::int64_t sunday = nowUs; // 2026-11-22
        QCOMPARE(windowStart(BudgetWindow::Day, sunday + day - 1), sunday);
        QCOMPARE(windowStart(BudgetWindow::Week, sunday), sunday - 6 * day);
        QCOMPARE(windowStart(BudgetWindow::Week, sunday + day), sunday + day);
        QCOMPARE(windowEnd(BudgetWindow::Week, sunday - 6 * day), sunday + day);
        QCOMPARE(windowStart(BudgetWindow::Month, sunday), sunday - 21 * day);
        QCOMPARE(windowEnd(BudgetWindow::Month, sunday - 21 * day), sunday + 9 * day);
        QCOMPARE(windowStart(BudgetWindow::Total, sunday), 0);
    }

    void settingsAreKeptByTheirKey()
    {
        const QByteArray text = R"({"a":[1,2],"ü":"it is"})";
        VERIFY_RESULT(write([text](Database &db) { return setSetting(db, "one", text); }));
        VERIFY_RESULT(write([](Database &db) { return setSetting(db, "one", "2"); }));
        VERIFY_RESULT(write([text](Database &db) { return setSetting(db, "two", text); }));
        auto all = read([](Database &db) { return settings(db); });
        VERIFY_RESULT(all);
        QCOMPARE(*all, (QMap<QByteArray, QByteArray>{{"one", "2"}, {"two", text}}));
        VERIFY_RESULT(write([](Database &db) { return removeSetting(db, "one"); }));
        VERIFY_RESULT(write([](Database &db) { return removeSetting(db, "one"); }));
        auto none = read([](Database &db) { return setting(db, "one"); });
        QVERIFY(none && !none->has_value());
    }

    void theAuditTrailIsOnlyAddedTo()
    {
        for (int i = 1; i <= 25; ++i)
            VERIFY_RESULT(write([i](Database &db) {
                return audit(db,
                             {0, nowUs + i, "cli", "channel.add",
                              "channel:" + QByteArray::number(i), R"({"name":"ü"})"});
            }));
        std::vector<AuditRow> seen;
        std::int64_t before = 0;
        for (int turn = 0; turn < 10; ++turn) {
            auto part = read([before](Database &db) { return auditTrail(db, before, 10); });
            VERIFY_RESULT(part);
            if (part->empty())
                break;
            seen.insert(seen.end(), part->begin(), part->end());
            before = part->back().id;
        }
        QCOMPARE(seen.size(), std::size_t(25));
        for (int i = 0; i < 25; ++i)
            QCOMPARE(seen[std::size_t(i)].object, "channel:" + QByteArray::number(25 - i));
        QCOMPARE(seen.front().actor, QByteArray("cli"));
        QCOMPARE(seen.front().action, QByteArray("channel.add"));
        QCOMPARE(seen.front().detail, QByteArray(R"({"name":"ü"})"));
        QCOMPARE(seen.front().atUs, nowUs + 25);

        const auto attempt = [&](Sql sql) {
            return write([sql](Database &db) { return db.run(sql); }).has_value();
        };
        QVERIFY(!attempt("UPDATE audit SET actor = 'nobody'"));
        QVERIFY(!attempt("DELETE FROM audit WHERE id = 1"));
        QVERIFY(!attempt("INSERT OR REPLACE INTO audit VALUES(1, 1, 'x', 'x', 'x', 'x', x'')"));
        auto again = read([](Database &db) { return auditTrail(db, 0, 100); });
        QCOMPARE(again->size(), std::size_t(25));
        QCOMPARE(again->back().actor, QByteArray("cli"));
    }

    // S-109, S-110
    void anyEditOfTheAuditTrailIsFound_data()
    {
        QTest::addColumn<QByteArray>("edit");
        QTest::addColumn<qint64>("found"); // 0: nothing
        QTest::newRow("none") << QByteArray("SELECT 1") << qint64(0);
        for (const char *column : {"actor", "action", "object", "detail"}) {
            QTest::newRow(column) << "UPDATE audit SET " + QByteArray(column)
                    + " = 'x' WHERE id = 7"
                                  << qint64(7);
        }
        QTest::newRow("time") << QByteArray("UPDATE audit SET at_us = at_us + 1 WHERE id = 1")
                              << qint64(1);
        QTest::newRow("hash") << QByteArray("UPDATE audit SET hash = x'00' WHERE id = 12")
                              << qint64(12);
        QTest::newRow("words moved between columns")
            << QByteArray("UPDATE audit SET actor = actor || 'c', action = substr(action, 2) "
                          "WHERE id = 3")
            << qint64(3);
        QTest::newRow("removed") << QByteArray("DELETE FROM audit WHERE id = 5") << qint64(6);
        QTest::newRow("removed at the start")
            << QByteArray("DELETE FROM audit WHERE id < 4") << qint64(4);
        QTest::newRow("swapped") << QByteArray(
            "UPDATE audit SET object = 'channel:' || (17 - id) WHERE id IN (8, 9)")
                                 << qint64(8);
        QTest::newRow("added") << QByteArray(
            "INSERT INTO audit VALUES(13, 1, 'cli', 'x', 'x', 'x', x'11')")
                               << qint64(13);
    }
    void anyEditOfTheAuditTrailIsFound()
    {
        QFETCH(QByteArray, edit);
        QFETCH(qint64, found);
        const Profile profile;
        auto opened = profile.open();
        VERIFY_RESULT(opened);
        Store &fresh = **opened;
        for (int i = 1; i <= 12; ++i)
            VERIFY_RESULT(fresh.writeNow([i](Database &db) {
                return audit(
                    db,
                    {0, nowUs + i, "cli", "channel.add", "channel:" + QByteArray::number(i), "{}"});
            }));
        VERIFY_RESULT(fresh.writeNow([edit](Database &db) -> Result<void> {
            if (auto open = db.script("DROP TRIGGER audit_fixed;;DROP TRIGGER audit_kept;;"); !open)
                return open;
            return db.script(edit + ";;");
        }));
        auto broken = fresh.readNow([](Database &db) { return brokenAudit(db); });
        VERIFY_RESULT(broken);
        QCOMPARE(broken->value_or(0), found);
    }

    void anOldTrailIsChainedByTheMigration()
    {
        const Profile profile;
        auto opened = profile.open();
        VERIFY_RESULT(opened);
        Store &old = **opened;
        VERIFY_RESULT(old.writeNow([](Database &db) -> Result<void> {
            // As version 1 left it: rows without hashes.
            return db.script("DROP TRIGGER audit_fixed;;"
                             "ALTER TABLE audit DROP COLUMN hash;;"
                             "CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit "
                             "BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;;"
                             "INSERT INTO audit VALUES(1, 1, 'cli', 'a', 'b', '{}');;"
                             "INSERT INTO audit VALUES(2, 2, 'cli', 'c', 'd', '{}');;"
                             "PRAGMA user_version = 1;;");
        }));
        VERIFY_RESULT(old.writeNow([](Database &db) { return migrations()[1].apply(db); }));
        VERIFY_RESULT(old.writeNow([](Database &db) {
            return audit(db, {0, 3, "cli", "e", "f", "{}"});
        }));
        auto broken = old.readNow([](Database &db) { return brokenAudit(db); });
        VERIFY_RESULT(broken);
        QVERIFY(!broken->has_value());
        QVERIFY(!old.writeNow([](Database &db) { return db.run("UPDATE audit SET actor = 'x'"); }));
        auto trail = old.readNow([](Database &db) { return auditTrail(db, 0, 10); });
        VERIFY_RESULT(trail);
        QCOMPARE(trail->size(), std::size_t(3));
    }

    void aPriceVersionIsStoredOnceAndNeverChanges()
    {
        PriceVersionRow row;
        row.provider = "openai";
        row.model = "gpt";
        row.validFromUs = 5;
        row.rates = R"({"input":1})";
        row.source = "catalogue";
        PriceVersionRow other = row;
        other.rates = R"({"input":2})";
        auto ids = write([=](Database &db) { return addPriceVersions(db, {row, other, row}); });
        VERIFY_RESULT(ids);
        QCOMPARE(ids->size(), std::size_t(3));
        QCOMPARE((*ids)[0], (*ids)[2]);
        QVERIFY((*ids)[0] != (*ids)[1]);
        PriceVersionRow elsewhere = row;
        elsewhere.source = "user"; // where it was seen is no part of what it says
        auto again = write([=](Database &db) { return addPriceVersions(db, {other, elsewhere}); });
        VERIFY_RESULT(again);
        QCOMPARE(*again, (std::vector<std::int64_t>{(*ids)[1], (*ids)[0]}));
        auto stored = read([id = (*ids)[0]](Database &db) { return priceVersion(db, id); });
        VERIFY_RESULT(stored);
        QCOMPARE((*stored)->rates, row.rates);
        QCOMPARE((*stored)->source, QByteArray("catalogue"));
        QCOMPARE((*stored)->hash, priceHash(row));
        auto all = read([](Database &db) { return priceVersions(db); });
        QCOMPARE(all->size(), std::size_t(2));
        // Names that run into each other are still two.
        PriceVersionRow ab = row;
        ab.provider = "a";
        ab.model = "bc";
        PriceVersionRow abc = row;
        abc.provider = "ab";
        abc.model = "c";
        QVERIFY(priceHash(ab) != priceHash(abc));
        QVERIFY(!write([](Database &db) {
            return db.run("UPDATE price_versions SET rates = '{}' WHERE id = 1");
        }));
        QVERIFY(!write([](Database &db) { return db.run("DELETE FROM price_versions"); }));
        auto missing = read([](Database &db) { return priceVersion(db, 99); });
        QVERIFY(missing && !missing->has_value());
    }

    void aPriceOfTheUsersReplacesItsPredecessor()
    {
        PriceOverrideRow row;
        row.model = "gpt";
        row.validFromUs = 5;
        row.rates = R"({"input":1})";
        const auto set = [&](const PriceOverrideRow &r) {
            return write([r](Database &db) { return setPriceOverride(db, r); });
        };
        auto first = set(row);
        VERIFY_RESULT(first);
        QVERIFY(first->id > 0);
        row.rates = R"({"input":3})";
        auto second = set(row);
        VERIFY_RESULT(second);
        QCOMPARE(second->id, first->id);
        row.validFromUs = 9;
        VERIFY_RESULT(set(row));
        row.provider = "openai";
        VERIFY_RESULT(set(row));
        auto list = read([](Database &db) { return priceOverrides(db); });
        VERIFY_RESULT(list);
        QCOMPARE(list->size(), std::size_t(3));
        QCOMPARE(list->front().rates, QByteArray(R"({"input":3})"));
        QCOMPARE(list->back().provider, QByteArray("openai"));
        VERIFY_RESULT(
            write([id = first->id](Database &db) { return removePriceOverride(db, id); }));
        auto gone = write([id = first->id](Database &db) { return removePriceOverride(db, id); });
        QVERIFY(!gone);
        QCOMPARE(gone.error().kind, ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestStoreConfig)
#include "test_store_config.moc"
