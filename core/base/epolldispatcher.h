// SPDX-License-Identifier: GPL-3.0-or-later
// The event dispatcher of the gateway threads. Qt's own polls every descriptor at each wake-up, so
// that thousands of idle connections slow the busy ones; this one asks epoll, which answers with
// the ready ones only.
#pragma once

#include <memory>

class QAbstractEventDispatcher;

namespace tollgate {

// For QThread::setEventDispatcher(), before the thread starts. nullptr where there is no epoll: the
// thread then keeps the dispatcher that Qt gives it.
[[nodiscard]] std::unique_ptr<QAbstractEventDispatcher> makeGatewayDispatcher();

} // namespace tollgate
