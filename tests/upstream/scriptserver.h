// SPDX-License-Identifier: GPL-3.0-or-later
// An upstream that does exactly what a test says, byte by byte, with a thread for each connection.
// It counts what it received.
#pragma once

#include <QByteArray>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace tollgate::upstream {

class ScriptServer;

class Connection
{
public:
    Connection(ScriptServer &server, int socket, int index);
    ~Connection();
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    [[nodiscard]] int index() const { return m_index; } // 0 for the first connection
    // One whole request, head and body; nullopt when the peer closed or nothing came in time.
    std::optional<QByteArray> readRequest(int timeoutMs = 60'000);
    // Whatever comes next; empty when the peer closed or nothing came in time.
    QByteArray read(int timeoutMs = 60'000);
    // False when the peer has gone.
    bool write(const QByteArray &bytes);
    // Until the peer closes or resets; how long that took, or -1.
    int waitClosed(int timeoutMs = 60'000);
    void close();
    void reset(); // closes with RST

    [[nodiscard]] int descriptor() const { return m_socket; }

private:
    bool readable(int timeoutMs);
    ScriptServer &m_server;
    int m_socket;
    int m_index;
    QByteArray m_pending;
};

class ScriptServer
{
public:
    using Script = std::function<void(Connection &)>;
    explicit ScriptServer(Script script, bool ipv6 = false);
    ~ScriptServer();
    ScriptServer(const ScriptServer &) = delete;
    ScriptServer &operator=(const ScriptServer &) = delete;

    [[nodiscard]] int port() const { return m_port; }
    [[nodiscard]] QByteArray url(const QByteArray &path = "/v1/chat") const;
    [[nodiscard]] int connections() const { return m_connections; }
    [[nodiscard]] int requests() const { return m_requests; }
    [[nodiscard]] QByteArray lastRequest() const;
    // Ends the listener and every connection; joins their threads.
    void stop();

private:
    friend class Connection;
    void accept();
    void received(const QByteArray &request);
    void forget(int socket);

    Script m_script;
    int m_listener = -1;
    int m_port = 0;
    bool m_ipv6 = false;
    std::atomic<bool> m_stopping{false};
    std::atomic<int> m_connections{0};
    std::atomic<int> m_requests{0};
    mutable std::mutex m_mutex;
    QByteArray m_lastRequest;
    std::vector<int> m_open;
    std::vector<std::thread> m_threads;
    std::thread m_acceptor;
};

// "HTTP/1.1 200 OK" with a length; `extra` is whole header lines.
[[nodiscard]] QByteArray okResponse(const QByteArray &body, const QByteArray &extra = {});
[[nodiscard]] QByteArray chunk(const QByteArray &bytes);
// The answer to every request on the connection, until the peer closes.
[[nodiscard]] ScriptServer::Script always(const QByteArray &response);

} // namespace tollgate::upstream
