// SPDX-License-Identifier: GPL-3.0-or-later
// Management calls answered by the daemon that runs on the profile.
#pragma once

#include "core/admin/calls.h"

#include <QLocalSocket>

#include <memory>

namespace tollgate::admin {

class AdminClient final : public Calls
{
public:
    // nullptr inside: no daemon answers there. Forbidden where another user's process does.
    [[nodiscard]] static Result<std::unique_ptr<AdminClient>> connectTo(const QString &socketName);

    [[nodiscard]] Task<Result<QJsonObject>> call(QString command, QJsonObject arguments,
                                                 OnEvent onEvent = {}) override;

private:
    AdminClient();
    [[nodiscard]] std::optional<Result<QJsonObject>> readLines(const OnEvent &onEvent);

    QByteArray m_input;
    OneShot<bool> m_woken;
    QLocalSocket m_socket; // last: closing it wakes
};

} // namespace tollgate::admin
