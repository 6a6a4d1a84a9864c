// SPDX-License-Identifier: GPL-3.0-or-later
// Why the gate refuses a request, before it becomes an Error with a dialect's body.
#pragma once

#include "core/base/error.h"

#include <string_view>

namespace tollgate::http {

struct Fault
{
    ErrorKind kind = ErrorKind::InvalidRequest;
    std::string_view message; // a literal
    int status = 0; // where the kind has none of its own (417); else 0

    [[nodiscard]] int answerStatus() const { return status != 0 ? status : httpStatus(kind); }
};

} // namespace tollgate::http
