// SPDX-License-Identifier: GPL-3.0-or-later
// A Responses stream that is stopped because its money is used up ends with what it told so far.
#include "core/protocol/jsontree.h"
#include "core/relay/streamcutter.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::relay;

namespace {

QByteArray event(const QByteArray &type, int number, const QByteArray &members)
{
    return "event: " + type + "\ndata: {\"type\":\"" + type
        + "\",\"sequence_number\":" + QByteArray::number(number) + ',' + members + "}\n\n";
}

// A finished item of reasoning, and a message in the middle of a word.
QByteArray begun()
{
    return event("response.created", 0,
                 R"("response":{"id":"resp_1","object":"response","created_at":5,)"
                 R"("status":"in_progress","model":"gpt-x","incomplete_details":null,"output":[],)"
                 R"("temperature":1.0,"usage":null})")
        + event("response.output_item.added", 1,
                R"("output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]})")
        + event("response.output_item.done", 2,
                R"("output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[],)"
                R"("encrypted_content":"ENC"})")
        + event("response.output_item.added", 3,
                R"("output_index":1,"item":{"id":"msg_1","type":"message","role":"assistant",)"
                R"("status":"in_progress","content":[]})")
        + event("response.content_part.added", 4,
                R"("item_id":"msg_1","output_index":1,"content_index":0,)"
                R"("part":{"type":"output_text","text":"","annotations":[]})")
        + event("response.output_text.delta", 5,
                R"("item_id":"msg_1","output_index":1,"content_index":0,"delta":"Once upon")");
}

QByteArray endOf(bool prepared)
{
    protocol::Endpoint endpoint;
    endpoint.operation = protocol::Operation::Generate;
    endpoint.dialect = protocol::Dialect::Responses;
    endpoint.stream = true;
    StreamCutter cutter(endpoint, false);
    if (prepared)
        cutter.prepareToStop();
    QByteArray passing;
    const QByteArray bytes = begun();
    for (qsizetype at = 0; at < bytes.size(); at += 100) {
        if (!cutter.cut(
                QByteArrayView(bytes).sliced(at).first(std::min<qsizetype>(100, bytes.size() - at)),
                passing))
            return {};
    }
    TokenCounts used;
    used.input = 4;
    used.output = 2;
    return passing == bytes ? cutter.cutShort({used, "m", 9}) : QByteArray();
}

} // namespace

class TestCutResponse final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theLastEventHoldsThePartialAnswer();
    void withoutPreparationItHoldsTheReasonAlone();
};

void TestCutResponse::theLastEventHoldsThePartialAnswer()
{
    const QByteArray end = endOf(true);
    QVERIFY2(end.startsWith("event: response.incomplete\ndata: "), end.constData());
    const QByteArray data = end.mid(end.indexOf("data: ") + 6).trimmed();
    const auto tree = protocol::JsonTree::parse(data);
    QVERIFY2(tree.has_value(), end.constData());
    QCOMPARE(tree->root()["sequence_number"].integer(), 6);
    const protocol::JsonValue response = tree->root()["response"];
    QCOMPARE(response["id"].string(), QByteArray("resp_1"));
    QCOMPARE(response["status"].string(), QByteArray("incomplete"));
    QCOMPARE(response["incomplete_details"]["reason"].string(), QByteArray("max_output_tokens"));
    QCOMPARE(response["model"].string(), QByteArray("gpt-x"));
    QCOMPARE(response["usage"]["output_tokens"].integer(), 2);
    QCOMPARE(response["output"].size(), 2);
    std::vector<protocol::JsonValue> items;
    for (const protocol::JsonValue item : response["output"])
        items.push_back(item);
    const protocol::JsonValue thought = items[0];
    QCOMPARE(thought["id"].string(), QByteArray("rs_1"));
    QCOMPARE(thought["encrypted_content"].string(), QByteArray("ENC"));
    const protocol::JsonValue message = items[1];
    QCOMPARE(message["id"].string(), QByteArray("msg_1"));
    QCOMPARE(message["status"].string(), QByteArray("incomplete"));
    for (const protocol::JsonValue content : message["content"])
        QCOMPARE(content["text"].string(), QByteArray("Once upon"));
    QCOMPARE(message["content"].size(), 1);
    QCOMPARE(data.count("\"status\""), 2); // the answer's and the message's, once each
    QCOMPARE(data.count("\"output\""), 1);
}

void TestCutResponse::withoutPreparationItHoldsTheReasonAlone()
{
    const QByteArray end = endOf(false);
    QVERIFY2(end.contains(R"("output":[])"), end.constData());
    QVERIFY2(end.contains(R"("reason":"max_output_tokens")"), end.constData());
}

QTEST_APPLESS_MAIN(TestCutResponse)
#include "test_cutresponse.moc"
