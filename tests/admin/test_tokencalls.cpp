// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/access.h"
#include "core/store/budgets.h"
#include "core/store/requests.h"
#include "core/store/tokens.h"
#include "tests/admin/testhouse.h"

using namespace tollgate;
using namespace tollgate::admin;

namespace {

QJsonObject listed(TestHouse &house, const char *name)
{
    const auto answer = house.call("token list");
    if (!answer)
        return {};
    for (const QJsonValue one : answer->value(word("tokens")).toArray()) {
        if (one.toObject().value(word("name")).toString() == word(name))
            return one.toObject();
    }
    return {};
}

bool opens(TestHouse &house, const QString &token, std::int64_t nowUs)
{
    const auto rows = house.store->readNow([](store::Database &db) { return store::tokens(db); });
    if (!rows)
        return false;
    const access::TokenTable table(*rows);
    return access::authenticate(table, token.toUtf8(), QHostAddress(QHostAddress::LocalHost), nowUs)
        .has_value();
}

QString textOf(const Result<QJsonObject> &answer)
{
    return answer ? answer->value(word("token")).toString() : QString();
}

} // namespace

class TestTokenCalls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keptTokenIsShownAgainAndItsTextIsNowhereElse();
    void rotatedTokenLivesOnForItsGrace();
    void rotatedTokenWithoutGraceIsShutOut();
    void raiseLastsForTheWindowAlone();
    void removedTokenIsShutOutAndComesBack();
    void listTellsStateBudgetAndUse();
    void manyTokensAreChangedAtOnce();
};

void TestTokenCalls::keptTokenIsShownAgainAndItsTextIsNowhereElse()
{
    TestHouse house;
    const auto made
        = house.call("token add", {{word("name"), word("a")}, {word("recoverable"), true}});
    QVERIFY2(made, qPrintable(made ? QString() : made.error().message));
    QVERIFY(listed(house, "a").value(word("recoverable")).toBool());
    QCOMPARE(textOf(house.call("token reveal", {{word("token"), word("a")}})), textOf(made));
    QVERIFY(!house.everything().contains(textOf(made).toUtf8()));
    QVERIFY(house.call("token add", {{word("name"), word("once")}}));
    const auto refused = house.call("token reveal", {{word("token"), word("once")}});
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, QByteArray("shown_once"));
    house.keychain.refusing = true;
    QVERIFY(!house.call("token add", {{word("name"), word("b")}, {word("recoverable"), true}}));
    QVERIFY(listed(house, "b").isEmpty());
}

void TestTokenCalls::rotatedTokenLivesOnForItsGrace()
{
    TestHouse house;
    const QString first
        = textOf(house.call("token add", {{word("name"), word("a")}, {word("recoverable"), true}}));
    const auto rotated
        = house.call("token rotate", {{word("token"), word("a")}, {word("grace"), word("10m")}});
    QVERIFY2(rotated, qPrintable(rotated ? QString() : rotated.error().message));
    const QString second = textOf(rotated);
    QVERIFY(second != first);
    const std::int64_t nowUs = Clock::system().wallUs();
    QVERIFY(opens(house, first, nowUs));
    QVERIFY(opens(house, second, nowUs));
    QVERIFY(!opens(house, first, nowUs + 601'000'000));
    QVERIFY(opens(house, second, nowUs + 601'000'000));
    QVERIFY(listed(house, "a").value(word("earlier_until_us")).toDouble() > 0);
    QCOMPARE(textOf(house.call("token reveal", {{word("token"), word("a")}})), second);
    QCOMPARE(house.keychain.items.size(), 1);
    // The new text may be rotated while the grace of the first still runs.
    const QString third = textOf(
        house.call("token rotate", {{word("token"), word("a")}, {word("grace"), word("1h")}}));
    QVERIFY(opens(house, first, nowUs) && opens(house, second, nowUs)
            && opens(house, third, nowUs));
}

void TestTokenCalls::rotatedTokenWithoutGraceIsShutOut()
{
    TestHouse house;
    const QString first = textOf(house.call("token add", {{word("name"), word("a")}}));
    const QString second = textOf(house.call("token rotate", {{word("token"), word("a")}}));
    const std::int64_t nowUs = Clock::system().wallUs();
    QVERIFY(!opens(house, first, nowUs));
    QVERIFY(opens(house, second, nowUs));
    QVERIFY(!house.call("token rotate", {{word("token"), word("a")}, {word("grace"), word("9w")}}));
}

void TestTokenCalls::raiseLastsForTheWindowAlone()
{
    TestHouse house;
    QVERIFY(
        house.call("token add", {{word("name"), word("a")}, {word("budget"), word("10/month")}}));
    QVERIFY(house.call("token raise", {{word("token"), word("a")}, {word("amount"), word("5")}}));
    const QJsonObject budget
        = listed(house, "a").value(word("budgets")).toArray().first().toObject();
    QCOMPARE(budget.value(word("limit_nano_usd")).toDouble(), 15e9);
    QCOMPARE(budget.value(word("own_limit_nano_usd")).toDouble(), 10e9);
    QCOMPARE(budget.value(word("raised_nano_usd")).toDouble(), 5e9);
    const auto next = house.store->readNow([](store::Database &db) {
        return store::budgetStates(db, Clock::system().wallUs() + 32LL * 86'400'000'000);
    });
    QVERIFY(next);
    QCOMPARE(next->front().cap.value, 10'000'000'000);
    QVERIFY(house.call("check")->value(word("ok")).toBool());
    QVERIFY(house.call("token add", {{word("name"), word("b")}, {word("budget"), word("10")}}));
    QCOMPARE(house.call("token raise", {{word("token"), word("b")}, {word("amount"), word("5")}})
                 .error()
                 .code,
             QByteArray("no_reset"));
    QVERIFY(!house.call("token raise", {{word("token"), word("a")}, {word("amount"), word("-5")}}));
}

void TestTokenCalls::removedTokenIsShutOutAndComesBack()
{
    TestHouse house;
    const QString text
        = textOf(house.call("token add", {{word("name"), word("a")}, {word("recoverable"), true}}));
    const std::int64_t nowUs = Clock::system().wallUs();
    QVERIFY(house.call("token rm", {{word("token"), word("a")}}));
    QVERIFY(!opens(house, text, nowUs));
    QVERIFY(listed(house, "a").isEmpty());
    QCOMPARE(house.call("trash list")->value(word("trash")).toArray().size(), 1);
    QVERIFY(house.call("token restore", {{word("token"), word("a")}}));
    QVERIFY(opens(house, text, nowUs));
    QVERIFY(house.call("token rm", {{word("token"), word("a")}}));
    QVERIFY(house.call("trash purge", {{word("token"), word("a")}}));
    QVERIFY(!house.call("token restore", {{word("token"), word("a")}}));
    QVERIFY(house.keychain.items.isEmpty());
    // What was revoked for good is not in the trash.
    QVERIFY(house.call("token add", {{word("name"), word("b")}}));
    QVERIFY(house.call("token revoke", {{word("token"), word("b")}}));
    QVERIFY(!house.call("token restore", {{word("token"), word("b")}}));
}

void TestTokenCalls::listTellsStateBudgetAndUse()
{
    TestHouse house;
    QVERIFY(house.call("token add", {{word("name"), word("a")}}));
    QCOMPARE(listed(house, "a").value(word("condition")).toString(), word("active"));
    QVERIFY(house.call("token disable", {{word("token"), word("a")}}));
    QCOMPARE(listed(house, "a").value(word("word")).toString(), word("Paused"));
    QVERIFY(
        house.call("token add", {{word("name"), word("spent")}, {word("budget"), word("0/day")}}));
    QCOMPARE(listed(house, "spent").value(word("word")).toString(), word("Budget spent"));
    const auto id = listed(house, "a").value(word("id")).toInteger();
    const auto stored = house.store->writeNow([id](store::Database &db) {
        store::RequestRow request;
        request.id = "req_1";
        request.startedUs = Clock::system().wallUs() - 1'000;
        request.tokenId = id;
        request.channelId = 1;
        request.model = "gpt-5";
        request.status = 200;
        request.userAgent = "curl/8.5.0";
        request.clientIp = "192.168.1.7";
        return store::addRequest(db, request);
    });
    QVERIFY(stored);
    const QJsonObject used = listed(house, "a");
    QCOMPARE(used.value(word("requests_24h")).toInt(), 1);
    QCOMPARE(used.value(word("last_client")).toString(), word("curl"));
    QCOMPARE(used.value(word("last_ip")).toString(), word("192.168.1.7"));
    QVERIFY(used.value(word("last_used_us")).toDouble() > 0);
}

void TestTokenCalls::manyTokensAreChangedAtOnce()
{
    TestHouse house;
    QVERIFY(house.call("token add", {{word("name"), word("a")}}));
    QVERIFY(house.call("token add", {{word("name"), word("b")}}));
    const auto paused
        = house.call("token update",
                     {{word("ids"), QJsonArray{word("a"), word("b")}}, {word("enabled"), false}});
    QVERIFY2(paused, qPrintable(paused ? QString() : paused.error().message));
    QCOMPARE(listed(house, "a").value(word("condition")).toString(), word("paused"));
    QCOMPARE(listed(house, "b").value(word("condition")).toString(), word("paused"));
}

QTEST_GUILESS_MAIN(TestTokenCalls)
#include "test_tokencalls.moc"
