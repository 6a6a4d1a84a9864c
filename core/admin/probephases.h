// SPDX-License-Identifier: GPL-3.0-or-later
// A probe as people watch it: six phases, each with its time and how it went, and at the end one
// plain sentence with what to do. Pure.
#pragma once

#include "core/admin/probe.h"

#include <array>

namespace tollgate::admin {

enum class PhaseState { Waiting, Running, Passed, Failed, Skipped };

struct Phase
{
    const char *name = ""; // resolve, connect, tls, auth, model, first_token
    PhaseState state = PhaseState::Waiting;
    std::int64_t us = -1; // how long it took; -1: not known
};
using Phases = std::array<Phase, 6>;

// `tls`: whether the URL asks for it; otherwise that phase is skipped.
[[nodiscard]] Phases phasesOf(const ProbeMoment &moment, bool tls);

// What went wrong, for people.
struct Verdict
{
    QString cause; // key_rejected, dns, connect, tls, timeout, not_found, rate_limited, payment, …
    QString sentence;
    QString hint;
    QString field; // which field of the form is to blame: key, base_url, model, proxy; or empty
    bool works = false; // it answers, but not now
};
// `host` as people know it. Empty cause: all is well.
[[nodiscard]] Verdict verdictOf(const ProbeReport &report, const QString &host);

[[nodiscard]] QJsonObject toJson(const Phase &phase);
// Members phases, cause, sentence, hint, field, works, status, total_us, beside those of the
// report.
[[nodiscard]] QJsonObject testAnswer(const ProbeReport &report, const QByteArray &url);

} // namespace tollgate::admin
