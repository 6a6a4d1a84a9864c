// SPDX-License-Identifier: GPL-3.0-or-later
// What the gateway answers by itself to clients of Ollama.
#include "core/protocol/jsontree.h"
#include "core/relay/answers.h"

#include <QTest>

using namespace tollgate;
using namespace tollgate::relay;

namespace {

Snapshot snapshot()
{
    auto table = std::make_shared<routing::ChannelTable>();
    const auto add = [&table](const char *provider, const QByteArrayList &models) {
        auto channel = std::make_shared<routing::Channel>();
        channel->row.provider = provider;
        channel->row.models = models;
        table->channels.push_back(std::move(channel));
    };
    auto mapped = std::make_shared<routing::Channel>();
    mapped->row.provider = "anthropic";
    mapped->row.models = {"smart"};
    mapped->row.modelMap = {{"smart", "claude-sonnet-4-5"}};
    table->channels.push_back(std::move(mapped));
    add("openai", {"gpt-4o", "text-embedding-3-small"});
    add("local", {"home-made:7b"});
    Snapshot made;
    made.channels = std::move(table);
    return made;
}

Result<QByteArray> ask(const char *method, const char *path, const QByteArray &body = {},
                       const store::TokenRow &token = {})
{
    const auto endpoint = protocol::findEndpoint(method, path, "", false);
    return endpoint ? modelsAnswer(*endpoint, body, snapshot(), token) : failure(endpoint.error());
}

} // namespace

class TestAnswers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tagsListWhatTheTokenMayUse()
    {
        store::TokenRow token;
        token.models = {"gpt-*"};
        const auto list = ask("GET", "/api/tags", {}, token);
        QVERIFY(list);
        const auto tree = protocol::JsonTree::parse(*list);
        QVERIFY(tree);
        QCOMPARE(tree->root()["models"].size(), 1);
        QCOMPARE((*tree->root()["models"].begin())["name"].string(), QByteArray("gpt-4o"));
    }

    void aModelIsShownWithWhatTheCatalogueKnows_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("capabilities");
        QTest::addColumn<QByteArray>("context");
        const auto row = [](const char *body, const char *capabilities, const char *context) {
            QTest::newRow(body) << QByteArray(body) << QByteArray(capabilities)
                                << QByteArray(context);
        };
        row(R"({"model":"gpt-4o"})", R"(["completion","tools","vision"])",
            "\"openai.context_length\":128000");
        // Under the vendor's name, where the client knows another.
        row(R"({"name":"smart"})", R"(["completion","tools","vision","thinking"])",
            "\"anthropic.context_length\":200000");
        row(R"({"model":"text-embedding-3-small"})", R"(["embedding"])", "\"model_info\"");
        row(R"({"model":"home-made:7b"})", R"(["completion","tools","vision"])",
            "\"general.architecture\":\"local\"");
    }

    void aModelIsShownWithWhatTheCatalogueKnows()
    {
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, capabilities);
        QFETCH(QByteArray, context);
        const auto shown = ask("POST", "/api/show", body);
        QVERIFY(shown);
        QVERIFY2(shown->contains("\"capabilities\":" + capabilities), shown->constData());
        QVERIFY2(shown->contains(context), shown->constData());
    }

    void modelsOfOthersAreNotFound()
    {
        store::TokenRow token;
        token.models = {"gpt-4o"};
        for (const char *body : {R"({"model":"smart"})", R"({"model":"nothing"})", "{}", "["}) {
            const auto shown = ask("POST", "/api/show", body, token);
            QVERIFY(!shown);
            QCOMPARE(int(shown.error().kind), int(ErrorKind::NotFound));
        }
    }

    void nothingRunsAndTheVersionIsTold()
    {
        QCOMPARE(*ask("GET", "/api/ps"), QByteArray(R"({"models":[]})"));
        QVERIFY(ask("GET", "/api/version")->startsWith(R"({"version":)"));
    }
};

QTEST_APPLESS_MAIN(TestAnswers)
#include "test_answers.moc"
