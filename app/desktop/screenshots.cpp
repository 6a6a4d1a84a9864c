// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/screenshots.h"

#include "app/desktop/prefs.h"

#include <QImage>
#include <QLoggingCategory>
#include <QTimer>

namespace tollgate::desktop {
namespace {

constexpr QSize kUsual(1240, 800);
constexpr QSize kSmallest(920, 620);
constexpr qreal kLarge = 1.5;
constexpr int kSettleMs = 1'500; // answers of the engine have arrived and nothing moves any more

} // namespace

Screenshots::Screenshots(QQuickWindow &window, Prefs &prefs, const QString &folder, bool brief,
                         std::function<void(int)> done)
    : m_window(window)
    , m_prefs(prefs)
    , m_folder(folder)
    , m_done(std::move(done))
{
    QVariant pages;
    QMetaObject::invokeMethod(&m_window, "pageNames", Q_RETURN_ARG(QVariant, pages));
    m_poses = poses(pages.toStringList(), brief);
    if (!QDir().mkpath(folder)) {
        qWarning().noquote() << "Cannot make the folder" << folder;
        QTimer::singleShot(0, this, [this] { m_done(1); });
        return;
    }
    QTimer::singleShot(kSettleMs, this, &Screenshots::next);
}

std::vector<Screenshots::Pose> Screenshots::poses(const QStringList &pages, bool brief)
{
    std::vector<Pose> all;
    const QString light = QStringLiteral("light");
    const QString dark = QStringLiteral("dark");
    for (const QString &page : pages) {
        all.push_back({page + u'-' + light, page, {}, light, kUsual});
        if (brief)
            continue;
        all.push_back({page + u'-' + dark, page, {}, dark, kUsual});
        all.push_back({page + QStringLiteral("-small"), page, {}, light, kSmallest});
        all.push_back({page + QStringLiteral("-large"), page, {}, light, kUsual * kLarge, kLarge});
        all.push_back(
            {page + QStringLiteral("-contrast"), page, {}, QStringLiteral("contrast"), kUsual});
    }
    for (const QString &page : {QStringLiteral("channels"), QStringLiteral("tokens")}) {
        if (brief || !pages.contains(page))
            continue;
        for (const QString &theme : {light, dark}) {
            all.push_back({page + QStringLiteral("-add-") + theme,
                           page,
                           {{QStringLiteral("add"), true}},
                           theme,
                           kUsual});
        }
    }
    return all;
}

void Screenshots::next()
{
    if (m_at == m_poses.size()) {
        m_done(0);
        return;
    }
    const Pose &pose = m_poses.at(m_at);
    m_prefs.setTheme(pose.theme);
    m_prefs.setScale(pose.scale);
    m_window.resize(pose.size);
    QMetaObject::invokeMethod(&m_window, "pose", Q_ARG(QVariant, pose.page),
                              Q_ARG(QVariant, pose.wish));
    QTimer::singleShot(kSettleMs, this, &Screenshots::take);
}

void Screenshots::take()
{
    const QString file = m_folder.filePath(m_poses.at(m_at).name + QStringLiteral(".png"));
    if (!m_window.grabWindow().save(file)) {
        qWarning().noquote() << "Cannot write" << file;
        m_done(1);
        return;
    }
    ++m_at;
    next();
}

} // namespace tollgate::desktop
