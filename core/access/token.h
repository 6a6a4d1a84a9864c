// SPDX-License-Identifier: GPL-3.0-or-later
// The text of a token: "tg-", 256 random bits in base 62, and a checksum that tells a mistyped or
// foreign key from one of ours before anything is looked up.
#pragma once

#include <QByteArray>
#include <QByteArrayView>

namespace tollgate::access {

struct NewToken
{
    QByteArray text; // "tg-…", shown once
    QByteArray digest; // SHA-256
    QByteArray prefix; // the first seven characters, for screens
};

[[nodiscard]] NewToken makeToken();
// Right prefix, alphabet, length and checksum: cheap, before any table is looked at.
[[nodiscard]] bool looksLikeToken(QByteArrayView text);
[[nodiscard]] QByteArray digestOf(QByteArrayView token);

} // namespace tollgate::access
