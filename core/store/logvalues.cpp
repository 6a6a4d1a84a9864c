// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/database.h"
#include "core/store/logquery.h"
#include "core/store/requestcolumns.h"

#include <algorithm>

namespace tollgate::store {
namespace {

constexpr std::int64_t month = 30LL * 86'400'000'000;

// Channels, tokens and models are counted by the hour already.
Result<std::vector<FieldValue>> fromRollups(Database &db, const char *column, std::int64_t sinceUs,
                                            const QHash<std::int64_t, QString> *names)
{
    std::vector<FieldValue> values;
    const QString sql = QStringLiteral("SELECT %1, sum(requests) FROM rollups WHERE hour_us >= ? "
                                       "GROUP BY %1")
                            .arg(QLatin1String(column));
    auto done = db.eachComposed(sql, {qlonglong(sinceUs)}, [&](const Row &row) {
        const QString value = names == nullptr ? row.string(0) : names->value(row.integer(0));
        values.push_back({value, row.integer(1)});
    });
    if (!done)
        return failure(done.error());
    return values;
}

Result<std::vector<FieldValue>> fromNewest(Database &db, const char *column)
{
    std::vector<FieldValue> values;
    const QString sql
        = QStringLiteral("SELECT value, count(*) FROM (SELECT %1 AS value FROM requests ORDER BY "
                         "started_us DESC LIMIT 10000) GROUP BY value ORDER BY 2 DESC LIMIT 1000")
              .arg(QLatin1String(column));
    auto done = db.eachComposed(sql, {}, [&](const Row &row) {
        values.push_back({row.string(0), row.integer(1)});
    });
    if (!done)
        return failure(done.error());
    return values;
}

const char *columnOf(LogField field)
{
    switch (field) {
    case LogField::Served:
        return "served_model";
    case LogField::Client:
        return "client";
    case LogField::Ip:
        return "client_ip";
    case LogField::Session:
        return "session_id";
    case LogField::Error:
        return "error";
    case LogField::Dialect:
        return "dialect";
    case LogField::Finish:
        return "finish_reason";
    case LogField::Status:
        return "status";
    default:
        return nullptr;
    }
}

} // namespace

Result<std::vector<FieldValue>> logFieldValues(Database &db, LogField field, const QString &prefix,
                                               std::int64_t nowUs, int limit)
{
    auto names = logNames(db);
    if (!names)
        return failure(names.error());
    Result<std::vector<FieldValue>> found = std::vector<FieldValue>();
    if (field == LogField::Model)
        found = fromRollups(db, "model", nowUs - month, nullptr);
    else if (field == LogField::Token)
        found = fromRollups(db, "token_id", nowUs - month, &names->tokens);
    else if (field == LogField::Channel)
        found = fromRollups(db, "channel_id", nowUs - month, &names->channels);
    else if (const char *column = columnOf(field))
        found = fromNewest(db, column);
    if (!found)
        return found;
    std::vector<FieldValue> values;
    for (FieldValue &value : *found) {
        if (!value.value.isEmpty() && value.value.startsWith(prefix, Qt::CaseInsensitive))
            values.push_back(std::move(value));
    }
    std::stable_sort(values.begin(), values.end(),
                     [](const FieldValue &a, const FieldValue &b) { return a.count > b.count; });
    if (values.size() > std::size_t(limit))
        values.resize(std::size_t(limit));
    return values;
}

} // namespace tollgate::store
