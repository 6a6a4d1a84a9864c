// SPDX-License-Identifier: GPL-3.0-or-later
// A server's TLS settings from PEM texts.
#pragma once

#include "core/base/result.h"

#include <QSslConfiguration>

namespace tollgate::http {

// TLS 1.2 and up, HTTP/1.1 only. The key may be RSA or EC; a chain may follow the certificate.
[[nodiscard]] Result<QSslConfiguration> serverTls(const QByteArray &certificatePem,
                                                  const QByteArray &privateKeyPem);

} // namespace tollgate::http
