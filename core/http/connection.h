// SPDX-License-Identifier: GPL-3.0-or-later
// One client connection from accept to close: reads one request at a time, holds every clock over
// it, and reads no further until its answer has gone out.
#pragma once

#include "core/http/bodyreader.h"
#include "core/http/clientstream.h"
#include "core/http/gate.h"
#include "core/http/link.h"

#include <QSslConfiguration>

#include <memory>

namespace tollgate::http {

class Connection final : public Link::Owner, public ClientStream::Outlet, public Deadlines::Item
{
public:
    // `gate` outlives the connection.
    explicit Connection(Gate &gate);
    ~Connection() override;

    // Takes the descriptor over. False: it was dead, or one too many; delete the connection.
    [[nodiscard]] bool open(qintptr descriptor, const QSslConfiguration *tls);
    // Before the listening socket closes: what needs it open is done now.
    void prepareDrain();
    // Closes at once unless a request is being received or answered.
    void drain();

    void linkReady() override;
    void linkReadable() override;
    void linkWritten() override;

    [[nodiscard]] QByteArray httpDateNow() override { return m_gate.dateNow(); }
    [[nodiscard]] bool mayKeepAlive() const override { return !m_gate.draining; }
    [[nodiscard]] qsizetype pendingOutput() const override { return m_link->pending(); }
    void send(std::span<const QByteArrayView> parts) override;
    void answered(bool keepAlive) override;
    void cut(bool reset) override;

    void expired() override;

private:
    enum class Phase {
        Handshake,
        Idle, // between requests
        Head,
        Body,
        Busy, // a handler has the request
        Flushing, // answered, but not all of it has left
        Linger, // done; waits for the client to close
        Closed,
    };

    void readMore();
    void readAhead();
    void discard();
    void consume(QByteArrayView fresh);
    // One step on the bytes at hand; false when more are needed or nothing may be read now.
    [[nodiscard]] bool step(QByteArrayView &rest);
    [[nodiscard]] bool readHead(QByteArrayView &rest);
    void admit(QByteArrayView rest);
    void dispatch(QByteArrayView rest);
    void refuse(const Fault &fault, const QByteArray &path);
    std::shared_ptr<ClientStream> openStream();
    QtTwin &twin();

    void ended();
    void watchEnded(std::int64_t nowUs);
    void lost();
    void flushed();
    void resumeReading();
    void finish();
    void close();
    void rearm();
    [[nodiscard]] std::int64_t bodyDeadline() const;
    [[nodiscard]] std::int64_t now() const { return m_gate.clock.monotonicUs(); }
    [[nodiscard]] static constexpr std::int64_t us(int milliseconds)
    {
        return std::int64_t(milliseconds) * 1000;
    }

    Gate &m_gate;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true); // for errands under way
    std::unique_ptr<Link> m_link;
    std::unique_ptr<QtTwin> m_twin;
    HeadParser m_parser;
    BodyReader m_body;
    ParsedHead m_parsed;
    ClientStream::Traits m_traits;
    std::weak_ptr<ClientStream> m_stream;
    QByteArray m_in; // bytes of the request at hand, or of the next ones
    Peer m_peer;
    QHostAddress m_local;
    Phase m_phase = Phase::Handshake;
    std::int64_t m_startedUs = 0;
    std::int64_t m_bodyStartUs = 0;
    std::int64_t m_bodyByteUs = 0;
    std::int64_t m_progressUs = 0; // of output
    std::int64_t m_endedUs = 0; // the client's end of file came; 0: not yet
    qsizetype m_pendingBefore = 0;
    int m_requests = 0;
    int m_pieces = 0; // of the answer, so far
    bool m_counted = false;
    bool m_processing = false;
    bool m_keepAlive = true;
    bool m_unread = false; // a refused request's body may still be under way
    bool m_probed = false;
};

} // namespace tollgate::http
