// SPDX-License-Identifier: GPL-3.0-or-later
// The bell: what people should hear of, read and cleared.
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/steps.h"
#include "core/store/notices.h"

namespace tollgate::admin {
namespace {

constexpr int kMost = 300;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

template <class Change> Answer changeUpTo(Desk &desk, QJsonObject arguments, Change make)
{
    Fields fields(arguments);
    const std::int64_t upTo = fields.integer("up_to", 1, kMaxId).value_or(kMaxId);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto writing = desk.write([upTo, make](store::Database &db) { return make(db, upTo); });
    const Result<std::int64_t> changed = co_await writing;
    if (!changed)
        co_return failure(changed.error());
    co_return QJsonObject{{key("count"), qint64{*changed}}};
}

} // namespace

Answer bellList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto reading = desk.read([](store::Database &db) { return store::notices(db, kMost); });
    const Result<std::vector<store::NoticeRow>> rows = co_await reading;
    if (!rows)
        co_return failure(rows.error());
    QJsonArray list;
    int unread = 0;
    for (const store::NoticeRow &row : *rows) {
        unread += row.seen ? 0 : 1;
        list.append(QJsonObject{
            {key("id"), qint64{row.id}},
            {key("at_us"), qint64{row.atUs}},
            {key("kind"), QString::fromUtf8(row.kind)},
            {key("subject"), QString::fromUtf8(row.subject)},
            {key("detail"), QJsonDocument::fromJson(row.detail).object()},
            {key("times"), row.times},
            {key("read"), row.seen},
        });
    }
    co_return QJsonObject{{key("notices"), list}, {key("unread"), unread}};
}

Answer bellRead(Desk &desk, QJsonObject arguments, OnEvent)
{
    return changeUpTo(desk, std::move(arguments), store::seeNotices);
}

Answer bellClear(Desk &desk, QJsonObject arguments, OnEvent)
{
    return changeUpTo(desk, std::move(arguments), store::clearNotices);
}

} // namespace tollgate::admin
