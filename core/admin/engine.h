// SPDX-License-Identifier: GPL-3.0-or-later
// What a running gateway adds to the management calls. Implemented above this room.
#pragma once

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/relay/runningcall.h"
#include "core/routing/health.h"

#include <QJsonObject>

#include <vector>

namespace tollgate::admin {

class Engine
{
public:
    Engine() = default;
    virtual ~Engine() = default;
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;

    // Channels, tokens, prices or settings changed in the store: arrives when requests that begin
    // from now on run under them.
    [[nodiscard]] virtual OneShot<Result<void>> reload() = 0;
    // Base URLs, threads, what runs; members of the "status" answer.
    [[nodiscard]] virtual QJsonObject status() const = 0;
    // Microseconds until a key that cools down is used again; 0: it is not cooling.
    [[nodiscard]] virtual std::int64_t cooldownUs(std::int64_t keyId) const = 0;
    virtual void clearCooldown(std::int64_t keyId) = 0;
    // Every key that is not simply well.
    [[nodiscard]] virtual std::vector<routing::KeyReport> keyReports() const { return {}; }
    // Requests under way, oldest first.
    [[nodiscard]] virtual OneShot<std::vector<relay::RunningCall>> running()
    {
        OneShot<std::vector<relay::RunningCall>> nothing;
        nothing.set({});
        return nothing;
    }
    // False: there is none of this id, or none any more.
    [[nodiscard]] virtual OneShot<bool> stopRequest(const QByteArray &)
    {
        OneShot<bool> nothing;
        nothing.set(false);
        return nothing;
    }
};

} // namespace tollgate::admin
