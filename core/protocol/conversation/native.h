// SPDX-License-Identifier: GPL-3.0-or-later
// What only one dialect knows: raw JSON members that a codec could not give a canonical place, kept
// under its dialect and written back to that dialect alone.
#pragma once

#include "core/protocol/conversation/wire.h"

#include <QByteArray>

#include <utility>
#include <vector>

namespace tollgate::protocol {

struct NativeMember
{
    Wire owner = Wire::Chat;
    QByteArray name;
    QByteArray json; // the value's own text
    bool operator==(const NativeMember &) const = default;
};

using Native = std::vector<NativeMember>;

} // namespace tollgate::protocol
