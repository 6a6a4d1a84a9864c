// SPDX-License-Identifier: GPL-3.0-or-later
// The encrypted vault for machines without a keychain: one file, opened by a passphrase.
#pragma once

#include "core/base/clock.h"
#include "core/secrets/secrets.h"

#include <QString>

#include <memory>

namespace tollgate::secrets {

struct VaultCost;

// Locked at first. Key derivation and files are worked on in a thread of its own; answers arrive in
// the thread of the vault. Destroying it waits for the step under way (about a second at most).
class Vault : public SecretStore
{
public:
    using Done = std::function<void(Result<void>)>;

    [[nodiscard]] virtual bool exists() const = 0; // the file
    [[nodiscard]] virtual bool isLocked() const = 0;

    // A new, empty, open vault. Refuses where the file exists and a passphrase under 8 bytes.
    virtual void create(Secret passphrase, Done done) = 0;
    // A wrong passphrase and a damaged file are one error; after each the next try is put off: 1 s,
    // doubling to 1 min.
    virtual void unlock(Secret passphrase, Done done) = 0;
    // At once: keys leave memory; what had been handed out stays with those who hold it.
    virtual void lock() = 0;
};

[[nodiscard]] std::unique_ptr<Vault> openVault(const QString &path);
// With a cost and a clock of one's own, for tests.
[[nodiscard]] std::unique_ptr<Vault> openVault(const QString &path, const VaultCost &cost,
                                               const Clock &clock);

// The passphrase an unattended start was given: the systemd credential "tollgate-vault-passphrase"
// ($CREDENTIALS_DIRECTORY), else the file that TOLLGATE_VAULT_PASSPHRASE_FILE names. One trailing
// line end is dropped. NotFound where there is neither.
[[nodiscard]] Result<Secret> givenVaultPassphrase();

} // namespace tollgate::secrets
