// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ledger/account.h"
#include "core/store/database.h"

#include <QDateTime>
#include <QTimeZone>

#include <algorithm>

namespace tollgate::ledger {
namespace {

// One budget that the caller stands under, and what is left in its window.
struct Place
{
    store::BudgetRow budget;
    std::int64_t windowUs = 0;
    bool open = false; // has its window a row yet?
    NanoUsd available;
};

QString spanName(store::BudgetWindow window)
{
    switch (window) {
    case store::BudgetWindow::Total:
        return QStringLiteral("in total");
    case store::BudgetWindow::Day:
        return QStringLiteral("a day");
    case store::BudgetWindow::Week:
        return QStringLiteral("a week");
    case store::BudgetWindow::Month:
        return QStringLiteral("a month");
    }
    return {};
}

Error exhausted(store::Database &db, const Place &place, std::int64_t nowUs)
{
    const store::BudgetRow &budget = place.budget;
    Error error;
    error.kind = ErrorKind::BudgetExhausted;
    const auto name = store::budgetOwnerName(db, budget);
    error.message = QStringLiteral("The budget of %1 (%2 USD %3) does not cover this request: "
                                   "%4 USD are left.")
                        .arg(name ? *name : QString::fromUtf8(budget.kind), formatUsd(budget.cap),
                             spanName(budget.window),
                             formatUsd(NanoUsd{std::max<std::int64_t>(place.available.value, 0)}));
    const std::int64_t end = store::windowEnd(budget.window, place.windowUs);
    if (end == 0) {
        error.message += QStringLiteral(" Ask for it to be raised.");
        return error;
    }
    const QDateTime resets = QDateTime::fromMSecsSinceEpoch(end / 1000, QTimeZone::utc());
    error.message += QStringLiteral(" It resets on %1 UTC.")
                         .arg(resets.toString(QStringLiteral("yyyy-MM-dd HH:mm")));
    const std::int64_t seconds = std::max<std::int64_t>((end - nowUs + 999'999) / 1'000'000, 1);
    error.retryAfterSeconds = int(std::min<std::int64_t>(seconds, std::numeric_limits<int>::max()));
    return error;
}

Result<std::vector<Place>> placesOf(store::Database &db, Memory &memory,
                                    std::vector<std::int64_t> ids, std::int64_t nowUs)
{
    // In ascending order and each once, as every store with row locks wants it.
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::vector<Place> places;
    for (const std::int64_t id : ids) {
        auto budget = memory.budget(db, id);
        if (!budget)
            return failure(budget.error());
        Place place;
        // Never a window older than the newest one: a clock that was set back refills nothing.
        place.windowUs
            = std::max(budget->latestWindowUs, store::windowStart(budget->window, nowUs));
        place.budget = std::move(*budget);
        places.push_back(std::move(place));
    }
    return places;
}

Result<void> readAvailable(store::Database &db, std::vector<Place> &places)
{
    for (Place &place : places) {
        auto window = store::budgetWindow(db, place.budget.id, place.windowUs);
        if (!window)
            return failure(window.error());
        place.open = window->has_value();
        place.available = place.budget.cap;
        if (place.open)
            place.available = NanoUsd{(*window)->cap.value - (*window)->reserved.value
                                      - (*window)->spent.value};
    }
    return {};
}

struct Grant
{
    NanoUsd amount;
    std::int64_t outputTokens = 0;
};

// What is held at first of the `whole` that `tokens` cost at most.
NanoUsd leased(const HoldRequest &request, std::int64_t tokens, NanoUsd whole)
{
    if (request.leasedTokens <= 0 || request.leasedTokens >= tokens)
        return whole;
    return holdFor(request.fixed, request.perOutputToken, request.leasedTokens).value_or(whole);
}

Result<Grant> grantWithin(store::Database &db, const std::vector<Place> &places,
                          const HoldRequest &request, NanoUsd full, std::int64_t nowUs)
{
    const auto tightest
        = std::min_element(places.begin(), places.end(), [](const Place &a, const Place &b) {
              return a.available < b.available;
          });
    if (full <= tightest->available)
        return Grant{leased(request, request.outputTokens, full), request.outputTokens};
    const std::int64_t tokens
        = std::min(affordable(tightest->available, request.fixed, request.perOutputToken),
                   request.outputTokens);
    const std::int64_t floor = std::clamp<std::int64_t>(
        request.minimumOutputTokens, 1, std::max<std::int64_t>(request.outputTokens, 1));
    if (tokens < floor)
        return failure(exhausted(db, *tightest, nowUs));
    const auto amount = holdFor(request.fixed, request.perOutputToken, tokens);
    if (!amount || *amount > tightest->available)
        return failure(exhausted(db, *tightest, nowUs));
    return Grant{leased(request, tokens, *amount), tokens};
}

Result<void> take(store::Database &db, const std::vector<Place> &places, NanoUsd amount,
                  std::int64_t nowUs)
{
    for (const Place &place : places) {
        if (!place.open) {
            if (auto opened = store::openWindow(db, place.budget.id, place.windowUs); !opened)
                return opened;
        }
        auto held = store::holdInWindow(db, {place.budget.id, place.windowUs, amount}, amount);
        if (!held)
            return failure(held.error());
        if (!*held)
            return failure(exhausted(db, place, nowUs));
    }
    return {};
}

Result<Grant> hold(store::Database &db, std::vector<Place> &places, const HoldRequest &request,
                   NanoUsd full, std::int64_t nowUs)
{
    if (places.empty())
        return Grant{full, request.outputTokens};
    if (places.size() == 1) { // nearly always: one guarded update says it all
        const NanoUsd first = leased(request, request.outputTokens, full);
        auto held = store::holdInWindow(db, {places[0].budget.id, places[0].windowUs, first}, full);
        if (!held)
            return failure(held.error());
        if (*held)
            return Grant{first, request.outputTokens};
    }
    if (auto read = readAvailable(db, places); !read)
        return failure(read.error());
    auto grant = grantWithin(db, places, request, full, nowUs);
    if (!grant)
        return grant;
    if (auto taken = take(db, places, grant->amount, nowUs); !taken)
        return failure(taken.error());
    return grant;
}

} // namespace

std::optional<NanoUsd> holdFor(NanoUsd fixed, PicoUsd perToken, std::int64_t tokens)
{
    if (fixed.value < 0 || perToken.value < 0 || tokens < 0)
        return std::nullopt;
    const auto pico = checkedMultiply(perToken.value, tokens);
    const auto output = pico ? roundUp(PicoUsd{*pico}) : std::nullopt;
    const auto sum = output ? checkedAdd(fixed.value, output->value) : std::nullopt;
    if (!sum)
        return std::nullopt;
    return NanoUsd{*sum};
}

std::int64_t affordable(NanoUsd available, NanoUsd fixed, PicoUsd perToken)
{
    const auto left = checkedSubtract(available.value, fixed.value);
    if (!left || *left < 0)
        return 0;
    if (perToken.value <= 0)
        return std::numeric_limits<std::int64_t>::max();
    // left * 1000 / perToken without leaving 64 bits.
    const auto whole = checkedMultiply(*left / perToken.value, 1000);
    const auto rest = checkedMultiply(*left % perToken.value, 1000);
    if (!whole || !rest)
        return whole ? *whole : std::numeric_limits<std::int64_t>::max();
    return *whole + *rest / perToken.value;
}

Result<Hold> reserveIn(store::Database &db, Memory &memory, const HoldRequest &request,
                       std::int64_t nowUs)
{
    memory.keepInStep(db);
    if (request.idempotency) {
        auto earlier = earlierAnswer(db, request, nowUs);
        if (!earlier)
            return failure(earlier.error());
        if (*earlier) {
            Hold replayed;
            replayed.replay = std::move(*earlier);
            return replayed;
        }
    }
    const auto full = holdFor(request.fixed, request.perOutputToken, request.outputTokens);
    if (!full)
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("The request could cost more than can be counted; ask for "
                                      "fewer output tokens."),
                       "too_many_tokens");
    auto places = placesOf(db, memory, request.budgetIds, nowUs);
    if (!places)
        return failure(places.error());
    auto grant = hold(db, *places, request, *full, nowUs);
    if (!grant)
        return failure(grant.error());

    if (request.idempotency) {
        if (auto taken = takeKey(db, request, nowUs); !taken)
            return failure(taken.error());
    }

    store::OpenAttempt attempt;
    attempt.row = request.attempt;
    attempt.row.state = store::AttemptState::Sent;
    attempt.row.held = grant->amount;
    if (grant->outputTokens < request.outputTokens)
        attempt.row.flags |= store::Lowered;
    attempt.tokenId = request.tokenId;
    attempt.fixed = std::min(request.fixed, grant->amount);
    attempt.changedUs = nowUs;
    for (const Place &place : *places)
        attempt.legs.push_back({place.budget.id, place.windowUs, grant->amount});
    auto id = store::addAttempt(db, attempt);
    if (!id)
        return failure(id.error());
    attempt.row.id = *id;
    memory.keepInStep(db); // a window may just have been opened
    memory.remember(attempt);
    return Hold{*id, grant->amount, grant->outputTokens, std::nullopt};
}

Result<NanoUsd> extendIn(store::Database &db, Memory &memory, std::int64_t attemptId, NanoUsd by,
                         NanoUsd atLeast)
{
    memory.keepInStep(db);
    auto open = memory.attempt(db, attemptId);
    if (!open)
        return failure(open.error());
    if (!*open)
        return failure(ErrorKind::NotFound, QStringLiteral("There is no such attempt."),
                       "attempt_not_found");
    store::OpenAttempt attempt = std::move(**open);
    NanoUsd most = by;
    for (const store::Leg &leg : attempt.legs) {
        auto window = store::budgetWindow(db, leg.budgetId, leg.windowUs);
        if (!window)
            return failure(window.error());
        const store::WindowRow row = window->value_or(store::WindowRow());
        most = std::min(most, NanoUsd{row.cap.value - row.reserved.value - row.spent.value});
    }
    if (most.value <= 0 || most < atLeast)
        return failure(ErrorKind::BudgetExhausted,
                       QStringLiteral("The budget ran out while the answer was under way, which "
                                      "was cut short there."));
    auto grown = store::growHold(db, attemptId, most);
    if (!grown)
        return failure(grown.error());
    if (!*grown)
        return failure(ErrorKind::Conflict, QStringLiteral("The attempt has ended."),
                       "attempt_ended");
    for (store::Leg &leg : attempt.legs) {
        auto held = store::holdInWindow(db, {leg.budgetId, leg.windowUs, most}, most);
        if (!held)
            return failure(held.error());
        if (!*held)
            return failure(ErrorKind::Internal,
                           QStringLiteral("The books do not agree: a hold has no window."),
                           "books");
        leg.held.value += most.value;
    }
    attempt.row.held.value += most.value;
    memory.remember(attempt);
    return most;
}

} // namespace tollgate::ledger
