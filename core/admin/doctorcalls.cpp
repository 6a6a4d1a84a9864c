// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at everything that is known to go wrong, and says how to mend it.
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/keyfields.h"
#include "core/admin/probe.h"
#include "core/admin/settings.h"
#include "core/ledger/invariants.h"
#include "core/store/channels.h"
#include "core/store/tokens.h"
#include "providers/baseurl.h"

#include <QDateTime>
#include <QFileInfo>
#include <QStorageInfo>
#include <QTcpServer>

namespace tollgate::admin {
namespace {

enum class Verdict { Good, Warning, Bad };

class Findings
{
public:
    void add(Verdict verdict, const QString &what, const QString &message,
             const QString &remedy = {})
    {
        constexpr std::array kWords{"ok", "warning", "bad"};
        QJsonObject one{{QStringLiteral("check"), what},
                        {QStringLiteral("state"),
                         QString::fromLatin1(kWords.at(static_cast<std::size_t>(verdict)))},
                        {QStringLiteral("message"), message}};
        if (!remedy.isEmpty())
            one.insert(QStringLiteral("remedy"), remedy);
        m_checks.append(one);
        m_good = m_good && verdict != Verdict::Bad;
    }
    void good(const QString &what, const QString &message) { add(Verdict::Good, what, message); }

    [[nodiscard]] QJsonObject toJson() const
    {
        return {{QStringLiteral("ok"), m_good}, {QStringLiteral("checks"), m_checks}};
    }

private:
    QJsonArray m_checks;
    bool m_good = true;
};

struct Facts
{
    std::vector<store::ChannelRow> channels;
    std::vector<store::TokenRow> tokens;
    Settings settings;
    std::vector<ledger::Violation> violations;
    std::int64_t newestUs = 0; // of what has been recorded
    std::optional<std::int64_t> brokenAudit; // the first entry that does not follow
};

Result<Facts> readFacts(store::Database &db, std::int64_t nowUs)
{
    Facts facts;
    auto channels = store::channels(db);
    if (!channels)
        return failure(channels.error());
    facts.channels = std::move(*channels);
    auto tokens = store::tokens(db);
    if (!tokens)
        return failure(tokens.error());
    facts.tokens = std::move(*tokens);
    const auto stored = store::settings(db);
    if (!stored)
        return failure(stored.error());
    QHash<QByteArray, QByteArray> values;
    for (auto it = stored->begin(); it != stored->end(); ++it)
        values.insert(it.key(), it.value());
    facts.settings = Settings(values);
    auto violations = ledger::checkInvariants(db, ledger::Scope::Full, nowUs);
    if (!violations)
        return failure(violations.error());
    facts.violations = std::move(*violations);
    const auto chain = store::brokenAudit(db);
    if (!chain)
        return failure(chain.error());
    facts.brokenAudit = *chain;
    const auto trail = store::auditTrail(db, 0, 1);
    if (trail && !trail->empty())
        facts.newestUs = trail->front().atUs;
    for (const store::TokenRow &row : facts.tokens)
        facts.newestUs = std::max(facts.newestUs, row.lastUsedUs);
    return facts;
}

void checkTrail(Findings &findings, const std::optional<std::int64_t> &broken)
{
    const QString what = QStringLiteral("audit trail");
    if (broken)
        findings.add(Verdict::Bad, what,
                     QStringLiteral("Entry %1 does not follow from those before it: the trail was "
                                    "changed from outside.")
                         .arg(*broken),
                     QStringLiteral("Compare it with a backup: tollgated audit --json"));
    else
        findings.good(what, QStringLiteral("Every entry follows from the one before it."));
}

void checkProfile(Findings &findings, const QString &folder)
{
    const QString what = QStringLiteral("profile");
    const QFileInfo info(folder);
    constexpr auto kOthers = QFileDevice::ReadGroup | QFileDevice::WriteGroup
        | QFileDevice::ExeGroup | QFileDevice::ReadOther | QFileDevice::WriteOther
        | QFileDevice::ExeOther;
    if (!info.isWritable()) {
        findings.add(
            Verdict::Bad, what, QStringLiteral("%1 is not writable.").arg(folder),
            QStringLiteral("Give its owner the right to write, or choose another --profile."));
#ifdef Q_OS_UNIX
    } else if (info.permissions() & kOthers) {
        findings.add(Verdict::Bad, what,
                     QStringLiteral("Other users may look into %1.").arg(folder),
                     QStringLiteral("chmod 700 '%1'").arg(folder));
#endif
    } else {
        findings.good(what, QStringLiteral("%1 is private and writable.").arg(folder));
    }
}

void checkDisk(Findings &findings, const QString &folder)
{
    constexpr qint64 kTight = qint64{1} << 30;
    constexpr qint64 kFull = qint64{64} << 20;
    const QString what = QStringLiteral("disk");
    const qint64 left = QStorageInfo(folder).bytesAvailable();
    const QString message = QStringLiteral("%1 MiB are free.").arg(left >> 20);
    if (left < kFull) {
        findings.add(
            Verdict::Bad, what, message,
            QStringLiteral("Free some space: without it requests on budgets are refused."));
    } else if (left < kTight) {
        findings.add(Verdict::Warning, what, message,
                     QStringLiteral("Lower log.keep_days or log.keep_megabytes."));
    } else {
        findings.good(what, message);
    }
}

void checkClock(Findings &findings, std::int64_t nowUs, std::int64_t newestUs)
{
    constexpr std::int64_t kSecondUs = 1'000'000;
    constexpr std::int64_t kSlack = 120 * kSecondUs;
    constexpr std::int64_t kOldest = std::int64_t{1'735'689'600} * kSecondUs; // 2025-01-01
    const QString what = QStringLiteral("clock");
    if (nowUs < kOldest) {
        findings.add(
            Verdict::Bad, what, QStringLiteral("The clock is years behind."),
            QStringLiteral("Set it: certificates, expiries and budget windows follow it."));
    } else if (newestUs > nowUs + kSlack) {
        findings.add(Verdict::Bad, what,
                     QStringLiteral("The clock is behind the newest record by %1 s.")
                         .arg((newestUs - nowUs) / kSecondUs),
                     QStringLiteral("Set it: budget windows do not go back with it."));
    } else {
        findings.good(what, QStringLiteral("The clock is plausible."));
    }
}

void checkBooks(Findings &findings, const store::Health &health,
                const std::vector<ledger::Violation> &violations)
{
    const QString what = QStringLiteral("database");
    if (health.damaged) {
        findings.add(Verdict::Bad, what, QStringLiteral("The database file is damaged."),
                     QStringLiteral("Stop the daemon and restore a backup in its place."));
    } else if (!health.writable) {
        findings.add(
            Verdict::Bad, what, health.error.message,
            QStringLiteral("Requests on budgets are refused until it can be written again."));
    } else {
        findings.good(what, QStringLiteral("The database is whole and writable."));
    }
    for (const ledger::Violation &violation : violations) {
        findings.add(Verdict::Bad, QStringLiteral("books"),
                     QString::fromLatin1(violation.invariant) + QStringLiteral(": ")
                         + violation.detail,
                     QStringLiteral("Make a backup, then run \"tollgated doctor --repair\"."));
    }
    if (violations.empty())
        findings.good(QStringLiteral("books"),
                      QStringLiteral("Every invariant of the ledger holds."));
}

void checkTls(Findings &findings, const Settings &settings)
{
    const QByteArray certificate = settings.text("listen.tls_certificate");
    const QByteArray privateKey = settings.text("listen.tls_key");
    if (certificate.isEmpty() && privateKey.isEmpty())
        return;
    const QString what = QStringLiteral("tls");
    if (certificate.isEmpty() || privateKey.isEmpty()) {
        findings.add(
            Verdict::Bad, what,
            QStringLiteral("Only one of listen.tls_certificate and listen.tls_key is set."),
            QStringLiteral("Set both, or neither."));
        return;
    }
    for (const QByteArray &path : {certificate, privateKey}) {
        if (!QFileInfo(QString::fromUtf8(path)).isReadable()) {
            findings.add(Verdict::Bad, what,
                         QStringLiteral("%1 cannot be read.").arg(QString::fromUtf8(path)),
                         QStringLiteral("Check the path and the file's permissions."));
            return;
        }
    }
    findings.good(what, QStringLiteral("Certificate and key files are there."));
}

void checkPorts(Findings &findings, const Settings &settings, bool serving)
{
    const QString what = QStringLiteral("port");
    const auto addresses = listenAddresses(settings, {}, false);
    if (!addresses) {
        findings.add(Verdict::Bad, what, addresses.error().message);
        return;
    }
    if (serving) {
        findings.good(what, QStringLiteral("The daemon listens."));
        return;
    }
    for (const ListenAddress &address : *addresses) {
        QTcpServer server;
        const QString name = formatListenAddress(address);
        if (server.listen(address.address, address.port)) {
            findings.good(what, QStringLiteral("%1 is free.").arg(name));
        } else if (server.serverError() == QAbstractSocket::AddressInUseError) {
            findings.add(Verdict::Bad, what,
                         QStringLiteral("Another program listens on %1.").arg(name),
                         QStringLiteral("Stop it, or choose another port: tollgated settings set "
                                        "listen.addresses 127.0.0.1:4181"));
        } else {
            findings.add(
                Verdict::Warning, what,
                QStringLiteral("%1 cannot be listened on: %2.").arg(name, server.errorString()),
                QStringLiteral("Remove it from listen.addresses if this machine has no such "
                               "address."));
        }
    }
}

void checkTokens(Findings &findings, const std::vector<store::TokenRow> &tokens, std::int64_t nowUs)
{
    int usable = 0;
    for (const store::TokenRow &row : tokens) {
        if (row.state == store::TokenState::Active && (row.expiresUs == 0 || row.expiresUs > nowUs))
            ++usable;
    }
    const QString what = QStringLiteral("tokens");
    if (usable == 0) {
        findings.add(Verdict::Warning, what, QStringLiteral("No token lets anybody in."),
                     QStringLiteral("Make one: tollgated token add NAME"));
    } else {
        findings.good(what, QStringLiteral("%1 token(s) may come in.").arg(usable));
    }
}

QString remedyFor(secrets::KeyState state, store::KeySource source)
{
    switch (state) {
    case secrets::KeyState::Locked:
        return source == store::KeySource::Vault
            ? QStringLiteral("Open the vault: tollgated vault unlock")
            : QStringLiteral("Unlock the keychain (log in to the desktop).");
    case secrets::KeyState::Absent:
        return source == store::KeySource::Environment
            ? QStringLiteral("Set the variable where the daemon is started.")
            : QStringLiteral("Give the key again: tollgated channel key add NAME --key-stdin");
    case secrets::KeyState::Denied:
        return QStringLiteral("Allow Tollgate to read it in the keychain's own program.");
    case secrets::KeyState::Unavailable:
        return QStringLiteral(
            "Use the vault (--key-vault) or an environment variable (--key-env).");
    case secrets::KeyState::Present:
        break;
    }
    return {};
}

// Also says whether the channel can be asked online.
Task<std::shared_ptr<const Secret>> checkKeys(Desk &desk, Findings &findings, store::ChannelRow row)
{
    std::shared_ptr<const Secret> usable;
    const QString what = QStringLiteral("channel %1").arg(row.name);
    bool any = false;
    for (const store::ChannelKeyRow &one : row.keys) {
        if (one.source == store::KeySource::None) {
            any = true;
            continue;
        }
        if (one.boundTo != providers::originOf(row.baseUrl)) {
            findings.add(
                Verdict::Bad, what,
                QStringLiteral("A key was given for %1 and is not used elsewhere.")
                    .arg(QString::fromUtf8(one.boundTo)),
                QStringLiteral("Give the key again: tollgated channel key add NAME --key-stdin"));
            continue;
        }
        const OneShot<secrets::Lookup> looking = lookUpKey(desk, one);
        const secrets::Lookup found = co_await looking;
        if (found.state == secrets::KeyState::Present) {
            any = true;
            usable = found.secret;
            continue;
        }
        findings.add(Verdict::Bad, what,
                     QStringLiteral("Key %1 is %2. %3")
                         .arg(QString::fromUtf8(one.hint), keyStateName(found.state), found.detail)
                         .trimmed(),
                     remedyFor(found.state, one.source));
    }
    if (row.models.isEmpty()) {
        findings.add(
            Verdict::Warning, what, QStringLiteral("It lists no model."),
            QStringLiteral("Fetch them: tollgated channel models %1 --save").arg(row.name));
    } else if (any) {
        findings.good(what, QStringLiteral("It has a key and %1 model(s).").arg(row.models.size()));
    } else if (row.keys.empty()) {
        findings.add(
            Verdict::Bad, what, QStringLiteral("It has no key."),
            QStringLiteral("Give one: tollgated channel key add %1 --key-stdin").arg(row.name));
    }
    co_return usable;
}

Task<void> checkOnline(Desk &desk, Findings &findings, store::ChannelRow row,
                       std::shared_ptr<const Secret> secret)
{
    const relay::Provider *provider = desk.rooms.providers->find(row.provider);
    if (!provider)
        co_return;
    routing::Channel channel;
    channel.row = row;
    if (secret) {
        routing::ChannelKey key;
        key.row = row.keys.front();
        for (const store::ChannelKeyRow &one : row.keys) {
            if (one.source != store::KeySource::None
                && one.boundTo == providers::originOf(row.baseUrl))
                key.row = one;
        }
        key.secret = secret;
        channel.keys.push_back(std::move(key));
    }
    Task<Result<QByteArrayList>> fetching = fetchModels(*provider, channel, *desk.rooms.clock);
    const Result<QByteArrayList> models = co_await fetching;
    const QString what = QStringLiteral("provider of %1").arg(row.name);
    if (models)
        findings.good(what,
                      QStringLiteral("It answers and names %1 model(s).").arg(models->size()));
    else
        findings.add(Verdict::Bad, what, models.error().message,
                     QStringLiteral("See \"tollgated channel test %1\".").arg(row.name));
}

Task<Result<void>> repair(Desk &desk, Findings &findings)
{
    const store::AuditRow trail = desk.auditRow("doctor.repair", {}, {});
    const std::int64_t nowUs = desk.nowUs();
    const auto writing = desk.write([nowUs, trail](store::Database &db) -> Result<std::int64_t> {
        auto mended = ledger::repairWindows(db, nowUs);
        if (!mended)
            return mended;
        if (auto audited = store::audit(db, trail); !audited)
            return failure(audited.error());
        return mended;
    });
    const Result<std::int64_t> mended = co_await writing;
    if (!mended)
        co_return failure(mended.error());
    findings.good(
        QStringLiteral("repair"),
        QStringLiteral("%1 budget window(s) were set to what their records say.").arg(*mended));
    co_return Result<void>();
}

} // namespace

Answer doctor(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const bool online = fields.boolean("online").value_or(false);
    const bool repairing = fields.boolean("repair").value_or(false);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Findings findings;
    if (repairing) {
        Task<Result<void>> mending = repair(desk, findings);
        const Result<void> mended = co_await mending;
        if (!mended)
            co_return failure(mended.error());
    }
    const std::int64_t nowUs = desk.nowUs();
    const auto reading = desk.read([nowUs](store::Database &db) { return readFacts(db, nowUs); });
    const Result<Facts> facts = co_await reading;
    if (!facts)
        co_return failure(facts.error());
    const QString folder = desk.rooms.store->profile();
    checkProfile(findings, folder);
    checkDisk(findings, folder);
    checkClock(findings, nowUs, facts->newestUs);
    checkBooks(findings, desk.rooms.store->health(), facts->violations);
    checkTrail(findings, facts->brokenAudit);
    checkTls(findings, facts->settings);
    checkPorts(findings, facts->settings, desk.rooms.engine != nullptr);
    checkTokens(findings, facts->tokens, nowUs);
    if (facts->channels.empty()) {
        findings.add(
            Verdict::Warning, QStringLiteral("channels"),
            QStringLiteral("There is no channel; only the built-in demo answers."),
            QStringLiteral("Add one: tollgated channel add NAME --provider openai --key-stdin"));
    }
    for (const store::ChannelRow &row : facts->channels) {
        if (!row.enabled)
            continue;
        Task<std::shared_ptr<const Secret>> checking = checkKeys(desk, findings, row);
        const std::shared_ptr<const Secret> secret = co_await checking;
        if (!online)
            continue;
        Task<void> asking = checkOnline(desk, findings, row, secret);
        co_await asking;
    }
    co_return findings.toJson();
}

} // namespace tollgate::admin
