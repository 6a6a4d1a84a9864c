// SPDX-License-Identifier: GPL-3.0-or-later
// The program's standard streams and what the system asks of a process. One source a kind of
// system.
#pragma once

#include "core/base/secret.h"

#include <QString>

#include <functional>
#include <memory>

namespace tollgate::app {

// One line from the terminal without echo, or all of standard input up to 64 KiB where that is not
// a terminal; one trailing line end is dropped.
[[nodiscard]] Secret readSecret(const QString &prompt);

enum class Wish { Stop, Reload };

// Calls `onWish` from the event loop for SIGTERM, SIGINT, SIGHUP or their like. One a process.
class Signals
{
public:
    [[nodiscard]] static std::unique_ptr<Signals> watch(std::function<void(Wish)> onWish);
    virtual ~Signals() = default;
    Signals(const Signals &) = delete;
    Signals &operator=(const Signals &) = delete;

protected:
    Signals() = default;
};

} // namespace tollgate::app
