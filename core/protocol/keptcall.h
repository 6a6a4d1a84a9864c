// SPDX-License-Identifier: GPL-3.0-or-later
// Calls about what a vendor keeps: files and batches of OpenAI's and Anthropic's APIs. Pure.
#pragma once

#include "core/base/result.h"
#include "core/protocol/dialect.h"
#include "core/protocol/peek.h"

#include <QByteArray>
#include <QByteArrayView>

#include <functional>
#include <optional>
#include <vector>

namespace tollgate::protocol {

struct KeptCall
{
    enum class Thing { File, Batch };
    enum class Act { Create, List, Show, Delete, Cancel, Content };
    Thing thing = Thing::File;
    Act act = Act::Show;
    QByteArray id; // all but Create and List
    Dialect dialect = Dialect::Chat; // of files: the method's headers say
};

// `path`: behind the version, "files/file-abc/content". nullopt: no such call. MethodNotAllowed
// with `allow`.
[[nodiscard]] std::optional<Result<KeptCall>> keptCall(QByteArrayView method, QByteArrayView path);

// A name that a model goes by, in the body of a request that starts a batch, and where it stands.
struct BatchModel
{
    QByteArray name;
    Span value; // quotes included
};
// Of Anthropic's {"requests":[{"params":{"model":…}}]}. InvalidRequest where one names none.
[[nodiscard]] Result<std::vector<BatchModel>> batchModels(QByteArrayView body);
// Of a file whose lines are requests, which stands at `file` in a body.
[[nodiscard]] Result<std::vector<BatchModel>> lineModels(QByteArrayView body, Span file);

// The body with each model's name replaced by what `named` makes of it.
[[nodiscard]] QByteArray renameModels(const QByteArray &body, const std::vector<BatchModel> &models,
                                      const std::function<QByteArray(const QByteArray &)> &named);

} // namespace tollgate::protocol
