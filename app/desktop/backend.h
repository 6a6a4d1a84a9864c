// SPDX-License-Identifier: GPL-3.0-or-later
// The door from QML to the management calls: `Backend.call("channel list", {}, (answer, error) =>
// …)`. The same calls whether the engine runs in this process or in a daemon that serves the
// profile. `error` is null or {message, code, param}: one plain sentence in `message`. GUI thread;
// nothing blocks. Screens that show something use Query, which asks again and forgets with its
// owner.
#pragma once

#include "core/admin/calls.h"
#include "core/admin/running.h"

#include <QJSValue>
#include <QObject>
#include <QtQml/qqmlregistration.h>

#include <functional>
#include <list>
#include <memory>

class QQmlEngine;
class QJSEngine;

namespace tollgate::desktop {

// Somebody to ask, for one call: the engine of this process, or a connection of its own to a
// daemon.
using CallsSource = std::function<Result<std::shared_ptr<admin::Calls>>()>;

[[nodiscard]] QVariantMap errorForQml(const Error &error);

class Backend final : public QObject
{
    Q_OBJECT
    QML_ELEMENT
    QML_SINGLETON
    // The engine runs in another process; closing the window leaves it running.
    Q_PROPERTY(bool attached READ attached CONSTANT)
    Q_PROPERTY(QString profileFolder READ profileFolder CONSTANT)

public:
    Backend(CallsSource calls, bool attached, const QString &profileFolder);
    ~Backend() override;

    // The one that QML gets. Set before the QML engine starts; outlives it.
    static void install(Backend *backend);
    static Backend *create(QQmlEngine *engine, QJSEngine *jsEngine);
    [[nodiscard]] static Backend &instance();

    [[nodiscard]] bool attached() const { return m_attached; }
    [[nodiscard]] QString profileFolder() const { return m_profileFolder; }
    [[nodiscard]] Result<std::shared_ptr<admin::Calls>> calls() const { return m_calls(); }

    // `callback` may be left out. What changes something tells everybody through changed().
    Q_INVOKABLE void call(const QString &command, const QJSValue &arguments,
                          const QJSValue &callback = QJSValue());
    // For C++ callers.
    void ask(const QString &command, const QJsonObject &arguments,
             std::function<void(const Result<QJsonObject> &)> done);

Q_SIGNALS:
    // A call has changed the configuration: "channel", "token", "price", "settings", …
    void changed(const QString &what);

private:
    struct Pending;
    Task<void> answer(Pending &pending);
    void sweep();

    CallsSource m_calls;
    bool m_attached = false;
    QString m_profileFolder;
    std::list<std::unique_ptr<Pending>> m_pending;
};

} // namespace tollgate::desktop
