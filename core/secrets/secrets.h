// SPDX-License-Identifier: GPL-3.0-or-later
// Where provider keys live: the OS keychain (QtKeychain), a libsodium vault opened by a passphrase
// (vault.h), or environment variables. Loaded into memory at start and on change (keyring.h); never
// on a request's path. Lives in the main thread; answers arrive there.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <functional>
#include <memory>

namespace tollgate::secrets {

enum class KeyState {
    Present,
    Absent, // there is no such item
    Locked, // the keychain or vault is locked, or waits for its user
    Denied, // the user or the system refused
    Unavailable, // no keychain service, no vault file, no bus
};

struct Lookup
{
    KeyState state = KeyState::Absent;
    std::shared_ptr<const Secret> secret; // with Present only
    QString detail; // one plain sentence for people, otherwise empty
};

// Whether reading may put an unlock dialog before the user.
enum class Asking { MayAsk, Quietly };

// Every callback is called later, from the event loop, and not at all once the store is destroyed.
class SecretStore
{
public:
    SecretStore() = default;
    virtual ~SecretStore() = default;
    SecretStore(const SecretStore &) = delete;
    SecretStore &operator=(const SecretStore &) = delete;

    virtual void read(const QByteArray &reference, std::function<void(Lookup)> done,
                      Asking asking = Asking::MayAsk)
        = 0;
    // Reads back what it wrote before it reports success.
    virtual void write(const QByteArray &reference, Secret secret,
                       std::function<void(Result<void>)> done)
        = 0;
    // Removing what is not there is a success.
    virtual void remove(const QByteArray &reference, std::function<void(Result<void>)> done) = 0;
};

// `profile` distinguishes profiles of one user inside the keychain. An operation that has no answer
// after `timeoutMs` (an unlock dialog nobody sees, say) is reported as Locked, and so is every
// other until the keychain comes back.
[[nodiscard]] std::unique_ptr<SecretStore> openKeychain(const QByteArray &profile,
                                                        int timeoutMs = 30'000);
// The reference is the variable's name. Read-only.
[[nodiscard]] std::unique_ptr<SecretStore> openEnvironment();

} // namespace tollgate::secrets
