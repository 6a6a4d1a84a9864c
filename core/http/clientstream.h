// SPDX-License-Identifier: GPL-3.0-or-later
// The ResponseStream of one request: frames the answer for the client's version of HTTP and hands
// it to the connection, as long as there is one.
#pragma once

#include "core/http/responsehead.h"
#include "core/http/responsestream.h"

#include <QObject>
#include <QPointer>

#include <memory>
#include <optional>
#include <span>

namespace tollgate::http {

class ClientStream final : public ResponseStream, public std::enable_shared_from_this<ClientStream>
{
public:
    // The connection underneath.
    class Outlet
    {
    public:
        Outlet() = default;
        virtual ~Outlet() = default;
        Outlet(const Outlet &) = delete;
        Outlet &operator=(const Outlet &) = delete;

        [[nodiscard]] virtual QByteArray httpDateNow() = 0;
        [[nodiscard]] virtual bool mayKeepAlive() const = 0;
        [[nodiscard]] virtual qsizetype pendingOutput() const = 0;
        // May find the client gone and call lost().
        virtual void send(std::span<const QByteArrayView> parts) = 0;
        // The whole answer has been sent; the outlet forgets the stream.
        virtual void answered(bool keepAlive) = 0;
        // The answer ends here, visibly unfinished; the outlet forgets the stream.
        virtual void cut(bool reset) = 0;
    };

    struct Traits
    {
        int minorVersion = 1;
        bool headOnly = false;
        bool keepAlive = true;
        bool varyOrigin = false;
        QByteArray origin; // a listed one
        std::optional<QByteArray> preflight; // the headers that a preflight asked for
    };

    // Callbacks run as events of `context`.
    ClientStream(Outlet &outlet, Traits traits, QObject &context);
    ~ClientStream() override;

    void respond(Response response) override;
    void begin(int status, Headers headers) override;
    void write(QByteArrayView bytes) override;
    void end(QByteArrayView last) override;
    void abort() override;

    [[nodiscard]] bool begun() const override { return m_begun; }
    [[nodiscard]] bool finished() const override { return m_finished; }
    [[nodiscard]] bool gone() const override { return m_gone; }
    [[nodiscard]] qsizetype pending() const override;
    void onGone(std::function<void()> callback) override;
    void onDrained(std::function<void()> callback) override;

    // From the connection. lost(): there is no client any more. outputFell(): called from the event
    // loop with what was pending before.
    void lost();
    void outputFell(qsizetype before);
    // The client has sent its end of file: a byte or two that mean nothing to a client that still
    // listens, and make the kernel of one that does not answer with a reset.
    void probe();

private:
    [[nodiscard]] QByteArray head(int status, const Headers &headers, Framing framing,
                                  qsizetype length, bool keepAlive);
    void finish(bool keepAlive);

    Outlet *m_outlet; // null: gone or finished
    Traits m_traits;
    QPointer<QObject> m_context;
    std::function<void()> m_onGone;
    std::function<void()> m_onDrained;
    Framing m_framing = Framing::None;
    bool m_keepAlive = false;
    bool m_begun = false;
    bool m_finished = false;
    bool m_gone = false;
};

} // namespace tollgate::http
