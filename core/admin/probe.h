// SPDX-License-Identifier: GPL-3.0-or-later
// One small request to a provider, outside of the gateway, and what each step of it says: address,
// connection, TLS, key, model, first token.
#pragma once

#include "core/base/task.h"
#include "core/relay/provider.h"

#include <QJsonObject>

#include <functional>
#include <optional>
#include <span>

namespace tollgate::admin {

struct ProbeDialect
{
    protocol::Dialect dialect;
    const char *name;
};
// In the order in which a probe prefers them.
[[nodiscard]] std::span<const ProbeDialect> probeDialects();

[[nodiscard]] protocol::Endpoint probeEndpoint(const ProbeDialect &dialect,
                                               const QByteArray &model);
[[nodiscard]] QByteArray withoutQuery(const QByteArray &url);

struct ProbeStep
{
    QString name; // "key", "name", "connection", "tls", "answer", "login", "model", "first token"
    bool ok = true;
    std::int64_t us = -1;
    QString detail;
};

// What can be seen of a request while it runs and after it; how its phases are told is
// probephases.h.
struct ProbeMoment
{
    upstream::Timing timing;
    int status = 0;
    std::optional<upstream::FailureKind> failure;
    bool refused = false; // an answer that is no success, or an error in a stream
    std::int64_t firstTokenUs = 0; // monotonic
    bool over = false;
};
using OnMoment = std::function<void(const ProbeMoment &)>;

class ProbeReport
{
public:
    void pass(const char *name, std::int64_t us = -1);
    void fail(const char *name, const QString &detail, const QString &hint);
    [[nodiscard]] bool ok() const { return m_ok; }
    [[nodiscard]] const std::vector<ProbeStep> &steps() const { return m_steps; }
    // The last there was; without a start where no request was made.
    [[nodiscard]] const ProbeMoment &end() const { return m_end; }
    void setEnd(const ProbeMoment &end) { m_end = end; }
    // {ok, steps, failed_at, message, hint}
    [[nodiscard]] QJsonObject toJson() const;

private:
    std::vector<ProbeStep> m_steps;
    ProbeMoment m_end;
    QString m_hint;
    bool m_ok = true;
};

// What a failed exchange and a refusing answer mean. Pure.
void explainFailure(ProbeReport &report, const upstream::Failure &failure,
                    const upstream::Timing &timing);
void explainStatus(ProbeReport &report, int status, QByteArrayView body);

// Both use the channel's first key, if it has one. `patienceMs` 0: as long as a person waits. The
// provider, the channel and the clock outlive the task.
[[nodiscard]] Task<ProbeReport> probe(const relay::Provider &provider,
                                      const routing::Channel &channel, QByteArray model,
                                      const Clock &clock, OnMoment onMoment = {});
[[nodiscard]] Task<Result<QByteArrayList>> fetchModels(const relay::Provider &provider,
                                                       const routing::Channel &channel,
                                                       const Clock &clock, int patienceMs = 0);

} // namespace tollgate::admin
