// SPDX-License-Identifier: GPL-3.0-or-later
// tollgate: the desktop app.
#include "app/desktop/desktop.h"
#include "app/terminal.h"
#include "core/gateway/process.h"
#include "core/secrets/hardening.h"

#include <QApplication>
#include <QDir>
#include <QQuickStyle>
#include <QtQml/qqmlextensionplugin.h>

#include <cstdio>

Q_IMPORT_QML_PLUGIN(TollgatePlugin)
Q_IMPORT_QML_PLUGIN(Tollgate_AppPlugin)
Q_IMPORT_QML_PLUGIN(Tollgate_ChartsPlugin)

using namespace tollgate;

namespace {

int complain(const Error &error, int code)
{
    std::fputs((error.message + u'\n').toUtf8().constData(), stderr);
    return code;
}

} // namespace

int main(int argc, char **argv)
{
    [[maybe_unused]] const auto hardening
        = secrets::harden(qEnvironmentVariableIsSet("TOLLGATE_ALLOW_DEBUGGING"));
    gateway::prepareProcess();
    QApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("tollgate"));
    QCoreApplication::setApplicationVersion(QStringLiteral(TOLLGATE_VERSION));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Tollgate"));
    QGuiApplication::setDesktopFileName(QStringLiteral("tollgate"));
    QApplication::setQuitOnLastWindowClosed(false);
    QQuickStyle::setStyle(QStringLiteral("Basic"));

    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.contains(QLatin1String("--help")) || arguments.contains(QLatin1String("-h"))) {
        std::fputs(desktop::helpText().toUtf8().constData(), stdout);
        return 0;
    }
    if (arguments.contains(QLatin1String("--version")) || arguments.contains(QLatin1String("-v"))) {
        std::fputs("tollgate " TOLLGATE_VERSION "\n", stdout);
        return 0;
    }
    const auto wishes = desktop::parseWishes(arguments);
    if (!wishes)
        return complain(wishes.error(), 2);
    desktop::Desktop desktop(*wishes);
    const auto signalled = app::Signals::watch([&desktop](app::Wish wish) {
        if (wish == app::Wish::Stop)
            desktop.quit();
    });
    const auto started = desktop.start();
    if (!started)
        return complain(started.error(), 1);
    if (!*started)
        return 0;
    // No library may find certificates or plug-ins in the folder we happened to be started in.
    QDir::setCurrent(QDir::rootPath());
    return QApplication::exec();
}
