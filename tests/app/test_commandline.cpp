// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/arguments.h"
#include "app/commandline.h"
#include "app/render.h"
#include "app/table.h"
#include "core/admin/admin.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>
#include <QTest>

using namespace tollgate;
using namespace tollgate::app;

namespace {

QString word(const char *text)
{
    return QString::fromUtf8(text);
}

Result<Invocation> parse(const char *line)
{
    return parseCommandLine(word(line).split(u' ', Qt::SkipEmptyParts));
}

QJsonObject arguments(const char *line)
{
    const auto invocation = parse(line);
    const auto made = invocation ? argumentsOf(*invocation) : failure(invocation.error());
    return made ? *made : QJsonObject{{word("error"), made.error().message}};
}

} // namespace

class TestCommandLine : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyCommandHasItsCallAndItsHelp();
    void optionsBecomeTypedMembers();
    void loopbackChannelIsMarkedLocal();
    void filterWordsAreJoined();
    void globalOptionsMayStandAnywhere();
    void wrongUsageIsRefused_data();
    void wrongUsageIsRefused();
    void refusalsRepeatNoValue();
    void helpNamesEveryOption();
    void tablesAlignAndAreHarmless();
    void usageBecomesCsvThatNoSpreadsheetRuns();
    void logIsOneObjectALine();
    void unhealthyDoctorIsAFailure();
};

void TestCommandLine::everyCommandHasItsCallAndItsHelp()
{
    const QStringList calls = admin::Admin::commands();
    QSet<QString> words;
    for (const CommandSpec &command : commands()) {
        const QString name = word(command.words);
        QVERIFY2(!words.contains(name), command.words);
        words.insert(name);
        const bool own = name == u"serve" || name == u"migrate";
        QVERIFY2(own || calls.contains(name), command.words);
        QVERIFY2(*command.summary, command.words);
        const auto help = parseCommandLine(name.split(u' ') + QStringList{word("--help")});
        QVERIFY2(help && help->help, command.words);
        QVERIFY2(helpText(*help).contains(word("tollgated ") + name), command.words);
    }
    // What only a window can show or ask for.
    static const QStringList forTheWindow{
        word("bell clear"),     word("bell list"),     word("bell read"),
        word("channel move"),   word("channel paste"), word("discover"),
        word("log body"),       word("log count"),     word("log fields"),
        word("log follow"),     word("log note"),      word("log page"),
        word("log show"),       word("log stream"),    word("models list"),
        word("overview"),       word("price history"), word("route simulate"),
        word("running"),        word("running stop"),  word("usage boxes"),
        word("usage burn"),     word("usage causes"),  word("usage flow"),
        word("usage forecast"), word("usage heat"),    word("usage scatter"),
        word("usage series")};
    for (const QString &call : calls)
        QVERIFY2(words.contains(call) != forTheWindow.contains(call), qPrintable(call));
}

void TestCommandLine::optionsBecomeTypedMembers()
{
    const QJsonObject channel = arguments("channel add main --provider openai --models a,b "
                                          "--priority=5 --map x=y,z=w --key-env KEY --disabled");
    QCOMPARE(channel,
             (QJsonObject{
                 {word("name"), word("main")},
                 {word("provider"), word("openai")},
                 {word("models"), QJsonArray{word("a"), word("b")}},
                 {word("priority"), 5},
                 {word("model_map"), QJsonObject{{word("x"), word("y")}, {word("z"), word("w")}}},
                 {word("key_env"), word("KEY")},
                 {word("enabled"), false}}));
    QCOMPARE(arguments("channel update main --local no --models").value(word("error")).isString(),
             true);
    QCOMPARE(arguments("channel update main --local no --if-version 3"),
             (QJsonObject{
                 {word("channel"), word("main")}, {word("local"), false}, {word("version"), 3}}));
    QCOMPARE(arguments("channel key rm main 7"),
             (QJsonObject{{word("channel"), word("main")}, {word("key"), 7}}));
    QCOMPARE(arguments("settings set limits.body 1000"),
             (QJsonObject{{word("name"), word("limits.body")}, {word("value"), word("1000")}}));
    const auto headers
        = parseCommandLine({word("channel"), word("update"), word("m"), word("--header"),
                            word("X-A: 1"), word("--header=X-B: 2")});
    QVERIFY(headers);
    QCOMPARE(argumentsOf(*headers)->value(word("headers")).toArray().size(), 2);
}

void TestCommandLine::loopbackChannelIsMarkedLocal()
{
    const char *const line = "channel add a --provider openai-compatible --base-url ";
    const auto local = [&](const char *url) {
        return arguments((QByteArray(line) + url).constData()).value(word("local"));
    };
    QCOMPARE(local("http://localhost:8000/v1"), QJsonValue(true));
    QCOMPARE(local("http://127.0.0.1:8000/v1"), QJsonValue(true));
    QVERIFY(local("http://192.168.1.20:8000/v1").isUndefined());
    QVERIFY(local("https://localhost.example.com").isUndefined());
}

void TestCommandLine::filterWordsAreJoined()
{
    const auto invocation = parseCommandLine(
        {word("log"), word("status:5xx"), word("token:my laptop"), word("--limit"), word("5")});
    QVERIFY(invocation);
    const auto made = argumentsOf(*invocation);
    QCOMPARE(made->value(word("filter")).toString(), word("status:5xx \"token:my laptop\""));
    QCOMPARE(made->value(word("limit")).toInt(), 5);
}

void TestCommandLine::globalOptionsMayStandAnywhere()
{
    for (const char *line : {"--json --profile /p token list", "token --json list --profile=/p",
                             "token list --profile /p --json"}) {
        const auto invocation = parse(line);
        QVERIFY2(invocation, line);
        QVERIFY(invocation->is("token list"));
        QVERIFY(invocation->json);
        QCOMPARE(invocation->profile, word("/p"));
    }
    const auto literal = parse("token show -- --json");
    QVERIFY(literal);
    QCOMPARE(literal->positionals, QStringList{word("--json")});
    QVERIFY(!literal->json);
}

void TestCommandLine::wrongUsageIsRefused_data()
{
    QTest::addColumn<QByteArray>("line");
    for (const char *line :
         {"", "nonsense", "channel", "channel fly", "token add", "token add a b", "token list a",
          "token add a --budget", "token add a --budget 1 --budget 2", "token add a --metrics=1",
          "token add a --rpm many", "channel add a --map x", "channel update a --local maybe",
          "channel add a --key-stdin --key-env X", "channel add a --header X", "token list -j",
          "channel key rm main first", "log --profile"})
        QTest::newRow(line) << QByteArray(line);
}

void TestCommandLine::wrongUsageIsRefused()
{
    QFETCH(QByteArray, line);
    const auto invocation = parse(line.constData());
    const Result<QJsonObject> made
        = invocation ? argumentsOf(*invocation) : Result<QJsonObject>(failure(invocation.error()));
    QVERIFY(!made);
    QCOMPARE(made.error().kind, ErrorKind::InvalidRequest);
    QVERIFY(made.error().message.endsWith(u'.'));
    QVERIFY(!made.error().message.contains(u'\n'));
}

void TestCommandLine::refusalsRepeatNoValue()
{
    for (const char *line :
         {"channel add a --key sk-canary-1", "channel add a --key=sk-canary-1",
          "channel add a sk-canary-1", "sk-canary-1", "token list --x=sk-canary-1"}) {
        const auto invocation = parse(line);
        QVERIFY2(!invocation, line);
        QVERIFY2(!invocation.error().message.contains(word("canary")), line);
    }
    QVERIFY(parse("channel add a --key x").error().message.contains(word("standard input")));
}

void TestCommandLine::helpNamesEveryOption()
{
    for (const CommandSpec &command : commands()) {
        Invocation invocation;
        invocation.command = &command;
        const QString help = helpText(invocation);
        for (const OptionSpec &option : command.options)
            QVERIFY2(help.contains(word("--") + word(option.name)), option.name);
    }
    QVERIFY(helpText(Invocation()).contains(word("channel add NAME")));
}

void TestCommandLine::tablesAlignAndAreHarmless()
{
    Table table({word("NAME"), word(">COUNT")});
    table.add({word("a"), word("1")});
    table.add({word("longer"), word("1000")});
    QCOMPARE(table.text(), word("NAME    COUNT\na           1\nlonger   1000\n"));
    const QString hostile = QString::fromUtf8("a\x1b[31mb\r\nc\tüx") + QChar(0x202E) + QChar(0x9B);
    const QString shown = plain(hostile);
    for (const QChar c : shown) {
        QVERIFY(c.category() != QChar::Other_Control);
        QVERIFY(c != QChar(0x202E));
    }
    QVERIFY(shown.contains(QString::fromUtf8("ü")));
}

void TestCommandLine::usageBecomesCsvThatNoSpreadsheetRuns()
{
    const auto invocation = parse("usage --csv");
    const QJsonObject row{{word("key"), word("=cmd,\"x\"")}, {word("requests"), 2}};
    const QString csv = render(*invocation, {{word("rows"), QJsonArray{row}}});
    QCOMPARE(csv,
             word("key,requests,failed,input_tokens,cached_tokens,output_tokens,"
                  "reasoning_tokens,cost_nano_usd,estimated,unpriced\r\n"
                  "\"'=cmd,\"\"x\"\"\",2,0,0,0,0,0,0,0,0\r\n"));
}

void TestCommandLine::logIsOneObjectALine()
{
    const auto invocation = parse("log --json");
    const QJsonObject answer{{word("requests"),
                              QJsonArray{QJsonObject{{word("id"), word("a\nb")}},
                                         QJsonObject{{word("id"), word("c")}}}}};
    const QStringList lines = render(*invocation, answer).split(u'\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 2);
    QCOMPARE(QJsonDocument::fromJson(lines.at(0).toUtf8()).object().value(word("id")).toString(),
             word("a\nb"));
}

void TestCommandLine::unhealthyDoctorIsAFailure()
{
    const auto doctor = parse("doctor");
    QVERIFY(saysFailed(*doctor, {{word("ok"), false}}));
    QVERIFY(!saysFailed(*doctor, {{word("ok"), true}}));
    QVERIFY(!saysFailed(*parse("token list"), {}));
}

QTEST_GUILESS_MAIN(TestCommandLine)
#include "test_commandline.moc"
