// SPDX-License-Identifier: GPL-3.0-or-later
// What a chart looks like: colours, fonts and the habits of a place. Charts know no theme of the
// app; whoever shows one hands it such a value, and a PNG in another theme is the same chart with
// another.
#pragma once

#include <QColor>
#include <QFont>
#include <QLocale>
#include <QString>
#include <QTimeZone>

#include <array>

class QPainter;
class QRectF;

namespace tollgate::charts {

constexpr int kHues = 8; // what is more is folded into "Other"
constexpr int kOther = kHues;
constexpr int kHeatSteps = 6;

struct Look
{
    QColor surface{0xFF, 0xFF, 0xFF};
    QColor border{0xD9, 0xDD, 0xE3};
    QColor borderStrong{0x7B, 0x84, 0x92};
    QColor text{0x14, 0x18, 0x1F};
    QColor text2{0x4A, 0x53, 0x61};
    QColor accent{0x2F, 0x5F, 0xD8};
    QColor ok{0x15, 0x70, 0x3B};
    QColor warn{0x8A, 0x53, 0x00};
    QColor err{0xB3, 0x26, 0x1E};
    QColor other{0x76, 0x7E, 0x8A};
    std::array<QColor, kHues> series{QColor{0x1F, 0x5D, 0xC2}, QColor{0xC9, 0x7B, 0x3F},
                                     QColor{0x2E, 0x97, 0x88}, QColor{0x9C, 0x80, 0xC8},
                                     QColor{0x7D, 0x6B, 0x00}, QColor{0xC4, 0x2C, 0x66},
                                     QColor{0x33, 0x57, 0x1F}, QColor{0x2E, 0x18, 0x99}};
    std::array<QColor, kHeatSteps> heat{QColor{0xE4, 0xEC, 0xFA}, QColor{0xB9, 0xCE, 0xF4},
                                        QColor{0x86, 0xAA, 0xEA}, QColor{0x4F, 0x82, 0xDA},
                                        QColor{0x1F, 0x5D, 0xC2}, QColor{0x16, 0x3F, 0x86}};
    bool patterns = false;
    QString sans = QStringLiteral("Inter");
    QString mono = QStringLiteral("JetBrains Mono");
    double scale = 1;
    QLocale locale;
    QTimeZone zone = QTimeZone::systemTimeZone();

    [[nodiscard]] double px(double size) const { return size * scale; }
    [[nodiscard]] QFont label(double size = 11, int weight = QFont::Medium) const;
    [[nodiscard]] QFont number(double size = 11) const; // digits of one width
    [[nodiscard]] QColor hue(int slot) const;
};

[[nodiscard]] QColor mixed(const QColor &over, const QColor &under, double share);

// One line of plain text, cut with an ellipsis where it does not fit. Names may be hostile: a text
// of any length costs the same to draw.
void drawLine(QPainter &painter, const QRectF &place, Qt::Alignment alignment, const QString &text,
              const QFont &font, const QColor &colour);
[[nodiscard]] double widthOf(const QString &text, const QFont &font);

} // namespace tollgate::charts
