// SPDX-License-Identifier: GPL-3.0-or-later
// Every recorded answer of every vendor, told to every client: in its grammar, whole and streamed,
// meaning the same but for the losses that losses.cpp names, and the same for any cut of the bytes.
#include "core/codecs/codecs.h"
#include "core/relay/framing.h"
#include "tests/matrix/grammar.h"
#include "tests/matrix/losses.h"
#include "tests/matrix/traffic.h"

#include <QtTest>

#include <iostream>
#include <map>
#include <random>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

constexpr Dialect kClients[]
    = {Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini, Dialect::Ollama};
constexpr Dialect kUpstreams[]
    = {Dialect::Chat,   Dialect::Responses, Dialect::Messages, Dialect::Gemini,
       Dialect::Ollama, Dialect::Converse,  Dialect::Cohere};

const Codec &codecOf(Dialect dialect)
{
    return *codecs::codecOf(dialect);
}

// Recordings that are no fair question to any client, or to one, each for its reason.
struct Exception
{
    const char *name; // in the file's name
    const char *reason;
    Pair clients = kAny;
};

constexpr const char *kDown
    = "the vendor corrects a figure down in the middle; the larger ones are kept";

constexpr Exception kExceptions[] = {
    {"openai-multiple_choice_tool_2", "a choice says tool_calls and has none"},
    {"spliced-message-start", "two messages in one stream: the input of a call is broken off"},
    {"anthropic-programmatic-tool-calling", "the vendor's own code has made the calls"},
    {"google_model_file_search_grounding_gemini_3__True.json#3", kDown, only(Dialect::Gemini)},
    {"google-code_execution.code_execution_stream", kDown, only(Dialect::Gemini)},
    {"google-structured_output.native_output_with_builtin", kDown, only(Dialect::Gemini)},
    {"gemini-stream/google.google_model_iter_stream", kDown, only(Dialect::Gemini)},
    {"gemini-stream/google.google_model_stream.json", kDown, only(Dialect::Gemini)},
};

QString exceptedFor(const Exchange &exchange, Dialect client)
{
    for (const Exception &one : kExceptions) {
        if (exchange.name.contains(QLatin1String(one.name)) && (one.clients & only(client)))
            return QLatin1String(one.reason);
    }
    return {};
}

// Vendors of the client's own dialect are told on as they spoke, with what they left out.
QString vendorsOwn(const Exchange &exchange, Dialect client, const QString &wrong)
{
    if (exchange.upstream != client || wrong.isEmpty())
        return {};
    const QString theirs = exchange.stream ? streamVerdict(client, exchange.body).wrong
                                           : wholeWrong(client, exchange.body);
    const QString silent = QStringLiteral("is left out");
    const bool same = wrong.contains(silent)
        ? theirs.contains(silent)
        : wrong.endsWith(theirs.section(QStringLiteral(": "), -1));
    return same ? theirs : QString();
}

struct Cell
{
    int green = 0;
    int applicable = 0;
};

// An exchange read by its own codec.
struct Read
{
    const Exchange *exchange = nullptr;
    Request request; // the client's: it wants to see the thoughts
    Response whole;
    StreamEvents events; // of a stream; else those of the whole answer
    bool complete = true;
};

AnswerContext contextFor(const Read &read)
{
    AnswerContext context;
    context.requestId = "req_1";
    context.model = "m";
    context.nowS = 1;
    context.includeUsage = true;
    context.request = &read.request;
    return context;
}

// The stream as the relay reads it, the bytes coming in pieces that end at `cuts`.
StreamEvents readIn(Dialect dialect, QByteArrayView bytes, const std::vector<qsizetype> &cuts)
{
    StreamEvents events;
    relay::Framing framing(dialect);
    const auto decoder = codecOf(dialect).streamDecoder();
    const auto drain = [&] {
        for (;;) {
            const auto frame = framing.next();
            if (!frame || !*frame)
                return;
            decoder->read((*frame)->type, (*frame)->data, events);
        }
    };
    qsizetype from = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const qsizetype to = i < cuts.size() ? cuts[i] : bytes.size();
        framing.append(bytes.sliced(from, to - from));
        drain();
        from = to;
    }
    if (const auto frame = framing.last())
        decoder->read(frame->type, frame->data, events);
    decoder->finish(events);
    return events;
}

// Whether the vendor's own word for the end is in the bytes.
bool saysTheEnd(Dialect dialect, const QByteArray &bytes)
{
    switch (dialect) {
    case Dialect::Chat:
        return bytes.contains("\"finish_reason\":\"") || bytes.contains("\"finish_reason\": \"");
    case Dialect::Responses:
        return bytes.contains("\"response.completed\"")
            || bytes.contains("\"response.incomplete\"");
    case Dialect::Messages:
        return bytes.contains("\"stop_reason\":\"");
    case Dialect::Gemini:
        return bytes.contains("\"finishReason\"") || bytes.contains("\"blockReason\"");
    case Dialect::Ollama:
        return bytes.contains("\"done\":true");
    case Dialect::Converse:
        return bytes.contains("messageStop");
    default:
        return bytes.contains("message-end");
    }
}

} // namespace

class TestMatrix final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void wholeAnswersReachEveryClient();
    void streamsReachEveryClient();
    void anyCutOfTheBytesIsTheSame();
    void aCutStreamNeverLooksFinished();
    void everyLossIsNeeded();
    void cleanupTestCase();

private:
    void judge(const Read &read, Dialect client, const QString &how, const QString &wrong);
    [[nodiscard]] QString tellWhole(const Read &read, Dialect client);
    [[nodiscard]] QString tellStream(const Read &read, Dialect client);
    void show(const char *title);
    [[nodiscard]] QString verdict() const;

    std::vector<Exchange> m_exchanges;
    std::vector<Read> m_read;
    std::map<std::pair<Dialect, Dialect>, Cell> m_cells;
    std::vector<int> m_used;
    QStringList m_wrong;
    QStringList m_apart; // exchanges that no cell counts, with the reason
};

void TestMatrix::initTestCase()
{
    if (fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES is not set: there is no recorded traffic to replay.");
    m_exchanges = allExchanges();
    for (Exchange &made : madeExchanges())
        m_exchanges.push_back(std::move(made));
    for (const Exchange &exchange : m_exchanges) {
        Read read;
        read.exchange = &exchange;
        const Codec &codec = codecOf(exchange.upstream);
        if (!exchange.request.isEmpty()) {
            if (auto request = codec.decodeRequest(exchange.request))
                read.request = *std::move(request);
        }
        read.request.reasoning.mode = ReasoningSpec::Mode::On;
        read.request.reasoning.show = ReasoningSpec::Show::Full;
        if (!exchange.told || (exchange.body.isEmpty() && exchange.events.empty()))
            continue; // an error with its status: no answer to tell
        if (exchange.stream) {
            read.events = decodeStream(codec, exchange.events);
            read.complete
                = !read.events.empty() && std::holds_alternative<StreamEnd>(read.events.back());
            read.whole = foldEvents(codec, read.events);
            if (!read.complete && !exchange.name.startsWith(u"made/"))
                m_apart += exchange.name + QStringLiteral(": the vendor's stream fails: ")
                    + (read.events.empty()
                           ? QString()
                           : std::get<StreamFailure>(read.events.back()).error.message);
        } else {
            auto whole = codec.decodeResponse(exchange.body);
            if (!whole) {
                m_apart += exchange.name + QStringLiteral(": ") + whole.error().message;
                continue;
            }
            if (!whole->candidates.empty() && whole->promptBlocked.isEmpty()
                && whole->candidates[0].stop.reason == StopReason::None) {
                m_apart += exchange.name + QStringLiteral(": not an answer yet");
                continue;
            }
            read.whole = *std::move(whole);
            read.events = unfold(read.whole);
        }
        m_read.push_back(std::move(read));
    }
    QVERIFY(m_read.size() > 900);
}

void TestMatrix::judge(const Read &read, Dialect client, const QString &how, const QString &wrong)
{
    QString reason = exceptedFor(*read.exchange, client);
    if (reason.isEmpty())
        reason = vendorsOwn(*read.exchange, client, wrong);
    if (!reason.isEmpty()) {
        const QString line = QStringLiteral("%1 for %2: %3")
                                 .arg(read.exchange->name,
                                      QString::fromUtf8(protocol::dialectName(client)), reason);
        if (!m_apart.contains(line))
            m_apart += line;
        return;
    }
    Cell &cell = m_cells[{read.exchange->upstream, client}];
    ++cell.applicable;
    if (wrong.isEmpty())
        ++cell.green;
    else
        m_wrong += QStringLiteral("%1 > %2 %3 %4: %5")
                       .arg(QString::fromUtf8(protocol::dialectName(read.exchange->upstream)),
                            QString::fromUtf8(protocol::dialectName(client)), how,
                            read.exchange->name, wrong);
}

QString TestMatrix::tellWhole(const Read &read, Dialect client)
{
    const AnswerContext context = contextFor(read);
    const QByteArray body = codecOf(client).encodeResponse(read.whole, context);
    if (const QString wrong = wholeWrong(client, body); !wrong.isEmpty())
        return wrong;
    const auto again = codecOf(client).decodeResponse(body);
    if (!again)
        return QStringLiteral("not read back: ") + again.error().message;
    return differs(read.whole, *again, read.exchange->upstream, client, m_used);
}

QString TestMatrix::tellStream(const Read &read, Dialect client)
{
    const AnswerContext context = contextFor(read);
    const QByteArray bytes = encodeStream(codecOf(client), read.events, context);
    const Verdict verdict = streamVerdict(client, bytes);
    if (!verdict.wrong.isEmpty())
        return verdict.wrong;
    if (!read.complete)
        return verdict.failed && !verdict.finished ? QString()
                                                   : QStringLiteral("the failure is not told");
    if (!verdict.finished || verdict.failed)
        return QStringLiteral("the end is not told");
    const StreamEvents again = decodeStream(codecOf(client), wireEvents(bytes));
    if (const QString wrong = grammarOf(again); !wrong.isEmpty())
        return wrong;
    return differs(read.whole, foldEvents(codecOf(client), again), read.exchange->upstream, client,
                   m_used);
}

// A test's message holds a few of them; the rest is printed.
QString TestMatrix::verdict() const
{
    for (const QString &wrong : m_wrong)
        std::cout << "wrong: " << qPrintable(wrong) << '\n';
    constexpr qsizetype kShown = 10;
    return QStringLiteral("%1 wrong\n").arg(m_wrong.size())
        + m_wrong.first(std::min(m_wrong.size(), kShown)).join(u'\n');
}

void TestMatrix::wholeAnswersReachEveryClient()
{
    for (const Read &read : m_read) {
        if (read.exchange->stream)
            continue;
        for (const Dialect client : kClients)
            judge(read, client, QStringLiteral("whole"), tellWhole(read, client));
    }
    show("Whole answers");
    QVERIFY2(m_wrong.isEmpty(), qPrintable(verdict()));
}

void TestMatrix::streamsReachEveryClient()
{
    m_wrong.clear();
    m_cells.clear();
    for (const Read &read : m_read) {
        for (const Dialect client : kClients)
            judge(read, client,
                  read.exchange->stream ? QStringLiteral("stream") : QStringLiteral("unfolded"),
                  tellStream(read, client));
    }
    show("Streams");
    QVERIFY2(m_wrong.isEmpty(), qPrintable(verdict()));
}

void TestMatrix::show(const char *title)
{
    const auto name = [](Dialect dialect) { return protocol::dialectName(dialect); };
    QByteArray table
        = QByteArray(title) + ", green / applicable\n" + QByteArray("upstream").leftJustified(11);
    for (const Dialect client : kClients)
        table += name(client).rightJustified(13);
    for (const Dialect upstream : kUpstreams) {
        table += '\n' + name(upstream).leftJustified(11);
        for (const Dialect client : kClients) {
            const Cell &cell = m_cells[{upstream, client}];
            table += (QByteArray::number(cell.green) + " / " + QByteArray::number(cell.applicable))
                         .rightJustified(13);
        }
    }
    std::cout << table.constData() << '\n' << std::endl;
}

void TestMatrix::anyCutOfTheBytesIsTheSame()
{
    constexpr qsizetype kShort = 1500;
    QStringList wrong;
    std::mt19937 random(11);
    int streams = 0;
    for (const Read &read : m_read) {
        const QByteArray &bytes = read.exchange->body;
        if (!read.exchange->stream || bytes.isEmpty())
            continue;
        const Dialect upstream = read.exchange->upstream;
        const Codec &client = codecOf(kClients[streams++ % std::size(kClients)]);
        const AnswerContext context = contextFor(read);
        const QByteArray expected = encodeStream(client, readIn(upstream, bytes, {}), context);
        if (expected != encodeStream(client, read.events, context) && read.complete)
            wrong += read.exchange->name + QStringLiteral(": framed by the relay it is another");
        std::vector<std::vector<qsizetype>> ways(1); // the first: byte by byte
        for (qsizetype at = 1; at < bytes.size(); ++at)
            ways[0].push_back(at);
        if (bytes.size() <= kShort) {
            for (qsizetype at = 1; at < bytes.size(); ++at)
                ways.push_back({at});
        }
        for (int i = 0; i < 6; ++i) {
            std::vector<qsizetype> cuts{qsizetype(random() % std::size_t(bytes.size())),
                                        qsizetype(random() % std::size_t(bytes.size()))};
            std::sort(cuts.begin(), cuts.end());
            ways.push_back(std::move(cuts));
        }
        for (const auto &cuts : ways) {
            if (encodeStream(client, readIn(upstream, bytes, cuts), context) == expected)
                continue;
            wrong += QStringLiteral("%1 cut at %2").arg(read.exchange->name).arg(cuts.front());
            break;
        }
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n')));
    QVERIFY(streams > 200);
}

void TestMatrix::aCutStreamNeverLooksFinished()
{
    QStringList wrong;
    std::mt19937 random(7);
    int looked = 0;
    for (const Read &read : m_read) {
        const QByteArray &bytes = read.exchange->body;
        if (!read.exchange->stream || bytes.isEmpty())
            continue;
        const AnswerContext context = contextFor(read);
        for (const Dialect client : kClients) {
            for (int i = 0; i < 6; ++i) {
                const QByteArray cut = bytes.first(qsizetype(random() % std::size_t(bytes.size())));
                if (!exceptedFor(*read.exchange, client).isEmpty())
                    continue;
                const Verdict told = streamVerdict(
                    client,
                    encodeStream(codecOf(client), readIn(read.exchange->upstream, cut, {}),
                                 context));
                ++looked;
                QString what = told.wrong;
                if (told.finished && !saysTheEnd(read.exchange->upstream, cut))
                    what = QStringLiteral("looks finished");
                else if (!told.finished && !told.failed)
                    what = QStringLiteral("no failure is told");
                if (!what.isEmpty())
                    wrong += QStringLiteral("%1 behind %2 bytes for %3: %4")
                                 .arg(read.exchange->name)
                                 .arg(cut.size())
                                 .arg(QString::fromUtf8(protocol::dialectName(client)), what);
            }
        }
    }
    std::cout << looked << " cut streams told\n";
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join(u'\n').left(8000)));
    QVERIFY(looked > 5000);
}

void TestMatrix::everyLossIsNeeded()
{
    QCOMPARE(m_used.size(), losses().size());
    for (std::size_t row = 0; row < m_used.size(); ++row)
        QVERIFY2(m_used[row] > 0, losses()[row].name);
    // What no cell counts is a short list, printed below: a longer one wants to be looked at.
    QVERIFY2(m_apart.size() <= 60, qPrintable(m_apart.join(u'\n')));
}

void TestMatrix::cleanupTestCase()
{
    for (const QString &apart : m_apart)
        std::cout << "apart: " << qPrintable(apart) << '\n';
    std::size_t row = 0;
    for (const Loss &loss : losses()) {
        std::cout << "loss: " << loss.name << " (" << (row < m_used.size() ? m_used[row] : 0)
                  << " answers): " << loss.reason << '\n';
        ++row;
    }
}

QTEST_APPLESS_MAIN(TestMatrix)
#include "test_matrix.moc"
