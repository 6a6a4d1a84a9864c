// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/house.h"

#include "core/secrets/secrets.h"
#include "core/store/settings.h"
#include "providers/providers.h"

namespace tollgate::app {
namespace {

Result<admin::Settings> readSettings(store::Store &store)
{
    const auto stored = store.readNow([](store::Database &db) { return store::settings(db); });
    if (!stored)
        return failure(stored.error());
    QHash<QByteArray, QByteArray> values;
    for (auto it = stored->begin(); it != stored->end(); ++it)
        values.insert(it.key(), it.value());
    return admin::Settings(values);
}

// What to do about a database that cannot be used.
Error withRemedy(Error error)
{
    if (error.code == "database_missing") {
        error.message
            += QStringLiteral(" Put a backup in its place, or begin a new one with \"tollgated "
                              "migrate --new\".");
    } else if (error.code == "database_damaged" || error.code == "not_a_database") {
        error.message
            += QStringLiteral(" Put a backup in its place, or move it aside with \"tollgated "
                              "migrate --set-aside\".");
    }
    return error;
}

} // namespace

Result<std::unique_ptr<House>> House::open(const admin::Profile &profile, bool allowNewDatabase)
{
    std::unique_ptr<House> house(new House);
    store::Options options;
    options.profile = profile.folder;
    options.allowNew = allowNewDatabase;
    auto store = store::Store::open(options);
    if (!store)
        return failure(withRemedy(store.error()));
    house->m_store = std::move(*store);
    const auto settings = readSettings(*house->m_store);
    if (!settings)
        return failure(settings.error());
    house->m_settings = *settings;
    if (settings->text("store.durability") == "strict") {
        // The setting stands in the database itself; those who want it pay a second opening.
        house->m_store.reset();
        options.durability = store::Durability::Strict;
        store = store::Store::open(options);
        if (!store)
            return failure(withRemedy(store.error()));
        house->m_store = std::move(*store);
    }
    providers::registerAll(house->m_providers);
    house->m_keychain = secrets::openKeychain(profile.id());
    house->m_vault = secrets::openVault(profile.folder + QStringLiteral("/vault"));
    house->m_environment = secrets::openEnvironment();
    return house;
}

secrets::KeyRing::Stores House::keyStores() const
{
    return {m_keychain.get(), m_vault.get(), m_environment.get()};
}

admin::Rooms House::rooms() const
{
    admin::Rooms rooms;
    rooms.store = m_store.get();
    rooms.keychain = m_keychain.get();
    rooms.vault = m_vault.get();
    rooms.environment = m_environment.get();
    rooms.providers = &m_providers;
    return rooms;
}

void House::openVault(std::function<void(Result<void>)> done)
{
    if (!m_vault->exists()) {
        done({});
        return;
    }
    auto passphrase = secrets::givenVaultPassphrase();
    if (!passphrase) {
        done(passphrase.error().kind == ErrorKind::NotFound ? Result<void>()
                                                            : failure(passphrase.error()));
        return;
    }
    m_vault->unlock(std::move(*passphrase), std::move(done));
}

} // namespace tollgate::app
