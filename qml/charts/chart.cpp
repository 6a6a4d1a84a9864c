// SPDX-License-Identifier: GPL-3.0-or-later
#include "chart.h"

#include "hatch.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QPainter>

namespace tollgate::charts {

QColor colourOf(int slot, Tone tone, const Look &look)
{
    switch (tone) {
    case Tone::Ok:
        return look.ok;
    case Tone::Warn:
        return look.warn;
    case Tone::Err:
        return look.err;
    case Tone::Quiet:
        return look.other;
    case Tone::None:
        break;
    }
    return look.hue(slot);
}

QString spoken(const Tip &tip)
{
    QStringList parts{tip.title};
    for (const TipRow &row : tip.rows) {
        QString part
            = row.label.isEmpty() ? row.value : row.label + QStringLiteral(": ") + row.value;
        if (!row.share.isEmpty())
            part += QStringLiteral(", ") + row.share;
        parts.push_back(part);
    }
    if (tip.more > 0)
        parts.push_back(QCoreApplication::translate("Charts", "and %n more", nullptr, tip.more));
    if (!tip.total.isEmpty())
        parts.push_back(QCoreApplication::translate("Charts", "Total %1").arg(tip.total));
    parts.removeAll(QString());
    return parts.join(QStringLiteral(". "));
}

QString isoTime(qint64 us, const QTimeZone &zone)
{
    const QDateTime moment = momentOf(us, zone);
    return moment.toOffsetFromUtc(moment.offsetFromUtc()).toString(Qt::ISODate);
}

void paintMark(QPainter &painter, const QRectF &area, int slot, Tone tone, const Look &look)
{
    if (area.isEmpty())
        return;
    painter.fillRect(area, colourOf(slot, tone, look));
    QColor ink = look.surface;
    ink.setAlphaF(0.62F);
    if (tone == Tone::Err)
        paintPattern(painter, area, Pattern::Rising, ink, look.scale);
    else if (tone == Tone::Warn)
        paintPattern(painter, area, Pattern::Falling, ink, look.scale);
    else if (look.patterns && tone == Tone::None)
        paintPattern(painter, area, patternOf(slot), ink, look.scale);
}

} // namespace tollgate::charts
