// SPDX-License-Identifier: GPL-3.0-or-later
#include "generatedlog_for_tests.h"
#include "profile_for_tests.h"

#include "core/store/clientname.h"
#include "core/store/logquery.h"
#include "core/store/tallies.h"

#include <QElapsedTimer>

#include <algorithm>

using namespace tollgate;
using namespace tollgate::store;

namespace {

constexpr std::int64_t fewRows = 30'000;

LogExpression term(LogField field, LogMatch match, const QString &text, std::int64_t number = 0)
{
    LogExpression expression;
    expression.kind = LogExpression::Kind::Term;
    expression.term = {field, match, text, number};
    return expression;
}
LogExpression term(LogField field, std::int64_t number, LogMatch match = LogMatch::Equal)
{
    return term(field, match, {}, number);
}
LogExpression word(const char *text)
{
    return term(LogField::Anything, LogMatch::Contains, QString::fromUtf8(text));
}
LogExpression equals(LogField field, const char *text)
{
    return term(field, LogMatch::Equal, QString::fromUtf8(text));
}
LogExpression join(LogExpression::Kind kind, std::vector<LogExpression> parts)
{
    LogExpression expression;
    expression.kind = kind;
    expression.parts = std::move(parts);
    return expression;
}

struct Search
{
    const char *name;
    LogExpression filter;
};

// Each kind of index, and what no index answers.
std::vector<Search> searches()
{
    using Kind = LogExpression::Kind;
    std::vector<Search> list{
        {"everything", {}},
        {"token", equals(LogField::Token, "Token 3")},
        {"tokens by glob", term(LogField::Token, LogMatch::Glob, QStringLiteral("token 1*"))},
        {"nobody's token", equals(LogField::Token, "nobody")},
        {"channel", equals(LogField::Channel, "channel 2")},
        {"model", equals(LogField::Model, "MODEL-7")},
        {"models by glob", term(LogField::Model, LogMatch::Glob, QStringLiteral("model-1*"))},
        {"served", term(LogField::Served, LogMatch::Glob, QStringLiteral("*-3-2026"))},
        {"trouble", term(LogField::Trouble, 0)},
        {"failed", term(LogField::State, int(LogState::Failed))},
        {"blocked", term(LogField::State, int(LogState::Blocked))},
        {"left", term(LogField::State, int(LogState::Left))},
        {"an error in 200", term(LogField::State, int(LogState::ErrorIn200))},
        {"retried", term(LogField::State, int(LogState::Retried))},
        {"plainly ok", term(LogField::State, int(LogState::Ok))},
        {"429", term(LogField::Status, 429)},
        {"5xx", term(LogField::Status, 500, LogMatch::AtLeast)},
        {"200", term(LogField::Status, 200)},
        {"retries", term(LogField::Attempts, 2, LogMatch::AtLeast)},
        {"unpriced", term(LogField::Flag, Unpriced)},
        {"a session", equals(LogField::Session, "s100")},
        {"an id", equals(LogField::Id, "req_000000777")},
        {"an error", term(LogField::Error, LogMatch::Contains, QStringLiteral("rate"))},
        {"client", equals(LogField::Client, "claude-code")},
        {"dear", term(LogField::Cost, 100'500, LogMatch::More)},
        {"slow", term(LogField::FirstToken, 2'490'000, LogMatch::More)},
        {"cached", term(LogField::CachePercent, 60, LogMatch::AtLeast)},
        {"long", term(LogField::Tokens, 2'290, LogMatch::AtLeast)},
        {"streams", term(LogField::Stream, 1)},
        {"free text", word("000004")},
        {"free text in names", word("channel 4")},
        {"literal percent", word("%")},
    };
    list.push_back(
        {"token and trouble",
         join(Kind::And, {equals(LogField::Token, "token 1"), term(LogField::Trouble, 0)})});
    list.push_back(
        {"either",
         join(Kind::Or, {equals(LogField::Model, "model-3"), term(LogField::Status, 502)})});
    list.push_back({"not", join(Kind::Not, {equals(LogField::Client, "curl")})});
    list.push_back(
        {"a time",
         join(Kind::And,
              {term(LogField::Time, test::firstRequestUs + 5'000'000'000, LogMatch::AtLeast),
               term(LogField::Time, test::firstRequestUs + 9'000'000'000, LogMatch::Less),
               equals(LogField::Channel, "channel 1")})});
    return list;
}

} // namespace

class TestStoreLogQuery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void findsWhatTheMatcherFinds_data();
    void findsWhatTheMatcherFinds();
    void anUnfinishedSearchGoesOn();
    void aCancelledSearchEnds();
    void pagesBackToNow();
    void countsUpToAMost();
    void namesWhatAFieldHeld();
    void notesBelongToTheirRequest();
    void clientsAreKnownByTheirNames_data();
    void clientsAreKnownByTheirNames();
    void percentilesComeFromHistograms();
    void answersQuicklyHoweverLongTheLog();

private:
    test::Profile m_profile;
    std::unique_ptr<Store> m_store;
    std::vector<LoggedRequest> m_all; // newest first
};

void TestStoreLogQuery::initTestCase()
{
    auto opened = m_profile.open();
    VERIFY_RESULT(opened);
    m_store = std::move(*opened);
    auto made
        = m_store->writeNow([](Database &db) { return test::generateLog(db, fewRows, 1'000'000); });
    VERIFY_RESULT(made);
    auto all = m_store->readNow(
        [](Database &db) { return logRows(db, {}, std::nullopt, int(fewRows)); });
    VERIFY_RESULT(all);
    m_all = std::move(all->requests);
    QCOMPARE(qint64(m_all.size()), fewRows);
}

void TestStoreLogQuery::findsWhatTheMatcherFinds_data()
{
    QTest::addColumn<int>("number");
    int number = 0;
    for (const Search &search : searches())
        QTest::newRow(search.name) << number++;
}

void TestStoreLogQuery::findsWhatTheMatcherFinds()
{
    QFETCH(int, number);
    const LogExpression filter = searches()[std::size_t(number)].filter;
    auto names = m_store->readNow([](Database &db) { return logNames(db); });
    VERIFY_RESULT(names);
    QByteArrayList expected;
    for (const LoggedRequest &request : m_all) {
        if (logMatches(filter, {request.row, *names}))
            expected.append(request.row.id);
    }
    // In small pages, so that their seams are seen.
    QByteArrayList found;
    std::optional<PageKey> before;
    for (int page = 0; page < 1'000; ++page) {
        auto rows = m_store->readNow([&](Database &db) {
            return logRows(db, filter, before, expected.size() > 2'000 ? 5'000 : 170,
                           {.milliseconds = 10'000, .firstSlice = 700, .largestSlice = 3'000});
        });
        VERIFY_RESULT(rows);
        QVERIFY(!rows->partial);
        for (const LoggedRequest &request : rows->requests)
            found.append(request.row.id);
        before = rows->next;
        if (!before)
            break;
    }
    QCOMPARE(found.size(), expected.size());
    QVERIFY(found == expected);
    auto count = m_store->readNow(
        [&](Database &db) { return logCount(db, filter, 1'000'000, {.milliseconds = 10'000}); });
    VERIFY_RESULT(count);
    QCOMPARE(qint64(count->count), qint64(expected.size()));
    QVERIFY(!count->capped);
    // By order of completion, too, which here is that of the beginning.
    auto completed = m_store->readNow(
        [&](Database &db) { return logRowsCompleted(db, filter, fewRows - 1'000, 10'000); });
    VERIFY_RESULT(completed);
    const auto late = std::count_if(m_all.begin(), m_all.end(), [&](const LoggedRequest &one) {
        return one.sequence > fewRows - 1'000 && logMatches(filter, {one.row, *names});
    });
    QCOMPARE(qint64(completed->size()), qint64(late));
}

void TestStoreLogQuery::anUnfinishedSearchGoesOn()
{
    const LogExpression rare = equals(LogField::Served, "nothing-of-the-kind");
    std::optional<PageKey> before;
    int answers = 0;
    for (; answers < 100; ++answers) {
        auto rows = m_store->readNow([&](Database &db) {
            return logRows(db, rare, before, 10,
                           {.milliseconds = 0, .firstSlice = 5'000, .largestSlice = 5'000});
        });
        VERIFY_RESULT(rows);
        QVERIFY(rows->requests.empty());
        QCOMPARE(rows->partial, rows->next.has_value());
        before = rows->next;
        if (!before)
            break;
    }
    QVERIFY2(answers >= 4 && answers <= 7, qPrintable(QString::number(answers)));
}

void TestStoreLogQuery::aCancelledSearchEnds()
{
    Mailbox mailbox;
    auto stop = std::make_shared<std::atomic<bool>>(false);
    std::optional<ErrorKind> ended;
    m_store->read(
        [stop](Database &db) {
            stop->store(true);
            return logRows(db, equals(LogField::Served, "nothing-of-the-kind"), std::nullopt, 10);
        },
        mailbox,
        [&](Result<LogRows> rows) { ended = rows ? ErrorKind::Internal : rows.error().kind; },
        stop);
    QVERIFY(test::spinUntil([&] { return ended.has_value(); }));
    QVERIFY(*ended == ErrorKind::ClientGone);
}

void TestStoreLogQuery::pagesBackToNow()
{
    const LogExpression filter = equals(LogField::Token, "token 2");
    auto first
        = m_store->readNow([&](Database &db) { return logRows(db, filter, std::nullopt, 50); });
    VERIFY_RESULT(first);
    auto second
        = m_store->readNow([&](Database &db) { return logRows(db, filter, first->next, 50); });
    VERIFY_RESULT(second);
    const LoggedRequest &newest = second->requests.front();
    auto back = m_store->readNow([&](Database &db) {
        return logRowsAfter(db, filter, {newest.row.startedUs, newest.sequence}, 100);
    });
    VERIFY_RESULT(back);
    QCOMPARE(back->requests.size(), std::size_t(50));
    QVERIFY(!back->next);
    QCOMPARE(back->requests.front().row.id, first->requests.back().row.id);
    QCOMPARE(back->requests.back().row.id, first->requests.front().row.id);
}

void TestStoreLogQuery::countsUpToAMost()
{
    auto count = m_store->readNow([](Database &db) { return logCount(db, {}, 1'000); });
    VERIFY_RESULT(count);
    QCOMPARE(count->count, 1'000);
    QVERIFY(count->capped);
}

void TestStoreLogQuery::namesWhatAFieldHeld()
{
    const std::int64_t now = test::firstRequestUs + fewRows * 1'000'000;
    const auto ask = [&](LogField field, const char *prefix) {
        return m_store->readNow([&](Database &db) {
            return logFieldValues(db, field, QString::fromUtf8(prefix), now, 5);
        });
    };
    auto models = ask(LogField::Model, "model-1");
    VERIFY_RESULT(models);
    QCOMPARE(models->size(), std::size_t(5));
    auto tokens = ask(LogField::Token, "TOKEN 12");
    VERIFY_RESULT(tokens);
    QCOMPARE(tokens->size(), std::size_t(1));
    QCOMPARE(tokens->front().value, QStringLiteral("token 12"));
    QCOMPARE(tokens->front().count, fewRows / 12);
    auto clients = ask(LogField::Client, "");
    VERIFY_RESULT(clients);
    QCOMPARE(clients->size(), std::size_t(3));
    auto errors = ask(LogField::Error, "");
    VERIFY_RESULT(errors);
    QCOMPARE(errors->size(), std::size_t(3));
    QCOMPARE(errors->front().value, QStringLiteral("upstream_failed"));
}

void TestStoreLogQuery::notesBelongToTheirRequest()
{
    const RequestNote note{
        3, {QStringLiteral("slow"), QStringLiteral("ask vendor")}, QStringLiteral("look again")};
    VERIFY_RESULT(
        m_store->writeNow([&](Database &db) { return setRequestNote(db, "req_000000042", note); }));
    auto tagged = m_store->readNow([](Database &db) {
        return logRows(db, term(LogField::Tag, LogMatch::Equal, QStringLiteral("Ask Vendor")),
                       std::nullopt, 10);
    });
    VERIFY_RESULT(tagged);
    QCOMPARE(tagged->requests.size(), std::size_t(1));
    auto part = m_store->readNow([](Database &db) {
        return logRows(db, term(LogField::Tag, LogMatch::Equal, QStringLiteral("ask")),
                       std::nullopt, 10);
    });
    VERIFY_RESULT(part);
    QVERIFY(part->requests.empty());
    auto marked
        = m_store->readNow([](Database &db) { return logCount(db, term(LogField::Mark, 3)); });
    VERIFY_RESULT(marked);
    QCOMPARE(marked->count, 1);
    auto notes = m_store->readNow([](Database &db) {
        return requestNotes(db, {"req_000000042", "req_000000043"});
    });
    VERIFY_RESULT(notes);
    QCOMPARE(notes->size(), 1);
    QCOMPARE(notes->value("req_000000042").tags, note.tags);
    auto nobody
        = m_store->writeNow([&](Database &db) { return setRequestNote(db, "req_nobody", note); });
    QVERIFY(!nobody);
}

void TestStoreLogQuery::clientsAreKnownByTheirNames_data()
{
    QTest::addColumn<QByteArray>("agent");
    QTest::addColumn<QByteArray>("name");
    const auto row = [](const char *agent, const char *name) {
        QTest::newRow(agent) << QByteArray(agent) << QByteArray(name);
    };
    row("claude-cli/2.0.31 (external, cli)", "claude-code");
    row("codex_cli_rs/0.60.1 (Debian 12.0.0; x86_64)", "codex");
    row("GeminiCLI/0.16.0/gemini-2.5-pro (linux; x64)", "gemini-cli");
    row("OpenAI/Python 2.8.1", "openai-python");
    row("Anthropic/JS 0.70.0", "anthropic-js");
    row("Zed/0.213.1 (linux; x86_64)", "zed");
    row("curl/7.88.1", "curl");
    row("Mozilla/5.0 (X11; Linux)", "browser");
    row("<b>bold</b>", "");
    row("", "");
}

void TestStoreLogQuery::clientsAreKnownByTheirNames()
{
    QFETCH(QByteArray, agent);
    QFETCH(QByteArray, name);
    QCOMPARE(clientName(agent), name);
}

void TestStoreLogQuery::percentilesComeFromHistograms()
{
    std::vector<std::int64_t> values;
    Histogram histogram;
    quint32 seed = 1;
    for (int i = 0; i < 20'000; ++i) {
        seed = seed * 1'664'525 + 1'013'904'223;
        const std::int64_t value = 5'000 + std::int64_t(seed % 1'000'000) * (seed % 7);
        values.push_back(value);
        ++histogram[bucketOf(value)];
    }
    std::sort(values.begin(), values.end());
    QCOMPARE(countIn(histogram), 20'000);
    for (const double share : {0.05, 0.25, 0.5, 0.75, 0.95, 0.99}) {
        const double exact = double(values[std::size_t(share * double(values.size()))]);
        const double found = double(percentile(histogram, share).value_or(0));
        QVERIFY2(std::abs(found - exact) <= exact * 0.05,
                 qPrintable(QStringLiteral("%1: %2 for %3").arg(share).arg(found).arg(exact)));
    }
    QVERIFY(!percentile({}, 0.5));
    for (int bucket = 1; bucket < 200; ++bucket) {
        QCOMPARE(bucketOf(std::int64_t(bucketStart(bucket)) + 1), bucket);
        QVERIFY(bucketStart(bucket) < bucketStart(bucket + 1));
    }
}

// What a screen asks of a long log: a million rows, or ten with TOLLGATE_LONG=1. The times are
// printed for people; a machine that is busy with something else fails nothing.
void TestStoreLogQuery::answersQuicklyHoweverLongTheLog()
{
    const bool longer = qEnvironmentVariableIsSet("TOLLGATE_LONG");
    const std::int64_t rows = longer ? 10'000'000 : 1'000'000;
    const std::int64_t stepUs = 30LL * 86'400'000'000 / rows;
    test::Profile profile;
    auto opened = profile.open();
    VERIFY_RESULT(opened);
    Store &store = **opened;
    QElapsedTimer clock;
    clock.start();
    VERIFY_RESULT(
        store.writeNow([&](Database &db) { return test::generateLog(db, rows, stepUs); }));
    qInfo("%lld rows made in %lld ms", static_cast<long long>(rows),
          static_cast<long long>(clock.elapsed()));
    for (const Search &search : searches()) {
        clock.restart();
        auto page = store.readNow(
            [&](Database &db) { return logRows(db, search.filter, std::nullopt, 100); });
        const qint64 first = clock.elapsed();
        VERIFY_RESULT(page);
        clock.restart();
        auto count = store.readNow([&](Database &db) { return logCount(db, search.filter); });
        VERIFY_RESULT(count);
        qInfo("%-20s first page %4lld ms%s, count %lld%s in %lld ms", search.name,
              static_cast<long long>(first), page->partial ? " (partial)" : "",
              static_cast<long long>(count->count), count->capped ? "+" : "",
              static_cast<long long>(clock.elapsed()));
        QVERIFY(!page->requests.empty() || page->partial || count->count == 0);
    }
    // The millionth row is as near as the first.
    const PageKey deep{test::firstRequestUs + rows / 100 * stepUs, 0};
    clock.restart();
    auto page = store.readNow([&](Database &db) { return logRows(db, {}, deep, 100); });
    VERIFY_RESULT(page);
    QCOMPARE(page->requests.size(), std::size_t(100));
    qInfo("a page far down     %4lld ms", static_cast<long long>(clock.elapsed()));
}

QTEST_GUILESS_MAIN(TestStoreLogQuery)
#include "test_store_logquery.moc"
