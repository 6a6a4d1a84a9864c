// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/profile.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#ifdef Q_OS_UNIX
#include <unistd.h>
#endif

namespace tollgate::admin {
namespace {

// sockaddr_un holds 104 bytes on macOS, 108 on Linux, and QLocalServer first binds inside a folder
// of its own beside the name.
constexpr qsizetype kLongestSocketPath = 80;
constexpr auto kPrivate = QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner;
constexpr auto kOthers = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ExeGroup
    | QFileDevice::ReadOther | QFileDevice::WriteOther | QFileDevice::ExeOther;

tl::unexpected<Error> unusable(const QString &folder, const QString &why)
{
    return failure(ErrorKind::Unavailable,
                   QStringLiteral("The profile folder %1 cannot be used: %2.").arg(folder, why),
                   "profile");
}

Result<void> makePrivate(const QString &folder)
{
    if (QFileInfo::exists(folder) && !QFileInfo(folder).isDir())
        return unusable(folder, QStringLiteral("it is not a folder"));
    if (!QDir().mkpath(folder))
        return unusable(folder, QStringLiteral("it cannot be created"));
    const QFileInfo info(folder);
#ifdef Q_OS_UNIX
    if (info.ownerId() != geteuid())
        return unusable(folder, QStringLiteral("it belongs to another user"));
    if ((info.permissions() & kOthers) && !QFile::setPermissions(folder, kPrivate))
        return unusable(folder,
                        QStringLiteral("other users may enter it and that cannot be changed"));
#endif
    return {};
}

} // namespace

QString Profile::socketName() const
{
#ifdef Q_OS_WIN
    return QStringLiteral("tollgate-") + QString::fromLatin1(id());
#else
    const QString beside = folder + QStringLiteral("/admin.sock");
    if (beside.toUtf8().size() <= kLongestSocketPath)
        return beside;
    const QString runtime = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    return runtime + QStringLiteral("/tollgate-") + QString::fromLatin1(id())
        + QStringLiteral(".sock");
#endif
}

QByteArray Profile::id() const
{
    return QCryptographicHash::hash(folder.toUtf8(), QCryptographicHash::Sha256).toHex().left(16);
}

Result<Profile> openProfile(const QString &chosen)
{
    QString folder = chosen;
    if (folder.isEmpty())
        folder = qEnvironmentVariable("TOLLGATE_PROFILE");
    if (folder.isEmpty())
        folder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    if (folder.isEmpty()) {
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("This user has no folder for application data; name one with "
                                      "--profile."),
                       "profile");
    }
    folder = QDir::cleanPath(QDir(folder).absolutePath());
    if (auto made = makePrivate(folder); !made)
        return failure(made.error());
    const QString canonical = QFileInfo(folder).canonicalFilePath();
    return Profile{canonical.isEmpty() ? folder : canonical};
}

} // namespace tollgate::admin
