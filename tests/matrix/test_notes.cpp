// SPDX-License-Identifier: GPL-3.0-or-later
// What a vendor has no place for is named in the notes: each once lost without a word.
#include "core/codecs/codecs.h"

#include <QtTest>

using namespace tollgate;
using namespace tollgate::conversation;
using protocol::Dialect;

class TestNotes final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatHasNoPlaceIsNoted_data();
    void whatHasNoPlaceIsNoted();
};

void TestNotes::whatHasNoPlaceIsNoted_data()
{
    QTest::addColumn<Dialect>("client");
    QTest::addColumn<Dialect>("vendor");
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QByteArray>("note");
    const QByteArray deferred = R"({"model":"a","max_tokens":5,"messages":[{"role":"user",
      "content":[{"type":"text","text":"hi","cache_control":{"type":"ephemeral"}}]}],
      "tools":[{"name":"f","input_schema":{"type":"object"},"defer_loading":true}]})";
    QTest::newRow("a member of a tool")
        << Dialect::Messages << Dialect::Responses << deferred << QByteArray("tools.defer_loading");
    QTest::newRow("a mark for the cache")
        << Dialect::Messages << Dialect::Responses << deferred << QByteArray("cache_control");
    const QByteArray named = R"({"model":"a","messages":[{"role":"user","name":"ann",
      "content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA",
      "detail":"low"}},{"type":"text","text":"x","own":1}]},
      {"role":"assistant","content":"so","prefix":true}]})";
    QTest::newRow("who speaks") << Dialect::Chat << Dialect::Gemini << named << QByteArray("name");
    QTest::newRow("a picture's detail")
        << Dialect::Chat << Dialect::Gemini << named << QByteArray("detail");
    QTest::newRow("a member of a message")
        << Dialect::Chat << Dialect::Gemini << named << QByteArray("prefix");
    QTest::newRow("a member of a part")
        << Dialect::Chat << Dialect::Gemini << named << QByteArray("own");
    QTest::newRow("a member of a message, to Responses")
        << Dialect::Chat << Dialect::Responses << named << QByteArray("prefix");
    QTest::newRow("a member of a part, to Responses")
        << Dialect::Chat << Dialect::Responses << named << QByteArray("own");
    const QByteArray signedCall = R"({"contents":[{"role":"user","parts":[{"text":"hi"}]},
      {"role":"model","parts":[{"functionCall":{"name":"f","args":{}},
      "thoughtSignature":"c2ln"}]},
      {"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}]})";
    QTest::newRow("a call's signature")
        << Dialect::Gemini << Dialect::Chat << signedCall << QByteArray("signature");
    const QByteArray cited = R"({"model":"a","max_tokens":5,"messages":[
      {"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"text","text":"so",
      "citations":[{"type":"web_search_result_location","url":"https://e.org","title":"t",
      "cited_text":"c","encrypted_index":"e"}]}]},{"role":"user","content":"go"}],
      "tools":[{"type":"web_search_20250305","name":"web_search","allowed_domains":["e.org"]}]})";
    QTest::newRow("citations") << Dialect::Messages << Dialect::Chat << cited
                               << QByteArray("citations");
    QTest::newRow("citations, to Gemini")
        << Dialect::Messages << Dialect::Gemini << cited << QByteArray("citations");
}

void TestNotes::whatHasNoPlaceIsNoted()
{
    QFETCH(Dialect, client);
    QFETCH(Dialect, vendor);
    QFETCH(QByteArray, body);
    QFETCH(QByteArray, note);
    const auto request = codecs::codecOf(client)->decodeRequest(body);
    QVERIFY2(request, request ? "" : qPrintable(request.error().message));
    Target target;
    target.model = "m";
    const auto written = codecs::codecOf(vendor)->encodeRequest(*request, target);
    QVERIFY2(written, written ? "" : qPrintable(written.error().message));
    QVERIFY2(written->dropped.members().contains(note), written->dropped.header().constData());
}

QTEST_APPLESS_MAIN(TestNotes)
#include "test_notes.moc"
