// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/customtools.h"
#include "core/protocol/jsontree.h"

#include <QTest>

using namespace tollgate::conversation;
using tollgate::protocol::JsonTree;

namespace {

Request withCustom(const QByteArray &name)
{
    Request request;
    Tool tool;
    tool.kind = Tool::Kind::Custom;
    tool.name = name;
    request.tools.push_back(tool);
    return request;
}

} // namespace

class TestCustomTools : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aCustomToolBecomesAFunctionOfOneString()
    {
        Tool tool;
        tool.kind = Tool::Kind::Custom;
        tool.name = "apply_patch";
        tool.description = "Edits files.";
        tool.format
            = "{\"type\":\"grammar\",\"syntax\":\"lark\",\"definition\":\"start: \\\"x\\\"\"}";
        const Tool function = bridgeTool(tool);
        QCOMPARE(function.kind, Tool::Kind::Function);
        QCOMPARE(function.name, tool.name);
        QVERIFY(function.description.startsWith("Edits files.\n\n"));
        QVERIFY(function.description.contains("lark"));
        QVERIFY(function.description.contains("start: \"x\""));
        QVERIFY(function.format.isEmpty());
        const auto schema = JsonTree::parse(function.schema);
        QVERIFY(schema);
        const JsonValue root = schema->root();
        QVERIFY(root["type"].is("object"));
        QVERIFY(root["properties"]["input"]["type"].is("string"));
        QCOMPARE(root["properties"].size(), 1);
        QVERIFY((*root["required"].begin()).is("input"));
    }

    void chatsNestedGrammarIsReadToo()
    {
        Tool tool;
        tool.kind = Tool::Kind::Custom;
        tool.format
            = "{\"type\":\"grammar\",\"grammar\":{\"syntax\":\"regex\",\"definition\":\"[0-9]+\"}}";
        QVERIFY(bridgeTool(tool).description.contains("[0-9]+"));
    }

    void otherToolsStayWhatTheyAre()
    {
        Tool tool;
        tool.name = "f";
        tool.schema = "{}";
        QCOMPARE(bridgeTool(tool), tool);
    }

    void textSurvivesTheBridge_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("patch") << QByteArray("*** Begin Patch\n+a \"b\" \\ c\t\r\n*** End");
        QTest::newRow("other planes") << QByteArray("\xf0\x9f\x98\x80 \xe2\x82\xac\x01");
        QTest::newRow("json") << QByteArray("{\"input\":\"x\"}");
    }

    void textSurvivesTheBridge()
    {
        QFETCH(QByteArray, text);
        const Request request = withCustom("t");
        QCOMPARE(*unbridge("t", bridgeArguments(text), &request), text);
    }

    void onlyDeclaredCustomToolsAreTurnedBack()
    {
        const Request request = withCustom("t");
        QVERIFY(!unbridge("u", "{\"input\":\"x\"}", &request));
        QVERIFY(!unbridge("t", "{\"input\":\"x\"}", nullptr));
        QVERIFY(isCustomTool("t", &request));
    }

    void argumentsInPiecesGiveTheSameText_data()
    {
        QTest::addColumn<QByteArray>("arguments");
        QTest::addColumn<QByteArray>("text");
        using B = QByteArray;
        QTest::newRow("plain") << B("{\"input\":\"ab\"}") << B("ab");
        QTest::newRow("spaces") << B("{ \"input\" :\n \"ab\" } ") << B("ab");
        QTest::newRow("escapes") << B("{\"input\":\"\\\"\\\\\\/\\b\\f\\n\\r\\tA\\u00e9\"}")
                                 << B("\"\\/\b\f\n\r\tA\xc3\xa9");
        QTest::newRow("pair") << B("{\"input\":\"\\ud83d\\ude00!\"}") << B("\xf0\x9f\x98\x80!");
        QTest::newRow("lone high") << B("{\"input\":\"\\ud83dx\"}") << B("\xef\xbf\xbdx");
        QTest::newRow("lone low") << B("{\"input\":\"\\ude00x\"}") << B("\xef\xbf\xbdx");
        QTest::newRow("two highs")
            << B("{\"input\":\"\\ud83d\\ud83d\\ude00\"}") << B("\xef\xbf\xbd\xf0\x9f\x98\x80");
        QTest::newRow("high at the end") << B("{\"input\":\"x\\ud83d\"}") << B("x\xef\xbf\xbd");
        QTest::newRow("utf-8") << B("{\"input\":\"\xf0\x9f\x98\x80\xe2\x82\xac\"}")
                               << B("\xf0\x9f\x98\x80\xe2\x82\xac");
        QTest::newRow("raw line break") << B("{\"input\":\"a\nb\"}") << B("a\nb");
        QTest::newRow("unknown escape") << B("{\"input\":\"a\\qb\"}") << B("a\\qb");
        QTest::newRow("cut off") << B("{\"input\":\"abc") << B("abc");
        QTest::newRow("cut in an escape") << B("{\"input\":\"abc\\") << B("abc");
        QTest::newRow("none") << B() << B();
        QTest::newRow("empty object") << B("{}") << B();
        QTest::newRow("another name") << B("{\"patch\":\"x\"}") << B("x");
        QTest::newRow("not first") << B("{\"a\":1,\"input\":\"x\"}") << B("x");
        QTest::newRow("a string alone") << B("\"x\"") << B("x");
        QTest::newRow("no JSON") << B("*** Begin Patch") << B("*** Begin Patch");
        QTest::newRow("not a string") << B("{\"input\":5}") << B("{\"input\":5}");
    }

    void argumentsInPiecesGiveTheSameText()
    {
        QFETCH(QByteArray, arguments);
        QFETCH(QByteArray, text);
        const Request request = withCustom("t");
        QCOMPARE(*unbridge("t", arguments, &request), text);
        for (qsizetype piece = 1; piece <= arguments.size(); ++piece) {
            CustomInput input;
            QByteArray sum;
            for (qsizetype at = 0; at < arguments.size(); at += piece) {
                const QByteArray told = input.feed(arguments.mid(at, piece));
                QVERIFY2(QString::fromUtf8(told).toUtf8() == told, "a character was cut");
                sum += told;
            }
            sum += input.finish();
            QCOMPARE(sum, text);
        }
    }
};

QTEST_APPLESS_MAIN(TestCustomTools)
#include "test_customtools.moc"
