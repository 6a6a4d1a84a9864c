// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that lives while a profile is served, in the daemon and in the desktop app alike: the
// opened profile, the gateway with its threads, the management calls and their socket. Lives in the
// main thread, which none of it blocks after start().
#pragma once

#include "app/house.h"
#include "core/admin/admin.h"
#include "core/admin/adminserver.h"
#include "core/admin/watch.h"
#include "core/gateway/gateway.h"

#include <functional>
#include <memory>

namespace tollgate::app {

struct ServeWishes
{
    QString listen; // "ADDR:PORT,…"; empty: the setting
    QString threads; // empty: the setting
    bool lanPlaintext = false;
};

[[nodiscard]] Result<gateway::Options> gatewayOptions(const ServeWishes &wishes,
                                                      const admin::Settings &settings);

class Daemon
{
public:
    Daemon(const admin::Profile &profile, std::unique_ptr<House> house);
    ~Daemon();
    Daemon(const Daemon &) = delete;
    Daemon &operator=(const Daemon &) = delete;

    // Blocks for the time of start-up; the Error says which address or socket cannot be had.
    [[nodiscard]] Result<void> start(const gateway::Options &options);

    [[nodiscard]] std::vector<QByteArray> urls() const { return m_gateway->status().baseUrls; }
    [[nodiscard]] admin::Calls &calls() { return *m_admin; }
    [[nodiscard]] const admin::Settings &settings() const { return m_gateway->settings(); }
    [[nodiscard]] gateway::Status status() const { return m_gateway->status(); }

    // Configuration and keys are read anew.
    void reload();
    // No new requests; `done` when those under way have ended, or been ended at the limit that the
    // settings give, and are settled.
    void drain(std::function<void()> done);

private:
    admin::Profile m_profile;
    std::unique_ptr<House> m_house;
    secrets::KeyRing m_keys;
    std::unique_ptr<gateway::Gateway> m_gateway;
    std::unique_ptr<admin::Engine> m_engine;
    std::unique_ptr<admin::Admin> m_admin;
    std::unique_ptr<admin::AdminServer> m_server;
    std::unique_ptr<admin::Watch> m_watch;
};

// Says on standard output where it answers, once it does.
void announce(const std::vector<QByteArray> &urls, bool json);

} // namespace tollgate::app
