// SPDX-License-Identifier: GPL-3.0-or-later
// Credential files: what is signed, where it may be sent, and how the token that comes back is
// kept.
#include "providers/accesstokens.h"
#include "tests/providers/testkey.h"
#include "tests/upstream/scriptserver.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <QUrlQuery>

#include <atomic>

using namespace tollgate;
using namespace tollgate::providers;

namespace {

constexpr std::int64_t kUsPerS = 1'000'000;

class TestClock final : public Clock
{
public:
    [[nodiscard]] std::int64_t wallUs() const override
    {
        return Clock::system().wallUs() + m_ahead.load();
    }
    [[nodiscard]] std::int64_t monotonicUs() const override
    {
        return Clock::system().monotonicUs() + m_ahead.load();
    }
    void pass(std::int64_t seconds) { m_ahead += seconds * kUsPerS; }

private:
    std::atomic<std::int64_t> m_ahead = 0;
};

QByteArray fromBase64Url(const QByteArray &text)
{
    return QByteArray::fromBase64(text, QByteArray::Base64UrlEncoding);
}

QByteArray formValue(const QByteArray &body, const char *name)
{
    return QUrlQuery(QString::fromLatin1(body))
        .queryItemValue(QLatin1String(name), QUrl::FullyDecoded)
        .toLatin1();
}

// Answers "t1", "t2" …, each good for an hour; or what the test says.
struct TokenServer
{
    std::atomic<int> count = 0;
    std::atomic<bool> refuses = false;
    upstream::ScriptServer server{[this](upstream::Connection &connection) {
        while (connection.readRequest()) {
            const QByteArray refusal = R"({"error":"invalid_grant","error_description":"No."})";
            const QByteArray token = R"({"access_token":"t)" + QByteArray::number(++count)
                + R"(","expires_in":3600,"token_type":"Bearer"})";
            connection.write(refuses ? "HTTP/1.1 400 Bad Request\r\nContent-Length: "
                                     + QByteArray::number(refusal.size()) + "\r\n\r\n" + refusal
                                     : upstream::okResponse(token));
        }
    }};

    [[nodiscard]] AccessTokens::Ask ask(const QByteArray &file) const
    {
        return [file, url = server.url("/token")](std::int64_t nowS) {
            auto request = tokenRequest(file, url, nowS);
            if (request)
                request->local = true;
            return request;
        };
    }
};

struct Told
{
    std::optional<Result<void>> result;
    std::unique_ptr<relay::Preparation> waiting;

    void fetch(AccessTokens &tokens, const AccessTokens::Ask &ask, Mailbox &mailbox)
    {
        result.reset();
        waiting = tokens.fetch("id", ask, mailbox,
                               [this](Result<void> told) { result = std::move(told); });
    }
    [[nodiscard]] bool comes()
    {
        return QTest::qWaitFor([this] { return result.has_value(); }, 60'000);
    }
};

} // namespace

class TestAccessTokens : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theSignatureIsTheKeysOwn();
    void aUsersCredentialsAreRefreshed();
    void aFileDoesNotChooseWhomWeCall();
    void brokenFilesAreSaid_data();
    void brokenFilesAreSaid();
    void answersAreRead();
    void aTokenIsFetchedOnceForAllWhoWait();
    void aTokenIsRenewedBeforeItEnds();
    void aFailureIsToldAndNotRepeatedAtOnce();
    void whoHasLeftIsNotTold();
    void anExchangeUnderWayDoesNotHoldUpTheEnd();

private:
    test::TestKey m_key;
};

void TestAccessTokens::theSignatureIsTheKeysOwn()
{
    const QByteArray uri = "https://oauth2.googleapis.com/token";
    const auto request = tokenRequest(m_key.file(), uri, 1'700'000'000);
    QVERIFY(request);
    QCOMPARE(request->method, QByteArray("POST"));
    QCOMPARE(request->url, uri);
    QCOMPARE(request->headers.value("content-type"),
             QByteArray("application/x-www-form-urlencoded"));
    QCOMPARE(formValue(request->body, "grant_type"),
             QByteArray("urn:ietf:params:oauth:grant-type:jwt-bearer"));
    const QByteArrayList parts = formValue(request->body, "assertion").split('.');
    QCOMPARE(parts.size(), 3);
    QVERIFY(m_key.verifies(parts[0] + '.' + parts[1], fromBase64Url(parts[2])));
    QVERIFY(!m_key.verifies(parts[0] + '.' + parts[1] + 'x', fromBase64Url(parts[2])));
    QVERIFY(!test::TestKey().verifies(parts[0] + '.' + parts[1], fromBase64Url(parts[2])));
    const QJsonObject head = QJsonDocument::fromJson(fromBase64Url(parts[0])).object();
    QCOMPARE(head,
             (QJsonObject{{QStringLiteral("alg"), QStringLiteral("RS256")},
                          {QStringLiteral("typ"), QStringLiteral("JWT")},
                          {QStringLiteral("kid"), QStringLiteral("kid-1")}}));
    const QJsonObject claims = QJsonDocument::fromJson(fromBase64Url(parts[1])).object();
    QCOMPARE(claims,
             (QJsonObject{
                 {QStringLiteral("iss"), QStringLiteral("robot@p-1.example")},
                 {QStringLiteral("scope"),
                  QStringLiteral("https://www.googleapis.com/auth/cloud-platform")},
                 {QStringLiteral("aud"), QString::fromLatin1(uri)},
                 {QStringLiteral("iat"), 1'700'000'000},
                 {QStringLiteral("exp"), 1'700'003'600},
             }));
}

void TestAccessTokens::aUsersCredentialsAreRefreshed()
{
    const QByteArray file
        = R"({"type":"authorized_user","client_id":"i","client_secret":"s&x","refresh_token":"1//r"})";
    const auto request = tokenRequest(file, "https://oauth2.googleapis.com/token", 0);
    QVERIFY(request);
    QCOMPARE(formValue(request->body, "grant_type"), QByteArray("refresh_token"));
    QCOMPARE(formValue(request->body, "client_secret"), QByteArray("s&x"));
    QCOMPARE(formValue(request->body, "refresh_token"), QByteArray("1//r"));
}

void TestAccessTokens::aFileDoesNotChooseWhomWeCall()
{
    QCOMPARE(tokenUri(m_key.file(), {}).value(), QByteArray("https://oauth2.googleapis.com/token"));
    const QByteArray old = "https://www.googleapis.com/oauth2/v4/token";
    QCOMPARE(tokenUri(m_key.file(old), {}).value(), old);
    for (const char *foreign :
         {"https://evil.example/token", "http://oauth2.googleapis.com/token",
          "https://oauth2.googleapis.com/token/", "https://oauth2.googleapis.com:444/token",
          "https://oauth2.googleapis.com@evil.example/token", "http://169.254.169.254/token",
          "file:///etc/passwd"}) {
        const auto refused = tokenUri(m_key.file(foreign), {});
        QVERIFY2(!refused, foreign);
        QVERIFY(refused.error().message.contains(u"token_uri"));
        // What the channel names is the keeper's own word, whatever the file says.
        QCOMPARE(tokenUri(m_key.file(foreign), "https://sts.example/t").value(),
                 QByteArray("https://sts.example/t"));
    }
}

void TestAccessTokens::brokenFilesAreSaid_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::newRow("no JSON") << QByteArray("{");
    QTest::newRow("another kind") << QByteArray(R"({"type":"external_account"})");
    QTest::newRow("no mail address") << m_key.file({}, {});
    QTest::newRow("no key") << QByteArray(R"({"type":"service_account","client_email":"a@b"})");
    QTest::newRow("a key that is none") << QByteArray(
        R"({"type":"service_account","client_email":"a@b","private_key":"-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----"})");
    QTest::newRow("no refresh token")
        << QByteArray(R"({"type":"authorized_user","client_id":"i","client_secret":"s"})");
}

void TestAccessTokens::brokenFilesAreSaid()
{
    QFETCH(QByteArray, file);
    const auto request = tokenRequest(file, "https://oauth2.googleapis.com/token", 0);
    QVERIFY(!request);
    QCOMPARE(request.error().kind, ErrorKind::Unavailable);
    QVERIFY(request.error().message.endsWith(u'.'));
}

void TestAccessTokens::answersAreRead()
{
    const auto good = readAccessToken(200, R"({"access_token":"a","expires_in":100})");
    QVERIFY(good);
    QCOMPARE(good->text, QByteArray("a"));
    QCOMPARE(good->lifeS, 100);
    QCOMPARE(readAccessToken(200, R"({"access_token":"a"})")->lifeS, 3600);
    QCOMPARE(readAccessToken(200, R"({"access_token":"a","expires_in":-5})")->lifeS, 60);
    QVERIFY(!readAccessToken(200, "<html>"));
    QVERIFY(!readAccessToken(200, R"({"access_token":""})"));
    QVERIFY(!readAccessToken(200, R"({"access_token":"a\r\nx: y"})"));
    const auto refused = readAccessToken(
        400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})");
    QVERIFY(!refused);
    QVERIFY(refused.error().message.contains(u"invalid_grant, Invalid JWT Signature."));
}

void TestAccessTokens::aTokenIsFetchedOnceForAllWhoWait()
{
    TokenServer google;
    TestClock clock;
    AccessTokens tokens(clock);
    Mailbox mailbox;
    const auto ask = google.ask(m_key.file());
    QVERIFY(tokens.held("id").isEmpty());
    std::vector<Told> many(20);
    for (Told &told : many)
        told.fetch(tokens, ask, mailbox);
    for (Told &told : many) {
        QVERIFY(told.waiting);
        QVERIFY(told.comes());
        QVERIFY(told.result->has_value());
    }
    QCOMPARE(google.count.load(), 1);
    QCOMPARE(tokens.held("id"), QByteArray("t1"));
    QVERIFY(tokens.held("other").isEmpty());
    Told again;
    again.fetch(tokens, ask, mailbox);
    QVERIFY(!again.waiting);
    tokens.forget("id");
    QVERIFY(tokens.held("id").isEmpty());
    again.fetch(tokens, ask, mailbox);
    QVERIFY(again.comes());
    QCOMPARE(tokens.held("id"), QByteArray("t2"));
}

void TestAccessTokens::aTokenIsRenewedBeforeItEnds()
{
    TokenServer google;
    TestClock clock;
    AccessTokens tokens(clock);
    Mailbox mailbox;
    const auto ask = google.ask(m_key.file());
    Told told;
    told.fetch(tokens, ask, mailbox);
    QVERIFY(told.comes());
    clock.pass(3'000);
    told.fetch(tokens, ask, mailbox);
    QVERIFY(!told.waiting);
    QTest::qWait(50);
    QCOMPARE(google.count.load(), 1);
    // Within its last five minutes nobody waits, and a new one is on its way.
    clock.pass(350);
    told.fetch(tokens, ask, mailbox);
    QVERIFY(!told.waiting);
    QVERIFY(QTest::qWaitFor([&] { return tokens.held("id") == "t2"; }, 60'000));
    QCOMPARE(google.count.load(), 2);
    // After its end it is not used, however long it lay there.
    clock.pass(3'600);
    QVERIFY(tokens.held("id").isEmpty());
    told.fetch(tokens, ask, mailbox);
    QVERIFY(told.waiting);
    QVERIFY(told.comes());
    QCOMPARE(tokens.held("id"), QByteArray("t3"));
}

void TestAccessTokens::aFailureIsToldAndNotRepeatedAtOnce()
{
    TokenServer google;
    google.refuses = true;
    TestClock clock;
    AccessTokens tokens(clock);
    Mailbox mailbox;
    const auto ask = google.ask(m_key.file());
    Told told;
    for (int i = 0; i < 3; ++i) {
        told.fetch(tokens, ask, mailbox);
        QVERIFY(told.comes());
        QVERIFY(!told.result->has_value());
        QVERIFY(told.result->error().message.contains(u"invalid_grant"));
    }
    QCOMPARE(google.count.load(), 1);
    clock.pass(6);
    google.refuses = false;
    told.fetch(tokens, ask, mailbox);
    QVERIFY(told.comes());
    QVERIFY(told.result->has_value());
    // A renewal that fails leaves the token that still holds.
    clock.pass(3'400);
    google.refuses = true;
    const int before = google.count;
    told.fetch(tokens, ask, mailbox);
    QVERIFY(QTest::qWaitFor([&] { return google.count > before; }, 60'000));
    QVERIFY(!tokens.held("id").isEmpty());
    // Nobody there to answer at all.
    AccessTokens others(clock);
    google.server.stop();
    told.fetch(others, ask, mailbox);
    QVERIFY(told.comes());
    QVERIFY(!told.result->has_value());
    QVERIFY(told.result->error().message.startsWith(u"No access token could be fetched"));
}

void TestAccessTokens::whoHasLeftIsNotTold()
{
    TokenServer google;
    TestClock clock;
    AccessTokens tokens(clock);
    Mailbox mailbox;
    Told gone;
    Told stays;
    gone.fetch(tokens, google.ask(m_key.file()), mailbox);
    stays.fetch(tokens, google.ask(m_key.file()), mailbox);
    gone.waiting.reset();
    QVERIFY(stays.comes());
    QCoreApplication::processEvents();
    QVERIFY(!gone.result);
}

void TestAccessTokens::anExchangeUnderWayDoesNotHoldUpTheEnd()
{
    upstream::ScriptServer silent([](upstream::Connection &connection) {
        connection.readRequest();
        connection.waitClosed();
    });
    Mailbox mailbox;
    {
        AccessTokens tokens;
        Told told;
        told.fetch(
            tokens,
            [&](std::int64_t nowS) {
                auto request = tokenRequest(m_key.file(), silent.url("/token"), nowS);
                request->local = true;
                return request;
            },
            mailbox);
        QVERIFY(QTest::qWaitFor([&] { return silent.requests() == 1; }, 60'000));
        told.waiting.reset();
    }
    QCOMPARE(silent.requests(), 1);
}

QTEST_GUILESS_MAIN(TestAccessTokens)
#include "test_accesstokens.moc"
