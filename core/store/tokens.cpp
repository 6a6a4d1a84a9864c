// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/tokens.h"

#include "core/store/budgets.h"
#include "core/store/database.h"
#include "core/store/jsoncolumns.h"

#include <map>

namespace tollgate::store {
namespace {

using Digests = std::vector<std::pair<QByteArray, std::int64_t>>;

TokenRow readToken(const Row &row)
{
    TokenRow token;
    token.id = row.integer(0);
    token.name = row.string(1);
    token.digest = row.blob(2);
    token.prefix = row.text(3);
    token.state = TokenState(row.number(4));
    token.expiresUs = row.integer(5);
    token.models = listFromJson(row.text(6));
    token.ipRanges = listFromJson(row.text(7));
    token.requestsPerMinute = row.number(8);
    token.tokensPerMinute = row.integer(9);
    token.concurrency = row.number(10);
    token.metrics = row.boolean(11);
    token.budgetId = row.integer(12);
    token.version = row.integer(13);
    token.createdUs = row.integer(14);
    token.lastUsedUs = row.integer(15);
    if (token.budgetId != 0) {
        token.budget = row.nano(16);
        token.budgetWindow = BudgetWindow(row.number(17));
    }
    token.keptIn = KeySource(row.number(18));
    token.reference = row.text(19);
    token.removedUs = row.integer(20);
    return token;
}

Error notFound()
{
    return {ErrorKind::NotFound,
            QStringLiteral("There is no such token."),
            "token_not_found",
            -1,
            {},
            {}};
}

Error nameTaken(const QString &name)
{
    return {ErrorKind::Conflict,
            QStringLiteral("There is already a token named \"%1\".").arg(name),
            "name_taken",
            -1,
            "name",
            {}};
}

Result<bool> isNameTaken(Database &db, const QString &name, std::int64_t exceptId)
{
    auto found = db.integer("SELECT id FROM tokens WHERE name = ? AND state <> 2 AND id <> ?", name,
                            exceptId);
    if (!found)
        return failure(found.error());
    return found->has_value();
}

Result<std::int64_t> addBudgetFor(Database &db, const TokenRow &row, std::int64_t tokenId,
                                  std::int64_t nowUs)
{
    BudgetRow budget;
    budget.ownerId = tokenId;
    budget.window = row.budgetWindow;
    budget.cap = *row.budget;
    auto added = addBudget(db, budget, nowUs);
    if (!added)
        return failure(added.error());
    auto linked = db.run("UPDATE tokens SET budget_id = ? WHERE id = ?", added->id, tokenId);
    if (!linked)
        return failure(linked.error());
    return added->id;
}

// What a change of the token's budget means for the budget's own rows.
Result<void> adjustBudget(Database &db, const TokenRow &before, const TokenRow &after,
                          std::int64_t nowUs)
{
    const bool sameKind
        = before.budget && after.budget && before.budgetWindow == after.budgetWindow;
    if (sameKind)
        return *before.budget == *after.budget ? Result<void>()
                                               : setBudgetCap(db, before.budgetId, *after.budget);
    if (before.budget) {
        auto unlinked = db.run("UPDATE tokens SET budget_id = NULL WHERE id = ?", before.id);
        if (!unlinked)
            return failure(unlinked.error());
        if (auto retired = retireBudget(db, before.budgetId); !retired)
            return retired;
    }
    if (after.budget) {
        auto added = addBudgetFor(db, after, before.id, nowUs);
        if (!added)
            return failure(added.error());
    }
    return {};
}

} // namespace

Result<std::vector<TokenRow>> tokens(Database &db)
{
    std::vector<TokenRow> list;
    auto done = db.each("SELECT t.id, t.name, t.digest, t.prefix, t.state, t.expires_us, t.models, "
                        "t.ip_ranges, t.requests_per_minute, t.tokens_per_minute, t.concurrency, "
                        "t.metrics, t.budget_id, t.version, t.created_us, t.last_used_us, b.cap, "
                        "b.span, t.kept_in, t.reference, t.removed_us FROM tokens t LEFT JOIN "
                        "budgets b ON b.id = t.budget_id "
                        "ORDER BY t.state = 2, t.name, t.id",
                        [&](const Row &row) { list.push_back(readToken(row)); });
    if (!done)
        return failure(done.error());
    std::map<std::int64_t, Digests> earlier;
    done = db.each("SELECT token_id, digest, until_us FROM earlier_digests", [&](const Row &row) {
        earlier[row.integer(0)].emplace_back(row.blob(1), row.integer(2));
    });
    if (!done)
        return failure(done.error());
    for (TokenRow &row : list) {
        if (const auto found = earlier.find(row.id); found != earlier.end())
            row.earlier = std::move(found->second);
    }
    return list;
}

Result<TokenRow> token(Database &db, std::int64_t id)
{
    std::optional<TokenRow> found;
    auto done = db.each(
        "SELECT t.id, t.name, t.digest, t.prefix, t.state, t.expires_us, t.models, "
        "t.ip_ranges, t.requests_per_minute, t.tokens_per_minute, t.concurrency, "
        "t.metrics, t.budget_id, t.version, t.created_us, t.last_used_us, b.cap, "
        "b.span, t.kept_in, t.reference, t.removed_us FROM tokens t LEFT JOIN budgets b ON b.id = "
        "t.budget_id "
        "WHERE t.id = ?",
        [&](const Row &row) { found = readToken(row); }, id);
    if (!done)
        return failure(done.error());
    if (!found)
        return failure(notFound());
    done = db.each(
        "SELECT digest, until_us FROM earlier_digests WHERE token_id = ?",
        [&](const Row &row) { found->earlier.emplace_back(row.blob(0), row.integer(1)); }, id);
    if (!done)
        return failure(done.error());
    return std::move(*found);
}

Result<TokenRow> tokenNamed(Database &db, const QString &name)
{
    auto id = db.integer("SELECT id FROM tokens WHERE name = ? AND state <> 2", name);
    if (!id)
        return failure(id.error());
    if (!*id)
        return failure(notFound());
    return token(db, **id);
}

Result<TokenRow> addToken(Database &db, TokenRow row, std::int64_t nowUs)
{
    auto taken = isNameTaken(db, row.name, 0);
    if (!taken)
        return failure(taken.error());
    if (*taken && row.state != TokenState::Revoked)
        return failure(nameTaken(row.name));
    auto added = db.run(
        "INSERT INTO tokens(name, digest, prefix, state, expires_us, models, ip_ranges, "
        "requests_per_minute, tokens_per_minute, concurrency, metrics, budget_id, version, "
        "created_us, last_used_us, kept_in, reference) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,NULL,1,?,0,?,?)",
        row.name, Blob{row.digest}, row.prefix, int(row.state), row.expiresUs,
        listToJson(row.models), listToJson(row.ipRanges), row.requestsPerMinute,
        row.tokensPerMinute, row.concurrency, row.metrics, nowUs, int(row.keptIn), row.reference);
    if (!added)
        return failure(added.error());
    const std::int64_t id = db.lastInsertId();
    if (row.budget) {
        if (auto budget = addBudgetFor(db, row, id, nowUs); !budget)
            return failure(budget.error());
    }
    return token(db, id);
}

Result<TokenRow> updateToken(Database &db, const TokenRow &row, std::int64_t nowUs)
{
    auto before = token(db, row.id);
    if (!before)
        return before;
    auto taken = isNameTaken(db, row.name, row.id);
    if (!taken)
        return failure(taken.error());
    const bool revoked = before->state == TokenState::Revoked;
    if (*taken && !revoked)
        return failure(nameTaken(row.name));
    const TokenState state = revoked ? TokenState::Revoked : row.state;
    auto changed = db.run("UPDATE tokens SET name=?, state=?, expires_us=?, models=?, ip_ranges=?, "
                          "requests_per_minute=?, tokens_per_minute=?, concurrency=?, metrics=?, "
                          "version = version + 1 WHERE id = ? AND version = ?",
                          row.name, int(state), row.expiresUs, listToJson(row.models),
                          listToJson(row.ipRanges), row.requestsPerMinute, row.tokensPerMinute,
                          row.concurrency, row.metrics, row.id, row.version);
    if (!changed)
        return failure(changed.error());
    if (*changed == 0)
        return failure(ErrorKind::Conflict,
                       QStringLiteral("The token was changed meanwhile; look at it again."),
                       "version");
    if (auto adjusted = adjustBudget(db, *before, row, nowUs); !adjusted)
        return failure(adjusted.error());
    return token(db, row.id);
}

Result<TokenRow> setTokenState(Database &db, std::int64_t id, TokenState state)
{
    auto before = token(db, id);
    if (!before)
        return before;
    if (before->state == TokenState::Revoked && state != TokenState::Revoked)
        return failure(ErrorKind::Conflict,
                       QStringLiteral("A revoked token stays revoked; make a new one."), "revoked");
    auto changed
        = db.run("UPDATE tokens SET state = ?, version = version + 1 WHERE id = ?", int(state), id);
    if (!changed)
        return failure(changed.error());
    return token(db, id);
}

Result<TokenRow> rotateToken(Database &db, const TokenRow &row, std::int64_t graceUntilUs,
                             std::int64_t nowUs)
{
    auto before = token(db, row.id);
    if (!before)
        return before;
    if (before->state == TokenState::Revoked)
        return failure(ErrorKind::Conflict,
                       QStringLiteral("A revoked token stays revoked; make a new one."), "revoked");
    // What was rotated before and is over makes room; two graces may run side by side.
    auto pruned
        = db.run("DELETE FROM earlier_digests WHERE token_id = ? AND until_us <= ?", row.id, nowUs);
    if (!pruned)
        return failure(pruned.error());
    if (graceUntilUs > nowUs) {
        auto kept = db.run("INSERT INTO earlier_digests(digest, token_id, until_us) VALUES(?,?,?)",
                           Blob{before->digest}, row.id, graceUntilUs);
        if (!kept)
            return failure(kept.error());
    }
    auto changed
        = db.run("UPDATE tokens SET digest = ?, prefix = ?, kept_in = ?, reference = ?, "
                 "version = version + 1 WHERE id = ? AND version = ?",
                 Blob{row.digest}, row.prefix, int(row.keptIn), row.reference, row.id, row.version);
    if (!changed)
        return failure(changed.error());
    if (*changed == 0)
        return failure(ErrorKind::Conflict,
                       QStringLiteral("The token was changed meanwhile; look at it again."),
                       "version");
    return token(db, row.id);
}

Result<TokenRow> removeToken(Database &db, std::int64_t id, std::int64_t nowUs)
{
    auto before = token(db, id);
    if (!before)
        return before;
    if (before->state == TokenState::Revoked)
        return failure(ErrorKind::Conflict, QStringLiteral("This token is revoked already."),
                       "revoked");
    auto changed = db.run("UPDATE tokens SET state = 2, removed_us = ?, version = version + 1 "
                          "WHERE id = ?",
                          nowUs, id);
    if (!changed)
        return failure(changed.error());
    return token(db, id);
}

Result<TokenRow> restoreToken(Database &db, std::int64_t id)
{
    auto before = token(db, id);
    if (!before)
        return before;
    if (before->removedUs == 0)
        return failure(ErrorKind::NotFound, QStringLiteral("This token is not in the trash."),
                       "not_in_trash");
    auto taken = isNameTaken(db, before->name, id);
    if (!taken)
        return failure(taken.error());
    if (*taken)
        return failure(nameTaken(before->name));
    auto changed = db.run("UPDATE tokens SET state = 0, removed_us = 0, version = version + 1 "
                          "WHERE id = ?",
                          id);
    if (!changed)
        return failure(changed.error());
    return token(db, id);
}

Result<void> forgetToken(Database &db, std::int64_t id)
{
    auto earlier = db.run("DELETE FROM earlier_digests WHERE token_id = ?", id);
    if (!earlier)
        return failure(earlier.error());
    auto changed = db.run("UPDATE tokens SET removed_us = 0, kept_in = ?, reference = '', "
                          "version = version + 1 WHERE id = ? AND removed_us > 0",
                          int(KeySource::None), id);
    if (!changed)
        return failure(changed.error());
    return {};
}

} // namespace tollgate::store
