// SPDX-License-Identifier: GPL-3.0-or-later
#include "net.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ctime>

namespace bench {
namespace {

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void setNoDelay(int fd)
{
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

constexpr std::size_t kLongestLine = 4096;

} // namespace

std::int64_t nowNs()
{
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void raiseFileLimit()
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int listenOn(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const sockaddr_in address = loopback(port);
    if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0
        || ::listen(fd, 4096) != 0)
        return -1;
    return fd;
}

std::uint16_t portOf(int fd)
{
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size);
    return ntohs(address.sin_port);
}

int acceptFrom(int listener)
{
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        setNoDelay(fd);
    return fd;
}

int connectTo(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setNoDelay(fd);
    const sockaddr_in address = loopback(port);
    if (::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0
        && errno != EINPROGRESS) {
        ::close(fd);
        return -1;
    }
    return fd;
}

std::optional<std::string_view> headerValue(std::string_view head, std::string_view name)
{
    std::size_t at = head.find("\r\n");
    while (at != std::string_view::npos) {
        at += 2;
        const std::size_t end = head.find("\r\n", at);
        const std::string_view line = head.substr(at, end - at);
        if (line.size() > name.size() && line[name.size()] == ':'
            && ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
            std::string_view value = line.substr(name.size() + 1);
            while (value.starts_with(' '))
                value.remove_prefix(1);
            return value;
        }
        at = end;
    }
    return std::nullopt;
}

std::size_t Dechunker::feed(std::string_view text, std::string &out)
{
    std::size_t used = 0;
    while (used < text.size() && m_state != State::Done && m_state != State::Broken) {
        if (m_state == State::Data) {
            const std::size_t take = std::min<std::uint64_t>(m_left, text.size() - used);
            out.append(text.substr(used, take));
            used += take;
            m_left -= take;
            if (m_left == 0)
                m_state = State::DataEnd;
            continue;
        }
        const std::size_t end = text.find('\n', used);
        const std::size_t take = (end == std::string_view::npos ? text.size() : end + 1) - used;
        m_line.append(text.substr(used, take));
        used += take;
        if (m_line.size() > kLongestLine) {
            m_state = State::Broken;
        } else if (m_line.ends_with("\r\n")) {
            const std::string_view line(m_line.data(), m_line.size() - 2);
            if (m_state == State::Size) {
                const auto [stop, error]
                    = std::from_chars(line.data(), line.data() + line.size(), m_left, 16);
                const bool good = error == std::errc() && stop == line.data() + line.size();
                m_state = !good ? State::Broken : m_left == 0 ? State::Trailer : State::Data;
            } else if (m_state == State::DataEnd) {
                m_state = line.empty() ? State::Size : State::Broken;
            } else if (line.empty()) {
                m_state = State::Done;
            }
            m_line.clear();
        } else if (end != std::string_view::npos) {
            m_state = State::Broken; // a bare line feed
        }
    }
    return used;
}

} // namespace bench
