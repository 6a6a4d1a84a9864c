// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/adminclient.h"
#include "core/admin/adminserver.h"
#include "core/admin/profile.h"
#include "core/admin/wire.h"
#include "tests/admin/testhouse.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QJsonDocument>
#include <QLocalSocket>

using namespace tollgate;
using namespace tollgate::admin;

namespace {

// A daemon's two halves in one process: the Admin behind its socket.
struct Served
{
    TestHouse house;
    Profile profile{house.folder.path() + QStringLiteral("/profile")};
    std::unique_ptr<AdminServer> server;

    Served()
    {
        auto opened = AdminServer::open(profile.socketName(), *house.admin);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        server = std::move(*opened);
    }
    std::unique_ptr<AdminClient> client() const
    {
        return std::move(*AdminClient::connectTo(profile.socketName()));
    }
    // What the server says to these bytes until it falls silent or hangs up.
    QByteArray say(const QByteArray &bytes, bool *hungUp = nullptr) const
    {
        QLocalSocket socket;
        socket.connectToServer(profile.socketName());
        if (!socket.waitForConnected(30'000))
            return "no connection";
        socket.write(bytes);
        QByteArray answer;
        QElapsedTimer clock;
        clock.start();
        while (clock.elapsed() < 30'000 && !answer.endsWith('\n')
               && socket.state() == QLocalSocket::ConnectedState) {
            QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
            answer += socket.readAll();
        }
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
        if (hungUp)
            *hungUp = socket.state() != QLocalSocket::ConnectedState;
        return answer + socket.readAll();
    }
};

} // namespace

class TestAdminServer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void socketIsOnlyForItsUser();
    void callsAreAnsweredAsInTheSameProcess();
    void errorsComeBackWhole();
    void garbageIsAnsweredAndDropped_data();
    void garbageIsAnsweredAndDropped();
    void endlessLineIsCutOffAtItsLimit();
    void manyConnectionsAreBounded();
    void followerThatLeavesLeavesNothingBehind();
    void pipelinedCallsAreAnsweredInOrder();
    void deadDaemonsSocketIsTakenOver();
    void nobodyListeningIsNoError();
    void serverThatGoesAwayEndsItsCalls();
    void longProfilePathsHaveAShortSocketName();
    void profileFolderIsMadePrivate();
    void profileThatIsNoFolderIsRefused();
};

void TestAdminServer::socketIsOnlyForItsUser()
{
    Served served;
#ifdef Q_OS_UNIX
    const QFileInfo info(served.profile.socketName());
    QVERIFY(info.exists());
    constexpr auto kOthers = QFileDevice::ReadGroup | QFileDevice::WriteGroup
        | QFileDevice::ReadOther | QFileDevice::WriteOther;
    QVERIFY(!(info.permissions() & kOthers));
    QVERIFY(!(QFileInfo(info.path()).permissions() & (kOthers | QFileDevice::ExeOther)));
#else
    QSKIP("Named pipes have access lists instead of modes.");
#endif
}

void TestAdminServer::callsAreAnsweredAsInTheSameProcess()
{
    Served served;
    const auto client = served.client();
    QVERIFY(client);
    const auto added = wait(*client, "token add", {{word("name"), word("ci")}});
    QVERIFY(added);
    QCOMPARE(*wait(*client, "token list"), *served.house.call("token list"));
}

void TestAdminServer::errorsComeBackWhole()
{
    Served served;
    const auto client = served.client();
    const auto refused = wait(*client, "token show", {{word("token"), word("nobody")}});
    const auto direct = served.house.call("token show", {{word("token"), word("nobody")}});
    QVERIFY(!refused && !direct);
    QCOMPARE(refused.error().kind, direct.error().kind);
    QCOMPARE(refused.error().message, direct.error().message);
}

void TestAdminServer::garbageIsAnsweredAndDropped_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("text") << QByteArray("hello\n");
    QTest::newRow("http") << QByteArray("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    QTest::newRow("array") << QByteArray("[1,2]\n");
    QTest::newRow("nothing") << QByteArray("\n");
    QTest::newRow("bytes") << QByteArray("\x00\xff\xfe\n", 4);
    QTest::newRow("deep") << QByteArray(100'000, '[') + '\n';
    QTest::newRow("wrong type") << QByteArray("{\"command\":[]}\n");
}

void TestAdminServer::garbageIsAnsweredAndDropped()
{
    QFETCH(QByteArray, bytes);
    Served served;
    bool hungUp = false;
    const auto answer = wire::readAnswer(served.say(bytes, &hungUp).split('\n').first());
    QVERIFY(answer);
    QCOMPARE(answer->kind, wire::Answer::Kind::Error);
    QVERIFY(hungUp);
    QVERIFY(wait(*served.client(), "status"));
}

void TestAdminServer::endlessLineIsCutOffAtItsLimit()
{
    Served served;
    bool hungUp = false;
    const auto answer = wire::readAnswer(
        served.say(QByteArray(wire::kRequestLimit + 10, 'x'), &hungUp).trimmed());
    QVERIFY(answer);
    QCOMPARE(answer->error.kind, ErrorKind::TooLarge);
    QVERIFY(hungUp);
}

void TestAdminServer::manyConnectionsAreBounded()
{
    Served served;
    std::vector<std::unique_ptr<QLocalSocket>> sockets;
    for (int i = 0; i < 100; ++i) {
        sockets.push_back(std::make_unique<QLocalSocket>());
        sockets.back()->connectToServer(served.profile.socketName());
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    }
    QTRY_COMPARE(served.server->sessions(), 64);
    sockets.clear();
    QTRY_COMPARE(served.server->sessions(), 0);
    QVERIFY(wait(*served.client(), "status"));
}

void TestAdminServer::followerThatLeavesLeavesNothingBehind()
{
    Served served;
    QLocalSocket socket;
    socket.connectToServer(served.profile.socketName());
    QVERIFY(socket.waitForConnected(30'000));
    socket.write(wire::callLine(word("log"), {{word("follow"), true}}));
    QTRY_COMPARE(served.server->sessions(), 1);
    QTest::qWait(700);
    QVERIFY(socket.state() == QLocalSocket::ConnectedState);
    socket.abort();
    QTRY_COMPARE(served.server->sessions(), 0);
}

void TestAdminServer::pipelinedCallsAreAnsweredInOrder()
{
    Served served;
    QLocalSocket socket;
    socket.connectToServer(served.profile.socketName());
    QVERIFY(socket.waitForConnected(30'000));
    socket.write(wire::callLine(word("token add"), {{word("name"), word("a")}})
                 + wire::callLine(word("token show"), {{word("token"), word("a")}})
                 + wire::callLine(word("token show"), {{word("token"), word("b")}}));
    QByteArray answers;
    QTRY_VERIFY((answers += socket.readAll()).count('\n') == 3);
    const QList<QByteArray> lines = answers.split('\n');
    QVERIFY(wire::readAnswer(lines.at(0))->value.contains(word("token")));
    QCOMPARE(wire::readAnswer(lines.at(1))->value.value(word("details"))[word("name")].toString(),
             word("a"));
    QCOMPARE(wire::readAnswer(lines.at(2))->error.kind, ErrorKind::NotFound);
}

void TestAdminServer::deadDaemonsSocketIsTakenOver()
{
    TestHouse house;
    const Profile profile{house.folder.path() + QStringLiteral("/profile")};
    QFile left(profile.socketName());
    QVERIFY(left.open(QIODevice::WriteOnly));
    left.close();
    QVERIFY(!*AdminClient::connectTo(profile.socketName()));
    const auto server = AdminServer::open(profile.socketName(), *house.admin);
    QVERIFY(server);
    QVERIFY(*AdminClient::connectTo(profile.socketName()));
}

void TestAdminServer::nobodyListeningIsNoError()
{
    const QTemporaryDir folder;
    const auto client = AdminClient::connectTo(folder.path() + QStringLiteral("/admin.sock"));
    QVERIFY(client);
    QVERIFY(!*client);
}

void TestAdminServer::serverThatGoesAwayEndsItsCalls()
{
    Served served;
    const auto client = served.client();
    QVERIFY(client);
    QTimer::singleShot(400, this, [&] { served.server.reset(); });
    const auto ended
        = wait(*client, "log", {{word("follow"), true}}, [](const QJsonObject &) { return true; });
    QVERIFY(!ended);
    QCOMPARE(ended.error().kind, ErrorKind::Unavailable);
}

void TestAdminServer::longProfilePathsHaveAShortSocketName()
{
    const Profile near{QStringLiteral("/tmp/p")};
    const Profile far{u'/' + QString(200, u'd')};
    QVERIFY(far.socketName().toUtf8().size() < 100);
    QVERIFY(near.socketName() != far.socketName());
    QVERIFY(near.id() != far.id());
    QCOMPARE(near.id().size(), 16);
}

void TestAdminServer::profileFolderIsMadePrivate()
{
    const QTemporaryDir folder;
    const QString chosen = folder.path() + QString::fromUtf8("/with space/ünï");
    const auto profile = openProfile(chosen);
    QVERIFY(profile);
#ifdef Q_OS_UNIX
    constexpr auto kOthers = QFileDevice::ReadGroup | QFileDevice::ExeGroup | QFileDevice::ReadOther
        | QFileDevice::ExeOther;
    QVERIFY(!(QFileInfo(profile->folder).permissions() & kOthers));
    QVERIFY(
        QFile::setPermissions(profile->folder, QFileInfo(profile->folder).permissions() | kOthers));
    QVERIFY(openProfile(chosen));
    QVERIFY(!(QFileInfo(profile->folder).permissions() & kOthers));
#endif
    qputenv("TOLLGATE_PROFILE", profile->folder.toUtf8());
    QCOMPARE(openProfile({})->folder, profile->folder);
    qunsetenv("TOLLGATE_PROFILE");
}

void TestAdminServer::profileThatIsNoFolderIsRefused()
{
    const QTemporaryDir folder;
    QFile file(folder.path() + QStringLiteral("/file"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const auto profile = openProfile(file.fileName());
    QVERIFY(!profile);
    QVERIFY(profile.error().message.contains(file.fileName()));
}

QTEST_GUILESS_MAIN(TestAdminServer)
#include "test_adminserver.moc"
