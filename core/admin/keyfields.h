// SPDX-License-Identifier: GPL-3.0-or-later
// The key of a channel as an argument, and its way into the keychain or vault.
#pragma once

#include "core/admin/desk.h"
#include "core/admin/fields.h"

namespace tollgate::admin {

struct GivenKey
{
    store::KeySource source = store::KeySource::None; // None: no key was given
    std::shared_ptr<Secret> secret; // Keychain and Vault
    QByteArray variable; // Environment
};

// Reads key, key_store ("keychain" or "vault") and key_env.
[[nodiscard]] GivenKey readKey(Fields &fields);
// A row for it, bound to where it may be sent. `reference` is new and random, or the variable.
[[nodiscard]] store::ChannelKeyRow keyRow(const GivenKey &key, const QByteArray &baseUrl);

// A channel that needs no key still has one row, to be counted and cooled by.
[[nodiscard]] store::ChannelKeyRow noKey(const QByteArray &baseUrl);

// Puts the secret where the row says. Nothing to do for a variable.
[[nodiscard]] OneShot<Result<void>> storeKey(Desk &desk, const store::ChannelKeyRow &row,
                                             const GivenKey &key);
// Takes secrets away whose rows are gone. Best effort: what remains has no name that leads to it.
void forgetKeys(Desk &desk, const std::vector<store::ChannelKeyRow> &rows);
[[nodiscard]] OneShot<secrets::Lookup> lookUpKey(Desk &desk, const store::ChannelKeyRow &row);

// "present", "absent", "locked", "denied", "unavailable".
[[nodiscard]] QString keyStateName(secrets::KeyState state);
// As the running gateway holds it; also "none" (no key is needed), "loading", and "unknown" where
// no gateway runs.
[[nodiscard]] QString keyStateName(const Desk &desk, const store::ChannelKeyRow &row);

} // namespace tollgate::admin
