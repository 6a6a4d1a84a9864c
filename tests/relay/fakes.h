// SPDX-License-Identifier: GPL-3.0-or-later
// A client and a vendor under the test's control; everything between them is real.
#pragma once

#include "core/http/responsestream.h"
#include "core/relay/provider.h"
#include "core/upstream/exchange.h"

#include <deque>

namespace tollgate::test {

class Client final : public http::ResponseStream
{
public:
    void respond(http::Response response) override
    {
        status = response.status;
        headers = response.headers;
        bytes = response.body;
        m_begun = m_finished = true;
    }
    void begin(int code, Headers fields) override
    {
        status = code;
        headers = std::move(fields);
        m_begun = true;
    }
    void write(QByteArrayView piece) override { bytes.append(piece); }
    void end(QByteArrayView last) override
    {
        bytes.append(last);
        m_finished = true;
    }
    void abort() override { aborted = m_finished = true; }
    [[nodiscard]] bool begun() const override { return m_begun; }
    [[nodiscard]] bool finished() const override { return m_finished; }
    [[nodiscard]] bool gone() const override { return m_gone; }
    [[nodiscard]] qsizetype pending() const override { return unsent; }
    void onGone(std::function<void()> callback) override { m_onGone = std::move(callback); }
    void onDrained(std::function<void()> callback) override { m_onDrained = std::move(callback); }

    void leave()
    {
        m_gone = true;
        if (m_onGone)
            m_onGone();
    }
    void drain()
    {
        unsent = 0;
        if (m_onDrained)
            m_onDrained();
    }

    int status = 0;
    Headers headers;
    QByteArray bytes;
    qsizetype unsent = 0;
    bool aborted = false;

private:
    std::function<void()> m_onGone;
    std::function<void()> m_onDrained;
    bool m_begun = false;
    bool m_finished = false;
    bool m_gone = false;
};

// What the test sees and does of one exchange; outlives it.
struct Wire
{
    upstream::Request request;
    std::optional<upstream::Head> head;
    QByteArray buffered;
    bool ended = false;
    bool sent = true;
    bool cancelled = false;
    bool destroyed = false;
    std::optional<upstream::Failure> failed;
    upstream::Timing timing;
    std::function<void()> waker;

    void wake() const
    {
        if (const auto copy = waker)
            copy();
    }
    void answer(int status, QByteArray type, QByteArray body, bool whole = true)
    {
        head = upstream::Head{status, {{"content-type", std::move(type)}}};
        buffered.append(body);
        ended = whole;
        wake();
    }
    void send(QByteArrayView more)
    {
        buffered.append(more);
        wake();
    }
    void finish()
    {
        ended = true;
        wake();
    }
    void fail(upstream::FailureKind kind)
    {
        failed = upstream::Failure{kind, QStringLiteral("it broke")};
        ended = true;
        wake();
    }
};

class FakeExchange final : public upstream::Exchange
{
public:
    explicit FakeExchange(std::shared_ptr<Wire> wire)
        : m_wire(std::move(wire))
    {
    }
    ~FakeExchange() override
    {
        m_wire->waker = {};
        m_wire->destroyed = true;
    }
    [[nodiscard]] const upstream::Head *head() const override
    {
        return m_wire->head ? &*m_wire->head : nullptr;
    }
    [[nodiscard]] QByteArray take() override { return std::exchange(m_wire->buffered, {}); }
    [[nodiscard]] bool ended() const override { return m_wire->ended; }
    [[nodiscard]] const std::optional<upstream::Failure> &failed() const override
    {
        return m_wire->failed;
    }
    [[nodiscard]] bool sent() const override { return m_wire->sent; }
    [[nodiscard]] const upstream::Timing &timing() const override { return m_wire->timing; }
    void setWaker(std::function<void()> waker) override { m_wire->waker = std::move(waker); }
    void cancel() override
    {
        m_wire->cancelled = true;
        if (!m_wire->ended) {
            m_wire->ended = true;
            m_wire->failed = upstream::Failure{upstream::FailureKind::Cancelled, {}};
        }
    }

private:
    std::shared_ptr<Wire> m_wire;
};

// Speaks everything; each request waits in `wires` for the test to answer it.
class FakeProvider : public relay::Provider
{
public:
    explicit FakeProvider(std::deque<std::shared_ptr<Wire>> &wires)
        : m_wires(wires)
    {
    }
    [[nodiscard]] QByteArray id() const override { return "fake"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Fake"); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override { return "http://127.0.0.1:1"; }
    [[nodiscard]] bool needsKey() const override { return false; }
    [[nodiscard]] bool speaks(protocol::Operation, protocol::Dialect) const override
    {
        return true;
    }
    [[nodiscard]] Result<upstream::Request> request(const relay::Outgoing &outgoing) const override
    {
        upstream::Request request;
        request.url = "http://127.0.0.1:1/" + outgoing.channel->row.name.toUtf8();
        request.body = outgoing.body;
        return request;
    }
    [[nodiscard]] Result<upstream::Request> modelsRequest(const routing::Channel &,
                                                          const Secret *) const override
    {
        return failure(ErrorKind::NotImplemented, QStringLiteral("no list"));
    }
    [[nodiscard]] Result<QByteArrayList> readModels(QByteArrayView) const override
    {
        return QByteArrayList();
    }
    [[nodiscard]] std::unique_ptr<upstream::Exchange> open(upstream::Client &,
                                                           upstream::Request request) const override
    {
        auto wire = std::make_shared<Wire>();
        wire->request = std::move(request);
        m_wires.push_back(wire);
        return std::make_unique<FakeExchange>(wire);
    }

private:
    std::deque<std::shared_ptr<Wire>> &m_wires;
};

} // namespace tollgate::test
