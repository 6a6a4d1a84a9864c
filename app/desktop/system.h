// SPDX-License-Identifier: GPL-3.0-or-later
// What the window needs of the desktop it stands on: dark or light, the clipboard, the fonts that
// are there, opening a folder. GUI thread.
#pragma once

#include <QObject>
#include <QTimer>
#include <QUrl>
#include <QtQml/qqmlregistration.h>

class QQmlEngine;
class QJSEngine;

namespace tollgate::desktop {

class System final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
    Q_PROPERTY(bool dark READ dark NOTIFY appearanceChanged)
    Q_PROPERTY(QString sansFamily READ sansFamily CONSTANT)
    Q_PROPERTY(QString monoFamily READ monoFamily CONSTANT)
    Q_PROPERTY(QString zone READ zone CONSTANT) // "Europe/Berlin"
    Q_PROPERTY(QString version READ version CONSTANT)
    Q_PROPERTY(bool trayAvailable READ trayAvailable CONSTANT)
    Q_PROPERTY(qreal secretSecondsLeft READ secretSecondsLeft NOTIFY secretTicked)

public:
    explicit System(QObject *parent = nullptr);

    static void install(System *system);
    static System *create(QQmlEngine *engine, QJSEngine *jsEngine);

    [[nodiscard]] bool dark() const { return m_dark; }
    [[nodiscard]] QString sansFamily() const { return m_sans; }
    [[nodiscard]] QString monoFamily() const { return m_mono; }
    [[nodiscard]] QString zone() const;
    [[nodiscard]] QString version() const;
    [[nodiscard]] bool trayAvailable() const;
    [[nodiscard]] qreal secretSecondsLeft() const;

    Q_INVOKABLE void copy(const QString &text);
    // Takes it out of the clipboard again after 45 seconds, if it is still there.
    Q_INVOKABLE void copySecret(const QString &secret);
    Q_INVOKABLE void openUrl(const QUrl &url) const;
    Q_INVOKABLE void openFolder(const QString &folder) const;

Q_SIGNALS:
    void appearanceChanged();
    void secretTicked();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void lookAtPalette();
    void forgetSecret();

    QTimer m_tick;
    QByteArray m_secretDigest;
    qint64 m_secretUntilMs = 0;
    QString m_sans;
    QString m_mono;
    bool m_dark = false;
};

} // namespace tollgate::desktop
