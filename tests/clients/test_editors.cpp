// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/editor.h"
#include "core/clients/jsontree.h"
#include "tests/clients/samples.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace tollgate;
using namespace tollgate::clients;

namespace {

Value json(const QByteArray &text)
{
    return *parseJson(text);
}

QByteArray changed(Format format, const QByteArray &text, const Path &path, const QByteArray &value)
{
    const auto out = editorFor(format).write(text, path, json(value));
    return out ? *out : "refused: " + out.error().message.toUtf8();
}

bool isRefused(Format format, const QByteArray &text, const Path &path)
{
    return !editorFor(format).write(text, path, Value::string(QStringLiteral("x")));
}

// What another parser makes of it, as JSON; empty if there is no such parser here.
QByteArray readBy(const QByteArray &program, const QByteArray &text)
{
    QProcess python;
    python.start(QStandardPaths::findExecutable(QStringLiteral("python3")),
                 {QStringLiteral("-c"), QString::fromUtf8("import sys, json\n" + program)});
    python.write(text);
    python.closeWriteChannel();
    if (!python.waitForFinished(20000) || python.exitCode() != 0)
        return {};
    return python.readAllStandardOutput();
}

const Path basePath{QStringLiteral("env"), QStringLiteral("ANTHROPIC_BASE_URL")};
const Path provider{QStringLiteral("model_providers"), QStringLiteral("tollgate"),
                    QStringLiteral("name")};
const Path item{QStringLiteral("models"), QStringLiteral("[name=Tollgate]")};
const QByteArray ours
    = "{\"name\": \"Tollgate\", \"model\": \"a/b\", \"roles\": [\"chat\", \"edit\"]}";

} // namespace

class TestEditors : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void jsonMembersTakeTheLayoutAroundThem()
    {
        QCOMPARE(
            changed(Format::Json, "{\n\t\"env\": {\n\t\t\"A\": \"1\"\n\t}\n}\n", basePath, "\"u\""),
            "{\n\t\"env\": {\n\t\t\"A\": \"1\",\n\t\t\"ANTHROPIC_BASE_URL\": \"u\"\n\t}\n}\n");
        QCOMPARE(changed(Format::Json, "{\"env\":{\"A\":\"1\"}}", basePath, "\"u\""),
                 "{\"env\":{\"A\":\"1\",\"ANTHROPIC_BASE_URL\":\"u\"}}");
        QCOMPARE(changed(Format::Json, "{ \"a\": 1 }", basePath, "\"u\""),
                 "{ \"a\": 1, \"env\": {\"ANTHROPIC_BASE_URL\": \"u\"} }");
        QCOMPARE(changed(Format::Json, "", basePath, "\"u\""),
                 "{\n  \"env\": {\n    \"ANTHROPIC_BASE_URL\": \"u\"\n  }\n}\n");
    }

    void jsonCommentsAndTrailingCommasStay()
    {
        QCOMPARE(changed(Format::Json, "{\n  \"a\": 1, // one\n  // none\n}\n",
                         {QStringLiteral("b")}, "2"),
                 "{\n  \"a\": 1, // one\n  // none\n  \"b\": 2,\n}\n");
        QCOMPARE(changed(Format::Json, "{\n  \"a\": 1 // one\n}\n", {QStringLiteral("b")}, "2"),
                 "{\n  \"a\": 1, // one\n  \"b\": 2\n}\n");
        QCOMPARE(changed(Format::Json, "{\"a\": /* x */ 1}", {QStringLiteral("a")}, "2"),
                 "{\"a\": /* x */ 2}");
    }

    void jsonListElementsAreFoundByTheirName()
    {
        const Path path{QStringLiteral("v"), QStringLiteral("[name=B]")};
        const QByteArray before = "{\n  \"v\": [\n    { \"name\": \"A\" },\n    { \"name\": \"B\", "
                                  "\"x\": 1 }\n  ]\n}\n";
        const QByteArray after = changed(Format::Json, before, path, "{\"name\":\"B\",\"x\":2}");
        QCOMPARE(editorFor(Format::Json).find(after, path)->value().meaning,
                 "{\"name\":\"B\",\"x\":2}");
        QVERIFY(after.startsWith("{\n  \"v\": [\n    { \"name\": \"A\" },\n"));
        QCOMPARE(*editorFor(Format::Json).erase(before, path),
                 "{\n  \"v\": [\n    { \"name\": \"A\" }\n  ]\n}\n");
    }

    void brokenFilesAreRefused_data()
    {
        QTest::addColumn<int>("format");
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char *name, Format format, const QByteArray &text) {
            QTest::newRow(name) << static_cast<int>(format) << text;
        };
        row("json cut off", Format::Json, "{\"env\": {");
        row("json without comma", Format::Json, "{\"a\": 1 \"b\": 2}");
        row("json two values", Format::Json, "{} {}");
        row("json single quotes", Format::Json, "{'a': 1}");
        row("json bare name", Format::Json, "{a: 1}");
        row("json open comment", Format::Json, "{} /* ");
        row("json leading zero", Format::Json, "{\"a\": 01}");
        row("json twice", Format::Json, "{\"env\": {}, \"env\": {}}");
        row("json env is text", Format::Json, "{\"env\": \"x\"}");
        row("json is a list", Format::Json, "[1]");
        row("json deep", Format::Json, QByteArray(100000, '['));
        row("not utf-8", Format::Json, "{\"a\": \"\xff\"}");
        row("zero byte", Format::Json, QByteArray("{}\0", 3));
        row("toml no value", Format::Toml, "a =\n");
        row("toml twice", Format::Toml, "a = 1\na = 2\n");
        row("toml table twice", Format::Toml, "[a]\n[a]\n");
        row("toml bare text", Format::Toml, "a = hello\n");
        row("toml open list", Format::Toml, "a = [1, 2\n");
        row("toml two on a line", Format::Toml, "a = 1 b = 2\n");
        row("toml open text", Format::Toml, "a = \"\"\"x\n");
        row("toml key is text", Format::Toml, "env = \"x\"\n");
        row("toml list of tables", Format::Toml, "[[env]]\na = 1\n");
        row("yaml tab", Format::Yaml, "a:\n\tb: 1\n");
        row("yaml twice", Format::Yaml, "a: 1\na: 2\n");
        row("yaml list at the top", Format::Yaml, "- a\n");
        row("yaml braces at the top", Format::Yaml, "{a: 1}\n");
        row("yaml open quote", Format::Yaml, "a: \"x\n");
        row("yaml open bracket", Format::Yaml, "a: [1\n");
        row("yaml two documents", Format::Yaml, "a: 1\n---\nb: 1\n");
        row("yaml second colon", Format::Yaml, "a: b: c\n");
        row("dotenv no name", Format::Dotenv, "hello world\n");
        row("dotenv open quote", Format::Dotenv, "A=\"x\n");
    }
    void brokenFilesAreRefused()
    {
        QFETCH(int, format);
        QFETCH(QByteArray, text);
        const auto kind = static_cast<Format>(format);
        const Path path = kind == Format::Dotenv || kind == Format::Yaml
            ? Path{QStringLiteral("NAME")}
            : basePath;
        const auto out = editorFor(kind).write(text, path, Value::string(QStringLiteral("x")));
        QVERIFY(!out);
        QVERIFY(out.error().message.endsWith(u'.'));
    }

    void yamlListsThatAreNoBlocksAreRefused()
    {
        QVERIFY(isRefused(Format::Yaml, "models: [{name: a}]\n", item));
        QVERIFY(isRefused(Format::Yaml, "models: *all\n", item));
        QVERIFY(isRefused(Format::Yaml, "models:\n  a: 1\n", item));
        QVERIFY(isRefused(Format::Yaml, "models:\n  - name: a\n   b: 1\n", item));
        QVERIFY(isRefused(Format::Yaml, "models:\n  - name: Tollgate\n  - name: Tollgate\n", item));
    }

    void tomlKeysGoWhereTomlWantsThem()
    {
        QCOMPARE(changed(Format::Toml, "# c\n[t]\nx = 1\n", {QStringLiteral("model")}, "\"m\""),
                 "model = \"m\"\n\n# c\n[t]\nx = 1\n");
        QCOMPARE(changed(Format::Toml, "[a]\nx = 1", provider, "\"T\""),
                 "[a]\nx = 1\n\n[model_providers.tollgate]\nname = \"T\"\n");
        QCOMPARE(changed(Format::Toml, "model_providers.tollgate.a = 1\n[t]\n", provider, "\"T\""),
                 "model_providers.tollgate.a = 1\nmodel_providers.tollgate.name = \"T\"\n[t]\n");
        QCOMPARE(changed(Format::Toml, "model_providers = { b = { x = 1 } }\n", provider, "\"T\""),
                 "model_providers = { b = { x = 1 }, tollgate.name = \"T\" }\n");
        QCOMPARE(changed(Format::Toml, "[model_providers.tollgate]\nname = 'old' # c\n", provider,
                         "\"T\""),
                 "[model_providers.tollgate]\nname = \"T\" # c\n");
    }

    void yamlItemsTakeTheIndentOfTheList()
    {
        QCOMPARE(
            changed(Format::Yaml, "models:\n- name: A\n# c\nx: 1\n", item, ours),
            "models:\n- name: A\n- name: Tollgate\n  model: a/b\n  roles:\n    - chat\n    - edit\n"
            "# c\nx: 1\n");
        QCOMPARE(changed(Format::Yaml,
                         "models:\n    - name: Tollgate # old\n      x: 1\n    - name: B\n", item,
                         ours),
                 "models:\n    - name: Tollgate\n      model: a/b\n      roles:\n        - chat\n"
                 "        - edit\n    - name: B\n");
        QCOMPARE(changed(Format::Yaml, "models: [] # c\nx: 1\n", item, ours),
                 "models: # c\n  - name: Tollgate\n    model: a/b\n    roles:\n      - chat\n"
                 "      - edit\nx: 1\n");
        QCOMPARE(changed(Format::Yaml, "a: 1", {QStringLiteral("b")}, "\"yes\""),
                 "a: 1\nb: \"yes\"\n");
    }

    void aValueThatIsThereAlreadyIsLeftAsItIsSpelled()
    {
        const QByteArray spelled = "{\"env\":{\"ANTHROPIC_BASE_URL\":\"http:\\/\\/x\"}}";
        QCOMPARE(changed(Format::Json, spelled, basePath, "\"http://x\""), spelled);
        QCOMPARE(changed(Format::Toml, "a = 'x'\n", {QStringLiteral("a")}, "\"x\""), "a = 'x'\n");
        QCOMPARE(changed(Format::Dotenv, "A='x'\n", {QStringLiteral("A")}, "\"x\""), "A='x'\n");
    }

    void whatIsWrittenAndErasedLeavesTheSameBytes_data()
    {
        QTest::addColumn<int>("format");
        QTest::addColumn<QByteArray>("text");
        for (const Format format : {Format::Json, Format::Toml, Format::Yaml, Format::Dotenv}) {
            for (const Sample &sample : samplesOf(format)) {
                if (sample.exact && !sample.text.isEmpty())
                    QTest::addRow("%d %s", static_cast<int>(format), sample.name)
                        << static_cast<int>(format) << sample.text;
            }
        }
    }
    void whatIsWrittenAndErasedLeavesTheSameBytes()
    {
        QFETCH(int, format);
        QFETCH(QByteArray, text);
        const Editor &editor = editorFor(static_cast<Format>(format));
        const Path path = static_cast<Format>(format) == Format::Yaml
            ? item
            : Path{QStringLiteral("TOLLGATE_NEW")};
        const Value value = static_cast<Format>(format) == Format::Yaml
            ? json(ours)
            : Value::string(QStringLiteral("x"));
        const auto written = editor.write(text, path, value);
        QVERIFY2(written, written ? "" : qPrintable(written.error().message));
        QVERIFY(*written != text);
        QVERIFY(editor.find(*written, path)->has_value());
        QByteArray erased = *editor.erase(*written, path);
        if (!editor.find(text, {path.first()})->has_value())
            erased = *editor.prune(erased, {path.first()});
        if (!text.endsWith('\n') && erased.endsWith('\n') && erased.size() > text.size())
            erased = erased.trimmed(); // a last line got the line end it lacked
        if (static_cast<Format>(format) == Format::Toml && erased.startsWith("\n"))
            erased.remove(0, 1);
        QCOMPARE(erased, text);
    }

    void otherParsersReadWhatWeWrite()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("python3")).isEmpty())
            QSKIP("There is no python3 to read the files with.");
        int read = 0;
        for (const Sample &sample : tomlSamples()) {
            const QByteArray out = changed(Format::Toml, sample.text, provider, "\"T\\\"é\"");
            const QByteArray seen = readBy(
                "import tomllib\nd=tomllib.loads(sys.stdin.buffer.read().decode('utf-8-sig'))\n"
                "print(json.dumps(d['model_providers']['tollgate']['name']))",
                out);
            QVERIFY2(seen.trimmed() == "\"T\\\"\\u00e9\"", sample.name);
            ++read;
        }
        if (readBy("import yaml\nprint(1)", {}).isEmpty())
            QSKIP("python3 has no yaml here; TOML was read.");
        for (const Sample &sample : yamlSamples()) {
            if (sample.text.contains("*other"))
                continue; // names an anchor that is not there
            const QByteArray out = changed(Format::Yaml, sample.text, item, ours);
            const QByteArray seen = readBy(
                "import yaml\nd=yaml.safe_load(sys.stdin.buffer.read().decode('utf-8-sig'))\n"
                "print(json.dumps([m for m in d['models'] if m.get('name')=='Tollgate']))",
                out);
            QVERIFY2(seen.trimmed()
                         == "[{\"name\": \"Tollgate\", \"model\": \"a/b\", \"roles\": [\"chat\", "
                            "\"edit\"]}]",
                     (sample.name + seen).constData());
            ++read;
        }
        QVERIFY(read > 20);
    }
};

QTEST_GUILESS_MAIN(TestEditors)
#include "test_editors.moc"
