// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/adminclient.h"

#include "core/admin/peer.h"
#include "core/admin/wire.h"

namespace tollgate::admin {
namespace {

constexpr int kConnectMs = 3'000;

} // namespace

AdminClient::AdminClient()
{
    QObject::connect(&m_socket, &QLocalSocket::readyRead, &m_socket, [this] {
        const auto woken = m_woken;
        woken.set(true);
    });
    QObject::connect(&m_socket, &QLocalSocket::disconnected, &m_socket, [this] {
        const auto woken = m_woken;
        woken.set(true);
    });
}

Result<std::unique_ptr<AdminClient>> AdminClient::connectTo(const QString &socketName)
{
    std::unique_ptr<AdminClient> client(new AdminClient);
    client->m_socket.connectToServer(socketName);
    if (!client->m_socket.waitForConnected(kConnectMs))
        return std::unique_ptr<AdminClient>();
    if (peerOwner(client->m_socket.socketDescriptor()) == PeerOwner::Other) {
        return failure(ErrorKind::Forbidden,
                       QStringLiteral("The management socket of this profile belongs to another "
                                      "user's process; nothing was sent to it."));
    }
    return client;
}

Task<Result<QJsonObject>> AdminClient::call(QString command, QJsonObject arguments, OnEvent onEvent)
{
    QByteArray line = wire::callLine(command, arguments);
    if (line.size() > wire::kRequestLimit) {
        co_return failure(ErrorKind::TooLarge,
                          QStringLiteral("A management call is at most 1 MiB."));
    }
    m_socket.write(line);
    line.fill('\0');
    for (;;) {
        std::optional<Result<QJsonObject>> answer = readLines(onEvent);
        if (answer)
            co_return std::move(*answer);
        if (m_socket.state() != QLocalSocket::ConnectedState) {
            co_return failure(ErrorKind::Unavailable,
                              QStringLiteral("The daemon closed the connection before it answered; "
                                             "see its own messages."));
        }
        m_woken = OneShot<bool>();
        const OneShot<bool> woken = m_woken;
        co_await woken;
    }
}

// The answer, once its line is here; events on the way go to their receiver.
std::optional<Result<QJsonObject>> AdminClient::readLines(const OnEvent &onEvent)
{
    m_input += m_socket.readAll();
    for (auto end = m_input.indexOf('\n'); end >= 0; end = m_input.indexOf('\n')) {
        const QByteArray line = m_input.left(end);
        m_input.remove(0, end + 1);
        auto answer = wire::readAnswer(line);
        if (!answer)
            return failure(answer.error());
        if (answer->kind == wire::Answer::Kind::Error)
            return failure(std::move(answer->error));
        if (answer->kind == wire::Answer::Kind::Result)
            return std::move(answer->value);
        if (onEvent && !onEvent(answer->value))
            return QJsonObject();
    }
    if (m_input.size() > wire::kAnswerLimit)
        return failure(ErrorKind::TooLarge, QStringLiteral("The daemon's answer is too long."));
    return std::nullopt;
}

} // namespace tollgate::admin
