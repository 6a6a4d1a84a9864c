// SPDX-License-Identifier: GPL-3.0-or-later
// A profile in a temporary folder with its Admin: real database, real vendors, secrets in memory.
#pragma once

#include "core/admin/admin.h"
#include "core/admin/running.h"
#include "providers/providers.h"

#include <QEventLoop>
#include <QHash>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

namespace tollgate::admin {

class MemorySecrets final : public secrets::SecretStore
{
public:
    QHash<QByteArray, QByteArray> items;
    bool refusing = false;

    void read(const QByteArray &reference, std::function<void(secrets::Lookup)> done,
              secrets::Asking) override
    {
        secrets::Lookup found;
        if (items.contains(reference)) {
            found.state = secrets::KeyState::Present;
            found.secret = std::make_shared<const Secret>(items.value(reference));
        }
        QTimer::singleShot(0, [done = std::move(done), found] { done(found); });
    }
    void write(const QByteArray &reference, Secret secret,
               std::function<void(Result<void>)> done) override
    {
        Result<void> result;
        if (refusing)
            result = failure(ErrorKind::Unavailable, QStringLiteral("There is no keychain."));
        else
            items.insert(reference, secret.reveal().toByteArray());
        QTimer::singleShot(0, [done = std::move(done), result] { done(result); });
    }
    void remove(const QByteArray &reference, std::function<void(Result<void>)> done) override
    {
        items.remove(reference);
        QTimer::singleShot(0, [done = std::move(done)] { done({}); });
    }
};

class CountingEngine final : public Engine
{
public:
    int changes = 0;

    OneShot<Result<void>> reload() override
    {
        ++changes;
        OneShot<Result<void>> done;
        done.set({});
        return done;
    }
    QJsonObject status() const override { return {{QStringLiteral("threads"), 1}}; }
    std::int64_t cooldownUs(std::int64_t) const override { return 0; }
    void clearCooldown(std::int64_t) override { }
};

inline QString word(const char *text)
{
    return QString::fromLatin1(text);
}

// Waits for a call, at most 30 s.
inline Result<QJsonObject> wait(Calls &calls, const char *command, QJsonObject arguments = {},
                                OnEvent onEvent = {})
{
    std::optional<Result<QJsonObject>> answer;
    QEventLoop loop;
    const auto calling = [&]() -> Task<void> {
        Task<Result<QJsonObject>> call = calls.call(word(command), arguments, onEvent);
        Result<QJsonObject> result = co_await call;
        answer.emplace(std::move(result));
        QTimer::singleShot(0, &loop, &QEventLoop::quit);
    };
    const Running running = run(calling());
    if (!answer) {
        QTimer::singleShot(30'000, &loop, &QEventLoop::quit);
        loop.exec();
    }
    if (!answer)
        return failure(ErrorKind::Internal, QStringLiteral("The call did not end."));
    return std::move(*answer);
}

class TestHouse
{
public:
    TestHouse()
    {
        providers::registerAll(providers);
        store::Options options;
        options.profile = folder.path() + QStringLiteral("/profile");
        auto opened = store::Store::open(options);
        if (!opened)
            qFatal("%s", qPrintable(opened.error().message));
        store = std::move(*opened);
        environment = secrets::openEnvironment();
        vault = secrets::openVault(options.profile + QStringLiteral("/vault"));
        Rooms rooms;
        rooms.store = store.get();
        rooms.keychain = &keychain;
        rooms.vault = vault.get();
        rooms.environment = environment.get();
        rooms.providers = &providers;
        rooms.engine = &engine;
        admin = std::make_unique<Admin>(rooms);
    }

    [[nodiscard]] Result<QJsonObject> call(const char *command, const QJsonObject &arguments = {})
    {
        return wait(*admin, command, arguments);
    }
    // Everything in the profile's files, to look for what must not be there.
    [[nodiscard]] QByteArray everything() const
    {
        store->drain();
        QByteArray bytes;
        const QDir profile(folder.path() + QStringLiteral("/profile"));
        for (const QString &name : profile.entryList(QDir::Files)) {
            QFile file(profile.filePath(name));
            if (file.open(QIODevice::ReadOnly))
                bytes += file.readAll();
        }
        return bytes;
    }

    QTemporaryDir folder;
    relay::Providers providers;
    MemorySecrets keychain;
    std::unique_ptr<secrets::Vault> vault;
    std::unique_ptr<secrets::SecretStore> environment;
    CountingEngine engine;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<Admin> admin;
};

} // namespace tollgate::admin
