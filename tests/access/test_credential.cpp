// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/access.h"

#include <QTest>

using namespace tollgate;

namespace {

struct Carrier
{
    const char *name;
    Headers headers;
    QByteArray query;
};

std::vector<Carrier> carriersOf(const QByteArray &token)
{
    return {{"Authorization", {{"Authorization", "Bearer " + token}}, {}},
            {"x-api-key", {{"X-Api-Key", token}}, {}},
            {"x-goog-api-key", {{"x-goog-api-key", token}}, {}},
            {"api-key", {{"API-KEY", token}}, {}},
            {"?key=", {}, "alt=sse&key=" + token}};
}

QByteArray outcome(const Result<QByteArray> &result)
{
    return result ? *result : result.error().code;
}

} // namespace

class TestCredential : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyCarrierGivesTheSameToken()
    {
        for (const Carrier &carrier : carriersOf("tg-abc")) {
            const auto found = access::findCredential(carrier.headers, carrier.query, true);
            QVERIFY2(found, carrier.name);
            QCOMPARE(*found, QByteArray("tg-abc"));
        }
    }

    void twoCarriersAgreeOrTheRequestIsRefused()
    {
        const auto ours = carriersOf("tg-abc");
        for (const QByteArray &second : {QByteArray("tg-abc"), QByteArray("tg-xyz")}) {
            const auto theirs = carriersOf(second);
            for (std::size_t i = 0; i < ours.size(); ++i) {
                for (std::size_t j = i + 1; j < ours.size(); ++j) {
                    Headers both = ours[i].headers;
                    for (const Header &field : theirs[j].headers)
                        both.append(field.name, field.value);
                    const auto found = access::findCredential(both, theirs[j].query, true);
                    QCOMPARE(bool(found), second == "tg-abc");
                    if (!found) {
                        QCOMPARE(found.error().status(), 400);
                        QCOMPARE(found.error().code, QByteArray("conflicting_credentials"));
                    }
                }
            }
        }
    }

    void sameHeaderTwiceCountsAsTwoCarriers()
    {
        QVERIFY(access::findCredential({{"x-api-key", "a"}, {"X-API-Key", "a"}}, {}, false));
        QVERIFY(!access::findCredential({{"x-api-key", "a"}, {"X-API-Key", "b"}}, {}, false));
        QVERIFY(!access::findCredential({}, "key=a&key=b", true));
    }

    void bearerSchemeIsReadWithoutCase_data()
    {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *value, const char *expected) {
            QTest::newRow(value) << QByteArray(value) << QByteArray(expected);
        };
        row("Bearer t", "t");
        row("bearer t", "t");
        row("BEARER \t t ", "t");
        row("Bearer", "missing_token");
        row("Bearer ", "missing_token");
        row("", "missing_token");
        row("Bearert", "missing_token");
        row("Basic dTpw", "missing_token");
        row("t", "missing_token");
    }
    void bearerSchemeIsReadWithoutCase()
    {
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, expected);
        const auto found = access::findCredential({{"authorization", value}}, {}, false);
        QCOMPARE(outcome(found), expected);
        if (!found)
            QCOMPARE(found.error().status(), 401);
    }

    void anotherSchemeBesideAKeyIsAmbiguous()
    {
        const auto found = access::findCredential(
            {{"authorization", "Basic dTpw"}, {"x-api-key", "t"}}, {}, false);
        QVERIFY(!found);
        QCOMPARE(found.error().status(), 400);
    }

    void emptyCarriersDoNotCount()
    {
        QCOMPARE(outcome(access::findCredential(
                     {{"x-api-key", "  "}, {"authorization", "Bearer t"}}, "key=", true)),
                 QByteArray("t"));
        QCOMPARE(outcome(access::findCredential({{"x-api-key", ""}}, {}, false)),
                 QByteArray("missing_token"));
    }

    void queryKeyCountsOnlyWhereAllowed()
    {
        QVERIFY(!access::findCredential({}, "key=t", false));
        QCOMPARE(outcome(access::findCredential({{"x-api-key", "u"}}, "key=t", false)),
                 QByteArray("u"));
        QCOMPARE(outcome(access::findCredential({}, "a=b&key=tg%2Dab%63&c", true)),
                 QByteArray("tg-abc"));
        QVERIFY(!access::findCredential({}, "monkey=t&keys=t&KEY=t", true));
    }
};

QTEST_APPLESS_MAIN(TestCredential)
#include "test_credential.moc"
