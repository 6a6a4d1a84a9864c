// SPDX-License-Identifier: GPL-3.0-or-later
// One request with everything that is known of it.
#include "core/admin/handlers.h"
#include "core/admin/logarguments.h"
#include "core/admin/logrow.h"
#include "core/admin/pricelines.h"
#include "core/admin/reading.h"
#include "core/admin/rowjson.h"
#include "core/admin/ssetext.h"
#include "core/ledger/pricestore.h"
#include "core/store/bodies.h"
#include "core/store/channels.h"
#include "core/store/settings.h"

#include <QJsonDocument>

#include <array>

namespace tollgate::admin {
namespace {

constexpr qsizetype kMostBytes = 1024 * 1024; // of a body in one answer
constexpr int kMostEvents = 20'000;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QString text(const QByteArray &utf8)
{
    return QString::fromUtf8(utf8);
}

struct Which
{
    const char *name;
    store::BodyKind kind;
};
constexpr std::array kWhich{
    Which{"client_request", store::BodyKind::Request},
    Which{"client_answer", store::BodyKind::Response},
    Which{"upstream_request", store::BodyKind::UpstreamRequest},
    Which{"upstream_answer", store::BodyKind::UpstreamAnswer},
};

struct Inspected
{
    store::LoggedRequest request;
    store::LogNames names;
    store::RequestNote note;
    QHash<std::int64_t, QString> keyHints;
    std::optional<ledger::Price> price; // of the attempt that was paid
    std::vector<store::Body> bodies;
    bool keeping = false; // the setting, now
};

Result<void> readPrice(store::Database &db, Inspected &found)
{
    for (const store::AttemptRow &attempt : found.request.attempts) {
        if (attempt.priceId == 0 || attempt.state != store::AttemptState::Settled)
            continue;
        auto row = store::priceVersion(db, attempt.priceId);
        if (!row)
            return failure(row.error());
        if (!*row)
            continue;
        auto price = ledger::fromRow(**row);
        if (!price)
            return failure(price.error());
        found.price = std::move(*price);
    }
    return {};
}

Result<Inspected> inspect(store::Database &db, const QByteArray &id, const QString &profile)
{
    Inspected found;
    auto request = store::request(db, id);
    if (!request)
        return failure(request.error());
    found.request = std::move(*request);
    auto names = store::logNames(db);
    if (!names)
        return failure(names.error());
    found.names = std::move(*names);
    auto notes = store::requestNotes(db, {id});
    if (!notes)
        return failure(notes.error());
    found.note = notes->value(id);
    auto channels = store::channels(db);
    if (!channels)
        return failure(channels.error());
    for (const store::ChannelRow &channel : *channels) {
        for (const store::ChannelKeyRow &one : channel.keys)
            found.keyHints.insert(one.id, text(one.hint));
    }
    if (auto priced = readPrice(db, found); !priced)
        return failure(priced.error());
    auto keeping = store::setting(db, "log.bodies");
    if (!keeping)
        return failure(keeping.error());
    found.keeping = *keeping && **keeping == "true";
    const store::Bodies kept({.profile = profile});
    auto bodies = kept.read(id, found.request.row.startedUs);
    if (!bodies)
        return failure(bodies.error());
    found.bodies = std::move(*bodies);
    return found;
}

// What was decided when an attempt had ended.
QString decision(const Inspected &found, std::size_t index)
{
    const auto &attempts = found.request.attempts;
    const store::AttemptRow &attempt = attempts[index];
    if (index + 1 < attempts.size()) {
        return attempts[index + 1].channelId == attempt.channelId ? key("other_key")
                                                                  : key("other_channel");
    }
    if (attempt.error.isEmpty())
        return key("answered");
    if (found.request.row.status == 499)
        return key("client_left");
    return (attempt.flags & store::Partial) != 0 ? key("broken_off") : key("gave_up");
}

QJsonArray attemptsJson(const Inspected &found)
{
    QJsonArray list;
    const auto &attempts = found.request.attempts;
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        const store::AttemptRow &row = attempts[i];
        const TokenCounts &usage = row.usage;
        list.append(
            QJsonObject{{key("number"), row.number},
                        {key("channel"), named(row.channelId, found.names.channels)},
                        {key("key_id"), QString::number(row.keyId)},
                        {key("key_hint"), found.keyHints.value(row.keyId)},
                        {key("model"), text(row.model)},
                        {key("reason"), text(row.reason)},
                        {key("state"), attemptStateName(row.state)},
                        {key("status"), row.status},
                        {key("error"), text(row.error)},
                        {key("error_text"), row.errorText},
                        {key("decision"), decision(found, i)},
                        {key("cost_nano"), integer(row.cost.value)},
                        {key("held_nano"), integer(row.held.value)},
                        {key("input_tokens"), integer(usage.totalInput())},
                        {key("cached_tokens"), integer(usage.cacheRead)},
                        {key("output_tokens"), integer(usage.totalOutput())},
                        {key("reasoning_tokens"), integer(usage.reasoning)},
                        {key("estimated"), (row.flags & store::Estimated) != 0},
                        {key("unpriced"), (row.flags & store::Unpriced) != 0},
                        {key("offset_us"), integer(row.startedUs - found.request.row.startedUs)},
                        {key("connect_us"), durationJson(row.connectUs)},
                        {key("first_byte_us"), durationJson(row.firstByteUs)},
                        {key("first_token_us"), durationJson(row.firstTokenUs)},
                        {key("end_us"), durationJson(row.endUs)}});
    }
    return list;
}

QJsonArray candidatesJson(const Inspected &found)
{
    QJsonArray list;
    QSet<std::int64_t> told;
    for (const store::AttemptRow &row : found.request.attempts) {
        if (told.contains(row.channelId))
            continue;
        told.insert(row.channelId);
        list.append(QJsonObject{{key("channel"), named(row.channelId, found.names.channels)},
                                {key("verdict"), key("used")},
                                {key("reason"), text(row.reason)}});
    }
    for (const QJsonValue &value : QJsonDocument::fromJson(found.request.row.leftOut).array()) {
        const QJsonArray one = value.toArray();
        const std::int64_t id = one.at(0).toInteger();
        const bool candidate = one.at(2).toInt() == 1;
        if (candidate && told.contains(id))
            continue;
        list.append(QJsonObject{{key("channel"), named(id, found.names.channels)},
                                {key("verdict"), candidate ? key("not_needed") : key("left_out")},
                                {key("reason"), one.at(1).toString()}});
    }
    return list;
}

QJsonValue pricesJson(const Inspected &found)
{
    if (!found.price)
        return QJsonValue::Null;
    const store::RequestRow &row = found.request.row;
    QJsonArray lines;
    for (const PriceLine &line : priceLines(*found.price, row.usage, row.units)) {
        lines.append(QJsonObject{{key("kind"), key(line.kind)},
                                 {key("unit"), key(line.unit)},
                                 {key("quantity"), integer(line.quantity)},
                                 {key("unit_price_pico"), integer(line.unitPrice.value)},
                                 {key("cost_nano"), integer(line.cost.value)}});
    }
    return QJsonObject{{key("lines"), lines},
                       {key("model"), text(found.price->model)},
                       {key("provider"), text(found.price->provider)},
                       {key("source"), text(found.price->source)},
                       {key("version"), QString::number(found.price->id)},
                       {key("valid_from_us"), integer(found.price->validFromUs)}};
}

QJsonObject bodiesJson(const Inspected &found)
{
    QJsonArray parts;
    bool timed = false;
    for (const store::Body &body : found.bodies) {
        timed = timed || body.kind == store::BodyKind::Timing;
        for (const Which &which : kWhich) {
            if (which.kind != body.kind)
                continue;
            parts.append(QJsonObject{{key("which"), key(which.name)},
                                     {key("attempt"), body.attempt},
                                     {key("size"), integer(body.bytes.size())},
                                     {key("truncated"), body.truncated}});
        }
    }
    const bool kept = !parts.isEmpty();
    // Off then or now cannot be told apart from kept and deleted, but that it is on now can.
    const QString why = kept ? QString() : found.keeping ? key("deleted_or_earlier") : key("off");
    return {{key("kept"), kept},
            {key("timed"), timed},
            {key("parts"), parts},
            {key("why_not"), why},
            {key("setting"), key("log.bodies")},
            {key("setting_now"), found.keeping}};
}

QJsonObject requestJson(const Inspected &found)
{
    const store::RequestRow &row = found.request.row;
    QJsonObject json = logRow(row, found.names, found.note);
    json.insert(key("vendor_id"), text(row.vendorId));
    json.insert(key("charge_nano"), integer(row.charge.value));
    json.insert(key("auth_us"), durationJson(row.authUs));
    json.insert(key("routed_us"), durationJson(row.routedUs));
    json.insert(key("reserved_us"), durationJson(row.reservedUs));
    json.insert(key("first_byte_us"), durationJson(row.firstByteUs));
    json.insert(key("comment"), found.note.comment);
    return json;
}

} // namespace

Answer logShow(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QByteArray id = fields.requiredText("id", 64).toUtf8();
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    const QString profile = desk.rooms.store->profile();
    auto reading = readWhileWanted(
        desk, [id, profile](store::Database &db) { return inspect(db, id, profile); });
    const Result<Inspected> found = co_await reading;
    if (!found)
        co_return failure(found.error());
    co_return QJsonObject{{key("request"), requestJson(*found)},
                          {key("attempts"), attemptsJson(*found)},
                          {key("candidates"), candidatesJson(*found)},
                          {key("prices"), pricesJson(*found)},
                          {key("bodies"), bodiesJson(*found)}};
}

namespace {

Task<Result<std::vector<store::Body>>> readBodies(Desk &desk, QByteArray id)
{
    const QString profile = desk.rooms.store->profile();
    auto reading = readWhileWanted(
        desk, [id, profile](store::Database &db) -> Result<std::vector<store::Body>> {
            auto request = store::request(db, id);
            if (!request)
                return failure(request.error());
            const store::Bodies kept({.profile = profile});
            return kept.read(id, request->row.startedUs);
        });
    Result<std::vector<store::Body>> bodies = co_await reading;
    co_return bodies;
}

const store::Body *find(const std::vector<store::Body> &bodies, store::BodyKind kind, int attempt)
{
    const store::Body *found = nullptr;
    for (const store::Body &body : bodies) {
        if (body.kind == kind && (attempt < 0 || body.attempt == attempt))
            found = &body;
    }
    return found;
}

tl::unexpected<Error> notKept()
{
    return failure(ErrorKind::NotFound,
                   QStringLiteral("This was not kept, or has been deleted since."),
                   "body_not_kept");
}

} // namespace

Answer logBody(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QByteArray id = fields.requiredText("id", 64).toUtf8();
    const QString name = fields.requiredText("which", 32);
    const int attempt = static_cast<int>(fields.integer("attempt", 0, 7).value_or(-1));
    const qsizetype offset
        = static_cast<qsizetype>(fields.integer("offset", 0, 1LL << 40).value_or(0));
    const qsizetype limit
        = static_cast<qsizetype>(fields.integer("limit", 1, kMostBytes).value_or(256 * 1024));
    const Which *which = nullptr;
    for (const Which &one : kWhich) {
        if (name == QLatin1String(one.name))
            which = &one;
    }
    if (which == nullptr) {
        fields.refuse("which",
                      QStringLiteral("is client_request, client_answer, upstream_request "
                                     "or upstream_answer"));
    }
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    auto reading = readBodies(desk, id);
    const Result<std::vector<store::Body>> bodies = co_await reading;
    if (!bodies)
        co_return failure(bodies.error());
    const bool whole
        = which->kind == store::BodyKind::Request || which->kind == store::BodyKind::Response;
    const store::Body *body = find(*bodies, which->kind, whole ? 0 : attempt);
    if (body == nullptr)
        co_return notKept();
    const QByteArray slice = body->bytes.mid(offset, limit);
    QJsonObject answer{{key("total"), integer(body->bytes.size())},
                       {key("offset"), integer(offset)},
                       {key("length"), integer(slice.size())},
                       {key("truncated"), body->truncated}};
    // Text as text; what is none, or was cut in a letter, by its bytes.
    if (body->bytes.isValidUtf8()) {
        answer.insert(key("text"), text(slice));
    } else {
        answer.insert(key("base64"), QString::fromLatin1(slice.toBase64()));
    }
    co_return answer;
}

Answer logStream(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QByteArray id = fields.requiredText("id", 64).toUtf8();
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    auto reading = readBodies(desk, id);
    const Result<std::vector<store::Body>> bodies = co_await reading;
    if (!bodies)
        co_return failure(bodies.error());
    const store::Body *body = find(*bodies, store::BodyKind::Response, 0);
    const store::Body *timing = find(*bodies, store::BodyKind::Timing, 0);
    if (body == nullptr)
        co_return notKept();
    const std::vector<StreamEvent> events
        = streamEvents(body->bytes, timing ? timing->bytes : QByteArray(), kMostEvents);
    QJsonArray list;
    for (const StreamEvent &event : events) {
        list.append(QJsonObject{{key("offset_us"), durationJson(event.offsetUs)},
                                {key("type"), text(event.type)},
                                {key("delta"), event.delta},
                                {key("raw"), text(event.raw)},
                                {key("whole"), event.whole}});
    }
    co_return QJsonObject{{key("events"), list},
                          {key("timed"), timing != nullptr},
                          {key("truncated"), body->truncated}};
}

} // namespace tollgate::admin
