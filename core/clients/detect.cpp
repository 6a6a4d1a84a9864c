// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/clients.h"
#include "core/clients/jsontree.h"
#include "core/clients/places.h"
#include "core/clients/textstyle.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QProcessEnvironment>
#include <QRegularExpression>
#include <QVersionNumber>

namespace tollgate::clients {
namespace {

constexpr qint64 mostOfScript = 1 << 20; // a shell's start file is read up to here

QString programNamed(const QString &name, const Home &home)
{
    const bool windows = home.platform == Platform::Windows;
    const QStringList endings = windows
        ? QStringList{QStringLiteral(".exe"), QStringLiteral(".cmd"), QStringLiteral(".bat")}
        : QStringList{QString()};
    const QStringList folders = home.environment.value(QStringLiteral("PATH"))
                                    .split(QLatin1Char(windows ? ';' : ':'), Qt::SkipEmptyParts);
    for (const QString &folder : folders) {
        for (const QString &ending : endings) {
            const QFileInfo file(QDir(folder).filePath(name + ending));
            if (file.isFile() && (windows || file.isExecutable()))
                return file.filePath();
        }
    }
    return {};
}

// npm's packages link their program to a file inside the package, whose package.json is a few
// folders up; nothing is started to learn the version.
QString versionOf(const QString &binary, const QString &package)
{
    if (binary.isEmpty() || package.isEmpty())
        return {};
    QDir folder = QFileInfo(QFileInfo(binary).canonicalFilePath()).dir();
    for (int up = 0; up < 4; ++up) {
        QFile file(folder.filePath(QStringLiteral("package.json")));
        if (file.open(QIODevice::ReadOnly)) {
            const auto value = parseJson(file.read(mostOfScript));
            if (value && value->textOf(u"name") == package)
                return value->textOf(u"version");
        }
        if (!folder.cdUp())
            break;
    }
    return {};
}

bool fits(const QString &version, const Recipe &recipe)
{
    const QVersionNumber number = QVersionNumber::fromString(version);
    const auto limit = [](const QString &text) { return QVersionNumber::fromString(text); };
    return number.isNull()
        || ((recipe.from.isEmpty() || number >= limit(recipe.from))
            && (recipe.until.isEmpty() || number <= limit(recipe.until)));
}

} // namespace

Home Home::ofThisProcess()
{
    Home home;
    home.folder = QDir::homePath();
    const QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QStringList names = environment.keys();
    for (const QString &name : names)
        home.environment.insert(name, environment.value(name));
#if defined(Q_OS_WIN)
    home.platform = Platform::Windows;
#elif defined(Q_OS_MACOS)
    home.platform = Platform::MacOs;
#endif
    return home;
}

QString placeOf(const RecipeFile &file, const Home &home)
{
    static const QRegularExpression variable(QStringLiteral("\\A\\$\\{([A-Za-z_0-9]+)\\}"));
    QStringList byVariable;
    QStringList plain;
    for (const QString &place : file.places[static_cast<std::size_t>(home.platform)]) {
        const auto match = variable.match(place);
        if (!match.hasMatch()) {
            plain.append(expanded(place, home));
            continue;
        }
        const QString folder = home.environment.value(match.captured(1));
        if (QDir::isAbsolutePath(folder))
            byVariable.append(folder + place.mid(match.capturedLength()));
    }
    const QStringList places = byVariable.isEmpty() ? plain : byVariable;
    for (const QString &place : places) {
        const QFileInfo info(place);
        if (info.exists() || info.isSymLink())
            return place;
    }
    return places.isEmpty() ? QString() : places.first();
}

QString expanded(const QString &path, const Home &home)
{
    return path.startsWith(QLatin1Char('~')) ? home.folder + path.mid(1) : path;
}

QString shortened(const QString &path, const Home &home)
{
    return !home.folder.isEmpty() && path.startsWith(home.folder + QLatin1Char('/'))
        ? QLatin1Char('~') + path.mid(home.folder.size())
        : path;
}

Detection detect(const Recipe &recipe, const Home &home)
{
    Detection found;
    for (const QString &name : recipe.binaries) {
        if (found.binary.isEmpty())
            found.binary = programNamed(name, home);
    }
    found.version = versionOf(found.binary, recipe.package);
    found.fits = fits(found.version, recipe);
    for (const RecipeFile &file : recipe.files) {
        const QString place = placeOf(file, home);
        if (!place.isEmpty() && QFileInfo::exists(place))
            found.files.append(place);
    }
    return found;
}

// A start file of a shell that sets the variable, as "~/.zshrc, line 3"; its value is not looked
// at.
QStringList settersOf(const QString &variable, const Home &home)
{
    QStringList found;
    if (home.environment.contains(variable))
        found.append(QStringLiteral("the environment of this program"));
    const QRegularExpression sets(
        QStringLiteral(
            "\\A\\s*(?:export\\s+|set\\s+(?:-\\S+\\s+)*|setenv\\s+|\\$env:)?%1(?:\\s*=|\\s+\\S)")
            .arg(variable));
    for (const char *name : {".zshenv", ".zprofile", ".zshrc", ".bash_profile", ".bashrc",
                             ".profile", ".config/fish/config.fish"}) {
        QFile file(home.folder + QLatin1Char('/') + QLatin1String(name));
        if (!QFileInfo(file).isFile() || !file.open(QIODevice::ReadOnly))
            continue;
        const QByteArrayList lines = linesOf(file.read(mostOfScript));
        for (qsizetype i = 0; i < lines.size(); ++i) {
            if (sets.match(QString::fromUtf8(lines[i])).hasMatch())
                found.append(QStringLiteral("~/%1, line %2").arg(QLatin1String(name)).arg(i + 1));
        }
    }
    return found;
}

} // namespace tollgate::clients
