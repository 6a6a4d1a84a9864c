// SPDX-License-Identifier: GPL-3.0-or-later
// How long a sound file plays, without decoding it. Pure.
#pragma once

#include <QByteArrayView>

#include <cstdint>
#include <optional>

namespace tollgate::protocol {

// What a WAV, FLAC, Ogg (Opus, Vorbis) or MP4 file says of itself; nullopt: it says nothing, or
// something that its size belies.
[[nodiscard]] std::optional<std::int64_t> declaredMilliseconds(QByteArrayView file);

// No speech codec that vendors take is thinner than this many bytes play.
[[nodiscard]] std::int64_t longestMilliseconds(qsizetype bytes);
// What so many bytes of a usual recording play.
[[nodiscard]] std::int64_t usualMilliseconds(qsizetype bytes);

} // namespace tollgate::protocol
