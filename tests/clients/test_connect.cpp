// SPDX-License-Identifier: GPL-3.0-or-later
// Connecting and disconnecting each client of one click, over settings files as people have them.
#include "core/clients/clients.h"
#include "tests/clients/samples.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

using namespace tollgate;
using namespace tollgate::clients;

namespace {

const QString token = QStringLiteral("tg-0123456789abcdefghijklmnopqrstuvwxyz");

Wish wish()
{
    return {QStringLiteral("http://127.0.0.1:4180"),
            token,
            QStringLiteral("gpt-5"),
            {},
            {{QStringLiteral("gpt-5"), {}, 400000, 128000, true},
             {QStringLiteral("demo/echo"), QStringLiteral("Echo"), 0, 0, false}}};
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("no such file");
}

void put(const QString &path, const QByteArray &text)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
}

// Every file and folder below, with its content.
QMap<QString, QByteArray> treeOf(const QString &folder)
{
    QMap<QString, QByteArray> out;
    const QFileInfoList all
        = QDir(folder).entryInfoList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    for (const QFileInfo &one : all) {
        if (one.isDir()) {
            out.insert(one.filePath(), "folder");
            out.insert(treeOf(one.filePath()));
        } else {
            out.insert(one.filePath(), contentOf(one.filePath()));
        }
    }
    return out;
}

const QDateTime now = QDateTime::fromString(QStringLiteral("2026-11-23T05:12:00Z"), Qt::ISODate);

struct Place
{
    QTemporaryDir folder;
    Home home;
    QString profile;

    Place()
    {
        home.folder = folder.path() + QStringLiteral("/me");
        profile = folder.path() + QStringLiteral("/profile");
        QDir().mkpath(home.folder);
        QDir().mkpath(profile);
    }

    [[nodiscard]] QString fileOf(const Recipe &recipe, std::size_t index = 0) const
    {
        QString place;
        for (const QString &one : recipe.files[index].places[0]) {
            if (place.isEmpty() && one.startsWith(u'~'))
                place = home.folder + one.mid(1);
        }
        return place;
    }

    [[nodiscard]] Result<std::vector<FileStatus>> connect(const Recipe &recipe) const
    {
        const auto shown = preview(recipe, home, wish());
        return shown ? apply(*shown, profile, now) : tl::unexpected<Error>(shown.error());
    }
};

Recipe named(const char *id)
{
    return *recipeNamed(QString::fromLatin1(id));
}

} // namespace

class TestConnect : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyClientGoesThereAndBack_data()
    {
        QTest::addColumn<QString>("client");
        QTest::addColumn<QByteArray>("text");
        for (const Recipe &recipe : recipes()) {
            if (recipe.way != Way::OneClick)
                continue;
            for (const Sample &sample : samplesOf(recipe.files.front().format))
                QTest::addRow("%s, %s", qPrintable(recipe.id), sample.name)
                    << recipe.id << sample.text;
        }
    }
    void everyClientGoesThereAndBack()
    {
        QFETCH(QString, client);
        QFETCH(QByteArray, text);
        const Recipe recipe = *recipeNamed(client);
        const Place place;
        const QString path = place.fileOf(recipe);
        put(path, text);
        const auto before = treeOf(place.home.folder);

        const auto shown = preview(recipe, place.home, wish());
        QVERIFY2(shown, shown ? "" : qPrintable(shown.error().message));
        QCOMPARE(treeOf(place.home.folder), before);
        for (const FilePlan &file : shown->files) {
            QVERIFY(!file.keys.empty());
            QVERIFY(file.diff.startsWith(QStringLiteral("--- ~/")));
            QVERIFY(!file.diff.contains(token));
        }
        const auto done = apply(*shown, place.profile, now);
        QVERIFY2(done, done ? "" : qPrintable(done.error().message));

        // Ours are there, each line of before is too, and in its order.
        for (std::size_t i = 0; i < recipe.files.size(); ++i) {
            const QByteArray written = contentOf(place.fileOf(recipe, i));
            for (const Edit &edit : recipe.files[i].edits)
                QVERIFY2(editorFor(recipe.files[i].format).find(written, edit.path)->has_value(),
                         qPrintable(dotted(edit.path)));
        }
        qsizetype lost = 0;
        qsizetype at = 0;
        const QByteArrayList after = contentOf(path).split('\n');
        const QByteArrayList lines = text.split('\n');
        for (QByteArray line : lines) {
            if (line.endsWith('\r'))
                line.chop(1);
            const auto same = [&](const QByteArray &one) {
                return one == line || one == line + '\r' || one == line + ',' || one == line + ",\r"
                    || (line.contains("//")
                        && one.startsWith(line.left(line.indexOf("//")).trimmed()));
            };
            const auto found = std::find_if(after.begin() + at, after.end(), same);
            if (found == after.end())
                ++lost;
            else
                at = found - after.begin() + 1;
        }
        QVERIFY2(lost <= (lines.size() < 3 ? 2 : 3), QByteArray::number(lost).constData());

        const auto again = preview(recipe, place.home, wish());
        QVERIFY(again);
        for (const FilePlan &file : again->files)
            QVERIFY(file.keys.empty() && file.diff.isEmpty());
        const auto seen = status(place.profile);
        QVERIFY(seen);
        for (const FileStatus &file : *seen)
            QVERIFY(file.untouched && file.problem.isEmpty() && !file.keys.empty());
        QVERIFY(
            !contentOf(place.profile + QStringLiteral("/clients.json")).contains(token.toUtf8()));

        const auto back = revert(client, place.profile);
        QVERIFY2(back, back ? "" : qPrintable(back.error().message));
        for (const Reverted &file : *back)
            QVERIFY(file.identical && file.kept.isEmpty());
        QCOMPARE(treeOf(place.home.folder), before);
        QVERIFY(status(place.profile)->empty());
    }

    void aFileThatWasNotThereIsMadeAndRemoved_data()
    {
        QTest::addColumn<QString>("client");
        for (const Recipe &recipe : recipes()) {
            if (recipe.way == Way::OneClick)
                QTest::newRow(qPrintable(recipe.id)) << recipe.id;
        }
    }
    void aFileThatWasNotThereIsMadeAndRemoved()
    {
        QFETCH(QString, client);
        const Recipe recipe = *recipeNamed(client);
        const Place place;
        QVERIFY(place.connect(recipe));
        const QString path = place.fileOf(recipe);
        QVERIFY(contentOf(path).contains("127.0.0.1:4180") || recipe.files.size() > 1);
        QVERIFY(!(QFile::permissions(path) & (QFile::ReadGroup | QFile::ReadOther)));
        QVERIFY(revert(client, place.profile));
        QVERIFY(treeOf(place.home.folder).isEmpty());
    }

    void whatOthersWroteSinceStays_data() { everyClientGoesThereAndBack_data(); }
    void whatOthersWroteSinceStays()
    {
        QFETCH(QString, client);
        QFETCH(QByteArray, text);
        const Recipe recipe = *recipeNamed(client);
        const Place place;
        const QString path = place.fileOf(recipe);
        put(path, text);
        QVERIFY(place.connect(recipe));
        const QByteArray end = contentOf(path).contains("\r\n") ? "\r\n" : "\n";
        put(path, contentOf(path) + end);
        const auto seen = status(place.profile);
        QVERIFY(seen);
        for (const FileStatus &file : *seen) {
            for (const KeyStatus &key : file.keys)
                QCOMPARE(key.state, KeyState::Ours);
        }
        const auto back = revert(client, place.profile);
        QVERIFY2(back, back ? "" : qPrintable(back.error().message));
        const QByteArray left = contentOf(path);
        QVERIFY(!left.contains(token.toUtf8()));
        QVERIFY(!left.contains("127.0.0.1:4180"));
        for (const Edit &edit : recipe.files.front().edits) {
            const Editor &editor = editorFor(recipe.files.front().format);
            QCOMPARE(editor.find(left, edit.path)->has_value(),
                     editor.find(text, edit.path)->has_value());
        }
    }

    void valuesOfBeforeComeBackOneByOne()
    {
        const Place place;
        const Recipe codex = named("codex");
        const QString path = place.fileOf(codex);
        put(path,
            "model = 'o3' # mine\nmodel_provider = \"other\"\n[model_providers.tollgate]\n"
            "experimental_bearer_token = 'old-secret'\n");
        QVERIFY(place.connect(codex));
        QVERIFY(!contentOf(place.profile + QStringLiteral("/clients.json")).contains("old-secret"));
        put(path, contentOf(path) + "# more\n");
        const auto back = revert(codex.id, place.profile);
        QVERIFY(back && !back->front().identical);
        QCOMPARE(contentOf(path),
                 "model = 'o3' # mine\nmodel_provider = \"other\"\n"
                 "[model_providers.tollgate]\n"
                 "experimental_bearer_token = 'old-secret'\n# more\n");
    }

    void driftIsTold()
    {
        const Place place;
        const Recipe claude = named("claude-code");
        const QString path = place.fileOf(claude);
        QVERIFY(place.connect(claude));
        QByteArray text = contentOf(path);
        text.replace("http://127.0.0.1:4180", "https://elsewhere.example");
        put(path,
            *editorFor(Format::Json)
                 .erase(text, {QStringLiteral("env"), QStringLiteral("ANTHROPIC_MODEL")}));
        const auto seen = status(place.profile);
        QCOMPARE(seen->size(), 1U);
        QVERIFY(!seen->front().untouched);
        QMap<QString, KeyState> states;
        for (const KeyStatus &key : seen->front().keys)
            states.insert(key.path.last(), key.state);
        QCOMPARE(states.value(QStringLiteral("ANTHROPIC_BASE_URL")), KeyState::Changed);
        QCOMPARE(states.value(QStringLiteral("ANTHROPIC_MODEL")), KeyState::Gone);
        QCOMPARE(states.value(QStringLiteral("ANTHROPIC_AUTH_TOKEN")), KeyState::Ours);
        const auto back = revert(claude.id, place.profile);
        QCOMPARE(back->front().kept, QStringList{QStringLiteral("env.ANTHROPIC_BASE_URL")});
        QVERIFY(contentOf(path).contains("elsewhere.example"));
        QVERIFY(!contentOf(path).contains(token.toUtf8()));
        put(path, "{ broken");
    }

    void aSecondConnectionStillLeadsBackToTheFirstBytes()
    {
        const Place place;
        const Recipe codex = named("codex");
        const QString path = place.fileOf(codex);
        put(path, "model = \"o3\"\n");
        const auto before = treeOf(place.home.folder);
        QVERIFY(place.connect(codex));
        Wish other = wish();
        other.token = QStringLiteral("tg-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz");
        other.model = QStringLiteral("claude-sonnet");
        QVERIFY(apply(*preview(codex, place.home, other), place.profile, now.addSecs(60)));
        QVERIFY(contentOf(path).contains("claude-sonnet"));
        QVERIFY(revert(codex.id, place.profile)->front().identical);
        QCOMPARE(treeOf(place.home.folder), before);
    }

    void aFileChangedSinceThePreviewIsNotTouched()
    {
        const Place place;
        const Recipe zed = named("zed");
        const QString path = place.fileOf(zed);
        put(path, "{}\n");
        const auto shown = preview(zed, place.home, wish());
        put(path, "{ }\n");
        const auto before = treeOf(place.folder.path());
        const auto done = apply(*shown, place.profile, now);
        QVERIFY(!done);
        QCOMPARE(done.error().code, "changed_since");
        QCOMPARE(treeOf(place.folder.path()), before);
    }

    void brokenAndForeignFilesAreRefusedAndUntouched()
    {
        const QMap<QString, QByteArray> broken{{QStringLiteral("claude-code"), "{\"env\": "},
                                               {QStringLiteral("codex"), "model = \n"},
                                               {QStringLiteral("continue"), "models: [{}]\n"},
                                               {QStringLiteral("opencode"), "[]"},
                                               {QStringLiteral("zed"), QByteArray(9 << 20, ' ')}};
        for (auto one = broken.begin(); one != broken.end(); ++one) {
            const Place place;
            const Recipe recipe = *recipeNamed(one.key());
            put(place.fileOf(recipe), one.value());
            const auto before = treeOf(place.folder.path());
            QVERIFY2(!place.connect(recipe), qPrintable(one.key()));
            QCOMPARE(treeOf(place.folder.path()), before);
        }
    }

    void aReadOnlyFileIsRefused()
    {
        const Place place;
        const Recipe codex = named("codex");
        put(place.fileOf(codex), "a = 1\n");
        QVERIFY(QFile::setPermissions(place.fileOf(codex), QFile::ReadOwner));
        const auto shown = preview(codex, place.home, wish());
        QVERIFY(!shown && shown.error().message.contains(QStringLiteral("read-only")));
    }

    void theSecondFileFailingTakesTheFirstBack()
    {
        const Place place;
        const Recipe gemini = named("gemini-cli");
        put(place.fileOf(gemini, 0), "{\n  \"ui\": 1\n}\n");
        auto shown = preview(gemini, place.home, wish());
        QVERIFY(shown && shown->files.size() == 2);
        // A key that cannot be read back stops the second file, when the first is written already.
        shown->files[1].keys.push_back({{QStringLiteral("NOT_THERE")}, false, false});
        const auto before = treeOf(place.home.folder);
        QVERIFY(!apply(*shown, place.profile, now));
        QCOMPARE(treeOf(place.home.folder), before);
        QVERIFY(status(place.profile)->empty());
    }

    void aLinkIsFollowedAndPermissionsStay()
    {
#ifdef Q_OS_WIN
        QSKIP("Links need a privilege on Windows.");
#endif
        const Place place;
        const Recipe codex = named("codex");
        const QString real = place.home.folder + QStringLiteral("/dotfiles/codex.toml");
        put(real, "a = 1\n");
        const auto mode = QFile::ReadOwner | QFile::WriteOwner | QFile::ReadUser | QFile::WriteUser
            | QFile::ReadGroup;
        QVERIFY(QFile::setPermissions(real, mode));
        const QString path = place.fileOf(codex);
        QDir().mkpath(QFileInfo(path).path());
        QVERIFY(QFile::link(real, path));
        const auto shown = preview(codex, place.home, wish());
        QVERIFY(shown && shown->files.front().othersMayRead);
        QVERIFY(shown->notes.join(u' ').contains(QStringLiteral("Other users")));
        QVERIFY(apply(*shown, place.profile, now));
        QVERIFY(QFileInfo(path).isSymLink());
        QVERIFY(contentOf(real).contains("tollgate"));
        QCOMPARE(QFile::permissions(real), mode);
        const QString copy = status(place.profile)->front().backup;
        QVERIFY(copy.startsWith(real) && !(QFile::permissions(copy) & QFile::ReadGroup));
        QVERIFY(revert(codex.id, place.profile)->front().identical);
        QVERIFY(QFileInfo(path).isSymLink());
        QCOMPARE(contentOf(real), "a = 1\n");

        QFile::remove(real);
        QVERIFY(!preview(codex, place.home, wish()));
    }

    void aLostCopyStillTakesOurKeysOut()
    {
        const Place place;
        const Recipe claude = named("claude-code");
        const QString path = place.fileOf(claude);
        put(path, "{\n  \"a\": 1\n}\n");
        QVERIFY(place.connect(claude));
        QVERIFY(QFile::remove(status(place.profile)->front().backup));
        const auto back = revert(claude.id, place.profile);
        QVERIFY(back && back->front().sentence.contains(QStringLiteral("copy")));
        QCOMPARE(contentOf(path), "{\n  \"a\": 1\n}\n");
    }

    void whatIsNotConnectedCannotBeReverted()
    {
        const Place place;
        const auto back = revert(QStringLiteral("codex"), place.profile);
        QVERIFY(!back && back.error().kind == ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestConnect)
#include "test_connect.moc"
