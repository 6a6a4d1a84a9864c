// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/usagequery.h"

#include "core/store/counters.h"
#include "core/store/database.h"
#include "core/store/logwhere.h"

#include <QElapsedTimer>

#include <algorithm>

namespace tollgate::store {
namespace {

constexpr std::int64_t hour = 3'600'000'000;

struct Span
{
    std::int64_t fromUs = 0;
    std::int64_t untilUs = 0;
};

bool knownToSums(UsageDimension dimension)
{
    switch (dimension) {
    case UsageDimension::None:
    case UsageDimension::Model:
    case UsageDimension::Token:
    case UsageDimension::Channel:
        return true;
    default:
        return false;
    }
}

bool knownToSums(const LogExpression &filter)
{
    if (filter.kind == LogExpression::Kind::Term) {
        const LogField field = filter.term.field;
        return field == LogField::Model || field == LogField::Token || field == LogField::Channel;
    }
    return std::all_of(filter.parts.begin(), filter.parts.end(),
                       [](const LogExpression &part) { return knownToSums(part); });
}

const char *columnOf(UsageDimension dimension)
{
    switch (dimension) {
    case UsageDimension::None:
        break;
    case UsageDimension::Model:
        return "model";
    case UsageDimension::Token:
        return "token_id";
    case UsageDimension::Channel:
        return "channel_id";
    case UsageDimension::Served:
        return "served_model";
    case UsageDimension::Client:
        return "client";
    case UsageDimension::Dialect:
        return "dialect";
    case UsageDimension::Error:
        return "error";
    case UsageDimension::Session:
        return "session_id";
    }
    return "''";
}

int bucketAt(const std::vector<std::int64_t> &edges, std::int64_t us)
{
    const auto above = std::upper_bound(edges.begin(), edges.end(), us);
    return int(above - edges.begin()) - 1;
}

// Whole hours to be read from the sums, and the pieces that only the log can divide.
struct Division
{
    std::vector<Span> whole;
    std::vector<Span> pieces;
};

Division divide(const std::vector<std::int64_t> &edges, std::int64_t nowUs)
{
    Division division;
    const auto hourOf = [](std::int64_t us) { return us / hour * hour; };
    std::int64_t from = edges.front();
    const auto whole = [&](std::int64_t until) {
        if (from < until)
            division.whole.push_back({from, until});
        from = std::max(from, until);
    };
    for (const std::int64_t edge : edges) {
        if (edge % hour == 0)
            continue;
        // Nothing is stored of the time to come: the hour of now is whole, wherever it ends.
        if (edge >= nowUs && edge == edges.back()) {
            whole(hourOf(edge) + hour);
            return division;
        }
        const std::int64_t cut = hourOf(edge);
        whole(cut);
        const Span piece{std::max(cut, edges.front()), std::min(cut + hour, edges.back())};
        if (division.pieces.empty() || division.pieces.back().fromUs != piece.fromUs)
            division.pieces.push_back(piece);
        from = std::max(from, cut + hour);
    }
    whole(edges.back());
    return division;
}

class Reader
{
public:
    Reader(Database &db, const UsageAsk &ask, LogWhere where)
        : m_db(db)
        , m_ask(ask)
        , m_where(std::move(where))
    {
    }

    Result<UsageAnswer> read()
    {
        m_answer.coveredSinceUs = m_ask.edges.front();
        if (m_where.none)
            return std::move(m_answer);
        const bool sums = knownToSums(m_ask.by) && knownToSums(m_ask.thenBy)
            && knownToSums(m_ask.filter) && m_where.sinceUs == 0 && m_where.untilUs == 0;
        m_answer.fromSums = sums;
        Result<void> done;
        if (!sums) {
            done = log({m_ask.edges.front(), m_ask.edges.back()});
        } else {
            const Division division = divide(m_ask.edges, m_ask.nowUs);
            for (const Span &span : division.whole) {
                if (done)
                    done = hourlySums(span);
                if (done)
                    done = tallies(span);
            }
            for (auto piece = division.pieces.rbegin(); piece != division.pieces.rend(); ++piece) {
                if (done)
                    done = log(*piece);
            }
        }
        if (!done)
            return failure(done.error());
        return std::move(m_answer);
    }

private:
    [[nodiscard]] QString dimensions() const
    {
        return QStringLiteral("%1, %2").arg(QLatin1String(columnOf(m_ask.by)),
                                            QLatin1String(columnOf(m_ask.thenBy)));
    }
    void addFilter(QString &sql, QVariantList &values) const
    {
        for (const LogPiece *piece : {&m_where.driver, &m_where.rest}) {
            if (piece->sql.isEmpty())
                continue;
            sql += QStringLiteral(" AND ") + piece->sql;
            values += piece->values;
        }
    }
    UsageCell *cell(std::int64_t us, const QByteArray &by, const QByteArray &thenBy)
    {
        const int bucket = bucketAt(m_ask.edges, us);
        if (bucket < 0)
            return nullptr;
        const int last = int(m_ask.edges.size()) - 2;
        return &m_answer.cells[{std::min(bucket, last), by, thenBy}];
    }

    Result<void> hourlySums(const Span &span)
    {
        QString sql
            = QStringLiteral("SELECT hour_us, %1, sum(requests), sum(failed), sum(input), "
                             "sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), "
                             "sum(output), sum(reasoning), sum(audio_input), sum(audio_output), "
                             "sum(image_input), sum(image_output), sum(cost), sum(charge), "
                             "sum(estimated), sum(unpriced) FROM rollups "
                             "WHERE hour_us >= ? AND hour_us < ?")
                  .arg(dimensions());
        QVariantList values{qlonglong(span.fromUs), qlonglong(span.untilUs)};
        addFilter(sql, values);
        sql += QStringLiteral(" GROUP BY 1, 2, 3");
        return m_db.eachComposed(sql, values, [&](const Row &row) {
            UsageCell *at = cell(row.integer(0), row.text(1), row.text(2));
            if (at == nullptr)
                return;
            UsageCell more;
            more.totals.requests = row.integer(3);
            more.totals.failed = row.integer(4);
            more.totals.usage = readCounts(row, 5);
            more.totals.cost = row.nano(15);
            more.totals.charge = row.nano(16);
            more.totals.estimated = row.integer(17);
            more.totals.unpriced = row.integer(18);
            at->add(more);
        });
    }

    Result<void> tallies(const Span &span)
    {
        const Tally first = m_ask.durations ? Tally::FirstToken : Tally::Outcome;
        for (int kind = static_cast<int>(first); kind <= static_cast<int>(Tally::Outcome); ++kind) {
            QString sql = QStringLiteral("SELECT hour_us, %1, bucket, sum(count) FROM tallies "
                                         "WHERE kind = ? AND hour_us >= ? AND hour_us < ?")
                              .arg(dimensions());
            QVariantList values{kind, qlonglong(span.fromUs), qlonglong(span.untilUs)};
            addFilter(sql, values);
            sql += QStringLiteral(" GROUP BY 1, 2, 3, 4");
            auto done = m_db.eachComposed(sql, values, [&](const Row &row) {
                if (UsageCell *at = cell(row.integer(0), row.text(1), row.text(2)))
                    count(*at, {Tally(kind), row.number(3)}, row.integer(4));
            });
            if (!done)
                return done;
        }
        return {};
    }

    static void count(UsageCell &cell, const Tallied &what, std::int64_t times)
    {
        const auto bucket = static_cast<std::size_t>(what.bucket);
        if (what.kind != Tally::Outcome)
            cell.durations[static_cast<std::size_t>(what.kind)][what.bucket] += times;
        else if (bucket < cell.outcomes.size())
            cell.outcomes[bucket] += times;
    }

    Result<void> log(const Span &span)
    {
        // The sums do not keep the names of models that nobody serves.
        QString properties = dimensions();
        if (m_answer.fromSums)
            properties.replace(QLatin1String("model"),
                               QLatin1String("CASE WHEN channel_id = 0 THEN '' ELSE model END"));
        QString sql
            = QStringLiteral("SELECT started_us, %1, status, error, attempts, flags, stream, "
                             "first_token_us, end_us, input, cache_read, cache_write_5m, "
                             "cache_write_1h, output, reasoning, audio_input, audio_output, "
                             "image_input, image_output, cost, charge FROM requests")
                  .arg(properties);
        if (!m_where.index.isEmpty())
            sql += QStringLiteral(" INDEXED BY ") + m_where.index;
        sql += QStringLiteral(" WHERE started_us >= ? AND started_us < ?");
        const std::int64_t from = std::max(span.fromUs, m_where.sinceUs);
        const std::int64_t until
            = m_where.untilUs == 0 ? span.untilUs : std::min(span.untilUs, m_where.untilUs);
        QVariantList values{qlonglong(from), qlonglong(until)};
        addFilter(sql, values);
        sql += QStringLiteral(" ORDER BY started_us DESC");
        if (!m_spent.isValid())
            m_spent.start();
        return m_db.eachComposed(sql, values, [&](const Row &row) {
            if (m_spent.elapsed() > m_ask.milliseconds) {
                m_answer.complete = false;
                m_answer.coveredSinceUs = std::max(m_answer.coveredSinceUs, row.integer(0) + 1);
                return false;
            }
            RequestRow request;
            request.startedUs = row.integer(0);
            request.status = row.number(3);
            request.error = row.text(4);
            request.attempts = row.number(5);
            request.flags = std::uint32_t(row.integer(6));
            request.stream = row.boolean(7);
            request.firstTokenUs = row.integer(8);
            request.endUs = row.integer(9);
            request.usage = readCounts(row, 10);
            request.cost = row.nano(20);
            request.charge = row.nano(21);
            if (UsageCell *at = cell(request.startedUs, row.text(1), row.text(2))) {
                UsageCell more;
                more.totals = totalsOf(request);
                for (const Tallied &one : talliesOf(request))
                    count(more, one, 1);
                at->add(more);
            }
            return true;
        });
    }

    Database &m_db;
    const UsageAsk &m_ask;
    const LogWhere m_where;
    UsageAnswer m_answer;
    QElapsedTimer m_spent;
};

} // namespace

void UsageCell::add(const UsageCell &more)
{
    totals.requests += more.totals.requests;
    totals.failed += more.totals.failed;
    addCounts(totals.usage, more.totals.usage);
    totals.cost.value += more.totals.cost.value;
    totals.charge.value += more.totals.charge.value;
    totals.estimated += more.totals.estimated;
    totals.unpriced += more.totals.unpriced;
    for (std::size_t i = 0; i < outcomes.size(); ++i)
        outcomes[i] += more.outcomes[i];
    for (std::size_t i = 0; i < durations.size(); ++i) {
        for (const auto &[bucket, times] : more.durations[i])
            durations[i][bucket] += times;
    }
}

Result<UsageAnswer> usageOver(Database &db, const UsageAsk &ask)
{
    if (ask.edges.size() < 2)
        return UsageAnswer();
    auto where = logWhere(db, ask.filter);
    if (!where)
        return failure(where.error());
    return Reader(db, ask, std::move(*where)).read();
}

} // namespace tollgate::store
