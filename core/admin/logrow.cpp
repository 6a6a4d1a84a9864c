// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/logrow.h"

#include "core/admin/rowjson.h"

#include <QJsonArray>

namespace tollgate::admin {
namespace {

QString text(const QByteArray &utf8)
{
    return QString::fromUtf8(utf8);
}

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

// Thousandths of an output token a second, once there is enough to tell.
QJsonValue speed(const store::RequestRow &row)
{
    const std::int64_t lasted = row.endUs - row.firstTokenUs;
    if (!row.stream || row.firstTokenUs < 0 || lasted < 20'000 || row.usage.totalOutput() < 2)
        return QJsonValue::Null;
    return integer(row.usage.totalOutput() * 1'000'000 / lasted * 1'000);
}

} // namespace

QString stateName(store::LogState state)
{
    switch (state) {
    case store::LogState::Ok:
        return QStringLiteral("ok");
    case store::LogState::Retried:
        return QStringLiteral("retried");
    case store::LogState::Failed:
        return QStringLiteral("failed");
    case store::LogState::ErrorIn200:
        return QStringLiteral("error_in_200");
    case store::LogState::Left:
        return QStringLiteral("left");
    case store::LogState::Blocked:
        return QStringLiteral("blocked");
    case store::LogState::Replay:
        return QStringLiteral("replay");
    case store::LogState::Running:
        break;
    }
    return QStringLiteral("running");
}

QString phaseName(relay::Phase phase)
{
    switch (phase) {
    case relay::Phase::Routing:
        return QStringLiteral("routing");
    case relay::Phase::Sending:
        return QStringLiteral("sending");
    case relay::Phase::Waiting:
        return QStringLiteral("waiting");
    case relay::Phase::Streaming:
        return QStringLiteral("streaming");
    case relay::Phase::Settling:
        break;
    }
    return QStringLiteral("settling");
}

QString attemptStateName(store::AttemptState state)
{
    switch (state) {
    case store::AttemptState::Reserved:
        return QStringLiteral("reserved");
    case store::AttemptState::Sent:
        return QStringLiteral("sent");
    case store::AttemptState::Streaming:
        return QStringLiteral("streaming");
    case store::AttemptState::Settled:
        return QStringLiteral("settled");
    case store::AttemptState::Released:
        return QStringLiteral("released");
    case store::AttemptState::Unknown:
        break;
    }
    return QStringLiteral("unknown");
}

QJsonValue named(std::int64_t id, const QHash<std::int64_t, QString> &names)
{
    if (id == 0)
        return QJsonValue::Null;
    const auto found = names.find(id);
    return QJsonObject{
        {key("id"), QString::number(id)},
        {key("name"), found != names.end() ? *found : QStringLiteral("#%1").arg(id)}};
}

QJsonValue durationJson(std::int64_t us)
{
    return us < 0 ? QJsonValue(QJsonValue::Null) : integer(us);
}

QJsonObject logRow(const store::RequestRow &row, const store::LogNames &names,
                   const store::RequestNote &note)
{
    return {{key("id"), text(row.id)},
            {key("time_us"), integer(row.startedUs)},
            {key("state"), stateName(store::logState(row))},
            {key("token"), named(row.tokenId, names.tokens)},
            {key("client"), text(row.client)},
            {key("user_agent"), text(row.userAgent)},
            {key("ip"), text(row.clientIp)},
            {key("dialect"), text(row.dialect)},
            {key("operation"), text(row.operation)},
            {key("model"), text(row.model)},
            {key("served_model"), text(row.servedModel)},
            {key("channel"), named(row.channelId, names.channels)},
            {key("attempts"), row.attempts},
            {key("input_tokens"), integer(row.usage.totalInput())},
            {key("cached_tokens"), integer(row.usage.cacheRead)},
            {key("cache_write_tokens"), integer(row.usage.cacheWrite5m + row.usage.cacheWrite1h)},
            {key("output_tokens"), integer(row.usage.totalOutput())},
            {key("reasoning_tokens"), integer(row.usage.reasoning)},
            {key("cost_nano"), integer(row.cost.value)},
            {key("estimated"), (row.flags & store::Estimated) != 0},
            {key("unpriced"), (row.flags & store::Unpriced) != 0},
            {key("partial"), (row.flags & store::Partial) != 0},
            {key("lowered"), (row.flags & store::Lowered) != 0},
            {key("ttft_us"), durationJson(row.firstTokenUs)},
            {key("total_us"), durationJson(row.endUs)},
            {key("speed_milli"), speed(row)},
            {key("status"), row.status},
            {key("stream"), row.stream},
            {key("finish"), text(row.finishReason)},
            {key("error"), text(row.error)},
            {key("error_text"), row.errorText},
            {key("session"), text(row.sessionId)},
            {key("bytes_in"), integer(row.bytesIn)},
            {key("bytes_out"), integer(row.bytesOut)},
            {key("mark"), note.mark},
            {key("tags"), QJsonArray::fromStringList(note.tags)}};
}

QJsonObject logRow(const relay::RunningCall &call, const store::LogNames &names)
{
    store::RequestRow row = call.row;
    row.usage.output = call.outputTokens;
    QJsonObject json = logRow(row, names, {});
    json.insert(key("state"), stateName(store::LogState::Running));
    json.insert(key("phase"), phaseName(call.phase));
    json.insert(key("status"), QJsonValue::Null);
    json.insert(key("cost_nano"), QJsonValue::Null);
    json.insert(key("total_us"), integer(call.elapsedUs));
    return json;
}

} // namespace tollgate::admin
