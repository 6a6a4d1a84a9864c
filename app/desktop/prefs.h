// SPDX-License-Identifier: GPL-3.0-or-later
// What the window remembers by itself: theme, language, layouts, geometry. Kept in the profile as
// desktop.ini, apart from the settings of the engine. GUI thread.
#pragma once

#include <QObject>
#include <QSettings>
#include <QVariant>
#include <QtQml/qqmlregistration.h>

class QQmlEngine;
class QJSEngine;

namespace tollgate::desktop {

class Prefs final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
    Q_PROPERTY(QString theme READ theme WRITE setTheme NOTIFY changed) // system light dark contrast
    Q_PROPERTY(
        QString language READ language WRITE setLanguage NOTIFY changed) // empty: the system's
    Q_PROPERTY(QString density READ density WRITE setDensity NOTIFY changed) // compact comfortable
    Q_PROPERTY(qreal scale READ scale WRITE setScale NOTIFY changed) // 0.85 to 1.6
    Q_PROPERTY(bool reducedMotion READ reducedMotion WRITE setReducedMotion NOTIFY changed)
    Q_PROPERTY(bool patterns READ patterns WRITE setPatterns NOTIFY changed) // in charts

public:
    explicit Prefs(const QString &file);

    static void install(Prefs *prefs);
    static Prefs *create(QQmlEngine *engine, QJSEngine *jsEngine);

    [[nodiscard]] QString theme() const { return text("theme", "system"); }
    void setTheme(const QString &theme) { store("theme", theme); }
    [[nodiscard]] QString language() const { return text("language", ""); }
    void setLanguage(const QString &language) { store("language", language); }
    [[nodiscard]] QString density() const { return text("density", "compact"); }
    void setDensity(const QString &density) { store("density", density); }
    [[nodiscard]] qreal scale() const;
    void setScale(qreal scale) { store("scale", scale); }
    [[nodiscard]] bool reducedMotion() const;
    void setReducedMotion(bool reduced) { store("reduced_motion", reduced); }
    [[nodiscard]] bool patterns() const;
    void setPatterns(bool patterns) { store("patterns", patterns); }

    // Anything a screen wants to find again: Prefs.value("requests/columns", […]).
    Q_INVOKABLE QVariant value(const QString &key, const QVariant &byDefault = {}) const;
    Q_INVOKABLE void setValue(const QString &key, const QVariant &value);

Q_SIGNALS:
    void changed();

private:
    [[nodiscard]] QString text(const char *key, const char *byDefault) const;
    void store(const char *key, const QVariant &value);

    QSettings m_file;
};

} // namespace tollgate::desktop
