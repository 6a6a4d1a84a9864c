// SPDX-License-Identifier: GPL-3.0-or-later
// The folder in which one Tollgate keeps everything: where it is, that it is private, and the name
// of its management socket.
#pragma once

#include "core/base/result.h"

#include <QString>

namespace tollgate::admin {

struct Profile
{
    QString folder; // absolute, canonical

    [[nodiscard]] QString socketName() const;
    // Tells profiles of one user apart in the keychain and in names: 16 hex digits of the folder.
    [[nodiscard]] QByteArray id() const;
};

// `chosen` (--profile), else TOLLGATE_PROFILE, else the platform's place for application data.
// Makes the folder, private to this user, and tightens one that is not. Fails with a sentence where
// it is not a folder, not ours, or not writable.
[[nodiscard]] Result<Profile> openProfile(const QString &chosen);

} // namespace tollgate::admin
