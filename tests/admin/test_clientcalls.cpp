// SPDX-License-Identifier: GPL-3.0-or-later
// Connecting programs through the management calls, in a home of the test's own.
#include "tests/admin/testhouse.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

using namespace tollgate;
using namespace tollgate::admin;

namespace {

const QString token = QStringLiteral("tg-0123456789abcdefghijklmnopqrstuvwxyz");

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QJsonObject wanted(const char *client)
{
    return {{word("client"), word(client)},
            {word("token"), token},
            {word("model"), word("demo/echo")},
            {word("base_url"), word("http://127.0.0.1:4999/v1/")}};
}

QJsonObject firstFile(const QJsonObject &answer)
{
    return answer.value(word("files")).toArray().first().toObject();
}

} // namespace

class TestClientCalls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_home = std::make_unique<QTemporaryDir>();
        for (const char *name : {"CODEX_HOME", "CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME"})
            qunsetenv(name);
        qputenv("HOME", m_home->path().toUtf8());
        if (QDir::homePath() != m_home->path())
            QSKIP("The home folder cannot be moved here.");
        m_file = m_home->filePath(word(".codex/config.toml"));
        QDir().mkpath(QFileInfo(m_file).path());
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(before) > 0);
    }

    void aClientIsShownConnectedAndTakenBack()
    {
        TestHouse house;
        const auto shown = house.call("client preview", wanted("codex"));
        QVERIFY2(shown, shown ? "" : qPrintable(shown.error().message));
        const QString diff = firstFile(*shown).value(word("diff")).toString();
        QVERIFY(diff.contains(word("+base_url = \"http://127.0.0.1:4999/v1\"")));
        QVERIFY(!diff.contains(token));
        QCOMPARE(contentOf(m_file), before);

        QJsonObject arguments = wanted("codex");
        arguments.insert(word("seen"), QJsonArray{firstFile(*shown).value(word("before"))});
        const auto done = house.call("client apply", arguments);
        QVERIFY2(done, done ? "" : qPrintable(done.error().message));
        QCOMPARE(firstFile(*done).value(word("state")).toString(), word("ours"));
        QVERIFY(contentOf(m_file).contains(token.toUtf8()));
        QVERIFY(!house.everything().contains(token.toUtf8()));

        const auto seen = house.call("client status");
        QCOMPARE(firstFile(*seen).value(word("client")).toString(), word("codex"));
        const auto back = house.call("client revert", {{word("client"), word("codex")}});
        QVERIFY(back && firstFile(*back).value(word("identical")).toBool());
        QCOMPARE(contentOf(m_file), before);
        QVERIFY(house.call("client status")->value(word("files")).toArray().isEmpty());
    }

    void aFileThatChangedSinceThePreviewIsRefused()
    {
        TestHouse house;
        QJsonObject arguments = wanted("codex");
        arguments.insert(word("seen"), QJsonArray{word("0123")});
        const auto done = house.call("client apply", arguments);
        QVERIFY(!done && done.error().code == "changed_since");
        QCOMPARE(contentOf(m_file), before);
    }

    void clientsAreListedAndTheirCardsFilled()
    {
        TestHouse house;
        bool found = false;
        const QJsonArray rows = house.call("client list")->value(word("clients")).toArray();
        for (const QJsonValue &row : rows)
            found = found
                || (row.toObject().value(word("id")) == word("codex")
                    && row.toObject().value(word("found")).toBool());
        QVERIFY(found);
        const auto card = house.call(
            "client show", {{word("client"), word("aider")}, {word("model"), word("gpt-5")}});
        const QString text = card->value(word("client"))
                                 .toObject()
                                 .value(word("snippets"))
                                 .toArray()
                                 .first()
                                 .toObject()
                                 .value(word("text"))
                                 .toString();
        QVERIFY(text.contains(word("openai/gpt-5")) && text.contains(word("YOUR-TOKEN")));
    }

    void whatIsMissingOrUnknownIsRefused()
    {
        TestHouse house;
        QVERIFY(!house.call("client preview", {{word("client"), word("codex")}}));
        QVERIFY(!house.call("client show", {{word("client"), word("nobody")}}));
        QVERIFY(!house.call("client revert", {{word("client"), word("codex")}}));
        QJsonObject odd = wanted("codex");
        odd.insert(word("base_url"), word("ftp://x"));
        QVERIFY(!house.call("client preview", odd));
        QCOMPARE(house.call("client apply", wanted("cursor")).error().code, "by_hand");
    }

private:
    const QByteArray before = "# mine\nmodel = \"o3\"\n";
    std::unique_ptr<QTemporaryDir> m_home;
    QString m_file;
};

QTEST_GUILESS_MAIN(TestClientCalls)
#include "test_clientcalls.moc"
