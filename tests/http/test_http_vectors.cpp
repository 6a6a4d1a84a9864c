// SPDX-License-Identifier: GPL-3.0-or-later
// Request streams with the verdict of a strict parser, against a live listener: nothing that must
// be rejected is served, nothing is answered twice, and what may be accepted gets an answer.
#include "core/http/headparser.h"
#include "tests/http/rawclient.h"
#include "tests/http/testserver.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace tollgate;
using namespace tollgate::http;
using namespace tollgate::http::test;

namespace {

struct Vector
{
    QByteArray name;
    QByteArray raw;
    bool mustReject = false;
    bool paused = false;
    int messages = 0;
};

QList<Vector> load()
{
    QList<Vector> vectors;
    QFile file(qEnvironmentVariable("TOLLGATE_FIXTURES") + QStringLiteral("/http/vectors.json"));
    if (!file.open(QIODevice::ReadOnly))
        return vectors;
    const QJsonArray entries = QJsonDocument::fromJson(file.readAll()).array();
    for (const QJsonValue &entry : entries) {
        const QJsonObject object = entry.toObject();
        vectors.append({object[QStringLiteral("name")].toString().toUtf8(),
                        QByteArray::fromHex(object[QStringLiteral("raw")].toString().toLatin1()),
                        object[QStringLiteral("err")].toBool(),
                        object[QStringLiteral("paused")].toBool(),
                        object[QStringLiteral("nmsg")].toInt()});
    }
    return vectors;
}

// The same stream with our own Host in each head, so that framing and not Host decides.
QByteArray withHost(QByteArray raw, const QByteArray &host)
{
    const qsizetype line = raw.indexOf("\r\n", raw.startsWith("\r\n") ? 2 : 0);
    const qsizetype head = raw.indexOf("\r\n\r\n");
    const QByteArray lowered = (head < 0 ? raw : raw.first(head)).toLower();
    const qsizetype at = lowered.indexOf("\r\nhost:");
    if (at >= 0) {
        const qsizetype end = raw.indexOf('\r', at + 2);
        raw.replace(at + 7, end - at - 7, ' ' + host);
    } else if (line >= 0 && raw.first(line).contains("HTTP/1")) {
        raw.insert(line, "\r\nHost: " + host);
    }
    return raw;
}

struct Seen
{
    QList<int> statuses;
    bool closed = false;
    bool rest = false; // bytes that are no answer
};

Seen play(quint16 port, const QByteArray &raw, bool head, bool halfClose)
{
    Seen seen;
    RawClient client(port);
    client.send(raw);
    if (halfClose)
        client.shutdownWrite();
    while (const auto answer = client.answer(halfClose ? 3000 : 150, head))
        seen.statuses.append(answer->status);
    seen.closed = client.closedByPeer(halfClose ? kPatienceMs : 50);
    seen.rest = !client.readAll(1).isEmpty();
    return seen;
}

int served(const Seen &seen)
{
    return static_cast<int>(
        std::count_if(seen.statuses.begin(), seen.statuses.end(),
                      [](int status) { return status >= 200 && status < 400; }));
}

bool allowedRefusal(int status)
{
    return status == 400 || status == 413 || status == 414 || status == 431;
}

} // namespace

class TestHttpVectors : public QObject
{
    Q_OBJECT

private:
    QList<Vector> m_vectors;

private Q_SLOTS:
    void initTestCase()
    {
        m_vectors = load();
        if (m_vectors.isEmpty())
            QSKIP("TOLLGATE_FIXTURES does not name a folder with http/vectors.json");
        QCOMPARE(m_vectors.size(), 162);
    }

    void nothingThatMustBeRejectedIsServed_data()
    {
        QTest::addColumn<bool>("ourHost");
        QTest::newRow("bytes as they are") << false;
        QTest::newRow("with our own Host") << true;
    }

    void nothingThatMustBeRejectedIsServed()
    {
        QFETCH(bool, ourHost);
        TestServer server;
        int total = 0;
        int wronglyServed = 0;
        for (const Vector &vector : std::as_const(m_vectors)) {
            if (!vector.mustReject)
                continue;
            ++total;
            const QByteArray raw = ourHost ? withHost(vector.raw, server.host()) : vector.raw;
            const Seen seen = play(server.port(), raw, raw.startsWith("HEAD"), true);
            const QByteArray note = vector.name + ": " + raw.left(80).toPercentEncoding(" :/");
            QVERIFY2(!seen.rest && seen.closed, note.constData());
            if (!ourHost) {
                wronglyServed += served(seen);
                // Hosts of the examples are not ours: 403 is as good a refusal.
                QVERIFY2(
                    seen.statuses.size() == 1
                        && (allowedRefusal(seen.statuses.first()) || seen.statuses.first() == 403),
                    note.constData());
                continue;
            }
            // A complete message in front of the broken one may be answered, once, and then no
            // more.
            wronglyServed += served(seen) > vector.messages;
            if (served(seen) == 0) {
                QVERIFY2(seen.statuses.size() == 1 && allowedRefusal(seen.statuses.first()),
                         note.constData());
            }
        }
        qInfo("must-reject streams: %d, served: %d", total, wronglyServed);
        QCOMPARE(wronglyServed, 0);
        QVERIFY(total >= 54);
    }

    void acceptableStreamsAreAnswered()
    {
        TestServer server;
        int total = 0;
        int answered = 0;
        int reached = 0;
        int answeredAsTheyAre = 0;
        for (const Vector &vector : std::as_const(m_vectors)) {
            if (vector.mustReject || vector.paused)
                continue;
            ++total;
            const bool head = vector.raw.startsWith("HEAD");
            answeredAsTheyAre += !play(server.port(), vector.raw, head, false).statuses.isEmpty();
            const Seen seen = play(server.port(), withHost(vector.raw, server.host()), head, true);
            QVERIFY(!seen.rest);
            answered += !seen.statuses.isEmpty();
            reached += served(seen) > 0;
            QVERIFY2(served(seen) <= std::max(1, vector.messages), vector.name.constData());
        }
        qInfo("acceptable streams: %d, answered: %d (%d without waiting for their end), "
              "reaching the handler: %d",
              total, answered, answeredAsTheyAre, reached);
        QCOMPARE(total, 77);
        QVERIFY(answered >= 73);
        QVERIFY(answeredAsTheyAre >= 73);
        QVERIFY(reached >= 30);
    }

    void pausedStreamsNeverGetMoreAnswersThanMessages()
    {
        TestServer server;
        for (const Vector &vector : std::as_const(m_vectors)) {
            if (!vector.paused)
                continue;
            const Seen seen = play(server.port(), withHost(vector.raw, server.host()), false, true);
            QVERIFY(!seen.rest);
            QVERIFY2(served(seen) <= std::max(1, vector.messages), vector.name.constData());
        }
    }

    // Where the stream is cut must never matter.
    void everySplitGivesTheSameVerdict()
    {
        const Limits limits;
        for (const Vector &vector : std::as_const(m_vectors)) {
            HeadParser whole(limits);
            const Progress expected = whole.feed(vector.raw);
            HeadParser pieces(limits);
            Progress progress = Progress::NeedMore;
            for (qsizetype n = 1; n <= vector.raw.size() && progress == Progress::NeedMore; ++n)
                progress = pieces.feed(QByteArrayView(vector.raw).first(n));
            QVERIFY2(progress == expected, vector.name.constData());
            if (expected == Progress::Done)
                QCOMPARE(pieces.consumed(), whole.consumed());
        }
    }
};

QTEST_GUILESS_MAIN(TestHttpVectors)
#include "test_http_vectors.moc"
