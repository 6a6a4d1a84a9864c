// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/clients.h"
#include "core/clients/diff.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

using namespace tollgate;
using namespace tollgate::clients;

namespace {

void put(const QString &path, const QByteArray &text)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
}

const Wish wish{QStringLiteral("http://127.0.0.1:4180"),
                QStringLiteral("tg-0123456789abcdefghijklmnopqrstuvwxyz"),
                QStringLiteral("gpt-5"),
                {},
                {}};

} // namespace

class TestRecipes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyRecipeIsWhole()
    {
        QSet<QString> names;
        for (const Recipe &recipe : recipes()) {
            QVERIFY2(!recipe.name.isEmpty() && !recipe.checked.isEmpty(), qPrintable(recipe.id));
            QVERIFY2(!recipe.sources.isEmpty(), qPrintable(recipe.id));
            for (const QString &source : recipe.sources)
                QCOMPARE(QUrl(source, QUrl::StrictMode).scheme(), QStringLiteral("https"));
            for (const RecipeFile &file : recipe.files) {
                QVERIFY2(!file.source.isEmpty() && !file.edits.empty(), qPrintable(recipe.id));
                for (const QStringList &places : file.places)
                    QVERIFY2(!places.isEmpty(), qPrintable(recipe.id));
                for (const Edit &edit : file.edits)
                    QCOMPARE(canonical(edit.value).contains("{{token}}"), edit.secret);
            }
            for (const Field &field : recipe.fields)
                QCOMPARE(field.value.contains(QStringLiteral("{{token}}")), field.secret);
            for (const Snippet &snippet : recipe.snippets) {
                QCOMPARE(snippet.text.contains(QStringLiteral("{{token}}")), snippet.secret);
                QVERIFY(!filled(snippet.text, wish).contains(QStringLiteral("{{")));
            }
            QCOMPARE(recipe.way == Way::OneClick, !recipe.files.empty());
            names.insert(recipe.id);
        }
        QCOMPARE(static_cast<std::size_t>(names.size()), recipes().size());
        for (const char *id :
             {"claude-code", "claude-code-vscode", "codex", "gemini-cli", "opencode", "continue",
              "zed", "cline", "vscode", "aider", "cursor", "open-webui", "environment", "code"})
            QVERIFY2(names.contains(QString::fromLatin1(id)), id);
    }

    void everyFileOfTheDataIsRead()
    {
        QVERIFY(!recipes().empty());
        const QDir folder(QStringLiteral(":/tollgate/clients"));
        QCOMPARE(static_cast<std::size_t>(folder.entryList(QDir::Files).size()), recipes().size());
    }

    void aRecipeWithoutWhatItNeedsIsRefused()
    {
        QVERIFY(!parseRecipe("{}"));
        QVERIFY(!parseRecipe("{\"schema\":2,\"id\":\"x\",\"way\":\"copy\"}"));
        QVERIFY(!parseRecipe("{\"schema\":1,\"id\":\"x\",\"way\":\"magic\"}"));
        QVERIFY(!parseRecipe("{\"schema\":1,\"id\":\"x\",\"way\":\"oneclick\",\"files\":[{}]}"));
        QVERIFY(parseRecipe("{\"schema\":1,\"id\":\"x\",\"way\":\"copy\"}"));
    }

    void modelsAreListedWithWhatIsKnownOfThem()
    {
        Wish many = wish;
        many.models
            = {{QStringLiteral("a"), QStringLiteral("A"), 1000, 10, true}, {QStringLiteral("b")}};
        const Recipe opencode = *recipeNamed(u"opencode");
        const Value models = *filled(opencode.files[0].edits[5].value, many);
        QCOMPARE(canonical(models),
                 "{\"a\":{\"limit\":{\"context\":1000,\"output\":10},\"name\":\"A\"},"
                 "\"b\":{\"limit\":{\"context\":128000,\"output\":8192},\"name\":\"b\"}}");
        const Value zed = *filled(recipeNamed(u"zed")->files[0].edits[1].value, many);
        QCOMPARE(zed.items.size(), 2U);
        QCOMPARE(zed.items[0].second.find(u"max_tokens")->literal, "1000");
        QCOMPARE(zed.items[1].second.find(u"max_tokens")->literal, "128000");
        QCOMPARE(zed.items[0].second.find(u"capabilities")->find(u"images")->literal, "true");
    }

    void aClientIsFoundByItsProgramAndItsVersionByItsPackage()
    {
#ifdef Q_OS_WIN
        QSKIP("npm links programs another way on Windows.");
#endif
        const QTemporaryDir folder;
        const QString package = folder.filePath(QStringLiteral("lib/node_modules/@openai/codex"));
        put(package + QStringLiteral("/package.json"),
            "{\"name\":\"@openai/codex\",\"version\":\"0.1.0\"}");
        put(package + QStringLiteral("/bin/codex.js"), "#!/bin/sh\n");
        QFile::setPermissions(package + QStringLiteral("/bin/codex.js"),
                              QFile::ReadOwner | QFile::ExeOwner | QFile::ReadUser
                                  | QFile::ExeUser);
        QDir().mkpath(folder.filePath(QStringLiteral("bin")));
        QVERIFY(QFile::link(package + QStringLiteral("/bin/codex.js"),
                            folder.filePath(QStringLiteral("bin/codex"))));
        Home home;
        home.folder = folder.filePath(QStringLiteral("me"));
        const Recipe codex = *recipeNamed(u"codex");
        QVERIFY(!detect(codex, home).found());
        home.environment.insert(QStringLiteral("PATH"),
                                QStringLiteral("/nowhere:")
                                    + folder.filePath(QStringLiteral("bin")));
        const Detection found = detect(codex, home);
        QCOMPARE(found.binary, folder.filePath(QStringLiteral("bin/codex")));
        QCOMPARE(found.version, QStringLiteral("0.1.0"));
        QVERIFY(!found.fits && found.files.isEmpty());
        const auto shown = preview(codex, home, wish);
        QVERIFY(shown && shown->notes.last().contains(QStringLiteral("0.60.0")));
    }

    void aVariableOfTheEnvironmentMovesTheFile()
    {
        const QTemporaryDir folder;
        Home home;
        home.folder = folder.filePath(QStringLiteral("me"));
        put(home.folder + QStringLiteral("/.claude/settings.json"), "{}");
        const Recipe claude = *recipeNamed(u"claude-code");
        QCOMPARE(preview(claude, home, wish)->files.front().path,
                 home.folder + QStringLiteral("/.claude/settings.json"));
        home.environment.insert(QStringLiteral("CLAUDE_CONFIG_DIR"),
                                folder.filePath(QStringLiteral("c")));
        QCOMPARE(preview(claude, home, wish)->files.front().path,
                 folder.filePath(QStringLiteral("c/settings.json")));
        home.platform = Platform::MacOs;
        QVERIFY(preview(*recipeNamed(u"claude-code-vscode"), home, wish)
                    ->files.front()
                    .path.contains(QStringLiteral("Application Support")));
        home.platform = Platform::Windows;
        home.environment.insert(QStringLiteral("APPDATA"),
                                folder.filePath(QStringLiteral("Roaming")));
        QCOMPARE(preview(*recipeNamed(u"zed"), home, wish)->files.front().path,
                 folder.filePath(QStringLiteral("Roaming/Zed/settings.json")));
    }

    void whatGetsInTheWayIsToldWithoutItsValue()
    {
        const QTemporaryDir folder;
        Home home;
        home.folder = folder.path();
        home.environment.insert(QStringLiteral("ANTHROPIC_API_KEY"),
                                QStringLiteral("sk-ant-hidden"));
        put(folder.filePath(QStringLiteral(".zshrc")),
            "# export ANTHROPIC_API_KEY=no\n\n  export ANTHROPIC_API_KEY=sk-ant-hidden\n");
        put(folder.filePath(QStringLiteral(".config/fish/config.fish")),
            "set -gx ANTHROPIC_API_KEY sk-ant-hidden\n");
        put(folder.filePath(QStringLiteral(".claude/settings.json")), "{\"apiKeyHelper\": \"x\"}");
        const auto shown = preview(*recipeNamed(u"claude-code"), home, wish);
        QStringList where;
        for (const Conflict &conflict : shown->conflicts) {
            where.append(conflict.where);
            QVERIFY(!conflict.sentence.contains(QStringLiteral("hidden")));
        }
        QCOMPARE(where,
                 (QStringList{QStringLiteral("the environment of this program"),
                              QStringLiteral("~/.zshrc, line 3"),
                              QStringLiteral("~/.config/fish/config.fish, line 1"),
                              QStringLiteral("~/.claude/settings.json")}));
    }

    void onlyClientsWithAFileCanBePreviewed()
    {
        const auto shown = preview(*recipeNamed(u"cursor"), Home(), wish);
        QVERIFY(!shown && shown.error().code == "by_hand");
        QVERIFY(!recipeNamed(u"nobody"));
    }

    void aDiffShowsTheChangedLinesAndNoSecret()
    {
        const QByteArray before = "a = 1\nb = 2\nENV_API_KEY=\"sk-old-hidden-0123456789\"\nc = 3\n";
        const QByteArray after
            = "a = 1\nb = 9\nENV_API_KEY=\"tg-0123456789abcdef\"\nc = 3\nd = 4\n";
        QCOMPARE(
            unifiedDiff(QStringLiteral("~/f"), before, after, "tg-0123456789abcdef"),
            QStringLiteral("--- ~/f\n+++ ~/f\n@@ -2,2 +2,2 @@\n-b = 2\n-ENV_API_KEY=\"…\"\n+b = 9\n"
                           "+ENV_API_KEY=\"tg-…cdef\"\n@@ -4,0 +5,1 @@\n+d = 4\n"));
        QVERIFY(unifiedDiff(QStringLiteral("f"), before, before, {}).isEmpty());
    }

    void aDiffOfEverythingIsStillADiff()
    {
        QByteArray before;
        QByteArray after;
        for (int i = 0; i < 3000; ++i) {
            before += "a" + QByteArray::number(i) + "\n";
            after += "b" + QByteArray::number(i) + "\n";
        }
        const QString diff = unifiedDiff(QStringLiteral("f"), before, after, {});
        QCOMPARE(diff.count(u'\n'), 6003);
    }
};

QTEST_GUILESS_MAIN(TestRecipes)
#include "test_recipes.moc"
