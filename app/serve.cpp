// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serve.h"

#include "app/house.h"
#include "app/render.h"
#include "app/terminal.h"
#include "core/admin/admin.h"
#include "core/admin/adminserver.h"
#include "core/admin/units.h"
#include "core/gateway/gateway.h"
#include "core/gateway/process.h"

#include <QCoreApplication>
#include <QDir>
#include <QJsonArray>
#include <QLoggingCategory>
#include <QTcpServer>

#include <cstdio>

namespace tollgate::app {
namespace {

Q_LOGGING_CATEGORY(lcServe, "tollgate.serve")

constexpr int kMsPerSecond = 1'000;

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
                {QStringLiteral("troubles"), troubles}};
    }
    std::int64_t cooldownUs(std::int64_t keyId) const override
    {
        return m_gateway.health().cooldownUs(keyId);
    }
    void clearCooldown(std::int64_t keyId) override { m_gateway.health().clear(keyId); }

private:
    gateway::Gateway &m_gateway;
};

// A machine without IPv6 has no ::1; the default then means IPv4 alone.
bool hasAddress(const QHostAddress &address)
{
    QTcpServer probe;
    return probe.listen(address, 0);
}

Result<gateway::Options> gatewayOptions(const Invocation &invocation,
                                        const admin::Settings &settings)
{
    gateway::Options options;
    if (invocation.has("threads")) {
        bool whole = false;
        options.threads = invocation.value("threads").toInt(&whole);
        if (!whole || options.threads < 1 || options.threads > 64) {
            return failure(ErrorKind::InvalidRequest,
                           QStringLiteral("--threads takes a whole number from 1 to 64."));
        }
    }
    QByteArrayList listen;
    for (const QString &one : invocation.value("listen").split(u',', Qt::SkipEmptyParts))
        listen.append(one.trimmed().toUtf8());
    auto addresses = admin::listenAddresses(settings, listen, invocation.has("lan-plaintext"));
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

// Everything that lives while the daemon serves, in the order in which it is built.
class Daemon
{
public:
    Daemon(const admin::Profile &profile, std::unique_ptr<House> house)
        : m_profile(profile)
        , m_house(std::move(house))
        , m_keys(m_house->keyStores(), [this] {
            if (m_gateway)
                m_gateway->keysChanged();
        })
    {
    }

    Result<void> start(const gateway::Options &options)
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

    [[nodiscard]] std::vector<QByteArray> urls() const { return m_gateway->status().baseUrls; }

    void fulfil(Wish wish)
    {
        if (wish == Wish::Reload) {
            m_gateway->reload({});
            m_keys.retry();
        } else if (m_stopping) {
            QCoreApplication::quit(); // asked twice: what still runs is ended and settled
        } else {
            m_stopping = true;
            const auto seconds = static_cast<int>(m_gateway->settings().integer("gateway.drain"));
            m_gateway->drain(seconds * kMsPerSecond, [] { QCoreApplication::quit(); });
        }
    }

private:
    admin::Profile m_profile;
    std::unique_ptr<House> m_house;
    secrets::KeyRing m_keys;
    std::unique_ptr<gateway::Gateway> m_gateway;
    std::unique_ptr<GatewayEngine> m_engine;
    std::unique_ptr<admin::Admin> m_admin;
    std::unique_ptr<admin::AdminServer> m_server;
    bool m_stopping = false;
};

void announce(const Invocation &invocation, const std::vector<QByteArray> &urls)
{
    const QString first = urls.empty() ? QString() : QString::fromUtf8(urls.front());
    QString text;
    if (invocation.json) {
        text = jsonLine({{QStringLiteral("url"), first},
                         {QStringLiteral("pid"), QCoreApplication::applicationPid()}});
    } else {
        for (const QByteArray &url : urls)
            text += QStringLiteral("Tollgate answers at %1\n").arg(QString::fromUtf8(url));
    }
    std::fputs(text.toUtf8().constData(), stdout);
    std::fflush(stdout);
}

} // namespace

Result<int> serve(const Invocation &invocation, const admin::Profile &profile)
{
    auto house = House::open(profile);
    if (!house)
        return failure(house.error());
    const auto options = gatewayOptions(invocation, (*house)->settings());
    if (!options)
        return failure(options.error());
    // No library may find certificates or plug-ins in the folder we happened to be started in.
    QDir::setCurrent(QDir::rootPath());
    Daemon daemon(profile, std::move(*house));
    const auto signalled = Signals::watch([&daemon](Wish wish) { daemon.fulfil(wish); });
    if (auto started = daemon.start(*options); !started)
        return failure(started.error());
    announce(invocation, daemon.urls());
    return QCoreApplication::exec();
}

} // namespace tollgate::app
