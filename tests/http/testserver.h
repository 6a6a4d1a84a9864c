// SPDX-License-Identifier: GPL-3.0-or-later
// A listener in a thread of its own with a handler whose behaviour the request path chooses, so
// that tests can use blocking sockets.
#pragma once

#include "core/http/http.h"

#include <QThread>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace tollgate::http::test {

using Out = std::shared_ptr<ResponseStream>;

// Answers 200 with what it saw unless a path has a behaviour of its own. Lives in the server
// thread.
class TestHandler final : public Handler
{
public:
    [[nodiscard]] Admission admit(const RequestHead &head) override;
    void handle(Request request, Out out) override;
    [[nodiscard]] Response refuse(const QByteArray &path, const Error &error) override;

    // Set before the server starts.
    std::map<QByteArray, std::function<void(Request, Out)>> paths;
    std::function<Admission(const RequestHead &)> admission;

    std::atomic<int> handled{0};
    std::atomic<int> admitted{0};
    std::atomic<int> refused{0};
};

// Server-thread objects that a test handler needs: timers, kept streams.
struct Keep
{
    std::vector<Out> streams;
};

class TestServer
{
public:
    // Opens the listener; check error() if it may fail.
    explicit TestServer(ListenerOptions options = {},
                        std::function<void(TestHandler &)> prepare = {}, Census *census = nullptr);
    ~TestServer();

    [[nodiscard]] quint16 port() const { return m_port; }
    [[nodiscard]] const std::optional<Error> &error() const { return m_error; }
    [[nodiscard]] TestHandler &handler() { return m_handler; }
    [[nodiscard]] Census &census() { return *m_census; }
    [[nodiscard]] QByteArray host() const { return "127.0.0.1:" + QByteArray::number(m_port); }
    // Runs in the server thread and waits for it.
    void run(const std::function<void()> &work);
    [[nodiscard]] int openConnections();
    void drain();
    void closeListener();
    // Both in one turn of the server's event loop.
    void runAndCloseListener(const std::function<void()> &work);
    [[nodiscard]] bool waitForConnections(int count, int timeoutMs = 30'000);

    // "METHOD path HTTP/1.1", Host, the extra lines (each with CRLF) and the body.
    [[nodiscard]] QByteArray request(const QByteArray &method, const QByteArray &path,
                                     const QByteArray &extra = {},
                                     const QByteArray &body = {}) const;

private:
    QThread m_thread;
    QObject m_worker;
    Census m_ownCensus;
    Census *m_census;
    TestHandler m_handler;
    std::unique_ptr<Listener> m_listener;
    std::optional<Error> m_error;
    quint16 m_port = 0;
};

// Runs `work` again and again until it says true.
[[nodiscard]] bool eventually(const std::function<bool()> &work, int timeoutMs = 30'000);

} // namespace tollgate::http::test
