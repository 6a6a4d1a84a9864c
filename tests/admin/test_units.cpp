// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/baseurl.h"
#include "core/admin/fields.h"
#include "core/admin/sealed.h"
#include "core/admin/settings.h"
#include "core/admin/units.h"
#include "core/admin/wire.h"
#include "providers/baseurl.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace tollgate;
using namespace tollgate::admin;

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
constexpr std::int64_t kNow = 1'795'392'000 * kSecond; // 2026-11-23T00:00:00Z

QString word(const char *text)
{
    return QString::fromUtf8(text);
}

} // namespace

class TestUnits : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void budgetIsAnAmountAndAWindow_data();
    void budgetIsAnAmountAndAWindow();
    void whatIsNoBudgetIsRefused_data();
    void whatIsNoBudgetIsRefused();
    void durationsAreReadExactly();
    void expiryDateIsValidThroughItsDay();
    void expiryInThePastIsRefused();
    void pricesPerMillionBecomePicoATokenExactly();
    void logFilterReadsItsWords();
    void logFilterRefusesUnknownWordsButTakesUrlsAsText();
    void baseUrlIsCheckedForWhatCouldLeakAKey_data();
    void baseUrlIsCheckedForWhatCouldLeakAKey();
    void originNamesSchemeHostAndPort();
    void proxyWithPasswordIsRefused();
    void fieldsRefuseWhatTheyDoNotKnow();
    void fieldsRefuseWrongTypesAndRanges();
    void everySettingsDefaultIsItsOwnCanonicalForm();
    void settingsKeepTheirRangeAndType();
    void storedSettingsComeBackAsTheyWere();
    void invalidStoredSettingCountsAsAbsent();
    void listenAddressOfOthersNeedsTlsOrTheWords();
    void listenAddressIsReadStrictly();
    void wireCarriesErrorsAsTheyAre();
    void wireRefusesWhatIsNoCall();
    void sealedTextOpensWithItsPassphraseOnly();
    void sealedTextCannotAskForTooMuch();
};

void TestUnits::budgetIsAnAmountAndAWindow_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("nano");
    QTest::addColumn<int>("window");
    QTest::addColumn<QString>("shown");
    const auto row
        = [](const char *text, qint64 nano, store::BudgetWindow window, const char *shown) {
              QTest::newRow(text) << word(text) << nano << static_cast<int>(window) << word(shown);
          };
    row("10/month", 10'000'000'000, store::BudgetWindow::Month, "10/month");
    row("2.50/day", 2'500'000'000, store::BudgetWindow::Day, "2.5/day");
    row("$5/week", 5'000'000'000, store::BudgetWindow::Week, "5/week");
    row("100", 100'000'000'000, store::BudgetWindow::Total, "100");
    row("100/total", 100'000'000'000, store::BudgetWindow::Total, "100");
    row("0", 0, store::BudgetWindow::Total, "0");
    row("0.000000001/DAY", 1, store::BudgetWindow::Day, "0.000000001/day");
}

void TestUnits::budgetIsAnAmountAndAWindow()
{
    QFETCH(QString, text);
    QFETCH(qint64, nano);
    QFETCH(int, window);
    const auto budget = parseBudget(text);
    QVERIFY(budget);
    QCOMPARE(qint64{budget->amount.value}, nano);
    QCOMPARE(static_cast<int>(budget->window), window);
    QTEST(formatBudget(*budget), "shown");
}

void TestUnits::whatIsNoBudgetIsRefused_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"", "/", "ten", "-1", "+1", "1e3", "1,5/day", "5/year", "5/", "/day",
                             "$", "0.0000000001", "99999999999999999999", "5/day/week", "NaN", "٣"})
        QTest::newRow(text) << word(text);
}

void TestUnits::whatIsNoBudgetIsRefused()
{
    QFETCH(QString, text);
    const auto budget = parseBudget(text);
    QVERIFY(!budget);
    QCOMPARE(budget.error().kind, ErrorKind::InvalidRequest);
}

void TestUnits::durationsAreReadExactly()
{
    QCOMPARE(*parseDuration(word("90s")), 90 * kSecond);
    QCOMPARE(*parseDuration(word("15m")), 900 * kSecond);
    QCOMPARE(*parseDuration(word("12h")), 43'200 * kSecond);
    QCOMPARE(*parseDuration(word("30d")), 30 * kDay);
    QCOMPARE(*parseDuration(word("2w")), 14 * kDay);
    for (const char *text :
         {"", "d", "30", "30 d", "-1d", "+1d", "1.5h", "1y", "999999999999999999d", "40000d", "٣d"})
        QVERIFY2(!parseDuration(word(text)), text);
}

void TestUnits::expiryDateIsValidThroughItsDay()
{
    QCOMPARE(*parseExpiry(word("30d"), kNow), kNow + 30 * kDay);
    QCOMPARE(*parseExpiry(word("2026-11-23"), kNow), kNow + kDay);
    QCOMPARE(*parseExpiry(word("2026-11-23T08:00:00Z"), kNow), kNow + 8 * 3'600 * kSecond);
    QCOMPARE(*parseExpiry(word("never"), kNow), 0);
    QCOMPARE(*parseSince(word("2026-11-22"), kNow), kNow - kDay);
    QCOMPARE(*parseSince(word("1h"), kNow), kNow - 3'600 * kSecond);
}

void TestUnits::expiryInThePastIsRefused()
{
    for (const char *text : {"2026-11-22", "2025-01-01T00:00:00Z", "0d", "soon", "2026-02-30"})
        QVERIFY2(!parseExpiry(word(text), kNow), text);
}

void TestUnits::pricesPerMillionBecomePicoATokenExactly()
{
    QCOMPARE(parseUsdPerMillion(word("2.50"))->value, 2'500'000);
    QCOMPARE(parseUsdPerMillion(word("0.0028"))->value, 2'800);
    QCOMPARE(parseUsdPerMillion(word("0.000001"))->value, 1);
    QCOMPARE(parseUsdPerMillion(word("10000"))->value, 10'000'000'000);
    QCOMPARE(formatUsdPerMillion(PicoUsd{2'800}), word("0.0028"));
    for (const char *text : {"0.0000001", "10000.000001", "-1", "", "x"})
        QVERIFY2(!parseUsdPerMillion(word(text)), text);
}

void TestUnits::logFilterReadsItsWords()
{
    const auto filter = parseLogFilter(
        word("model:gpt-5 token:\"my laptop\" channel:main status:5xx since:1h two words"), kNow);
    QVERIFY(filter);
    QCOMPARE(filter->model, word("gpt-5"));
    QCOMPARE(filter->token, word("my laptop"));
    QCOMPARE(filter->channel, word("main"));
    QCOMPARE(filter->statusFrom, 500);
    QCOMPARE(filter->statusTo, 600);
    QCOMPARE(filter->sinceUs, kNow - 3'600 * kSecond);
    QCOMPARE(filter->text, word("two words"));
    QCOMPARE(parseLogFilter(word("status:429"), kNow)->statusTo, 430);
    QVERIFY(parseLogFilter(word("status:error"), kNow)->failedOnly);
}

void TestUnits::logFilterRefusesUnknownWordsButTakesUrlsAsText()
{
    for (const char *text : {"user:me", "status:6x", "status:", "since:yesterday", "status:099"})
        QVERIFY2(!parseLogFilter(word(text), kNow), text);
    QCOMPARE(parseLogFilter(word("http://example.com"), kNow)->text, word("http://example.com"));
    QCOMPARE(parseLogFilter(word("Error:x"), kNow)->text, word("Error:x"));
    QVERIFY(!parseLogFilter(QString(2'000, u'x'), kNow));
}

void TestUnits::baseUrlIsCheckedForWhatCouldLeakAKey_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<bool>("local");
    QTest::addColumn<QString>("stored"); // empty: refused
    const auto row = [](const char *url, bool local, const char *stored) {
        QTest::addRow("%s %s", local ? "local" : "public", url)
            << word(url) << local << word(stored);
    };
    row("https://api.example.com/v1/", false, "https://api.example.com/v1");
    row("https://API.example.com", false, "https://api.example.com");
    row("https://api.example.com:8443/x", false, "https://api.example.com:8443/x");
    row("http://127.0.0.1:8000/v1", true, "http://127.0.0.1:8000/v1");
    row("http://[::1]:8000", true, "http://[::1]:8000");
    row("http://api.example.com", false, "");
    row("http://127.0.0.1:8000", false, "");
    row("https://localhost", false, "");
    row("https://a.localhost", false, "");
    row("https://2130706433/", false, "");
    row("https://0x7f.1/", false, "");
    row("https://[::ffff:127.0.0.1]/", false, "");
    row("https://10.1.2.3", false, "");
    row("https://169.254.169.254", false, "");
    row("https://[fd00::1]", false, "");
    row("https://api.example.com:6379", false, "");
    row("https://api.example.com:22", false, "");
    row("https://user:pass@api.example.com", false, "");
    row("https://api.example.com?key=x", false, "");
    row("https://api.example.com#x", false, "");
    row("https://good.com\\@evil.com", false, "");
    row("ftp://api.example.com", false, "");
    row("file:///etc/passwd", true, "");
    row("api.example.com", false, "");
    row("https://", false, "");
    row("https://api.exa mple.com", false, "");
}

void TestUnits::baseUrlIsCheckedForWhatCouldLeakAKey()
{
    QFETCH(QString, url);
    QFETCH(bool, local);
    QFETCH(QString, stored);
    const auto checked = checkBaseUrl(url, local);
    QCOMPARE(checked ? QString::fromUtf8(*checked) : QString(), stored);
}

void TestUnits::originNamesSchemeHostAndPort()
{
    QCOMPARE(providers::originOf("https://api.example.com/v1"),
             QByteArray("https://api.example.com:443"));
    QCOMPARE(providers::originOf("http://[::1]:8000"), QByteArray("http://[::1]:8000"));
    QVERIFY(providers::originOf("http://127.0.0.1") != providers::originOf("https://127.0.0.1"));
    QCOMPARE(providers::originOf("nonsense"), QByteArray());
    QVERIFY(isLoopbackUrl(word("http://localhost:1234/v1")));
    QVERIFY(!isLoopbackUrl(word("https://localhost.evil.com")));
}

void TestUnits::proxyWithPasswordIsRefused()
{
    QVERIFY(checkProxy(word("socks5h://127.0.0.1:1080")));
    QVERIFY(checkProxy(QString()));
    for (const char *text : {"http://user:pw@proxy:3128", "proxy:3128", "http://proxy",
                             "ftp://proxy:1", "http://proxy:3128/path", "http://proxy:3128?x"})
        QVERIFY2(!checkProxy(word(text)), text);
}

void TestUnits::fieldsRefuseWhatTheyDoNotKnow()
{
    Fields fields({{word("name"), word("x")}, {word("spent"), 0}});
    QCOMPARE(fields.requiredText("name"), word("x"));
    const auto done = fields.finish();
    QVERIFY(!done);
    QCOMPARE(done.error().param, QByteArray("spent"));
}

void TestUnits::fieldsRefuseWrongTypesAndRanges()
{
    const QJsonObject object{{word("number"), 1.5},
                             {word("big"), 1e17},
                             {word("text"), 7},
                             {word("nul"), QString(QChar(0)) + u'x'},
                             {word("list"), QJsonArray{1}},
                             {word("flag"), word("true")}};
    for (const char *name : {"number", "big"}) {
        Fields fields(object);
        QVERIFY2(!fields.integer(name, 0, 1'000'000'000'000'000), name);
        QVERIFY(!fields.good());
    }
    for (const char *name : {"text", "nul"}) {
        Fields fields(object);
        QVERIFY2(!fields.text(name), name);
        QVERIFY(!fields.good());
    }
    Fields lists(object);
    QVERIFY(!lists.list("list"));
    QVERIFY(!lists.good());
    Fields flags(object);
    QVERIFY(!flags.boolean("flag"));
    QVERIFY(!flags.good());
    Fields missing({});
    QVERIFY(missing.requiredText("name").isEmpty());
    QCOMPARE(missing.finish().error().param, QByteArray("name"));
}

void TestUnits::everySettingsDefaultIsItsOwnCanonicalForm()
{
    QVERIFY(settingSpecs().size() > 30);
    QSet<QString> names;
    for (const SettingSpec &spec : settingSpecs()) {
        const auto canonical = canonicalSetting(spec, word(spec.fallback));
        QVERIFY2(canonical, spec.name);
        QCOMPARE(*canonical, QByteArray(spec.fallback));
        QCOMPARE(canonicalSetting(spec, settingToJson(spec, *canonical)).value_or("?"), *canonical);
        QVERIFY2(*spec.what, spec.name);
        QVERIFY2(!names.contains(word(spec.name)), spec.name);
        names.insert(word(spec.name));
    }
    const Settings settings;
    const http::Limits given;
    const http::Limits limits = httpLimits(settings);
    QCOMPARE(limits.headerBlock, given.headerBlock);
    QCOMPARE(limits.connections, given.connections);
    QCOMPARE(limits.keepAliveMs, given.keepAliveMs);
    QCOMPARE(upstreamTimeouts(settings).firstByteMs, upstream::Timeouts().firstByteMs);
    QCOMPARE(jsonLimits(settings).depth, protocol::JsonLimits().depth);
}

void TestUnits::settingsKeepTheirRangeAndType()
{
    const SettingSpec *keep = findSetting(word("limits.keep_alive"));
    QVERIFY(keep);
    QCOMPARE(*canonicalSetting(*keep, 5'000), QByteArray("5000"));
    QCOMPARE(*canonicalSetting(*keep, word("5000")), QByteArray("5000"));
    for (const QJsonValue &bad : {QJsonValue(-1), QJsonValue(1.5), QJsonValue(word("5s")),
                                  QJsonValue(word("")), QJsonValue(true), QJsonValue(1e300)})
        QVERIFY(!canonicalSetting(*keep, bad));
    const SettingSpec *durability = findSetting(word("store.durability"));
    QVERIFY(canonicalSetting(*durability, word("strict")));
    QVERIFY(!canonicalSetting(*durability, word("lax")));
    const SettingSpec *origins = findSetting(word("listen.origins"));
    QVERIFY(canonicalSetting(*origins, word("https://a.example,app://obsidian")));
    for (const char *bad : {"*", "https://a.example/", "https://*.example", "a.example", "null"})
        QVERIFY2(!canonicalSetting(*origins, word(bad)), bad);
    const SettingSpec *proxies = findSetting(word("listen.trusted_proxies"));
    QVERIFY(canonicalSetting(*proxies, word("10.0.0.0/8, fd00::/8")));
    QVERIFY(!canonicalSetting(*proxies, word("10.0.0.0/33")));
}

void TestUnits::storedSettingsComeBackAsTheyWere()
{
    const SettingSpec *hosts = findSetting(word("listen.hosts"));
    const SettingSpec *bodies = findSetting(word("log.bodies"));
    QHash<QByteArray, QByteArray> stored;
    stored.insert(hosts->name, storedSetting(*hosts, "a.lan,b.lan"));
    stored.insert(bodies->name, storedSetting(*bodies, "true"));
    QCOMPARE(stored.value("listen.hosts"), QByteArray(R"(["a.lan","b.lan"])"));
    const Settings settings(stored);
    QCOMPARE(settings.list("listen.hosts"), (QByteArrayList{"a.lan", "b.lan"}));
    QVERIFY(settings.boolean("log.bodies"));
    QVERIFY(!settings.isDefault("log.bodies"));
    QVERIFY(settings.isDefault("limits.body"));
}

void TestUnits::invalidStoredSettingCountsAsAbsent()
{
    const Settings settings({{"limits.connections", "\"many\""}, {"log.bodies", "{"}, {"x", "1"}});
    QCOMPARE(settings.integer("limits.connections"), 1'024);
    QVERIFY(!settings.boolean("log.bodies"));
}

void TestUnits::listenAddressOfOthersNeedsTlsOrTheWords()
{
    const Settings settings;
    QCOMPARE(listenAddresses(settings, {}, false)->size(), std::size_t{2});
    const QByteArrayList lan{"192.168.1.10:4180"};
    const auto refused = listenAddresses(settings, lan, false);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, QByteArray("lan_needs_tls"));
    QVERIFY(listenAddresses(settings, lan, true));
    QVERIFY(!listenAddresses(settings, {"0.0.0.0:4180"}, false));
    QVERIFY(!listenAddresses(settings, {"[::]:4180"}, false));
    const Settings half({{"listen.tls_certificate", "\"/c.pem\""}});
    QVERIFY(!listenAddresses(half, lan, false));
    const Settings tls(
        {{"listen.tls_certificate", "\"/c.pem\""}, {"listen.tls_key", "\"/k.pem\""}});
    QVERIFY(listenAddresses(tls, lan, false));
}

void TestUnits::listenAddressIsReadStrictly()
{
    QCOMPARE(parseListenAddress(word("[::1]:4180"))->address,
             QHostAddress(QHostAddress::LocalHostIPv6));
    QCOMPARE(parseListenAddress(word("localhost:0"))->port, quint16{0});
    QCOMPARE(formatListenAddress(*parseListenAddress(word("[::1]:1"))), word("[::1]:1"));
    for (const char *text :
         {"", ":4180", "4180", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:-1",
          "::1:4180", "[127.0.0.1]:80", "example.com:80", "[::1]"})
        QVERIFY2(!parseListenAddress(word(text)), text);
}

void TestUnits::wireCarriesErrorsAsTheyAre()
{
    Error error;
    error.kind = ErrorKind::Conflict;
    error.code = "version";
    error.param = "name";
    error.message = word("Zeile\nzwei \"ä\"");
    const QByteArray line = wire::resultLine(failure(error));
    QCOMPARE(line.count('\n'), 1);
    const auto answer = wire::readAnswer(line);
    QVERIFY(answer);
    QCOMPARE(answer->kind, wire::Answer::Kind::Error);
    QCOMPARE(answer->error.kind, ErrorKind::Conflict);
    QCOMPARE(answer->error.code, error.code);
    QCOMPARE(answer->error.param, error.param);
    QCOMPARE(answer->error.message, error.message);
}

void TestUnits::wireRefusesWhatIsNoCall()
{
    QVERIFY(wire::readCall(R"({"command":"status"})"));
    QVERIFY(wire::readCall(wire::callLine(word("status"), {})));
    for (const char *line :
         {"", "x", "[]", "{}", "\xff", R"({"command":7})", R"({"command":"a","arguments":[]})",
          R"({"command":"a","extra":1})", R"({"command":"a","arguments":{},"extra":1})"})
        QVERIFY2(!wire::readCall(line), line);
}

void TestUnits::sealedTextOpensWithItsPassphraseOnly()
{
    const auto sealed = seal("a provider key", Secret("correct horse"));
    QVERIFY(sealed);
    QVERIFY(!QJsonDocument(*sealed).toJson().contains("provider"));
    const auto opened = unseal(*sealed, Secret("correct horse"));
    QVERIFY(opened);
    QCOMPARE(opened->reveal().toByteArray(), QByteArray("a provider key"));
    QVERIFY(!unseal(*sealed, Secret("wrong horse")));
    QJsonObject damaged = *sealed;
    QString data = damaged.value(word("data")).toString();
    data[4] = data.at(4) == u'A' ? u'B' : u'A';
    damaged.insert(word("data"), data);
    QVERIFY(!unseal(damaged, Secret("correct horse")));
    QVERIFY(!seal("x", Secret("short")));
}

void TestUnits::sealedTextCannotAskForTooMuch()
{
    const auto sealed = seal("x", Secret("correct horse"));
    QVERIFY(sealed);
    QJsonObject greedy = *sealed;
    greedy.insert(word("memory"), qint64{1} << 40);
    QVERIFY(!unseal(greedy, Secret("correct horse")));
    greedy = *sealed;
    greedy.insert(word("ops"), 1'000'000);
    QVERIFY(!unseal(greedy, Secret("correct horse")));
}

QTEST_GUILESS_MAIN(TestUnits)
#include "test_units.moc"
