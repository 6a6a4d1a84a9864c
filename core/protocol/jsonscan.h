// SPDX-License-Identifier: GPL-3.0-or-later
// The one loop that sees nearly every byte of a body: to the next quote, backslash or control
// character. Sixteen bytes at a time where the processor has them, else eight.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define TOLLGATE_SSE2 1
#endif

namespace tollgate::protocol {

[[nodiscard]] inline bool isSpecial(char c)
{
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// Eight bytes: the high bit of each byte that is special is set; bytes behind the first such one
// may be marked wrongly, the first never is.
[[nodiscard]] inline std::uint64_t specialBytes(std::uint64_t word)
{
    constexpr std::uint64_t kOnes = 0x0101010101010101U;
    constexpr std::uint64_t kHighs = 0x8080808080808080U;
    const auto zeroByte = [](std::uint64_t v) { return (v - kOnes) & ~v & kHighs; };
    const std::uint64_t control = (word - kOnes * 0x20) & ~word & kHighs;
    return zeroByte(word ^ (kOnes * '"')) | zeroByte(word ^ (kOnes * '\\')) | control;
}

[[nodiscard]] inline const char *findSpecialByWords(const char *p, const char *end)
{
    if constexpr (std::endian::native == std::endian::little) {
        for (; end - p >= 8; p += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, p, 8);
            if (const std::uint64_t found = specialBytes(word))
                return p + std::countr_zero(found) / 8;
        }
    }
    while (p != end && !isSpecial(*p))
        ++p;
    return p;
}

// The first special byte at or behind `p`, or `end`.
[[nodiscard]] inline const char *findSpecial(const char *p, const char *end)
{
#ifdef TOLLGATE_SSE2
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i slash = _mm_set1_epi8('\\');
    const __m128i lastControl = _mm_set1_epi8(0x1F);
    for (; end - p >= 16; p += 16) {
        __m128i bytes;
        std::memcpy(&bytes, p, 16);
        const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, lastControl), bytes);
        const __m128i hit = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)), control);
        if (const int mask = _mm_movemask_epi8(hit))
            return p + std::countr_zero(static_cast<unsigned>(mask));
    }
#endif
    return findSpecialByWords(p, end);
}

} // namespace tollgate::protocol
