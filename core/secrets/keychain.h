// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of the room: what an answer of QtKeychain means.
#pragma once

#include "core/secrets/secrets.h"

#include <QString>
#include <qt6keychain/keychain.h>

#include <functional>

class QObject;

namespace tollgate::secrets {

// By code and text: QtKeychain reports an unusable backend as OtherError, never as
// NoBackendAvailable.
[[nodiscard]] KeyState classify(QKeychain::Error error, const QString &text);
// One plain sentence for people.
[[nodiscard]] QString describe(KeyState state, const QString &text);

enum class KeychainLock { Unlocked, Locked, Unknown };
// Asks the platform whether the keychain is locked, without any dialog: a read cannot tell a
// missing item from a locked keychain everywhere. Unknown where the platform has no such question.
// `done` runs later; not once `context` is gone.
void askWhetherLocked(QObject *context, std::function<void(KeychainLock)> done);

// Makes the next job connect afresh: libsecret clings to its session with a service that has been
// restarted since, and fails for ever.
void forgetConnection();

} // namespace tollgate::secrets
