// SPDX-License-Identifier: GPL-3.0-or-later
// Every recorded exchange that some codec of ours reads, with the bytes as the vendor sent them.
#pragma once

#include "tests/codecs/properties.h"

namespace tollgate::test {

struct Exchange
{
    QString name; // file and number
    protocol::Dialect upstream = protocol::Dialect::Chat;
    QByteArray request; // may be empty
    QByteArray body; // whole answer, or the stream's bytes where they are known
    std::vector<WireEvent> events; // of a stream
    bool stream = false;
    bool told = true; // false: an answer of another kind, or an error with its status
};

// Recorded ones; none without TOLLGATE_FIXTURES.
[[nodiscard]] std::vector<Exchange> allExchanges();
// Those that nobody recorded: refusals, several answers, calls interleaved, streams that fail.
[[nodiscard]] std::vector<Exchange> madeExchanges();

} // namespace tollgate::test
