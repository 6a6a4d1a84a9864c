// SPDX-License-Identifier: GPL-3.0-or-later
// A provider that answers at once, for measurements: one thread, epoll, no allocation worth naming.
//
//     mock [PORT]            prints "port N" when it listens
//
// What a POST is answered with is in the body's "user" member, so that any proxy carries it along
// and the model can be one that has a price:
//
//     bench-json-N           one chat completion of N bytes
//     bench-burst-N          N events and [DONE], in one write
//     bench-paced-R-N        N events, R a second, numbered and stamped (s=…;t=…)
//     bench-fail-500 | -429  an error in OpenAI's shape
//     bench-fail-close       hangs up without a word
//     bench-fail-cut         hangs up half-way through the answer
#include "net.h"

#include <queue>

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t kLargestRequest = 64 * 1024 * 1024;
constexpr std::int64_t kSecondNs = 1'000'000'000;

constexpr std::string_view kUsage = "\"usage\":{\"prompt_tokens\":250,\"completion_tokens\":64,"
                                    "\"total_tokens\":314}";
constexpr std::string_view kEventHead
    = "data: "
      "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1790000000,"
      "\"model\":\"bench\",\"choices\":[";
constexpr std::string_view kStreamHead = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                                         "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n"
                                         "\r\n";

std::string withLength(std::string_view status, const std::string &body)
{
    return "HTTP/1.1 " + std::string(status)
        + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size())
        + "\r\n\r\n" + body;
}

std::string completionOf(std::size_t bytes)
{
    const std::string head
        = "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":"
          "1790000000,\"model\":\"bench\",\"choices\":[{\"index\":0,\"message\":{"
          "\"role\":\"assistant\",\"content\":\"";
    const std::string tail = "\"},\"finish_reason\":\"stop\"}]," + std::string(kUsage) + "}";
    const std::size_t fixed = head.size() + tail.size();
    return withLength("200 OK", head + std::string(bytes > fixed ? bytes - fixed : 0, 'x') + tail);
}

void appendChunk(std::string &out, std::string_view text)
{
    std::array<char, 20> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), text.size(), 16).ptr;
    out.append(size.data(), end);
    out += "\r\n";
    out += text;
    out += "\r\n";
}

std::string eventOf(std::string_view content, bool last)
{
    std::string event(kEventHead);
    event += "{\"index\":0,\"delta\":{\"content\":\"";
    event += content;
    event += last ? "\"},\"finish_reason\":\"stop\"}]}\n\n" : "\"},\"finish_reason\":null}]}\n\n";
    return event;
}

void appendEnd(std::string &out)
{
    appendChunk(out, std::string(kEventHead) + "]," + std::string(kUsage) + "}\n\n");
    appendChunk(out, "data: [DONE]\n\n");
    out += "0\r\n\r\n";
}

std::string burstOf(int events)
{
    std::string out(kStreamHead);
    for (int i = 0; i < events; ++i)
        appendChunk(out, eventOf("token " + std::to_string(i), i + 1 == events));
    appendEnd(out);
    return out;
}

struct Connection
{
    int fd = -1;
    std::uint64_t serial = 0; // descriptors are used again, serials never
    std::string in;
    std::string out;
    std::size_t written = 0;
    bool waitsForRoom = false;
    bool closeWhenWritten = false;
    bool continued = false;
    // A paced stream under way.
    int events = 0;
    int next = 0;
    std::int64_t periodNs = 0;
};

struct Due
{
    std::int64_t atNs;
    int fd;
    std::uint64_t serial;
    bool operator>(const Due &other) const { return atNs > other.atNs; }
};

class Mock
{
public:
    bool start(std::uint16_t port);
    [[noreturn]] void run();

private:
    void acceptAll();
    void readFrom(Connection &connection);
    bool answerOne(Connection &connection);
    void answer(Connection &connection, std::string_view wish);
    void sendPaced();
    void flush(Connection &connection);
    void close(Connection &connection);
    int untilNextEventMs() const;

    int m_epoll = -1;
    int m_listener = -1;
    std::uint64_t m_serials = 0;
    std::vector<std::unique_ptr<Connection>> m_connections; // by descriptor
    std::map<std::string, std::string, std::less<>> m_answers; // by wish
    std::priority_queue<Due, std::vector<Due>, std::greater<>> m_due;
    std::vector<char> m_buffer = std::vector<char>(256 * 1024);
};

bool Mock::start(std::uint16_t port)
{
    m_epoll = ::epoll_create1(EPOLL_CLOEXEC);
    m_listener = listenOn(port);
    if (m_epoll < 0 || m_listener < 0)
        return false;
    epoll_event event{.events = EPOLLIN, .data = {.fd = m_listener}};
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_listener, &event);
    std::printf("port %u\n", portOf(m_listener));
    std::fflush(stdout);
    return true;
}

void Mock::run()
{
    std::array<epoll_event, 512> events{};
    while (true) {
        const int count = ::epoll_wait(m_epoll, events.data(), events.size(), untilNextEventMs());
        for (int i = 0; i < count; ++i) {
            const epoll_event &event = events[static_cast<std::size_t>(i)];
            if (event.data.fd == m_listener) {
                acceptAll();
                continue;
            }
            Connection *connection = m_connections[static_cast<std::size_t>(event.data.fd)].get();
            if (connection && (event.events & EPOLLOUT) != 0)
                flush(*connection);
            connection = m_connections[static_cast<std::size_t>(event.data.fd)].get();
            if (connection && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
                readFrom(*connection);
        }
        sendPaced();
    }
}

int Mock::untilNextEventMs() const
{
    if (m_due.empty())
        return -1;
    const std::int64_t left = m_due.top().atNs - nowNs();
    return left <= 0 ? 0 : static_cast<int>((left + 999'999) / 1'000'000);
}

void Mock::acceptAll()
{
    for (int fd = acceptFrom(m_listener); fd >= 0; fd = acceptFrom(m_listener)) {
        const auto index = static_cast<std::size_t>(fd);
        if (index >= m_connections.size())
            m_connections.resize(index + 64);
        m_connections[index] = std::make_unique<Connection>();
        m_connections[index]->fd = fd;
        m_connections[index]->serial = ++m_serials;
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

void Mock::readFrom(Connection &connection)
{
    const ssize_t got = ::recv(connection.fd, m_buffer.data(), m_buffer.size(), 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0 || connection.in.size() > kLargestRequest) {
        close(connection);
        return;
    }
    connection.in.append(m_buffer.data(), static_cast<std::size_t>(got));
    while (answerOne(connection)) { }
    flush(connection);
}

// True if a whole request was there and the next one may be looked at.
bool Mock::answerOne(Connection &connection)
{
    if (connection.events != 0 || connection.closeWhenWritten)
        return false;
    const std::size_t headEnd = connection.in.find("\r\n\r\n");
    if (headEnd == std::string::npos)
        return false;
    const std::string_view head = std::string_view(connection.in).substr(0, headEnd + 2);
    std::string_view rest = std::string_view(connection.in).substr(headEnd + 4);
    if (headerValue(head, "Expect") && !connection.continued) {
        connection.out += "HTTP/1.1 100 Continue\r\n\r\n";
        connection.continued = true;
    }
    std::size_t bodyBytes = 0;
    std::string unchunked;
    if (headerValue(head, "Transfer-Encoding")) {
        Dechunker dechunker;
        bodyBytes = dechunker.feed(rest, unchunked);
        if (!dechunker.done())
            return false;
        rest = unchunked;
    } else if (const auto length = headerValue(head, "Content-Length")) {
        std::from_chars(length->data(), length->data() + length->size(), bodyBytes);
        if (rest.size() < bodyBytes)
            return false;
        rest = rest.substr(0, bodyBytes);
    }
    std::string_view wish;
    if (head.starts_with("POST ")) {
        constexpr std::string_view kKey = "\"user\":\"";
        const std::size_t at = rest.find(kKey);
        wish = "bench-json-500";
        if (at != std::string_view::npos) {
            const std::size_t from = at + kKey.size();
            wish = rest.substr(from, rest.find('"', from) - from);
        }
    }
    answer(connection, wish);
    connection.in.erase(0, headEnd + 4 + bodyBytes);
    connection.continued = false;
    return true;
}

int numberAt(std::string_view text, std::size_t from)
{
    int value = 0;
    if (from < text.size())
        std::from_chars(text.data() + from, text.data() + text.size(), value);
    return value;
}

std::string prepared(std::string_view wish)
{
    if (wish.starts_with("bench-json-"))
        return completionOf(static_cast<std::size_t>(numberAt(wish, 11)));
    if (wish.starts_with("bench-burst-"))
        return burstOf(numberAt(wish, 12));
    if (wish == "bench-fail-cut")
        return completionOf(2000).substr(0, 1000);
    const std::string error = "{\"error\":{\"message\":\"as asked for\",\"type\":\"server_error\","
                              "\"param\":null,\"code\":null}}";
    if (wish == "bench-fail-500")
        return withLength("500 Internal Server Error", error);
    if (wish == "bench-fail-429")
        return withLength("429 Too Many Requests", error);
    if (wish.empty())
        return withLength("200 OK", "{\"object\":\"list\",\"data\":[]}");
    return withLength("404 Not Found", error);
}

void Mock::answer(Connection &connection, std::string_view wish)
{
    if (wish.starts_with("bench-paced-")) {
        const std::size_t dash = wish.find('-', 12);
        const int rate = std::clamp(numberAt(wish, 12), 1, 10'000);
        connection.events = std::max(1, numberAt(wish, dash + 1));
        connection.next = 0;
        connection.periodNs = kSecondNs / rate;
        connection.out += kStreamHead;
        m_due.push({nowNs(), connection.fd, connection.serial});
        return;
    }
    connection.closeWhenWritten = wish == "bench-fail-close" || wish == "bench-fail-cut";
    if (wish == "bench-fail-close")
        return;
    auto known = m_answers.find(wish);
    if (known == m_answers.end())
        known = m_answers.emplace(wish, prepared(wish)).first;
    connection.out += known->second;
}

void Mock::sendPaced()
{
    const std::int64_t now = m_due.empty() ? 0 : nowNs();
    while (!m_due.empty() && m_due.top().atNs <= now) {
        const Due due = m_due.top();
        m_due.pop();
        Connection *connection = m_connections[static_cast<std::size_t>(due.fd)].get();
        if (!connection || connection->serial != due.serial)
            continue;
        const bool last = connection->next + 1 == connection->events;
        const std::string content
            = "s=" + std::to_string(connection->next) + ";t=" + std::to_string(nowNs()) + ";";
        appendChunk(connection->out, eventOf(content, last));
        ++connection->next;
        if (last) {
            appendEnd(connection->out);
            connection->events = 0;
        } else {
            m_due.push({due.atNs + connection->periodNs, due.fd, due.serial});
        }
        flush(*connection);
    }
}

void Mock::flush(Connection &connection)
{
    while (connection.written < connection.out.size()) {
        const ssize_t sent = ::send(connection.fd, connection.out.data() + connection.written,
                                    connection.out.size() - connection.written, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            close(connection);
            return;
        }
        if (sent < 0) {
            if (!connection.waitsForRoom) {
                connection.waitsForRoom = true;
                epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.fd = connection.fd}};
                ::epoll_ctl(m_epoll, EPOLL_CTL_MOD, connection.fd, &event);
            }
            return;
        }
        connection.written += static_cast<std::size_t>(sent);
    }
    connection.out.clear();
    connection.written = 0;
    if (connection.closeWhenWritten) {
        close(connection);
    } else if (connection.waitsForRoom) {
        connection.waitsForRoom = false;
        epoll_event event{.events = EPOLLIN, .data = {.fd = connection.fd}};
        ::epoll_ctl(m_epoll, EPOLL_CTL_MOD, connection.fd, &event);
    }
}

void Mock::close(Connection &connection)
{
    const int fd = connection.fd;
    ::close(fd);
    m_connections[static_cast<std::size_t>(fd)].reset();
}

} // namespace
} // namespace bench

int main(int argc, char **argv)
{
    std::signal(SIGPIPE, SIG_IGN);
    bench::raiseFileLimit();
    bench::Mock mock;
    if (!mock.start(static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0))) {
        std::perror("mock: cannot listen");
        return 1;
    }
    mock.run();
}
