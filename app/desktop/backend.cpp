// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/backend.h"

#include <QJsonArray>
#include <QQmlEngine>

namespace tollgate::desktop {
namespace {

Backend *g_backend = nullptr;

// Calls of these groups, unless they only look, change what screens show.
bool onlyLooks(const QString &command)
{
    static const QStringList looking{
        QStringLiteral("list"),    QStringLiteral("show"),    QStringLiteral("get"),
        QStringLiteral("preview"), QStringLiteral("paste"),   QStringLiteral("page"),
        QStringLiteral("count"),   QStringLiteral("fields"),  QStringLiteral("history"),
        QStringLiteral("reveal"),  QStringLiteral("simulate")};
    const QStringList words = command.split(u' ');
    static const QStringList groups{
        QStringLiteral("channel"), QStringLiteral("token"),  QStringLiteral("price"),
        QStringLiteral("models"),  QStringLiteral("pause"),  QStringLiteral("resume"),
        QStringLiteral("trash"),   QStringLiteral("client"), QStringLiteral("settings"),
        QStringLiteral("vault"),   QStringLiteral("bell"),   QStringLiteral("import")};
    return !groups.contains(words.first()) || (words.size() > 1 && looking.contains(words.at(1)));
}

} // namespace

QVariantMap errorForQml(const Error &error)
{
    return {{QStringLiteral("message"), error.message},
            {QStringLiteral("code"), QString::fromLatin1(error.code)},
            {QStringLiteral("param"), QString::fromUtf8(error.param)},
            {QStringLiteral("status"), error.status()}};
}

struct Backend::Pending
{
    QString command;
    QJsonObject arguments;
    std::function<void(const Result<QJsonObject> &)> done;
    std::shared_ptr<admin::Calls> calls;
    admin::Running running;
    bool over = false;
};

Backend::Backend(CallsSource calls, bool attached, const QString &profileFolder)
    : m_calls(std::move(calls))
    , m_attached(attached)
    , m_profileFolder(profileFolder)
{
}

Backend::~Backend()
{
    if (g_backend == this)
        g_backend = nullptr;
}

void Backend::install(Backend *backend)
{
    g_backend = backend;
}

Backend &Backend::instance()
{
    Q_ASSERT(g_backend);
    return *g_backend;
}

Backend *Backend::create(QQmlEngine * /*engine*/, QJSEngine * /*jsEngine*/)
{
    QJSEngine::setObjectOwnership(g_backend, QJSEngine::CppOwnership);
    return g_backend;
}

void Backend::call(const QString &command, const QJSValue &arguments, const QJSValue &callback)
{
    const QVariant given = arguments.toVariant();
    QJSEngine *engine = qjsEngine(this);
    ask(command, QJsonObject::fromVariantMap(given.toMap()),
        [engine, callback](const Result<QJsonObject> &answer) {
            if (!callback.isCallable() || !engine)
                return;
            QJSValueList both;
            if (answer)
                both = {engine->toScriptValue(*answer), QJSValue(QJSValue::NullValue)};
            else
                both = {QJSValue(QJSValue::NullValue),
                        engine->toScriptValue(errorForQml(answer.error()))};
            const QJSValue outcome = callback.call(both);
            if (outcome.isError())
                qWarning().noquote()
                    << outcome.property(QStringLiteral("fileName")).toString()
                    << outcome.property(QStringLiteral("lineNumber")).toInt() << outcome.toString();
        });
}

void Backend::ask(const QString &command, const QJsonObject &arguments,
                  std::function<void(const Result<QJsonObject> &)> done)
{
    auto calls = m_calls();
    if (!calls) {
        done(failure(calls.error()));
        return;
    }
    auto &pending = m_pending.emplace_back(std::make_unique<Pending>());
    pending->command = command;
    pending->arguments = arguments;
    pending->done = std::move(done);
    pending->calls = std::move(*calls);
    pending->running = admin::run(answer(*pending));
}

Task<void> Backend::answer(Pending &pending)
{
    Task<Result<QJsonObject>> call = pending.calls->call(pending.command, pending.arguments);
    const Result<QJsonObject> result = co_await call;
    const bool changes = result && !onlyLooks(pending.command);
    const QString what = pending.command.section(u' ', 0, 0);
    const auto done = std::move(pending.done);
    pending.over = true;
    if (done)
        done(result);
    if (changes)
        Q_EMIT changed(what);
    // Not from inside the call itself: its frame goes with it.
    QMetaObject::invokeMethod(this, &Backend::sweep, Qt::QueuedConnection);
}

void Backend::sweep()
{
    m_pending.remove_if(
        [](const auto &pending) { return pending->over && pending->running.done(); });
}

} // namespace tollgate::desktop
