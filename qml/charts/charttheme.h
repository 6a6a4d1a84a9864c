// SPDX-License-Identifier: GPL-3.0-or-later
// The look of charts as an object that QML binds to: whoever shows charts fills it from its own
// theme. What is not set is the light theme.
#pragma once

#include "look.h"

#include <QObject>
#include <QVariantList>
#include <QtQml/qqmlregistration.h>

namespace tollgate::charts {

class ChartTheme : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    Q_PROPERTY(QColor surface MEMBER m_surface NOTIFY changed)
    Q_PROPERTY(QColor border MEMBER m_border NOTIFY changed)
    Q_PROPERTY(QColor borderStrong MEMBER m_borderStrong NOTIFY changed)
    Q_PROPERTY(QColor text MEMBER m_text NOTIFY changed)
    Q_PROPERTY(QColor text2 MEMBER m_text2 NOTIFY changed)
    Q_PROPERTY(QColor accent MEMBER m_accent NOTIFY changed)
    Q_PROPERTY(QColor ok MEMBER m_ok NOTIFY changed)
    Q_PROPERTY(QColor warn MEMBER m_warn NOTIFY changed)
    Q_PROPERTY(QColor err MEMBER m_err NOTIFY changed)
    Q_PROPERTY(QColor other MEMBER m_other NOTIFY changed)
    Q_PROPERTY(QVariantList series MEMBER m_series NOTIFY changed) // eight colours
    Q_PROPERTY(QVariantList heat MEMBER m_heat NOTIFY changed) // six, from little to much
    Q_PROPERTY(bool patterns MEMBER m_patterns NOTIFY changed)
    Q_PROPERTY(bool reducedMotion MEMBER m_reducedMotion NOTIFY changed)
    Q_PROPERTY(QString sans MEMBER m_sans NOTIFY changed)
    Q_PROPERTY(QString mono MEMBER m_mono NOTIFY changed)
    Q_PROPERTY(double scale MEMBER m_scale NOTIFY changed)
    Q_PROPERTY(QString locale MEMBER m_locale NOTIFY changed) // "de_DE"; empty: the system's
    Q_PROPERTY(QString zone MEMBER m_zone NOTIFY changed) // "Europe/Berlin"; empty: the system's

public:
    explicit ChartTheme(QObject *parent = nullptr);

    [[nodiscard]] Look look() const;

    // For QML, which has to write numbers beside a chart as the chart does.
    Q_INVOKABLE QString full(double value, const QString &unit) const;
    Q_INVOKABLE QString brief(double value, const QString &unit) const;
    Q_INVOKABLE QColor hue(int slot, int tone) const;

Q_SIGNALS:
    void changed();

private:
    QColor m_surface, m_border, m_borderStrong, m_text, m_text2, m_accent, m_ok, m_warn, m_err,
        m_other;
    QVariantList m_series;
    QVariantList m_heat;
    bool m_patterns = false;
    bool m_reducedMotion = false;
    QString m_sans;
    QString m_mono;
    double m_scale = 1;
    QString m_locale;
    QString m_zone;
};

} // namespace tollgate::charts
