// SPDX-License-Identifier: GPL-3.0-or-later
// The management socket of a running daemon: local, of this user only, never a network port.
#pragma once

#include "core/admin/calls.h"

#include <QLocalServer>
#include <QString>

#include <memory>
#include <vector>

namespace tollgate::admin {

class AdminServer final
{
public:
    // `calls` outlives the server. Takes over a socket file that a dead daemon left: the caller
    // holds the profile's lock.
    [[nodiscard]] static Result<std::unique_ptr<AdminServer>> open(const QString &socketName,
                                                                   Calls &calls);
    ~AdminServer();
    AdminServer(const AdminServer &) = delete;
    AdminServer &operator=(const AdminServer &) = delete;

    [[nodiscard]] int sessions() const { return static_cast<int>(m_sessions.size()); }

private:
    class Session;
    explicit AdminServer(Calls &calls);
    void accept();
    void sweep();

    Calls &m_calls;
    QLocalServer m_server;
    std::vector<std::shared_ptr<Session>> m_sessions;
};

} // namespace tollgate::admin
