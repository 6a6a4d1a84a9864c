// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/account.h"
#include "core/ledger/pricestore.h"
#include "core/store/database.h"

namespace tollgate::ledger {
namespace {

// More attempts than can be open at once; reached only if many were never settled here.
constexpr qsizetype mostAttempts = 100'000;

} // namespace

void Memory::keepInStep(const store::Database &db)
{
    if (m_epoch == db.epoch())
        return;
    m_epoch = db.epoch();
    m_budgets.clear();
    m_attempts.clear();
}

Result<store::BudgetRow> Memory::budget(store::Database &db, std::int64_t id)
{
    if (const auto found = m_budgets.constFind(id); found != m_budgets.constEnd())
        return *found;
    auto row = store::budget(db, id);
    if (!row)
        return failure(row.error());
    if (!*row)
        return failure(ErrorKind::Internal,
                       QStringLiteral("The token's budget does not exist any more."),
                       "budget_missing");
    m_budgets.insert(id, **row);
    return **row;
}

Result<const Price *> Memory::price(store::Database &db, std::int64_t id)
{
    if (const auto found = m_prices.constFind(id); found != m_prices.constEnd())
        return &*found;
    auto row = store::priceVersion(db, id);
    if (!row)
        return failure(row.error());
    if (!*row)
        return nullptr;
    auto price = fromRow(**row);
    if (!price)
        return failure(price.error());
    return &*m_prices.insert(id, std::move(*price));
}

void Memory::remember(const store::OpenAttempt &attempt)
{
    if (m_attempts.size() >= mostAttempts)
        m_attempts.clear();
    m_attempts.insert(attempt.row.id, attempt);
}

Result<std::optional<store::OpenAttempt>> Memory::attempt(store::Database &db, std::int64_t id)
{
    if (const auto found = m_attempts.constFind(id); found != m_attempts.constEnd())
        return std::optional<store::OpenAttempt>(*found);
    return store::openAttempt(db, id);
}

} // namespace tollgate::ledger
