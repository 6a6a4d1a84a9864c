// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/channelview.h"

#include "core/admin/keyfields.h"
#include "core/admin/rowjson.h"
#include "core/store/channels.h"
#include "providers/tiles.h"

#include <QUrl>

#include <algorithm>

namespace tollgate::admin {
namespace {

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

QString troubleOf(const store::ChannelKeyRow &row, const QString &state)
{
    if (!row.enabled)
        return QStringLiteral("The key is switched off");
    if (state == u"absent")
        return QStringLiteral("The key is missing; give it again");
    if (state == u"locked")
        return QStringLiteral("The key is locked; unlock the keychain or vault");
    if (state == u"denied")
        return QStringLiteral("The keychain refused the key");
    if (state == u"unavailable")
        return QStringLiteral("The place of the key cannot be reached");
    return {};
}

bool isAtHand(const QString &state)
{
    return state == u"none" || state == u"present" || state == u"loading" || state == u"unknown";
}

QString conditionName(routing::KeyCondition condition)
{
    switch (condition) {
    case routing::KeyCondition::Well:
        return key("well");
    case routing::KeyCondition::RateLimited:
        return key("rate_limited");
    case routing::KeyCondition::Broken:
        return key("cooling_down");
    case routing::KeyCondition::Probing:
        return key("probing");
    case routing::KeyCondition::Rejected:
        break;
    }
    return key("rejected");
}

QJsonObject badgeJson(const HealthBadge &badge)
{
    return {{key("state"), healthSlug(badge.word)},
            {key("word"), healthTitle(badge.word)},
            {key("reason"), badge.reason},
            {key("since_us"), integer(badge.sinceUs)},
            {key("until_us"), integer(badge.untilUs)}};
}

QJsonObject todayJson(const store::Totals &today)
{
    const double share = today.requests > 0
        ? 100.0 * static_cast<double>(today.failed) / static_cast<double>(today.requests)
        : 0.0;
    return {{key("requests"), integer(today.requests)},
            {key("failed"), integer(today.failed)},
            {key("error_percent"), share},
            {key("cost_nano_usd"), integer(today.cost.value)},
            {key("estimated"), integer(today.estimated)},
            {key("unpriced"), integer(today.unpriced)}};
}

// Share of a channel's weight in its tier, of those that are on.
double shareOf(const std::vector<store::ChannelRow> &rows, const store::ChannelRow &row,
               std::int64_t nowUs)
{
    const auto counts = [&](const store::ChannelRow &one) {
        return one.priority == row.priority && one.enabled && one.pausedUntilUs <= nowUs;
    };
    std::int64_t total = 0;
    std::int64_t sharers = 0;
    for (const store::ChannelRow &one : rows) {
        if (counts(one)) {
            total += one.weight;
            ++sharers;
        }
    }
    if (!counts(row))
        return 0;
    if (total == 0)
        return 100.0 / static_cast<double>(sharers);
    return 100.0 * row.weight / static_cast<double>(total);
}

int tierOf(const std::vector<store::ChannelRow> &rows, const store::ChannelRow &row)
{
    std::vector<int> above;
    for (const store::ChannelRow &one : rows) {
        if (one.priority > row.priority)
            above.push_back(one.priority);
    }
    std::sort(above.begin(), above.end());
    above.erase(std::unique(above.begin(), above.end()), above.end());
    return static_cast<int>(above.size()) + 1;
}

} // namespace

Result<ChannelBoard> readBoard(store::Database &db, std::int64_t dayUs, std::int64_t nowUs)
{
    auto rows = store::channels(db);
    if (!rows)
        return failure(rows.error());
    auto facts = store::channelFacts(db, dayUs, nowUs);
    if (!facts)
        return failure(facts.error());
    return ChannelBoard{std::move(*rows), std::move(*facts)};
}

std::vector<KeyFacts> keyFacts(const Desk &desk, const store::ChannelRow &row)
{
    std::vector<routing::KeyReport> reports;
    if (desk.rooms.engine)
        reports = desk.rooms.engine->keyReports();
    std::vector<KeyFacts> keys;
    for (const store::ChannelKeyRow &stored : row.keys) {
        KeyFacts facts;
        facts.id = stored.id;
        const QString state = keyStateName(desk, stored);
        facts.usable = stored.enabled && isAtHand(state);
        facts.trouble = troubleOf(stored, state);
        for (const routing::KeyReport &report : reports) {
            if (report.keyId == stored.id)
                facts.health = report;
        }
        keys.push_back(std::move(facts));
    }
    return keys;
}

QJsonObject describeChannel(const Desk &desk, const store::ChannelRow &row)
{
    QJsonObject json = toJson(row);
    QJsonArray keys = json.value(key("keys")).toArray();
    const std::vector<KeyFacts> facts = keyFacts(desk, row);
    int usable = 0;
    for (qsizetype i = 0; i < keys.size(); ++i) {
        QJsonObject one = keys.at(i).toObject();
        const auto &stored = row.keys.at(static_cast<std::size_t>(i));
        const KeyFacts &fact = facts.at(static_cast<std::size_t>(i));
        usable += fact.usable ? 1 : 0;
        one.insert(key("state"), keyStateName(desk, stored));
        one.insert(key("usable"), fact.usable);
        one.insert(key("trouble"), fact.trouble);
        one.insert(key("condition"), conditionName(fact.health.condition));
        if (desk.rooms.engine)
            one.insert(key("cooldown_us"), qint64{desk.rooms.engine->cooldownUs(stored.id)});
        keys.replace(i, one);
    }
    json.insert(key("keys"), keys);
    json.insert(key("keys_usable"), usable);
    json.insert(key("keys_total"), static_cast<int>(keys.size()));
    const bool open = row.pausedUntilUs == store::kUntilResumed;
    json.insert(key("paused"), row.pausedUntilUs > desk.nowUs());
    json.insert(key("paused_until_us"), integer(open ? 0 : row.pausedUntilUs));
    json.insert(key("place"), row.place);
    json.insert(key("host"), hostOf(row.baseUrl));
    json.insert(key("tile"), tileJson(row.provider));
    const relay::Provider *const provider = desk.rooms.providers->find(row.provider);
    json.insert(key("provider_name"),
                provider ? provider->name() : QString::fromUtf8(row.provider));
    return json;
}

HealthBadge healthOf(const Desk &desk, const store::ChannelRow &row, const ChannelBoard &board,
                     std::int64_t nowUs)
{
    HealthFacts health;
    health.nowUs = nowUs;
    health.enabled = row.enabled;
    health.pausedUntilUs = row.pausedUntilUs;
    health.keys = keyFacts(desk, row);
    if (const auto found = board.facts.find(row.id); found != board.facts.end()) {
        health.lastUsedUs = found->second.lastUsedUs;
        health.recent = found->second.recent;
    }
    return healthBadge(health);
}

QJsonArray channelViews(const Desk &desk, const ChannelBoard &board)
{
    const std::int64_t nowUs = desk.nowUs();
    QJsonArray list;
    for (const store::ChannelRow &row : board.rows) {
        const auto found = board.facts.find(row.id);
        const store::ChannelFacts facts
            = found == board.facts.end() ? store::ChannelFacts() : found->second;
        std::vector<std::int64_t> firstTokens;
        for (const store::RecentAttempt &attempt : facts.recent) {
            if (attempt.firstTokenUs >= 0)
                firstTokens.push_back(attempt.firstTokenUs);
        }
        QJsonObject json = describeChannel(desk, row);
        json.insert(key("health"), badgeJson(healthOf(desk, row, board, nowUs)));
        json.insert(key("today"), todayJson(facts.today));
        json.insert(key("ttft_count"), static_cast<qint64>(firstTokens.size()));
        json.insert(key("ttft_p50_us"), integer(percentile(std::move(firstTokens), 50)));
        json.insert(key("models_count"), row.models.size());
        json.insert(key("tier"), tierOf(board.rows, row));
        json.insert(key("share_percent"), shareOf(board.rows, row, nowUs));
        json.insert(key("last_used_us"), integer(facts.lastUsedUs));
        list.append(json);
    }
    return list;
}

QJsonObject tileJson(const QByteArray &provider)
{
    const providers::Tile tile = providers::tileOf(provider);
    return {{key("initials"), tile.initials},
            {key("colour"), QStringLiteral("#%1").arg(tile.colour, 6, 16, QLatin1Char('0'))}};
}

QString hostOf(const QByteArray &url)
{
    const QUrl parsed(QString::fromUtf8(url));
    const int port = parsed.port();
    return port > 0 ? QStringLiteral("%1:%2").arg(parsed.host()).arg(port) : parsed.host();
}

} // namespace tollgate::admin
