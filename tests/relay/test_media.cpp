// SPDX-License-Identifier: GPL-3.0-or-later
// Files by URL for vendors that fetch none: fetched through the guard and sent along.
#include "core/relay/media.h"
#include "tests/relay/world.h"

#include <QTcpServer>
#include <QTcpSocket>

using namespace tollgate;
using namespace tollgate::test;
using conversation::Media;
using protocol::Dialect;

namespace {

const QByteArray kPng = QByteArray("\x89PNG\r\n\x1a\n", 8) + "picture";
const QByteArray kPdf = "%PDF-1.7 words";

// Answers each path with what the test put there; what nobody put is silence.
class Files : public QObject
{
public:
    Files()
    {
        if (!m_server.listen(QHostAddress::LocalHost))
            qFatal("no port");
        connect(&m_server, &QTcpServer::newConnection, this, [this] {
            QTcpSocket *socket = m_server.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [this, socket] {
                const QByteArray request = socket->readAll();
                const QByteArray path = request.split(' ').value(1);
                asked.append(path);
                if (const auto found = answers.constFind(path); found != answers.constEnd())
                    socket->write("HTTP/1.1 200 OK\r\nContent-Length: "
                                  + QByteArray::number(found->size()) + "\r\n\r\n" + *found);
            });
            connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        });
    }
    [[nodiscard]] QByteArray host() const
    {
        return "127.0.0.1:" + QByteArray::number(m_server.serverPort());
    }
    [[nodiscard]] QByteArray url(const QByteArray &path) const { return "http://" + host() + path; }

    QHash<QByteArray, QByteArray> answers;
    QByteArrayList asked;

private:
    QTcpServer m_server;
};

class Vendor final : public FakeProvider
{
public:
    Vendor(std::deque<std::shared_ptr<Wire>> &wires, QByteArray id, Dialect dialect)
        : FakeProvider(wires)
        , m_id(std::move(id))
        , m_dialect(dialect)
    {
    }
    [[nodiscard]] QByteArray id() const override { return m_id; }
    [[nodiscard]] bool speaks(protocol::Operation operation, Dialect dialect) const override
    {
        return operation == protocol::Operation::Generate && dialect == m_dialect;
    }
    [[nodiscard]] conversation::Target target(const QByteArray &model) const override
    {
        conversation::Target target;
        target.model = model;
        target.takesImageUrls = m_dialect == Dialect::Messages;
        return target;
    }

private:
    QByteArray m_id;
    Dialect m_dialect;
};

struct Scene
{
    World world;
    Files files;
    std::shared_ptr<relay::Snapshot> snapshot;

    explicit Scene(const std::vector<std::pair<QByteArray, Dialect>> &vendors
                   = {{"gemini-like", Dialect::Gemini}})
        : world(1, NanoUsd{1'000'000'000'000})
        , snapshot(std::make_shared<relay::Snapshot>(*world.snapshot))
    {
        auto table = std::make_shared<routing::ChannelTable>();
        for (const auto &[id, dialect] : vendors) {
            world.providers.add(std::make_unique<Vendor>(world.wires, id, dialect));
            auto channel = World::channel(int(table->channels.size()) + 1);
            channel->row.provider = id;
            table->channels.push_back(std::move(channel));
        }
        snapshot->channels = std::move(table);
        snapshot->settings.media.localHosts = {files.host()};
        use();
    }
    void use() { world.relay->setSnapshot(std::make_shared<relay::Snapshot>(*snapshot)); }
    std::shared_ptr<Client> ask(const QByteArrayList &parts)
    {
        return world.ask(R"({"model":"m","max_tokens":100,"messages":[{"role":"user","content":[)"
                             + parts.join(',') + "]}]}",
                         world.token.text);
    }
    std::shared_ptr<Client> askFor(const QByteArrayList &urls)
    {
        QByteArrayList parts{R"({"type":"text","text":"what is this?"})"};
        for (const QByteArray &url : urls)
            parts.append(R"({"type":"image_url","image_url":{"url":")" + url + "\"}}");
        return ask(parts);
    }
    [[nodiscard]] std::int64_t leftOver() const
    {
        return world.counters.fetching + world.counters.mediaBytes;
    }
};

QByteArray errorCode(const Client &client)
{
    const auto tree = protocol::JsonTree::parse(client.bytes);
    return tree ? tree->root()["error"]["code"].string() : QByteArray();
}

conversation::Request with(std::initializer_list<Media> list)
{
    conversation::Request request;
    conversation::Message message;
    for (const Media &media : list)
        message.parts.push_back({media, {}, {}, {}, {}});
    request.messages.push_back(std::move(message));
    return request;
}

Media at(Media::Kind kind, const char *url)
{
    Media media;
    media.kind = kind;
    media.source = Media::Source::Url;
    media.data = url;
    return media;
}

} // namespace

class TestMedia : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPictureIsFetchedAndSentAlong()
    {
        Scene scene;
        scene.files.answers["/cat?token=1"] = kPng;
        const auto client = scene.askFor({scene.files.url("/cat?token=1")});
        QVERIFY(scene.world.waitForWire(1));
        const QByteArray body = scene.world.wires[0]->request.body;
        QVERIFY(body.contains(kPng.toBase64()));
        QVERIFY(body.contains("image/png"));
        QVERIFY(!body.contains("127.0.0.1"));
        scene.world.wires[0]->answer(
            200, "application/json",
            R"({"candidates":[{"content":{"parts":[{"text":"a cat"}]},"finishReason":"STOP"}]})");
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 200);
        const QByteArray reason = scene.world.record().attempts.front().reason;
        QVERIFY2(reason.contains("with 1 file from 127.0.0.1"), reason.constData());
        QVERIFY(!reason.contains("token") && !reason.contains("cat"));
        QTRY_COMPARE(scene.world.relay->running(), std::size_t(0));
        QCOMPARE(scene.leftOver(), 0);
    }

    void eachUrlIsFetchedOnce()
    {
        Scene scene;
        scene.files.answers["/a"] = kPng;
        scene.files.answers["/b"] = kPng + "b";
        const auto client
            = scene.askFor({scene.files.url("/a"), scene.files.url("/b"), scene.files.url("/a")});
        QVERIFY(scene.world.waitForWire(1));
        QCOMPARE(scene.files.asked.size(), 2);
        QCOMPARE(scene.world.wires[0]->request.body.count(kPng.toBase64().chopped(2)), 3);
    }

    void whoSpeaksTheClientsDialectGetsTheUrl()
    {
        Scene scene({{"same", Dialect::Chat}});
        const auto client = scene.askFor({scene.files.url("/a")});
        QVERIFY(scene.world.waitForWire(1));
        QVERIFY(scene.world.wires[0]->request.body.contains(scene.files.url("/a")));
        QVERIFY(scene.files.asked.isEmpty());
    }

    void whoTakesUrlsGetsTheUrl()
    {
        Scene scene({{"messages-like", Dialect::Messages}});
        const auto client = scene.askFor({"https://example.org/a.png"});
        QVERIFY(scene.world.waitForWire(1));
        QVERIFY(scene.world.wires[0]->request.body.contains("https://example.org/a.png"));
    }

    void whatCannotBeFetchedIsToldInTheClientsWords_data()
    {
        QTest::addColumn<QByteArray>("content"); // null: nothing listens there
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("no picture") << QByteArray("<html>") << QByteArray("media_type");
        QTest::newRow("a PDF where a picture should be") << kPdf << QByteArray("media_type");
        QTest::newRow("empty") << QByteArray("") << QByteArray("media_type");
        QTest::newRow("too large")
            << kPng + QByteArray(200'000, 'x') << QByteArray("media_too_large");
        QTest::newRow("too slow") << QByteArray() << QByteArray("media_timeout");
    }

    void whatCannotBeFetchedIsToldInTheClientsWords()
    {
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, code);
        Scene scene;
        scene.snapshot->settings.media.largest = 100'000;
        scene.snapshot->settings.media.totalMs = content.isNull() ? 200 : 60'000;
        scene.use();
        scene.files.answers["/good"] = kPng;
        if (!content.isNull())
            scene.files.answers["/x"] = content;
        const auto client = scene.askFor({scene.files.url("/good"), scene.files.url("/x")});
        QTRY_VERIFY_WITH_TIMEOUT(client->finished(), 60'000);
        QCOMPARE(client->status, 400);
        QCOMPARE(errorCode(*client), code);
        QVERIFY2(client->bytes.contains("image 2 of 2 (127.0.0.1)"), client->bytes.constData());
        QVERIFY(scene.world.wires.empty());
        QCOMPARE(scene.world.budget().spent.value, 0);
        QCOMPARE(scene.world.budget().reserved.value, 0);
        QCOMPARE(scene.leftOver(), 0);
    }

    void aPrivateAddressIsNotAsked()
    {
        Scene scene;
        scene.snapshot->settings.media.localHosts = {};
        scene.use();
        scene.files.answers["/a"] = kPng;
        const auto client = scene.askFor({scene.files.url("/a")});
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 400);
        QCOMPARE(errorCode(*client), QByteArray("media_denied"));
        QVERIFY(scene.files.asked.isEmpty());
    }

    void anotherChannelMayTakeWhatCouldNotBeFetched()
    {
        Scene scene({{"gemini-like", Dialect::Gemini}, {"messages-like", Dialect::Messages}});
        const auto client = scene.askFor({"http://169.254.169.254/a.png"});
        QVERIFY(scene.world.waitForWire(1));
        QVERIFY(scene.world.wires[0]->request.body.contains("169.254.169.254"));
    }

    void switchedOffNothingIsFetched()
    {
        Scene scene({{"converse-like", Dialect::Converse}});
        scene.snapshot->settings.media.fetch = false;
        scene.use();
        const auto client = scene.askFor({scene.files.url("/a")});
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 400);
        QVERIFY(scene.files.asked.isEmpty());
    }

    void aRequestNamesAFewFilesOnly()
    {
        Scene scene;
        scene.snapshot->settings.media.most = 2;
        scene.use();
        const auto client
            = scene.askFor({scene.files.url("/a"), scene.files.url("/b"), scene.files.url("/c")});
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 400);
        QCOMPARE(errorCode(*client), QByteArray("media_count"));
        QVERIFY(scene.files.asked.isEmpty());
    }

    void oneAtATimeIsEnoughForMany()
    {
        Scene scene;
        scene.snapshot->settings.media.concurrency = 1;
        scene.snapshot->settings.media.totalMs = 60'000;
        scene.use();
        QByteArrayList urls;
        for (int i = 0; i < 5; ++i) {
            const QByteArray path = "/" + QByteArray::number(i);
            scene.files.answers[path] = kPng;
            urls.append(scene.files.url(path));
        }
        const auto one = scene.askFor(urls);
        const auto other = scene.askFor(urls);
        QVERIFY(scene.world.waitForWire(2));
        QCOMPARE(scene.files.asked.size(), 10);
        QCOMPARE(scene.world.counters.fetching.load(), 0);
    }

    void aFullHouseSaysSo()
    {
        Scene scene;
        scene.snapshot->settings.media.totalMs = 200;
        scene.use();
        scene.world.counters.fetching = scene.snapshot->settings.media.concurrency;
        const auto client = scene.askFor({scene.files.url("/a")});
        QTRY_VERIFY(client->finished());
        QCOMPARE(client->status, 503);
        scene.world.counters.fetching = 0;
        QVERIFY(scene.files.asked.isEmpty());
    }

    void memoryIsBoundedForAllTogether()
    {
        Scene scene;
        scene.snapshot->settings.media.memory = 1'000'000;
        scene.use();
        scene.files.answers["/a"] = kPng + QByteArray(300'000, 'a');
        scene.files.answers["/b"] = kPng + QByteArray(300'000, 'b');
        const auto first = scene.askFor({scene.files.url("/a")});
        QVERIFY(scene.world.waitForWire(1));
        QVERIFY(scene.world.counters.mediaBytes.load() >= 800'000);
        const auto second = scene.askFor({scene.files.url("/b")});
        QTRY_VERIFY(second->finished());
        QCOMPARE(second->status, 503);
        scene.world.wires[0]->answer(
            200, "application/json",
            R"({"candidates":[{"content":{"parts":[{"text":"a cat"}]},"finishReason":"STOP"}]})");
        QTRY_VERIFY(first->finished());
        QTRY_COMPARE(scene.leftOver(), 0);
        const auto third = scene.askFor({scene.files.url("/b")});
        QVERIFY(scene.world.waitForWire(2));
    }

    void whoLeavesStopsTheFetching()
    {
        Scene scene;
        scene.snapshot->settings.media.totalMs = 60'000;
        scene.use();
        const auto client = scene.askFor({scene.files.url("/never")});
        QTRY_COMPARE(scene.files.asked.size(), 1);
        client->leave();
        QTRY_COMPARE(scene.world.relay->running(), std::size_t(0));
        QCOMPARE(scene.leftOver(), 0);
        QVERIFY(scene.world.wires.empty());
    }

    void whatIsFetchedDependsOnTheVendor_data()
    {
        QTest::addColumn<Dialect>("vendor");
        QTest::addColumn<bool>("takesUrls");
        QTest::addColumn<QByteArrayList>("fetched");
        const auto row
            = [](const char *name, Dialect vendor, bool takesUrls, const QByteArrayList &fetched) {
                  QTest::newRow(name) << vendor << takesUrls << fetched;
              };
        row("Chat", Dialect::Chat, true, {"pdf", "sound"});
        row("Chat without picture URLs", Dialect::Chat, false, {"png", "pdf", "sound"});
        row("Responses", Dialect::Responses, true, {});
        row("Messages", Dialect::Messages, true, {});
        row("Messages elsewhere", Dialect::Messages, false, {"png", "pdf"});
        row("Gemini of old", Dialect::Gemini, false, {"png", "pdf", "sound", "film"});
        row("Gemini", Dialect::Gemini, true, {});
        row("Converse", Dialect::Converse, false, {"png", "pdf", "sound", "film"});
        row("Ollama", Dialect::Ollama, true, {"png", "pdf"});
        row("Cohere", Dialect::Cohere, true, {"pdf"});
    }

    void whatIsFetchedDependsOnTheVendor()
    {
        QFETCH(Dialect, vendor);
        QFETCH(bool, takesUrls);
        QFETCH(QByteArrayList, fetched);
        conversation::Request request = with(
            {at(Media::Kind::Image, "https://h/png"), at(Media::Kind::Document, "https://h/pdf"),
             at(Media::Kind::Audio, "http://h/sound"), at(Media::Kind::Video, "https://h/film"),
             at(Media::Kind::Image, "gs://bucket/png"), at(Media::Kind::Image, "s3://b/png")});
        conversation::Target target;
        target.takesImageUrls = takesUrls;
        QByteArrayList found;
        for (const relay::MediaUrl &one : relay::urlsToFetch(request, vendor, target))
            found.append(one.url.mid(one.url.lastIndexOf('/') + 1));
        QCOMPARE(found, fetched);
    }

    void whatGoogleKnowsIsLeftToGoogle()
    {
        const auto request = with(
            {at(Media::Kind::Video, "https://www.youtube.com/watch?v=1"),
             at(Media::Kind::Image, "https://generativelanguage.googleapis.com/v1beta/files/x"),
             at(Media::Kind::Image, "https://youtube.com.evil.org/x")});
        conversation::Target target;
        target.takesImageUrls = false;
        const auto urls = relay::urlsToFetch(request, Dialect::Gemini, target);
        QCOMPARE(urls.size(), std::size_t(1));
        QCOMPARE(urls[0].url, QByteArray("https://youtube.com.evil.org/x"));
    }

    void picturesWithinToolResultsAreFetchedToo()
    {
        conversation::Request request;
        conversation::ToolResult result;
        result.callId = "c";
        result.parts.push_back(at(Media::Kind::Image, "https://h/png"));
        request.messages.push_back({});
        request.messages[0].parts.push_back({result, {}, {}, {}, {}});
        const auto urls = relay::urlsToFetch(request, Dialect::Converse, {});
        QCOMPARE(urls.size(), std::size_t(1));
        relay::MediaShelf shelf;
        shelf.put("https://h/png", relay::FetchedMedia{"image/png", "eA=="});
        QVERIFY(shelf.missing(urls).empty());
        const auto whole = shelf.inlined(request, urls);
        QVERIFY(whole);
        const auto &part = std::get<conversation::ToolResult>((*whole)->messages[0].parts[0].body);
        const Media &media = std::get<Media>(part.parts[0]);
        QCOMPARE(media.source, Media::Source::Base64);
        QCOMPARE(media.data, QByteArray("eA=="));
    }

    void bytesSayWhatTheyAre_data()
    {
        QTest::addColumn<Media::Kind>("kind");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("said");
        QTest::addColumn<QByteArray>("mime"); // empty: refused
        const auto row = [](const char *name, Media::Kind kind, const QByteArray &bytes,
                            const char *said, const char *mime) {
            QTest::newRow(name) << kind << bytes << QByteArray(said) << QByteArray(mime);
        };
        using Kind = Media::Kind;
        row("a picture under a false name", Kind::Image, kPng, "text/html", "image/png");
        row("a page under the name of a picture", Kind::Image, "<html>", "image/png", "");
        row("a drawing", Kind::Image, "<svg/>", "image/svg+xml", "");
        row("a bitmap, which is not on the list", Kind::Image, "BM......", "image/bmp", "");
        row("a document", Kind::Document, kPdf, "", "application/pdf");
        row("text", Kind::Document, "hello", "text/plain", "text/plain");
        row("text without a name", Kind::Document, "hello", "", "text/plain");
        row("a table", Kind::Document, "a,b", "text/csv", "text/csv");
        row("a page", Kind::Document, "<html>", "text/html", "");
        row("no text", Kind::Document, QByteArray("a\0b", 3), "text/plain", "");
        row("sound in a container", Kind::Audio,
            QByteArray("\0\0\0\x18"
                       "ftypisom",
                       12),
            "", "audio/mp4");
        row("film in a container", Kind::Video,
            QByteArray("\0\0\0\x18"
                       "ftypisom",
                       12),
            "", "video/mp4");
    }

    void bytesSayWhatTheyAre()
    {
        QFETCH(Media::Kind, kind);
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, said);
        QFETCH(QByteArray, mime);
        const auto media = relay::mediaFrom(kind, {bytes, said}, relay::MediaSettings().types);
        QCOMPARE(media ? media->mime : QByteArray(), mime);
        if (media)
            QCOMPARE(QByteArray::fromBase64(media->base64), bytes);
    }
};

QTEST_GUILESS_MAIN(TestMedia)
#include "test_media.moc"
