// SPDX-License-Identifier: GPL-3.0-or-later
// Where provider keys live: the OS keychain (QtKeychain), a libsodium vault opened by a passphrase,
// or environment variables. Loaded into memory at start and on change; never on a request's path.
// Lives in the main thread; answers arrive there.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"
#include "core/store/rows.h"

#include <functional>
#include <memory>

namespace tollgate::secrets {

enum class KeyState {
    Present,
    Absent,      // there is no such item (a locked keychain may look like this)
    Locked,      // the keychain or vault is locked
    Denied,      // the user or the system refused
    Unavailable, // no keychain service, no vault file, no bus
};

struct Lookup
{
    KeyState state = KeyState::Absent;
    std::shared_ptr<const Secret> secret; // with Present only
    QString detail;                       // one plain sentence for people, otherwise empty
};

class SecretStore
{
public:
    virtual ~SecretStore() = default;
    virtual void read(const QByteArray &reference, std::function<void(Lookup)> done) = 0;
    // Reads back what it wrote before it reports success.
    virtual void write(const QByteArray &reference, Secret secret,
                       std::function<void(Result<void>)> done) = 0;
    virtual void remove(const QByteArray &reference, std::function<void(Result<void>)> done) = 0;
};

// `profile` distinguishes profiles of one user inside the keychain.
[[nodiscard]] std::unique_ptr<SecretStore> openKeychain(const QByteArray &profile);
[[nodiscard]] std::unique_ptr<SecretStore> openEnvironment();

} // namespace tollgate::secrets
