// SPDX-License-Identifier: GPL-3.0-or-later
// Rows as the management API shows them: no secret, no digest, money as text in US dollars beside
// nano-USD, times as text in UTC.
#pragma once

#include "core/ledger/prices.h"
#include "core/store/requests.h"
#include "core/store/rollups.h"
#include "core/store/rows.h"
#include "core/store/settings.h"

#include <QJsonArray>
#include <QJsonObject>

namespace tollgate::admin {

[[nodiscard]] inline QJsonValue integer(std::int64_t value)
{
    return QJsonValue(qint64{value});
}
[[nodiscard]] QJsonArray toJson(const QByteArrayList &texts);
[[nodiscard]] QJsonObject toJson(const store::ChannelRow &row);
[[nodiscard]] QJsonObject toJson(const store::TokenRow &row);
// `channel` and `token` are names, where they are still known.
[[nodiscard]] QJsonObject toJson(const store::LoggedRequest &request, const QString &token,
                                 const QHash<std::int64_t, QString> &channels);
[[nodiscard]] QJsonObject toJson(const store::UsageRow &row);
[[nodiscard]] QJsonObject toJson(const ledger::Price &price);
[[nodiscard]] QJsonObject toJson(const store::AuditRow &row);

// {"field": [before, after]} of the members that differ, for the audit trail.
[[nodiscard]] QJsonObject changes(const QJsonObject &before, const QJsonObject &after);

[[nodiscard]] QString keySourceName(store::KeySource source);
[[nodiscard]] QString tokenStateName(store::TokenState state);

} // namespace tollgate::admin
