// SPDX-License-Identifier: GPL-3.0-or-later
// One profile, opened: its database under lock, the places of its keys, the vendors. What both the
// daemon and a command without a daemon stand on.
#pragma once

#include "core/admin/desk.h"
#include "core/admin/profile.h"
#include "core/admin/settings.h"
#include "core/relay/provider.h"
#include "core/secrets/vault.h"
#include "core/store/store.h"

#include <memory>

namespace tollgate::app {

class House
{
public:
    [[nodiscard]] static Result<std::unique_ptr<House>> open(const admin::Profile &profile,
                                                             bool allowNewDatabase = false);

    [[nodiscard]] store::Store &store() { return *m_store; }
    [[nodiscard]] const relay::Providers &providers() const { return m_providers; }
    [[nodiscard]] secrets::Vault &vault() { return *m_vault; }
    [[nodiscard]] secrets::KeyRing::Stores keyStores() const;
    [[nodiscard]] const admin::Settings &settings() const { return m_settings; }
    // Without an engine and a key ring; the daemon adds them.
    [[nodiscard]] admin::Rooms rooms() const;

    // Opens the vault with the passphrase that an unattended start was given, if there are both.
    // `done` is called later with what went wrong, or at once if there is nothing to do.
    void openVault(std::function<void(Result<void>)> done);

private:
    House() = default;

    relay::Providers m_providers;
    std::unique_ptr<secrets::SecretStore> m_keychain;
    std::unique_ptr<secrets::Vault> m_vault;
    std::unique_ptr<secrets::SecretStore> m_environment;
    std::unique_ptr<store::Store> m_store;
    admin::Settings m_settings;
};

} // namespace tollgate::app
