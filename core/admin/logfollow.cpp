// SPDX-License-Identifier: GPL-3.0-or-later
// The log as it happens, and what runs right now.
#include "core/admin/handlers.h"
#include "core/admin/logarguments.h"
#include "core/admin/logrow.h"
#include "core/admin/reading.h"
#include "core/admin/rowjson.h"
#include "core/admin/running.h"
#include "core/store/clientname.h"

namespace tollgate::admin {
namespace {

constexpr int kBeatMs = 100; // at most ten batches a second
constexpr int kReadEveryBeats = 3; // where nothing runs, the log is looked at less often
constexpr int kHeartbeatBeats = 10; // a listener that has left is noticed
constexpr int kTickBeats = 3; // how often a running row's figures move
constexpr int kBatch = 500;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct Tail
{
    store::LogNames names;
    std::vector<store::LoggedRequest> requests; // by order of completion
    QHash<QByteArray, store::RequestNote> notes;
    std::int64_t last = 0;
};

Result<Tail> readTail(store::Database &db, const store::LogExpression &filter,
                      std::optional<std::int64_t> after)
{
    Tail tail;
    auto names = store::logNames(db);
    if (!names)
        return failure(names.error());
    tail.names = std::move(*names);
    const auto last = store::lastSequence(db);
    if (!last)
        return failure(last.error());
    tail.last = *last;
    if (!after || *last <= *after)
        return tail;
    auto rows = store::logRowsCompleted(db, filter, *after, kBatch);
    if (!rows)
        return failure(rows.error());
    tail.requests = std::move(*rows);
    if (tail.requests.size() == std::size_t(kBatch))
        tail.last = tail.requests.back().sequence;
    return tail;
}

// Remembers what a listener was told of running requests, so that only changes are told.
class Told
{
public:
    // Whether the listener should hear of this now.
    bool isNews(const relay::RunningCall &call, int beat)
    {
        const QByteArray outline = QByteArray::number(static_cast<int>(call.phase)) + ' '
            + QByteArray::number(call.row.attempts) + ' '
            + QByteArray::number(qlonglong(call.row.channelId)) + ' ' + call.row.model;
        One &one = m_calls[call.row.id];
        one.seen = beat;
        const bool moved = call.outputTokens != one.tokens && beat - one.told >= kTickBeats;
        if (one.outline == outline && !moved)
            return false;
        one.outline = outline;
        one.tokens = call.outputTokens;
        one.told = beat;
        return true;
    }
    void forget(const QByteArray &id) { m_calls.remove(id); }
    // Those that ended without a row that the filter lets pass.
    QJsonArray gone(int beat)
    {
        QJsonArray ids;
        for (auto it = m_calls.begin(); it != m_calls.end();) {
            if (beat - it->seen < kHeartbeatBeats) {
                ++it;
                continue;
            }
            ids.append(QString::fromUtf8(it.key()));
            it = m_calls.erase(it);
        }
        return ids;
    }

private:
    struct One
    {
        QByteArray outline;
        std::int64_t tokens = 0;
        int told = 0;
        int seen = 0;
    };
    QHash<QByteArray, One> m_calls;
};

void nameClient(relay::RunningCall &call)
{
    call.row.client = store::clientName(call.row.userAgent);
}

// Running ones first, since a request's own row is written before it stops running.
QJsonArray changes(std::vector<relay::RunningCall> calls, const Tail &tail,
                   const store::LogExpression &filter, Told &told, int beat)
{
    QJsonArray rows;
    QSet<QByteArray> completed;
    for (const store::LoggedRequest &request : tail.requests)
        completed.insert(request.row.id);
    for (relay::RunningCall &call : calls) {
        nameClient(call);
        if (completed.contains(call.row.id) || call.row.model.isEmpty()
            || !store::logMatches(filter, {call.row, tail.names, nullptr, true})
            || !told.isNews(call, beat))
            continue;
        rows.append(logRow(call, tail.names));
    }
    for (const store::LoggedRequest &request : tail.requests) {
        told.forget(request.row.id);
        rows.append(logRow(request.row, tail.names, {}));
    }
    return rows;
}

} // namespace

// Events {rows: […], gone: [ids]}: a row with an id that was told before takes its place.
Answer logFollow(Desk &desk, QJsonObject arguments, OnEvent onEvent)
{
    Fields fields(arguments);
    const QTimeZone zone = takeZone(fields);
    const ParsedFilter filter = takeFilter(fields, desk.nowUs(), zone);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (filter.fault || !onEvent) {
        co_return failure(ErrorKind::InvalidRequest,
                          filter.fault ? filter.fault->message
                                       : QStringLiteral("This caller cannot follow the log."));
    }
    const store::LogExpression wanted = filter.expression;
    auto beginning = readWhileWanted(
        desk, [wanted](store::Database &db) { return readTail(db, wanted, std::nullopt); });
    Result<Tail> tail = co_await beginning;
    if (!tail)
        co_return failure(tail.error());
    std::int64_t sequence = tail->last;
    store::LogNames names = tail->names;
    Told told;
    bool busy = false;
    for (int beat = 1;; ++beat) {
        std::vector<relay::RunningCall> calls;
        if (Engine *engine = desk.rooms.engine) {
            const auto asking = engine->running();
            calls = co_await asking;
        }
        // While something runs, something may have ended.
        const bool looking = busy || !calls.empty() || beat % kReadEveryBeats == 0;
        busy = !calls.empty();
        Tail news;
        news.names = names;
        news.last = sequence;
        if (looking) {
            auto reading = readWhileWanted(desk, [wanted, sequence](store::Database &db) {
                return readTail(db, wanted, sequence);
            });
            Result<Tail> read = co_await reading;
            if (!read)
                co_return failure(read.error());
            news = std::move(*read);
            names = news.names;
        }
        sequence = news.last;
        const QJsonArray rows = changes(std::move(calls), news, wanted, told, beat);
        const QJsonArray gone = told.gone(beat);
        if (!rows.isEmpty() || !gone.isEmpty() || beat % kHeartbeatBeats == 0) {
            QJsonObject event;
            if (!rows.isEmpty())
                event.insert(key("rows"), rows);
            if (!gone.isEmpty())
                event.insert(key("gone"), gone);
            if (!onEvent(event))
                co_return QJsonObject();
        }
        const OneShot<bool> elapsed = after(kBeatMs);
        co_await elapsed;
    }
}

Answer runningList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    std::vector<relay::RunningCall> calls;
    if (Engine *engine = desk.rooms.engine) {
        const auto asking = engine->running();
        calls = co_await asking;
    }
    auto reading = readWhileWanted(desk, [](store::Database &db) { return store::logNames(db); });
    const Result<store::LogNames> names = co_await reading;
    if (!names)
        co_return failure(names.error());
    QJsonArray rows;
    for (relay::RunningCall &call : calls) {
        nameClient(call);
        rows.append(logRow(call, *names));
    }
    co_return QJsonObject{{key("requests"), rows}};
}

Answer runningStop(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QByteArray id = fields.requiredText("id", 64).toUtf8();
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    bool stopped = false;
    if (Engine *engine = desk.rooms.engine) {
        const auto asking = engine->stopRequest(id);
        stopped = co_await asking;
    }
    if (!stopped) {
        co_return failure(ErrorKind::NotFound,
                          QStringLiteral("That request is not running, or has ended meanwhile."),
                          "not_running");
    }
    const auto writing = desk.write([row = desk.auditRow("running.stop", id, {})](
                                        store::Database &db) { return store::audit(db, row); });
    const Result<void> written = co_await writing;
    if (!written)
        co_return failure(written.error());
    co_return QJsonObject{{key("stopped"), true}};
}

} // namespace tollgate::admin
