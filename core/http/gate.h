// SPDX-License-Identifier: GPL-3.0-or-later
// What all connections of one listener share, and the pure part of admitting a head.
#pragma once

#include "core/http/deadlines.h"
#include "core/http/headparser.h"
#include "core/http/qtserver.h"
#include "core/http/siteguard.h"

#include <QObject>

#include <functional>
#include <optional>

namespace tollgate::http {

class Connection;

struct Gate
{
    Gate(const Limits &limits_, Handler &handler_, Census &census_, const Clock &clock_)
        : limits(limits_)
        , handler(handler_)
        , census(census_)
        , clock(clock_)
        , deadlines(clock_)
    {
    }

    [[nodiscard]] QByteArray dateNow();

    const Limits limits;
    Handler &handler;
    Census &census;
    const Clock &clock;
    SiteGuard guard;
    QObject context; // its events are the listener's errands
    Deadlines deadlines;
    QtServerPtr qt;
    QByteArray scratch = QByteArray(64 * 1024, Qt::Uninitialized); // of one read at a time
    std::function<void(Connection &)> retire; // the connection is closed; delete it, not now
    bool draining = false;

private:
    QByteArray m_date;
    std::int64_t m_dateSecond = -1;
};

// Host, Origin, target and method, in this order; before any routing.
[[nodiscard]] std::optional<Fault> judgeSite(const ParsedHead &parsed, const SiteGuard &guard,
                                             const QHostAddress &local);
// What the head says of a body that the handler would otherwise take.
[[nodiscard]] std::optional<Fault> judgeBody(const ParsedHead &parsed, std::int64_t bodyLimit);
// The answer to every OPTIONS that passed judgeSite(): nothing about any route.
[[nodiscard]] Response optionsAnswer();
// For a CORS preflight of a listed origin: the request headers to allow. Else nothing.
[[nodiscard]] std::optional<QByteArray> preflightHeaders(const ParsedHead &parsed);

[[nodiscard]] Error toError(const Fault &fault);

} // namespace tollgate::http
