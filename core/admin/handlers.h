// SPDX-License-Identifier: GPL-3.0-or-later
// The management calls by area; admin.cpp gives them their names. Each reads its arguments, refuses
// what it does not know, changes what it must in one transaction with its audit row.
#pragma once

#include "core/admin/desk.h"

namespace tollgate::admin {

using Handler = Answer (*)(Desk &desk, QJsonObject arguments, OnEvent onEvent);

// {name, provider, …fields, key | key_env | nothing, key_store} -> {channel}
[[nodiscard]] Answer channelAdd(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelShow(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel, version?, …fields} -> {channel, keys_removed}
[[nodiscard]] Answer channelUpdate(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelEnable(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelDisable(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelRemove(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel, key | key_env, key_store} -> {channel}
[[nodiscard]] Answer channelKeyAdd(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelKeyRemove(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel, model?} -> {ok, steps, message, hint}
[[nodiscard]] Answer channelTest(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel, save?} -> {models, saved}
[[nodiscard]] Answer channelModels(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {provider, base_url?, options?} -> {urls}
[[nodiscard]] Answer channelPreview(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer providerList(Desk &desk, QJsonObject arguments, OnEvent onEvent);

// {name, …fields} -> {token, details}: the only answer that ever holds the token's text
[[nodiscard]] Answer tokenAdd(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenShow(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenUpdate(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenEnable(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenDisable(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenRevoke(Desk &desk, QJsonObject arguments, OnEvent onEvent);

// {filter, limit, follow} -> {requests}, newest last; or events {request}, endless
[[nodiscard]] Answer log(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// The log as screens read it; the answers stand in calls.h.
[[nodiscard]] Answer logPage(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer logCountCall(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer logFields(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer logFollow(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer logShow(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer logBody(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer logStream(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer runningList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer runningStop(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer logNote(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// Charts; the answers stand in calls.h.
[[nodiscard]] Answer usageSeries(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer usageHeat(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer usageCauses(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer usageBurn(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer usageForecast(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer usageScatter(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer usageBoxes(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer usageFlow(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer overview(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {by, since, until} -> {rows}
[[nodiscard]] Answer usage(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer auditList(Desk &desk, QJsonObject arguments, OnEvent onEvent);

[[nodiscard]] Answer priceList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {model, provider?, input, output, …} US dollars a million tokens
[[nodiscard]] Answer priceSet(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer priceUnset(Desk &desk, QJsonObject arguments, OnEvent onEvent);

[[nodiscard]] Answer settingsList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer settingsGet(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer settingsSet(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer settingsUnset(Desk &desk, QJsonObject arguments, OnEvent onEvent);

[[nodiscard]] Answer status(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer reload(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {passphrase}
[[nodiscard]] Answer vaultCreate(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer vaultUnlock(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer vaultLock(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {online, repair} -> {checks, ok}
[[nodiscard]] Answer doctor(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer check(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer backup(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {passphrase?} -> {bundle}
[[nodiscard]] Answer exportAll(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {bundle, passphrase?, key_store?, dry_run?} -> {added, skipped, tokens}
[[nodiscard]] Answer importAll(Desk &desk, QJsonObject arguments, OnEvent onEvent);

} // namespace tollgate::admin
