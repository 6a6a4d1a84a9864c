// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of a token later: shown again, rotated, raised once.
#include "core/access/token.h"
#include "core/admin/handlers.h"
#include "core/admin/rowjson.h"
#include "core/admin/steps.h"
#include "core/admin/tokentext.h"
#include "core/admin/tokenview.h"
#include "core/admin/units.h"
#include "core/store/tokens.h"

namespace tollgate::admin {
namespace {

constexpr std::int64_t kLongestGraceUs = 30LL * 86'400'000'000;

QByteArray objectName(const store::TokenRow &row)
{
    return "token:" + QByteArray::number(qlonglong{row.id});
}

struct Described
{
    store::TokenRow row;
    std::vector<store::BudgetState> budgets;
};

} // namespace

Answer tokenReveal(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "token");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::TokenRow>> finding = find(desk, target, store::tokenNamed);
    const Result<store::TokenRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const OneShot<secrets::Lookup> looking = findTokenText(desk, *row);
    const secrets::Lookup found = co_await looking;
    if (found.state != secrets::KeyState::Present || !found.secret) {
        const bool once = row->keptIn == store::KeySource::None;
        co_return failure(once ? ErrorKind::Conflict : ErrorKind::Unavailable,
                          found.detail.isEmpty()
                              ? QStringLiteral("The token is not where it was kept; rotate it.")
                              : found.detail,
                          once ? "shown_once" : "not_readable");
    }
    const store::AuditRow trail
        = desk.auditRow("token.reveal", objectName(*row), {{QStringLiteral("name"), row->name}});
    const auto writing
        = desk.write([trail](store::Database &db) { return store::audit(db, trail); });
    const Result<void> audited = co_await writing;
    if (!audited)
        co_return failure(audited.error());
    co_return QJsonObject{
        {QStringLiteral("token"), QString::fromUtf8(found.secret->reveal().toByteArray())}};
}

Answer tokenRotate(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "token");
    std::int64_t graceUs = 0;
    if (const auto text = fields.text("grace", 32); text && *text != u"0") {
        if (const auto grace = fields.take("grace", parseDuration(*text)))
            graceUs = *grace;
        if (graceUs > kLongestGraceUs)
            fields.refuse("grace", QStringLiteral("is at most 30d"));
    }
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::TokenRow>> finding = find(desk, target, store::tokenNamed);
    const Result<store::TokenRow> before = co_await finding;
    if (!before)
        co_return failure(before.error());
    store::TokenRow row = *before;
    const access::NewToken made = access::makeToken();
    row.digest = made.digest;
    row.prefix = made.prefix;
    const OneShot<Result<void>> storing = keepTokenText(desk, row, made.text);
    const Result<void> kept = co_await storing;
    if (!kept)
        co_return failure(kept.error());
    const std::int64_t nowUs = desk.nowUs();
    const std::int64_t untilUs = graceUs > 0 ? nowUs + graceUs : 0;
    const store::AuditRow trail = desk.auditRow(
        "token.rotate", objectName(row),
        {{QStringLiteral("name"), row.name}, {QStringLiteral("grace_us"), qint64{graceUs}}});
    Task<Result<store::TokenRow>> changing
        = change(desk, trail, [row, untilUs, nowUs](store::Database &db) {
              return store::rotateToken(db, row, untilUs, nowUs);
          });
    const Result<store::TokenRow> stored = co_await changing;
    if (!stored) {
        forgetTokenText(desk, row);
        co_return failure(stored.error());
    }
    forgetTokenText(desk, *before);
    co_return QJsonObject{{QStringLiteral("token"), QString::fromLatin1(made.text)},
                          {QStringLiteral("details"), describeToken(*stored, {}, nowUs)},
                          {QStringLiteral("earlier_until_us"), qint64{untilUs}}};
}

Answer tokenRaise(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "token");
    const QString text = fields.requiredText("amount", 32);
    NanoUsd by;
    if (fields.good()) {
        const auto amount = parseUsd((text.startsWith(u'$') ? text.mid(1) : text).toUtf8());
        if (!amount || amount->value <= 0)
            fields.refuse("amount", QStringLiteral("is an amount in US dollars, such as 5"));
        else
            by = *amount;
    }
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::TokenRow>> finding = find(desk, target, store::tokenNamed);
    const Result<store::TokenRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    if (row->budgetId == 0) {
        co_return failure(ErrorKind::Conflict,
                          QStringLiteral("%1 has no budget to raise.").arg(row->name), "no_budget");
    }
    const store::AuditRow trail = desk.auditRow(
        "token.raise", objectName(*row),
        {{QStringLiteral("name"), row->name}, {QStringLiteral("by_nano_usd"), qint64{by.value}}});
    const std::int64_t nowUs = desk.nowUs();
    Task<Result<Described>> changing
        = change(desk, trail,
                 [id = row->id, budgetId = row->budgetId, by,
                  nowUs](store::Database &db) -> Result<Described> {
                     if (auto raised = store::raiseBudgetOnce(db, budgetId, by, nowUs); !raised)
                         return failure(raised.error());
                     auto now = store::token(db, id);
                     if (!now)
                         return failure(now.error());
                     auto budgets = store::budgetStates(db, nowUs);
                     if (!budgets)
                         return failure(budgets.error());
                     return Described{std::move(*now), std::move(*budgets)};
                 });
    const Result<Described> raised = co_await changing;
    if (!raised)
        co_return failure(raised.error());
    co_return QJsonObject{
        {QStringLiteral("details"), describeToken(raised->row, raised->budgets, nowUs)}};
}

} // namespace tollgate::admin
