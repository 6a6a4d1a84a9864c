// SPDX-License-Identifier: GPL-3.0-or-later
// Against the signatures that AWS publishes in its Signature Version 4 test suite and
// documentation.
#include "providers/sigv4.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::providers;

class TestSigV4 : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void signsAsPublished_data();
    void signsAsPublished();
    void encodesThePathOnceMore();
    void signsSessionTokens();
    void readsCredentials_data();
    void readsCredentials();
};

namespace {

// The credentials of AWS's examples.
AwsCredentials example()
{
    return {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", {}};
}

constexpr std::int64_t kExampleTime = 1440938160; // 2015-08-30T12:36:00Z

QByteArray signatureOf(Headers headers, const QByteArray &method, const QByteArray &url,
                       const QByteArray &body, const QByteArray &service,
                       const AwsCredentials &credentials = example())
{
    signV4(headers, method, url, body, credentials, {"us-east-1", service, kExampleTime});
    const QByteArray field = headers.value("authorization");
    return field.sliced(field.lastIndexOf('=') + 1);
}

} // namespace

void TestSigV4::signsAsPublished_data()
{
    QTest::addColumn<QByteArray>("method");
    QTest::addColumn<QByteArray>("url");
    QTest::addColumn<QByteArray>("contentType");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("service");
    QTest::addColumn<QByteArray>("signature");
    const QByteArray none;
    QTest::newRow("get-vanilla")
        << QByteArray("GET") << QByteArray("https://example.amazonaws.com/") << none << none
        << QByteArray("service")
        << QByteArray("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    QTest::newRow("post-vanilla")
        << QByteArray("POST") << QByteArray("https://example.amazonaws.com/") << none << none
        << QByteArray("service")
        << QByteArray("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    QTest::newRow("get-vanilla-query-order-key-case")
        << QByteArray("GET")
        << QByteArray("https://example.amazonaws.com/?Param2=value2&Param1=value1") << none << none
        << QByteArray("service")
        << QByteArray("b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    QTest::newRow("post-x-www-form-urlencoded")
        << QByteArray("POST") << QByteArray("https://example.amazonaws.com/")
        << QByteArray("application/x-www-form-urlencoded") << QByteArray("Param1=value1")
        << QByteArray("service")
        << QByteArray("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
    QTest::newRow("the documentation's IAM example")
        << QByteArray("GET")
        << QByteArray("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
        << QByteArray("application/x-www-form-urlencoded; charset=utf-8") << none
        << QByteArray("iam")
        << QByteArray("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

void TestSigV4::signsAsPublished()
{
    QFETCH(QByteArray, method);
    QFETCH(QByteArray, url);
    QFETCH(QByteArray, contentType);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, service);
    QFETCH(QByteArray, signature);
    Headers headers;
    if (!contentType.isEmpty())
        headers.append("content-type", contentType);
    QCOMPARE(signatureOf(headers, method, url, body, service), signature);
}

// What is sent as %3A is signed as %253A: the plain and the encoded name differ.
void TestSigV4::encodesThePathOnceMore()
{
    const auto of = [](const char *path) {
        return signatureOf({}, "POST", QByteArray("https://h.amazonaws.com/model/") + path, "{}",
                           "bedrock");
    };
    QVERIFY(of("a%3A0/converse") != of("a:0/converse"));
    QCOMPARE(of("a:0/converse"), of("a:0/converse"));
    Headers headers;
    signV4(headers, "POST", "https://h.amazonaws.com/model/a%3A0/converse", "{}", example(),
           {"us-east-1", "bedrock", kExampleTime});
    QVERIFY(headers.value("authorization")
                .startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/"
                            "aws4_request, SignedHeaders=host;x-amz-date, Signature="));
}

void TestSigV4::signsSessionTokens()
{
    AwsCredentials temporary = example();
    temporary.sessionToken = "token";
    Headers headers;
    signV4(headers, "POST", "https://h.amazonaws.com/", "{}", temporary,
           {"us-east-1", "bedrock", kExampleTime});
    QCOMPARE(headers.value("x-amz-security-token"), QByteArray("token"));
    QVERIFY(headers.value("authorization").contains("host;x-amz-date;x-amz-security-token"));
}

void TestSigV4::readsCredentials_data()
{
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<bool>("are");
    QTest::newRow("colons") << QByteArray("AKIA:secret") << true;
    QTest::newRow("bars") << QByteArray("AKIA|se:cret") << true;
    QTest::newRow("with a token") << QByteArray("AKIA:secret:token") << true;
    QTest::newRow("an API key") << QByteArray("ABSKQmVkcm9ja0FQSUtleQ==") << false;
    QTest::newRow("half") << QByteArray("AKIA:") << false;
}

void TestSigV4::readsCredentials()
{
    QFETCH(QByteArray, key);
    QFETCH(bool, are);
    QCOMPARE(readAwsCredentials(key).has_value(), are);
}

QTEST_APPLESS_MAIN(TestSigV4)
#include "test_sigv4.moc"
