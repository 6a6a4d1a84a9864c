// SPDX-License-Identifier: GPL-3.0-or-later
#include "look.h"

#include <QFontMetricsF>
#include <QPainter>

namespace tollgate::charts {

namespace {

constexpr int kMostCharacters = 200; // of one label; more than any place has room for

QFont fontOf(const QString &family, double pixels, int weight)
{
    QFont font(family);
    font.setPixelSize(qMax(1, qRound(pixels)));
    font.setWeight(QFont::Weight(weight));
    return font;
}

// A line break would draw outside of its line, a control character as nothing.
QString oneLine(const QString &text)
{
    QString line = text.left(kMostCharacters);
    for (QChar &character : line) {
        if (character.category() == QChar::Other_Control
            || character.category() == QChar::Separator_Line
            || character.category() == QChar::Separator_Paragraph)
            character = QLatin1Char(' ');
    }
    return line;
}

} // namespace

QFont Look::label(double size, int weight) const
{
    return fontOf(sans, px(size), weight);
}

QFont Look::number(double size) const
{
    return fontOf(mono, px(size), QFont::Normal);
}

QColor Look::hue(int slot) const
{
    return slot < 0 || slot >= kHues ? other : series.at(std::size_t(slot));
}

QColor mixed(const QColor &over, const QColor &under, double share)
{
    const auto part = [share](int a, int b) { return qRound(a * share + b * (1 - share)); };
    return {part(over.red(), under.red()), part(over.green(), under.green()),
            part(over.blue(), under.blue())};
}

void drawLine(QPainter &painter, const QRectF &place, Qt::Alignment alignment, const QString &text,
              const QFont &font, const QColor &colour)
{
    if (text.isEmpty() || place.width() <= 0)
        return;
    painter.setFont(font);
    painter.setPen(colour);
    // One pixel of grace: a text measured for its place must not be cut by rounding.
    const QString shown
        = QFontMetricsF(font).elidedText(oneLine(text), Qt::ElideRight, place.width() + 1);
    painter.drawText(place.adjusted(-1, 0, 1, 0),
                     int(alignment | Qt::TextSingleLine | Qt::TextDontClip), shown);
}

double widthOf(const QString &text, const QFont &font)
{
    return QFontMetricsF(font).horizontalAdvance(oneLine(text));
}

} // namespace tollgate::charts
