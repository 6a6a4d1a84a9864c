// SPDX-License-Identifier: GPL-3.0-or-later
// One window a profile: the first start listens, a later one makes it come to the front and ends.
#pragma once

#include "core/admin/profile.h"

#include <QLocalServer>

#include <functional>
#include <memory>

namespace tollgate::desktop {

class Instance
{
public:
    // nullptr: another window of this profile runs and has been raised.
    [[nodiscard]] static std::unique_ptr<Instance> first(const admin::Profile &profile,
                                                         std::function<void()> onRaise);

private:
    explicit Instance(std::function<void()> onRaise);

    std::function<void()> m_onRaise;
    QLocalServer m_server;
};

} // namespace tollgate::desktop
