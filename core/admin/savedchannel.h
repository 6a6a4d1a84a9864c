// SPDX-License-Identifier: GPL-3.0-or-later
// A channel's row as text, as it lies in the trash: every field, and the references of its keys.
// Pure.
#pragma once

#include "core/base/result.h"
#include "core/store/rows.h"

namespace tollgate::admin {

[[nodiscard]] QByteArray channelToJson(const store::ChannelRow &row);
[[nodiscard]] Result<store::ChannelRow> channelFromJson(const QByteArray &json);

} // namespace tollgate::admin
