// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/addresses.h"

#include <QTest>

using namespace tollgate;
using access::AddressRange;

namespace {

QHostAddress address(const char *text)
{
    return QHostAddress(QString::fromLatin1(text));
}

const QByteArrayList &proxies()
{
    static const QByteArrayList list{"10.0.0.1", "10.0.1.0/24", "fd00::/8"};
    return list;
}

QByteArray clientOf(const char *peer, const Headers &headers,
                    const QByteArrayList &trusted = proxies())
{
    return access::clientAddress(address(peer), headers, trusted).toString().toLatin1();
}

} // namespace

class TestAddresses : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void rangesHoldTheirAddresses_data()
    {
        QTest::addColumn<QByteArray>("range");
        QTest::addColumn<QByteArray>("address");
        QTest::addColumn<bool>("inside");
        const auto row = [](const char *range, const char *who, bool inside) {
            QTest::addRow("%s %s", range, who) << QByteArray(range) << QByteArray(who) << inside;
        };
        row("10.1.2.3", "10.1.2.3", true);
        row("10.1.2.3", "10.1.2.4", false);
        row("10.1.2.3", "::ffff:10.1.2.3", true);
        row("::ffff:10.1.2.3", "10.1.2.3", true);
        row("10.0.0.0/8", "10.255.0.1", true);
        row("10.0.0.0/8", "11.0.0.1", false);
        row("10.9.8.7/8", "10.255.0.1", true);
        row("192.168.4.0/23", "192.168.5.255", true);
        row("192.168.4.0/23", "192.168.6.0", false);
        row("0.0.0.0/0", "8.8.8.8", true);
        row("0.0.0.0/0", "2001:db8::1", false);
        row("::/0", "2001:db8::1", true);
        row("::/0", "8.8.8.8", false);
        row("::ffff:10.0.0.0/104", "10.200.0.1", true);
        row("::ffff:10.0.0.0/104", "11.0.0.1", false);
        row("fd00::/8", "fdff::1", true);
        row("fd00::/8", "fe80::1", false);
        row("fe80::/10", "fe80::1%eth0", true);
        row("2001:db8::/127", "2001:db8::1", true);
        row("2001:db8::/127", "2001:db8::2", false);
        row("::1", "::1", true);
        row("127.0.0.1", "::1", false);
    }
    void rangesHoldTheirAddresses()
    {
        QFETCH(QByteArray, range);
        QFETCH(QByteArray, address);
        QFETCH(bool, inside);
        const auto parsed = AddressRange::parse(range);
        QVERIFY(parsed);
        const QHostAddress who(QString::fromLatin1(address));
        QCOMPARE(parsed->contains(who), inside);
        QCOMPARE(access::inRanges(who, {"bad", range}), inside);
    }

    void malformedRangesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {"",
                                 " ",
                                 "/",
                                 "/8",
                                 "10",
                                 "10.1",
                                 "10.1.2",
                                 "10.1.2.3.4",
                                 "10.1.2.256",
                                 "010.1.2.3",
                                 "0x7f.0.0.1",
                                 "2130706433",
                                 "10.1.2.3/",
                                 "10.1.2.3/33",
                                 "10.1.2.3/-1",
                                 "10.1.2.3/08",
                                 "10.1.2.3/8/8",
                                 "10.1.2.3 ",
                                 " 10.1.2.3",
                                 "10.1.2.3/255.0.0.0",
                                 "localhost",
                                 "*",
                                 "::1/129",
                                 "fe80::1%eth0",
                                 "[::1]",
                                 ":::",
                                 "1::2::3",
                                 "::ffff:10.1.2",
                                 "::ffff:010.1.2.3",
                                 "10.1.2.3\n",
                                 "10.1..3"}) {
            QTest::newRow(text) << QByteArray(text);
        }
    }
    void malformedRangesAreRefused()
    {
        QFETCH(QByteArray, text);
        const auto parsed = AddressRange::parse(text);
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().status(), 400);
        QVERIFY(!access::inRanges(address("10.1.2.3"), {text}));
    }

    void nobodyStandsInAnEmptyListOrWithoutAnAddress()
    {
        QVERIFY(!access::inRanges(address("10.1.2.3"), {}));
        QVERIFY(!access::inRanges(QHostAddress(), {"0.0.0.0/0", "::/0"}));
    }

    void headersOfAnUntrustedPeerAreIgnored()
    {
        const Headers forged{{"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=1.2.3.4"}};
        QCOMPARE(clientOf("9.9.9.9", forged), QByteArray("9.9.9.9"));
        QCOMPARE(clientOf("10.0.0.1", forged, {}), QByteArray("10.0.0.1"));
        QCOMPARE(clientOf("::ffff:9.9.9.9", forged), QByteArray("9.9.9.9"));
    }

    // T-18: of all the names in use, two are read, and only from a trusted peer.
    void otherForwardingHeadersAreNeverRead()
    {
        for (const char *name :
             {"CF-Connecting-IP", "True-Client-IP", "X-Real-IP", "X-Client-IP",
              "X-Cluster-Client-IP", "Fastly-Client-IP", "X-Original-Forwarded-For", "X-Forwarded",
              "Forwarded-For", "X-ProxyUser-Ip"}) {
            QCOMPARE(clientOf("10.0.0.1", {{name, "1.2.3.4"}}), QByteArray("10.0.0.1"));
            QCOMPARE(clientOf("9.9.9.9", {{name, "1.2.3.4"}}), QByteArray("9.9.9.9"));
        }
    }

    void trustedChainIsWalkedFromTheRight_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *header, const char *value, const char *expected) {
            QTest::newRow(value) << QByteArray(header) << QByteArray(value) << QByteArray(expected);
        };
        row("X-Forwarded-For", "1.2.3.4", "1.2.3.4");
        row("X-Forwarded-For", "6.6.6.6, 1.2.3.4", "1.2.3.4");
        row("X-Forwarded-For", "6.6.6.6, 1.2.3.4, 10.0.1.9", "1.2.3.4");
        row("X-Forwarded-For", "10.0.1.7,10.0.1.8", "10.0.1.7");
        row("X-Forwarded-For", "garbage, 1.2.3.4", "1.2.3.4");
        row("X-Forwarded-For", "1.2.3.4, garbage", "10.0.0.1");
        row("X-Forwarded-For", "1.2.3.4, unknown, 10.0.1.9", "10.0.0.1");
        row("X-Forwarded-For", "1.2.3.4:5678", "1.2.3.4");
        row("X-Forwarded-For", "[2001:db8::1]:80", "2001:db8::1");
        row("X-Forwarded-For", "2001:db8::1", "2001:db8::1");
        row("X-Forwarded-For", "::ffff:1.2.3.4", "1.2.3.4");
        row("X-Forwarded-For", "1.2.3.4:port", "10.0.0.1");
        row("X-Forwarded-For", "0x01020304", "10.0.0.1");
        row("X-Forwarded-For", "", "10.0.0.1");
        row("X-Forwarded-For", ",", "10.0.0.1");
        row("Forwarded", "for=1.2.3.4;proto=http;by=10.0.0.1", "1.2.3.4");
        row("Forwarded", "for=6.6.6.6, proto=https;For=\"[2001:db8::9]:4711\"", "2001:db8::9");
        row("Forwarded", "for=\"6.6.6.6, for=7.7.7.7\", for=1.2.3.4", "1.2.3.4");
        row("Forwarded", "for=1.2.3.4, for=_hidden", "10.0.0.1");
        row("Forwarded", "proto=https", "10.0.0.1");
    }
    void trustedChainIsWalkedFromTheRight()
    {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, value);
        QFETCH(QByteArray, expected);
        QCOMPARE(clientOf("10.0.0.1", {{header, value}}), expected);
        QCOMPARE(clientOf("::ffff:10.0.0.1", {{header, value}}), expected);
    }

    void severalFieldsAreOneChain()
    {
        QCOMPARE(
            clientOf("10.0.0.1", {{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", "1.2.3.4"}}),
            QByteArray("1.2.3.4"));
    }

    void headersThatDisagreeGiveNobody()
    {
        QCOMPARE(
            clientOf("10.0.0.1", {{"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=1.2.3.4"}}),
            QByteArray("1.2.3.4"));
        const QHostAddress nobody = access::clientAddress(
            address("10.0.0.1"), {{"X-Forwarded-For", "1.2.3.4"}, {"Forwarded", "for=10.0.0.7"}},
            proxies());
        QVERIFY(nobody.isNull());
        QVERIFY(!access::inRanges(nobody, {"0.0.0.0/0", "::/0", "10.0.0.1"}));
    }

    void endlessChainOfTrustedHopsGivesThePeer()
    {
        QByteArray chain = "10.0.1.1";
        for (int i = 0; i < 1'000; ++i)
            chain += ",10.0.1.1";
        QCOMPARE(clientOf("10.0.0.1", {{"X-Forwarded-For", chain}}), QByteArray("10.0.0.1"));
    }
};

QTEST_APPLESS_MAIN(TestAddresses)
#include "test_addresses.moc"
