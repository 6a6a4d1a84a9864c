// SPDX-License-Identifier: GPL-3.0-or-later
// Character classes and the smallest pieces of RFC 9110 and RFC 9112 grammar.
#pragma once

#include <QByteArrayView>

#include <array>
#include <cstdint>
#include <optional>

namespace tollgate::http::syntax {

enum Class : std::uint8_t {
    Token = 1, // tchar
    Value = 2, // VCHAR, SP, HTAB, obs-text
    TargetChar = 4, // what a request target may hold here: VCHAR without '#'
    HexDigit = 8,
};

[[nodiscard]] constexpr std::array<std::uint8_t, 256> classTable()
{
    std::array<std::uint8_t, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool digit = c >= '0' && c <= '9';
        const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool extra = false;
        for (const char t :
             {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
            extra = extra || c == static_cast<unsigned char>(t);
        unsigned bits = 0;
        if (digit || alpha || extra)
            bits |= Token;
        if (c == '\t' || (c >= 0x20 && c != 0x7f))
            bits |= Value;
        if (c > 0x20 && c < 0x7f && c != '#')
            bits |= TargetChar;
        if (digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            bits |= HexDigit;
        table[c] = static_cast<std::uint8_t>(bits);
    }
    return table;
}

inline constexpr std::array<std::uint8_t, 256> kClasses = classTable();

[[nodiscard]] inline bool is(char c, Class wanted)
{
    return (kClasses[static_cast<unsigned char>(c)] & wanted) != 0;
}

[[nodiscard]] inline bool all(QByteArrayView text, Class wanted)
{
    for (const char c : text) {
        if (!is(c, wanted))
            return false;
    }
    return true;
}

[[nodiscard]] inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// `lowerCase` is given in lower case.
[[nodiscard]] inline bool same(QByteArrayView text, QByteArrayView lowerCase)
{
    if (text.size() != lowerCase.size())
        return false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (lower(text[i]) != lowerCase[i])
            return false;
    }
    return true;
}

[[nodiscard]] inline QByteArrayView trimmed(QByteArrayView text)
{
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.isEmpty() && blank(text.front()))
        text = text.sliced(1);
    while (!text.isEmpty() && blank(text.back()))
        text.chop(1);
    return text;
}

[[nodiscard]] inline int hexValue(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// One field line without its CRLF.
struct Field
{
    QByteArrayView name;
    QByteArrayView value; // without the optional white space around it
};

// RFC 9112 5: field-name ":" OWS field-value OWS; neither folding nor space before the colon.
[[nodiscard]] std::optional<Field> fieldLine(QByteArrayView line);
// RFC 9110 8.6: 1*DIGIT, below 2^63.
[[nodiscard]] std::optional<std::int64_t> contentLength(QByteArrayView value);
// RFC 9112 7.1: the line before a chunk, without its CRLF. Extensions are checked and ignored.
[[nodiscard]] std::optional<std::uint64_t> chunkLine(QByteArrayView line);
// Calls `visit` with each non-empty member of a comma-separated list.
template <class F> void forEachMember(QByteArrayView list, F visit)
{
    while (!list.isEmpty()) {
        const qsizetype comma = list.indexOf(',');
        const QByteArrayView member = trimmed(comma < 0 ? list : list.first(comma));
        if (!member.isEmpty())
            visit(member);
        list = comma < 0 ? QByteArrayView() : list.sliced(comma + 1);
    }
}

} // namespace tollgate::http::syntax
