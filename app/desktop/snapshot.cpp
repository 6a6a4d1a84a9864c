// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/snapshot.h"

#include "app/desktop/backend.h"

#include <QHostAddress>
#include <QJSEngine>
#include <QJsonArray>
#include <QTimeZone>
#include <QUrl>

namespace tollgate::desktop {
namespace {

Snapshot *g_snapshot = nullptr;
constexpr int kWatchedMs = 1'000;
constexpr int kUnwatchedMs = 10'000;

} // namespace

Snapshot::Snapshot(QObject *parent)
    : QObject(parent)
{
    m_timer.setInterval(kWatchedMs);
    connect(&m_timer, &QTimer::timeout, this, &Snapshot::refresh);
    connect(&Backend::instance(), &Backend::changed, this, &Snapshot::refresh);
    m_timer.start();
    refresh();
}

void Snapshot::install(Snapshot *snapshot)
{
    g_snapshot = snapshot;
}

Snapshot *Snapshot::create(QQmlEngine * /*engine*/, QJSEngine * /*jsEngine*/)
{
    QJSEngine::setObjectOwnership(g_snapshot, QJSEngine::CppOwnership);
    return g_snapshot;
}

QString Snapshot::state() const
{
    if (!m_trouble.isEmpty() || !m_ready || m_status.value(QLatin1String("draining")).toBool())
        return QStringLiteral("stopped");
    if (m_status.value(QLatin1String("paused")).toBool())
        return QStringLiteral("paused");
    const bool troubled = !m_status.value(QLatin1String("troubles")).toArray().isEmpty();
    const bool wanted = m_overview.value(QLatin1String("needs_attention")).toBool();
    return troubled || wanted ? QStringLiteral("attention") : QStringLiteral("running");
}

QStringList Snapshot::urls() const
{
    QStringList urls;
    for (const QJsonValue &url : m_status.value(QLatin1String("urls")).toArray())
        urls.append(url.toString());
    return urls;
}

bool Snapshot::lan() const
{
    const QStringList all = urls();
    return std::any_of(all.begin(), all.end(), [](const QString &url) {
        return !QHostAddress(QUrl(url).host()).isLoopback();
    });
}

void Snapshot::setWatched(bool watched)
{
    if (m_watched == watched)
        return;
    m_watched = watched;
    m_timer.setInterval(watched ? kWatchedMs : kUnwatchedMs);
    if (watched)
        refresh();
    Q_EMIT watchedChanged();
}

void Snapshot::refresh()
{
    if (m_asking > 0)
        return;
    m_asking = 2;
    Backend::instance().ask(QStringLiteral("status"), {},
                            [this](const Result<QJsonObject> &answer) {
                                --m_asking;
                                m_trouble = answer ? QString() : answer.error().message;
                                if (answer)
                                    m_status = *answer;
                                m_ready = m_ready || answer.has_value();
                                Q_EMIT changed();
                            });
    const QJsonObject where{
        {QStringLiteral("zone"), QString::fromLatin1(QTimeZone::systemTimeZoneId())}};
    Backend::instance().ask(QStringLiteral("overview"), where,
                            [this](const Result<QJsonObject> &answer) {
                                --m_asking;
                                if (answer && m_overview != *answer) {
                                    m_overview = *answer;
                                    Q_EMIT changed();
                                }
                            });
}

} // namespace tollgate::desktop
