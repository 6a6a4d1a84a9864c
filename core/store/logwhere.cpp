// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/logwhere.h"

#include "core/store/channels.h"
#include "core/store/database.h"
#include "core/store/requestcolumns.h"

#include <algorithm>
#include <array>

namespace tollgate::store {
namespace {

// As the partial indices have it, so that SQLite recognises it; see logmigration.cpp.
constexpr const char trouble[] = "(error <> '' OR status NOT BETWEEN 200 AND 399)";
constexpr const char unpriced[] = "(flags & 32) <> 0";
constexpr const char retried[] = "attempts > 1";
constexpr int mostModels = 500;

constexpr const char totalInput[]
    = "(input + cache_read + cache_write_5m + cache_write_1h + audio_input + image_input)";
constexpr const char totalOutput[] = "(output + reasoning + audio_output + image_output)";

struct Context
{
    LogNames names;
    std::optional<QStringList> models; // those there are; nullopt: too many to count
};

bool matches(const QString &value, const LogTerm &term)
{
    switch (term.match) {
    case LogMatch::Equal:
        return value.compare(term.text, Qt::CaseInsensitive) == 0;
    case LogMatch::Contains:
        return value.contains(term.text, Qt::CaseInsensitive);
    default:
        return globMatches(value, term.text);
    }
}

QString placeholders(qsizetype count)
{
    QStringList marks;
    for (qsizetype i = 0; i < count; ++i)
        marks.append(QStringLiteral("?"));
    return marks.join(u',');
}

LogPiece oneOf(const char *column, const QVariantList &values)
{
    if (values.isEmpty())
        return {QStringLiteral("0"), {}};
    if (values.size() == 1)
        return {QLatin1String(column) + QStringLiteral(" = ?"), values};
    return {QLatin1String(column) + QStringLiteral(" IN (") + placeholders(values.size()) + u')',
            values};
}

LogPiece named(const char *column, const QHash<std::int64_t, QString> &names, const LogTerm &term)
{
    QVariantList ids;
    if (term.text.startsWith(u'#')) {
        ids.append(QVariant(term.text.mid(1).toLongLong()));
    } else {
        for (auto it = names.begin(); it != names.end(); ++it) {
            if (matches(it.value(), term))
                ids.append(QVariant(qlonglong(it.key())));
        }
    }
    return oneOf(column, ids);
}

LogPiece textual(const char *column, const LogTerm &term)
{
    const QString name = QLatin1String(column);
    QString pattern = escapedPattern(term.text);
    if (term.match == LogMatch::Equal)
        return {name + QStringLiteral(" = ? COLLATE NOCASE"), {term.text}};
    if (term.match == LogMatch::Glob)
        pattern.replace(u'*', u'%');
    else
        pattern = u'%' + pattern + u'%';
    return {name + QStringLiteral(" LIKE ? ESCAPE '\\'"), {pattern}};
}

LogPiece numeric(const QString &expression, const LogTerm &term)
{
    QString compare = QStringLiteral(" = ?");
    switch (term.match) {
    case LogMatch::Less:
        compare = QStringLiteral(" < ?");
        break;
    case LogMatch::AtMost:
        compare = QStringLiteral(" <= ?");
        break;
    case LogMatch::More:
        compare = QStringLiteral(" > ?");
        break;
    case LogMatch::AtLeast:
        compare = QStringLiteral(" >= ?");
        break;
    default:
        break;
    }
    return {expression + compare, {QVariant(qlonglong(term.number))}};
}

// A duration that did not happen (-1) is neither short nor long.
LogPiece lasting(const char *column, const LogTerm &term)
{
    LogPiece piece = numeric(QLatin1String(column), term);
    piece.sql = QStringLiteral("(%1 >= 0 AND %2)").arg(QLatin1String(column), piece.sql);
    return piece;
}

QString stateSql(LogState state)
{
    const QString in = QStringLiteral("%1 AND ").arg(QLatin1String(trouble));
    const QString blocked
        = QStringLiteral("(attempts = 0 AND status IN (401,402,403,404,409,429,503))");
    switch (state) {
    case LogState::Ok:
        return QStringLiteral("(status BETWEEN 200 AND 399 AND error = '' AND attempts < 2)");
    case LogState::Retried:
        return QStringLiteral("(attempts > 1 AND status BETWEEN 200 AND 399 AND error = '')");
    case LogState::Failed:
        return QStringLiteral("(%1status NOT BETWEEN 200 AND 399 AND status <> 499 AND NOT %2)")
            .arg(in, blocked);
    case LogState::ErrorIn200:
        return QStringLiteral("(%1status BETWEEN 200 AND 399)").arg(in);
    case LogState::Left:
        return QStringLiteral("(%1status = 499)").arg(in);
    case LogState::Blocked:
        return QStringLiteral("(%1%2)").arg(in, blocked);
    case LogState::Replay:
        return QStringLiteral("client = 'replay'");
    case LogState::Running:
        return QStringLiteral("0");
    }
    return {};
}

LogPiece either(std::vector<LogPiece> pieces, const char *word)
{
    LogPiece all;
    QStringList sql;
    for (LogPiece &piece : pieces) {
        sql.append(piece.sql);
        all.values += piece.values;
    }
    all.sql = u'(' + sql.join(QLatin1Char(' ') + QLatin1String(word) + QLatin1Char(' ')) + u')';
    return all;
}

LogPiece modelPiece(const Context &context, const LogTerm &term)
{
    if (!context.models)
        return textual("model", term);
    QVariantList found;
    for (const QString &model : *context.models) {
        if (matches(model, term))
            found.append(model);
    }
    return found.size() > mostModels ? textual("model", term) : oneOf("model", found);
}

LogPiece anything(const Context &context, LogTerm term)
{
    term.match = LogMatch::Contains;
    std::vector<LogPiece> pieces;
    for (const char *column : {"id", "model", "served_model", "error", "error_text", "session_id",
                               "client_ip", "user_agent", "vendor_id", "finish_reason"})
        pieces.push_back(textual(column, term));
    pieces.push_back(named("token_id", context.names.tokens, term));
    pieces.push_back(named("channel_id", context.names.channels, term));
    return either(std::move(pieces), "OR");
}

LogPiece tagPiece(const LogTerm &term)
{
    LogPiece piece = term.field == LogField::Mark
        ? numeric(QStringLiteral("mark"), term)
        : textual(
            "tags",
            term.match == LogMatch::Equal
                ? LogTerm{term.field, LogMatch::Glob, QStringLiteral("*,%1,*").arg(term.text), 0}
                : LogTerm{term.field, LogMatch::Contains, term.text, 0});
    piece.sql
        = QStringLiteral("id IN (SELECT request_id FROM request_notes WHERE %1)").arg(piece.sql);
    return piece;
}

LogPiece termPiece(const Context &context, const LogTerm &term)
{
    switch (term.field) {
    case LogField::State:
        return {stateSql(LogState(term.number)), {}};
    case LogField::Trouble:
        return {QLatin1String(trouble), {}};
    case LogField::Status:
        return numeric(QStringLiteral("status"), term);
    case LogField::Model:
        return modelPiece(context, term);
    case LogField::Served:
        return textual("served_model", term);
    case LogField::Channel:
        return named("channel_id", context.names.channels, term);
    case LogField::Token:
        return named("token_id", context.names.tokens, term);
    case LogField::Client:
        return textual("client", term);
    case LogField::Ip:
        return textual("client_ip", term);
    case LogField::Session:
        return term.match == LogMatch::Equal
            ? LogPiece{QStringLiteral("(session_id <> '' AND session_id = ?)"), {term.text}}
            : textual("session_id", term);
    case LogField::Id:
        return term.match == LogMatch::Equal ? LogPiece{QStringLiteral("id = ?"), {term.text}}
                                             : textual("id", term);
    case LogField::Error: {
        LogPiece piece = either({textual("error", term), textual("error_text", term)}, "OR");
        piece.sql = QStringLiteral("(%1 AND %2)").arg(QLatin1String(trouble), piece.sql);
        return piece;
    }
    case LogField::Dialect:
        return textual("dialect", term);
    case LogField::Finish:
        return textual("finish_reason", term);
    case LogField::Cost:
        return numeric(QStringLiteral("cost"), term);
    case LogField::Tokens:
        return numeric(
            QStringLiteral("(%1 + %2)").arg(QLatin1String(totalInput), QLatin1String(totalOutput)),
            term);
    case LogField::Input:
        return numeric(QLatin1String(totalInput), term);
    case LogField::Output:
        return numeric(QLatin1String(totalOutput), term);
    case LogField::FirstToken:
        return lasting("first_token_us", term);
    case LogField::Total:
        return lasting("end_us", term);
    case LogField::Attempts:
        return numeric(QStringLiteral("attempts"), term);
    case LogField::CachePercent: {
        LogPiece piece = numeric(QStringLiteral("cache_read * 100"), term);
        piece.sql.replace(u'?', QStringLiteral("? * ") + QLatin1String(totalInput));
        piece.sql = QStringLiteral("(%1 > 0 AND %2)").arg(QLatin1String(totalInput), piece.sql);
        return piece;
    }
    case LogField::Time:
        return numeric(QStringLiteral("started_us"), term);
    case LogField::Flag:
        if (term.number == Unpriced)
            return {QLatin1String(unpriced), {}};
        return {QStringLiteral("(flags & ?) <> 0"), {QVariant(qlonglong(term.number))}};
    case LogField::Stream:
        return {QStringLiteral("stream = ?"), {QVariant(qlonglong(term.number))}};
    case LogField::Mark:
    case LogField::Tag:
        return tagPiece(term);
    case LogField::Anything:
        return anything(context, term);
    }
    return {QStringLiteral("0"), {}};
}

LogPiece pieceOf(const Context &context, const LogExpression &expression)
{
    switch (expression.kind) {
    case LogExpression::Kind::Everything:
        return {QStringLiteral("1"), {}};
    case LogExpression::Kind::Term:
        return termPiece(context, expression.term);
    case LogExpression::Kind::Not: {
        LogPiece piece = pieceOf(context, expression.parts.front());
        piece.sql = QStringLiteral("NOT (%1)").arg(piece.sql);
        return piece;
    }
    case LogExpression::Kind::And:
    case LogExpression::Kind::Or: {
        std::vector<LogPiece> pieces;
        for (const LogExpression &part : expression.parts)
            pieces.push_back(pieceOf(context, part));
        return either(std::move(pieces),
                      expression.kind == LogExpression::Kind::And ? "AND" : "OR");
    }
    }
    return {};
}

bool asksModels(const LogExpression &expression)
{
    if (expression.kind == LogExpression::Kind::Term)
        return expression.term.field == LogField::Model;
    return std::any_of(expression.parts.begin(), expression.parts.end(), asksModels);
}

// Every model there is, by skipping through the index: as many steps as there are models.
Result<std::optional<QStringList>> modelsThereAre(Database &db)
{
    QStringList models;
    auto done = db.each("WITH RECURSIVE found(model) AS (SELECT min(model) FROM requests UNION ALL "
                        "SELECT (SELECT min(r.model) FROM requests r WHERE r.model > found.model) "
                        "FROM found WHERE found.model IS NOT NULL LIMIT 5000) "
                        "SELECT model FROM found WHERE model IS NOT NULL",
                        [&](const Row &row) { models.append(row.string(0)); });
    if (!done)
        return failure(done.error());
    if (models.size() >= 4'999)
        return std::optional<QStringList>();
    return std::optional<QStringList>(std::move(models));
}

struct Driver
{
    const char *index = nullptr; // to be named, where SQLite might choose another
    int rank = 0; // higher: fewer rows
    bool whole = false; // the index answers the term entirely
    LogPiece also; // what the index needs said besides
};

Driver driverOf(const LogTerm &term, const LogPiece &piece)
{
    const bool single = piece.values.size() == 1 && piece.sql.endsWith(QStringLiteral(" = ?"));
    const LogPiece inTrouble{QLatin1String(trouble), {}};
    switch (term.field) {
    case LogField::Id:
        if (term.match == LogMatch::Equal)
            return {nullptr, 10, true, {}}; // the only one of its kind
        break;
    case LogField::Session:
        if (term.match == LogMatch::Equal)
            return {"requests_session", 9, true, {}};
        break;
    case LogField::Trouble:
        return {"requests_trouble", 8, true, {}};
    case LogField::State:
        if (LogState(term.number) == LogState::Retried)
            return {"requests_retried", 8, false, {QLatin1String(retried), {}}};
        if (LogState(term.number) != LogState::Ok && LogState(term.number) != LogState::Replay)
            return {"requests_trouble", 8, false, inTrouble};
        break;
    case LogField::Error:
        return {"requests_trouble", 8, false, inTrouble};
    case LogField::Status:
        if ((term.match == LogMatch::Equal && (term.number < 200 || term.number > 399))
            || ((term.match == LogMatch::AtLeast || term.match == LogMatch::More)
                && term.number >= 400))
            return {"requests_trouble", 8, false, inTrouble};
        break;
    case LogField::Attempts:
        if ((term.match == LogMatch::AtLeast && term.number >= 2)
            || (term.match == LogMatch::More && term.number >= 1))
            return {"requests_retried", 8, false, {QLatin1String(retried), {}}};
        break;
    case LogField::Flag:
        if (term.number == Unpriced)
            return {"requests_unpriced", 7, true, {}};
        break;
    case LogField::Token:
        if (single)
            return {"requests_token", 5, true, {}};
        break;
    case LogField::Channel:
        if (single)
            return {"requests_channel", 3, true, {}};
        break;
    case LogField::Model:
        if (single)
            return {"requests_model", 4, true, {}};
        break;
    default:
        break;
    }
    return {};
}

// The terms that all must hold.
std::vector<const LogExpression *> conjuncts(const LogExpression &filter)
{
    std::vector<const LogExpression *> list;
    if (filter.kind == LogExpression::Kind::And) {
        for (const LogExpression &part : filter.parts) {
            const auto more = conjuncts(part);
            list.insert(list.end(), more.begin(), more.end());
        }
    } else if (filter.kind != LogExpression::Kind::Everything) {
        list.push_back(&filter);
    }
    return list;
}

// Bounds in time become the range of the search.
bool takeBound(LogWhere &where, const LogTerm &term)
{
    if (term.field != LogField::Time)
        return false;
    const auto since = [&](std::int64_t us) { where.sinceUs = std::max(where.sinceUs, us); };
    const auto until = [&](std::int64_t us) {
        where.untilUs = where.untilUs == 0 ? us : std::min(where.untilUs, us);
    };
    switch (term.match) {
    case LogMatch::AtLeast:
        since(term.number);
        return true;
    case LogMatch::More:
        since(term.number + 1);
        return true;
    case LogMatch::Less:
        until(term.number);
        return true;
    case LogMatch::AtMost:
        until(term.number + 1);
        return true;
    default:
        return false;
    }
}

} // namespace

Result<LogNames> logNames(Database &db)
{
    LogNames names;
    auto channels = channelNames(db);
    if (!channels)
        return failure(channels.error());
    for (const auto &[id, name] : *channels)
        names.channels.insert(id, name);
    auto tokens = db.each("SELECT id, name FROM tokens", [&](const Row &row) {
        names.tokens.insert(row.integer(0), row.string(1));
    });
    if (!tokens)
        return failure(tokens.error());
    names.channels.insert(builtInChannelId, QStringLiteral("demo"));
    return names;
}

Result<LogWhere> logWhere(Database &db, const LogExpression &filter)
{
    Context context;
    auto names = logNames(db);
    if (!names)
        return failure(names.error());
    context.names = std::move(*names);
    if (asksModels(filter)) {
        auto models = modelsThereAre(db);
        if (!models)
            return failure(models.error());
        context.models = std::move(*models);
    }

    LogWhere where;
    std::vector<std::pair<const LogExpression *, LogPiece>> pieces;
    Driver best;
    std::size_t driving = 0;
    for (const LogExpression *part : conjuncts(filter)) {
        if (part->kind == LogExpression::Kind::Term && takeBound(where, part->term))
            continue;
        LogPiece piece = pieceOf(context, *part);
        where.none = where.none || piece.sql == QLatin1String("0");
        if (part->kind == LogExpression::Kind::Term) {
            if (Driver driver = driverOf(part->term, piece); driver.rank > best.rank) {
                best = std::move(driver);
                driving = pieces.size();
            }
        }
        pieces.emplace_back(part, std::move(piece));
    }
    if (best.rank > 0) {
        where.index = QLatin1String(best.index);
        where.driver = best.also.sql.isEmpty() ? pieces[driving].second : best.also;
    }
    std::vector<LogPiece> rest;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (best.rank == 0 || !best.whole || i != driving)
            rest.push_back(std::move(pieces[i].second));
    }
    if (!rest.empty())
        where.rest = either(std::move(rest), "AND");
    return where;
}

} // namespace tollgate::store
