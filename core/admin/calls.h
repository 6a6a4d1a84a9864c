// SPDX-License-Identifier: GPL-3.0-or-later
// A management call, wherever it is answered: in this process or by the daemon of the profile.
//
// What the screens of the log and of usage ask. Money is in nano-USD, times in microseconds since
// 1970, durations in microseconds (null: did not happen), ids are texts. Each takes {zone?: an IANA
// name} where days are counted, and {filter?} where it says so; a filter that makes no sense is
// answered by {filter_error: {at, length, message, hint}} and nothing else.
//
//   log page {filter, before?|after?: cursor, limit} -> {requests: [row], next: cursor, more,
//   first:
//     cursor, partial, searched_to_us}, newest first (with `after`: oldest first). partial: time
//     was up before a page was full; `next` goes on from there.
//   row: {id, time_us, state: ok|retried|failed|error_in_200|left|blocked|replay|running, phase
//     (running: routing|sending|waiting|streaming|settling), token {id, name}, client, user_agent,
//     ip, dialect, operation, model, served_model, channel {id, name}, attempts, input_tokens,
//     cached_tokens, cache_write_tokens, output_tokens, reasoning_tokens, cost_nano, estimated,
//     unpriced, partial, lowered, ttft_us, total_us, speed_milli (thousandths of a token a second),
//     status, stream, finish, error, error_text, session, bytes_in, bytes_out, mark, tags}
//   log count {filter} -> {count, capped}
//   log fields {field?, prefix?, limit?} -> {values: [{value, count}]}, or {fields: [{name,
//   example}]} log follow {filter}, events {rows: [row], gone: [id]}: at most ten a second; a row
//   whose id was
//     told before takes its place, a running one becomes a finished one
//   log show {id} -> {request: row and more, attempts: […], candidates: [{channel, verdict:
//     used|not_needed|left_out, reason}], prices: {lines: [{kind, unit, quantity, unit_price_pico,
//     cost_nano}], model, source, version, valid_from_us} | null, bodies: {kept, timed, parts:
//     [{which, attempt, size, truncated}], why_not: off|deleted_or_earlier, setting, setting_now}}
//   log body {id, which: client_request|client_answer|upstream_request|upstream_answer, attempt?,
//     offset?, limit?} -> {text | base64, offset, length, total, truncated}
//   log stream {id} -> {events: [{offset_us, type, delta, raw, whole}], timed, truncated}
//   log note {id, mark, tags, comment} -> {}
//   running {} -> {requests: [row]};  running stop {id} -> {stopped}
//   overview {} -> {now_us, serving, status, today, yesterday (until the same time): {cost_nano,
//     requests, failed, …, ttft_p50_us, ttft_p95_us, cache_permille, coverage}, sparklines:
//     {from_us, spend, requests, failed, ttft_p50_us, cache_permille: [24]}, running,
//     requests_last_minute, quarter: {requests, failed}, last_request, attention: [{kind:
//     channel_failing|budget|unpriced| prices_old|disk, …}], budgets, strip: {from_us, cell_us,
//     channels: [{channel, requests: [96], failed: [96]}]}, errors, modes: {bodies, prices_date},
//     channels, tokens}
//   usage series {metric: spend|tokens|requests|ttft|total|errors|throughput, by?, then_by?: model|
//     token|channel|served|client|protocol|cause|session, filter, since_us, until_us, bucket: hour|
//     day|week|month|auto} -> {unit, bucket, zone, buckets: [{from_us, to_us, incomplete,
//     weekend}], requests: [n], series: [{key, label, sub, sub_label, values, sum, figures;
//     requests and errors: failed, retried, left, blocked; durations: p50, p95, n, sum, sum_p95,
//     sum_n}], totals, coverage: {priced, estimated, unpriced, no_usage}, complete,
//     covered_since_us, source: sums|log}. Tokens by nothing are a series a kind.
//   usage heat {metric, filter, since_us, until_us} -> {cells: [7 from Monday][24] | null, days}
//   usage causes {filter, since_us, until_us} -> {causes: [{cause, status, channel, count, last_us,
//     last_id, last_text}]}
//   usage burn {token?: id} -> {budgets: [{token, window, begin_us, end_us, cap_nano, spent_nano,
//     reserved_nano, left_nano, percent, pace: early|on_pace|over|lasts|spent, over_percent,
//     runs_out_us, points: [[us, left_nano]]}]}
//   usage forecast {} -> {available, days: [{day, future, p20_nano, p50_nano, p80_nano}]}
//   usage scatter {filter, since_us, until_us, limit} -> {points: [{id, time_us, total_us,
//   cost_nano,
//     model, state}], complete}
//   usage boxes {metric: throughput|ttft|total, by, …} -> {boxes: [{key, label, n, p5, p25, p50,
//   p75,
//     p95}]}
//   usage flow {since_us, until_us} -> {flows: [{from, to, cause, count, succeeded, extra_us,
//     extra_nano}]}
#pragma once

#include "core/base/result.h"
#include "core/base/task.h"

#include <QJsonObject>
#include <QString>

#include <functional>

namespace tollgate::admin {

// One piece of a running answer ("log" that follows). False: nobody listens any more, stop.
using OnEvent = std::function<bool(const QJsonObject &)>;

class Calls
{
public:
    Calls() = default;
    virtual ~Calls() = default;
    Calls(const Calls &) = delete;
    Calls &operator=(const Calls &) = delete;

    // Destroying the task abandons the call; what it has already changed stays changed.
    [[nodiscard]] virtual Task<Result<QJsonObject>> call(QString command, QJsonObject arguments,
                                                         OnEvent onEvent = {})
        = 0;
};

} // namespace tollgate::admin
