// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/streamcutter.h"

#include <QTest>

using namespace tollgate;
using relay::StreamCutter;

namespace {

protocol::Endpoint chat()
{
    protocol::Endpoint endpoint;
    endpoint.dialect = protocol::Dialect::Chat;
    return endpoint;
}

const QByteArray kRole
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})"
      "\n\n";
const QByteArray kWord
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]})"
      "\n\n";
const QByteArray kStop
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
      "\n\n";
const QByteArray kUsage
    = R"(data: {"id":"c1","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}})"
      "\n\n";
const QByteArray kDone = "data: [DONE]\n\n";
const QByteArray kError = R"(data: {"error":{"message":"overloaded","type":"server_error"}})"
                          "\n\n";

} // namespace

class TestStreamCutter : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everySplitPassesTheSameBytes()
    {
        const QByteArray whole = kRole + kWord + kStop + kUsage + kDone;
        for (qsizetype at = 0; at <= whole.size(); ++at) {
            StreamCutter cutter(chat(), true);
            QByteArray passing;
            QVERIFY(cutter.cut(whole.first(at), passing));
            QVERIFY(cutter.cut(whole.sliced(at), passing));
            QCOMPARE(passing, kRole + kWord + kStop + kUsage);
            QCOMPARE(cutter.tail(), kDone);
            QVERIFY(cutter.final());
            QVERIFY(cutter.complete());
            QVERIFY(cutter.facts().usage);
            QCOMPARE(cutter.facts().usage->totalInput(), 3);
        }
    }

    void usageChunkNobodyAskedForIsCountedAndDropped()
    {
        StreamCutter cutter(chat(), false);
        QByteArray passing;
        QVERIFY(cutter.cut(kRole + kWord + kStop + kUsage + kDone, passing));
        QCOMPARE(passing, kRole + kWord + kStop);
        QVERIFY(cutter.facts().usage);
        QCOMPARE(cutter.facts().usage->output, 1);
    }

    void roleChunkIsNotYetContent()
    {
        StreamCutter cutter(chat(), false);
        QByteArray passing;
        QVERIFY(cutter.cut(kRole, passing));
        QVERIFY(!cutter.contentSeen());
        QVERIFY(cutter.cut(kWord, passing));
        QVERIFY(cutter.contentSeen());
    }

    void streamCutShortIsNotComplete()
    {
        StreamCutter cutter(chat(), false);
        QByteArray passing;
        QVERIFY(cutter.cut(kRole + kWord, passing));
        QVERIFY(!cutter.final());
        QVERIFY(!cutter.complete());
    }

    void errorEventIsHeldBackAndTold()
    {
        StreamCutter cutter(chat(), false);
        QByteArray passing;
        QVERIFY(cutter.cut(kRole + kWord + kError, passing));
        QVERIFY(cutter.error());
        QCOMPARE(passing, kRole + kWord);
        QCOMPARE(cutter.tail(), kError);
        QVERIFY(!cutter.complete());
    }

    void commentsPassUnchanged()
    {
        StreamCutter cutter(chat(), false);
        QByteArray passing;
        const QByteArray comment = ": PROCESSING\n\n";
        QVERIFY(cutter.cut(comment + kWord, passing));
        QCOMPARE(passing, comment + kWord);
    }
};

QTEST_APPLESS_MAIN(TestStreamCutter)
#include "test_streamcutter.moc"
