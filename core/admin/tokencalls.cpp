// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/token.h"
#include "core/admin/bulk.h"
#include "core/admin/handlers.h"
#include "core/admin/rowfields.h"
#include "core/admin/rowjson.h"
#include "core/admin/steps.h"
#include "core/admin/tokentext.h"
#include "core/admin/tokenview.h"
#include "core/store/tokens.h"

namespace tollgate::admin {
namespace {

QByteArray objectName(const store::TokenRow &row)
{
    return "token:" + QByteArray::number(qlonglong{row.id});
}

Answer setState(Desk &desk, QJsonObject arguments, store::TokenState state, const char *action)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "token");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::TokenRow>> finding = find(desk, target, store::tokenNamed);
    const Result<store::TokenRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const store::AuditRow trail
        = desk.auditRow(action, objectName(*row), {{QStringLiteral("name"), row->name}});
    Task<Result<store::TokenRow>> changing
        = change(desk, trail, [id = row->id, state](store::Database &db) {
              return store::setTokenState(db, id, state);
          });
    const Result<store::TokenRow> stored = co_await changing;
    if (!stored)
        co_return failure(stored.error());
    co_return QJsonObject{{QStringLiteral("details"), toJson(*stored)}};
}

} // namespace

Answer tokenAdd(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    store::TokenRow row;
    fields.requiredText("name");
    readTokenFields(fields, row, desk.nowUs());
    const store::KeySource keeping = readKeeping(fields);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const access::NewToken made = access::makeToken();
    row.digest = made.digest;
    row.prefix = made.prefix;
    row.keptIn = keeping;
    const OneShot<Result<void>> storing = keepTokenText(desk, row, made.text);
    const Result<void> kept = co_await storing;
    if (!kept)
        co_return failure(kept.error());
    const store::AuditRow trail = desk.auditRow("token.add", {}, toJson(row));
    const auto writing = desk.write([row, trail](store::Database &db) -> Result<store::TokenRow> {
        auto stored = store::addToken(db, row, trail.atUs);
        if (!stored)
            return stored;
        store::AuditRow named = trail;
        named.object = objectName(*stored);
        if (auto audited = store::audit(db, named); !audited)
            return failure(audited.error());
        return stored;
    });
    const Result<store::TokenRow> stored = co_await writing;
    if (!stored) {
        forgetTokenText(desk, row);
        co_return failure(stored.error());
    }
    const OneShot<Result<void>> taken = desk.changed();
    co_await taken;
    co_return QJsonObject{{QStringLiteral("details"), toJson(*stored)},
                          {QStringLiteral("token"), QString::fromLatin1(made.text)}};
}

Answer tokenList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const std::int64_t nowUs = desk.nowUs();
    const std::int64_t dayUs = fields.integer("day_us", 0, kMaxId).value_or(startOfDay(nowUs));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read(
        [dayUs, nowUs](store::Database &db) { return readTokenBoard(db, dayUs, nowUs); });
    const Result<TokenBoard> board = co_await reading;
    if (!board)
        co_return failure(board.error());
    co_return QJsonObject{{QStringLiteral("tokens"), tokenViews(*board, nowUs)}};
}

Answer tokenShow(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "token");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::TokenRow>> finding = find(desk, target, store::tokenNamed);
    const Result<store::TokenRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const std::int64_t nowUs = desk.nowUs();
    const auto reading
        = desk.read([nowUs](store::Database &db) { return store::budgetStates(db, nowUs); });
    const Result<std::vector<store::BudgetState>> budgets = co_await reading;
    if (!budgets)
        co_return failure(budgets.error());
    co_return QJsonObject{{QStringLiteral("details"), describeToken(*row, *budgets, nowUs)}};
}

Answer tokenUpdate(Desk &desk, QJsonObject arguments, OnEvent)
{
    if (isBulk(arguments)) {
        Answer updating = tokenUpdateMany(desk, std::move(arguments));
        Result<QJsonObject> answer = co_await updating;
        co_return answer;
    }
    Fields fields(arguments);
    const Target target = readTarget(fields, "token");
    if (!fields.good())
        co_return failure(fields.finish().error());
    Task<Result<store::TokenRow>> finding = find(desk, target, store::tokenNamed);
    Result<store::TokenRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    const QJsonObject before = toJson(*row);
    readTokenFields(fields, *row, desk.nowUs());
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const store::AuditRow trail
        = desk.auditRow("token.update", objectName(*row), changes(before, toJson(*row)));
    Task<Result<store::TokenRow>> changing
        = change(desk, trail, [row = *row, nowUs = trail.atUs](store::Database &db) {
              return store::updateToken(db, row, nowUs);
          });
    const Result<store::TokenRow> stored = co_await changing;
    if (!stored)
        co_return failure(stored.error());
    co_return QJsonObject{{QStringLiteral("details"), toJson(*stored)}};
}

Answer tokenEnable(Desk &desk, QJsonObject arguments, OnEvent)
{
    return setState(desk, std::move(arguments), store::TokenState::Active, "token.enable");
}

Answer tokenDisable(Desk &desk, QJsonObject arguments, OnEvent)
{
    return setState(desk, std::move(arguments), store::TokenState::Disabled, "token.disable");
}

Answer tokenRevoke(Desk &desk, QJsonObject arguments, OnEvent)
{
    return setState(desk, std::move(arguments), store::TokenState::Revoked, "token.revoke");
}

} // namespace tollgate::admin
