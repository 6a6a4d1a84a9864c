// SPDX-License-Identifier: GPL-3.0-or-later
// The icon in the desktop's tray and its menu: state in shape and words, today's spend, the URLs to
// copy, pause and quit. A plain native menu, because that is all that some trays show. Fed by the
// snapshot that feeds the window.
#pragma once

#include "app/desktop/snapshot.h"

#include <QMenu>
#include <QSystemTrayIcon>

namespace tollgate::desktop {

class Tray final : public QObject
{
    Q_OBJECT

public:
    explicit Tray(Snapshot &snapshot);

    [[nodiscard]] static QIcon icon(const QString &state);

Q_SIGNALS:
    void openWanted(const QString &page); // empty: as it was left
    void quitWanted();

private:
    void build();
    void show();

    Snapshot &m_snapshot;
    QMenu m_menu;
    QMenu *m_urls = nullptr;
    QMenu *m_pauseFor = nullptr;
    QAction *m_stateLine = nullptr;
    QAction *m_spendLine = nullptr;
    QAction *m_resume = nullptr;
    QSystemTrayIcon m_tray;
    QString m_shownState;
    QStringList m_shownUrls;
};

// "Running", "Paused" …, in the language of the window.
[[nodiscard]] QString stateWord(const QString &state);

} // namespace tollgate::desktop
