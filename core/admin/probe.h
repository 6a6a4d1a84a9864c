// SPDX-License-Identifier: GPL-3.0-or-later
// One small request to a provider, outside of the gateway, and what each step of it says: address,
// connection, TLS, key, model, first token.
#pragma once

#include "core/base/task.h"
#include "core/relay/provider.h"

#include <QJsonObject>

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

class ProbeReport
{
public:
    void pass(const char *name, std::int64_t us = -1);
    void fail(const char *name, const QString &detail, const QString &hint);
    [[nodiscard]] bool ok() const { return m_ok; }
    [[nodiscard]] const std::vector<ProbeStep> &steps() const { return m_steps; }
    // {ok, steps, failed_at, message, hint}
    [[nodiscard]] QJsonObject toJson() const;

private:
    std::vector<ProbeStep> m_steps;
    QString m_hint;
    bool m_ok = true;
};

// What a failed exchange and a refusing answer mean. Pure.
void explainFailure(ProbeReport &report, const upstream::Failure &failure,
                    const upstream::Timing &timing);
void explainStatus(ProbeReport &report, int status, QByteArrayView body);

// Both use the channel's first key, if it has one. The provider, the channel and the clock outlive
// the task.
[[nodiscard]] Task<ProbeReport> probe(const relay::Provider &provider,
                                      const routing::Channel &channel, QByteArray model,
                                      const Clock &clock);
[[nodiscard]] Task<Result<QByteArrayList>>
fetchModels(const relay::Provider &provider, const routing::Channel &channel, const Clock &clock);

} // namespace tollgate::admin
