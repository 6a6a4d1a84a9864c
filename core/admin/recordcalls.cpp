// SPDX-License-Identifier: GPL-3.0-or-later
// What happened: the request log, usage, the audit trail.
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/rowjson.h"
#include "core/admin/running.h"
#include "core/admin/units.h"
#include "core/store/channels.h"
#include "core/store/tokens.h"

namespace tollgate::admin {
namespace {

constexpr int kFollowEveryMs = 300;
constexpr int kFollowBatch = 200;
constexpr int kMostRows = 10'000;
constexpr std::int64_t kDayUs = 86'400'000'000;

struct Names
{
    QHash<std::int64_t, QString> channels;
    QHash<std::int64_t, QString> tokens;
};

Result<Names> readNames(store::Database &db)
{
    Names names;
    const auto channels = store::channelNames(db);
    if (!channels)
        return failure(channels.error());
    for (const auto &[id, name] : *channels)
        names.channels.insert(id, name);
    const auto tokens = store::tokens(db);
    if (!tokens)
        return failure(tokens.error());
    for (const store::TokenRow &row : *tokens)
        names.tokens.insert(row.id, row.name);
    names.channels.insert(store::builtInChannelId, QStringLiteral("demo"));
    return names;
}

std::int64_t idOf(const QHash<std::int64_t, QString> &names, const QString &name)
{
    for (auto it = names.begin(); it != names.end(); ++it) {
        if (it.value() == name)
            return it.key();
    }
    return 0; // of nobody
}

// The filter in the store's terms. NotFound for a name that nobody has.
Result<store::RequestFilter> resolve(const LogFilter &filter, const Names &names)
{
    store::RequestFilter resolved;
    resolved.sinceUs = filter.sinceUs;
    resolved.untilUs = filter.untilUs;
    resolved.model = filter.model.toUtf8();
    resolved.text = filter.id.isEmpty() ? filter.text : filter.id;
    if (!filter.token.isEmpty()) {
        resolved.tokenId = idOf(names.tokens, filter.token);
        if (resolved.tokenId == 0) {
            return failure(ErrorKind::NotFound,
                           QStringLiteral("There is no token named %1.").arg(filter.token));
        }
    }
    if (!filter.channel.isEmpty()) {
        resolved.channelId = idOf(names.channels, filter.channel);
        if (resolved.channelId == 0) {
            return failure(ErrorKind::NotFound,
                           QStringLiteral("There is no channel named %1.").arg(filter.channel));
        }
    }
    if (filter.failedOnly)
        resolved.status = store::StatusClass::Failed;
    else if (filter.statusFrom == 200 && filter.statusTo == 300)
        resolved.status = store::StatusClass::Succeeded;
    else if (filter.statusFrom >= 400 && filter.statusTo <= 500)
        resolved.status = store::StatusClass::ClientError;
    else if (filter.statusFrom >= 500)
        resolved.status = store::StatusClass::ServerError;
    return resolved;
}

// What the store's filter is too coarse for.
bool matches(const store::RequestRow &row, const LogFilter &filter)
{
    if (filter.statusTo > 0 && (row.status < filter.statusFrom || row.status >= filter.statusTo))
        return false;
    if (!filter.id.isEmpty() && QString::fromUtf8(row.id) != filter.id)
        return false;
    if (!filter.id.isEmpty() && !filter.text.isEmpty()
        && !QString::fromUtf8(row.model).contains(filter.text, Qt::CaseInsensitive))
        return false;
    return true;
}

QJsonObject describe(const store::LoggedRequest &request, const Names &names)
{
    return toJson(request, names.tokens.value(request.row.tokenId), names.channels);
}

struct LogPage
{
    Names names;
    std::vector<store::LoggedRequest> requests; // newest first
    std::int64_t last = 0; // sequence to follow from
};

Result<LogPage> readLog(store::Database &db, const LogFilter &filter, int limit)
{
    auto names = readNames(db);
    if (!names)
        return failure(names.error());
    LogPage page{std::move(*names), {}, 0};
    const auto resolved = resolve(filter, page.names);
    if (!resolved)
        return failure(resolved.error());
    const auto last = store::lastSequence(db);
    if (!last)
        return failure(last.error());
    page.last = *last;
    std::optional<store::PageKey> after;
    // Bounded by the log's own length: each page goes further back.
    while (static_cast<int>(page.requests.size()) < limit) {
        auto found = store::requests(db, *resolved, after, std::min(limit, 500));
        if (!found)
            return failure(found.error());
        for (store::LoggedRequest &request : found->requests) {
            if (matches(request.row, filter) && static_cast<int>(page.requests.size()) < limit)
                page.requests.push_back(std::move(request));
        }
        if (!found->next)
            break;
        after = found->next;
    }
    return page;
}

struct LogTail
{
    Names names;
    std::vector<store::LoggedRequest> requests; // oldest first
};

Result<LogTail> readTail(store::Database &db, const LogFilter &filter, std::int64_t sequence)
{
    auto names = readNames(db);
    if (!names)
        return failure(names.error());
    const auto resolved = resolve(filter, *names);
    if (!resolved)
        return failure(resolved.error());
    auto rows = store::requestsAfter(db, sequence, *resolved, kFollowBatch);
    if (!rows)
        return failure(rows.error());
    return LogTail{std::move(*names), std::move(*rows)};
}

// Ends when the listener leaves.
Answer follow(Desk &desk, LogFilter filter, std::int64_t sequence, OnEvent onEvent)
{
    for (;;) {
        const auto reading = desk.read(
            [filter, sequence](store::Database &db) { return readTail(db, filter, sequence); });
        const Result<LogTail> tail = co_await reading;
        if (!tail)
            co_return failure(tail.error());
        for (const store::LoggedRequest &request : tail->requests) {
            sequence = request.sequence;
            if (!matches(request.row, filter))
                continue;
            if (!onEvent({{QStringLiteral("request"), describe(request, tail->names)}}))
                co_return QJsonObject();
        }
        if (static_cast<int>(tail->requests.size()) == kFollowBatch)
            continue;
        const OneShot<bool> elapsed = after(kFollowEveryMs);
        co_await elapsed;
        if (!onEvent({}))
            co_return QJsonObject();
    }
}

std::optional<store::UsageBy> usageBy(const QString &word)
{
    if (word == u"model")
        return store::UsageBy::Model;
    if (word == u"token")
        return store::UsageBy::Token;
    if (word == u"channel")
        return store::UsageBy::Channel;
    return std::nullopt;
}

} // namespace

Answer log(Desk &desk, QJsonObject arguments, OnEvent onEvent)
{
    Fields fields(arguments);
    const std::int64_t nowUs = desk.nowUs();
    LogFilter filter;
    if (const auto text = fields.text("filter", 4'096)) {
        if (auto parsed = fields.take("filter", parseLogFilter(*text, nowUs)))
            filter = std::move(*parsed);
    }
    const int limit = static_cast<int>(fields.integer("limit", 0, kMostRows).value_or(50));
    const bool following = fields.boolean("follow").value_or(false);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (following && !onEvent) {
        co_return failure(ErrorKind::InvalidRequest,
                          QStringLiteral("This caller cannot follow the log."));
    }
    const auto reading
        = desk.read([filter, limit](store::Database &db) { return readLog(db, filter, limit); });
    const Result<LogPage> page = co_await reading;
    if (!page)
        co_return failure(page.error());
    QJsonArray rows;
    for (auto it = page->requests.rbegin(); it != page->requests.rend(); ++it) {
        const QJsonObject row = describe(*it, page->names);
        if (!following)
            rows.append(row);
        else if (!onEvent({{QStringLiteral("request"), row}}))
            co_return QJsonObject();
    }
    if (!following)
        co_return QJsonObject{{QStringLiteral("requests"), rows}};
    Answer tailing = follow(desk, filter, page->last, std::move(onEvent));
    Result<QJsonObject> ended = co_await tailing;
    co_return ended;
}

Answer usage(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const std::int64_t nowUs = desk.nowUs();
    const QString word = fields.text("by").value_or(QStringLiteral("model"));
    const auto by = usageBy(word);
    if (word == u"user" || word == u"project") {
        fields.refuse("by",
                      QStringLiteral("cannot be %1: this Tollgate has tokens, but no users or "
                                     "projects; use token")
                          .arg(word));
    } else if (!by) {
        fields.refuse("by", QStringLiteral("is model, token or channel"));
    }
    std::int64_t sinceUs = nowUs - 7 * kDayUs;
    if (const auto since = fields.text("since"))
        sinceUs = fields.take("since", parseSince(*since, nowUs)).value_or(0);
    std::int64_t untilUs = 0;
    if (const auto until = fields.text("until"))
        untilUs = fields.take("until", parseSince(*until, nowUs)).value_or(0);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read([by = *by, sinceUs, untilUs](store::Database &db) {
        return store::usage(db, by, sinceUs, untilUs);
    });
    const Result<std::vector<store::UsageRow>> rows = co_await reading;
    if (!rows)
        co_return failure(rows.error());
    QJsonArray list;
    for (store::UsageRow row : *rows) {
        if (by == store::UsageBy::Channel && row.id == store::builtInChannelId)
            row.key = QStringLiteral("demo");
        list.append(toJson(row));
    }
    co_return QJsonObject{{QStringLiteral("rows"), list}};
}

Answer auditList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const int limit = static_cast<int>(fields.integer("limit", 1, kMostRows).value_or(50));
    const std::int64_t before = fields.integer("before", 0, std::int64_t{1} << 53).value_or(0);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read(
        [before, limit](store::Database &db) { return store::auditTrail(db, before, limit); });
    const Result<std::vector<store::AuditRow>> rows = co_await reading;
    if (!rows)
        co_return failure(rows.error());
    QJsonArray list;
    for (auto it = rows->rbegin(); it != rows->rend(); ++it)
        list.append(toJson(*it));
    co_return QJsonObject{{QStringLiteral("entries"), list}};
}

} // namespace tollgate::admin
