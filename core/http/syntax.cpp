// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/syntax.h"

#include <limits>

namespace tollgate::http::syntax {
namespace {

constexpr qsizetype kMaxSizeDigits = 16;

// A token or a quoted string at the start of `text`: its length, or -1.
qsizetype extensionValue(QByteArrayView text)
{
    if (text.isEmpty())
        return -1;
    if (text.front() != '"') {
        qsizetype n = 0;
        while (n < text.size() && is(text[n], Token))
            ++n;
        return n > 0 ? n : -1;
    }
    for (qsizetype i = 1; i < text.size(); ++i) {
        if (text[i] == '"')
            return i + 1;
        if (text[i] == '\\')
            ++i;
        if (i >= text.size() || !is(text[i], Value))
            return -1;
    }
    return -1;
}

// RFC 9112 7.1.1 without the "bad" white space it tolerates.
bool extensionsAreWellFormed(QByteArrayView text)
{
    while (!text.isEmpty()) {
        if (text.front() != ';')
            return false;
        text = text.sliced(1);
        qsizetype name = 0;
        while (name < text.size() && is(text[name], Token))
            ++name;
        if (name == 0)
            return false;
        text = text.sliced(name);
        if (text.startsWith('=')) {
            const qsizetype length = extensionValue(text.sliced(1));
            if (length < 0)
                return false;
            text = text.sliced(1 + length);
        }
    }
    return true;
}

} // namespace

std::optional<Field> fieldLine(QByteArrayView line)
{
    qsizetype colon = 0;
    while (colon < line.size() && is(line[colon], Token))
        ++colon;
    if (colon == 0 || colon == line.size() || line[colon] != ':')
        return std::nullopt;
    const QByteArrayView value = trimmed(line.sliced(colon + 1));
    if (!all(value, Value))
        return std::nullopt;
    return Field{line.first(colon), value};
}

std::optional<std::int64_t> contentLength(QByteArrayView value)
{
    if (value.isEmpty())
        return std::nullopt;
    std::int64_t total = 0;
    for (const char c : value) {
        if (c < '0' || c > '9')
            return std::nullopt;
        const int digit = c - '0';
        if (total > (std::numeric_limits<std::int64_t>::max() - digit) / 10)
            return std::nullopt;
        total = total * 10 + digit;
    }
    return total;
}

std::optional<std::uint64_t> chunkLine(QByteArrayView line)
{
    std::uint64_t size = 0;
    qsizetype digits = 0;
    while (digits < line.size() && is(line[digits], HexDigit)) {
        if (digits == kMaxSizeDigits)
            return std::nullopt;
        size = (size << 4) | static_cast<std::uint64_t>(hexValue(line[digits]));
        ++digits;
    }
    if (digits == 0 || !extensionsAreWellFormed(line.sliced(digits)))
        return std::nullopt;
    return size;
}

} // namespace tollgate::http::syntax
