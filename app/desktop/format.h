// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers, money and times as people read them, in the language of the window. Pure functions of
// their arguments and the locale.
#pragma once

#include <QLocale>
#include <QObject>
#include <QtQml/qqmlregistration.h>

namespace tollgate::desktop {

class Format : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON

public:
    using QObject::QObject;

    // nano-USD. Under a dollar four decimals, else two; "~" before an estimate.
    Q_INVOKABLE QString money(double nanoUsd, bool estimated = false) const;
    // 12,400 -> "12.4 k"; count() is the whole number.
    Q_INVOKABLE QString amount(double number) const;
    Q_INVOKABLE QString count(double number) const;
    Q_INVOKABLE QString percent(double part) const; // of 1
    // "240 ms", "1.8 s", "2 min 5 s"
    Q_INVOKABLE QString duration(double microseconds) const;
    // "3 min ago"; microseconds since 1970
    Q_INVOKABLE QString ago(double timeUs) const;
    Q_INVOKABLE QString clock(double timeUs) const; // "14:02:07"
    Q_INVOKABLE QString dateTime(double timeUs) const;
    // What a stranger wrote, safe in one line: control and direction characters become symbols, cut
    // at `most` characters.
    Q_INVOKABLE QString line(const QString &text, int most = 300) const;
};

} // namespace tollgate::desktop
