// SPDX-License-Identifier: GPL-3.0-or-later
// What the mock provider and the load generator share: sockets, a clock, and just enough HTTP/1.1.
// Linux only (epoll), no Qt: the tools must cost as little as they can beside what they measure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

[[nodiscard]] std::int64_t nowNs(); // CLOCK_MONOTONIC: the same for every process of the machine

// Raises the limit of open files as far as allowed.
void raiseFileLimit();
// Non-blocking sockets with TCP_NODELAY; -1 and errno on failure.
[[nodiscard]] int listenOn(std::uint16_t port);
[[nodiscard]] std::uint16_t portOf(int fd);
[[nodiscard]] int acceptFrom(int listener);
[[nodiscard]] int connectTo(std::uint16_t port); // 127.0.0.1; may still be in progress

// The value of a header field in the text between the first line and the empty line.
[[nodiscard]] std::optional<std::string_view> headerValue(std::string_view head,
                                                          std::string_view name);

// Takes a chunked body apart as it comes. Bytes after the end are left to the caller.
class Dechunker
{
public:
    // Appends what is body to out and returns how many bytes of text were used.
    std::size_t feed(std::string_view text, std::string &out);
    [[nodiscard]] bool done() const { return m_state == State::Done; }
    [[nodiscard]] bool broken() const { return m_state == State::Broken; }
    void reset() { *this = Dechunker(); }

private:
    enum class State { Size, Data, DataEnd, Trailer, Done, Broken };
    State m_state = State::Size;
    std::uint64_t m_left = 0;
    std::string m_line;
};

} // namespace bench
