// SPDX-License-Identifier: GPL-3.0-or-later
// A link over QTcpSocket or QSslSocket. A TLS client that closes its side has closed both: that is
// what close_notify means to Qt.
#pragma once

#include "core/http/link.h"

#include <QSslConfiguration>
#include <QTcpSocket>

namespace tollgate::http {

class QtLink final : public Link
{
public:
    QtLink(std::unique_ptr<QTcpSocket> socket, bool tls, Owner &owner);
    ~QtLink() override;

    [[nodiscard]] qsizetype read(char *into, qsizetype capacity) override;
    [[nodiscard]] bool write(std::span<const QByteArrayView> parts) override;
    [[nodiscard]] qsizetype pending() const override;
    void setReading(bool on) override;
    void finishWriting() override;
    [[nodiscard]] bool isBroken() const override;
    [[nodiscard]] bool canHalfClose() const override { return false; }
    void resetOnClose() override { } // abort() in the destructor is as hard as Qt can close

    [[nodiscard]] bool isTls() const override { return m_tls; }
    [[nodiscard]] QHostAddress peerAddress() const override { return m_peer; }
    [[nodiscard]] quint16 peerPort() const override { return m_peerPort; }
    [[nodiscard]] QHostAddress localAddress() const override { return m_local; }

private:
    Owner &m_owner;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
    std::unique_ptr<QTcpSocket> m_socket;
    QHostAddress m_peer;
    QHostAddress m_local;
    quint16 m_peerPort = 0;
    bool m_tls;
    bool m_reading = true;
    bool m_writing = false; // inside write(): progress is not reported from there
    bool m_finished = false;
};

[[nodiscard]] std::unique_ptr<Link> tlsLink(qintptr descriptor, const QSslConfiguration &tls,
                                            Link::Owner &owner);

} // namespace tollgate::http
