// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/bodydecoder.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace tollgate::http {
namespace {

constexpr int kWindowBits = 15;
constexpr int kGzipOnly = kWindowBits + 16;
constexpr std::size_t kBlock = 16 * 1024;
constexpr qsizetype kMaxInput = 1 << 30; // zlib counts in unsigned int

} // namespace

struct BodyDecoder::State
{
    z_stream zlib{};
    bool ready = false;
    bool done = false;
    bool deflate = false;
    QByteArray lookahead; // the first two bytes of "deflate", which tell zlib-wrapped from raw
};

BodyDecoder::BodyDecoder(Coding coding)
    : m_state(std::make_unique<State>())
{
    m_state->deflate = coding == Coding::Deflate;
    if (!m_state->deflate)
        m_state->ready = inflateInit2(&m_state->zlib, kGzipOnly) == Z_OK;
}

BodyDecoder::~BodyDecoder()
{
    if (m_state->ready)
        inflateEnd(&m_state->zlib);
}

bool BodyDecoder::complete() const
{
    return m_state->done;
}

BodyDecoder::Outcome BodyDecoder::append(QByteArrayView encoded, QByteArray &out,
                                         std::int64_t limit)
{
    State &state = *m_state;
    QByteArray joined;
    if (!state.ready) {
        if (!state.deflate)
            return Outcome::Malformed; // zlib had no memory
        state.lookahead.append(encoded);
        if (state.lookahead.size() < 2)
            return Outcome::Ok;
        // RFC 9110 8.4.1.2: "deflate" is zlib-wrapped, but some senders leave the wrapper out.
        const auto first = static_cast<unsigned char>(state.lookahead[0]);
        const auto second = static_cast<unsigned char>(state.lookahead[1]);
        const bool wrapped = (first & 0x0f) == 8 && (first * 256 + second) % 31 == 0;
        state.ready = inflateInit2(&state.zlib, wrapped ? kWindowBits : -kWindowBits) == Z_OK;
        if (!state.ready)
            return Outcome::Malformed;
        joined = std::exchange(state.lookahead, {});
        encoded = joined;
    }
    std::array<char, kBlock> block{};
    while (!encoded.isEmpty()) {
        if (state.done)
            return Outcome::Malformed; // bytes behind the end
        const qsizetype portion = std::min(encoded.size(), kMaxInput);
        state.zlib.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(encoded.data()));
        state.zlib.avail_in = static_cast<uInt>(portion);
        int result = Z_OK;
        do {
            state.zlib.next_out = reinterpret_cast<Bytef *>(block.data());
            state.zlib.avail_out = static_cast<uInt>(block.size());
            result = inflate(&state.zlib, Z_NO_FLUSH);
            if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
                return Outcome::Malformed;
            const auto made = static_cast<qsizetype>(block.size() - state.zlib.avail_out);
            if (out.size() + made > limit)
                return Outcome::TooLarge;
            out.append(block.data(), made);
        } while (result == Z_OK && state.zlib.avail_out == 0);
        state.done = result == Z_STREAM_END;
        const auto left = static_cast<qsizetype>(state.zlib.avail_in);
        if (!state.done && left > 0)
            return Outcome::Malformed;
        encoded = encoded.sliced(portion - left);
    }
    return Outcome::Ok;
}

} // namespace tollgate::http
