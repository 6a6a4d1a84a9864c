// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/soundlength.h"

#include <QtEndian>

#include <algorithm>
#include <cmath>

namespace tollgate::protocol {
namespace {

// Whoever declares less time than this many bytes a second need lies: 32 bit, 192 kHz, 8 channels.
constexpr std::int64_t kMostBytesASecond = 6'200'000;
constexpr std::int64_t kLongest = 100LL * 3'600 * 1'000; // milliseconds: no vendor takes more

template <class T> T little(QByteArrayView bytes, qsizetype at)
{
    return qFromLittleEndian<T>(bytes.data() + at);
}

template <class T> T big(QByteArrayView bytes, qsizetype at)
{
    return qFromBigEndian<T>(bytes.data() + at);
}

std::optional<std::int64_t> ratio(std::uint64_t samples, std::uint64_t rate)
{
    if (rate == 0 || samples > std::uint64_t(1) << 50)
        return std::nullopt;
    return static_cast<std::int64_t>((samples * 1'000 + rate - 1) / rate);
}

// RIFF: chunks of an id and a size; "fmt " tells bytes a second, "data" how many there are.
std::optional<std::int64_t> wav(QByteArrayView file)
{
    std::uint32_t rate = 0;
    for (qsizetype at = 12; at + 8 <= file.size();) {
        const QByteArrayView id = file.sliced(at, 4);
        const qsizetype size = little<quint32>(file, at + 4);
        if (id == QByteArrayView("fmt ") && at + 8 + 12 <= file.size()) {
            rate = little<quint32>(file, at + 8 + 8);
        } else if (id == QByteArrayView("data")) {
            // What was written to a pipe has no size, or an endless one.
            const qsizetype there = file.size() - at - 8;
            return ratio(static_cast<std::uint64_t>(size == 0 ? there : std::min(size, there)),
                         rate);
        }
        at += 8 + size + (size & 1);
    }
    return std::nullopt;
}

// RFC 9639 8.2: 20 bits of sample rate, … and 36 of samples, 10 bytes into the first block.
std::optional<std::int64_t> flac(QByteArrayView file)
{
    if (file.size() < 8 + 18)
        return std::nullopt;
    const auto bits = big<quint64>(file, 8 + 10);
    const std::uint64_t samples = bits & 0xF'FFFF'FFFFULL;
    return samples == 0 ? std::nullopt : ratio(samples, bits >> 44);
}

// RFC 3533: the granule position of the last page; RFC 7845: Opus counts at 48 kHz.
std::optional<std::int64_t> ogg(QByteArrayView file)
{
    constexpr qsizetype kFirstPacket = 28; // behind the first page's header of one segment
    const qsizetype last = file.lastIndexOf("OggS");
    if (last < 0 || last + 14 > file.size() || file.size() < kFirstPacket + 16)
        return std::nullopt;
    const auto granule = little<quint64>(file, last + 6);
    const QByteArrayView packet = file.sliced(kFirstPacket);
    if (packet.startsWith("OpusHead"))
        return ratio(granule, 48'000);
    if (packet.startsWith("\x01vorbis"))
        return ratio(granule, little<quint32>(packet, 12));
    return std::nullopt;
}

// ISO 14496-12: "mvhd" within "moov", which may stand at either end.
std::optional<std::int64_t> mp4(QByteArrayView file)
{
    for (qsizetype at = 0; at + 8 <= file.size();) {
        std::uint64_t size = big<quint32>(file, at);
        qsizetype head = 8;
        if (size == 1 && at + 16 <= file.size()) {
            size = big<quint64>(file, at + 8);
            head = 16;
        }
        const QByteArrayView kind = file.sliced(at + 4, 4);
        if (kind == QByteArrayView("moov")) {
            at += head; // into it
            continue;
        }
        if (kind == QByteArrayView("mvhd")) {
            const qsizetype body = at + head;
            const bool wide = body < file.size() && file[body] == 1;
            if (body + (wide ? 32 : 20) > file.size())
                return std::nullopt;
            return wide ? ratio(big<quint64>(file, body + 24), big<quint32>(file, body + 20))
                        : ratio(big<quint32>(file, body + 16), big<quint32>(file, body + 12));
        }
        if (size < static_cast<std::uint64_t>(head)
            || size > static_cast<std::uint64_t>(file.size() - at))
            return std::nullopt;
        at += static_cast<qsizetype>(size);
    }
    return std::nullopt;
}

std::optional<std::int64_t> told(QByteArrayView file)
{
    if (file.startsWith("RIFF") && file.size() > 12 && file.sliced(8, 4) == QByteArrayView("WAVE"))
        return wav(file);
    if (file.startsWith("fLaC"))
        return flac(file);
    if (file.startsWith("OggS"))
        return ogg(file);
    if (file.size() > 12 && file.sliced(4, 4) == QByteArrayView("ftyp"))
        return mp4(file);
    return std::nullopt;
}

} // namespace

std::optional<std::int64_t> declaredMilliseconds(QByteArrayView file)
{
    const auto length = told(file);
    if (!length || *length > kLongest || *length > longestMilliseconds(file.size())
        || std::int64_t(file.size()) / kMostBytesASecond * 1'000 > *length)
        return std::nullopt;
    return length;
}

// 6 kbit/s: Opus' thinnest.
std::int64_t longestMilliseconds(qsizetype bytes)
{
    return std::int64_t(bytes) * 8 / 6 + 1'000;
}

// 128 kbit/s.
std::int64_t usualMilliseconds(qsizetype bytes)
{
    return std::int64_t(bytes) / 16 + 1;
}

} // namespace tollgate::protocol
