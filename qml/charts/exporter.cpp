// SPDX-License-Identifier: GPL-3.0-or-later
#include "exporter.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QDateTime>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <QSvgGenerator>

#include <algorithm>
#include <cmath>

namespace tollgate::charts {

namespace {

constexpr double kMargin = 20;

struct Sheet
{
    QSizeF size;
    QRectF title;
    QRectF range;
    QRectF chart;
    QRectF legend;
    QRectF foot;
};

struct Entry
{
    LegendRow row;
    QRectF place;
};

QString legendText(const LegendRow &row)
{
    QStringList parts{row.label.left(60), row.value, row.share};
    if (row.hidden)
        parts.push_back(QCoreApplication::translate("Charts", "hidden"));
    parts.removeAll(QString());
    return parts.join(QStringLiteral("  "));
}

// Entries side by side, in as many lines as they need.
std::vector<Entry> legendPlaces(const Chart &chart, const Look &look, double width)
{
    std::vector<Entry> entries;
    double x = 0;
    double y = 0;
    for (const LegendRow &row : chart.legend(look)) {
        const double needs
            = std::min(width, look.px(16) + widthOf(legendText(row), look.label()) + look.px(18));
        if (x > 0 && x + needs > width) {
            x = 0;
            y += look.px(20);
        }
        entries.push_back({row, QRectF(x, y, needs, look.px(20))});
        x += needs;
    }
    return entries;
}

Sheet layoutSheet(const Chart &chart, const Look &look, const About &about, QSizeF size)
{
    const double margin = look.px(kMargin);
    Sheet sheet;
    double y = margin;
    const auto line = [&](double height, bool wanted) {
        const QRectF place(margin, y, size.width(), wanted ? height : 0);
        y += place.height();
        return place;
    };
    sheet.title = line(look.px(24), !about.title.isEmpty());
    sheet.range = line(look.px(20), !about.range.isEmpty() || !about.filter.isEmpty());
    y += look.px(8);
    sheet.chart = line(size.height(), true);
    const std::vector<Entry> entries = legendPlaces(chart, look, size.width());
    if (!entries.empty())
        y += look.px(8);
    sheet.legend = line(entries.empty() ? 0 : entries.back().place.bottom(), true);
    if (!about.coverage.isEmpty())
        y += look.px(8);
    sheet.foot = line(look.px(18), !about.coverage.isEmpty());
    sheet.size = QSizeF(std::ceil(size.width() + 2 * margin), std::ceil(y + margin));
    return sheet;
}

void paintSheet(QPainter &painter, const Chart &chart, const Look &look, const About &about,
                const Sheet &sheet)
{
    painter.fillRect(QRectF(QPointF(), sheet.size), look.surface);
    drawLine(painter, sheet.title, Qt::AlignLeft | Qt::AlignVCenter, about.title,
             look.label(15, QFont::DemiBold), look.text);
    QStringList range{about.range, about.filter, chart.words(look)};
    range.removeAll(QString());
    drawLine(painter, sheet.range, Qt::AlignLeft | Qt::AlignVCenter,
             range.join(QStringLiteral("  \u00b7  ")), look.label(12, QFont::Normal), look.text2);
    painter.save();
    painter.translate(sheet.chart.topLeft());
    chart.paint(painter, look, sheet.chart.size());
    painter.restore();
    for (const Entry &entry : legendPlaces(chart, look, sheet.legend.width())) {
        const QRectF place = entry.place.translated(sheet.legend.topLeft());
        const QRectF swatch(place.left(), std::round(place.center().y() - look.px(5)), look.px(10),
                            look.px(10));
        if (entry.row.hidden) {
            painter.setPen(QPen(look.borderStrong, 1));
            painter.setBrush(Qt::NoBrush);
            painter.drawRect(swatch.adjusted(0.5, 0.5, -0.5, -0.5));
        } else {
            paintMark(painter, swatch, entry.row.slot, entry.row.tone, look);
        }
        drawLine(painter, place.adjusted(look.px(16), 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                 legendText(entry.row), look.label(), look.text2);
    }
    drawLine(painter, sheet.foot, Qt::AlignLeft | Qt::AlignVCenter, about.coverage, look.label(),
             look.text2);
}

bool isTime(const QString &header)
{
    return header == QLatin1String("from") || header == QLatin1String("to");
}

QVariant outside(const QVariant &value, const QString &header, const Look &look)
{
    if (!isTime(header))
        return value;
    // A column that is no time, such as a weekday, has none.
    return value.toLongLong() == 0 ? QVariant() : QVariant(isoTime(value.toLongLong(), look.zone));
}

// A spreadsheet takes a text that begins like a formula for one.
QByteArray csvField(const QVariant &value)
{
    QString text = value.isNull() ? QString() : value.toString();
    if (value.typeId() == QMetaType::QString && !text.isEmpty()
        && QStringLiteral("=+-@\t\r").contains(text.at(0)))
        text.prepend(QLatin1Char('\''));
    if (text.contains(QLatin1Char(',')) || text.contains(QLatin1Char('"'))
        || text.contains(QLatin1Char('\n')) || text.contains(QLatin1Char('\r')))
        text = QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\""))
            + QLatin1Char('"');
    return text.toUtf8();
}

} // namespace

About readAbout(const QVariantMap &map)
{
    const auto text = [&map](const QString &name) { return map.value(name).toString(); };
    About about;
    about.title = text(QStringLiteral("title"));
    about.range = text(QStringLiteral("range"));
    about.filter = text(QStringLiteral("filter"));
    about.coverage = text(QStringLiteral("coverage"));
    about.name = text(QStringLiteral("name"));
    about.fromUs = readValue(map.value(QStringLiteral("fromUs"))).value_or(0);
    about.toUs = readValue(map.value(QStringLiteral("toUs"))).value_or(0);
    return about;
}

QByteArray pngOf(const Chart &chart, const Look &look, const About &about, QSizeF size, int scale)
{
    const Sheet sheet = layoutSheet(chart, look, about, size);
    const int times = std::clamp(scale, 1, 3);
    QImage image((sheet.size * times).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(times);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::TextAntialiasing);
    paintSheet(painter, chart, look, about, sheet);
    painter.end();
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    image.save(&buffer, "PNG");
    return bytes;
}

QByteArray svgOf(const Chart &chart, const Look &look, const About &about, QSizeF size)
{
    const Sheet sheet = layoutSheet(chart, look, about, size);
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    QSvgGenerator generator;
    generator.setOutputDevice(&buffer);
    generator.setSize(sheet.size.toSize());
    generator.setViewBox(QRectF(QPointF(), sheet.size));
    generator.setTitle(about.title);
    generator.setDescription(about.range);
    QPainter painter(&generator);
    paintSheet(painter, chart, look, about, sheet);
    painter.end();
    return bytes;
}

QByteArray csvOf(const Chart &chart, const Look &look)
{
    const RawTable table = chart.raw();
    QByteArray out = table.headers.join(QLatin1Char(',')).toUtf8() + "\r\n";
    for (const QVariantList &row : table.rows) {
        for (qsizetype column = 0; column < row.size(); ++column) {
            if (column > 0)
                out += ',';
            out += csvField(outside(row.at(column), table.headers.value(column), look));
        }
        out += "\r\n";
    }
    return out;
}

QByteArray jsonOf(const Chart &chart, const Look &look, const About &about)
{
    const RawTable table = chart.raw();
    QJsonArray rows;
    for (const QVariantList &row : table.rows) {
        QJsonObject object;
        for (qsizetype column = 0; column < row.size(); ++column) {
            const QString header = table.headers.value(column);
            object.insert(header, QJsonValue::fromVariant(outside(row.at(column), header, look)));
        }
        rows.push_back(object);
    }
    const QJsonObject whole{{QStringLiteral("title"), about.title},
                            {QStringLiteral("range"), about.range},
                            {QStringLiteral("filter"), about.filter},
                            {QStringLiteral("coverage"), about.coverage},
                            {QStringLiteral("zone"), QString::fromUtf8(look.zone.id())},
                            {QStringLiteral("rows"), rows}};
    return QJsonDocument(whole).toJson(QJsonDocument::Indented);
}

QString fileNameOf(const About &about, const QTimeZone &zone, const QString &extension)
{
    QString name;
    for (const QChar character : about.name.left(80).toLower()) {
        const bool plain = (character >= QLatin1Char('a') && character <= QLatin1Char('z'))
            || character.isDigit();
        if (plain)
            name += character;
        else if (!name.isEmpty() && !name.endsWith(QLatin1Char('-')))
            name += QLatin1Char('-');
    }
    while (name.endsWith(QLatin1Char('-')))
        name.chop(1);
    if (name.isEmpty())
        name = QStringLiteral("chart");
    if (about.toUs > about.fromUs)
        name += QLatin1Char('-') + momentOf(about.fromUs, zone).date().toString(Qt::ISODate)
            + QLatin1Char('_') + momentOf(about.toUs - 1, zone).date().toString(Qt::ISODate);
    return name + QLatin1Char('.') + extension;
}

} // namespace tollgate::charts
