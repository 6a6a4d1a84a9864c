// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/privatefile.h"

#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#ifdef Q_OS_UNIX
#include <fcntl.h>
#include <unistd.h>
#endif

namespace tollgate::secrets {
namespace {

// A rename is on the disk only once its folder is.
void syncFolder(const QString &path)
{
#ifdef Q_OS_UNIX
    const int folder = ::open(QFile::encodeName(QFileInfo(path).absolutePath()).constData(),
                              O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return;
    ::fsync(folder);
    ::close(folder);
#else
    Q_UNUSED(path)
#endif
}

} // namespace

Result<QByteArray> readFile(const QString &path, qsizetype largest)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The file %1 cannot be read: %2.")
                           .arg(QFileInfo(path).fileName(), file.errorString()),
                       "file_unreadable");
    }
    QByteArray bytes = file.read(largest + 1);
    if (bytes.size() > largest) {
        return failure(
            ErrorKind::TooLarge,
            QStringLiteral("The file %1 is larger than it can be.").arg(QFileInfo(path).fileName()),
            "file_too_large");
    }
    return bytes;
}

Result<void> replacePrivateFile(const QString &path, const QByteArray &bytes)
{
    QSaveFile file(path);
    file.setDirectWriteFallback(false);
    const bool written = file.open(QIODevice::WriteOnly)
        && file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner)
        && file.write(bytes) == bytes.size() && file.commit();
    if (!written) {
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The file %1 cannot be written: %2.")
                           .arg(QFileInfo(path).fileName(), file.errorString()),
                       "file_unwritable");
    }
    syncFolder(path);
    return {};
}

} // namespace tollgate::secrets
