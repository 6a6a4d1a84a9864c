// SPDX-License-Identifier: GPL-3.0-or-later
#include "chartitem.h"

#include "exporter.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QImage>
#include <QSaveFile>

namespace tollgate::charts {

namespace {

QVariantMap tipMap(const Tip &tip, const Look &look, const QString &current)
{
    QVariantList rows;
    for (const TipRow &row : tip.rows)
        rows.push_back(
            QVariantMap{{QStringLiteral("key"), row.key},
                        {QStringLiteral("label"), row.label},
                        {QStringLiteral("slot"), row.slot},
                        {QStringLiteral("tone"), int(row.tone)},
                        {QStringLiteral("marked"), row.slot >= 0 || row.tone != Tone::None},
                        {QStringLiteral("color"), colourOf(row.slot, row.tone, look)},
                        {QStringLiteral("value"), row.value},
                        {QStringLiteral("share"), row.share},
                        {QStringLiteral("current"), !current.isEmpty() && row.key == current}});
    return {{QStringLiteral("title"), tip.title},
            {QStringLiteral("rows"), rows},
            {QStringLiteral("more"), tip.more},
            {QStringLiteral("total"), tip.total}};
}

} // namespace

ChartItem::ChartItem(QQuickItem *parent)
    : QQuickPaintedItem(parent)
{
    setAcceptHoverEvents(true);
    setAcceptedMouseButtons(Qt::LeftButton);
    setActiveFocusOnTab(true);
    m_click.setSingleShot(true);
    connect(&m_click, &QTimer::timeout, this, &ChartItem::drill);
}

ChartItem::~ChartItem() = default;

void ChartItem::setTheme(ChartTheme *theme)
{
    if (m_theme == theme)
        return;
    if (m_theme)
        m_theme->disconnect(this);
    m_theme = theme;
    const auto take = [this] {
        m_look = m_theme ? m_theme->look() : Look();
        rebuild();
    };
    if (theme)
        connect(theme, &ChartTheme::changed, this, take);
    take();
    Q_EMIT themeChanged();
}

void ChartItem::setSource(const QVariant &source)
{
    m_source = plain(source);
    rebuild();
    Q_EMIT sourceChanged();
}

void ChartItem::setHiddenKeys(const QStringList &keys)
{
    if (m_hidden == keys)
        return;
    m_hidden = keys;
    rebuild();
    Q_EMIT sourceChanged();
}

void ChartItem::setColors(const QVariantMap &colors)
{
    if (m_colors == colors)
        return;
    m_colors = colors;
    rebuild();
    Q_EMIT sourceChanged();
}

void ChartItem::setAbout(const QVariantMap &about)
{
    m_about = about;
    Q_EMIT aboutChanged();
}

void ChartItem::rebuild()
{
    m_chart.reset();
    // New data do not move the cursor; where its column is gone, it is gone too.
    if (m_cursor.column >= chart().columns() || m_cursor.row >= chart().rows())
        m_cursor = {};
    update();
    Q_EMIT contentChanged();
    Q_EMIT placesChanged();
    Q_EMIT cursorChanged();
}

const Chart &ChartItem::chart() const
{
    if (!m_chart)
        m_chart = makeChart();
    return *m_chart;
}

QSet<QString> ChartItem::hiddenSet() const
{
    return {m_hidden.begin(), m_hidden.end()};
}

ChartData ChartItem::coloured(ChartData data) const
{
    QHash<QString, int> known;
    for (auto colour = m_colors.begin(); colour != m_colors.end(); ++colour)
        known.insert(colour.key(), colour.value().toInt());
    giveColours(data, known);
    return data;
}

QVariantList ChartItem::legend() const
{
    QVariantList list;
    for (const LegendRow &row : chart().legend(m_look))
        list.push_back(QVariantMap{{QStringLiteral("key"), row.key},
                                   {QStringLiteral("label"), row.label},
                                   {QStringLiteral("slot"), row.slot},
                                   {QStringLiteral("tone"), int(row.tone)},
                                   {QStringLiteral("value"), row.value},
                                   {QStringLiteral("share"), row.share},
                                   {QStringLiteral("hidden"), row.hidden}});
    return list;
}

QVariantMap ChartItem::table() const
{
    const Table table = chart().table(m_look);
    QVariantList rows;
    for (const QStringList &row : table.rows)
        rows.push_back(row);
    return {{QStringLiteral("headers"), table.headers}, {QStringLiteral("rows"), rows}};
}

QVariantMap ChartItem::tip() const
{
    if (m_cursor.column < 0)
        return {};
    return tipMap(chart().tip(chart().tipMark(m_cursor), m_look), m_look, cursorKey());
}

QString ChartItem::spokenText() const
{
    return m_cursor.column < 0 ? chart().words(m_look) : spoken(chart().tip(m_cursor, m_look));
}

void ChartItem::setCrosshairUs(double us)
{
    const qint64 value = qRound64(us);
    if (m_crosshairUs == value)
        return;
    m_crosshairUs = value;
    Q_EMIT crosshairChanged();
    Q_EMIT placesChanged();
}

double ChartItem::crosshairX() const
{
    // A line through a list or a grid would say nothing.
    if (m_cursor.column >= 0 && !chart().bucketOf(m_cursor.column))
        return -1;
    if (m_cursor.column >= 0)
        return chart().rectOf({m_cursor.column, -1}, m_look, size()).center().x();
    for (int column = 0; m_crosshairUs >= 0 && column < chart().columns(); ++column) {
        const auto bucket = chart().bucketOf(column);
        if (bucket && m_crosshairUs >= bucket->fromUs && m_crosshairUs < bucket->toUs)
            return chart().rectOf({column, -1}, m_look, size()).center().x();
    }
    return -1;
}

QByteArray ChartItem::png(int scale) const
{
    return pngOf(chart(), m_look, readAbout(m_about), size(), scale);
}

QByteArray ChartItem::svg() const
{
    return svgOf(chart(), m_look, readAbout(m_about), size());
}

QString ChartItem::csv() const
{
    return QString::fromUtf8(csvOf(chart(), m_look));
}

QString ChartItem::json() const
{
    return QString::fromUtf8(jsonOf(chart(), m_look, readAbout(m_about)));
}

QString ChartItem::fileName(const QString &extension) const
{
    return fileNameOf(readAbout(m_about), m_look.zone, extension);
}

QString ChartItem::exportTo(const QUrl &file, int scale) const
{
    const QString path = file.isLocalFile() ? file.toLocalFile() : file.path();
    const QString kind = path.section(QLatin1Char('.'), -1).toLower();
    QByteArray bytes;
    if (kind == QLatin1String("png"))
        bytes = png(scale);
    else if (kind == QLatin1String("svg"))
        bytes = svg();
    else if (kind == QLatin1String("csv"))
        bytes = csvOf(chart(), m_look);
    else if (kind == QLatin1String("json"))
        bytes = json().toUtf8();
    else
        return QCoreApplication::translate("Charts",
                                           "A chart is written as .png, .svg, .csv or .json");
    QSaveFile out(path);
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit())
        return out.errorString();
    return {};
}

void ChartItem::copyTable() const
{
    const Table table = chart().table(m_look);
    QStringList lines{table.headers.join(QLatin1Char('\t'))};
    for (const QStringList &row : table.rows)
        lines.push_back(row.join(QLatin1Char('\t')));
    QGuiApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

void ChartItem::copyImage() const
{
    QGuiApplication::clipboard()->setImage(QImage::fromData(png(2), "PNG"));
}

void ChartItem::paint(QPainter *painter)
{
    chart().paint(*painter, m_look, size());
}

void ChartItem::geometryChange(const QRectF &now, const QRectF &before)
{
    QQuickPaintedItem::geometryChange(now, before);
    if (now.size() != before.size())
        Q_EMIT placesChanged();
}

} // namespace tollgate::charts
