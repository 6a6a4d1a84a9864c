// SPDX-License-Identifier: GPL-3.0-or-later
// One change to many rows: what it would do to each, and then all of it or nothing.
#pragma once

#include "core/admin/desk.h"
#include "core/admin/fields.h"
#include "core/admin/rowjson.h"
#include "core/admin/steps.h"

namespace tollgate::admin {

struct BulkWish
{
    QStringList names;
    bool dryRun = false;
    QJsonObject rest; // the fields to lay over each row
};

// Whether `arguments` mean many: they have "ids", a list of names. The wish, or what is wrong.
[[nodiscard]] inline bool isBulk(const QJsonObject &arguments)
{
    return arguments.contains(QLatin1String("ids"));
}
[[nodiscard]] Result<BulkWish> readBulk(const QJsonObject &arguments);

template <class Row> struct BulkPlan
{
    std::vector<Row> changed;
    QJsonArray changes; // [{name, changes: {field: [before, after]}}]
    QJsonArray skipped; // [{name, reason}]
};

// `edit(row)` lays the fields over a row. A row that stays as it is counts as skipped; a field that
// is wrong for one is wrong for all.
template <class Row, class Edit>
[[nodiscard]] Result<BulkPlan<Row>> planBulk(const BulkWish &wish, const std::vector<Row> &rows,
                                             const Edit &edit)
{
    BulkPlan<Row> plan;
    for (const QString &name : wish.names) {
        const auto skip = [&](const QString &reason) {
            plan.skipped.append(
                QJsonObject{{QStringLiteral("name"), name}, {QStringLiteral("reason"), reason}});
        };
        const Row *found = nullptr;
        for (const Row &row : rows) {
            if (row.name == name)
                found = &row;
        }
        if (!found) {
            skip(QStringLiteral("not there any more"));
            continue;
        }
        Row after = *found;
        if (const Result<void> edited = edit(after); !edited)
            return failure(edited.error());
        const QJsonObject differing = changes(toJson(*found), toJson(after));
        if (differing.isEmpty()) {
            skip(QStringLiteral("already so"));
            continue;
        }
        plan.changes.append(
            QJsonObject{{QStringLiteral("name"), name}, {QStringLiteral("changes"), differing}});
        plan.changed.push_back(std::move(after));
    }
    return plan;
}

template <class Row> [[nodiscard]] QJsonObject bulkAnswer(const BulkPlan<Row> &plan, bool dryRun)
{
    return {{QStringLiteral("changed"), plan.changes},
            {QStringLiteral("skipped"), plan.skipped},
            {QStringLiteral("dry_run"), dryRun}};
}

[[nodiscard]] Answer channelUpdateMany(Desk &desk, QJsonObject arguments);
[[nodiscard]] Answer tokenUpdateMany(Desk &desk, QJsonObject arguments);

} // namespace tollgate::admin
