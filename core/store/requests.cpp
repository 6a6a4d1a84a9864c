// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/requests.h"

#include "core/store/attempts.h"
#include "core/store/clientname.h"
#include "core/store/counters.h"
#include "core/store/database.h"
#include "core/store/requestcolumns.h"
#include "core/store/rollups.h"
#include "core/store/tallies.h"
#include "core/store/unitcolumn.h"

namespace tollgate::store {
namespace {

const QString columns = QStringLiteral(
    "sequence, id, started_us, token_id, dialect, operation, model, stream, status, error, "
    "error_text, finish_reason, attempts, channel_id, input, cache_read, cache_write_5m, "
    "cache_write_1h, output, reasoning, audio_input, audio_output, image_input, image_output, "
    "cost, charge, flags, client_ip, user_agent, session_id, vendor_id, bytes_in, bytes_out, "
    "auth_us, routed_us, reserved_us, first_byte_us, first_token_us, end_us, units, "
    "served_model, client, left_out");

} // namespace

const QString &requestColumns()
{
    return columns;
}

LoggedRequest readRequest(const Row &row)
{
    LoggedRequest logged;
    logged.sequence = row.integer(0);
    RequestRow &request = logged.row;
    request.id = row.text(1);
    request.startedUs = row.integer(2);
    request.tokenId = row.integer(3);
    request.dialect = row.text(4);
    request.operation = row.text(5);
    request.model = row.text(6);
    request.stream = row.boolean(7);
    request.status = row.number(8);
    request.error = row.text(9);
    request.errorText = row.string(10);
    request.finishReason = row.text(11);
    request.attempts = row.number(12);
    request.channelId = row.integer(13);
    request.usage = readCounts(row, 14);
    request.cost = row.nano(24);
    request.charge = row.nano(25);
    request.flags = std::uint32_t(row.integer(26));
    request.clientIp = row.text(27);
    request.userAgent = row.text(28);
    request.sessionId = row.text(29);
    request.vendorId = row.text(30);
    request.bytesIn = row.integer(31);
    request.bytesOut = row.integer(32);
    request.authUs = row.integer(33);
    request.routedUs = row.integer(34);
    request.reservedUs = row.integer(35);
    request.firstByteUs = row.integer(36);
    request.firstTokenUs = row.integer(37);
    request.endUs = row.integer(38);
    request.units = unitsFromJson(row.text(39));
    request.servedModel = row.text(40);
    request.client = row.text(41);
    request.leftOut = row.text(42);
    return logged;
}

QString escapedPattern(QString text)
{
    text.replace(u'\\', QLatin1String("\\\\"));
    text.replace(u'%', QLatin1String("\\%"));
    text.replace(u'_', QLatin1String("\\_"));
    return text;
}

namespace {

// SQLITE_MAX_LIKE_PATTERN_LENGTH, https://www.sqlite.org/limits.html; no field is as long.
constexpr qsizetype longestPattern = 50'000;

QString likePattern(const QString &text)
{
    return u'%' + escapedPattern(text) + u'%';
}

struct Where
{
    QStringList terms;
    QVariantList values;

    void add(const char *term, const QVariant &value)
    {
        terms.append(QLatin1String(term));
        values.append(value);
    }
    [[nodiscard]] QString text() const
    {
        return terms.isEmpty() ? QString()
                               : QStringLiteral(" WHERE ") + terms.join(QLatin1String(" AND "));
    }
};

void addStatus(Where &where, StatusClass status)
{
    switch (status) {
    case StatusClass::Any:
        return;
    case StatusClass::Succeeded:
        where.terms.append(QStringLiteral("status BETWEEN 200 AND 399"));
        return;
    case StatusClass::Failed:
        where.terms.append(QStringLiteral("status NOT BETWEEN 200 AND 399"));
        return;
    case StatusClass::ClientError: // the second term lets the index of failures serve
        where.terms.append(QStringLiteral("status BETWEEN 400 AND 499"));
        where.terms.append(QStringLiteral("status NOT BETWEEN 200 AND 399"));
        return;
    case StatusClass::ServerError:
        where.terms.append(QStringLiteral("status >= 500"));
        where.terms.append(QStringLiteral("status NOT BETWEEN 200 AND 399"));
        return;
    }
}

Where whereOf(const RequestFilter &filter)
{
    Where where;
    if (filter.sinceUs != 0)
        where.add("started_us >= ?", qlonglong(filter.sinceUs));
    if (filter.untilUs != 0)
        where.add("started_us < ?", qlonglong(filter.untilUs));
    if (filter.tokenId != 0)
        where.add("token_id = ?", qlonglong(filter.tokenId));
    if (filter.channelId != 0)
        where.add("channel_id = ?", qlonglong(filter.channelId));
    if (!filter.model.isEmpty())
        where.add("model = ?", toVariant(filter.model));
    addStatus(where, filter.status);
    if (!filter.text.isEmpty()) {
        const QString pattern = likePattern(filter.text);
        if (pattern.toUtf8().size() > longestPattern) {
            where.terms.append(QStringLiteral("0"));
            return where;
        }
        QStringList fields;
        for (const char *field : {"id", "model", "error", "error_text", "session_id", "client_ip",
                                  "user_agent", "vendor_id"}) {
            fields.append(QLatin1String(field) + QLatin1String(" LIKE ? ESCAPE '\\'"));
            where.values.append(pattern);
        }
        where.terms.append(u'(' + fields.join(QLatin1String(" OR ")) + u')');
    }
    return where;
}

Result<std::vector<LoggedRequest>> select(Database &db, Where where, const QString &order,
                                          int limit)
{
    std::vector<LoggedRequest> list;
    where.values.append(limit);
    const QString sql = QStringLiteral("SELECT ") + columns + QStringLiteral(" FROM requests")
        + where.text() + order + QStringLiteral(" LIMIT ?");
    auto done = db.eachComposed(sql, where.values,
                                [&](const Row &row) { list.push_back(readRequest(row)); });
    if (!done)
        return failure(done.error());
    for (LoggedRequest &logged : list) {
        if (logged.row.attempts == 0)
            continue;
        auto attempts = attemptsOf(db, logged.row.id);
        if (!attempts)
            return failure(attempts.error());
        logged.attempts = std::move(*attempts);
    }
    return list;
}

} // namespace

Result<RequestPage> requests(Database &db, const RequestFilter &filter,
                             std::optional<PageKey> after, int limit)
{
    Where where = whereOf(filter);
    if (after) {
        where.terms.append(QStringLiteral("(started_us, sequence) < (?, ?)"));
        where.values.append(qlonglong(after->startedUs));
        where.values.append(qlonglong(after->sequence));
    }
    auto list = select(db, std::move(where),
                       QStringLiteral(" ORDER BY started_us DESC, sequence DESC"), limit + 1);
    if (!list)
        return failure(list.error());
    RequestPage page;
    page.requests = std::move(*list);
    if (page.requests.size() > std::size_t(limit)) {
        page.requests.resize(std::size_t(limit));
        if (!page.requests.empty())
            page.next = PageKey{page.requests.back().row.startedUs, page.requests.back().sequence};
    }
    return page;
}

Result<LoggedRequest> request(Database &db, const QByteArray &id)
{
    Where where;
    where.add("id = ?", toVariant(id));
    auto list = select(db, std::move(where), QString(), 1);
    if (!list)
        return failure(list.error());
    if (list->empty())
        return failure(ErrorKind::NotFound, QStringLiteral("There is no such request in the log."),
                       "request_not_found");
    return std::move(list->front());
}

Result<std::vector<LoggedRequest>> requestsAfter(Database &db, std::int64_t sequence,
                                                 const RequestFilter &filter, int limit)
{
    Where where = whereOf(filter);
    where.add("sequence > ?", qlonglong(sequence));
    return select(db, std::move(where), QStringLiteral(" ORDER BY sequence"), limit);
}

Result<std::int64_t> lastSequence(Database &db)
{
    auto last = db.integer("SELECT max(sequence) FROM requests");
    if (!last)
        return failure(last.error());
    return last->value_or(0);
}

Result<bool> addRequest(Database &db, const RequestRow &r)
{
    const TokenCounts &u = r.usage;
    const QByteArray client = clientName(r.userAgent);
    auto added = db.run(
        "INSERT INTO requests(id, started_us, token_id, dialect, operation, model, stream, status, "
        "error, error_text, finish_reason, attempts, channel_id, input, cache_read, "
        "cache_write_5m, cache_write_1h, output, reasoning, audio_input, audio_output, "
        "image_input, image_output, cost, charge, flags, client_ip, user_agent, session_id, "
        "vendor_id, bytes_in, bytes_out, auth_us, routed_us, reserved_us, first_byte_us, "
        "first_token_us, end_us, units, served_model, client, left_out) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
        "?,?,?,?,?,?,?,?,?) ON CONFLICT(id) DO NOTHING",
        r.id, r.startedUs, r.tokenId, r.dialect, r.operation, r.model, r.stream, r.status, r.error,
        r.errorText, r.finishReason, r.attempts, r.channelId, u.input, u.cacheRead, u.cacheWrite5m,
        u.cacheWrite1h, u.output, u.reasoning, u.audioInput, u.audioOutput, u.imageInput,
        u.imageOutput, r.cost, r.charge, r.flags, r.clientIp, r.userAgent, r.sessionId, r.vendorId,
        r.bytesIn, r.bytesOut, r.authUs, r.routedUs, r.reservedUs, r.firstByteUs, r.firstTokenUs,
        r.endUs, unitsToJson(r.units), r.servedModel, client, r.leftOut);
    if (!added)
        return failure(added.error());
    if (*added == 0)
        return false;
    const RollupKey key = rollupKey(r);
    db.rollups().add(key, totalsOf(r));
    db.rollups().tally(key, talliesOf(r));
    if (r.tokenId != 0)
        db.rollups().touchToken(r.tokenId, r.startedUs);
    return true;
}

} // namespace tollgate::store
