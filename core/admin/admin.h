// SPDX-License-Identifier: GPL-3.0-or-later
// The management of one profile as calls with names: what the command line, the desktop app and the
// management socket all use. Lives in the main thread; every change is checked field by field,
// audited in its own transaction, and taken over by the running gateway.
#pragma once

#include "core/admin/calls.h"
#include "core/admin/desk.h"

#include <QStringList>

namespace tollgate::admin {

class Admin final : public Calls
{
public:
    explicit Admin(Rooms rooms);
    ~Admin() override;

    [[nodiscard]] Task<Result<QJsonObject>> call(QString command, QJsonObject arguments,
                                                 OnEvent onEvent = {}) override;
    // Every command there is.
    [[nodiscard]] static QStringList commands();

private:
    Desk m_desk;
};

} // namespace tollgate::admin
