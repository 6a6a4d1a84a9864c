// SPDX-License-Identifier: GPL-3.0-or-later
// A blocking HTTP client that sends whatever bytes a test wants and believes nothing it reads.
#pragma once

#include <QByteArray>
#include <QList>

#include <optional>
#include <utility>

namespace tollgate::http::test {

// Only what hangs takes longer, however busy the machine is.
constexpr int kPatienceMs = 30'000;

struct Answer
{
    int status = 0;
    int minorVersion = 0;
    QList<std::pair<QByteArray, QByteArray>> headers; // names in lower case
    QByteArray body; // de-chunked
    bool chunked = false;
    bool truncated = false; // the connection ended before the framing did
    QByteArray raw;

    [[nodiscard]] QByteArray header(const QByteArray &lowerName) const;
    [[nodiscard]] qsizetype headerCount(const QByteArray &lowerName) const;
};

class RawClient
{
public:
    RawClient() = default;
    explicit RawClient(quint16 port, bool ipv6 = false, int receiveBuffer = 0);
    ~RawClient();
    RawClient(RawClient &&other) noexcept;
    RawClient &operator=(RawClient &&other) noexcept;

    [[nodiscard]] bool isOpen() const { return m_fd >= 0; }
    // False when the peer refused the bytes.
    bool send(const QByteArray &bytes);
    void shutdownWrite();
    void close();
    void reset(); // RST

    // The next answer; nothing when none begins within the time. `head`: it has no body.
    std::optional<Answer> answer(int timeoutMs = kPatienceMs, bool head = false);
    // Everything until the peer closes or the time is over.
    QByteArray readAll(int timeoutMs);
    // Exactly `size` bytes or fewer at the end of the time.
    QByteArray readSome(qsizetype size, int timeoutMs);
    // True when the peer has closed within the time, with nothing left to read.
    bool closedByPeer(int timeoutMs = kPatienceMs);
    [[nodiscard]] bool wasReset() const { return m_wasReset; }

private:
    // False at the end of the stream or of the time.
    bool fill(qint64 deadlineMs);

    int m_fd = -1;
    QByteArray m_buffer;
    bool m_eof = false;
    bool m_wasReset = false;
};

} // namespace tollgate::http::test
