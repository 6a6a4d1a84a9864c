// SPDX-License-Identifier: GPL-3.0-or-later
// The one picture of the engine that the window's frame, the status bar and the tray all show, so
// that none of them contradicts another. Asked once a second while somebody can see it, else every
// ten.
#pragma once

#include <QJsonObject>
#include <QObject>
#include <QTimer>
#include <QtQml/qqmlregistration.h>

class QQmlEngine;
class QJSEngine;

namespace tollgate::desktop {

class Snapshot final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
    // "running", "paused", "stopped" or "attention"
    Q_PROPERTY(QString state READ state NOTIFY changed)
    Q_PROPERTY(QString baseUrl READ baseUrl NOTIFY changed) // "http://127.0.0.1:4180"
    Q_PROPERTY(QStringList urls READ urls NOTIFY changed)
    Q_PROPERTY(bool lan READ lan NOTIFY changed) // somebody else's computer can reach it
    Q_PROPERTY(QJsonObject status READ status NOTIFY changed) // the call "status"
    Q_PROPERTY(QJsonObject overview READ overview NOTIFY changed) // the call "overview"
    Q_PROPERTY(QString trouble READ trouble NOTIFY changed) // why it cannot be asked, or empty
    Q_PROPERTY(bool ready READ ready NOTIFY changed)
    Q_PROPERTY(bool watched READ watched WRITE setWatched NOTIFY watchedChanged)

public:
    explicit Snapshot(QObject *parent = nullptr);

    static void install(Snapshot *snapshot);
    static Snapshot *create(QQmlEngine *engine, QJSEngine *jsEngine);

    [[nodiscard]] QString state() const;
    [[nodiscard]] QString baseUrl() const { return urls().value(0); }
    [[nodiscard]] QStringList urls() const;
    [[nodiscard]] bool lan() const;
    [[nodiscard]] QJsonObject status() const { return m_status; }
    [[nodiscard]] QJsonObject overview() const { return m_overview; }
    [[nodiscard]] QString trouble() const { return m_trouble; }
    [[nodiscard]] bool ready() const { return m_ready; }
    [[nodiscard]] bool watched() const { return m_watched; }
    void setWatched(bool watched);

    Q_INVOKABLE void refresh();

Q_SIGNALS:
    void changed();
    void watchedChanged();

private:
    QTimer m_timer;
    QJsonObject m_status;
    QJsonObject m_overview;
    QString m_trouble;
    int m_asking = 0;
    bool m_watched = true;
    bool m_ready = false;
};

} // namespace tollgate::desktop
