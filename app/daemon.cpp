// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon.h"

#include "app/render.h"
#include "core/admin/units.h"
#include "core/gateway/process.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QLoggingCategory>
#include <QTcpServer>

#include <cstdio>

namespace tollgate::app {
namespace {

Q_LOGGING_CATEGORY(lcServe, "tollgate.serve")

constexpr int kMsPerSecond = 1'000;

// 0: not paused, or until somebody resumes it.
qint64 pauseEnd(std::int64_t untilUs)
{
    return untilUs == store::kUntilResumed ? 0 : qint64{untilUs};
}

class GatewayEngine final : public admin::Engine
{
public:
    explicit GatewayEngine(gateway::Gateway &gateway)
        : m_gateway(gateway)
    {
    }

    OneShot<Result<void>> reload() override
    {
        OneShot<Result<void>> reloaded;
        m_gateway.reload([reloaded](Result<void> result) { reloaded.set(std::move(result)); });
        return reloaded;
    }
    QJsonObject status() const override
    {
        const gateway::Status status = m_gateway.status();
        QJsonArray urls;
        for (const QByteArray &url : status.baseUrls)
            urls.append(QString::fromUtf8(url));
        QJsonArray troubles;
        for (const QString &trouble : status.troubles)
            troubles.append(trouble);
        return {{QStringLiteral("urls"), urls},
                {QStringLiteral("started"), admin::formatTime(status.startedUs)},
                {QStringLiteral("threads"), status.threads},
                {QStringLiteral("running"), qint64{status.running}},
                {QStringLiteral("streams"), qint64{status.streams}},
                {QStringLiteral("draining"), status.draining},
                {QStringLiteral("paused"), status.pausedUntilUs != 0},
                {QStringLiteral("paused_until_us"), pauseEnd(status.pausedUntilUs)},
                {QStringLiteral("troubles"), troubles}};
    }
    std::int64_t cooldownUs(std::int64_t keyId) const override
    {
        return m_gateway.health().cooldownUs(keyId);
    }
    void clearCooldown(std::int64_t keyId) override { m_gateway.health().clear(keyId); }
    std::vector<routing::KeyReport> keyReports() const override
    {
        return m_gateway.health().reports();
    }
    OneShot<std::vector<relay::RunningCall>> running() override
    {
        OneShot<std::vector<relay::RunningCall>> told;
        m_gateway.running(
            [told](std::vector<relay::RunningCall> calls) { told.set(std::move(calls)); });
        return told;
    }
    OneShot<bool> stopRequest(const QByteArray &requestId) override
    {
        OneShot<bool> stopped;
        m_gateway.stopRequest(requestId, [stopped](bool found) { stopped.set(found); });
        return stopped;
    }

private:
    gateway::Gateway &m_gateway;
};

// A machine without IPv6 has no ::1; the default then means IPv4 alone.
bool hasAddress(const QHostAddress &address)
{
    QTcpServer probe;
    return probe.listen(address, 0);
}

} // namespace

Result<gateway::Options> gatewayOptions(const ServeWishes &wishes, const admin::Settings &settings)
{
    gateway::Options options;
    if (!wishes.threads.isEmpty()) {
        bool whole = false;
        options.threads = wishes.threads.toInt(&whole);
        if (!whole || options.threads < 1 || options.threads > 64) {
            return failure(ErrorKind::InvalidRequest,
                           QStringLiteral("--threads takes a whole number from 1 to 64."));
        }
    }
    QByteArrayList listen;
    for (const QString &one : wishes.listen.split(u',', Qt::SkipEmptyParts))
        listen.append(one.trimmed().toUtf8());
    auto addresses = admin::listenAddresses(settings, listen, wishes.lanPlaintext);
    if (!addresses)
        return failure(addresses.error());
    const bool byDefault = listen.isEmpty() && settings.isDefault("listen.addresses");
    for (const admin::ListenAddress &address : *addresses) {
        const bool six = address.address.protocol() == QAbstractSocket::IPv6Protocol;
        if (byDefault && six && !hasAddress(address.address))
            continue;
        options.listen.push_back(address);
    }
    return options;
}

Daemon::Daemon(const admin::Profile &profile, std::unique_ptr<House> house)
    : m_profile(profile)
    , m_house(std::move(house))
    , m_keys(m_house->keyStores(), [this] {
        if (m_gateway)
            m_gateway->keysChanged();
    })
{
}

Daemon::~Daemon() = default;

Result<void> Daemon::start(const gateway::Options &options)
{
    gateway::Parts parts;
    parts.store = &m_house->store();
    parts.keys = &m_keys;
    parts.providers = &m_house->providers();
    auto gateway = gateway::Gateway::start(parts, options);
    if (!gateway)
        return failure(gateway.error());
    m_gateway = std::move(*gateway);
    m_engine = std::make_unique<GatewayEngine>(*m_gateway);
    admin::Rooms rooms = m_house->rooms();
    rooms.keys = &m_keys;
    rooms.engine = m_engine.get();
    m_watch = std::make_unique<admin::Watch>(rooms);
    m_admin = std::make_unique<admin::Admin>(std::move(rooms));
    auto server = admin::AdminServer::open(m_profile.socketName(), *m_admin);
    if (!server)
        return failure(server.error());
    m_server = std::move(*server);
    m_house->openVault([this](const Result<void> &opened) {
        if (!opened)
            qCWarning(lcServe).noquote() << opened.error().message;
        else if (!m_house->vault().isLocked())
            m_keys.retry();
    });
    gateway::giveBackMemory();
    return {};
}

void Daemon::reload()
{
    m_gateway->reload({});
    m_keys.retry();
}

void Daemon::drain(std::function<void()> done)
{
    const auto seconds = static_cast<int>(settings().integer("gateway.drain"));
    m_gateway->drain(seconds * kMsPerSecond, std::move(done));
}

void announce(const std::vector<QByteArray> &urls, bool json)
{
    const QString first = urls.empty() ? QString() : QString::fromUtf8(urls.front());
    QString text;
    if (json) {
        text = jsonLine({{QStringLiteral("url"), first},
                         {QStringLiteral("pid"), QCoreApplication::applicationPid()}});
    } else {
        for (const QByteArray &url : urls)
            text += QStringLiteral("Tollgate answers at %1\n").arg(QString::fromUtf8(url));
    }
    std::fputs(text.toUtf8().constData(), stdout);
    std::fflush(stdout);
}

} // namespace tollgate::app
