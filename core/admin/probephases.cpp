// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/probephases.h"

#include <QJsonArray>
#include <QUrl>

namespace tollgate::admin {
namespace {

using upstream::FailureKind;

enum Index : std::size_t { Resolve, Connect, Tls, Auth, Model, FirstToken };

constexpr Phases kNames{{{"resolve"}, {"connect"}, {"tls"}, {"auth"}, {"model"}, {"first_token"}}};

QString stateName(PhaseState state)
{
    switch (state) {
    case PhaseState::Waiting:
        return QStringLiteral("waiting");
    case PhaseState::Running:
        return QStringLiteral("running");
    case PhaseState::Passed:
        return QStringLiteral("ok");
    case PhaseState::Failed:
        return QStringLiteral("failed");
    case PhaseState::Skipped:
        break;
    }
    return QStringLiteral("skipped");
}

bool refusesKey(int status)
{
    return status == 401 || status == 403;
}

// The phase at which it is, or at which it ended.
std::size_t reached(const ProbeMoment &moment)
{
    if (moment.failure) {
        switch (*moment.failure) {
        case FailureKind::Denied:
        case FailureKind::Resolve:
            return Resolve;
        case FailureKind::Connect:
        case FailureKind::ConnectTimeout:
            return Connect;
        case FailureKind::Tls:
            return Tls;
        default:
            break;
        }
    }
    if (moment.timing.connectedUs == 0)
        return Resolve;
    if (moment.status == 0)
        return Auth;
    if (refusesKey(moment.status))
        return Auth;
    return moment.status == 200 && !moment.refused ? FirstToken : Model;
}

void pass(Phase &phase, std::int64_t us)
{
    phase.state = PhaseState::Passed;
    phase.us = us;
}

Verdict failedBefore(FailureKind kind, const QString &host, const ProbeStep &step)
{
    Verdict verdict;
    switch (kind) {
    case FailureKind::Denied:
        return {QStringLiteral("denied"),
                QStringLiteral("%1 is not an address that this channel may call.").arg(host),
                QStringLiteral("If the server runs on this machine or network, allow local "
                               "addresses for the channel."),
                QStringLiteral("base_url")};
    case FailureKind::Resolve:
        return {QStringLiteral("dns"),
                QStringLiteral("No server called %1 could be found.").arg(host),
                QStringLiteral("Check the host in the base URL, and that this machine is online."),
                QStringLiteral("base_url")};
    case FailureKind::Connect:
        return {QStringLiteral("connect"),
                QStringLiteral("%1 does not accept connections.").arg(host),
                QStringLiteral("Check that the server runs, the port, the proxy and any firewall."),
                QStringLiteral("base_url")};
    case FailureKind::ConnectTimeout:
        return {QStringLiteral("timeout"),
                QStringLiteral("%1 could not be reached in time.").arg(host),
                QStringLiteral("Check the port, the proxy, and whether a firewall is in between."),
                QStringLiteral("base_url")};
    case FailureKind::Tls:
        return {QStringLiteral("tls"),
                QStringLiteral("%1 could not prove who it is, so nothing was sent.").arg(host),
                QStringLiteral("Check the host and this machine's clock. For a private authority "
                               "set upstream.ca_file; for a server without TLS begin the base URL "
                               "with http://."),
                QStringLiteral("base_url")};
    case FailureKind::FirstByteTimeout:
    case FailureKind::IdleTimeout:
    case FailureKind::TotalTimeout:
        return {QStringLiteral("timeout"),
                QStringLiteral("%1 took the request and did not answer in time.").arg(host),
                QStringLiteral("Large local models load first; try again, or a smaller model."),
                {}};
    default:
        return {QStringLiteral("answer"), step.detail,
                QStringLiteral("Something answers there, but not this kind of provider; check the "
                               "base URL."),
                QStringLiteral("base_url")};
    }
}

Verdict refused(int status, const QString &host, const ProbeStep &step)
{
    if (refusesKey(status)) {
        return {QStringLiteral("key_rejected"), QStringLiteral("Key rejected by %1.").arg(host),
                status == 403
                    ? QStringLiteral("The key is known but may not do this; check its rights.")
                    : QStringLiteral("Paste the key again; copy it whole from the provider."),
                QStringLiteral("key")};
    }
    if (status == 404) {
        return {QStringLiteral("not_found"),
                QStringLiteral("%1 knows no such address or model.").arg(host), step.detail,
                QStringLiteral("base_url")};
    }
    if (status == 402) {
        return {QStringLiteral("payment"),
                QStringLiteral("%1 wants payment: the account has no credit.").arg(host),
                QStringLiteral("Add credit at the provider; the key itself is fine."),
                {}};
    }
    if (status == 429) {
        return {QStringLiteral("rate_limited"),
                QStringLiteral("Works, but %1 is rate-limiting you now.").arg(host),
                QStringLiteral("Key and address are right. Wait a moment before using it."),
                {},
                true};
    }
    if (status >= 500) {
        return {QStringLiteral("provider_trouble"),
                QStringLiteral("%1 is in trouble itself (%2).").arg(host).arg(status),
                step.detail,
                {}};
    }
    return {QStringLiteral("refused"), step.detail,
            QStringLiteral("Try another model; the key was accepted."), QStringLiteral("model")};
}

} // namespace

Phases phasesOf(const ProbeMoment &moment, bool tls)
{
    Phases phases = kNames;
    const upstream::Timing &timing = moment.timing;
    const std::size_t at = reached(moment);
    const auto since = [](std::int64_t from, std::int64_t to) {
        return from > 0 && to >= from ? to - from : -1;
    };
    const std::array<std::int64_t, 6> took{
        since(timing.startedUs, timing.resolvedUs),
        since(timing.resolvedUs, timing.reachedUs),
        since(timing.reachedUs, timing.connectedUs),
        since(timing.connectedUs, timing.firstByteUs),
        since(timing.connectedUs, timing.firstByteUs),
        since(timing.connectedUs, moment.firstTokenUs),
    };
    for (std::size_t i = 0; i < phases.size(); ++i) {
        if (i < at || moment.firstTokenUs > 0)
            pass(phases[i], took[i]);
        else if (i == at)
            phases[i].state = moment.over ? PhaseState::Failed : PhaseState::Running;
        else if (moment.over)
            phases[i].state = PhaseState::Skipped;
    }
    if (!tls && phases[Tls].state != PhaseState::Waiting)
        phases[Tls] = {phases[Tls].name, PhaseState::Skipped, -1};
    return phases;
}

Verdict verdictOf(const ProbeReport &report, const QString &host)
{
    if (report.ok())
        return {};
    const ProbeStep &step = report.steps().back();
    const ProbeMoment &end = report.end();
    if (end.status != 0 && end.status != 200)
        return refused(end.status, host, step);
    if (end.failure)
        return failedBefore(*end.failure, host, step);
    if (step.name == u"key") {
        return {QStringLiteral("key_missing"), step.detail,
                QStringLiteral("Give the channel a key first."), QStringLiteral("key")};
    }
    if (end.refused)
        return {QStringLiteral("refused"), step.detail, {}, QStringLiteral("model")};
    return {QStringLiteral("answer"), step.detail,
            QStringLiteral("Check that the base URL's path is right."), QStringLiteral("base_url")};
}

QJsonObject toJson(const Phase &phase)
{
    QJsonObject json{{QStringLiteral("phase"), QString::fromLatin1(phase.name)},
                     {QStringLiteral("state"), stateName(phase.state)}};
    if (phase.us >= 0)
        json.insert(QStringLiteral("us"), qint64{phase.us});
    return json;
}

QJsonObject testAnswer(const ProbeReport &report, const QByteArray &url)
{
    const QUrl parsed(QString::fromUtf8(url));
    QJsonObject json = report.toJson();
    const Verdict verdict = verdictOf(report, parsed.host());
    QJsonArray phases;
    for (const Phase &phase : phasesOf(report.end(), parsed.scheme() == u"https"))
        phases.append(toJson(phase));
    json.insert(QStringLiteral("phases"), phases);
    json.insert(QStringLiteral("cause"), verdict.cause);
    json.insert(QStringLiteral("sentence"),
                report.ok() ? QStringLiteral("It works.") : verdict.sentence);
    if (!verdict.hint.isEmpty())
        json.insert(QStringLiteral("advice"), verdict.hint);
    json.insert(QStringLiteral("field"), verdict.field);
    json.insert(QStringLiteral("works"), report.ok() || verdict.works);
    json.insert(QStringLiteral("status"), report.end().status);
    const std::int64_t started = report.end().timing.startedUs;
    const std::int64_t ended
        = report.end().firstTokenUs > 0 ? report.end().firstTokenUs : report.end().timing.endedUs;
    if (started > 0 && ended > started)
        json.insert(QStringLiteral("total_us"), qint64{ended - started});
    return json;
}

} // namespace tollgate::admin
