// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/instance.h"

#include <QLocalSocket>
#include <QLoggingCategory>

namespace tollgate::desktop {
namespace {

constexpr int kAnswerMs = 2'000;
constexpr char kRaise[] = "raise\n";

} // namespace

Instance::Instance(std::function<void()> onRaise)
    : m_onRaise(std::move(onRaise))
{
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    QObject::connect(&m_server, &QLocalServer::newConnection, &m_server, [this] {
        while (QLocalSocket *visitor = m_server.nextPendingConnection()) {
            QObject::connect(visitor, &QLocalSocket::readyRead, visitor, [this, visitor] {
                if (visitor->readAll().startsWith(kRaise))
                    m_onRaise();
                visitor->disconnectFromServer();
            });
            QObject::connect(visitor, &QLocalSocket::disconnected, visitor, &QObject::deleteLater);
        }
    });
}

std::unique_ptr<Instance> Instance::first(const admin::Profile &profile,
                                          std::function<void()> onRaise)
{
    const QString name = profile.socketName() + QStringLiteral("-window");
    QLocalSocket other;
    other.connectToServer(name);
    if (other.waitForConnected(kAnswerMs)) {
        other.write(kRaise);
        other.waitForBytesWritten(kAnswerMs);
        other.waitForDisconnected(kAnswerMs);
        return nullptr;
    }
    std::unique_ptr<Instance> instance(new Instance(std::move(onRaise)));
    QLocalServer::removeServer(name); // of a window that crashed: nobody answered there
    if (!instance->m_server.listen(name)) {
        qWarning().noquote() << "A second start will open a second window:"
                             << instance->m_server.errorString();
    }
    return instance;
}

} // namespace tollgate::desktop
