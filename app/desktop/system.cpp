// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/system.h"

#include <QClipboard>
#include <QCryptographicHash>
#include <QDateTime>
#include <QDesktopServices>
#include <QEvent>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QJSEngine>
#include <QPalette>
#include <QSystemTrayIcon>
#include <QTimeZone>

namespace tollgate::desktop {
namespace {

System *g_system = nullptr;
constexpr qint64 kSecretStaysMs = 45'000;
constexpr int kTickMs = 1'000;
constexpr int kHalfLight = 128;

QString firstFamily(const QStringList &wanted, QFontDatabase::SystemFont otherwise)
{
    for (const QString &family : wanted) {
        if (QFontDatabase::hasFamily(family))
            return family;
    }
    return QFontDatabase::systemFont(otherwise).family();
}

QByteArray digest(const QString &text)
{
    return QCryptographicHash::hash(text.toUtf8(), QCryptographicHash::Sha256);
}

} // namespace

System::System(QObject *parent)
    : QObject(parent)
    , m_sans(firstFamily({QStringLiteral("Inter"), QStringLiteral("Noto Sans")},
                         QFontDatabase::GeneralFont))
    , m_mono(firstFamily({QStringLiteral("JetBrains Mono"), QStringLiteral("Noto Sans Mono")},
                         QFontDatabase::FixedFont))
{
    m_tick.setInterval(kTickMs);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        if (QDateTime::currentMSecsSinceEpoch() >= m_secretUntilMs)
            forgetSecret();
        Q_EMIT secretTicked();
    });
    qApp->installEventFilter(this);
    lookAtPalette();
}

void System::install(System *system)
{
    g_system = system;
}

System *System::create(QQmlEngine * /*engine*/, QJSEngine * /*jsEngine*/)
{
    QJSEngine::setObjectOwnership(g_system, QJSEngine::CppOwnership);
    return g_system;
}

QString System::zone() const
{
    return QString::fromLatin1(QTimeZone::systemTimeZoneId());
}

QString System::version() const
{
    return QStringLiteral(TOLLGATE_VERSION);
}

bool System::trayAvailable() const
{
    return QSystemTrayIcon::isSystemTrayAvailable();
}

qreal System::secretSecondsLeft() const
{
    return static_cast<qreal>(
               qMax<qint64>(0, m_secretUntilMs - QDateTime::currentMSecsSinceEpoch()))
        / kTickMs;
}

void System::copy(const QString &text)
{
    QGuiApplication::clipboard()->setText(text);
}

void System::copySecret(const QString &secret)
{
    copy(secret);
    m_secretDigest = digest(secret);
    m_secretUntilMs = QDateTime::currentMSecsSinceEpoch() + kSecretStaysMs;
    m_tick.start();
    Q_EMIT secretTicked();
}

void System::forgetSecret()
{
    m_tick.stop();
    m_secretUntilMs = 0;
    if (digest(QGuiApplication::clipboard()->text()) == m_secretDigest)
        QGuiApplication::clipboard()->clear();
    m_secretDigest.clear();
}

void System::openUrl(const QUrl &url) const
{
    if (url.scheme() == u"https" || url.scheme() == u"http")
        QDesktopServices::openUrl(url);
}

void System::openFolder(const QString &folder) const
{
    QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
}

bool System::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::ApplicationPaletteChange)
        lookAtPalette();
    return QObject::eventFilter(watched, event);
}

// Qt before 6.5 does not tell the colour scheme, but its palette follows it.
void System::lookAtPalette()
{
    const bool dark = QGuiApplication::palette().color(QPalette::Window).lightness() < kHalfLight;
    if (dark == m_dark)
        return;
    m_dark = dark;
    Q_EMIT appearanceChanged();
}

} // namespace tollgate::desktop
