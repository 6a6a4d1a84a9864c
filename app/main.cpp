// SPDX-License-Identifier: GPL-3.0-or-later
// tollgated: the daemon and the command line.
#include "app/run.h"
#include "core/gateway/process.h"
#include "core/secrets/hardening.h"

#include <QCoreApplication>

int main(int argc, char **argv)
{
    [[maybe_unused]] const auto hardening
        = tollgate::secrets::harden(qEnvironmentVariableIsSet("TOLLGATE_ALLOW_DEBUGGING"));
    tollgate::gateway::prepareProcess();
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(QStringLiteral("tollgate"));
    QCoreApplication::setApplicationVersion(QStringLiteral(TOLLGATE_VERSION));
    return tollgate::app::run(QCoreApplication::arguments().mid(1));
}
