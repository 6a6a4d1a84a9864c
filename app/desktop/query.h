// SPDX-License-Identifier: GPL-3.0-or-later
// What a screen shows of the engine, kept fresh: a management call that is asked when it becomes
// active, again when its arguments change, every `every` milliseconds, and when a call changes what
// `follows` names. The last answer stays while a newer one is on its way; an outdated call is
// abandoned. With `events`, one endless call whose pieces arrive as received().
#pragma once

#include "core/admin/calls.h"
#include "core/admin/running.h"

#include <QJsonObject>
#include <QObject>
#include <QQmlParserStatus>
#include <QTimer>
#include <QVariant>
#include <QtQml/qqmlregistration.h>

#include <memory>

namespace tollgate::desktop {

class Query : public QObject, public QQmlParserStatus
{
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)
    QML_ELEMENT
    Q_PROPERTY(QString command MEMBER m_command NOTIFY asked)
    Q_PROPERTY(QVariantMap args READ arguments WRITE setArguments NOTIFY argumentsChanged)
    Q_PROPERTY(bool active READ active WRITE setActive NOTIFY activeChanged)
    Q_PROPERTY(bool events MEMBER m_events NOTIFY asked)
    Q_PROPERTY(int every READ every WRITE setEvery NOTIFY asked) // ms; 0: never by itself
    Q_PROPERTY(QStringList follows MEMBER m_follows NOTIFY asked)
    Q_PROPERTY(QJsonObject answer READ answer NOTIFY answered)
    Q_PROPERTY(QVariant error READ error NOTIFY errorChanged) // null or {message, code, param}
    Q_PROPERTY(bool loading READ loading NOTIFY loadingChanged)
    Q_PROPERTY(bool ready READ ready NOTIFY answered) // there is an answer, if an old one

public:
    explicit Query(QObject *parent = nullptr);
    ~Query() override;

    [[nodiscard]] QVariantMap arguments() const { return m_arguments; }
    void setArguments(const QVariantMap &arguments);
    [[nodiscard]] bool active() const { return m_active; }
    void setActive(bool active);
    [[nodiscard]] int every() const { return m_timer.interval(); }
    void setEvery(int milliseconds);
    [[nodiscard]] QJsonObject answer() const { return m_answer; }
    [[nodiscard]] QVariant error() const { return m_error; }
    [[nodiscard]] bool loading() const { return m_loading; }
    [[nodiscard]] bool ready() const { return m_ready; }

    // Asks at the next turn of the event loop, once however often it is called till then.
    Q_INVOKABLE void refresh();

    void classBegin() override { }
    void componentComplete() override;

Q_SIGNALS:
    void asked();
    void argumentsChanged();
    void activeChanged();
    void answered();
    void errorChanged();
    void loadingChanged();
    void received(const QJsonObject &event);

private:
    struct Call;
    void begin();
    void abandon();
    Task<void> run(Call &call, std::weak_ptr<Call> weak);
    void finish(const std::shared_ptr<Call> &call);

    QString m_command;
    QVariantMap m_arguments;
    QStringList m_follows;
    QTimer m_timer;
    QTimer m_soon;
    QJsonObject m_answer;
    QVariant m_error;
    std::shared_ptr<Call> m_call;
    bool m_active = true;
    bool m_events = false;
    bool m_complete = false;
    bool m_loading = false;
    bool m_ready = false;
};

} // namespace tollgate::desktop
