// SPDX-License-Identifier: GPL-3.0-or-later
#include "looks.h"

namespace tollgate::charts {

namespace {

Look placed(Look look)
{
    look.locale = QLocale(QLocale::English, QLocale::UnitedStates);
    look.zone = QTimeZone("Europe/Berlin");
    return look;
}

} // namespace

Look lightLook()
{
    return placed({});
}

Look darkLook()
{
    Look look;
    look.surface = QColor(0x1B, 0x1E, 0x24);
    look.border = QColor(0x32, 0x38, 0x42);
    look.borderStrong = QColor(0x70, 0x7A, 0x88);
    look.text = QColor(0xEC, 0xEF, 0xF3);
    look.text2 = QColor(0xB4, 0xBC, 0xC8);
    look.accent = QColor(0x7F, 0xA6, 0xFF);
    look.ok = QColor(0x5C, 0xCB, 0x86);
    look.warn = QColor(0xF0, 0xB3, 0x55);
    look.err = QColor(0xFF, 0x8A, 0x80);
    look.series = {QColor(0x4C, 0x96, 0xF8), QColor(0xDB, 0x9F, 0x6C), QColor(0x52, 0xDC, 0xC4),
                   QColor(0xCD, 0xBE, 0xFA), QColor(0xF2, 0xE0, 0x8A), QColor(0xD9, 0x4F, 0x80),
                   QColor(0x2C, 0x8A, 0x24), QColor(0x60, 0x64, 0xC8)};
    look.heat = {QColor(0x22, 0x30, 0x4A), QColor(0x2A, 0x45, 0x75), QColor(0x35, 0x60, 0x9F),
                 QColor(0x4C, 0x86, 0xD6), QColor(0x7F, 0xB0, 0xFF), QColor(0xC4, 0xDB, 0xFF)};
    return placed(look);
}

Look contrastLook()
{
    Look look;
    look.border = QColor(0x59, 0x61, 0x6D);
    look.borderStrong = Qt::black;
    look.text = Qt::black;
    look.text2 = QColor(0x20, 0x26, 0x2F);
    look.patterns = true;
    return placed(look);
}

} // namespace tollgate::charts
