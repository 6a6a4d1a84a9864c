// SPDX-License-Identifier: GPL-3.0-or-later
// The byte pipe under one connection. Two kinds: a plain descriptor, which can tell a half-closed
// client from one that is gone, and a QTcpSocket/QSslSocket for TLS and for platforms without the
// first.
#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QHostAddress>

#include <memory>
#include <span>

namespace tollgate::http {

class Link
{
public:
    // What a connection hears; never from inside one of the calls below.
    class Owner
    {
    public:
        Owner() = default;
        virtual ~Owner() = default;
        Owner(const Owner &) = delete;
        Owner &operator=(const Owner &) = delete;

        virtual void linkReady() = 0; // TLS: the handshake is done
        virtual void linkReadable() = 0; // bytes, the end, or an error: read() tells which
        virtual void linkWritten() = 0; // pending() has shrunk, or writing has failed
    };

    static constexpr qsizetype kAgain = 0; // nothing to read now
    static constexpr qsizetype kEnd = -1; // the client will send no more
    static constexpr qsizetype kGone = -2; // the connection is broken

    Link() = default;
    virtual ~Link() = default; // closes at once
    Link(const Link &) = delete;
    Link &operator=(const Link &) = delete;

    [[nodiscard]] virtual qsizetype read(char *into, qsizetype capacity) = 0;
    // Sends the parts as one; what the kernel does not take is kept. False: broken.
    [[nodiscard]] virtual bool write(std::span<const QByteArrayView> parts) = 0;
    [[nodiscard]] virtual qsizetype pending() const = 0;
    virtual void setReading(bool on) = 0;
    // No more bytes will be written; the client sees a clean end. Without canHalfClose() nothing
    // can be read from then on either.
    virtual void finishWriting() = 0;
    [[nodiscard]] virtual bool canHalfClose() const = 0;
    // Whether the other side has reset the connection, asked without reading.
    [[nodiscard]] virtual bool isBroken() const = 0;
    // The destructor will send a reset instead of a clean end.
    virtual void resetOnClose() = 0;

    [[nodiscard]] virtual bool isTls() const = 0;
    [[nodiscard]] virtual QHostAddress peerAddress() const = 0;
    [[nodiscard]] virtual quint16 peerPort() const = 0;
    [[nodiscard]] virtual QHostAddress localAddress() const = 0;
};

// An IPv4 address that came mapped into IPv6, as IPv4.
[[nodiscard]] QHostAddress unmapped(const QHostAddress &address);

// Takes the descriptor over. Nothing when it is dead already.
[[nodiscard]] std::unique_ptr<Link> plainLink(qintptr descriptor, Link::Owner &owner);

} // namespace tollgate::http
