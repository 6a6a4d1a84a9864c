// SPDX-License-Identifier: GPL-3.0-or-later
#include "charttheme.h"

#include "chart.h"
#include "units.h"

namespace tollgate::charts {

namespace {

template <typename Colours> void readInto(Colours &colours, const QVariantList &given)
{
    for (std::size_t at = 0; at < colours.size() && qsizetype(at) < given.size(); ++at) {
        if (const QColor colour = given.at(qsizetype(at)).value<QColor>(); colour.isValid())
            colours.at(at) = colour;
    }
}

template <typename Colours> QVariantList listOf(const Colours &colours)
{
    QVariantList list;
    for (const QColor &colour : colours)
        list.push_back(colour);
    return list;
}

} // namespace

ChartTheme::ChartTheme(QObject *parent)
    : QObject(parent)
{
    const Look light;
    m_surface = light.surface;
    m_border = light.border;
    m_borderStrong = light.borderStrong;
    m_text = light.text;
    m_text2 = light.text2;
    m_accent = light.accent;
    m_ok = light.ok;
    m_warn = light.warn;
    m_err = light.err;
    m_other = light.other;
    m_series = listOf(light.series);
    m_heat = listOf(light.heat);
    m_sans = light.sans;
    m_mono = light.mono;
}

Look ChartTheme::look() const
{
    Look look;
    look.surface = m_surface;
    look.border = m_border;
    look.borderStrong = m_borderStrong;
    look.text = m_text;
    look.text2 = m_text2;
    look.accent = m_accent;
    look.ok = m_ok;
    look.warn = m_warn;
    look.err = m_err;
    look.other = m_other;
    readInto(look.series, m_series);
    readInto(look.heat, m_heat);
    look.patterns = m_patterns;
    look.sans = m_sans;
    look.mono = m_mono;
    look.scale = qBound(0.5, m_scale, 4.0);
    if (!m_locale.isEmpty())
        look.locale = QLocale(m_locale);
    // The locale of no place writes "10$" and times with seconds.
    if (look.locale.language() == QLocale::C)
        look.locale = QLocale(QLocale::English, QLocale::UnitedStates);
    if (const QTimeZone zone(m_zone.toUtf8()); !m_zone.isEmpty() && zone.isValid())
        look.zone = zone;
    return look;
}

QString ChartTheme::full(double value, const QString &unit) const
{
    return inFull(qRound64(value), unitNamed(unit), look().locale);
}

QString ChartTheme::brief(double value, const QString &unit) const
{
    return inShort(qRound64(value), unitNamed(unit), look().locale);
}

QColor ChartTheme::hue(int slot, int tone) const
{
    return colourOf(slot, Tone(tone), look());
}

} // namespace tollgate::charts
