// SPDX-License-Identifier: GPL-3.0-or-later
// The model list in a form that OpenAI and Anthropic clients both read (one object with the members
// of both), and Gemini's form.
#pragma once

#include "core/protocol/endpoint.h"

#include <vector>

namespace tollgate::protocol {

struct ModelInfo
{
    QByteArray id;
    QByteArray owner;
    std::int64_t createdS = 0; // seconds since 1970
};

[[nodiscard]] QByteArray modelList(Dialect dialect, const std::vector<ModelInfo> &models);
[[nodiscard]] QByteArray modelObject(Dialect dialect, const ModelInfo &model);

} // namespace tollgate::protocol
