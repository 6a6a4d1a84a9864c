// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/logfilter.h"

#include <QTest>

namespace tollgate::admin {
namespace {

using store::LogExpression;
using store::LogField;
using store::LogMatch;
using store::LogState;
using store::LogTerm;

constexpr std::int64_t kNowUs = 1'795'410'000'000'000; // 2026-11-23T05:00:00Z

// The expression written out, so that a test can say what it expects in one line.
QString written(const LogExpression &expression)
{
    static const QHash<int, QString> kFields{
        {int(LogField::State), QStringLiteral("state")},
        {int(LogField::Trouble), QStringLiteral("trouble")},
        {int(LogField::Status), QStringLiteral("status")},
        {int(LogField::Model), QStringLiteral("model")},
        {int(LogField::Channel), QStringLiteral("channel")},
        {int(LogField::Token), QStringLiteral("token")},
        {int(LogField::Client), QStringLiteral("client")},
        {int(LogField::Error), QStringLiteral("error")},
        {int(LogField::Cost), QStringLiteral("cost")},
        {int(LogField::Tokens), QStringLiteral("tokens")},
        {int(LogField::FirstToken), QStringLiteral("ttft")},
        {int(LogField::Total), QStringLiteral("total")},
        {int(LogField::Attempts), QStringLiteral("attempts")},
        {int(LogField::CachePercent), QStringLiteral("cache")},
        {int(LogField::Time), QStringLiteral("time")},
        {int(LogField::Flag), QStringLiteral("flag")},
        {int(LogField::Session), QStringLiteral("session")},
        {int(LogField::Mark), QStringLiteral("mark")},
        {int(LogField::Anything), QStringLiteral("any")},
    };
    static const QStringList kMatches{
        QStringLiteral("="),  QStringLiteral("~"), QStringLiteral("^"), QStringLiteral("<"),
        QStringLiteral("<="), QStringLiteral(">"), QStringLiteral(">=")};
    QStringList parts;
    for (const LogExpression &part : expression.parts)
        parts.append(written(part));
    switch (expression.kind) {
    case LogExpression::Kind::Everything:
        return QStringLiteral("*");
    case LogExpression::Kind::And:
        return u'(' + parts.join(QStringLiteral(" & ")) + u')';
    case LogExpression::Kind::Or:
        return u'(' + parts.join(QStringLiteral(" | ")) + u')';
    case LogExpression::Kind::Not:
        return u'!' + parts.front();
    case LogExpression::Kind::Term:
        break;
    }
    const LogTerm &term = expression.term;
    return kFields.value(int(term.field), QStringLiteral("?")) + kMatches.at(int(term.match))
        + (term.text.isEmpty() ? QString::number(term.number) : term.text);
}

ParsedFilter parsed(const QString &text)
{
    return parseFilter(text, kNowUs, QTimeZone("Europe/Berlin"));
}

} // namespace

class TestLogFilter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void saysWhatIsMeant_data();
    void saysWhatIsMeant();
    void tellsWhereItIsWrong_data();
    void tellsWhereItIsWrong();
    void readsTimesInTheZoneAsked();
    void bodiesStandByThemselves();
    void nothingIsEverything();
    void endsForAnyText();
};

void TestLogFilter::saysWhatIsMeant_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("meaning");
    const auto row = [](const char *text, const char *meaning) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(meaning);
    };
    row("model:gpt-5", "model=gpt-5");
    row("MODEL:gpt-*", "model~gpt-*");
    row("model:\"gpt-*\"", "model=gpt-*");
    row("model:a,b*", "(model=a | model~b*)");
    row("-model:x client:curl", "(!model=x & client=curl)");
    row("a OR b c", "(any^a | (any^b & any^c))");
    row("(a or b) c", "((any^a | any^b) & any^c)");
    row("a and b", "(any^a & any^b)");
    row("\"or\"", "any^or");
    row("order", "any^order");
    row("--a", "!!any^a");
    row("-(a b)", "!(any^a & any^b)");
    row("token:\"my \\\"old\\\" laptop\"", "token=my \"old\" laptop");
    row("status:429", "status=429");
    row("status:4xx", "(status>=400 & status<500)");
    row("status:>=500", "status>=500");
    row("status:failed", "state=2");
    row("status:ok", "(state=0 | state=1)");
    row("status:blocked,left", "(state=5 | state=4)");
    row("status:error", "trouble=0");
    row("cost:>0.05", "cost>50000000");
    row("cost:$1.25", "cost=1250000000");
    row("cost:0.000000001", "cost=1");
    row("tokens:>20k", "tokens>20000");
    row("tokens:<=1.5m", "tokens<=1500000");
    row("ttft:>2s", "ttft>2000000");
    row("ttft:<350ms", "ttft<350000");
    row("total:>1.5m", "total>90000000");
    row("total:2", "total=2000000");
    row("total:1s..3s", "(total>=1000000 & total<=3000000)");
    row("attempts:>=2", "attempts>=2");
    row("cache:<10%", "cache<10");
    row("is:unpriced", "flag=32");
    row("error:quota", "error^quota");
    row("error:=timeout", "error=timeout");
    row("session:a:b:c", "session=a:b:c");
    row("mark:2", "mark=2");
    row("until:2026-11-22", "time<1795302000000000");
    row("since:2h", "time>=1795402800000000");
    row("quota exceeded", "(any^quota & any^exceeded)");
    row("\"quota exceeded\"", "any^quota exceeded");
    row("日本語", "any^日本語");
}

void TestLogFilter::saysWhatIsMeant()
{
    QFETCH(QString, text);
    QFETCH(QString, meaning);
    const ParsedFilter filter = parsed(text);
    QVERIFY2(!filter.fault, filter.fault ? qPrintable(filter.fault->message) : "");
    QCOMPARE(written(filter.expression), meaning);
}

void TestLogFilter::tellsWhereItIsWrong_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qsizetype>("at");
    QTest::addColumn<qsizetype>("length");
    QTest::addColumn<QString>("hint");
    const auto row = [](const char *text, qsizetype at, qsizetype length, const char *hint) {
        QTest::newRow(text) << QString::fromUtf8(text) << at << length << QString::fromUtf8(hint);
    };
    row("modle:x", 0, 5, "model");
    row("a colour:x b", 2, 6, "quote");
    row("user:mia", 0, 4, "token");
    row("status:", 7, 0, "status:failed");
    row("status:fine", 7, 4, "blocked");
    row("status:999", 7, 3, "status:failed");
    row("cost:>cheap", 5, 6, "cost:>0.05");
    row("cost:0.0000000001", 5, 12, "cost:");
    row("ttft:>2 lightyears OR", 19, 2, "condition");
    row("(a b", 0, 1, ")");
    row("a b)", 3, 1, "Remove");
    row("\"open", 0, 1, "\"");
    row("a -", 2, 1, "quote");
    row("OR a", 0, 1, "status:failed");
    row("a OR OR b", 2, 2, "or");
    row("()", 1, 1, "status:failed");
    row("since:noon", 6, 4, "since:14:00");
    row("model:>5", 6, 2, "model:gpt-*");
    row("tokens:9..1", 7, 4, "tokens:>20k");
    row("-body:x", 6, 1, "body:");
}

void TestLogFilter::tellsWhereItIsWrong()
{
    QFETCH(QString, text);
    QFETCH(qsizetype, at);
    QFETCH(qsizetype, length);
    QFETCH(QString, hint);
    const ParsedFilter filter = parsed(text);
    QVERIFY(filter.fault);
    QCOMPARE(filter.fault->at, at);
    QCOMPARE(filter.fault->length, length);
    QVERIFY(!filter.fault->message.isEmpty());
    QVERIFY2(filter.fault->hint.contains(hint), qPrintable(filter.fault->hint));
    QCOMPARE(written(filter.expression), QStringLiteral("*"));
}

void TestLogFilter::readsTimesInTheZoneAsked()
{
    // 05:00 UTC is 06:00 in Berlin: 14:00 was yesterday.
    QCOMPARE(parsed(QStringLiteral("since:14:00")).expression.term.number, 1'795'352'400'000'000);
    QCOMPARE(parsed(QStringLiteral("since:05:30")).expression.term.number, 1'795'408'200'000'000);
    QCOMPARE(parsed(QStringLiteral("since:today")).expression.term.number, 1'795'388'400'000'000);
    QCOMPARE(
        parseFilter(QStringLiteral("since:today"), kNowUs, QTimeZone::utc()).expression.term.number,
        1'795'392'000'000'000);
}

void TestLogFilter::bodiesStandByThemselves()
{
    const ParsedFilter filter = parsed(QStringLiteral("body:\"lost key\" model:x body:b"));
    QVERIFY(!filter.fault);
    QCOMPARE(filter.bodies, (QStringList{QStringLiteral("lost key"), QStringLiteral("b")}));
    const ParsedFilter beside = parsed(QStringLiteral("body:secret OR model:x"));
    QVERIFY(beside.fault);
    QCOMPARE(beside.fault->at, 5);
    QVERIFY(beside.bodies.isEmpty());
}

void TestLogFilter::nothingIsEverything()
{
    for (const char *text : {"", "   ", "\t\n"}) {
        const ParsedFilter filter = parsed(QString::fromLatin1(text));
        QVERIFY(!filter.fault);
        QVERIFY(filter.expression.kind == LogExpression::Kind::Everything);
    }
}

void TestLogFilter::endsForAnyText()
{
    const QString pieces = QStringLiteral("()\"-:,<>=*. orORand model:status:5xx\\日\u202e");
    quint32 seed = 7;
    for (int i = 0; i < 20'000; ++i) {
        QString text;
        for (int length = 0; length < 14; ++length) {
            seed = seed * 1'664'525 + 1'013'904'223;
            text += pieces.at(int(seed >> 16) % pieces.size());
        }
        const ParsedFilter filter = parsed(text);
        if (filter.fault) {
            QVERIFY(filter.fault->at >= 0);
            QVERIFY2(filter.fault->at + filter.fault->length <= text.size(), qPrintable(text));
        }
    }
    QVERIFY(parsed(QString(5'000, u'(')).fault);
    QVERIFY(parsed(QString(4'000, u'(')).fault);
    QVERIFY(parsed(QString(4'000, u'-')).fault);
    QVERIFY(parsed(QStringLiteral("a ").repeated(200)).fault);
}

} // namespace tollgate::admin

QTEST_GUILESS_MAIN(tollgate::admin::TestLogFilter)
#include "test_logfilter.moc"
