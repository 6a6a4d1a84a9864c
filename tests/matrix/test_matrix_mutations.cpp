// SPDX-License-Identifier: GPL-3.0-or-later
// Damaged traffic: recorded bytes with bits turned, pieces cut out, doubled and swapped, through
// every codec. Nothing crashes, nothing grows beyond its cause, every stream is told its end once,
// and what a client then gets is grammatical. Seeded: a failure comes again.
#include "core/codecs/codecs.h"
#include "tests/matrix/grammar.h"
#include "tests/matrix/traffic.h"

#include <QtTest>

#include <algorithm>
#include <random>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

constexpr Dialect kClients[]
    = {Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini, Dialect::Ollama};

using Random = std::mt19937;

qsizetype below(Random &random, qsizetype limit)
{
    return limit > 0 ? qsizetype(random() % std::size_t(limit)) : 0;
}

// Words that JSON and the dialects make much of.
const QByteArrayList kWords{"null", "{}",  "[]",  "\"\"", "-1",   "1e999", "9223372036854775808",
                            "[[[[", "\\u", "\"}", "\xff", "true", ",",     "{\"type\":\"error\"}"};

QByteArray damaged(QByteArray bytes, Random &random)
{
    for (qsizetype times = 1 + below(random, 3); times > 0 && !bytes.isEmpty(); --times) {
        const qsizetype at = below(random, bytes.size());
        const qsizetype length = std::min(bytes.size() - at, 1 + below(random, 40));
        switch (random() % 5) {
        case 0:
            bytes[at] = char(bytes[at] ^ (1 << (random() % 8)));
            break;
        case 1:
            bytes.truncate(at);
            break;
        case 2:
            bytes.insert(at, bytes.mid(at, length));
            break;
        case 3:
            bytes.remove(at, length);
            break;
        default:
            bytes.insert(at, kWords[below(random, kWords.size())]);
        }
    }
    return bytes;
}

std::vector<WireEvent> damaged(std::vector<WireEvent> events, Random &random)
{
    if (events.empty())
        return events;
    const auto at = std::size_t(below(random, qsizetype(events.size())));
    switch (random() % 4) {
    case 0:
        events[at].data = damaged(events[at].data, random);
        break;
    case 1:
        events.insert(events.begin() + std::ptrdiff_t(at), WireEvent(events[at]));
        break;
    case 2:
        events.erase(events.begin() + std::ptrdiff_t(at));
        break;
    default:
        std::swap(events[at], events[std::size_t(below(random, qsizetype(events.size())))]);
    }
    return events;
}

} // namespace

class TestMatrixMutations final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void requestsAreReadOrRefused();
    void answersAreReadOrRefused();
    void streamsEndOnceAndStayGrammatical();

private:
    std::vector<Exchange> m_exchanges;
    int m_rounds = 1;
};

void TestMatrixMutations::initTestCase()
{
    if (!fixtureFolder().isEmpty())
        m_exchanges = allExchanges();
    for (Exchange &made : madeExchanges())
        m_exchanges.push_back(std::move(made));
    if (qEnvironmentVariableIsSet("TOLLGATE_LONG"))
        m_rounds = 20;
    if (fixtureFolder().isEmpty())
        m_rounds = 200; // a handful of answers of our own
}

void TestMatrixMutations::requestsAreReadOrRefused()
{
    Random random(1);
    int read = 0;
    for (int round = 0; round < m_rounds; ++round) {
        for (const Exchange &exchange : m_exchanges) {
            if (exchange.request.isEmpty() || exchange.request.size() > 100'000)
                continue;
            const QByteArray body = damaged(exchange.request, random);
            const auto request = codecs::codecOf(exchange.upstream)->decodeRequest(body);
            if (!request)
                continue;
            ++read;
            Target target;
            target.model = "m";
            for (const Dialect vendor :
                 {Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini,
                  Dialect::Converse, Dialect::Cohere, Dialect::Ollama}) {
                const auto written = codecs::codecOf(vendor)->encodeRequest(*request, target);
                if (!written)
                    continue;
                QVERIFY2(protocol::JsonTree::parse(written->body), qPrintable(exchange.name));
            }
        }
    }
    if (fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES is not set: there are no recorded requests.");
    QVERIFY(read > 50);
}

void TestMatrixMutations::answersAreReadOrRefused()
{
    Random random(2);
    for (int round = 0; round < m_rounds; ++round) {
        for (const Exchange &exchange : m_exchanges) {
            if (exchange.stream || exchange.body.size() > 200'000)
                continue;
            const QByteArray body = damaged(exchange.body, random);
            const auto answer = codecs::codecOf(exchange.upstream)->decodeResponse(body);
            if (!answer)
                continue;
            for (const Dialect client : kClients) {
                const QByteArray told = codecs::codecOf(client)->encodeResponse(*answer, {});
                QVERIFY2(protocol::JsonTree::parse(told), qPrintable(exchange.name));
                QVERIFY(told.size() < 4 * body.size() + 20'000);
            }
        }
    }
}

void TestMatrixMutations::streamsEndOnceAndStayGrammatical()
{
    Random random(3);
    AnswerContext context;
    context.requestId = "req_1";
    context.model = "m";
    context.includeUsage = true;
    for (int round = 0; round < m_rounds; ++round) {
        for (const Exchange &exchange : m_exchanges) {
            if (!exchange.stream || exchange.body.size() > 400'000)
                continue;
            const auto wire = damaged(exchange.events, random);
            const StreamEvents events = decodeStream(*codecs::codecOf(exchange.upstream), wire);
            const QString where = QStringLiteral("%1, round %2: ").arg(exchange.name).arg(round);
            const QString wrong = grammarOf(events);
            QVERIFY2(wrong.isEmpty(), qPrintable(where + wrong));
            QVERIFY2(!events.empty(), qPrintable(where));
            const bool failed = std::holds_alternative<StreamFailure>(events.back());
            QVERIFY2(failed || std::holds_alternative<StreamEnd>(events.back()),
                     qPrintable(where + QStringLiteral("no end")));
            for (const Dialect client : kClients) {
                const Verdict verdict = streamVerdict(
                    client, encodeStream(*codecs::codecOf(client), events, context));
                QVERIFY2(verdict.failed == failed,
                         qPrintable(where + QStringLiteral("an end of another kind")));
                QVERIFY2(!failed || !verdict.finished,
                         qPrintable(where + QStringLiteral("looks finished")));
            }
        }
    }
}

QTEST_APPLESS_MAIN(TestMatrixMutations)
#include "test_matrix_mutations.moc"
