// SPDX-License-Identifier: GPL-3.0-or-later
#include "burn.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr double kTooEarly = 0.03;
constexpr double kEven = 0.02; // this near to an even pace is even
constexpr qint64 kDayUs = 86'400'000'000;

QString momentLabel(qint64 us, qint64 windowUs, const Look &look)
{
    const QDateTime moment = momentOf(us, look.zone);
    const QString clock = clockLabel(us, look.zone, look.locale);
    if (windowUs <= kDayUs)
        return clock;
    const QString day = windowUs <= 7 * kDayUs
        ? look.locale.dayName(moment.date().dayOfWeek(), QLocale::ShortFormat)
        : dayLabel(moment.date(), look.locale);
    return day + QLatin1Char(' ') + clock;
}

} // namespace

BurnFacts readBurnFacts(const QVariant &source)
{
    const QVariantMap map = plain(source).toMap();
    const auto number
        = [&map](const QString &name) { return readValue(map.value(name)).value_or(0); };
    BurnFacts facts;
    facts.fromUs = number(QStringLiteral("fromUs"));
    facts.toUs = number(QStringLiteral("toUs"));
    facts.nowUs = number(QStringLiteral("nowUs"));
    facts.limit = number(QStringLiteral("limit"));
    if (map.contains(QStringLiteral("unit")))
        facts.unit = unitNamed(map.value(QStringLiteral("unit")).toString());
    const QVariantList points = map.value(QStringLiteral("points")).toList();
    for (const QVariant &point : points) {
        const QVariantMap one = point.toMap();
        facts.points.push_back({readValue(one.value(QStringLiteral("atUs"))).value_or(0),
                                readValue(one.value(QStringLiteral("left"))).value_or(0)});
    }
    std::stable_sort(facts.points.begin(), facts.points.end(),
                     [](const BurnPoint &a, const BurnPoint &b) { return a.atUs < b.atUs; });
    return facts;
}

Verdict verdictOf(const BurnFacts &facts)
{
    Verdict verdict;
    if (facts.limit <= 0 || facts.toUs <= facts.fromUs || facts.points.empty())
        return verdict;
    const double left = double(facts.points.back().left);
    const double used = (double(facts.limit) - left) / double(facts.limit);
    const double elapsed = double(facts.nowUs - facts.fromUs) / double(facts.toUs - facts.fromUs);
    verdict.percent = int(std::lround((used - elapsed) * 100));
    if (left <= 0) {
        verdict.pace = Pace::Spent;
        return verdict;
    }
    if (elapsed < kTooEarly) {
        verdict.pace = Pace::TooEarly;
        return verdict;
    }
    if (used > 0)
        verdict.runsOutUs = facts.nowUs
            + qint64(double(facts.nowUs - facts.fromUs) * (left / double(facts.limit)) / used);
    if (std::abs(used - elapsed) <= kEven)
        verdict.pace = Pace::Even;
    else
        verdict.pace = used > elapsed ? Pace::Over : Pace::Lasts;
    return verdict;
}

QString wordsOf(const BurnFacts &facts, const Verdict &verdict, const Look &look)
{
    const qint64 window = facts.toUs - facts.fromUs;
    switch (verdict.pace) {
    case Pace::Even:
        return QCoreApplication::translate("Charts", "On pace");
    case Pace::Lasts:
        return QCoreApplication::translate("Charts", "Lasts until reset");
    case Pace::Spent:
        return QCoreApplication::translate("Charts", "Spent. Resets %1")
            .arg(momentLabel(facts.toUs, window, look));
    case Pace::Over:
        return QCoreApplication::translate("Charts", "Over pace by %1, runs out %2")
            .arg(inFull(qint64(verdict.percent) * 100, Unit::BasisPoints, look.locale),
                 momentLabel(verdict.runsOutUs, window, look));
    case Pace::TooEarly:
        return QCoreApplication::translate("Charts", "Too early to tell");
    case Pace::Unknown:
        break;
    }
    return {};
}

BurnDown::BurnDown(BurnFacts facts, bool compact)
    : m_facts(std::move(facts))
    , m_compact(compact)
{
}

bool BurnDown::empty() const
{
    return m_facts.points.empty() || m_facts.limit <= 0 || m_facts.toUs <= m_facts.fromUs;
}

Axes BurnDown::axes(const Look &look, QSizeF size) const
{
    const Ticks ticks = valueTicks(empty() ? 0 : double(m_facts.limit), m_facts.unit);
    if (!m_compact)
        return layoutAxes(look, size, ticks, m_facts.unit, 0, look.px(8));
    Axes axes;
    axes.ticks.top = double(std::max<qint64>(1, m_facts.limit));
    axes.plot = QRectF(1, 3, std::max(1.0, size.width() - 4), std::max(1.0, size.height() - 6));
    return axes;
}

QRectF BurnDown::plot(const Look &look, QSizeF size) const
{
    return axes(look, size).plot;
}

QPointF BurnDown::place(qint64 us, double left, const Axes &axes) const
{
    const double along
        = double(us - m_facts.fromUs) / double(std::max<qint64>(1, m_facts.toUs - m_facts.fromUs));
    return {axes.plot.left() + std::clamp(along, 0.0, 1.0) * axes.plot.width(),
            axes.plot.bottom()
                - std::clamp(axes.ticks.place(std::max(0.0, left)), 0.0, 1.0) * axes.plot.height()};
}

Mark BurnDown::hit(QPointF at, const Look &look, QSizeF size) const
{
    const Axes frame = axes(look, size);
    if (empty() || !frame.plot.contains(at))
        return {};
    Mark mark;
    double nearest = frame.plot.width();
    for (int column = 0; column < columns(); ++column) {
        const BurnPoint &point = m_facts.points.at(std::size_t(column));
        const double distance = std::abs(place(point.atUs, double(point.left), frame).x() - at.x());
        if (distance < nearest) {
            nearest = distance;
            mark = {column, 0};
        }
    }
    return mark;
}

QRectF BurnDown::rectOf(Mark mark, const Look &look, QSizeF size) const
{
    if (mark.column < 0 || mark.column >= columns())
        return {};
    const BurnPoint &point = m_facts.points.at(std::size_t(mark.column));
    const QPointF middle = place(point.atUs, double(point.left), axes(look, size));
    const double radius = look.px(5);
    return {middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius};
}

std::optional<Bucket> BurnDown::bucketOf(int column) const
{
    if (column < 0 || column >= columns())
        return {};
    const qint64 at = m_facts.points.at(std::size_t(column)).atUs;
    return Bucket{at, at, {}, false, false};
}

Tip BurnDown::tip(Mark mark, const Look &look) const
{
    Tip tip;
    if (mark.column < 0 || mark.column >= columns())
        return tip;
    const BurnPoint &point = m_facts.points.at(std::size_t(mark.column));
    tip.title = momentLabel(point.atUs, m_facts.toUs - m_facts.fromUs, look);
    tip.rows.push_back({QStringLiteral("left"), QCoreApplication::translate("Charts", "Left"), 0,
                        Tone::None, inFull(point.left, m_facts.unit, look.locale),
                        shareOf(std::max<qint64>(0, point.left), m_facts.limit, look.locale)});
    const double along = double(point.atUs - m_facts.fromUs)
        / double(std::max<qint64>(1, m_facts.toUs - m_facts.fromUs));
    tip.rows.push_back(
        {QStringLiteral("pace"),
         QCoreApplication::translate("Charts", "Even pace"),
         kOther,
         Tone::Quiet,
         inFull(qint64(double(m_facts.limit) * (1 - along)), m_facts.unit, look.locale),
         {}});
    return tip;
}

Table BurnDown::table(const Look &look) const
{
    Table table;
    table.headers = {QCoreApplication::translate("Charts", "Time"),
                     QCoreApplication::translate("Charts", "Left")};
    for (const BurnPoint &point : m_facts.points)
        table.rows.push_back({momentLabel(point.atUs, m_facts.toUs - m_facts.fromUs, look),
                              inFull(point.left, m_facts.unit, look.locale)});
    return table;
}

RawTable BurnDown::raw() const
{
    RawTable raw;
    raw.headers = {QStringLiteral("from"), QStringLiteral("left"), QStringLiteral("limit"),
                   QStringLiteral("unit")};
    for (const BurnPoint &point : m_facts.points)
        raw.rows.push_back({point.atUs, point.left, m_facts.limit, nameOf(m_facts.unit)});
    return raw;
}

QString BurnDown::words(const Look &look) const
{
    return wordsOf(m_facts, verdictOf(m_facts), look);
}

QColor BurnDown::lineColour(const Look &look) const
{
    const Pace pace = verdictOf(m_facts).pace;
    return pace == Pace::Over || pace == Pace::Spent ? look.err : look.hue(0);
}

void BurnDown::paintMoments(QPainter &painter, const Axes &axes, const Look &look) const
{
    const qint64 window = m_facts.toUs - m_facts.fromUs;
    const double now = std::round(place(m_facts.nowUs, 0, axes).x());
    const double reset = std::round(axes.plot.right());
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(QRectF(reset - 1, axes.plot.top(), 2, axes.plot.height()), look.text2);
    if (m_compact)
        return;
    // A flag on the mark, so that it is not taken for a gridline.
    painter.fillRect(QRectF(reset - look.px(7), axes.plot.top(), look.px(7), look.px(5)),
                     look.text2);
    const double top = axes.plot.bottom() + look.px(5);
    const auto label = [&](double x, const QString &text, Qt::Alignment alignment) {
        const double wide = widthOf(text, look.label()) + look.px(2);
        const double left = alignment == Qt::AlignLeft ? x
            : alignment == Qt::AlignRight              ? x - wide
                                                       : x - wide / 2;
        drawLine(painter, QRectF(left, top, wide, look.px(16)), Qt::AlignCenter, text, look.label(),
                 look.text2);
        return QRectF(left, top, wide, look.px(16));
    };
    const QRectF first
        = label(axes.plot.left(), momentLabel(m_facts.fromUs, window, look), Qt::AlignLeft);
    const QRectF last = label(reset,
                              QCoreApplication::translate("Charts", "Reset %1")
                                  .arg(momentLabel(m_facts.toUs, window, look)),
                              Qt::AlignRight);
    const QString today = QCoreApplication::translate("Charts", "now");
    const double half = widthOf(today, look.label()) / 2 + look.px(8);
    if (now - half > first.right() && now + half < last.left())
        label(now, today, Qt::AlignHCenter);
}

void BurnDown::paint(QPainter &painter, const Look &look, QSizeF size) const
{
    const Axes frame = axes(look, size);
    if (!m_compact)
        paintGrid(painter, frame, look);
    if (empty())
        return;
    paintMoments(painter, frame, look);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(look.text2, look.px(1.2));
    pen.setDashPattern({5, 4});
    painter.setPen(pen);
    painter.drawLine(place(m_facts.fromUs, double(m_facts.limit), frame),
                     place(m_facts.toUs, 0, frame));

    const QColor hue = lineColour(look);
    QPolygonF line;
    line.push_back(place(m_facts.fromUs, double(m_facts.limit), frame));
    for (const BurnPoint &point : m_facts.points)
        line.push_back(place(point.atUs, double(point.left), frame));
    const QPointF now = place(m_facts.nowUs, double(m_facts.points.back().left), frame);
    line.push_back(now);
    QPolygonF area = line;
    area.push_back(QPointF(now.x(), frame.plot.bottom()));
    area.push_back(QPointF(frame.plot.left(), frame.plot.bottom()));
    QColor fill = hue;
    fill.setAlphaF(0.10F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawPolygon(area);
    painter.setBrush(Qt::NoBrush);
    pen = QPen(hue, look.px(2));
    pen.setJoinStyle(Qt::RoundJoin);
    painter.setPen(pen);
    painter.drawPolyline(line);

    const Verdict verdict = verdictOf(m_facts);
    if (verdict.runsOutUs > m_facts.nowUs && verdict.pace != Pace::TooEarly) {
        pen.setDashPattern({1, 2});
        pen.setCapStyle(Qt::RoundCap);
        painter.setPen(pen);
        const double atReset = verdict.runsOutUs <= m_facts.toUs
            ? 0
            : double(m_facts.points.back().left) * double(verdict.runsOutUs - m_facts.toUs)
                / double(verdict.runsOutUs - m_facts.nowUs);
        painter.drawLine(now, place(std::min(verdict.runsOutUs, m_facts.toUs), atReset, frame));
    }
    painter.setPen(QPen(look.surface, look.px(1.5)));
    painter.setBrush(hue);
    painter.drawEllipse(now, look.px(4), look.px(4));
    painter.setRenderHint(QPainter::Antialiasing, false);
}

} // namespace tollgate::charts
