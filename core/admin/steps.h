// SPDX-License-Identifier: GPL-3.0-or-later
// Steps that calls share: which row is meant, as its caller last saw it; and a change that is
// stored together with its audit row, and heard of by the engine, before the answer says so.
#pragma once

#include "core/admin/desk.h"
#include "core/admin/fields.h"

#include <type_traits>

namespace tollgate::admin {

constexpr std::int64_t kAnyVersion = -1;
constexpr std::int64_t kMaxId = std::int64_t{1} << 53;

struct Target
{
    QString name;
    std::int64_t version = kAnyVersion;
};

// {<member>: name, version?}
[[nodiscard]] Target readTarget(Fields &fields, const char *member);

// Of a change to a row that is no longer as its caller saw it.
[[nodiscard]] Error conflict();

template <class Row>
[[nodiscard]] Task<Result<Row>> find(Desk &desk, Target target,
                                     Result<Row> (*named)(store::Database &, const QString &))
{
    const auto reading
        = desk.read([name = target.name, named](store::Database &db) { return named(db, name); });
    Result<Row> row = co_await reading;
    if (row && target.version != kAnyVersion && row->version != target.version)
        co_return failure(conflict());
    co_return row;
}

template <class Change>
[[nodiscard]] Task<std::invoke_result_t<Change, store::Database &>>
change(Desk &desk, store::AuditRow trail, Change make)
{
    using Made = std::invoke_result_t<Change, store::Database &>;
    const auto writing = desk.write([trail, make](store::Database &db) -> Made {
        Made made = make(db);
        if (!made)
            return made;
        if (auto audited = store::audit(db, trail); !audited)
            return failure(audited.error());
        return made;
    });
    Made made = co_await writing;
    if (!made)
        co_return made;
    const OneShot<Result<void>> taken = desk.changed();
    co_await taken;
    co_return made;
}

} // namespace tollgate::admin
