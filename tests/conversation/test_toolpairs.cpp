// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/toolpairs.h"

#include <QtTest>

using namespace tollgate::conversation;

namespace {

Part call(const char *id, const char *name = "f", ToolCall::Kind kind = ToolCall::Kind::Function)
{
    return Part{ToolCall{kind, id, name, "{}"}};
}

Part result(const char *id, const char *text = "ok")
{
    ToolResult made;
    made.callId = id;
    made.parts.emplace_back(Text{text, {}});
    return Part{std::move(made)};
}

Part text(const char *said)
{
    return Part{Text{said, {}}};
}

Message says(Role role, std::vector<Part> parts)
{
    Message message;
    message.role = role;
    message.parts = std::move(parts);
    return message;
}

Message assistant(std::vector<Part> parts)
{
    return says(Role::Assistant, std::move(parts));
}

Message user(std::vector<Part> parts)
{
    return says(Role::User, std::move(parts));
}

// "A:call a|U:a=ok,text" and so on: what the order of things is, at a glance.
QByteArray outline(const std::vector<Message> &messages)
{
    QByteArrayList said;
    for (const Message &message : messages) {
        QByteArrayList parts;
        for (const Part &part : message.parts) {
            if (const auto *made = std::get_if<ToolCall>(&part.body)) {
                parts += "call " + made->callId;
            } else if (const auto *given = std::get_if<ToolResult>(&part.body)) {
                parts += given->callId + (given->error ? "!" : "=")
                    + (given->error ? QByteArray() : std::get<Text>(given->parts.front()).text);
            } else if (const auto *words = std::get_if<Text>(&part.body)) {
                parts += words->text;
            } else {
                parts += "media";
            }
        }
        const char role = message.role == Role::Assistant ? 'A'
            : message.role == Role::User                  ? 'U'
                                                          : 'S';
        said += role + (':' + parts.join(','));
    }
    return said.join('|');
}

} // namespace

Q_DECLARE_METATYPE(std::vector<Message>)

class TestToolPairs final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachCallIsAnsweredOnceDirectlyBehindIt_data();
    void eachCallIsAnsweredOnceDirectlyBehindIt();
    void whatIsInOrderStaysAsItIs();
    void namesAndKindsComeFromTheCalls();
    void mediaOfOrphansAreKept();
    void hostedCallsAreLeftAlone();
    void callIdsDependOnTheCallAndItsPlaceAlone();
};

void TestToolPairs::eachCallIsAnsweredOnceDirectlyBehindIt_data()
{
    QTest::addColumn<std::vector<Message>>("messages");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *name, std::vector<Message> messages, const char *expected) {
        QTest::newRow(name) << std::move(messages) << QByteArray(expected);
    };

    row("nothing", {}, "");
    row("in order", {assistant({call("a")}), user({result("a"), text("go")})},
        "A:call a|U:a=ok,go");
    row("results stand behind text", {assistant({call("a")}), user({text("go"), result("a")})},
        "A:call a|U:a=ok,go");
    row("in the order of the calls",
        {assistant({call("a"), call("b")}), user({result("b", "2"), result("a", "1")})},
        "A:call a,call b|U:a=1,b=2");
    row("too late",
        {assistant({call("a")}), user({text("wait")}), assistant({text("well")}),
         user({result("a")})},
        "A:call a|U:a=ok|U:wait|A:well");
    row("too early", {user({result("a")}), assistant({call("a")}), user({text("go")})},
        "A:call a|U:a=ok|U:go");
    row("missing", {assistant({call("a")}), user({text("never mind")})},
        "A:call a|U:a!|U:never mind");
    row("missing at the end", {assistant({call("a")})}, "A:call a|U:a!");
    row("one of two missing", {assistant({call("a"), call("b")}), user({result("b")})},
        "A:call a,call b|U:a!,b=ok");
    row("twice", {assistant({call("a")}), user({result("a", "1"), result("a", "2")})},
        "A:call a|U:a=2");
    row("twice, in two messages",
        {assistant({call("a")}), user({result("a", "1")}), user({result("a", "2"), text("go")})},
        "A:call a|U:a=2|U:go");
    row("orphaned", {user({text("hi"), result("x", "42")})}, "U:hi,Result of the tool x:\n42");
    row("the same id on each turn",
        {assistant({call("0")}), user({result("0", "1")}), assistant({call("0")}),
         user({result("0", "2")})},
        "A:call 0|U:0=1|A:call 0|U:0=2");
    row("the same id twice in one turn",
        {assistant({call("0"), call("0")}), user({result("0", "1"), result("0", "2")})},
        "A:call 0,call 0|U:0=1,0=2");
    row("a system message between",
        {assistant({call("a")}), says(Role::System, {text("mind")}), user({result("a")})},
        "A:call a|U:a=ok|S:mind");
    row("split over messages",
        {assistant({call("a"), call("b")}), user({result("a")}), user({result("b"), text("go")})},
        "A:call a,call b|U:a=ok,b=ok|U:go");
    row("an empty message stays", {user({}), assistant({text("hi")})}, "U:|A:hi");
}

void TestToolPairs::eachCallIsAnsweredOnceDirectlyBehindIt()
{
    QFETCH(const std::vector<Message>, messages);
    QFETCH(const QByteArray, expected);
    const std::vector<Message> paired = pairTools(messages);
    QCOMPARE(outline(paired), expected);
    QVERIFY(pairTools(paired) == paired);
}

void TestToolPairs::whatIsInOrderStaysAsItIs()
{
    Message answer = user({result("a"), text("go")});
    answer.name = "eve";
    answer.parts[0].cache = CacheMark{3600};
    std::get<ToolResult>(answer.parts[0].body).name = "f";
    const std::vector<Message> messages{user({text("hi")}), assistant({text("so"), call("a")}),
                                        answer, assistant({text("done")})};
    QVERIFY(pairTools(messages) == messages);
}

void TestToolPairs::namesAndKindsComeFromTheCalls()
{
    Part named = result("b");
    std::get<ToolResult>(named.body).name = "mine";
    const std::vector<Message> paired
        = pairTools({assistant({call("a", "grep", ToolCall::Kind::Custom), call("b", "ls")}),
                     user({result("a"), named})});
    const auto &first = std::get<ToolResult>(paired[1].parts[0].body);
    QCOMPARE(first.name, QByteArray("grep"));
    QVERIFY(first.custom);
    const auto &second = std::get<ToolResult>(paired[1].parts[1].body);
    QCOMPARE(second.name, QByteArray("mine"));
    QVERIFY(!second.custom);
}

void TestToolPairs::mediaOfOrphansAreKept()
{
    ToolResult picture;
    picture.callId = "x";
    picture.name = "camera";
    picture.parts.emplace_back(Text{"look", {}});
    picture.parts.emplace_back(Media{});
    QCOMPARE(outline(pairTools({user({Part{picture}})})),
             QByteArray("U:Result of the tool camera:\nlook,media"));
}

void TestToolPairs::hostedCallsAreLeftAlone()
{
    const std::vector<Message> messages{
        assistant({call("s", "web_search", ToolCall::Kind::Hosted), text("found")}),
        user({text("thanks")})};
    QVERIFY(pairTools(messages) == messages);
}

void TestToolPairs::callIdsDependOnTheCallAndItsPlaceAlone()
{
    const QByteArray id = stableCallId("f", "{\"a\":1}", 0);
    QCOMPARE(stableCallId("f", "{\"a\":1}", 0), id);
    QVERIFY(stableCallId("f", "{\"a\":1}", 1) != id);
    QVERIFY(stableCallId("f", "{\"a\":2}", 0) != id);
    QVERIFY(stableCallId("f{", "\"a\":1}", 0) != id);
    QVERIFY(id.startsWith("call_") && id.size() <= 40);
    for (const char c : id)
        QVERIFY(c > ' ' && c < 0x7f);
}

QTEST_APPLESS_MAIN(TestToolPairs)
#include "test_toolpairs.moc"
