// SPDX-License-Identifier: GPL-3.0-or-later
// What the management calls work with, and the few steps that each of them takes: read, change with
// an audit row in the same transaction, tell the engine.
#pragma once

#include "core/admin/calls.h"
#include "core/admin/engine.h"
#include "core/base/clock.h"
#include "core/base/mailbox.h"
#include "core/relay/provider.h"
#include "core/secrets/keyring.h"
#include "core/secrets/vault.h"
#include "core/store/settings.h"
#include "core/store/store.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace tollgate::admin {

struct Rooms
{
    store::Store *store = nullptr;
    secrets::SecretStore *keychain = nullptr;
    secrets::Vault *vault = nullptr;
    secrets::SecretStore *environment = nullptr;
    secrets::KeyRing *keys = nullptr; // nullptr: no gateway runs, nothing is held in memory
    const relay::Providers *providers = nullptr;
    Engine *engine = nullptr; // nullptr: no gateway runs, a command opened the profile by itself
    const Clock *clock = &Clock::system();
    QByteArray actor = "cli"; // who the audit trail names
};

struct Desk
{
    explicit Desk(Rooms given)
        : rooms(std::move(given))
    {
    }

    Rooms rooms;
    Mailbox mailbox;

    [[nodiscard]] std::int64_t nowUs() const { return rooms.clock->wallUs(); }
    [[nodiscard]] store::AuditRow auditRow(const char *action, const QByteArray &object,
                                           const QJsonObject &detail) const
    {
        store::AuditRow row;
        row.atUs = nowUs();
        row.actor = rooms.actor;
        row.action = action;
        row.object = object;
        row.detail = QJsonDocument(detail).toJson(QJsonDocument::Compact);
        return row;
    }
    // Arrives when the gateway, if one runs, has taken over what has just been stored: a token that
    // was made works when its maker hears of it.
    [[nodiscard]] OneShot<Result<void>> changed() const
    {
        if (rooms.engine)
            return rooms.engine->reload();
        OneShot<Result<void>> nothing;
        nothing.set({});
        return nothing;
    }
    template <class Op> [[nodiscard]] auto write(Op op)
    {
        return rooms.store->write(std::move(op), mailbox);
    }
    template <class Op> [[nodiscard]] auto read(Op op)
    {
        return rooms.store->read(std::move(op), mailbox);
    }
};

using Answer = Task<Result<QJsonObject>>;

} // namespace tollgate::admin
