// SPDX-License-Identifier: GPL-3.0-or-later
// Errors are values: everything that can fail returns Result<T>.
#pragma once

#include "core/base/error.h"

#include <tl/expected.hpp>

#include <utility>

namespace tollgate {

template <class T> using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> failure(ErrorKind kind, QString message,
                                                   QByteArray code = {})
{
    Error error;
    error.kind = kind;
    error.message = std::move(message);
    error.code = std::move(code);
    return tl::unexpected<Error>(std::move(error));
}

[[nodiscard]] inline tl::unexpected<Error> failure(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

} // namespace tollgate
