// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/upstreamerror.h"

#include <QTest>

using namespace tollgate;

namespace {

constexpr std::int64_t kNowUs = 1'800'000'000'000'000; // Fri, 15 Jan 2027 08:00:00 GMT
const QString kChannel = QStringLiteral("main");

} // namespace

class TestUpstreamError : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void retryAfterIsReadInEveryForm_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("seconds");
        QTest::newRow("absent") << QByteArray() << -1;
        QTest::newRow("seconds") << QByteArray("7") << 7;
        QTest::newRow("fraction rounds up") << QByteArray("1.2") << 2;
        QTest::newRow("zero") << QByteArray("0") << 0;
        QTest::newRow("negative") << QByteArray("-5") << -1;
        QTest::newRow("huge") << QByteArray("1000000000") << 3600;
        QTest::newRow("not a number") << QByteArray("nan") << -1;
        QTest::newRow("words") << QByteArray("soon") << -1;
        QTest::newRow("date ahead") << QByteArray("Fri, 15 Jan 2027 08:00:30 GMT") << 30;
        QTest::newRow("date behind") << QByteArray("Fri, 15 Jan 2027 07:00:00 GMT") << 0;
        QTest::newRow("date far ahead") << QByteArray("Sat, 15 Jan 2028 08:00:00 GMT") << 3600;
    }

    void retryAfterIsReadInEveryForm()
    {
        QFETCH(QByteArray, value);
        QFETCH(int, seconds);
        QCOMPARE(relay::retryAfterSeconds(value, kNowUs), seconds);
    }

    void providersRefusalOfItsKeyIsNotTheClients()
    {
        for (const int status : {401, 403}) {
            const Error error = relay::errorOf(status, {}, {}, kChannel, kNowUs);
            QCOMPARE(error.status(), 502);
            QCOMPARE(error.code, QByteArray("provider_credential"));
        }
    }

    void wordsAboutTheAccountOutweighTheStatus_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<bool>("blames");
        QTest::newRow("Anthropic, no money")
            << QByteArray(R"({"type":"error","error":{"type":"invalid_request_error","message":)"
                          R"("Your credit balance is too low to access the Anthropic API."}})")
            << true;
        QTest::newRow("Gemini, wrong key")
            << QByteArray(R"({"error":{"code":400,"message":"API key not valid. Please pass a )"
                          R"(valid API key.","status":"INVALID_ARGUMENT"}})")
            << true;
        QTest::newRow("OpenAI, hard limit")
            << QByteArray(R"({"error":{"message":"Billing hard limit has been reached",)"
                          R"("type":"invalid_request_error","code":"billing_hard_limit_reached"}})")
            << true;
        QTest::newRow("quoted") << QByteArray(
            R"({"error":{"message":"Invalid value: 'api key not valid'",)"
            R"("type":"invalid_request_error"}})")
                                << false;
        QTest::newRow("the client's own")
            << QByteArray(R"({"error":{"message":"max_tokens is too large",)"
                          R"("type":"invalid_request_error"}})")
            << false;
        QTest::newRow("nothing") << QByteArray() << false;
    }

    void wordsAboutTheAccountOutweighTheStatus()
    {
        QFETCH(QByteArray, body);
        QFETCH(bool, blames);
        const protocol::VendorError vendor = protocol::readVendorError(body);
        QCOMPARE(relay::blamesChannel(vendor), blames);
        // The client is told that it is not its fault.
        QCOMPARE(relay::errorOf(400, vendor, {}, kChannel, kNowUs).status(), blames ? 502 : 400);
        routing::Health health;
        routing::AttemptFailure failed;
        failed.answered = true;
        failed.status = 400;
        failed.blamesChannel = blames;
        relay::noteFailure(health, 1, failed, -1);
        QCOMPARE(health.cooldownUs(1) > 0, blames);
    }

    void statusesBecomeTheClientsStatuses_data()
    {
        QTest::addColumn<int>("theirs");
        QTest::addColumn<int>("ours");
        const std::pair<int, int> rows[]
            = {{400, 400}, {404, 404}, {408, 504}, {413, 413}, {422, 400}, {429, 429},
               {500, 502}, {502, 502}, {503, 503}, {504, 504}, {529, 503}, {302, 502}};
        for (const auto &[theirs, ours] : rows)
            QTest::addRow("%d", theirs) << theirs << ours;
    }

    void statusesBecomeTheClientsStatuses()
    {
        QFETCH(int, theirs);
        QFETCH(int, ours);
        QCOMPARE(relay::errorOf(theirs, {}, {}, kChannel, kNowUs).status(), ours);
    }

    void rateLimitKeepsItsWait()
    {
        protocol::VendorError vendor;
        vendor.retryAfterSeconds = 9;
        QCOMPARE(relay::errorOf(429, vendor, {}, kChannel, kNowUs).retryAfterSeconds, 9);
        QCOMPARE(relay::errorOf(429, vendor, "4", kChannel, kNowUs).retryAfterSeconds, 4);
        QCOMPARE(relay::errorOf(500, vendor, "4", kChannel, kNowUs).retryAfterSeconds, -1);
    }

    void timeoutsAreToldApart()
    {
        using Kind = upstream::FailureKind;
        QCOMPARE(relay::errorOf({Kind::ConnectTimeout, {}}, kChannel).code,
                 QByteArray("connect_timeout"));
        QCOMPARE(relay::errorOf({Kind::IdleTimeout, {}}, kChannel).status(), 504);
        QCOMPARE(relay::errorOf({Kind::Connect, {}}, kChannel).status(), 502);
        QCOMPARE(relay::errorOf({Kind::Dropped, {}}, kChannel).code, QByteArray("outcome_unknown"));
    }
};

QTEST_APPLESS_MAIN(TestUpstreamError)
#include "test_upstreamerror.moc"
