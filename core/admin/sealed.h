// SPDX-License-Identifier: GPL-3.0-or-later
// A text sealed with a passphrase, for the secrets of an export: Argon2id and XChaCha20-Poly1305.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <QJsonObject>

namespace tollgate::admin {

// Slow on purpose (about half a second). {kdf, ops, memory, salt, nonce, data}, binary as base64.
[[nodiscard]] Result<QJsonObject> seal(QByteArrayView text, const Secret &passphrase);
// A wrong passphrase and a damaged text are the same Forbidden.
[[nodiscard]] Result<Secret> unseal(const QJsonObject &sealed, const Secret &passphrase);

} // namespace tollgate::admin
