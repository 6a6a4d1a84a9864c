// SPDX-License-Identifier: GPL-3.0-or-later
// Each answer as text for people. Pure.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QStringList>

namespace tollgate::app {

// Members of an answer as text; an absent one is empty or 0.
[[nodiscard]] QString text(const QJsonObject &object, const char *name);
[[nodiscard]] QString number(const QJsonObject &object, const char *name);
[[nodiscard]] QString usd(const QJsonObject &object, const char *name); // of nano-USD
[[nodiscard]] QString joined(const QJsonValue &list);
[[nodiscard]] QString joined(const QJsonObject &object, const char *name);
[[nodiscard]] QString yesNo(const QJsonObject &object, const char *name);
[[nodiscard]] QString orDash(const QString &value);
[[nodiscard]] QString milliseconds(const QJsonValue &us);
[[nodiscard]] QJsonArray rows(const QJsonObject &answer, const char *name);
// Every member on a line of its own.
[[nodiscard]] QString sheet(const QJsonObject &object, const QStringList &hidden = {});

[[nodiscard]] QString channelTable(const QJsonObject &answer);
[[nodiscard]] QString channelSheet(const QJsonObject &answer);
[[nodiscard]] QString testReport(const QJsonObject &answer);
[[nodiscard]] QString previewTable(const QJsonObject &answer);
[[nodiscard]] QString providerTable(const QJsonObject &answer);
[[nodiscard]] QString tokenTable(const QJsonObject &answer);
[[nodiscard]] QString tokenAdded(const QJsonObject &answer);
[[nodiscard]] QString trashTable(const QJsonObject &answer);

[[nodiscard]] QString requestLine(const QJsonObject &row);
[[nodiscard]] QString requestLines(const QJsonObject &answer);
[[nodiscard]] QString usageTable(const QJsonObject &answer);
[[nodiscard]] QString usageCsv(const QJsonObject &answer);
[[nodiscard]] QString auditTable(const QJsonObject &answer);
[[nodiscard]] QString checkReport(const QJsonObject &answer);
[[nodiscard]] QString doctorReport(const QJsonObject &answer);
[[nodiscard]] QString statusSheet(const QJsonObject &answer);

[[nodiscard]] QString priceTable(const QJsonObject &answer);
[[nodiscard]] QString settingTable(const QJsonObject &answer);
[[nodiscard]] QString settingSheet(const QJsonObject &answer, bool changed);
[[nodiscard]] QString modelLines(const QJsonObject &answer);
[[nodiscard]] QString importReport(const QJsonObject &answer);

} // namespace tollgate::app
