// SPDX-License-Identifier: GPL-3.0-or-later
// Gemini's stream without alt=sse is one JSON array, written element by element. This cuts it into
// its elements as the bytes come, at any split.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <optional>

namespace tollgate::protocol {

class GeminiArrayReader
{
public:
    explicit GeminiArrayReader(qsizetype elementLimit = 16 << 20);

    void append(QByteArrayView bytes);

    struct Element
    {
        QByteArrayView raw; // as it stood on the wire, with the separators before it
        QByteArrayView json; // the element alone
    };
    // The next whole element, or nullopt: more bytes are needed, or the array is over. Views are
    // valid until the next call of a non-const member. TooLarge or UpstreamFailed leave it dead.
    [[nodiscard]] Result<std::optional<Element>> next();
    // The closing bracket has come.
    [[nodiscard]] bool finished() const { return m_state == State::After; }
    // Bytes behind the last element: the closing bracket, or an element cut off.
    [[nodiscard]] QByteArrayView rest() const;

private:
    enum class State { Before, First, Between, Element, After, Dead };

    QByteArray m_buffer;
    qsizetype m_start = 0; // first byte not handed out
    qsizetype m_scan = 0;
    qsizetype m_element = 0; // where the element at hand begins
    qsizetype m_limit;
    int m_depth = 0;
    bool m_inString = false;
    bool m_escaped = false;
    State m_state = State::Before;
};

// The error as the last element of such an array that had begun, closing bracket included.
[[nodiscard]] QByteArray geminiArrayError(const Error &error, QByteArrayView requestId,
                                          bool anyElementSent);

} // namespace tollgate::protocol
