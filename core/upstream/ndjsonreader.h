// SPDX-License-Identifier: GPL-3.0-or-later
// Cuts a byte stream into lines of JSON (one value a line, LF or CRLF). Blank lines are passed
// over.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace tollgate::upstream {

class NdjsonReader
{
public:
    explicit NdjsonReader(qsizetype lineLimit = 8 << 20);

    void append(QByteArrayView bytes);
    // The next complete line without its end, or nullopt: more bytes are needed. Valid until the
    // next call of a non-const member. TooLarge when a line exceeds the limit; the reader is then
    // dead.
    [[nodiscard]] Result<std::optional<QByteArrayView>> next();
    // At the end of the stream: a last line without its end. Empty if there is none.
    [[nodiscard]] QByteArrayView rest() const;

private:
    QByteArray m_buffer;
    qsizetype m_start = 0;
    qsizetype m_known = 0; // no LF in [m_start, m_known)
    qsizetype m_lineLimit;
    bool m_dead = false;
};

} // namespace tollgate::upstream
