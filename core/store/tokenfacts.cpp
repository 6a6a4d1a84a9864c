// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/tokenfacts.h"

#include "core/store/clientname.h"
#include "core/store/database.h"

namespace tollgate::store {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;

// By the hour: what a list shows a second later need not be read from the log itself.
std::int64_t wholeHour(std::int64_t us)
{
    return us / kHourUs * kHourUs;
}

} // namespace

Result<std::unordered_map<std::int64_t, TokenFacts>> tokenFacts(Database &db, std::int64_t dayUs,
                                                                std::int64_t nowUs)
{
    std::unordered_map<std::int64_t, TokenFacts> facts;
    const auto sum = [&](std::int64_t sinceUs, Totals TokenFacts::*member) -> Result<void> {
        auto rows = usage(db, UsageBy::Token, sinceUs, 0);
        if (!rows)
            return failure(rows.error());
        for (const UsageRow &row : *rows)
            facts[row.id].*member = row.totals;
        return {};
    };
    if (auto done = sum(wholeHour(nowUs - 24 * kHourUs), &TokenFacts::day); !done)
        return failure(done.error());
    if (auto done = sum(dayUs, &TokenFacts::today); !done)
        return failure(done.error());
    if (auto done = sum(wholeHour(nowUs - 30 * 24 * kHourUs), &TokenFacts::month); !done)
        return failure(done.error());
    auto done = db.each("SELECT t.id, r.started_us, r.user_agent, r.client_ip FROM tokens t "
                        "JOIN requests r ON r.sequence = (SELECT l.sequence FROM requests l "
                        "WHERE l.token_id = t.id ORDER BY l.started_us DESC LIMIT 1)",
                        [&](const Row &row) {
                            TokenFacts &fact = facts[row.integer(0)];
                            fact.lastUs = row.integer(1);
                            fact.client = clientName(row.text(2));
                            fact.clientIp = row.text(3);
                        });
    if (!done)
        return failure(done.error());
    return facts;
}

} // namespace tollgate::store
