// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/qtlink.h"

#include <QSslSocket>
#include <QtGlobal>

namespace tollgate::http {
namespace {

constexpr qint64 kReadBuffer = 64 * 1024;

} // namespace

QtLink::QtLink(std::unique_ptr<QTcpSocket> socket, bool tls, Owner &owner)
    : m_owner(owner)
    , m_socket(std::move(socket))
    , m_peer(unmapped(m_socket->peerAddress()))
    , m_local(unmapped(m_socket->localAddress()))
    , m_peerPort(m_socket->peerPort())
    , m_tls(tls)
{
    m_socket->setReadBufferSize(kReadBuffer);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    m_socket->setSocketOption(QAbstractSocket::KeepAliveOption, 1);
    QTcpSocket *raw = m_socket.get();
    QObject::connect(raw, &QTcpSocket::readyRead, raw, [this] {
        if (m_reading)
            m_owner.linkReadable();
    });
    // The end is reported as a readable link: read() then says kGone.
    QObject::connect(raw, &QTcpSocket::disconnected, raw, [this] { m_owner.linkReadable(); });
    const auto written = [this] {
        if (!m_writing)
            m_owner.linkWritten();
    };
    if (auto *secure = qobject_cast<QSslSocket *>(raw); secure && tls) {
        QObject::connect(secure, &QSslSocket::encrypted, raw, [this] { m_owner.linkReady(); });
        QObject::connect(secure, &QSslSocket::encryptedBytesWritten, raw, written);
    } else {
        QObject::connect(raw, &QTcpSocket::bytesWritten, raw, written);
    }
}

QtLink::~QtLink()
{
    m_socket->disconnect();
    m_socket->abort();
    // May be on the call stack: links end inside the signals of their own sockets.
    m_socket.release()->deleteLater();
}

qsizetype QtLink::read(char *into, qsizetype capacity)
{
    const qint64 got = m_socket->read(into, capacity);
    if (got > 0)
        return static_cast<qsizetype>(got);
    return m_socket->state() == QAbstractSocket::ConnectedState ? kAgain : kGone;
}

bool QtLink::write(std::span<const QByteArrayView> parts)
{
    if (m_socket->state() != QAbstractSocket::ConnectedState || m_finished)
        return false;
    QByteArray whole;
    for (const QByteArrayView part : parts)
        whole.append(part);
    m_writing = true;
    const qint64 taken = m_socket->write(whole);
    m_socket->flush();
    m_writing = false;
    return taken == whole.size() && m_socket->state() == QAbstractSocket::ConnectedState;
}

qsizetype QtLink::pending() const
{
    qint64 bytes = m_socket->bytesToWrite();
    if (const auto *secure = qobject_cast<const QSslSocket *>(m_socket.get()))
        bytes += secure->encryptedBytesToWrite();
    return static_cast<qsizetype>(bytes);
}

void QtLink::setReading(bool on)
{
    const bool resumed = on && !m_reading;
    m_reading = on;
    // What Qt has buffered meanwhile gives no further signal. The socket outlives this link.
    if (resumed && m_socket->bytesAvailable() > 0) {
        QMetaObject::invokeMethod(
            m_socket.get(),
            [this, alive = std::weak_ptr<bool>(m_alive)] {
                if (!alive.expired() && m_reading)
                    m_owner.linkReadable();
            },
            Qt::QueuedConnection);
    }
}

void QtLink::finishWriting()
{
    m_finished = true;
    m_socket->disconnectFromHost();
}

bool QtLink::isBroken() const
{
    return m_socket->state() != QAbstractSocket::ConnectedState;
}

std::unique_ptr<Link> tlsLink(qintptr descriptor, const QSslConfiguration &tls, Link::Owner &owner)
{
    auto socket = std::make_unique<QSslSocket>();
    if (!socket->setSocketDescriptor(descriptor))
        return nullptr;
    socket->setSslConfiguration(tls);
    QSslSocket *raw = socket.get();
    auto link = std::make_unique<QtLink>(std::move(socket), true, owner);
    raw->startServerEncryption();
    return link;
}

#ifndef Q_OS_UNIX
QHostAddress unmapped(const QHostAddress &address)
{
    bool isV4 = false;
    const quint32 v4 = address.toIPv4Address(&isV4);
    return isV4 ? QHostAddress(v4) : address;
}

std::unique_ptr<Link> plainLink(qintptr descriptor, Link::Owner &owner)
{
    auto socket = std::make_unique<QTcpSocket>();
    if (!socket->setSocketDescriptor(descriptor))
        return nullptr;
    return std::make_unique<QtLink>(std::move(socket), false, owner);
}
#endif

} // namespace tollgate::http
