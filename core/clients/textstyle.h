// SPDX-License-Identifier: GPL-3.0-or-later
// How a text is laid out, so that what is added looks like what was there.
#pragma once

#include <QByteArray>
#include <QByteArrayList>

namespace tollgate::clients {

[[nodiscard]] int lineOf(const QByteArray &text, qsizetype at); // from 1
// "\r\n" where the first line ends so, otherwise "\n".
[[nodiscard]] QByteArray lineEndOf(const QByteArray &text);
[[nodiscard]] qsizetype lineBegin(const QByteArray &text, qsizetype at);
// Behind the line feed of the line `at` stands in, or the end of the text.
[[nodiscard]] qsizetype lineEnd(const QByteArray &text, qsizetype at);
// Spaces and tabs the line of `at` begins with.
[[nodiscard]] QByteArray indentAt(const QByteArray &text, qsizetype at);
[[nodiscard]] bool isBlank(QByteArrayView text);
// Each with its own line end; the last may have none. Empty for an empty text.
[[nodiscard]] QByteArrayList linesOf(const QByteArray &text);

} // namespace tollgate::clients
