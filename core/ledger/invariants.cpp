// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/invariants.h"

#include "core/ledger/account.h"
#include "core/ledger/pricestore.h"
#include "core/store/books.h"
#include "core/store/database.h"
#include "core/store/requests.h"

#include <algorithm>

namespace tollgate::ledger {
namespace {

// How far back the check of each minute looks.
constexpr std::int64_t recentAttempts = 5'000;
// A finished request's row may wait in memory for the disk this long before that is wrong.
constexpr std::int64_t lateRecordUs = 3'600'000'000;

class Audit
{
public:
    explicit Audit(store::Database &db)
        : m_db(db)
    {
    }

    void note(const char *invariant, const store::Lines &lines)
    {
        if (!lines) {
            if (m_done)
                m_done = failure(lines.error());
            return;
        }
        for (const QString &line : *lines)
            m_violations.push_back({invariant, line});
    }
    void windows()
    {
        auto wrong = store::windowMismatches(m_db);
        if (!wrong) {
            note("", failure(wrong.error()));
            return;
        }
        for (const store::WindowMismatch &w : *wrong) {
            if (w.reserved != w.legsReserved)
                add("I1",
                    QStringLiteral("budget %1, window %2: reserved %3, its legs say %4")
                        .arg(w.budgetId)
                        .arg(w.windowUs)
                        .arg(w.reserved.value)
                        .arg(w.legsReserved.value));
            if (w.spent != w.legsSpent)
                add("I2",
                    QStringLiteral("budget %1, window %2: spent %3, its legs say %4")
                        .arg(w.budgetId)
                        .arg(w.windowUs)
                        .arg(w.spent.value)
                        .arg(w.legsSpent.value));
        }
    }
    void priceHashes()
    {
        auto rows = store::priceVersions(m_db);
        if (!rows) {
            note("", failure(rows.error()));
            return;
        }
        for (const store::PriceVersionRow &row : *rows) {
            if (store::priceHash(row) != row.hash)
                add("I9", QStringLiteral("price version %1 was changed").arg(row.id));
        }
    }
    // I7: the cost of every attempt, computed again from its counts and its price.
    void costs(std::int64_t fromAttempt)
    {
        std::vector<store::OpenAttempt> ended;
        auto read = store::eachEnded(m_db, fromAttempt,
                                     [&](const store::OpenAttempt &a) { ended.push_back(a); });
        if (!read) {
            note("", failure(read.error()));
            return;
        }
        for (const store::OpenAttempt &attempt : ended)
            cost(attempt);
    }
    [[nodiscard]] Result<std::vector<Violation>> take()
    {
        if (!m_done)
            return failure(m_done.error());
        return std::move(m_violations);
    }

private:
    void add(const char *invariant, QString detail)
    {
        m_violations.push_back({invariant, std::move(detail)});
    }
    void cost(const store::OpenAttempt &a)
    {
        const store::AttemptRow &row = a.row;
        const auto expected = expectedCost(a);
        if (!expected) {
            add("I7",
                QStringLiteral("attempt %1: its cost cannot be computed: %2")
                    .arg(row.id)
                    .arg(expected.error().message));
            return;
        }
        if (row.cost != *expected)
            add("I7",
                QStringLiteral("attempt %1: cost %2, its counts make %3")
                    .arg(row.id)
                    .arg(row.cost.value)
                    .arg(expected->value));
        const NanoUsd most = a.legs.empty() ? row.cost : std::min(row.cost, row.held);
        if (row.charge > most)
            add("I7",
                QStringLiteral("attempt %1: charge %2, at most %3 is owed")
                    .arg(row.id)
                    .arg(row.charge.value)
                    .arg(most.value));
    }
    Result<NanoUsd> expectedCost(const store::OpenAttempt &a)
    {
        if (a.row.state == store::AttemptState::Released || a.row.priceId == 0)
            return NanoUsd{};
        if (isBilledByHold(a))
            return a.fixed;
        auto price = m_memory.price(m_db, a.row.priceId);
        if (!price)
            return failure(price.error());
        if (*price == nullptr)
            return failure(ErrorKind::Internal, QStringLiteral("its price is gone"));
        return costOf(**price, a.row.usage, a.row.units);
    }

    store::Database &m_db;
    Memory m_memory;
    std::vector<Violation> m_violations;
    Result<void> m_done;
};

} // namespace

Result<std::vector<Violation>> checkInvariants(store::Database &db, Scope scope, std::int64_t nowUs,
                                               InvariantLimits limits)
{
    std::int64_t fromAttempt = 0;
    std::int64_t fromSequence = 0;
    if (scope == Scope::Recent) {
        auto attempt = store::lastAttempt(db);
        if (!attempt)
            return failure(attempt.error());
        auto sequence = store::lastSequence(db);
        if (!sequence)
            return failure(sequence.error());
        fromAttempt = *attempt - recentAttempts;
        fromSequence = *sequence - recentAttempts;
    }
    Audit audit(db);
    audit.windows(); // I1, I2
    audit.note("I1", store::legsAgainstAttempts(db));
    audit.note("I3", store::overdrawnWindows(db));
    audit.note("I4", store::unbalancedJournals(db, fromAttempt));
    audit.note("I5", store::attemptsAgainstJournal(db, fromAttempt));
    audit.note("I6", store::overchargedAttempts(db, fromAttempt));
    audit.costs(fromAttempt); // I7
    audit.note("I7", store::postingsAgainstAttempts(db, fromAttempt));
    if (limits.maxAttemptAgeUs > 0)
        audit.note("I8", store::staleAttempts(db, nowUs - limits.maxAttemptAgeUs));
    audit.note("I9", store::attemptsWithoutPrice(db, fromAttempt));
    audit.note("I11", store::unequalLegs(db));
    audit.note("I12", store::requestsAgainstAttempts(db, fromSequence));
    audit.note("I12", store::attemptsWithoutRequest(db, fromAttempt, nowUs - lateRecordUs));
    if (scope == Scope::Full) {
        audit.priceHashes(); // I9
        audit.note("I12", store::rollupsAgainstRequests(db));
    }
    return audit.take();
}

Result<std::int64_t> foldSettledLegs(store::Database &db, int slice)
{
    return store::foldLegs(db, slice);
}

Result<std::int64_t> repairWindows(store::Database &db, std::int64_t)
{
    return store::repairWindowSums(db);
}

} // namespace tollgate::ledger
