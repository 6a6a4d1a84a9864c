// SPDX-License-Identifier: GPL-3.0-or-later
// The fields of channels and tokens as arguments: each checked by itself, laid over a row. Pure.
#pragma once

#include "core/admin/fields.h"
#include "core/relay/provider.h"
#include "core/store/rows.h"

namespace tollgate::admin {

// 1 to 64 characters that show on every screen; letters, digits, space and . _ - +
[[nodiscard]] Result<QString> checkName(const QString &text);

// Reads name, base_url, local, enabled, models, model_map, headers, priority, weight, the timeouts,
// proxy and options. The provider has been set already.
void readChannelFields(Fields &fields, store::ChannelRow &row, const relay::Provider &provider);

// Reads budget, models, expires, ip, rpm, tpm, concurrency, metrics.
void readTokenFields(Fields &fields, store::TokenRow &row, std::int64_t nowUs);

} // namespace tollgate::admin
