// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/token.h"
#include "core/store/requests.h"
#include "core/store/tokens.h"
#include "tests/admin/testhouse.h"

#include <QDir>
#include <QFile>

using namespace tollgate;
using namespace tollgate::admin;

namespace {

constexpr char kKey[] = "sk-canary-0123456789abcdefghij";

QJsonObject openAi(const char *name)
{
    return {{word("name"), word(name)},
            {word("provider"), word("openai")},
            {word("key"), word(kKey)},
            {word("models"), QJsonArray{word("gpt-5"), word("gpt-5-mini")}}};
}

QJsonObject channelOf(const Result<QJsonObject> &answer)
{
    return answer ? answer->value(word("channel")).toObject() : QJsonObject();
}

QJsonObject firstKey(const Result<QJsonObject> &answer)
{
    return channelOf(answer).value(word("keys")).toArray().first().toObject();
}

store::RequestRow request(const QByteArray &id, std::int64_t tokenId, int status,
                          std::int64_t startedUs)
{
    store::RequestRow row;
    row.id = id;
    row.tokenId = tokenId;
    row.status = status;
    row.startedUs = startedUs;
    row.model = "gpt-5";
    row.channelId = 1;
    row.usage.input = 100;
    row.usage.cacheRead = 40;
    row.usage.output = 20;
    row.usage.reasoning = 5;
    row.cost = NanoUsd{1'234'567};
    row.charge = row.cost;
    return row;
}

} // namespace

class TestAdmin : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void unknownCommandAndUnknownFieldAreRefused();
    void everyCommandRefusesAFieldItDoesNotKnow();
    void channelKeyGoesToTheKeychainAndNowhereElse();
    void channelNamesAreUnique();
    void channelWithoutKeyIsRefusedWhereOneIsNeeded();
    void failingKeychainAddsNothingAndSaysWhatElseThereIs();
    void anotherHostTakesTheKeyAway();
    void anotherPathKeepsTheKey();
    void renamedHeadersCannotCarryCredentials();
    void secondWriterOfOneVersionIsTold();
    void twoAdminsRacingLoseNoUpdate();
    void removedChannelTakesItsSecretsAlong();
    void keysAreAddedAndRemovedOneByOne();
    void tokenIsShownOnceAndStoredAsDigest();
    void tokenFieldsAreChecked();
    void revokedTokenFreesItsName();
    void tokenBudgetCanBeChangedAndTakenAway();
    void settingsAreSetShownAndUnset();
    void pricesOfOnesOwnComeFirst();
    void usageHasTheShapeThatWasPromised();
    void logFiltersAndPages();
    void followingLogSeesNewRequestsAndEndsWithItsListener();
    void everyChangeIsAuditedWithoutSecrets();
    void exportLeavesSecretsOutAndImportMakesNewTokens();
    void sealedExportCarriesKeysAndTokens();
    void importChangesNothingWhenOnePartIsWrong();
    void importKeepsWhatIsThere();
    void demoChannelIsTestedToItsFirstToken();
    void unreachableChannelSaysWhere();
    void previewShowsTheFinalUrl();
    void doctorFindsAMissingKey();
    void backupIsACopyThatOpens();
    void changesReachTheEngine();
};

void TestAdmin::unknownCommandAndUnknownFieldAreRefused()
{
    TestHouse house;
    QCOMPARE(house.call("channel drop").error().kind, ErrorKind::NotFound);
    QJsonObject channel = openAi("main");
    channel.insert(word("spent"), 0);
    const auto refused = house.call("channel add", channel);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, QByteArray("unknown_field"));
    QVERIFY(house.keychain.items.isEmpty());
}

void TestAdmin::everyCommandRefusesAFieldItDoesNotKnow()
{
    TestHouse house;
    for (const QString &command : Admin::commands()) {
        const auto answer
            = house.call(command.toLatin1().constData(), {{word("no_such_field"), 1}});
        QVERIFY2(!answer, qPrintable(command));
        QCOMPARE(answer.error().kind, ErrorKind::InvalidRequest);
    }
    QCOMPARE(house.engine.changes, 0);
}

void TestAdmin::channelKeyGoesToTheKeychainAndNowhereElse()
{
    TestHouse house;
    const auto added = house.call("channel add", openAi("main"));
    QVERIFY2(added, qPrintable(added ? QString() : added.error().message));
    QCOMPARE(house.keychain.items.size(), 1);
    QCOMPARE(house.keychain.items.values().first(), QByteArray(kKey));
    QCOMPARE(firstKey(added).value(word("bound_to")).toString(),
             word("https://api.openai.com:443"));
    const auto list = house.call("channel list");
    const auto audit = house.call("audit");
    for (const auto *answer : {&added, &list, &audit}) {
        QVERIFY(*answer);
        QVERIFY(!QJsonDocument(**answer).toJson().contains(QByteArray(kKey).mid(5)));
    }
    QVERIFY(!house.everything().contains(QByteArray(kKey).mid(5)));
}

void TestAdmin::channelNamesAreUnique()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    const auto again = house.call("channel add", openAi("main"));
    QCOMPARE(again.error().kind, ErrorKind::Conflict);
    QCOMPARE(house.keychain.items.size(), 1);
    QVERIFY(house.call("channel add", openAi("second")));
    const auto renamed = house.call(
        "channel update", {{word("channel"), word("second")}, {word("name"), word("main")}});
    QCOMPARE(renamed.error().kind, ErrorKind::Conflict);
}

void TestAdmin::channelWithoutKeyIsRefusedWhereOneIsNeeded()
{
    TestHouse house;
    QJsonObject channel = openAi("main");
    channel.remove(word("key"));
    QCOMPARE(house.call("channel add", channel).error().code, QByteArray("key_missing"));
    channel.insert(word("provider"), word("openai-compatible"));
    QCOMPARE(house.call("channel add", channel).error().param, QByteArray("base_url"));
    channel.insert(word("base_url"), word("http://127.0.0.1:8000/v1"));
    QCOMPARE(house.call("channel add", channel).error().param, QByteArray("base_url"));
    channel.insert(word("local"), true);
    const auto local = house.call("channel add", channel);
    QVERIFY(local);
    QCOMPARE(firstKey(local).value(word("source")).toString(), word("none"));
    const auto own = house.call("channel add",
                                {{word("name"), word("own")}, {word("provider"), word("ollama")}});
    QVERIFY(channelOf(own).value(word("local")).toBool());
}

void TestAdmin::failingKeychainAddsNothingAndSaysWhatElseThereIs()
{
    TestHouse house;
    house.keychain.refusing = true;
    const auto refused = house.call("channel add", openAi("main"));
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, ErrorKind::Unavailable);
    QVERIFY(refused.error().message.contains(word("--key-vault")));
    QCOMPARE(house.call("channel list")->value(word("channels")).toArray().size(), 0);
    QCOMPARE(house.engine.changes, 0);
}

void TestAdmin::anotherHostTakesTheKeyAway()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    for (const char *url : {"https://evil.example.com/v1"}) {
        const auto moved = house.call(
            "channel update", {{word("channel"), word("main")}, {word("base_url"), word(url)}});
        QVERIFY(moved);
        QCOMPARE(moved->value(word("keys_removed")).toInt(), 1);
        QCOMPARE(channelOf(moved).value(word("keys")).toArray().size(), 0);
    }
    QTRY_VERIFY(house.keychain.items.isEmpty());
}

void TestAdmin::anotherPathKeepsTheKey()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    const auto moved = house.call(
        "channel update",
        {{word("channel"), word("main")}, {word("base_url"), word("https://api.openai.com/v2")}});
    QVERIFY(moved);
    QCOMPARE(moved->value(word("keys_removed")).toInt(), 0);
    QCOMPARE(house.keychain.items.size(), 1);
    const auto port = house.call("channel update",
                                 {{word("channel"), word("main")},
                                  {word("base_url"), word("https://api.openai.com:8443/v2")}});
    QCOMPARE(port->value(word("keys_removed")).toInt(), 1);
}

void TestAdmin::renamedHeadersCannotCarryCredentials()
{
    TestHouse house;
    const auto with = [&](const char *name, const char *value) {
        QJsonObject channel = openAi("main");
        channel.insert(
            word("headers"),
            QJsonArray{QJsonObject{{word("name"), word(name)}, {word("value"), word(value)}}});
        return house.call("channel add", channel);
    };
    for (const char *name : {"Authorization", "x-API-key", "Host", "Content-Length", "Cookie",
                             "Transfer-Encoding", "bad name", ""})
        QVERIFY2(!with(name, "x"), name);
    QVERIFY(!with("X-Team", "a\r\nHost: evil"));
    QVERIFY(with("X-Team", "blue"));
}

void TestAdmin::secondWriterOfOneVersionIsTold()
{
    TestHouse house;
    const auto added = house.call("channel add", openAi("main"));
    const auto version = channelOf(added).value(word("version")).toInteger();
    const QJsonObject change{{word("channel"), word("main")}, {word("version"), version}};
    QJsonObject first = change;
    first.insert(word("priority"), 5);
    QJsonObject second = change;
    second.insert(word("weight"), 7);
    QVERIFY(house.call("channel update", first));
    const auto late = house.call("channel update", second);
    QVERIFY(!late);
    QCOMPARE(late.error().kind, ErrorKind::Conflict);
    QCOMPARE(late.error().code, QByteArray("version"));
    QCOMPARE(channelOf(house.call("channel show", {{word("channel"), word("main")}}))
                 .value(word("weight"))
                 .toInt(),
             1);
    QVERIFY(!house.call("channel rm", change));
    QVERIFY(!house.call("channel disable", change));
}

void TestAdmin::twoAdminsRacingLoseNoUpdate()
{
    TestHouse house;
    QVERIFY(house.call("token add", {{word("name"), word("t")}}));
    constexpr int kRounds = 200;
    int stored = 0;
    int conflicts = 0;
    // Both read, both write: exactly those that were told so have changed the row.
    for (int round = 0; round < kRounds; ++round) {
        std::vector<std::optional<Result<QJsonObject>>> answers(2);
        QEventLoop loop;
        const auto calling = [&](std::size_t index, const char *field) -> Task<void> {
            Task<Result<QJsonObject>> call = house.admin->call(
                word("token update"), {{word("token"), word("t")}, {word(field), round + 1}}, {});
            Result<QJsonObject> result = co_await call;
            answers[index].emplace(std::move(result));
            if (answers[0] && answers[1])
                QTimer::singleShot(0, &loop, &QEventLoop::quit);
        };
        const Running one = run(calling(0, "rpm"));
        const Running two = run(calling(1, "concurrency"));
        QTimer::singleShot(10'000, &loop, &QEventLoop::quit);
        loop.exec();
        for (const auto &answer : answers) {
            QVERIFY(answer);
            stored += answer->has_value() ? 1 : 0;
            conflicts += !answer->has_value() && answer->error().code == "version" ? 1 : 0;
        }
    }
    QCOMPARE(stored + conflicts, 2 * kRounds);
    QVERIFY(stored >= kRounds);
    const auto shown = house.call("token show", {{word("token"), word("t")}});
    QCOMPARE(shown->value(word("details"))[word("version")].toInt(), stored + 1);
}

void TestAdmin::removedChannelTakesItsSecretsAlong()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    QVERIFY(house.call("channel rm", {{word("channel"), word("main")}}));
    QVERIFY(house.call("trash purge", {{word("all"), true}}));
    QTRY_VERIFY(house.keychain.items.isEmpty());
    QCOMPARE(house.call("channel rm", {{word("channel"), word("main")}}).error().kind,
             ErrorKind::NotFound);
}

void TestAdmin::keysAreAddedAndRemovedOneByOne()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    const auto two = house.call(
        "channel key add", {{word("channel"), word("main")}, {word("key_env"), word("OTHER_KEY")}});
    QVERIFY(two);
    QCOMPARE(channelOf(two).value(word("keys")).toArray().size(), 2);
    QVERIFY(!house.call("channel key add",
                        {{word("channel"), word("main")}, {word("key_env"), word("NOT-A-NAME")}}));
    QVERIFY(!house.call("channel key add", {{word("channel"), word("main")}}));
    const auto id = firstKey(two).value(word("id"));
    const auto one
        = house.call("channel key rm", {{word("channel"), word("main")}, {word("key"), id}});
    QVERIFY(one);
    QCOMPARE(channelOf(one).value(word("keys")).toArray().size(), 1);
    QTRY_VERIFY(house.keychain.items.isEmpty());
    QVERIFY(!house.call("channel key rm", {{word("channel"), word("main")}, {word("key"), id}}));
}

void TestAdmin::tokenIsShownOnceAndStoredAsDigest()
{
    TestHouse house;
    const auto added = house.call("token add",
                                  {{word("name"), word("laptop")},
                                   {word("budget"), word("10/month")},
                                   {word("expires"), word("30d")}});
    QVERIFY(added);
    const QByteArray token = added->value(word("token")).toString().toLatin1();
    QVERIFY(access::looksLikeToken(token));
    const auto list = house.call("token list");
    const auto audit = house.call("audit");
    QVERIFY(!QJsonDocument(*list).toJson().contains(token.mid(8)));
    QVERIFY(!QJsonDocument(*audit).toJson().contains(token.mid(8)));
    QVERIFY(!house.everything().contains(token.mid(8)));
    const auto row = house.store->readNow(
        [](store::Database &db) { return store::tokenNamed(db, QStringLiteral("laptop")); });
    QVERIFY(row);
    QCOMPARE(row->digest, access::digestOf(token));
    QCOMPARE(row->budget->value, 10'000'000'000);
    QCOMPARE(row->budgetWindow, store::BudgetWindow::Month);
}

void TestAdmin::tokenFieldsAreChecked()
{
    TestHouse house;
    const auto with = [&](const char *field, const QJsonValue &value) {
        return house.call("token add", {{word("name"), word("t")}, {word(field), value}});
    };
    QVERIFY(!with("budget", word("ten")));
    QVERIFY(!with("expires", word("2020-01-01")));
    QVERIFY(!with("ip", QJsonArray{word("10.0.0.0/99")}));
    QVERIFY(!with("ip", QJsonArray{word("example.com")}));
    QVERIFY(!with("rpm", -1));
    QVERIFY(!with("models", word("gpt-5")));
    QVERIFY(!with("state", word("active")));
    QVERIFY(!with("digest", word("00")));
    QVERIFY(!house.call("token add", {{word("name"), word("../x\n")}}));
    QVERIFY(!house.call("token add"));
    QCOMPARE(house.call("token list")->value(word("tokens")).toArray().size(), 0);
}

void TestAdmin::revokedTokenFreesItsName()
{
    TestHouse house;
    QVERIFY(house.call("token add", {{word("name"), word("ci")}}));
    QVERIFY(!house.call("token add", {{word("name"), word("ci")}}));
    QVERIFY(house.call("token disable", {{word("token"), word("ci")}}));
    QVERIFY(house.call("token enable", {{word("token"), word("ci")}}));
    QVERIFY(house.call("token revoke", {{word("token"), word("ci")}}));
    QCOMPARE(house.call("token enable", {{word("token"), word("ci")}}).error().kind,
             ErrorKind::NotFound);
    QVERIFY(house.call("token add", {{word("name"), word("ci")}}));
}

void TestAdmin::tokenBudgetCanBeChangedAndTakenAway()
{
    TestHouse house;
    QVERIFY(house.call("token add", {{word("name"), word("ci")}, {word("budget"), word("1/day")}}));
    const auto budget = [&](const char *text) {
        const auto updated = house.call(
            "token update", {{word("token"), word("ci")}, {word("budget"), word(text)}});
        return updated ? updated->value(word("details"))[word("budget")].toString()
                       : updated.error().message;
    };
    QCOMPARE(budget("2/day"), word("2/day"));
    QCOMPARE(budget("30/month"), word("30/month"));
    QCOMPARE(budget("none"), QString());
}

void TestAdmin::settingsAreSetShownAndUnset()
{
    TestHouse house;
    const QJsonObject name{{word("name"), word("log.keep_days")}};
    QJsonObject set = name;
    set.insert(word("value"), word("30"));
    QVERIFY(house.call("settings set", set));
    QCOMPARE(house.call("settings get", name)->value(word("setting"))[word("value")].toInt(), 30);
    QCOMPARE(house.engine.changes, 1);
    set.insert(word("value"), word("-1"));
    QVERIFY(!house.call("settings set", set));
    QVERIFY(house.call("settings unset", name));
    QCOMPARE(house.call("settings get", name)->value(word("setting"))[word("value")].toInt(), 90);
    QVERIFY(!house.call("settings get", {{word("name"), word("no.such")}}));
    QVERIFY(!house.call("settings set", name));
}

void TestAdmin::pricesOfOnesOwnComeFirst()
{
    TestHouse house;
    QVERIFY(!house.call("price set", {{word("model"), word("m")}, {word("input"), word("1")}}));
    QVERIFY(house.call("price set",
                       {{word("model"), word("my-model")},
                        {word("input"), word("2.50")},
                        {word("output"), word("10")},
                        {word("request"), word("0.001")}}));
    const auto listed = house.call("price list", {{word("model"), word("my-model")}});
    const QJsonObject price = listed->value(word("prices")).toArray().first().toObject();
    QCOMPARE(price.value(word("input")).toString(), word("2.5"));
    QCOMPARE(price.value(word("request")).toString(), word("0.001"));
    QCOMPARE(price.value(word("source")).toString(), word("user"));
    QVERIFY(house.call("price list")->value(word("prices")).toArray().size() > 100);
    QVERIFY(house.call("price unset", {{word("model"), word("my-model")}}));
    QVERIFY(!house.call("price unset", {{word("model"), word("my-model")}}));
}

void TestAdmin::usageHasTheShapeThatWasPromised()
{
    TestHouse house;
    QVERIFY(house.call("token add", {{word("name"), word("ci")}}));
    const std::int64_t now = Clock::system().wallUs();
    for (int i = 0; i < 3; ++i) {
        const auto row
            = request(QByteArray("req_") + QByteArray::number(i), 1, i == 2 ? 500 : 200, now);
        QVERIFY(house.store->writeNow(
            [row](store::Database &db) { return store::addRequest(db, row); }));
    }
    const auto usage = house.call("usage", {{word("by"), word("token")}});
    QVERIFY(usage);
    QCOMPARE(usage->keys(), QStringList{word("rows")});
    const QJsonObject row = usage->value(word("rows")).toArray().first().toObject();
    QCOMPARE(
        row.keys(),
        (QStringList{word("cached_tokens"), word("cost_nano_usd"), word("estimated"),
                     word("failed"), word("input_tokens"), word("key"), word("output_tokens"),
                     word("reasoning_tokens"), word("requests"), word("units"), word("unpriced")}));
    QCOMPARE(row.value(word("key")).toString(), word("ci"));
    QCOMPARE(row.value(word("requests")).toInt(), 3);
    QCOMPARE(row.value(word("failed")).toInt(), 1);
    QCOMPARE(row.value(word("input_tokens")).toInt(), 420);
    QCOMPARE(row.value(word("cached_tokens")).toInt(), 120);
    QCOMPARE(row.value(word("output_tokens")).toInt(), 75);
    QCOMPARE(row.value(word("reasoning_tokens")).toInt(), 15);
    QCOMPARE(row.value(word("cost_nano_usd")).toInteger(), 3'703'701);
    QVERIFY(!house.call("usage", {{word("by"), word("planet")}}));
    QVERIFY(!house.call("usage", {{word("by"), word("user")}}));
    QVERIFY(!house.call("usage", {{word("since"), word("long ago")}}));
    QCOMPARE(
        house.call("usage", {{word("until"), word("1h")}})->value(word("rows")).toArray().size(),
        0);
}

void TestAdmin::logFiltersAndPages()
{
    TestHouse house;
    QVERIFY(house.call("token add", {{word("name"), word("ci")}}));
    const std::int64_t now = Clock::system().wallUs();
    constexpr int kRows = 700;
    QVERIFY(house.store->writeNow([now](store::Database &db) -> Result<void> {
        for (int i = 0; i < kRows; ++i) {
            const auto row = request(QByteArray("req_") + QByteArray::number(i), 1,
                                     i % 100 == 0 ? 429 : 200, now - kRows + i);
            if (auto added = store::addRequest(db, row); !added)
                return failure(added.error());
        }
        return {};
    }));
    const auto log = [&](const QJsonObject &arguments) {
        const auto answer = house.call("log", arguments);
        return answer ? answer->value(word("requests")).toArray() : QJsonArray();
    };
    QCOMPARE(log({}).size(), 50);
    QCOMPARE(log({}).last().toObject().value(word("id")).toString(), word("req_699"));
    QCOMPARE(log({{word("limit"), 10'000}}).size(), kRows);
    // 429 alone is narrower than what the store filters by.
    QCOMPARE(log({{word("filter"), word("status:429 token:ci")}}).size(), 7);
    QCOMPARE(log({{word("filter"), word("status:404")}}).size(), 0);
    QCOMPARE(log({{word("filter"), word("id:req_5")}}).size(), 1);
    QCOMPARE(house.call("log", {{word("filter"), word("token:nobody")}}).error().kind,
             ErrorKind::NotFound);
    QVERIFY(!house.call("log", {{word("filter"), word("nonsense:1")}}));
    QVERIFY(!house.call("log", {{word("limit"), 1'000'000}}));
}

void TestAdmin::followingLogSeesNewRequestsAndEndsWithItsListener()
{
    TestHouse house;
    const std::int64_t now = Clock::system().wallUs();
    QStringList seen;
    QTimer::singleShot(50, this, [&] {
        const auto row = request("req_new", 0, 200, now);
        QVERIFY(house.store->writeNow(
            [row](store::Database &db) { return store::addRequest(db, row); }));
    });
    const OnEvent onEvent = [&seen](const QJsonObject &event) {
        const QString id = event.value(word("request"))[word("id")].toString();
        if (!id.isEmpty())
            seen.append(id);
        return seen.isEmpty();
    };
    const auto ended = wait(*house.admin, "log", {{word("follow"), true}}, onEvent);
    QVERIFY(ended);
    QCOMPARE(seen, QStringList{word("req_new")});
    QVERIFY(!house.call("log", {{word("follow"), true}}));
}

void TestAdmin::everyChangeIsAuditedWithoutSecrets()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    QVERIFY(house.call("channel update", {{word("channel"), word("main")}, {word("priority"), 3}}));
    QVERIFY(house.call("channel disable", {{word("channel"), word("main")}}));
    QVERIFY(house.call("token add", {{word("name"), word("ci")}}));
    QVERIFY(
        house.call("settings set", {{word("name"), word("log.bodies")}, {word("value"), true}}));
    QVERIFY(house.call("channel rm", {{word("channel"), word("main")}}));
    const QJsonArray entries = house.call("audit")->value(word("entries")).toArray();
    QStringList actions;
    for (const QJsonValue &entry : entries)
        actions.append(entry[word("action")].toString());
    QCOMPARE(actions,
             (QStringList{word("channel.add"), word("channel.update"), word("channel.disable"),
                          word("token.add"), word("settings.set"), word("channel.rm")}));
    QCOMPARE(entries.at(1)[word("object")].toString(), word("channel:1"));
    const QJsonObject change = entries.at(1)[word("detail")].toObject();
    QCOMPARE(change.value(word("priority")).toArray(), (QJsonArray{0, 3}));
}

void TestAdmin::exportLeavesSecretsOutAndImportMakesNewTokens()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    const auto token = house.call("token add",
                                  {{word("name"), word("ci")},
                                   {word("budget"), word("5/week")},
                                   {word("ip"), QJsonArray{word("10.0.0.0/8")}}});
    QVERIFY(house.call(
        "price set",
        {{word("model"), word("m")}, {word("input"), word("1")}, {word("output"), word("2")}}));
    QVERIFY(
        house.call("settings set", {{word("name"), word("log.keep_days")}, {word("value"), 7}}));
    const auto exported = house.call("export");
    QVERIFY(exported);
    const QByteArray text = QJsonDocument(*exported).toJson();
    QVERIFY(!text.contains(QByteArray(kKey).mid(5)));
    const QByteArray secret = token->value(word("token")).toString().toLatin1();
    QVERIFY(!text.contains(secret.mid(8)));
    QVERIFY(!text.contains(access::digestOf(secret).toHex()));

    TestHouse other;
    const QJsonObject bundle = exported->value(word("bundle")).toObject();
    const auto dry = other.call("import", {{word("bundle"), bundle}, {word("dry_run"), true}});
    QVERIFY2(dry, qPrintable(dry ? QString() : dry.error().message));
    QCOMPARE(dry->value(word("added")).toArray().size(), 4);
    QCOMPARE(other.call("channel list")->value(word("channels")).toArray().size(), 0);
    const auto imported = other.call("import", {{word("bundle"), bundle}});
    QVERIFY(imported);
    const QString made = imported->value(word("tokens"))[word("ci")].toString();
    QVERIFY(access::looksLikeToken(made.toLatin1()));
    QVERIFY(made.toLatin1() != secret);
    const auto shown = other.call("token show", {{word("token"), word("ci")}});
    QCOMPARE(shown->value(word("details"))[word("budget")].toString(), word("5/week"));
    QCOMPARE(channelOf(other.call("channel show", {{word("channel"), word("main")}}))
                 .value(word("keys"))
                 .toArray()
                 .size(),
             0);
}

void TestAdmin::sealedExportCarriesKeysAndTokens()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    const auto token = house.call("token add", {{word("name"), word("ci")}});
    const auto exported = house.call("export", {{word("passphrase"), word("a long passphrase")}});
    QVERIFY(exported);
    QVERIFY(!QJsonDocument(*exported).toJson().contains(QByteArray(kKey).mid(5)));
    QVERIFY(!house.call("export", {{word("passphrase"), word("short")}}));

    TestHouse other;
    const QJsonObject bundle = exported->value(word("bundle")).toObject();
    QCOMPARE(
        other.call("import", {{word("bundle"), bundle}, {word("passphrase"), word("not this one")}})
            .error()
            .kind,
        ErrorKind::Forbidden);
    const auto imported = other.call(
        "import", {{word("bundle"), bundle}, {word("passphrase"), word("a long passphrase")}});
    QVERIFY2(imported, qPrintable(imported ? QString() : imported.error().message));
    QVERIFY(imported->value(word("tokens")).toObject().isEmpty());
    QCOMPARE(other.keychain.items.values(), QList<QByteArray>{QByteArray(kKey)});
    const auto row = other.store->readNow(
        [](store::Database &db) { return store::tokenNamed(db, QStringLiteral("ci")); });
    QCOMPARE(row->digest, access::digestOf(token->value(word("token")).toString().toLatin1()));
}

void TestAdmin::importChangesNothingWhenOnePartIsWrong()
{
    TestHouse house;
    const QJsonObject bad{{word("tollgate"), 1},
                          {word("tokens"), QJsonArray{QJsonObject{{word("name"), word("ok")}}}},
                          {word("settings"), QJsonObject{{word("log.keep_days"), -5}}}};
    QVERIFY(!house.call("import", {{word("bundle"), bad}}));
    QCOMPARE(house.call("token list")->value(word("tokens")).toArray().size(), 0);
    QVERIFY(!house.call("import", {{word("bundle"), QJsonObject{{word("x"), 1}}}}));
    QVERIFY(!house.call("import", {{word("bundle"), QJsonObject{{word("tollgate"), 2}}}}));
    QCOMPARE(house.engine.changes, 0);
}

void TestAdmin::importKeepsWhatIsThere()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    QJsonObject hostile{{word("name"), word("main")},
                        {word("provider"), word("openai")},
                        {word("base_url"), word("https://evil.example.com")}};
    const auto imported = house.call(
        "import",
        {{word("bundle"),
          QJsonObject{{word("tollgate"), 1}, {word("channels"), QJsonArray{hostile}}}}});
    QVERIFY(imported);
    QCOMPARE(imported->value(word("skipped")).toArray().size(), 1);
    QCOMPARE(channelOf(house.call("channel show", {{word("channel"), word("main")}}))
                 .value(word("base_url"))
                 .toString(),
             word("https://api.openai.com/v1"));
}

void TestAdmin::demoChannelIsTestedToItsFirstToken()
{
    TestHouse house;
    const auto added = house.call("channel add",
                                  {{word("name"), word("play")},
                                   {word("provider"), word("demo")},
                                   {word("models"), QJsonArray{word("demo/echo")}}});
    QVERIFY2(added, qPrintable(added ? QString() : added.error().message));
    const auto tested = house.call("channel test", {{word("channel"), word("play")}});
    QVERIFY(tested);
    QVERIFY2(tested->value(word("ok")).toBool(), QJsonDocument(*tested).toJson().constData());
    QCOMPARE(tested->value(word("steps")).toArray().last()[word("step")].toString(),
             word("first token"));
}

void TestAdmin::unreachableChannelSaysWhere()
{
    TestHouse house;
    QJsonObject channel = openAi("main");
    channel.insert(word("base_url"), word("http://127.0.0.1:9"));
    channel.insert(word("local"), true);
    QVERIFY(house.call("channel add", channel));
    const auto tested = house.call("channel test", {{word("channel"), word("main")}});
    QVERIFY(tested);
    QVERIFY(!tested->value(word("ok")).toBool());
    QCOMPARE(tested->value(word("failed_at")).toString(), word("connection"));
    QVERIFY(!tested->value(word("hint")).toString().isEmpty());
    const auto models = house.call("channel models", {{word("channel"), word("main")}});
    QVERIFY(!models);
    QCOMPARE(models.error().kind, ErrorKind::UpstreamFailed);
}

void TestAdmin::previewShowsTheFinalUrl()
{
    TestHouse house;
    const auto preview = house.call("channel preview",
                                    {{word("provider"), word("openai")},
                                     {word("base_url"), word("https://api.example.com/v1/")}});
    QVERIFY(preview);
    const QByteArray text = QJsonDocument(*preview).toJson();
    QVERIFY2(text.contains("https://api.example.com/v1/chat/completions"), text.constData());
    QVERIFY(!house.call("channel preview", {{word("provider"), word("nobody")}}));

    for (const char *version : {"", "v1", "2024-10-21"}) {
        QJsonObject options;
        if (*version)
            options.insert(word("api_version"), word(version));
        const auto azure = house.call("channel preview",
                                      {{word("provider"), word("azure")},
                                       {word("base_url"), word("https://r.openai.azure.com")},
                                       {word("options"), options}});
        QVERIFY(azure);
        QCOMPARE(azure->value(word("urls")).toArray().size(), 2);
    }
    // No table without rows: who answers by itself is said to.
    const auto demo = house.call("channel preview", {{word("provider"), word("demo")}});
    QVERIFY(!demo);
    QCOMPARE(demo.error().code, "no_url");
}

void TestAdmin::doctorFindsAMissingKey()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    const auto healthy = house.call("doctor");
    QVERIFY2(healthy && healthy->value(word("ok")).toBool(),
             healthy ? QJsonDocument(*healthy).toJson().constData() : "failed");
    house.keychain.items.clear();
    const auto ill = house.call("doctor");
    QVERIFY(ill);
    QVERIFY(!ill->value(word("ok")).toBool());
    bool found = false;
    for (const QJsonValue &check : ill->value(word("checks")).toArray()) {
        found = found
            || (check[word("state")].toString() == word("bad")
                && check[word("check")].toString().contains(word("main"))
                && !check[word("remedy")].toString().isEmpty());
    }
    QVERIFY(found);
}

void TestAdmin::backupIsACopyThatOpens()
{
    TestHouse house;
    QVERIFY(house.call("token add", {{word("name"), word("ci")}}));
    const QString file = house.folder.path() + word("/copy.db");
    QVERIFY(house.call("backup", {{word("file"), file}}));
    QVERIFY(!house.call("backup", {{word("file"), file}}));
    QVERIFY(!house.call("backup", {{word("file"), word("relative.db")}}));
    const auto copy = store::Database::open(file, store::Database::Mode::ReadOnly, 1'000);
    QVERIFY(copy);
    QVERIFY(store::tokenNamed(**copy, QStringLiteral("ci")));
}

void TestAdmin::changesReachTheEngine()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    QVERIFY(house.call("token add", {{word("name"), word("ci")}}));
    QVERIFY(house.call("token disable", {{word("token"), word("ci")}}));
    QVERIFY(house.call("channel list"));
    QCOMPARE(house.engine.changes, 3);
    QVERIFY(house.call("reload"));
    QCOMPARE(house.engine.changes, 4);
}

QTEST_GUILESS_MAIN(TestAdmin)
#include "test_admin.moc"
