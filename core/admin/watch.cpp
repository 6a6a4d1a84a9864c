// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/watch.h"

#include "core/admin/tokentext.h"
#include "core/store/tokens.h"

#include <QJsonDocument>

#include <algorithm>

namespace tollgate::admin {
namespace {

constexpr int kEveryMs = 5'000;
constexpr int kMostRequests = 1'000;
constexpr std::int64_t kTenMinutesUs = 600'000'000;
constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::int64_t kEver = 400 * kDayUs; // once a window: longer than any

bool isBad(HealthWord word)
{
    return word == HealthWord::Failing || word == HealthWord::CoolingDown;
}

QByteArray json(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

Notice notice(std::int64_t atUs, const char *kind, const QByteArray &subject,
              const QJsonObject &detail, std::int64_t quietUs)
{
    Notice out;
    out.row.atUs = atUs;
    out.row.kind = kind;
    out.row.subject = subject;
    out.row.detail = json(detail);
    out.quietUs = quietUs;
    return out;
}

QByteArray number(std::int64_t id)
{
    return QByteArray::number(qlonglong{id});
}

void ofChannels(const Look &before, const Look &now, std::vector<Notice> &out)
{
    for (const auto &[id, one] : now.channels) {
        const auto &[name, badge] = one;
        const auto was = before.channels.find(id);
        if (was == before.channels.end() || isBad(was->second.second.word) == isBad(badge.word))
            continue;
        // Switched off or paused is not recovered.
        if (!isBad(badge.word)
            && (badge.word == HealthWord::Off || badge.word == HealthWord::Paused))
            continue;
        out.push_back(notice(
            now.atUs, isBad(badge.word) ? "channel_failing" : "channel_recovered",
            "channel:" + number(id),
            {{QStringLiteral("channel"), name}, {QStringLiteral("reason"), badge.reason}}, 0));
    }
}

int stepOf(int percent)
{
    return percent >= 100 ? 2 : percent >= 80 ? 1 : 0;
}

void ofBudgets(const Look &before, const Look &now, std::vector<Notice> &out)
{
    for (const Look::Money &money : now.budgets) {
        const auto was = std::find_if(
            before.budgets.begin(), before.budgets.end(), [&money](const Look::Money &one) {
                return one.budgetId == money.budgetId && one.windowUs == money.windowUs;
            });
        if (stepOf(money.percent) <= (was == before.budgets.end() ? 0 : stepOf(was->percent)))
            continue;
        const bool spent = money.percent >= 100;
        out.push_back(notice(
            now.atUs, spent ? "budget_100" : "budget_80",
            "budget:" + number(money.budgetId) + '@' + number(money.windowUs),
            {{QStringLiteral("token"), money.token}, {QStringLiteral("percent"), money.percent}},
            kEver));
    }
}

void ofRequests(const Look &now, std::vector<Notice> &out)
{
    for (const store::LoggedRequest &request : now.requests) {
        const store::RequestRow &row = request.row;
        const bool served = row.status >= 200 && row.status < 400;
        if (served && request.attempts.size() > 1) {
            const store::AttemptRow &first = request.attempts.front();
            out.push_back(notice(now.atUs, "failover", "channel:" + number(first.channelId),
                                 {{QStringLiteral("request"), QString::fromUtf8(row.id)},
                                  {QStringLiteral("from"), qint64{first.channelId}},
                                  {QStringLiteral("to"), qint64{row.channelId}},
                                  {QStringLiteral("status"), first.status}},
                                 kTenMinutesUs));
        }
        if ((row.flags & store::Unpriced) != 0) {
            out.push_back(notice(now.atUs, "unpriced_model", row.model,
                                 {{QStringLiteral("model"), QString::fromUtf8(row.model)}},
                                 kDayUs));
        }
    }
}

struct Facts
{
    ChannelBoard channels;
    TokenBoard tokens;
    std::vector<store::LoggedRequest> requests;
    std::int64_t sequence = 0;
};

Result<Facts> readFacts(store::Database &db, std::int64_t dayUs, std::int64_t nowUs,
                        std::int64_t after)
{
    auto channels = readBoard(db, dayUs, nowUs);
    if (!channels)
        return failure(channels.error());
    TokenBoard tokens;
    auto rows = store::tokens(db);
    auto budgets = store::budgetStates(db, nowUs);
    const auto last = store::lastSequence(db);
    if (!rows)
        return failure(rows.error());
    if (!budgets)
        return failure(budgets.error());
    if (!last)
        return failure(last.error());
    tokens.rows = std::move(*rows);
    tokens.budgets = std::move(*budgets);
    Facts facts{std::move(*channels), std::move(tokens), {}, *last};
    if (after >= 0 && *last > after) {
        auto requests = store::requestsAfter(db, after, {}, kMostRequests);
        if (!requests)
            return failure(requests.error());
        facts.requests = std::move(*requests);
        if (!facts.requests.empty())
            facts.sequence = facts.requests.back().sequence;
    }
    return facts;
}

Look lookAt(const Desk &desk, Facts facts, std::int64_t nowUs)
{
    Look look;
    look.atUs = nowUs;
    for (const store::ChannelRow &row : facts.channels.rows) {
        look.channels.emplace(row.id,
                              std::pair(row.name, healthOf(desk, row, facts.channels, nowUs)));
    }
    for (const store::BudgetState &state : facts.tokens.budgets) {
        for (const store::TokenRow &row : facts.tokens.rows) {
            if (row.budgetId != state.budget.id || row.state != store::TokenState::Active
                || state.cap.value <= 0)
                continue;
            look.budgets.push_back({state.budget.id, row.name, state.windowStartUs,
                                    static_cast<int>(100.0 * static_cast<double>(state.spent.value)
                                                     / static_cast<double>(state.cap.value))});
        }
    }
    look.requests = std::move(facts.requests);
    return look;
}

} // namespace

std::vector<Notice> noticesOf(const Look *before, const Look &now)
{
    std::vector<Notice> out;
    if (before) {
        ofChannels(*before, now, out);
        ofBudgets(*before, now, out);
    }
    ofRequests(now, out);
    return out;
}

Watch::Watch(Rooms rooms)
    : m_desk(std::move(rooms))
{
    m_timer.setTimerType(Qt::VeryCoarseTimer);
    QObject::connect(&m_timer, &QTimer::timeout, &m_desk.mailbox, [this] {
        if (m_running.done())
            m_running = run(look());
    });
    m_timer.start(kEveryMs);
}

Watch::~Watch()
{
    m_running = Running();
    m_desk.rooms.store->drain(); // no answer may find the mailbox gone
}

Task<void> Watch::look()
{
    const std::int64_t nowUs = m_desk.nowUs();
    const std::int64_t dayUs = startOfDay(nowUs);
    const auto reading = m_desk.read([dayUs, nowUs, after = m_sequence](store::Database &db) {
        return readFacts(db, dayUs, nowUs, after);
    });
    Result<Facts> facts = co_await reading;
    if (!facts)
        co_return;
    m_sequence = facts->sequence;
    Look now = lookAt(m_desk, std::move(*facts), nowUs);
    const std::vector<Notice> found = noticesOf(m_last ? &*m_last : nullptr, now);
    now.requests.clear();
    m_last = std::move(now);
    for (const Notice &one : found) {
        const auto writing = m_desk.write([one](store::Database &db) -> Result<bool> {
            return store::addNotice(db, one.row, one.quietUs);
        });
        const Result<bool> added = co_await writing;
        if (!added)
            co_return;
    }
}

} // namespace tollgate::admin
