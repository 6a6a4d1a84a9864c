// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/stopcut.h"

#include <QTest>

using namespace tollgate::conversation;

namespace {

StreamEvents textStream(const QByteArray &text, qsizetype piece)
{
    StreamEvents events;
    events.emplace_back(StreamStart{"id", "m", 1, {}, {}, {}});
    Part part;
    part.body = Text{};
    events.emplace_back(PartStart{0, 0, part});
    for (qsizetype at = 0; at < text.size(); at += piece) {
        PartDelta delta;
        delta.bytes = text.mid(at, piece);
        events.emplace_back(delta);
    }
    events.emplace_back(PartEnd{0, 0, {}});
    CandidateStop stop;
    stop.stop = {StopReason::End, {}, "completed"};
    events.emplace_back(stop);
    Usage usage;
    usage.counts.output = 7;
    events.emplace_back(UsageReport{usage});
    events.emplace_back(StreamEnd{});
    return events;
}

Response filtered(const StreamEvents &events, const QByteArrayList &stops)
{
    StopCut cut(stops);
    Folder folder(Dialect::Responses);
    for (const StreamEvent &event : events) {
        StreamEvents out;
        cut.filter(event, out);
        for (const StreamEvent &passed : out)
            folder.add(passed);
    }
    return folder.take();
}

QByteArray textOf(const Response &response)
{
    return std::get<Text>(response.candidates.at(0).message.parts.at(0).body).text;
}

} // namespace

class TestStopCut : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textIsCutWhereASequenceBegins_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArrayList>("stops");
        QTest::addColumn<QByteArray>("kept");
        QTest::addColumn<QByteArray>("met");
        using B = QByteArray;
        using L = QByteArrayList;
        QTest::newRow("none") << B("plain text") << L{"END"} << B("plain text") << B();
        QTest::newRow("middle") << B("oneENDtwo") << L{"END"} << B("one") << B("END");
        QTest::newRow("first of two") << B("a b c") << L{"c", "b"} << B("a ") << B("b");
        QTest::newRow("complete first") << B("x###y") << L{"###", "#"} << B("x") << B("#");
        QTest::newRow("complete first, begun later")
            << B("xabcd") << L{"abcd", "b"} << B("xa") << B("b");
        QTest::newRow("longer of two complete at once")
            << B("xab") << L{"b", "ab"} << B("x") << B("ab");
        QTest::newRow("at the very beginning") << B("END") << L{"END"} << B() << B("END");
        QTest::newRow("almost one at the end") << B("one EN") << L{"END"} << B("one EN") << B();
        QTest::newRow("one begins inside a false start")
            << B("xEEND") << L{"END"} << B("xE") << B("END");
        QTest::newRow("repeated prefix") << B("ababac") << L{"abac"} << B("ab") << B("abac");
        QTest::newRow("characters of several bytes")
            << B("\xc3\xa9\xe2\x82\xac!\xe2\x82\xad") << L{"!\xe2\x82\xad"}
            << B("\xc3\xa9\xe2\x82\xac") << B("!\xe2\x82\xad");
        QTest::newRow("line breaks") << B("a\n\nb") << L{"\n\n"} << B("a") << B("\n\n");
        QTest::newRow("empty sequences mean nothing") << B("abc") << L{""} << B("abc") << B();
    }

    void textIsCutWhereASequenceBegins()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArrayList, stops);
        QFETCH(QByteArray, kept);
        QFETCH(QByteArray, met);
        for (qsizetype piece = 1; piece <= text.size(); ++piece) {
            const Response response = filtered(textStream(text, piece), stops);
            QCOMPARE(textOf(response), kept);
            const Stop &stop = response.candidates.at(0).stop;
            QCOMPARE(stop.reason, met.isEmpty() ? StopReason::End : StopReason::StopSequence);
            QCOMPARE(stop.sequence, met);
            QCOMPARE(response.usage->counts.output, 7);
        }
        const Response whole = cutAtStop(filtered(textStream(text, text.size()), {}), stops);
        QCOMPARE(textOf(whole), kept);
        QCOMPARE(whole.candidates.at(0).stop.sequence, met);
    }

    void whatFollowsTheSequenceIsNotTold()
    {
        StopCut cut({"END"});
        StreamEvents out;
        for (const StreamEvent &event : textStream("a END b END c", 2))
            cut.filter(event, out);
        QVERIFY(cut.met());
        int stops = 0;
        int ends = 0;
        for (const StreamEvent &event : out) {
            stops += std::holds_alternative<CandidateStop>(event);
            ends += std::holds_alternative<PartEnd>(event);
        }
        QCOMPARE(stops, 1);
        QCOMPARE(ends, 1);
        QVERIFY(std::holds_alternative<StreamEnd>(out.back()));
    }

    void callsAndThoughtsAreNotLookedAt()
    {
        Response response;
        Candidate candidate;
        Part thought;
        thought.body = Reasoning{"I END here", true, {}, {}};
        Part call;
        ToolCall made;
        made.callId = "c";
        made.name = "f";
        made.arguments = "{\"a\":\"END\"}";
        call.body = made;
        candidate.message.parts = {thought, call};
        candidate.stop = {StopReason::ToolUse, {}, {}};
        response.candidates.push_back(candidate);
        QCOMPARE(cutAtStop(response, {"END"}), response);
    }

    void candidatesAreCutEachByItself()
    {
        Response response;
        for (const char *text : {"one END", "two"}) {
            Candidate candidate;
            candidate.index = static_cast<std::int64_t>(response.candidates.size());
            Part part;
            part.body = Text{text, {}};
            candidate.message.parts = {part};
            candidate.stop = {StopReason::End, {}, {}};
            response.candidates.push_back(candidate);
        }
        const Response cut = cutAtStop(response, {" END"});
        QCOMPARE(std::get<Text>(cut.candidates.at(0).message.parts.at(0).body).text, "one");
        QCOMPARE(cut.candidates.at(0).stop.reason, StopReason::StopSequence);
        QCOMPARE(std::get<Text>(cut.candidates.at(1).message.parts.at(0).body).text, "two");
        QCOMPARE(cut.candidates.at(1).stop.reason, StopReason::End);
    }

    void citationsBehindTheCutAreLeftOut()
    {
        Response response;
        Candidate candidate;
        Part part;
        Citation near;
        near.url = "https://a.example";
        near.start = 0;
        near.end = 2;
        Citation far = near;
        far.start = 5;
        far.end = 8;
        part.body = Text{"\xc3\xa9\xc3\xa9\xc3\xa9 STOP more", {near, far}};
        candidate.message.parts = {part};
        response.candidates.push_back(candidate);
        const Response cut = cutAtStop(response, {"STOP"});
        const auto &text = std::get<Text>(cut.candidates.at(0).message.parts.at(0).body);
        QCOMPARE(text.citations.size(), std::size_t(1));
        QCOMPARE(text.citations.front(), near);
    }
};

QTEST_APPLESS_MAIN(TestStopCut)
#include "test_stopcut.moc"
