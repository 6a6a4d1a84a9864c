// SPDX-License-Identifier: GPL-3.0-or-later
// The exchange as the client runs it: state, limits and buffer of one request.
#pragma once

#include "core/base/clock.h"
#include "core/upstream/easyhandle.h"
#include "core/upstream/exchange.h"
#include "core/upstream/failure.h"
#include "core/upstream/headreader.h"

#include <limits>

namespace tollgate::upstream {

class Transfer;

// What a transfer asks of the client that runs it.
class TransferHost
{
public:
    TransferHost() = default;
    virtual ~TransferHost() = default;
    TransferHost(const TransferHost &) = delete;
    TransferHost &operator=(const TransferHost &) = delete;

    [[nodiscard]] virtual std::int64_t nowUs() const = 0;
    virtual void changed(Transfer &transfer) = 0; // its waker is due
    // Learns a new connection's descriptor, and gives it a name.
    virtual QByteArray connected(const ConnectionEnds &ends) = 0;
    virtual void takesTurns(const QByteArray &connection) = 0; // it speaks HTTP/1
    // Whether an idle connection has anything to read: its end, or an answer that nobody asked for.
    [[nodiscard]] virtual bool hasUnread(const ConnectionEnds &ends) const = 0;
    virtual void sending(Transfer &transfer) = 0; // its request is on the way out
    virtual void startOver(Transfer &transfer) = 0; // nothing of it was sent
    virtual void rearm(Transfer &transfer) = 0; // its deadline may have come nearer
    virtual void resume(Transfer &transfer) = 0; // there is room again
    // Takes the handle out of libcurl, for reuse. The transfer is on none of the client's lists
    // after.
    virtual void release(Transfer &transfer, std::unique_ptr<EasyHandle> handle) = 0;
    virtual void forget(Transfer &transfer) = 0; // it is being destroyed
};

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

class Transfer final : public Exchange, public CurlEvents
{
public:
    Transfer(TransferHost &host, Request request);
    ~Transfer() override;

    const Head *head() const override;
    QByteArray take() override;
    bool ended() const override { return m_ended; }
    const std::optional<Failure> &failed() const override { return m_failure; }
    bool sent() const override;
    const Timing &timing() const override { return m_timing; }
    void setWaker(std::function<void()> waker) override;
    void cancel() override;

    // For the client. False: refused before anything was sent, and ended.
    [[nodiscard]] bool check();
    void attach(std::unique_ptr<EasyHandle> handle);
    [[nodiscard]] EasyHandle *handle() const { return m_handle.get(); }
    void wake();
    void finish(CURLcode code);
    void finishPending(); // if a callback decided to end it and libcurl did not take notice
    void fail(Failure failure);
    // True once the whole request has left.
    [[nodiscard]] bool checkSent();
    // When to look at the limits again, and what is due then.
    [[nodiscard]] std::int64_t deadlineUs() const;
    void expire();
    // Compressed data may overshoot the buffer; then reading is to be stopped from outside.
    [[nodiscard]] bool wantsPause() const;
    void setPaused(bool paused);

    bool onHeaderLine(QByteArrayView line) override;
    std::size_t onBody(QByteArrayView bytes) override;
    bool onDial(const curl_sockaddr &address) override;
    bool onConnected(const ConnectionEnds &ends) override;

    // Where the client keeps it: intrusive, so that a transfer leaves every list when it dies.
    struct Links
    {
        Transfer *previous = nullptr;
        Transfer *next = nullptr;
        bool linked = false;
    };
    Links dirty;
    Links inSending;
    Links inResume;
    std::int64_t armedAtUs = kNever;

private:
    [[nodiscard]] Stage stage() const;
    struct Limit
    {
        FailureKind kind;
        std::int64_t atUs;
    };
    [[nodiscard]] Limit phaseLimit() const;
    void end(std::optional<Failure> failure);
    bool abort(FailureKind kind, const char *message);
    bool wouldRepeat();

    TransferHost &m_host;
    Request m_request;
    QByteArray m_proxy;
    QByteArray m_connection; // where it was opened for this request
    std::unique_ptr<EasyHandle> m_handle;
    HeadReader m_reader;
    QByteArray m_buffer;
    std::optional<Failure> m_failure;
    std::optional<Failure> m_pending; // decided inside a callback, ends the exchange after it
    Timing m_timing;
    std::function<void()> m_waker;
    bool *m_destroyed = nullptr; // set while the waker runs
    std::int64_t m_received = 0;
    std::int64_t m_lastProgressUs = 0;
    std::int64_t m_bodySize = 0;
    std::int64_t m_bodySent = -1;
    int m_attempts = 0;
    bool m_dialled = false;
    bool m_denied = false;
    bool m_unclean = false; // the connection it was given: it begins again on another
    bool m_sent = false;
    bool m_ended = false;
    bool m_paused = false;
    bool m_changed = false;
    bool m_waking = false;
    bool m_wakerReplaced = false;
};

} // namespace tollgate::upstream
