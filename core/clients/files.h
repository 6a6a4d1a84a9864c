// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and replacing small files that belong to somebody else; for this room alone.
#pragma once

#include "core/base/result.h"

#include <QDateTime>
#include <QFileDevice>
#include <QStringList>

namespace tollgate::clients {

inline constexpr qint64 mostOfFile = 8 << 20; // no settings file is larger

struct FileText
{
    QString target; // behind any symbolic link
    bool exists = false;
    QByteArray text;
    QFileDevice::Permissions permissions;
};

// Refuses links to nowhere, folders, devices, what is too large and what its owner may not write.
[[nodiscard]] Result<FileText> readFile(const QString &path);
[[nodiscard]] QByteArray hashOf(const QByteArray &bytes); // SHA-256 in hex

// In one step, on the disk before it returns; its permissions stay, a new file is its owner's
// alone.
[[nodiscard]] Result<void> replaceFile(const QString &path, const QByteArray &text);
// "settings.json.tollgate-20261123-051200.bak" beside the file, readable by its owner alone.
[[nodiscard]] Result<QString> backUp(const FileText &file, const QDateTime &now);
// Those that had to be made, outermost first.
[[nodiscard]] Result<QStringList> makeFolders(const QString &path);
void removeFolders(const QStringList &made); // while they are empty

} // namespace tollgate::clients
