// SPDX-License-Identifier: GPL-3.0-or-later
// --screenshots DIR: walks the pages of the window in light and dark, the main ones also small, and
// writes a picture of each, named for what it shows; then ends the program. GUI thread.
#pragma once

#include <QDir>
#include <QObject>
#include <QQuickWindow>

#include <functional>
#include <vector>

namespace tollgate::desktop {

class Prefs;

class Screenshots final : public QObject
{
    Q_OBJECT

public:
    Screenshots(QQuickWindow &window, Prefs &prefs, const QString &folder, bool brief,
                std::function<void(int code)> done);

private:
    struct Pose
    {
        QString name; // of the file, without ".png"
        QString page;
        QVariantMap wish;
        QString theme;
        QSize size;
        qreal scale = 1;
    };
    [[nodiscard]] static std::vector<Pose> poses(const QStringList &pages, bool brief);
    void next();
    void take();

    QQuickWindow &m_window;
    Prefs &m_prefs;
    QDir m_folder;
    std::function<void(int)> m_done;
    std::vector<Pose> m_poses;
    std::size_t m_at = 0;
};

} // namespace tollgate::desktop
