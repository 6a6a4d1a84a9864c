// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/access.h"

#include <QCryptographicHash>
#include <QSet>
#include <QTest>

#include <array>

using namespace tollgate;

class TestToken : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void newTokenHasItsFormAndItsDigest()
    {
        const access::NewToken token = access::makeToken();
        QCOMPARE(token.text.size(), 52);
        QVERIFY(token.text.startsWith("tg-"));
        QCOMPARE(token.prefix, token.text.first(7));
        QCOMPARE(token.digest, QCryptographicHash::hash(token.text, QCryptographicHash::Sha256));
        QVERIFY(access::looksLikeToken(token.text));
    }

    void tokensAreUniqueAndUseTheWholeAlphabet()
    {
        QSet<QByteArray> seen;
        std::array<int, 256> counts{};
        constexpr int kTokens = 2'000;
        for (int i = 0; i < kTokens; ++i) {
            const QByteArray text = access::makeToken().text;
            QVERIFY(!seen.contains(text));
            seen.insert(text);
            for (const char c : text.sliced(4, 42)) // behind the skewed leading digit
                ++counts[static_cast<unsigned char>(c)];
        }
        // Chi-square over 62 letters; 61 degrees of freedom, 120 is far beyond 0.0001.
        const double expected = kTokens * 42 / 62.0;
        double chi = 0;
        int used = 0;
        for (const int count : counts) {
            if (count == 0)
                continue;
            ++used;
            chi += (count - expected) * (count - expected) / expected;
        }
        QCOMPARE(used, 62);
        QVERIFY2(chi < 120, QByteArray::number(chi).constData());
    }

    void everyMistypedCharacterIsNoticed()
    {
        const QByteArray token = access::makeToken().text;
        for (qsizetype at = 0; at < token.size(); ++at) {
            for (const char c : {'a', 'Z', '7', '-', ' ', '\0', '\x80'}) {
                if (token[at] == c)
                    continue;
                QByteArray wrong = token;
                wrong[at] = c;
                QVERIFY2(!access::looksLikeToken(wrong), wrong.constData());
            }
        }
    }

    void otherLengthsAreNoTokens()
    {
        const QByteArray token = access::makeToken().text;
        for (qsizetype size = 0; size < token.size(); ++size)
            QVERIFY(!access::looksLikeToken(token.first(size)));
        QVERIFY(!access::looksLikeToken(token + 'a'));
        QVERIFY(!access::looksLikeToken(QByteArray(1'000'000, 'a')));
        QVERIFY(!access::looksLikeToken("sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789abcdef"));
    }

    void checksumStaysAsItIs()
    {
        // Tokens handed out must be known by every later version.
        QVERIFY(access::looksLikeToken("tg-" + QByteArray(43, '0') + "49ZIxU"));
    }
};

QTEST_APPLESS_MAIN(TestToken)
#include "test_token.moc"
