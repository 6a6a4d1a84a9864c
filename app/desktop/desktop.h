// SPDX-License-Identifier: GPL-3.0-or-later
// The desktop app put together: one profile, the engine inside or a daemon's, the window and the
// tray.
#pragma once

#include "app/daemon.h"
#include "app/desktop/backend.h"
#include "app/desktop/instance.h"
#include "app/desktop/prefs.h"
#include "app/desktop/screenshots.h"
#include "app/desktop/snapshot.h"
#include "app/desktop/system.h"
#include "app/desktop/tray.h"

#include <QQmlApplicationEngine>

namespace tollgate::desktop {

struct Wishes
{
    QString profile;
    app::ServeWishes serve;
    bool hidden = false; // start in the tray
    bool json = false; // say the address on standard output, as tollgated does
    QString page; // show this one first
    QString screenshots; // a folder: walk the screens, write pictures, end
    bool briefScreenshots = false;
};

// Text of --help; wishes from the arguments, or a sentence on what is wrong with them.
[[nodiscard]] QString helpText();
[[nodiscard]] Result<Wishes> parseWishes(const QStringList &arguments);

class Desktop final : public QObject
{
    Q_OBJECT

public:
    explicit Desktop(Wishes wishes);
    ~Desktop() override;

    // False: another window of the profile has come to the front, there is nothing to run. The
    // Error is for a person: what could not be opened.
    [[nodiscard]] Result<bool> start();

public Q_SLOTS:
    // Asked twice: what still runs is ended and settled.
    void quit();

private:
    [[nodiscard]] Result<void> openEngine(const admin::Profile &profile);
    void openWindow();
    void raise(const QString &page);

    Wishes m_wishes;
    std::unique_ptr<Instance> m_instance;
    std::unique_ptr<app::Daemon> m_daemon; // none: a daemon of its own serves the profile
    std::unique_ptr<Prefs> m_prefs;
    std::unique_ptr<System> m_system;
    std::unique_ptr<Backend> m_backend;
    std::unique_ptr<Snapshot> m_snapshot;
    std::unique_ptr<Tray> m_tray;
    std::unique_ptr<QQmlApplicationEngine> m_engine;
    std::unique_ptr<Screenshots> m_screenshots;
    bool m_quitting = false;
};

} // namespace tollgate::desktop
