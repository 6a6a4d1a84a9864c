// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/gateway.h"

#include "core/gateway/metricspage.h"
#include "core/gateway/process.h"
#include "core/ledger/invariants.h"
#include "core/secrets/keyring.h"
#include "core/store/retention.h"
#include "core/store/store.h"

#include <QDateTime>
#include <QDeadlineTimer>
#include <QEventLoop>
#include <QFile>
#include <QLoggingCategory>

#include <algorithm>
#include <iterator>
#include <thread>

Q_LOGGING_CATEGORY(lcGateway, "tollgate.gateway")

namespace tollgate::gateway {
namespace {

constexpr int kMinuteMs = 60'000;
constexpr int kFoldSlice = 2'000;
constexpr int kKeysAtStartMs = 200;
constexpr std::int64_t kUsPerMs = 1'000;
constexpr std::int64_t kUsPerDay = 86'400'000'000;
constexpr std::int64_t kGraceUs = 600'000'000; // I8: ten minutes past the longest stream

QByteArray urlOf(const QHostAddress &address, quint16 port, bool tls)
{
    const bool v6 = address.protocol() == QAbstractSocket::IPv6Protocol;
    const QByteArray host = address.toString().toLatin1();
    return (tls ? QByteArray("https://") : QByteArray("http://")) + (v6 ? "[" + host + "]" : host)
        + ':' + QByteArray::number(port);
}

Result<QByteArray> fileContents(const QByteArray &path)
{
    if (path.isEmpty())
        return QByteArray();
    QFile file(QString::fromUtf8(path));
    if (!file.open(QIODevice::ReadOnly)) {
        return failure(
            ErrorKind::InvalidRequest,
            QStringLiteral("Cannot read \u201c%1\u201d (%2); check listen.tls_certificate and "
                           "listen.tls_key.")
                .arg(file.fileName(), file.errorString()),
            "tls_file");
    }
    return file.readAll();
}

routing::KeyReadiness readinessOf(secrets::KeyState state)
{
    switch (state) {
    case secrets::KeyState::Present:
        return routing::KeyReadiness::Ready;
    case secrets::KeyState::Absent:
        return routing::KeyReadiness::Absent;
    case secrets::KeyState::Locked:
        return routing::KeyReadiness::Locked;
    case secrets::KeyState::Denied:
        return routing::KeyReadiness::Denied;
    case secrets::KeyState::Unavailable:
        return routing::KeyReadiness::Unavailable;
    }
    return routing::KeyReadiness::Unavailable;
}

QString sentence(const ledger::Violation &violation)
{
    return QStringLiteral("%1: %2").arg(QString::fromLatin1(violation.invariant), violation.detail);
}

// Keys that can be had at once are there before the first request, which would otherwise be told
// that its key store is not available; a keychain that waits for its user is not waited for.
// Signals stay where they are until the program has its event loop.
void waitForKeys(const secrets::KeyRing &keys)
{
    const QDeadlineTimer limit(kKeysAtStartMs);
    QTimer turn;
    turn.start(5);
    QEventLoop loop;
    while (keys.isLoading() && !limit.hasExpired())
        loop.processEvents(QEventLoop::ExcludeSocketNotifiers | QEventLoop::WaitForMoreEvents);
}

int threadsFor(int wanted)
{
    if (wanted > 0)
        return wanted;
    return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 4);
}

} // namespace

Gateway::Gateway(const Parts &parts)
    : m_parts(parts)
    , m_meters(*parts.clock)
    , m_health(*parts.clock)
    , m_bodies({.profile = parts.store->profile()})
{
    m_minute.setInterval(kMinuteMs);
    m_minute.setTimerType(Qt::VeryCoarseTimer);
    QObject::connect(&m_minute, &QTimer::timeout, &m_mailbox, [this] { upkeep(); });
    m_drainLimit.setSingleShot(true);
    QObject::connect(&m_drainLimit, &QTimer::timeout, &m_mailbox, [this] {
        for (const auto &worker : m_workers)
            worker->stopAll();
    });
}

Gateway::~Gateway()
{
    m_workers.clear();
    m_parts.store->drain(); // no answer may find the mailbox gone
}

Result<std::unique_ptr<Gateway>> Gateway::start(const Parts &parts, const Options &options)
{
    std::unique_ptr<Gateway> gateway(new Gateway(parts));
    if (Result<void> opened = gateway->open(options); !opened)
        return failure(opened.error());
    return gateway;
}

Result<void> Gateway::open(const Options &options)
{
    m_startedUs = m_parts.clock->wallUs();
    auto configuration
        = m_parts.store->writeNow([](store::Database &db) { return readConfiguration(db); });
    if (!configuration)
        return failure(configuration.error());
    m_configuration = std::move(*configuration);
    const std::int64_t now = m_startedUs;
    const auto swept = m_parts.store->writeNow(
        [now](store::Database &db) { return ledger::sweepAtStart(db, now); });
    if (!swept)
        return failure(swept.error());
    for (const ledger::Violation &violation : swept->violations)
        m_troubles.push_back(sentence(violation));
    if (!swept->windowsAgree) {
        return failure(
            ErrorKind::Unavailable,
            QStringLiteral("The budgets in the database contradict their records, so "
                           "nothing is served; look with \u201ctollgated doctor\u201d and mend "
                           "with \u201ctollgated doctor --repair\u201d."),
            "books_disagree");
    }

    giveKeysToRing();
    waitForKeys(*m_parts.keys);

    std::vector<http::ListenerOptions> listeners = listenerOptions(options);
    const bool tls = !m_configuration.settings.text("listen.tls_certificate").isEmpty();
    if (tls) {
        auto certificate = fileContents(m_configuration.settings.text("listen.tls_certificate"));
        auto key = fileContents(m_configuration.settings.text("listen.tls_key"));
        if (!certificate || !key)
            return failure(certificate ? key.error() : certificate.error());
        for (http::ListenerOptions &one : listeners) {
            one.certificatePem = *certificate;
            one.privateKeyPem = *key;
        }
    }

    const int wanted = options.threads > 0
        ? options.threads
        : static_cast<int>(m_configuration.settings.integer("gateway.threads"));
    const int threads = threadsFor(wanted);
    const auto snapshot = makeSnapshot(m_configuration, *m_parts.providers, keyLookup());
    m_pausedUntilUs.store(m_configuration.pausedUntilUs, std::memory_order_relaxed);
    for (int i = 0; i < threads; ++i) {
        auto worker = std::make_unique<Worker>(shared(), listeners, snapshot);
        const auto ports = worker->listen();
        if (!ports)
            return failure(ports.error());
        for (std::size_t n = 0; n < listeners.size(); ++n)
            listeners[n].port = (*ports)[n]; // the first thread chose, the others join it
        m_workers.push_back(std::move(worker));
    }
    for (const http::ListenerOptions &one : listeners)
        m_baseUrls.push_back(urlOf(one.address, one.port, tls));
    m_minute.start();
    return {};
}

std::vector<http::ListenerOptions> Gateway::listenerOptions(const Options &options) const
{
    const admin::Settings &settings = m_configuration.settings;
    std::vector<http::ListenerOptions> out;
    for (const admin::ListenAddress &listen : options.listen) {
        http::ListenerOptions one;
        one.address = listen.address;
        one.port = listen.port;
        one.reusePort = true;
        one.extraHosts = settings.list("listen.hosts");
        one.allowedOrigins = settings.list("listen.origins");
        one.limits = admin::httpLimits(settings);
        one.limits.connections = connectionsThatFit(one.limits.connections);
        out.push_back(std::move(one));
    }
    return out;
}

Shared Gateway::shared()
{
    Shared out;
    out.store = m_parts.store;
    out.meters = &m_meters;
    out.health = &m_health;
    out.providers = m_parts.providers;
    out.counters = &m_counters;
    out.census = &m_census;
    out.clock = m_parts.clock;
    out.metricsPage = [this] {
        const bool paused
            = m_pausedUntilUs.load(std::memory_order_relaxed) > m_parts.clock->wallUs();
        return metricsPage(m_counters, m_census, m_parts.store->health(), paused);
    };
    out.capture = [this](const QByteArray &id, std::int64_t startedUs,
                         std::vector<store::KeptBody> bodies) {
        for (store::KeptBody &body : bodies)
            m_bodies.append(id, startedUs, body.kind, std::move(body.bytes), body.attempt);
    };
    return out;
}

KeyLookup Gateway::keyLookup() const
{
    return [keys = m_parts.keys](const store::ChannelKeyRow &row) {
        const secrets::KeyRing::Held found = keys->get(row.id);
        routing::ChannelKey key;
        key.row = row;
        key.readiness = readinessOf(found.state);
        key.secret = found.secret;
        return key;
    };
}

void Gateway::giveKeysToRing()
{
    std::vector<store::ChannelKeyRow> rows;
    for (const store::ChannelRow &channel : m_configuration.channels)
        rows.insert(rows.end(), channel.keys.begin(), channel.keys.end());
    m_parts.keys->setKeys(rows);
}

void Gateway::keysChanged()
{
    publish({});
}

void Gateway::publish(std::function<void()> taken)
{
    const auto snapshot = makeSnapshot(m_configuration, *m_parts.providers, keyLookup());
    m_pausedUntilUs.store(m_configuration.pausedUntilUs, std::memory_order_relaxed);
    const auto missing = std::make_shared<std::size_t>(m_workers.size());
    for (const auto &worker : m_workers) {
        worker->setSnapshot(snapshot, [this, missing, taken] {
            m_mailbox.post([missing, taken] {
                if (--*missing == 0 && taken)
                    taken();
            });
        });
    }
}

void Gateway::reload(std::function<void(Result<void>)> done)
{
    m_parts.store->write([](store::Database &db) { return readConfiguration(db); }, m_mailbox,
                         [this, done = std::move(done)](Result<Configuration> read) {
                             if (!read) {
                                 qCWarning(lcGateway).noquote()
                                     << "Configuration not reloaded:" << read.error().message;
                                 if (done)
                                     done(failure(read.error()));
                                 return;
                             }
                             m_configuration = std::move(*read);
                             giveKeysToRing();
                             keysChanged();
                             if (done)
                                 done({});
                         });
}

void Gateway::drain(int limitMs, std::function<void()> done)
{
    if (m_draining)
        return;
    m_draining = true;
    m_drained = std::move(done);
    m_busyWorkers = m_workers.size();
    for (const auto &worker : m_workers) {
        worker->drain([this] {
            m_mailbox.post([this] {
                if (m_busyWorkers > 0 && --m_busyWorkers == 0 && m_drained)
                    std::exchange(m_drained, {})();
            });
        });
    }
    m_drainLimit.start(limitMs);
}

void Gateway::running(std::function<void(std::vector<relay::RunningCall>)> given)
{
    struct Gathering
    {
        std::vector<relay::RunningCall> calls;
        std::size_t missing = 0;
    };
    const auto gathering = std::make_shared<Gathering>();
    gathering->missing = m_workers.size();
    const auto share = [gathering, given = std::move(given)](std::vector<relay::RunningCall> more) {
        std::move(more.begin(), more.end(), std::back_inserter(gathering->calls));
        if (--gathering->missing > 0)
            return;
        std::sort(gathering->calls.begin(), gathering->calls.end(),
                  [](const relay::RunningCall &a, const relay::RunningCall &b) {
                      return a.row.startedUs < b.row.startedUs;
                  });
        given(std::move(gathering->calls));
    };
    for (const auto &worker : m_workers) {
        worker->running([this, share](std::vector<relay::RunningCall> calls) {
            m_mailbox.post([share, calls = std::move(calls)] { share(calls); });
        });
    }
}

void Gateway::stopRequest(const QByteArray &requestId, std::function<void(bool)> done)
{
    struct Asking
    {
        std::size_t missing = 0;
        bool found = false;
    };
    const auto asking = std::make_shared<Asking>();
    asking->missing = m_workers.size();
    for (const auto &worker : m_workers) {
        worker->stop(requestId, [this, asking, done](bool found) {
            m_mailbox.post([asking, done, found] {
                asking->found = asking->found || found;
                if (--asking->missing == 0)
                    done(asking->found);
            });
        });
    }
}

Status Gateway::status() const
{
    Status out;
    out.baseUrls = m_baseUrls;
    out.startedUs = m_startedUs;
    out.threads = static_cast<int>(m_workers.size());
    out.running = m_counters.running.load(std::memory_order_relaxed);
    out.streams = m_counters.streams.load(std::memory_order_relaxed);
    out.draining = m_draining;
    out.pausedUntilUs = m_configuration.pausedUntilUs > m_parts.clock->wallUs()
        ? m_configuration.pausedUntilUs
        : 0;
    out.troubles = m_troubles;
    if (const store::Health health = m_parts.store->health(); !health.writable)
        out.troubles.push_back(health.error.message);
    return out;
}

// Each minute: the invariants hold, what is old enough goes, what is unknown too long is settled.
void Gateway::upkeep()
{
    const std::int64_t now = m_parts.clock->wallUs();
    const std::int64_t longest
        = m_configuration.settings.integer("upstream.total_timeout") * kUsPerMs;
    m_parts.store->read(
        [now, longest](store::Database &db) {
            return ledger::checkInvariants(db, ledger::Scope::Recent, now, {longest + kGraceUs});
        },
        m_mailbox,
        [this](Result<std::vector<ledger::Violation>> found) {
            if (!found)
                return;
            m_troubles.clear();
            for (const ledger::Violation &violation : *found) {
                qCCritical(lcGateway).noquote()
                    << "Invariant" << violation.invariant << "is broken:" << violation.detail;
                m_troubles.push_back(sentence(violation));
            }
            if (found->empty())
                fold();
        });
    m_parts.store->post([now](store::Database &db) { return ledger::sweepUnknown(db, now); });
    retain();
    const qint64 keepDays = m_configuration.settings.integer("log.bodies_keep_days");
    const QDate first = QDateTime::currentDateTimeUtc().date().addDays(-keepDays);
    m_parts.store->read([this, first](store::Database &) { return m_bodies.dropDays(first, 0); },
                        m_mailbox, [](const Result<int> &) {});
}

// A slice at a time, so that requests do not wait behind it.
void Gateway::fold()
{
    m_parts.store->write(
        [](store::Database &db) { return ledger::foldSettledLegs(db, kFoldSlice); }, m_mailbox,
        [this](const Result<std::int64_t> &folded) {
            if (folded && *folded >= kFoldSlice && !m_draining)
                fold();
        });
}

void Gateway::retain()
{
    store::RetentionPolicy policy;
    policy.maxAgeUs = m_configuration.settings.integer("log.keep_days") * kUsPerDay;
    policy.maxBytes = m_configuration.settings.integer("log.keep_megabytes") * 1024 * 1024;
    const std::int64_t now = m_parts.clock->wallUs();
    m_parts.store->write(
        [policy, now](store::Database &db) { return store::retain(db, policy, now); }, m_mailbox,
        [this](Result<store::RetentionStep> step) {
            if (step && step->more && !m_draining)
                retain();
        });
}

} // namespace tollgate::gateway
