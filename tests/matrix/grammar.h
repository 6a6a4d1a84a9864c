// SPDX-License-Identifier: GPL-3.0-or-later
// The rules of each dialect, written from its documentation and not from our codecs: what a client
// may rely on in an answer. A text says the first thing wrong.
#pragma once

#include "core/protocol/dialect.h"

#include <QByteArray>
#include <QString>

namespace tollgate::test {

struct Verdict
{
    QString wrong; // empty: grammatical
    bool finished = false; // a client takes the answer for complete
    bool failed = false; // a client is told of an error
};

// A whole answer.
[[nodiscard]] QString wholeWrong(protocol::Dialect dialect, QByteArrayView body);
// A stream as far as it went. One that was cut is grammatical too, but not finished.
[[nodiscard]] Verdict streamVerdict(protocol::Dialect dialect, QByteArrayView bytes);

} // namespace tollgate::test
