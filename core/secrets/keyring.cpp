// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/keyring.h"

#include <algorithm>
#include <utility>

namespace tollgate::secrets {
namespace {

// Denied is the user's word and asked again only when the user wants; a locked keychain may look
// like a missing item, so that is worth another look.
bool isWorthRetrying(KeyState state)
{
    return state == KeyState::Locked || state == KeyState::Unavailable || state == KeyState::Absent;
}

bool sameSecret(const std::shared_ptr<const Secret> &a, const std::shared_ptr<const Secret> &b)
{
    return a == b || (a && b && a->reveal() == b->reveal());
}

} // namespace

KeyRing::KeyRing(Stores stores, std::function<void()> changed)
    : KeyRing(stores, std::move(changed), Timing())
{
}

KeyRing::KeyRing(Stores stores, std::function<void()> changed, Timing timing)
    : m_stores(stores)
    , m_changed(std::move(changed))
    , m_timing(timing)
    , m_self(std::make_shared<KeyRing *>(this))
{
    m_retryTimer.setSingleShot(true);
    m_changedTimer.setSingleShot(true);
    QObject::connect(&m_retryTimer, &QTimer::timeout, &m_retryTimer, [this] { retryQuietly(); });
    QObject::connect(&m_changedTimer, &QTimer::timeout, &m_changedTimer, [this] {
        if (m_changed)
            m_changed();
    });
}

SecretStore *KeyRing::storeFor(store::KeySource source) const
{
    switch (source) {
    case store::KeySource::Keychain:
        return m_stores.keychain;
    case store::KeySource::Vault:
        return m_stores.vault;
    case store::KeySource::Environment:
        return m_stores.environment;
    case store::KeySource::None:
        break;
    }
    return nullptr;
}

void KeyRing::setKeys(const std::vector<store::ChannelKeyRow> &keys)
{
    std::map<std::int64_t, Entry> entries;
    std::vector<std::int64_t> fresh;
    for (const store::ChannelKeyRow &row : keys) {
        const auto known = m_entries.find(row.id);
        const bool same = known != m_entries.end() && known->second.row.source == row.source
            && known->second.row.reference == row.reference;
        Entry entry = same ? std::move(known->second) : Entry();
        entry.row = row;
        entries.insert_or_assign(row.id, std::move(entry));
        if (!same)
            fresh.push_back(row.id);
    }
    const bool forgot = std::any_of(m_entries.begin(), m_entries.end(),
                                    [&](const auto &old) { return !entries.contains(old.first); });
    m_entries = std::move(entries);
    for (const std::int64_t id : fresh)
        load(m_entries[id], Asking::MayAsk);
    if (forgot || !fresh.empty())
        announce();
}

void KeyRing::load(Entry &entry, Asking asking)
{
    if (entry.row.source == store::KeySource::None) {
        entry.held = {KeyState::Present, nullptr, {}, false};
        return;
    }
    SecretStore *const from = storeFor(entry.row.source);
    if (!from) {
        entry.held
            = {KeyState::Unavailable, nullptr,
               QStringLiteral("This program was started without that kind of key store."), false};
        return;
    }
    if (!entry.held.secret && entry.held.detail.isEmpty())
        entry.held.loading = true;
    entry.reading = ++m_rounds;
    from->read(
        entry.row.reference,
        [self = std::weak_ptr(m_self), id = entry.row.id, round = entry.reading](Lookup lookup) {
            if (const auto alive = self.lock())
                (*alive)->loaded(id, round, std::move(lookup));
        },
        asking);
}

void KeyRing::loaded(std::int64_t keyId, std::uint64_t round, Lookup lookup)
{
    const auto found = m_entries.find(keyId);
    if (found == m_entries.end() || found->second.reading != round)
        return;
    Entry &entry = found->second;
    entry.reading = 0;
    Held held{lookup.state, std::move(lookup.secret), std::move(lookup.detail), false};
    const bool shut = held.state == KeyState::Locked || held.state == KeyState::Unavailable
        || held.state == KeyState::Denied;
    if (shut && entry.held.secret) {
        // The store closed after it had given the key out: requests need not suffer.
        held = {KeyState::Present, entry.held.secret, {}, false};
    }
    const bool changed = entry.held.loading || entry.held.state != held.state
        || !sameSecret(entry.held.secret, held.secret);
    entry.held = std::move(held);
    if (entry.held.state == KeyState::Present)
        m_delayMs = 0;
    if (changed)
        announce();
    scheduleRetry();
}

void KeyRing::reload(std::int64_t keyId)
{
    if (const auto found = m_entries.find(keyId); found != m_entries.end())
        load(found->second, Asking::MayAsk);
}

void KeyRing::retry()
{
    m_delayMs = 0;
    for (auto &[id, entry] : m_entries) {
        if (entry.held.state != KeyState::Present && entry.reading == 0)
            load(entry, Asking::MayAsk);
    }
}

void KeyRing::retryQuietly()
{
    for (auto &[id, entry] : m_entries) {
        if (isWorthRetrying(entry.held.state) && entry.reading == 0)
            load(entry, Asking::Quietly);
    }
}

void KeyRing::scheduleRetry()
{
    const bool worth = std::any_of(m_entries.begin(), m_entries.end(), [](const auto &each) {
        return each.second.reading == 0 && isWorthRetrying(each.second.held.state)
            && each.second.row.source != store::KeySource::Environment;
    });
    if (!worth) {
        m_retryTimer.stop();
        m_delayMs = 0;
        return;
    }
    if (m_retryTimer.isActive() && m_delayMs != 0)
        return;
    m_delayMs = std::clamp(m_delayMs * 2, m_timing.firstRetryMs, m_timing.longestRetryMs);
    m_retryTimer.start(m_delayMs);
}

void KeyRing::announce()
{
    if (!m_changedTimer.isActive())
        m_changedTimer.start(0);
}

KeyRing::Held KeyRing::get(std::int64_t keyId) const
{
    const auto found = m_entries.find(keyId);
    return found == m_entries.end() ? Held() : found->second.held;
}

bool KeyRing::isLoading() const
{
    return std::any_of(m_entries.begin(), m_entries.end(),
                       [](const auto &each) { return each.second.held.loading; });
}

} // namespace tollgate::secrets
