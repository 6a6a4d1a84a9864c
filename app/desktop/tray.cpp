// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/tray.h"

#include "app/desktop/backend.h"
#include "app/desktop/format.h"
#include "app/desktop/icons.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QPalette>
#include <QUrl>

namespace tollgate::desktop {
namespace {

constexpr int kIconSizes[] = {16, 22, 32, 48};

} // namespace

QString stateWord(const QString &state)
{
    const auto tr = [](const char *word) { return QCoreApplication::translate("Tray", word); };
    if (state == u"running")
        return tr(QT_TRANSLATE_NOOP("Tray", "Running"));
    if (state == u"paused")
        return tr(QT_TRANSLATE_NOOP("Tray", "Paused"));
    if (state == u"attention")
        return tr(QT_TRANSLATE_NOOP("Tray", "Needs attention"));
    return tr(QT_TRANSLATE_NOOP("Tray", "Stopped"));
}

Tray::Tray(Snapshot &snapshot)
    : m_snapshot(snapshot)
{
    build();
    show();
    connect(&m_snapshot, &Snapshot::changed, this, &Tray::show);
    connect(&m_tray, &QSystemTrayIcon::activated, this,
            [this](QSystemTrayIcon::ActivationReason why) {
                if (why == QSystemTrayIcon::DoubleClick || why == QSystemTrayIcon::MiddleClick)
                    Q_EMIT openWanted(QString());
            });
    m_tray.setContextMenu(&m_menu);
    m_tray.show();
}

QIcon Tray::icon(const QString &state)
{
    const QColor colour = QGuiApplication::palette().color(QPalette::WindowText);
    QIcon icon;
    for (const int size : kIconSizes)
        icon.addPixmap(QPixmap::fromImage(
            Icons::draw(QStringLiteral("tray-") + state, colour, QSize(size, size))));
    return icon;
}

void Tray::build()
{
    m_stateLine = m_menu.addAction(QString());
    m_stateLine->setEnabled(false);
    m_spendLine = m_menu.addAction(QString());
    m_spendLine->setEnabled(false);
    m_menu.addSeparator();
    m_menu.addAction(tr("Open window"), this, [this] { Q_EMIT openWanted(QString()); });
    m_urls = m_menu.addMenu(tr("Copy base URL"));
    m_menu.addAction(tr("Requests"), this,
                     [this] { Q_EMIT openWanted(QStringLiteral("requests")); });
    m_menu.addSeparator();
    m_pauseFor = m_menu.addMenu(tr("Pause for"));
    const auto pause = [this](const QString &text, int minutes) {
        m_pauseFor->addAction(text, this, [minutes] {
            QJsonObject arguments;
            if (minutes > 0)
                arguments.insert(QStringLiteral("minutes"), minutes);
            Backend::instance().ask(QStringLiteral("pause"), arguments, {});
        });
    };
    pause(tr("15 minutes"), 15);
    pause(tr("1 hour"), 60);
    pause(tr("Until I resume"), 0);
    m_resume = m_menu.addAction(tr("Resume"), this,
                                [] { Backend::instance().ask(QStringLiteral("resume"), {}, {}); });
    m_menu.addAction(tr("Connect a client…"), this,
                     [this] { Q_EMIT openWanted(QStringLiteral("connect")); });
    m_menu.addAction(tr("Settings…"), this,
                     [this] { Q_EMIT openWanted(QStringLiteral("settings")); });
    m_menu.addSeparator();
    m_menu.addAction(tr("Quit"), this, &Tray::quitWanted);
}

void Tray::show()
{
    const Format format;
    const QString state = m_snapshot.state();
    const QString host = QUrl(m_snapshot.baseUrl()).authority();
    const QString scope = m_snapshot.lan() ? tr("LAN") : tr("This computer");
    m_stateLine->setText(QStringLiteral("%1 · %2 · %3").arg(stateWord(state), host, scope));
    const QJsonObject today = m_snapshot.overview().value(QLatin1String("today")).toObject();
    const QString spend = format.money(today.value(QLatin1String("cost_nano")).toDouble(),
                                       today.value(QLatin1String("estimated")).toInt() > 0);
    const QString spendText
        = tr("Today %1 · %2 requests · %3 failed")
              .arg(spend, format.count(today.value(QLatin1String("requests")).toDouble()),
                   format.count(today.value(QLatin1String("failed")).toDouble()));
    m_spendLine->setText(spendText);
    m_resume->setVisible(state == u"paused");
    m_pauseFor->menuAction()->setVisible(state != u"paused");
    m_tray.setToolTip(QStringLiteral("Tollgate · %1\n%2").arg(stateWord(state), spendText));
    if (m_shownState != state) {
        m_shownState = state;
        m_tray.setIcon(icon(state));
    }
    if (const QStringList urls = m_snapshot.urls(); m_shownUrls != urls) {
        m_shownUrls = urls;
        m_urls->clear();
        for (const QString &url : urls) {
            for (const QString &text : {url + QStringLiteral("/v1"), url}) {
                m_urls->addAction(text, this,
                                  [text] { QGuiApplication::clipboard()->setText(text); });
            }
        }
    }
}

} // namespace tollgate::desktop
