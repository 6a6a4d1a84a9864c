// SPDX-License-Identifier: GPL-3.0-or-later
// AWS Signature Version 4 (AWS documentation, "Create a signed AWS API request"). Pure.
#pragma once

#include "core/base/headers.h"

#include <cstdint>
#include <optional>

namespace tollgate::providers {

struct AwsCredentials
{
    QByteArray id;
    QByteArray secret;
    QByteArray sessionToken; // empty: long-lived credentials
};

// "ID:SECRET", "ID:SECRET:TOKEN", or the same with '|' between. nullopt for anything else.
[[nodiscard]] std::optional<AwsCredentials> readAwsCredentials(QByteArrayView key);

struct SigningScope
{
    QByteArray region;
    QByteArray service;
    std::int64_t nowS = 0; // since 1970 UTC
};

// Adds x-amz-date, x-amz-security-token and authorization. Signed are host, content-type and every
// x-amz field of `headers`. The path of `url` is encoded once more, as all services but S3 want it.
void signV4(Headers &headers, QByteArrayView method, QByteArrayView url, QByteArrayView body,
            const AwsCredentials &credentials, const SigningScope &scope);

} // namespace tollgate::providers
