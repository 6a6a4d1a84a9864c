// SPDX-License-Identifier: GPL-3.0-or-later
// A management call, wherever it is answered: in this process or by the daemon of the profile.
#pragma once

#include "core/base/result.h"
#include "core/base/task.h"

#include <QJsonObject>
#include <QString>

#include <functional>

namespace tollgate::admin {

// One piece of a running answer ("log" that follows). False: nobody listens any more, stop.
using OnEvent = std::function<bool(const QJsonObject &)>;

class Calls
{
public:
    Calls() = default;
    virtual ~Calls() = default;
    Calls(const Calls &) = delete;
    Calls &operator=(const Calls &) = delete;

    // Destroying the task abandons the call; what it has already changed stays changed.
    [[nodiscard]] virtual Task<Result<QJsonObject>> call(QString command, QJsonObject arguments,
                                                         OnEvent onEvent = {})
        = 0;
};

} // namespace tollgate::admin
