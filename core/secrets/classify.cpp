// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/keychain.h"

#include <algorithm>
#include <array>

namespace tollgate::secrets {
namespace {

bool mentions(const QString &text, std::initializer_list<const char *> words)
{
    return std::any_of(words.begin(), words.end(), [&](const char *word) {
        return text.contains(QLatin1String(word), Qt::CaseInsensitive);
    });
}

KeyState classifyText(const QString &text)
{
    // Names of D-Bus errors and object paths first: they are never translated. gnome-keyring that
    // nobody has unlocked answers a write with "Object does not exist at path …/collection/login".
    if (mentions(text,
                 {"IsLocked", "/collection/login", "/aliases/default", "is locked",
                  "a locked collection", "wallet is closed", "interaction is not allowed"})) {
        return KeyState::Locked;
    }
    if (mentions(text, {"dismissed", "cancel", "denied", "not authorized", "AccessDenied"}))
        return KeyState::Denied;
    return KeyState::Unavailable;
}

} // namespace

KeyState classify(QKeychain::Error error, const QString &text)
{
    switch (error) {
    case QKeychain::NoError:
        return KeyState::Present;
    case QKeychain::EntryNotFound:
        return KeyState::Absent;
    case QKeychain::AccessDenied:
    case QKeychain::AccessDeniedByUser:
        return KeyState::Denied;
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
        return KeyState::Unavailable;
    case QKeychain::CouldNotDeleteEntry:
    case QKeychain::OtherError:
        break;
    }
    return classifyText(text);
}

QString describe(KeyState state, const QString &text)
{
    const QString said
        = text.trimmed().isEmpty() ? QString() : QStringLiteral(" (%1)").arg(text.trimmed());
    switch (state) {
    case KeyState::Present:
        return {};
    case KeyState::Absent:
        return QStringLiteral("The keychain has no such key; enter it again.");
    case KeyState::Locked:
        return QStringLiteral("The keychain is locked; unlock it and Tollgate will read the key.");
    case KeyState::Denied:
        return QStringLiteral("The keychain refused access to the key%1.").arg(said);
    case KeyState::Unavailable:
        return QStringLiteral("No keychain service answers%1; start one, or use the vault or an "
                              "environment variable.")
            .arg(said);
    }
    return {};
}

} // namespace tollgate::secrets
