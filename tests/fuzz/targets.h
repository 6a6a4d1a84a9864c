// SPDX-License-Identifier: GPL-3.0-or-later
// What is fuzzed. Each target takes any bytes and ends the program where a claim does not hold; the
// names are those of the folders under corpus/.
#pragma once

#include "core/protocol/dialect.h"

#include <QByteArrayView>

#include <span>

namespace tollgate::fuzz {

struct Target
{
    const char *name;
    void (*run)(QByteArrayView input);
};

[[nodiscard]] std::span<const Target> targets();
[[nodiscard]] const Target *targetNamed(QByteArrayView name);

// One dialect's codec. The first byte says what the rest is: 'r' a request, 'a' a whole answer, 's'
// a stream; the second what the vendor takes.
void codec(protocol::Dialect dialect, QByteArrayView input);
// The first byte of these names the reader.
void framings(QByteArrayView input); // 's' SSE, 'n' JSON lines, 'e' Amazon's, 'g' Gemini's array
void json(QByteArrayView input); // 'j' JSON, 'p' a look into a body, 's' a schema
void http(QByteArrayView input); // 'h' a head, 'b' a chunked body, 'z' gzip, 'c' both, 'f' a form

} // namespace tollgate::fuzz
