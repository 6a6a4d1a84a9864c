// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/query.h"

#include "app/desktop/backend.h"

namespace tollgate::desktop {

struct Query::Call
{
    std::shared_ptr<admin::Calls> calls;
    std::optional<Result<QJsonObject>> result;
    admin::Running running;
    bool abandoned = false;
};

Query::Query(QObject *parent)
    : QObject(parent)
{
    m_timer.setInterval(0);
    m_soon.setSingleShot(true);
    connect(&m_soon, &QTimer::timeout, this, &Query::begin);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        if (!m_loading)
            begin();
    });
    connect(&Backend::instance(), &Backend::changed, this, [this](const QString &what) {
        if (m_follows.contains(what))
            refresh();
    });
}

Query::~Query()
{
    abandon();
}

void Query::setArguments(const QVariantMap &arguments)
{
    if (m_arguments == arguments)
        return;
    m_arguments = arguments;
    Q_EMIT argumentsChanged();
    refresh();
}

void Query::setActive(bool active)
{
    if (m_active == active)
        return;
    m_active = active;
    Q_EMIT activeChanged();
    if (active) {
        refresh();
        if (m_timer.interval() > 0 && m_complete)
            m_timer.start();
    } else {
        m_timer.stop();
        m_soon.stop();
        abandon();
    }
}

void Query::setEvery(int milliseconds)
{
    m_timer.setInterval(milliseconds);
    if (milliseconds > 0 && m_active && m_complete)
        m_timer.start();
    else
        m_timer.stop();
    Q_EMIT asked();
}

void Query::componentComplete()
{
    m_complete = true;
    if (m_timer.interval() > 0 && m_active)
        m_timer.start();
    refresh();
}

void Query::refresh()
{
    if (m_complete && m_active && !m_command.isEmpty())
        m_soon.start(0);
}

void Query::abandon()
{
    if (m_call) {
        m_call->abandoned = true;
        m_call->running = admin::Running();
        m_call.reset();
    }
    if (m_loading) {
        m_loading = false;
        Q_EMIT loadingChanged();
    }
}

void Query::begin()
{
    abandon();
    auto calls = Backend::instance().calls();
    if (!calls) {
        m_error = errorForQml(calls.error());
        Q_EMIT errorChanged();
        return;
    }
    m_call = std::make_shared<Call>();
    m_call->calls = std::move(*calls);
    m_loading = true;
    Q_EMIT loadingChanged();
    const auto call = m_call;
    call->running = admin::run(run(*call, call));
}

// `weak` and not the call's owner: the call owns this very frame.
Task<void> Query::run(Call &call, std::weak_ptr<Call> weak)
{
    admin::OnEvent onEvent;
    if (m_events) {
        // A piece may make its receiver drop this query, and the frame that we stand in.
        onEvent = [this, weak](const QJsonObject &event) {
            if (weak.expired())
                return false;
            QMetaObject::invokeMethod(
                this, [this, event] { Q_EMIT received(event); }, Qt::QueuedConnection);
            return true;
        };
    }
    Task<Result<QJsonObject>> answering
        = call.calls->call(m_command, QJsonObject::fromVariantMap(m_arguments), std::move(onEvent));
    Result<QJsonObject> result = co_await answering;
    call.result.emplace(std::move(result));
    QMetaObject::invokeMethod(
        this,
        [this, weak] {
            if (const auto finished = weak.lock())
                finish(finished);
        },
        Qt::QueuedConnection);
}

void Query::finish(const std::shared_ptr<Call> &call)
{
    if (call->abandoned || m_call != call)
        return;
    m_call.reset();
    m_loading = false;
    Q_EMIT loadingChanged();
    if (const auto &result = *call->result) {
        const bool failedBefore = !m_error.isNull();
        m_error = QVariant();
        m_answer = *result;
        m_ready = true;
        if (failedBefore)
            Q_EMIT errorChanged();
        Q_EMIT answered();
    } else {
        m_error = errorForQml(result.error());
        Q_EMIT errorChanged();
    }
}

} // namespace tollgate::desktop
