// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/files.h"

#include "core/clients/editor.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include <algorithm>

namespace tollgate::clients {
namespace {

constexpr QFileDevice::Permissions ownerOnly = QFileDevice::ReadOwner | QFileDevice::WriteOwner
    | QFileDevice::ReadUser | QFileDevice::WriteUser;

} // namespace

Result<FileText> readFile(const QString &path)
{
    FileText read;
    read.target = path;
    const QFileInfo info(path);
    if (!info.exists()) {
        if (info.isSymLink())
            return refused(QStringLiteral("%1 is a link to a file that is not there.").arg(path));
        return read;
    }
    read.target = info.canonicalFilePath();
    if (!info.isFile())
        return refused(QStringLiteral("%1 is not a file.").arg(path));
    if (info.size() > mostOfFile)
        return refused(QStringLiteral("%1 is too large for a settings file.").arg(path));
    QFile file(read.target);
    read.permissions = file.permissions();
    if (!(read.permissions & QFileDevice::WriteOwner))
        return refused(QStringLiteral("%1 is read-only.").arg(path));
    if (!file.open(QIODevice::ReadOnly))
        return refused(QStringLiteral("%1 cannot be read.").arg(path));
    read.text = file.readAll();
    if (file.error() != QFileDevice::NoError || read.text.size() > mostOfFile)
        return refused(QStringLiteral("%1 cannot be read to its end.").arg(path));
    read.exists = true;
    return read;
}

QByteArray hashOf(const QByteArray &bytes)
{
    return QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex();
}

Result<void> replaceFile(const QString &path, const QByteArray &text)
{
    const bool exists = QFileInfo::exists(path);
    const QFileDevice::Permissions permissions = exists ? QFile::permissions(path) : ownerOnly;
    QSaveFile file(path);
    file.setDirectWriteFallback(false);
    if (!file.open(QIODevice::WriteOnly) || !file.setPermissions(permissions)
        || file.write(text) != text.size() || !file.commit())
        return refused(QStringLiteral("%1 cannot be written: %2.").arg(path, file.errorString()));
    return {};
}

Result<QString> backUp(const FileText &file, const QDateTime &now)
{
    const QString stem
        = QStringLiteral("%1.tollgate-%2")
              .arg(file.target, now.toUTC().toString(QStringLiteral("yyyyMMdd-HHmmss")));
    for (int more = 0; more < 100; ++more) {
        const QString name = (more == 0 ? stem : QStringLiteral("%1-%2").arg(stem).arg(more))
            + QStringLiteral(".bak");
        if (QFileInfo::exists(name))
            continue;
        if (auto written = replaceFile(name, file.text); !written)
            return failure(written.error());
        return name;
    }
    return refused(QStringLiteral("There are too many copies of %1.").arg(file.target));
}

Result<QStringList> makeFolders(const QString &path)
{
    QStringList missing;
    QString folder = QFileInfo(path).absolutePath();
    while (!QFileInfo::exists(folder) && missing.size() < 32) {
        missing.prepend(folder);
        folder = QFileInfo(folder).absolutePath();
    }
    QStringList made;
    for (const QString &one : missing) {
        if (!QDir().mkdir(one)) {
            removeFolders(made);
            return refused(QStringLiteral("The folder %1 cannot be made.").arg(one));
        }
        made.append(one);
    }
    return made;
}

void removeFolders(const QStringList &made)
{
    for (auto folder = made.rbegin(); folder != made.rend(); ++folder)
        QDir().rmdir(*folder);
}

} // namespace tollgate::clients
