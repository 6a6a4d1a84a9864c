// SPDX-License-Identifier: GPL-3.0-or-later
// Google's credential files as a channel's key: a service account signs its request for an access
// token (RFC 7523), a user's own credentials carry a refresh token (RFC 6749). Pure.
#pragma once

#include "core/base/result.h"
#include "core/upstream/exchange.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>

namespace tollgate::providers {

// A file, not an API key.
[[nodiscard]] bool isCredentialFile(QByteArrayView key);

// Of a credential file; empty where it names none.
[[nodiscard]] QByteArray projectOf(QByteArrayView file);

// Where the file is exchanged: what the channel names, else what the file names, which must be one
// of Google's own, since a file is pasted and must not choose whom we call.
[[nodiscard]] Result<QByteArray> tokenUri(QByteArrayView file, QByteArrayView named);

// The request that exchanges the file. Signs: a millisecond or two, not for a gateway thread.
[[nodiscard]] Result<upstream::Request> tokenRequest(QByteArrayView file, const QByteArray &uri,
                                                     std::int64_t nowS);

struct AccessToken
{
    QByteArray text;
    std::int64_t lifeS = 0;
};
// What the token server answered.
[[nodiscard]] Result<AccessToken> readAccessToken(int status, QByteArrayView body);

// Signature of a JSON Web Token by RS256 (RFC 7518 3.3) with a PEM private key.
[[nodiscard]] Result<QByteArray> signRs256(QByteArrayView signedPart, QByteArrayView privateKeyPem);

} // namespace tollgate::providers
