// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/icons.h"

#include <QFile>
#include <QLoggingCategory>
#include <QPainter>
#include <QSvgRenderer>

namespace tollgate::desktop {
namespace {

constexpr int kGrid = 24;

} // namespace

Icons::Icons()
    : QQuickImageProvider(QQuickImageProvider::Image)
{
}

QImage Icons::draw(const QString &name, const QColor &colour, const QSize &size)
{
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) {
        qWarning().noquote() << "There is no icon" << name;
        return {};
    }
    // Qt SVG paints currentColor black.
    const QByteArray svg
        = file.readAll().replace("currentColor", colour.name(QColor::HexRgb).toLatin1());
    QSvgRenderer renderer(svg);
    QImage image(size, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    renderer.render(&painter);
    return image;
}

QImage Icons::requestImage(const QString &id, QSize *size, const QSize &requested)
{
    const QSize wanted = requested.isEmpty() ? QSize(kGrid, kGrid) : requested;
    const QColor colour(u'#' + id.section(u'/', 1, 1));
    QImage image
        = draw(id.section(u'/', 0, 0), colour.isValid() ? colour : QColor(Qt::gray), wanted);
    if (size)
        *size = image.size();
    return image;
}

} // namespace tollgate::desktop
