// SPDX-License-Identifier: GPL-3.0-or-later
// The Secret Service API 0.2 (freedesktop.org): the default collection and its Locked property.
#include "core/secrets/keychain.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QLibrary>
#include <QTimer>

namespace tollgate::secrets {
namespace {

constexpr int kTimeoutMs = 5'000;

void call(QObject *context, const QString &path, const QString &interface, const QString &method,
          const QVariantList &arguments, std::function<void(const QDBusMessage &)> done)
{
    QDBusMessage message = QDBusMessage::createMethodCall(QStringLiteral("org.freedesktop.secrets"),
                                                          path, interface, method);
    message.setArguments(arguments);
    auto *watcher = new QDBusPendingCallWatcher(
        QDBusConnection::sessionBus().asyncCall(message, kTimeoutMs), context);
    QObject::connect(watcher, &QDBusPendingCallWatcher::finished, context,
                     [watcher, done = std::move(done)] {
                         watcher->deleteLater();
                         done(watcher->reply());
                     });
}

void askCollection(QObject *context, const QString &path, std::function<void(KeychainLock)> done)
{
    call(context, path, QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"),
         {QStringLiteral("org.freedesktop.Secret.Collection"), QStringLiteral("Locked")},
         [done = std::move(done)](const QDBusMessage &reply) {
             const auto value = reply.arguments().value(0).value<QDBusVariant>().variant();
             if (reply.type() != QDBusMessage::ReplyMessage || value.typeId() != QMetaType::Bool)
                 done(KeychainLock::Unknown);
             else
                 done(value.toBool() ? KeychainLock::Locked : KeychainLock::Unlocked);
         });
}

// QtKeychain talks to KWallet itself in these sessions.
bool usesKWallet()
{
    const QByteArray version = qgetenv("KDE_SESSION_VERSION");
    return version == "4" || version == "5";
}

} // namespace

void askWhetherLocked(QObject *context, std::function<void(KeychainLock)> done)
{
    if (usesKWallet() || !QDBusConnection::sessionBus().isConnected()) {
        QTimer::singleShot(0, context, [done = std::move(done)] { done(KeychainLock::Unknown); });
        return;
    }
    call(
        context, QStringLiteral("/org/freedesktop/secrets"),
        QStringLiteral("org.freedesktop.Secret.Service"), QStringLiteral("ReadAlias"),
        {QStringLiteral("default")}, [context, done = std::move(done)](const QDBusMessage &reply) {
            const QString path = reply.arguments().value(0).value<QDBusObjectPath>().path();
            if (reply.type() != QDBusMessage::ReplyMessage)
                done(KeychainLock::Unknown);
            else if (path.isEmpty() || path == QStringLiteral("/"))
                done(
                    KeychainLock::Locked); // a service without a collection: nobody has unlocked it
            else
                askCollection(context, path, done);
        });
}

void forgetConnection()
{
    // The library that QtKeychain has loaded by the same name; absent where it has not.
    using Disconnect = void (*)();
    static const auto disconnect = reinterpret_cast<Disconnect>(
        QLibrary::resolve(QStringLiteral("secret-1"), 0, "secret_service_disconnect"));
    if (disconnect && !usesKWallet())
        disconnect();
}

} // namespace tollgate::secrets
