// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/attempts.h"

#include "core/store/counters.h"
#include "core/store/database.h"
#include "core/store/requests.h"
#include "core/store/rollups.h"
#include "core/store/unitcolumn.h"

namespace tollgate::store {
namespace {

// id, request_id, number, token_id, channel_id, key_id, model, reason, state, price_id, fixed,
// held, cost, charge, ten counters, flags, status, error, error_text, started_us, changed_us,
// connect_us, first_byte_us, first_token_us, end_us, units
OpenAttempt readAttempt(const Row &row)
{
    OpenAttempt attempt;
    AttemptRow &a = attempt.row;
    a.id = row.integer(0);
    a.requestId = row.text(1);
    a.number = row.number(2);
    attempt.tokenId = row.integer(3);
    a.channelId = row.integer(4);
    a.keyId = row.integer(5);
    a.model = row.text(6);
    a.reason = row.text(7);
    a.state = AttemptState(row.number(8));
    a.priceId = row.integer(9);
    attempt.fixed = row.nano(10);
    a.held = row.nano(11);
    a.cost = row.nano(12);
    a.charge = row.nano(13);
    a.usage = readCounts(row, 14);
    a.flags = std::uint32_t(row.integer(24));
    a.status = row.number(25);
    a.error = row.text(26);
    a.errorText = row.string(27);
    a.startedUs = row.integer(28);
    attempt.changedUs = row.integer(29);
    a.connectUs = row.integer(30);
    a.firstByteUs = row.integer(31);
    a.firstTokenUs = row.integer(32);
    a.endUs = row.integer(33);
    a.units = unitsFromJson(row.text(34));
    return attempt;
}

Result<void> readLegs(Database &db, OpenAttempt &attempt)
{
    return db.each(
        "SELECT budget_id, window_us, held FROM attempt_legs WHERE attempt_id = ? "
        "ORDER BY budget_id",
        [&](const Row &row) {
            attempt.legs.push_back({row.integer(0), row.integer(1), row.nano(2)});
        },
        attempt.row.id);
}

RequestRow requestFrom(const OpenAttempt &attempt)
{
    RequestRow request;
    request.id = attempt.row.requestId;
    request.startedUs = attempt.row.startedUs;
    request.tokenId = attempt.tokenId;
    request.model = attempt.row.model;
    request.channelId = attempt.row.channelId;
    request.usage = attempt.row.usage;
    request.units = attempt.row.units;
    request.flags = attempt.row.flags;
    request.error = attempt.row.error;
    request.errorText = attempt.row.errorText;
    return request;
}

} // namespace

Result<std::optional<WindowRow>> budgetWindow(Database &db, std::int64_t budgetId,
                                              std::int64_t windowUs)
{
    std::optional<WindowRow> found;
    auto done = db.each(
        "SELECT cap, reserved, spent FROM budget_windows "
        "WHERE budget_id = ? AND window_us = ?",
        [&](const Row &row) {
            found = WindowRow{row.nano(0), row.nano(1), row.nano(2)};
        },
        budgetId, windowUs);
    if (!done)
        return failure(done.error());
    return found;
}

Result<void> openWindow(Database &db, std::int64_t budgetId, std::int64_t windowUs)
{
    db.nextEpoch();
    auto added = db.run(
        "INSERT INTO budget_windows(budget_id, window_us, cap, highest_cap, "
        "reserved, spent, folded) SELECT id, ?, cap, cap, 0, 0, 0 FROM budgets WHERE id = ? "
        "ON CONFLICT DO NOTHING",
        windowUs, budgetId);
    if (!added)
        return failure(added.error());
    auto noted = db.run("UPDATE budgets SET latest_window_us = ? "
                        "WHERE id = ? AND latest_window_us < ?",
                        windowUs, budgetId, windowUs);
    if (!noted)
        return failure(noted.error());
    return {};
}

Result<bool> holdInWindow(Database &db, const Leg &leg, NanoUsd room)
{
    auto changed = db.run("UPDATE budget_windows SET reserved = reserved + ? WHERE budget_id = ? "
                          "AND window_us = ? AND cap - reserved - spent >= ?",
                          leg.held, leg.budgetId, leg.windowUs, room);
    if (!changed)
        return failure(changed.error());
    return *changed == 1;
}

Result<std::int64_t> addAttempt(Database &db, const OpenAttempt &attempt)
{
    const AttemptRow &a = attempt.row;
    auto added = db.run(
        "INSERT INTO attempts(request_id, number, token_id, channel_id, key_id, "
        "model, reason, state, price_id, legs, fixed, held, input, cache_read, "
        "flags, started_us, changed_us, units) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        a.requestId, a.number, attempt.tokenId, a.channelId, a.keyId, a.model, a.reason,
        int(a.state), a.priceId, int(attempt.legs.size()), attempt.fixed, a.held, a.usage.input,
        a.usage.cacheRead, a.flags, a.startedUs, attempt.changedUs, unitsToJson(a.units));
    if (!added)
        return failure(added.error());
    const std::int64_t id = db.lastInsertId();
    for (const Leg &leg : attempt.legs) {
        auto legAdded = db.run("INSERT INTO attempt_legs(attempt_id, budget_id, window_us, held, "
                               "settled) VALUES(?,?,?,?,NULL)",
                               id, leg.budgetId, leg.windowUs, leg.held);
        if (!legAdded)
            return failure(legAdded.error());
    }
    return id;
}

Result<std::optional<OpenAttempt>> openAttempt(Database &db, std::int64_t id)
{
    std::optional<OpenAttempt> found;
    auto done = db.each(
        "SELECT id, request_id, number, token_id, channel_id, key_id, model, "
        "reason, state, price_id, fixed, held, cost, charge, input, cache_read, "
        "cache_write_5m, cache_write_1h, output, reasoning, audio_input, "
        "audio_output, image_input, image_output, flags, status, error, "
        "error_text, started_us, changed_us, connect_us, first_byte_us, "
        "first_token_us, end_us, units FROM attempts WHERE id = ?",
        [&](const Row &row) { found = readAttempt(row); }, id);
    if (!done)
        return failure(done.error());
    if (found) {
        if (auto legs = readLegs(db, *found); !legs)
            return failure(legs.error());
    }
    return found;
}

Result<std::vector<AttemptRow>> attemptsOf(Database &db, const QByteArray &requestId)
{
    std::vector<AttemptRow> list;
    auto done = db.each(
        "SELECT id, request_id, number, token_id, channel_id, key_id, model, "
        "reason, state, price_id, fixed, held, cost, charge, input, cache_read, "
        "cache_write_5m, cache_write_1h, output, reasoning, audio_input, "
        "audio_output, image_input, image_output, flags, status, error, "
        "error_text, started_us, changed_us, connect_us, first_byte_us, "
        "first_token_us, end_us, units FROM attempts WHERE request_id = ? "
        "ORDER BY number, id",
        [&](const Row &row) { list.push_back(readAttempt(row).row); }, requestId);
    if (!done)
        return failure(done.error());
    return list;
}

Result<bool> endAttempt(Database &db, const AttemptRow &a, std::int64_t nowUs)
{
    const TokenCounts &u = a.usage;
    auto changed = db.run(
        "UPDATE attempts SET state = ?, reason = coalesce(nullif(?, ''), reason), cost = ?, "
        "charge = ?, input = ?, cache_read = ?, "
        "cache_write_5m = ?, cache_write_1h = ?, output = ?, reasoning = ?, audio_input = ?, "
        "audio_output = ?, image_input = ?, image_output = ?, flags = flags | ?, status = ?, "
        "error = ?, error_text = ?, changed_us = ?, connect_us = ?, first_byte_us = ?, "
        "first_token_us = ?, end_us = ?, units = ? WHERE id = ? AND state NOT IN (3, 4)",
        int(a.state), a.reason, a.cost, a.charge, u.input, u.cacheRead, u.cacheWrite5m,
        u.cacheWrite1h, u.output, u.reasoning, u.audioInput, u.audioOutput, u.imageInput,
        u.imageOutput, a.flags, a.status, a.error, a.errorText, nowUs, a.connectUs, a.firstByteUs,
        a.firstTokenUs, a.endUs, unitsToJson(a.units), a.id);
    if (!changed)
        return failure(changed.error());
    return *changed == 1;
}

Result<bool> suspendAttempt(Database &db, const AttemptRow &a, std::int64_t nowUs)
{
    const TokenCounts &u = a.usage;
    auto changed = db.run(
        "UPDATE attempts SET state = 5, input = ?, cache_read = ?, cache_write_5m = ?, "
        "cache_write_1h = ?, output = ?, reasoning = ?, audio_input = ?, audio_output = ?, "
        "image_input = ?, image_output = ?, flags = flags | ?, status = ?, error = ?, "
        "error_text = ?, changed_us = ?, connect_us = ?, first_byte_us = ?, first_token_us = ?, "
        "end_us = ?, units = ? WHERE id = ? AND state IN (0, 1, 2)",
        u.input, u.cacheRead, u.cacheWrite5m, u.cacheWrite1h, u.output, u.reasoning, u.audioInput,
        u.audioOutput, u.imageInput, u.imageOutput, a.flags | OutcomeUnknown, a.status, a.error,
        a.errorText, nowUs, a.connectUs, a.firstByteUs, a.firstTokenUs, a.endUs,
        unitsToJson(a.units), a.id);
    if (!changed)
        return failure(changed.error());
    return *changed == 1;
}

Result<void> noteProgress(Database &db, std::int64_t id, const TokenCounts &u, std::int64_t nowUs)
{
    auto changed = db.run(
        "UPDATE attempts SET state = 2, input = max(input, ?), cache_read = max(cache_read, ?), "
        "cache_write_5m = max(cache_write_5m, ?), cache_write_1h = max(cache_write_1h, ?), "
        "output = max(output, ?), reasoning = max(reasoning, ?), "
        "audio_input = max(audio_input, ?), audio_output = max(audio_output, ?), "
        "image_input = max(image_input, ?), image_output = max(image_output, ?), changed_us = ? "
        "WHERE id = ? AND state IN (0, 1, 2)",
        u.input, u.cacheRead, u.cacheWrite5m, u.cacheWrite1h, u.output, u.reasoning, u.audioInput,
        u.audioOutput, u.imageInput, u.imageOutput, nowUs, id);
    if (!changed)
        return failure(changed.error());
    return {};
}

Result<bool> growHold(Database &db, std::int64_t attemptId, NanoUsd by)
{
    auto changed = db.run("UPDATE attempts SET held = held + ? WHERE id = ? AND state IN (0, 1, 2)",
                          by, attemptId);
    if (!changed)
        return failure(changed.error());
    if (*changed != 1)
        return false;
    auto legs = db.run("UPDATE attempt_legs SET held = held + ? WHERE attempt_id = ? AND settled "
                       "IS NULL",
                       by, attemptId);
    if (!legs)
        return failure(legs.error());
    return true;
}

Result<void> settleLeg(Database &db, std::int64_t attemptId, const Leg &leg, NanoUsd charge)
{
    auto window = db.run("UPDATE budget_windows SET reserved = reserved - ?, spent = spent + ? "
                         "WHERE budget_id = ? AND window_us = ?",
                         leg.held, charge, leg.budgetId, leg.windowUs);
    if (!window)
        return failure(window.error());
    auto settled = db.run("UPDATE attempt_legs SET settled = ? WHERE attempt_id = ? AND "
                          "budget_id = ? AND settled IS NULL",
                          charge, attemptId, leg.budgetId);
    if (!settled)
        return failure(settled.error());
    if (*window != 1 || *settled != 1)
        return failure(ErrorKind::Internal,
                       QStringLiteral("The books do not agree: a hold has no window."), "books");
    return {};
}

Result<void> addJournal(Database &db, std::int64_t attemptId, const QByteArray &kind,
                        std::int64_t nowUs, const std::vector<Posting> &postings)
{
    auto added
        = db.run("INSERT INTO journal(id, kind, at_us) VALUES(?,?,?)", attemptId, kind, nowUs);
    if (!added)
        return failure(added.error());
    const auto account = [&](std::size_t i) {
        return QByteArray::fromRawData(postings[i].account, qsizetype(strlen(postings[i].account)));
    };
    // Two or three, nearly always: one statement costs little more than a row.
    if (postings.size() == 2 || postings.size() == 3) {
        const Posting &a = postings[0];
        const Posting &b = postings[1];
        const Posting &c = postings.back();
        added = postings.size() == 2
            ? db.run("INSERT INTO postings(journal_id, account, owner_id, amount) "
                     "VALUES(?,?,?,?),(?,?,?,?)",
                     attemptId, account(0), a.ownerId, a.amount, attemptId, account(1), b.ownerId,
                     b.amount)
            : db.run("INSERT INTO postings(journal_id, account, owner_id, amount) "
                     "VALUES(?,?,?,?),(?,?,?,?),(?,?,?,?)",
                     attemptId, account(0), a.ownerId, a.amount, attemptId, account(1), b.ownerId,
                     b.amount, attemptId, account(2), c.ownerId, c.amount);
        return added ? Result<void>() : failure(added.error());
    }
    for (std::size_t i = 0; i < postings.size(); ++i) {
        added = db.run("INSERT INTO postings(journal_id, account, owner_id, amount) "
                       "VALUES(?,?,?,?)",
                       attemptId, account(i), postings[i].ownerId, postings[i].amount);
        if (!added)
            return failure(added.error());
    }
    return {};
}

Result<std::vector<OpenAttempt>> openAttempts(Database &db, std::int64_t afterId, int limit)
{
    std::vector<OpenAttempt> list;
    auto done = db.each(
        "SELECT id, request_id, number, token_id, channel_id, key_id, model, "
        "reason, state, price_id, fixed, held, cost, charge, input, cache_read, "
        "cache_write_5m, cache_write_1h, output, reasoning, audio_input, "
        "audio_output, image_input, image_output, flags, status, error, "
        "error_text, started_us, changed_us, connect_us, first_byte_us, "
        "first_token_us, end_us, units FROM attempts INDEXED BY attempts_open "
        "WHERE state NOT IN (3, 4) AND id > ? ORDER BY id LIMIT ?",
        [&](const Row &row) { list.push_back(readAttempt(row)); }, afterId, limit);
    if (!done)
        return failure(done.error());
    for (OpenAttempt &attempt : list) {
        if (auto legs = readLegs(db, attempt); !legs)
            return failure(legs.error());
    }
    return list;
}

Result<bool> hasRequest(Database &db, const QByteArray &id)
{
    auto found = db.integer("SELECT 1 FROM requests WHERE id = ?", id);
    if (!found)
        return failure(found.error());
    return found->has_value();
}

Result<Sums> sumsOf(Database &db, const QByteArray &requestId)
{
    Sums sums;
    auto done = db.each(
        "SELECT count(*), sum(cost), sum(charge) FROM attempts WHERE request_id = ?",
        [&](const Row &row) {
            sums = {row.integer(0), row.nano(1), row.nano(2)};
        },
        requestId);
    if (!done)
        return failure(done.error());
    return sums;
}

Result<void> addLate(Database &db, const OpenAttempt &attempt)
{
    RequestRow before;
    bool found = false;
    auto read = db.each(
        "SELECT started_us, token_id, channel_id, model, cost, charge, flags "
        "FROM requests WHERE id = ?",
        [&](const Row &row) {
            found = true;
            before.startedUs = row.integer(0);
            before.tokenId = row.integer(1);
            before.channelId = row.integer(2);
            before.model = row.text(3);
            before.cost = row.nano(4);
            before.charge = row.nano(5);
            before.flags = std::uint32_t(row.integer(6));
        },
        attempt.row.requestId);
    if (!read)
        return read;
    auto sums = sumsOf(db, attempt.row.requestId);
    if (!sums)
        return failure(sums.error());
    if (!found) {
        RequestRow request = requestFrom(attempt);
        request.attempts = int(sums->count);
        request.cost = sums->cost;
        request.charge = sums->charge;
        auto added = addRequest(db, request);
        return added ? Result<void>() : failure(added.error());
    }
    const std::uint32_t flags = before.flags | (attempt.row.flags & (Estimated | OutcomeUnknown));
    auto changed = db.run("UPDATE requests SET cost = ?, charge = ?, flags = ? WHERE id = ?",
                          sums->cost, sums->charge, flags, attempt.row.requestId);
    if (!changed)
        return failure(changed.error());
    Totals delta;
    delta.cost = NanoUsd{sums->cost.value - before.cost.value};
    delta.charge = NanoUsd{sums->charge.value - before.charge.value};
    delta.estimated = (flags & Estimated) != 0 && (before.flags & Estimated) == 0 ? 1 : 0;
    db.rollups().add(rollupKey(before), delta);
    return {};
}

} // namespace tollgate::store
