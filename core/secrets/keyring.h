// SPDX-License-Identifier: GPL-3.0-or-later
// All provider keys in memory: loaded from their stores at start and on change, so that no request
// ever waits for a keychain. Lives in the main thread.
#pragma once

#include "core/secrets/secrets.h"
#include "core/store/rows.h"

#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace tollgate::secrets {

class KeyRing
{
public:
    struct Stores
    {
        SecretStore *keychain = nullptr;
        SecretStore *vault = nullptr;
        SecretStore *environment = nullptr;
    };
    struct Held
    {
        KeyState state = KeyState::Unavailable;
        std::shared_ptr<const Secret> secret; // null with KeySource::None
        QString detail; // one plain sentence where the key cannot be used
        bool loading = false; // not answered yet for the first time
    };
    // An autostarted program is often up before its keychain: the first new try comes soon.
    struct Timing
    {
        int firstRetryMs = 10'000;
        int longestRetryMs = 300'000;
    };

    // The stores outlive the ring. `changed` is called from the event loop, once for many changes.
    explicit KeyRing(Stores stores, std::function<void()> changed);
    KeyRing(Stores stores, std::function<void()> changed, Timing timing);
    KeyRing(const KeyRing &) = delete;
    KeyRing &operator=(const KeyRing &) = delete;

    // Loads what is new or points elsewhere, forgets what is gone, leaves the rest alone.
    void setKeys(const std::vector<store::ChannelKeyRow> &keys);
    // After a new value was written for this key.
    void reload(std::int64_t keyId);
    // All that cannot be used now, because the user asked or unlocked something: may open a dialog.
    void retry();

    [[nodiscard]] Held get(std::int64_t keyId) const;
    [[nodiscard]] bool isLoading() const; // some key has not been answered for the first time

private:
    struct Entry
    {
        store::ChannelKeyRow row;
        Held held;
        std::uint64_t reading = 0; // the round whose answer counts; 0: none is under way
    };

    [[nodiscard]] SecretStore *storeFor(store::KeySource source) const;
    void load(Entry &entry, Asking asking);
    void loaded(std::int64_t keyId, std::uint64_t round, Lookup lookup);
    void retryQuietly();
    void scheduleRetry();
    void announce();

    Stores m_stores;
    std::function<void()> m_changed;
    Timing m_timing;
    std::map<std::int64_t, Entry> m_entries;
    std::uint64_t m_rounds = 0;
    int m_delayMs = 0;
    QTimer m_retryTimer;
    QTimer m_changedTimer;
    std::shared_ptr<KeyRing *> m_self; // goes with the ring: late answers find nobody
};

} // namespace tollgate::secrets
