// SPDX-License-Identifier: GPL-3.0-or-later
// The log as screens page, count, complete and follow it.
#include "core/admin/handlers.h"
#include "core/admin/logarguments.h"
#include "core/admin/logrow.h"
#include "core/admin/reading.h"
#include "core/admin/rowjson.h"

namespace tollgate::admin {
namespace {

constexpr int kLongestFilter = 4'096;
constexpr int kMostValues = 200;
constexpr std::int64_t kMostCounted = 1'000'000;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct Page
{
    store::LogNames names;
    store::LogRows rows;
    QHash<QByteArray, store::RequestNote> notes;
};

struct PageWish
{
    store::LogExpression filter;
    std::optional<store::PageKey> before;
    std::optional<store::PageKey> after;
    int limit = 100;
};

Result<Page> readPage(store::Database &db, const PageWish &wish)
{
    Page page;
    auto names = store::logNames(db);
    if (!names)
        return failure(names.error());
    page.names = std::move(*names);
    auto rows = wish.after ? store::logRowsAfter(db, wish.filter, *wish.after, wish.limit)
                           : store::logRows(db, wish.filter, wish.before, wish.limit);
    if (!rows)
        return failure(rows.error());
    page.rows = std::move(*rows);
    std::vector<QByteArray> ids;
    for (const store::LoggedRequest &request : page.rows.requests)
        ids.push_back(request.row.id);
    auto notes = store::requestNotes(db, ids);
    if (!notes)
        return failure(notes.error());
    page.notes = std::move(*notes);
    return page;
}

QJsonObject faulty(const FilterFault &fault)
{
    return {{key("filter_error"), faultJson(fault)}};
}

} // namespace

QJsonObject faultJson(const FilterFault &fault)
{
    return {{key("at"), integer(fault.at)},
            {key("length"), integer(fault.length)},
            {key("message"), fault.message},
            {key("hint"), fault.hint}};
}

QTimeZone takeZone(Fields &fields)
{
    const auto name = fields.text("zone", 64);
    if (!name || name->isEmpty())
        return QTimeZone::systemTimeZone();
    QTimeZone zone(name->toLatin1());
    if (!zone.isValid()) {
        fields.refuse("zone", QStringLiteral("is no time zone; write one such as Europe/Berlin"));
        return QTimeZone::utc();
    }
    return zone;
}

ParsedFilter takeFilter(Fields &fields, std::int64_t nowUs, const QTimeZone &zone)
{
    return parseFilter(fields.text("filter", kLongestFilter).value_or(QString()), nowUs, zone);
}

QString cursorText(const store::PageKey &key)
{
    return QStringLiteral("%1.%2").arg(key.startedUs).arg(key.sequence);
}

std::optional<store::PageKey> takeCursor(Fields &fields, const char *name)
{
    const auto text = fields.text(name, 64);
    if (!text || text->isEmpty())
        return std::nullopt;
    const qsizetype dot = text->indexOf(u'.');
    bool time = false;
    bool sequence = false;
    const store::PageKey found{text->left(dot).toLongLong(&time),
                               text->mid(dot + 1).toLongLong(&sequence)};
    if (dot < 1 || !time || !sequence) {
        fields.refuse(name, QStringLiteral("is no place in the log; take it from an answer"));
        return std::nullopt;
    }
    return found;
}

Answer logPage(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QTimeZone zone = takeZone(fields);
    ParsedFilter filter = takeFilter(fields, desk.nowUs(), zone);
    PageWish wish;
    wish.before = takeCursor(fields, "before");
    wish.after = takeCursor(fields, "after");
    wish.limit = static_cast<int>(fields.integer("limit", 1, 500).value_or(100));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (filter.fault)
        co_return faulty(*filter.fault);
    wish.filter = std::move(filter.expression);
    auto reading
        = readWhileWanted(desk, [wish](store::Database &db) { return readPage(db, wish); });
    const Result<Page> page = co_await reading;
    if (!page)
        co_return failure(page.error());
    QJsonArray rows;
    for (const store::LoggedRequest &request : page->rows.requests)
        rows.append(logRow(request.row, page->names, page->notes.value(request.row.id)));
    QJsonObject answer{{key("requests"), rows},
                       {key("more"), page->rows.next.has_value()},
                       {key("partial"), page->rows.partial}};
    answer.insert(key("next"),
                  page->rows.next ? QJsonValue(cursorText(*page->rows.next)) : QJsonValue());
    if (!page->rows.requests.empty()) {
        const store::LoggedRequest &first = page->rows.requests.front();
        answer.insert(key("first"), cursorText({first.row.startedUs, first.sequence}));
    }
    if (page->rows.partial)
        answer.insert(key("searched_to_us"), integer(page->rows.next->startedUs));
    co_return answer;
}

Answer logCountCall(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QTimeZone zone = takeZone(fields);
    const ParsedFilter filter = takeFilter(fields, desk.nowUs(), zone);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (filter.fault)
        co_return faulty(*filter.fault);
    auto reading = readWhileWanted(desk, [wanted = filter.expression](store::Database &db) {
        return store::logCount(db, wanted, kMostCounted);
    });
    const Result<store::LogCount> count = co_await reading;
    if (!count)
        co_return failure(count.error());
    co_return QJsonObject{{key("count"), integer(count->count)}, {key("capped"), count->capped}};
}

Answer logFields(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const auto name = fields.text("field", 32);
    const QString prefix = fields.text("prefix", 256).value_or(QString());
    const int limit = static_cast<int>(fields.integer("limit", 1, kMostValues).value_or(50));
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    QJsonArray known;
    std::optional<store::LogField> asked;
    for (const FilterField &field : filterFields()) {
        known.append(QJsonObject{{key("name"), QString::fromLatin1(field.name)},
                                 {key("example"), QString::fromUtf8(field.example)}});
        if (name && *name == QLatin1String(field.name))
            asked = field.field;
    }
    if (!name)
        co_return QJsonObject{{key("fields"), known}};
    if (!asked) {
        co_return failure(ErrorKind::NotFound,
                          QStringLiteral("There is no field named %1.").arg(*name));
    }
    auto reading = readWhileWanted(
        desk, [field = *asked, prefix, limit, nowUs = desk.nowUs()](store::Database &db) {
            return store::logFieldValues(db, field, prefix, nowUs, limit);
        });
    const Result<std::vector<store::FieldValue>> values = co_await reading;
    if (!values)
        co_return failure(values.error());
    QJsonArray list;
    for (const store::FieldValue &value : *values) {
        list.append(QJsonObject{{key("value"), value.value}, {key("count"), integer(value.count)}});
    }
    co_return QJsonObject{{key("values"), list}};
}

Answer logNote(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QByteArray id = fields.requiredText("id", 64).toUtf8();
    store::RequestNote note;
    note.mark = static_cast<int>(fields.integer("mark", 0, 8).value_or(0));
    for (const QByteArray &tag : fields.list("tags", 32, 64).value_or(QByteArrayList())) {
        if (tag.isEmpty() || tag.contains(','))
            fields.refuse("tags", QStringLiteral("are words without a comma"));
        note.tags.append(QString::fromUtf8(tag));
    }
    note.comment = fields.text("comment", 8'192).value_or(QString());
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const auto writing = desk.write(
        [id, note](store::Database &db) { return store::setRequestNote(db, id, note); });
    const Result<void> written = co_await writing;
    if (!written)
        co_return failure(written.error());
    co_return QJsonObject();
}

} // namespace tollgate::admin
