// SPDX-License-Identifier: GPL-3.0-or-later
// Pausing: the gateway as a whole, or one channel; and giving a channel's keys another chance.
#include "core/admin/channelview.h"
#include "core/admin/handlers.h"
#include "core/admin/steps.h"
#include "core/store/channels.h"
#include "core/store/settings.h"

namespace tollgate::admin {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kMostMinutes = 60 * 24 * 30;

// {minutes} or {until_us}; neither: until somebody resumes it.
std::int64_t readPauseEnd(Fields &fields, std::int64_t nowUs)
{
    const auto minutes = fields.integer("minutes", 1, kMostMinutes);
    const auto untilUs = fields.integer("until_us", 1, kMaxId);
    if (minutes && untilUs)
        fields.refuse("minutes", QStringLiteral("cannot be given together with until_us"));
    if (untilUs && *untilUs <= nowUs)
        fields.refuse("until_us", QStringLiteral("is over already"));
    if (minutes)
        return nowUs + *minutes * kMinuteUs;
    return untilUs.value_or(store::kUntilResumed);
}

qint64 openEnd(std::int64_t untilUs)
{
    return untilUs == store::kUntilResumed ? 0 : qint64{untilUs};
}

Answer setPause(Desk &desk, std::int64_t untilUs)
{
    const store::AuditRow trail = desk.auditRow(untilUs != 0 ? "pause" : "resume", {},
                                                {{QStringLiteral("until_us"), openEnd(untilUs)}});
    Task<Result<void>> changing = change(
        desk, trail, [untilUs](store::Database &db) { return store::setPausedUntil(db, untilUs); });
    const Result<void> stored = co_await changing;
    if (!stored)
        co_return failure(stored.error());
    co_return QJsonObject{{QStringLiteral("paused"), untilUs != 0},
                          {QStringLiteral("paused_until_us"), openEnd(untilUs)}};
}

QByteArray objectName(const store::ChannelRow &row)
{
    return "channel:" + QByteArray::number(qlonglong{row.id});
}

Answer setChannelPause(Desk &desk, Target target, std::int64_t untilUs)
{
    Task<Result<store::ChannelRow>> finding = find(desk, target, store::channelNamed);
    Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    row->pausedUntilUs = untilUs;
    const store::AuditRow trail
        = desk.auditRow(untilUs != 0 ? "channel.pause" : "channel.resume", objectName(*row),
                        {{QStringLiteral("until_us"), openEnd(untilUs)}});
    Task<Result<store::ChannelRow>> changing = change(
        desk, trail, [row = *row](store::Database &db) { return store::updateChannel(db, row); });
    const Result<store::ChannelRow> stored = co_await changing;
    if (!stored)
        co_return failure(stored.error());
    co_return QJsonObject{{QStringLiteral("channel"), describeChannel(desk, *stored)}};
}

} // namespace

Answer pauseAll(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const std::int64_t untilUs = readPauseEnd(fields, desk.nowUs());
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Answer pausing = setPause(desk, untilUs);
    Result<QJsonObject> answer = co_await pausing;
    co_return answer;
}

Answer resumeAll(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Answer resuming = setPause(desk, 0);
    Result<QJsonObject> answer = co_await resuming;
    co_return answer;
}

Answer channelPause(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    const std::int64_t untilUs = readPauseEnd(fields, desk.nowUs());
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Answer pausing = setChannelPause(desk, target, untilUs);
    Result<QJsonObject> answer = co_await pausing;
    co_return answer;
}

Answer channelResume(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Answer resuming = setChannelPause(desk, target, 0);
    Result<QJsonObject> answer = co_await resuming;
    co_return answer;
}

Answer channelReset(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const Target target = readTarget(fields, "channel");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    Task<Result<store::ChannelRow>> finding = find(desk, target, store::channelNamed);
    const Result<store::ChannelRow> row = co_await finding;
    if (!row)
        co_return failure(row.error());
    if (!desk.rooms.engine) {
        co_return failure(ErrorKind::Unavailable,
                          QStringLiteral("No daemon runs on this profile, so nothing is cooling "
                                         "down."),
                          "not_running");
    }
    for (const store::ChannelKeyRow &one : row->keys)
        desk.rooms.engine->clearCooldown(one.id);
    co_return QJsonObject{{QStringLiteral("channel"), describeChannel(desk, *row)}};
}

} // namespace tollgate::admin
