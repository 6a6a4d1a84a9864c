// SPDX-License-Identifier: GPL-3.0-or-later
// The request target (RFC 9112 3.2), read once and never rebuilt from anything else.
#pragma once

#include <QByteArrayView>

#include <optional>

namespace tollgate::http {

struct Target
{
    QByteArrayView path; // begins with '/', or is "*" of OPTIONS; not percent-decoded
    QByteArrayView query; // after '?'
    bool hasQuery = false;
    bool absolute = false; // absolute-form: `authority` must equal Host
    QByteArrayView authority;
};

// Views into `raw`. Nothing for authority-form, fragments, dot segments (encoded ones too), %00,
// broken percent-encoding or a backslash in the path, and bytes outside visible ASCII.
[[nodiscard]] std::optional<Target> parseTarget(QByteArrayView method, QByteArrayView raw);

} // namespace tollgate::http
