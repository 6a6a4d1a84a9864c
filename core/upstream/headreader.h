// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a response head line by line: interim (1xx) heads are passed over, the final one is kept.
// Refuses what would let two readers disagree about where the body ends (RFC 9112 6.3).
#pragma once

#include "core/upstream/exchange.h"

#include <QByteArrayView>

#include <cstdint>

namespace tollgate::upstream {

class HeadReader
{
public:
    enum class State { Reading, Complete, Malformed };

    // One line as it came, its line end included. After Complete: trailer fields, counted and
    // dropped.
    State feed(QByteArrayView line);

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] bool hasStatus() const { return m_head.status >= 200; }
    [[nodiscard]] const Head &head() const { return m_head; }
    [[nodiscard]] const char *problem() const { return m_problem; } // a sentence, when Malformed
    // -1: none declared.
    [[nodiscard]] std::int64_t contentLength() const { return m_contentLength; }
    // A Content-Encoding other than identity.
    [[nodiscard]] bool isEncoded() const { return m_encodings > 0; }
    // Deflate once: 1 to 1032 at most. Other encodings, and several, know no such bound.
    [[nodiscard]] bool hasBoundedRatio() const
    {
        return m_encodings == m_deflates && m_deflates < 2;
    }

private:
    State statusLine(QByteArrayView line);
    State field(QByteArrayView line);
    State endOfHead();
    State malformed(const char *why);
    bool takeLength(QByteArrayView value);

    Head m_head;
    State m_state = State::Reading;
    const char *m_problem = "";
    std::int64_t m_contentLength = -1;
    qsizetype m_bytes = 0;
    int m_interim = 0;
    int m_encodings = 0;
    int m_deflates = 0; // of these, gzip or deflate alone in their field
    bool m_chunked = false;
};

} // namespace tollgate::upstream
