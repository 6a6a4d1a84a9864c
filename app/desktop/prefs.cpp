// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/prefs.h"

#include <QJSEngine>

namespace tollgate::desktop {
namespace {

Prefs *g_prefs = nullptr;
constexpr qreal kSmallestScale = 0.85;
constexpr qreal kLargestScale = 1.6;

} // namespace

Prefs::Prefs(const QString &file)
    : m_file(file, QSettings::IniFormat)
{
}

void Prefs::install(Prefs *prefs)
{
    g_prefs = prefs;
}

Prefs *Prefs::create(QQmlEngine * /*engine*/, QJSEngine * /*jsEngine*/)
{
    QJSEngine::setObjectOwnership(g_prefs, QJSEngine::CppOwnership);
    return g_prefs;
}

QString Prefs::text(const char *key, const char *byDefault) const
{
    return m_file.value(QLatin1String(key), QLatin1String(byDefault)).toString();
}

qreal Prefs::scale() const
{
    return qBound(kSmallestScale, m_file.value(QLatin1String("scale"), 1.0).toReal(),
                  kLargestScale);
}

bool Prefs::reducedMotion() const
{
    return m_file.value(QLatin1String("reduced_motion"), false).toBool();
}

bool Prefs::patterns() const
{
    return m_file.value(QLatin1String("patterns"), false).toBool();
}

void Prefs::store(const char *key, const QVariant &value)
{
    if (m_file.value(QLatin1String(key)) == value)
        return;
    m_file.setValue(QLatin1String(key), value);
    Q_EMIT changed();
}

QVariant Prefs::value(const QString &key, const QVariant &byDefault) const
{
    return m_file.value(key, byDefault);
}

void Prefs::setValue(const QString &key, const QVariant &value)
{
    m_file.setValue(key, value);
}

} // namespace tollgate::desktop
