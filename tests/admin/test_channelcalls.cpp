// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/attempts.h"
#include "core/store/requests.h"
#include "tests/admin/testhouse.h"

using namespace tollgate;
using namespace tollgate::admin;

namespace {

constexpr char kKey[] = "sk-canary-0123456789abcdefghij";

QJsonObject openAi(const char *name, int priority = 0, int weight = 1)
{
    return {{word("name"), word(name)},
            {word("provider"), word("openai")},
            {word("key"), word(kKey)},
            {word("priority"), priority},
            {word("weight"), weight},
            {word("models"), QJsonArray{word("gpt-5"), word("gpt-5-mini")}}};
}

QJsonObject listed(TestHouse &house, const char *name)
{
    const auto answer = house.call("channel list");
    if (!answer)
        return {};
    for (const QJsonValue one : answer->value(word("channels")).toArray()) {
        if (one.toObject().value(word("name")).toString() == word(name))
            return one.toObject();
    }
    return {};
}

} // namespace

class TestChannelCalls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void listSaysWhatARowOfTheScreenNeeds();
    void listSharesTheWeightOfATier();
    void removedChannelComesBackWithItsKeyAndItsId();
    void purgedChannelTakesItsSecretsAlong();
    void movingGoesBetweenTiersAndBack();
    void pausesAreToldAndTakenBack();
    void duplicateHasAKeyOfItsOwn();
    void manyAreChangedAtOnceOrOnlyTold();
    void draftsAreTestedWithoutBeingStored();
    void storedKeyIsNotSentToAnotherHost();
    void simulationTellsWhyEachIsLeftOut();
    void previewWarnsOfWhatWasForgiven();
    void pastedTextBecomesDrafts();
    void modelsNameTheirChannelsAndPrices();
    void everySettingHasItsWords();
};

void TestChannelCalls::listSaysWhatARowOfTheScreenNeeds()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    const QJsonObject row = listed(house, "main");
    QCOMPARE(row.value(word("health")).toObject().value(word("state")).toString(),
             word("untested"));
    QCOMPARE(row.value(word("host")).toString(), word("api.openai.com"));
    QCOMPARE(row.value(word("keys_usable")).toInt(), 1);
    QCOMPARE(row.value(word("keys_total")).toInt(), 1);
    QCOMPARE(row.value(word("models_count")).toInt(), 2);
    QCOMPARE(row.value(word("ttft_p50_us")).toInt(), -1);
    QVERIFY(row.value(word("tile")).toObject().value(word("colour")).toString().startsWith(u'#'));
    QVERIFY(!row.value(word("tile")).toObject().value(word("initials")).toString().isEmpty());
    QCOMPARE(row.value(word("today")).toObject().value(word("requests")).toInt(), 0);

    const auto stored = house.store->writeNow([](store::Database &db) {
        store::RequestRow request;
        request.id = "req_1";
        request.startedUs = Clock::system().wallUs() - 1'000;
        request.channelId = 1;
        request.model = "gpt-5";
        request.status = 502;
        request.cost = NanoUsd{5'000};
        return store::addRequest(db, request);
    });
    QVERIFY2(stored, qPrintable(stored ? QString() : stored.error().message));
    const QJsonObject used = listed(house, "main");
    const QJsonObject today = used.value(word("today")).toObject();
    QCOMPARE(today.value(word("requests")).toInt(), 1);
    QCOMPARE(today.value(word("failed")).toInt(), 1);
    QCOMPARE(today.value(word("error_percent")).toDouble(), 100.0);
    QCOMPARE(today.value(word("cost_nano_usd")).toInt(), 5'000);
    QVERIFY(used.value(word("last_used_us")).toDouble() > 0);
}

void TestChannelCalls::listSharesTheWeightOfATier()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("a", 10, 7)));
    QVERIFY(house.call("channel add", openAi("b", 10, 3)));
    QVERIFY(house.call("channel add", openAi("c", 0, 1)));
    QCOMPARE(listed(house, "a").value(word("share_percent")).toDouble(), 70.0);
    QCOMPARE(listed(house, "b").value(word("share_percent")).toDouble(), 30.0);
    QCOMPARE(listed(house, "c").value(word("share_percent")).toDouble(), 100.0);
    QCOMPARE(listed(house, "a").value(word("tier")).toInt(), 1);
    QCOMPARE(listed(house, "c").value(word("tier")).toInt(), 2);
    QVERIFY(house.call("channel disable", {{word("channel"), word("b")}}));
    QCOMPARE(listed(house, "a").value(word("share_percent")).toDouble(), 100.0);
    QCOMPARE(listed(house, "b").value(word("share_percent")).toDouble(), 0.0);
    QCOMPARE(listed(house, "b").value(word("health")).toObject().value(word("state")).toString(),
             word("off"));
}

void TestChannelCalls::removedChannelComesBackWithItsKeyAndItsId()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main", 5, 3)));
    const QJsonObject before = listed(house, "main");
    QVERIFY(house.call("channel rm", {{word("channel"), word("main")}}));
    QVERIFY(listed(house, "main").isEmpty());
    QCOMPARE(house.keychain.items.size(), 1);
    const auto trash = house.call("trash list");
    QCOMPARE(trash->value(word("trash")).toArray().size(), 1);
    QVERIFY(house.call("channel add", openAi("other")));
    const auto restored = house.call("channel restore", {{word("channel"), word("main")}});
    QVERIFY2(restored, qPrintable(restored ? QString() : restored.error().message));
    const QJsonObject after = listed(house, "main");
    for (const char *same : {"id", "priority", "weight", "models", "base_url", "keys_usable"})
        QCOMPARE(after.value(word(same)), before.value(word(same)));
    QVERIFY(listed(house, "other").value(word("id")) != before.value(word("id")));
    QVERIFY(house.call("trash list")->value(word("trash")).toArray().isEmpty());
}

void TestChannelCalls::purgedChannelTakesItsSecretsAlong()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    QVERIFY(house.call("channel rm", {{word("channel"), word("main")}}));
    const auto young = house.call("trash purge");
    QCOMPARE(young->value(word("channels")).toInt(), 0);
    QCOMPARE(house.keychain.items.size(), 1);
    const auto purged = house.call("trash purge", {{word("all"), true}});
    QCOMPARE(purged->value(word("channels")).toInt(), 1);
    QVERIFY(house.keychain.items.isEmpty());
    QVERIFY(!house.call("channel restore", {{word("channel"), word("main")}}));
}

void TestChannelCalls::movingGoesBetweenTiersAndBack()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("a", 10)));
    QVERIFY(house.call("channel add", openAi("b", 10)));
    QVERIFY(house.call("channel add", openAi("c", 0)));
    const auto names = [&house] {
        QStringList order;
        for (const QJsonValue one : house.call("channel list")->value(word("channels")).toArray()) {
            const QJsonObject row = one.toObject();
            order += row.value(word("name")).toString()
                + QString::number(row.value(word("tier")).toInt());
        }
        return order.join(u' ');
    };
    QCOMPARE(names(), word("a1 b1 c2"));
    const auto first
        = house.call("channel move", {{word("channel"), word("c")}, {word("before"), word("b")}});
    QVERIFY2(first, qPrintable(first ? QString() : first.error().message));
    QCOMPARE(names(), word("a1 c1 b1"));
    QVERIFY(house.call("channel move", {{word("channel"), word("a")}, {word("new_tier"), 2}}));
    QCOMPARE(names(), word("c1 b1 a2"));
    QVERIFY(house.call("channel move", {{word("channel"), word("b")}, {word("tier"), 2}}));
    QCOMPARE(names(), word("c1 a2 b2"));
    QVERIFY(house.call("channel move", {{word("order"), first->value(word("before"))}}));
    QCOMPARE(names(), word("a1 b1 c2"));
    QVERIFY(!house.call("channel move", {{word("channel"), word("a")}, {word("tier"), 9}}));
    QVERIFY(!house.call("channel move", {{word("channel"), word("a")}}));
}

void TestChannelCalls::pausesAreToldAndTakenBack()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    QVERIFY(house.call("channel pause", {{word("channel"), word("main")}, {word("minutes"), 15}}));
    const QJsonObject row = listed(house, "main");
    QVERIFY(row.value(word("paused")).toBool());
    QVERIFY(row.value(word("paused_until_us")).toDouble() > 0);
    QCOMPARE(row.value(word("health")).toObject().value(word("state")).toString(), word("paused"));
    QVERIFY(house.call("channel resume", {{word("channel"), word("main")}}));
    QVERIFY(!listed(house, "main").value(word("paused")).toBool());
    const auto all = house.call("pause");
    QVERIFY(all->value(word("paused")).toBool());
    QCOMPARE(all->value(word("paused_until_us")).toInt(), 0);
    const auto simulated = house.call("route simulate", {{word("model"), word("gpt-5")}});
    QVERIFY(!simulated->value(word("ok")).toBool());
    QVERIFY(!house.call("resume")->value(word("paused")).toBool());
    QVERIFY(!house.call("pause", {{word("until_us"), 5}}));
    QVERIFY(house.call("channel reset", {{word("channel"), word("main")}}));
}

void TestChannelCalls::duplicateHasAKeyOfItsOwn()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    const auto copy = house.call("channel duplicate", {{word("channel"), word("main")}});
    QVERIFY2(copy, qPrintable(copy ? QString() : copy.error().message));
    const QJsonObject row = copy->value(word("channel")).toObject();
    QCOMPARE(row.value(word("name")).toString(), word("main copy"));
    QVERIFY(!row.value(word("enabled")).toBool());
    QCOMPARE(house.keychain.items.size(), 2);
    QVERIFY(house.call("channel rm", {{word("channel"), word("main")}}));
    QVERIFY(house.call("trash purge", {{word("all"), true}}));
    QCOMPARE(house.keychain.items.size(), 1);
    QCOMPARE(house.keychain.items.values().first(), QByteArray(kKey));
}

void TestChannelCalls::manyAreChangedAtOnceOrOnlyTold()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("a", 1)));
    QVERIFY(house.call("channel add", openAi("b", 2)));
    QJsonObject wish{{word("ids"), QJsonArray{word("a"), word("b"), word("gone")}},
                     {word("priority"), 2},
                     {word("dry_run"), true}};
    const auto told = house.call("channel update", wish);
    QVERIFY2(told, qPrintable(told ? QString() : told.error().message));
    const QJsonArray changed = told->value(word("changed")).toArray();
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.first().toObject().value(word("changes")).toObject(),
             (QJsonObject{{word("priority"), QJsonArray{1, 2}}}));
    QCOMPARE(told->value(word("skipped")).toArray().size(), 2);
    QCOMPARE(listed(house, "a").value(word("priority")).toInt(), 1);
    wish.remove(word("dry_run"));
    QVERIFY(house.call("channel update", wish));
    QCOMPARE(listed(house, "a").value(word("priority")).toInt(), 2);
    wish.insert(word("name"), word("same"));
    QVERIFY(!house.call("channel update", wish));
}

void TestChannelCalls::draftsAreTestedWithoutBeingStored()
{
    TestHouse house;
    QJsonArray phases;
    const auto tested = wait(*house.admin, "channel test",
                             {{word("provider"), word("openai-compatible")},
                              {word("base_url"), word("http://127.0.0.1:1/v1")},
                              {word("local"), true},
                              {word("key"), word(kKey)},
                              {word("model"), word("m")}},
                             [&phases](const QJsonObject &event) {
                                 phases.append(event);
                                 return true;
                             });
    QVERIFY2(tested, qPrintable(tested ? QString() : tested.error().message));
    QVERIFY(!tested->value(word("ok")).toBool());
    QCOMPARE(tested->value(word("cause")).toString(), word("connect"));
    QCOMPARE(tested->value(word("field")).toString(), word("base_url"));
    QCOMPARE(tested->value(word("phases")).toArray().size(), 6);
    QVERIFY(!phases.isEmpty());
    QVERIFY(house.keychain.items.isEmpty());
    QVERIFY(house.call("channel list")->value(word("channels")).toArray().isEmpty());
    const auto works = house.call(
        "channel test", {{word("provider"), word("demo")}, {word("model"), word("demo/echo")}});
    QVERIFY2(works, qPrintable(works ? QString() : works.error().message));
    QVERIFY(works->value(word("ok")).toBool());
}

void TestChannelCalls::storedKeyIsNotSentToAnotherHost()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("main")));
    const auto tested = house.call("channel test",
                                   {{word("channel"), word("main")},
                                    {word("base_url"), word("https://elsewhere.example/v1")}});
    QVERIFY2(tested, qPrintable(tested ? QString() : tested.error().message));
    QVERIFY(!tested->value(word("ok")).toBool());
    QCOMPARE(tested->value(word("cause")).toString(), word("key_missing"));
    QCOMPARE(tested->value(word("field")).toString(), word("key"));
}

void TestChannelCalls::simulationTellsWhyEachIsLeftOut()
{
    TestHouse house;
    QVERIFY(house.call("channel add", openAi("a", 10, 7)));
    QVERIFY(house.call("channel add", openAi("b", 10, 3)));
    QVERIFY(house.call("channel add", openAi("c", 0, 1)));
    QVERIFY(house.call("channel disable", {{word("channel"), word("c")}}));
    QJsonObject other = openAi("d");
    other.insert(word("models"), QJsonArray{word("elsewhere")});
    QVERIFY(house.call("channel add", other));
    const auto told = house.call("route simulate", {{word("model"), word("gpt-5")}});
    QVERIFY2(told, qPrintable(told ? QString() : told.error().message));
    QVERIFY(told->value(word("ok")).toBool());
    QVERIFY2(told->value(word("sentence"))
                 .toString()
                 .endsWith(QString::fromUtf8("tier 1: a 70 %, b 30 %")),
             qPrintable(told->value(word("sentence")).toString()));
    const QJsonArray steps = told->value(word("steps")).toArray();
    QCOMPARE(steps.at(0).toObject().value(word("left")).toInt(), 3);
    QCOMPARE(steps.at(0).toObject().value(word("dropped")).toArray().size(), 1);
    QCOMPARE(steps.at(1).toObject().value(word("left")).toInt(), 2);
    const auto nobody = house.call("route simulate", {{word("model"), word("unheard-of")}});
    QVERIFY(!nobody->value(word("ok")).toBool());
    QVERIFY(!nobody->value(word("refusal")).toString().isEmpty());
    QVERIFY(house.call("token add",
                       {{word("name"), word("ci")}, {word("models"), QJsonArray{word("gpt-4*")}}}));
    const auto refused = house.call("route simulate",
                                    {{word("model"), word("gpt-5")}, {word("token"), word("ci")}});
    QVERIFY(!refused->value(word("ok")).toBool());
}

void TestChannelCalls::previewWarnsOfWhatWasForgiven()
{
    TestHouse house;
    const auto preview = [&house](const char *url) {
        const auto answer = house.call(
            "channel preview",
            {{word("provider"), word("openai-compatible")}, {word("base_url"), word(url)}});
        return answer ? answer->value(word("warnings")).toArray().size() : -1;
    };
    QCOMPARE(preview("https://llm.example.org/v1"), 0);
    QCOMPARE(preview("https://llm.example.org/v1/v1"), 1);
    QCOMPARE(preview("https://llm.example.org/v1/chat/completions"), 1);
    QCOMPARE(preview("http://llm.example.org/v1"), 1);
}

void TestChannelCalls::pastedTextBecomesDrafts()
{
    TestHouse house;
    const auto pasted
        = house.call("channel paste", {{word("text"), word("GROQ_API_KEY=gsk_0123456789abcdef")}});
    QVERIFY2(pasted, qPrintable(pasted ? QString() : pasted.error().message));
    const QJsonObject draft = pasted->value(word("drafts")).toArray().first().toObject();
    QCOMPARE(draft.value(word("provider")).toString(), word("groq"));
    QCOMPARE(draft.value(word("keys")).toArray().first().toObject().value(word("key")).toString(),
             word("gsk_0123456789abcdef"));
    QVERIFY(!house.everything().contains("gsk_0123456789abcdef"));
}

void TestChannelCalls::modelsNameTheirChannelsAndPrices()
{
    TestHouse house;
    QJsonObject channel = openAi("main");
    channel.insert(word("models"), QJsonArray{word("gpt-5"), word("no-such-model")});
    QVERIFY(house.call("channel add", channel));
    const auto listing = house.call("models list");
    QVERIFY2(listing, qPrintable(listing ? QString() : listing.error().message));
    const QJsonArray models = listing->value(word("models")).toArray();
    QCOMPARE(models.size(), 2);
    const QJsonObject known = models.at(0).toObject();
    QCOMPARE(known.value(word("model")).toString(), word("gpt-5"));
    QVERIFY(!known.value(word("unpriced")).toBool());
    QVERIFY(known.value(word("context_tokens")).toInt() > 0);
    QCOMPARE(known.value(word("channels")).toArray().size(), 1);
    const QJsonObject unknown = models.at(1).toObject();
    QVERIFY(unknown.value(word("unpriced")).toBool());
    QVERIFY(unknown.value(word("price")).isNull());
}

void TestChannelCalls::everySettingHasItsWords()
{
    TestHouse house;
    const auto listing = house.call("settings list");
    QVERIFY(listing);
    for (const QJsonValue one : listing->value(word("settings")).toArray()) {
        const QJsonObject setting = one.toObject();
        const QByteArray name = setting.value(word("name")).toString().toUtf8();
        for (const char *member : {"section", "title", "what", "effect", "type"}) {
            QVERIFY2(!setting.value(word(member)).toString().isEmpty(),
                     (name + ": " + member).constData());
        }
        QVERIFY2(setting.value(word("section_id")).toString() != word("other"), name.constData());
        QVERIFY(!setting.value(word("changed")).toBool());
    }
}

QTEST_GUILESS_MAIN(TestChannelCalls)
#include "test_channelcalls.moc"
