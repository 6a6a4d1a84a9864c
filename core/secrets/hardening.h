// SPDX-License-Identifier: GPL-3.0-or-later
// What a program that holds keys does first: no core files, no debugger of other processes of the
// same user, files for the owner only.
#pragma once

#include <QString>

namespace tollgate::secrets {

struct Hardening
{
    bool filesPrivate = false; // umask 077
    bool coreDumpsOff = false;
    bool memoryUnreadable = false; // no ptrace, no /proc/PID/mem for other processes of the user
    QString note; // why something was left, for the doctor; otherwise empty
};

// Call once at the very start of a program. `allowDebugging` leaves core files and debuggers alone.
// Inside a Snap the process stays readable to its user, since the portals refuse it otherwise.
[[nodiscard]] Hardening harden(bool allowDebugging);

} // namespace tollgate::secrets
