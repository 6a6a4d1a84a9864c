// SPDX-License-Identifier: GPL-3.0-or-later
// The management calls by area; admin.cpp gives them their names. Each reads its arguments, refuses
// what it does not know, changes what it must in one transaction with its audit row.
#pragma once

#include "core/admin/desk.h"

namespace tollgate::admin {

using Handler = Answer (*)(Desk &desk, QJsonObject arguments, OnEvent onEvent);

// {name, provider, …fields, key | key_env | nothing, key_store} -> {channel}
[[nodiscard]] Answer channelAdd(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {day_us?: where today began; default: this machine's midnight} -> {channels: [{…row, health:
// {state, word, reason, since_us, until_us}, keys_usable, keys_total, keys: [{…, usable, trouble,
// condition}], today: {requests, failed, error_percent, cost_nano_usd, …}, ttft_p50_us (-1: none),
// models_count, tier (1: first), share_percent, last_used_us, paused, paused_until_us (0: open),
// host, provider_name, tile: {initials, colour}}]}, in the order of the screen
[[nodiscard]] Answer channelList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelShow(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel, version?, …fields} -> {channel, keys_removed}; {ids: [name], dry_run?, …fields,
// add_models?, remove_models?} -> {changed: [{name, changes: {field: [before, after]}}], skipped:
// [{name, reason}], dry_run}
[[nodiscard]] Answer channelUpdate(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelEnable(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelDisable(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {minutes | until_us | neither: until resumed} -> {channel}: gets no requests meanwhile
[[nodiscard]] Answer channelPause(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelResume(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// Its keys are tried again at once, whatever they did.
[[nodiscard]] Answer channelReset(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel, before: name | after: name | tier: 1… | new_tier: 1…} or {order: an earlier "before"}
// -> {order: [{channel, priority, place}], before}
[[nodiscard]] Answer channelMove(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel} -> {channel: the copy, switched off}
[[nodiscard]] Answer channelDuplicate(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// Out of the trash, with its keys. {channel} -> {channel}
[[nodiscard]] Answer channelRestore(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// Into the trash for 30 days. {channel} -> {removed}
[[nodiscard]] Answer channelRemove(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel, key | key_env, key_store} -> {channel}
[[nodiscard]] Answer channelKeyAdd(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer channelKeyRemove(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel, …fields} (a stored channel, perhaps as a form has changed it) or {provider, …fields,
// key | key_env} (a draft; nothing is stored), model? -> {ok, steps, message, hint, phases:
// [{phase: resolve | connect | tls | auth | model | first_token, state: ok | failed | skipped,
// us}], cause, sentence, advice, field: which of the form is to blame, works, status, total_us,
// cost_nano_usd, cost_estimated}; events {phase, state, us} while it runs
[[nodiscard]] Answer channelTest(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel, save?} -> {models, saved}
[[nodiscard]] Answer channelModels(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {provider, base_url?, options?} -> {base_url, urls: [{dialect, url}], warnings: [sentence]}
[[nodiscard]] Answer channelPreview(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {text} -> {drafts: [{name, provider, provider_name, tile, base_url, keys: [{key, hint}], models,
// model_map, priority, weight, form: env | curl | json | yaml | link | text, sure}]}; stores
// nothing
[[nodiscard]] Answer channelPaste(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {} -> {providers: [{id, name, base_url, needs_key, tile, dialects, environment, keys_page,
// local}]}
[[nodiscard]] Answer providerList(Desk &desk, QJsonObject arguments, OnEvent onEvent);

// {model, dialect?: "chat" or a path, token?, session?} -> {ok, sentence, refusal?, steps: [{step,
// text, left, dropped: [{channel, reason}]}], tiers: [{tier, priority, channels: [{channel, tile,
// share_percent, vendor_model, keys, translated_to?}]}], last_resorts}; the real plan, not booked
[[nodiscard]] Answer routeSimulate(Desk &desk, QJsonObject arguments, OnEvent onEvent);

// {name, …fields, recoverable?, key_store?} -> {token, details}. Its text is in no other answer but
// those of reveal, where it is kept in keychain or vault, and rotate.
[[nodiscard]] Answer tokenAdd(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {day_us?} -> {tokens: [{…row, condition: active | paused | expired | budget_spent | revoked,
// word, recoverable, budgets: [{limit_nano_usd, own_limit_nano_usd, raised_nano_usd,
// spent_nano_usd, reserved_nano_usd, left_nano_usd, spent_percent, window, resets_us (0: never)}],
// last_used_us, last_client, last_ip, requests_24h, failed_24h, error_percent, today_nano_usd,
// month_nano_usd, expires_us, created_us, earlier_until_us}]}
[[nodiscard]] Answer tokenShow(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenUpdate(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenEnable(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenDisable(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenRevoke(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// Into the trash for 30 days, and out of it: shut out at once, and let in again.
[[nodiscard]] Answer tokenRemove(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer tokenRestore(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {} -> {trash: [{kind: channel | token, name, removed_us, purged_us, tile | prefix}]}
[[nodiscard]] Answer trashList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {channel | token | all | neither: what is older than 30 days} -> {channels, tokens}
[[nodiscard]] Answer trashPurge(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {token} -> {token: its text}; Conflict "shown_once" where it is not kept
[[nodiscard]] Answer tokenReveal(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {token, grace?: "10m"} -> {token, details, earlier_until_us}: the text before works on till then
[[nodiscard]] Answer tokenRotate(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {token, amount: "5"} -> {details}: more for the window of now alone
[[nodiscard]] Answer tokenRaise(Desk &desk, QJsonObject arguments, OnEvent onEvent);

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

// {} -> {models: [{model, channels: [{channel, enabled, tile, provider, vendor_model, priced}],
// price: as in price list or null, unpriced, context_tokens, max_output_tokens, capabilities:
// [tools json reasoning vision …], embeddings, requests_30d, cost_30d_nano_usd, unpriced_30d}]}
[[nodiscard]] Answer modelsList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {model, provider?} -> {history: [price with valid_from_us]}
[[nodiscard]] Answer priceHistory(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {} -> {keys: [{variable, provider, provider_name, tile, hint}], servers: [{provider,
// provider_name, tile, base_url, models}]}: what this machine has, not imported
[[nodiscard]] Answer discover(Desk &desk, QJsonObject arguments, OnEvent onEvent);

// {} -> {settings: [{name, section, section_id, title, what: its consequence, effect, advanced,
// value, default, is_default, changed, type, unit, least, most, choices, restart, text_key}]}
[[nodiscard]] Answer settingsList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {} -> {notices: [{id, at_us, kind: channel_failing | channel_recovered | failover | budget_80 |
// budget_100 | unpriced_model, subject, detail, times, read}], unread}, newest first
[[nodiscard]] Answer bellList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {up_to?: id} -> {count}
[[nodiscard]] Answer bellRead(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer bellClear(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer settingsGet(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer settingsSet(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer settingsUnset(Desk &desk, QJsonObject arguments, OnEvent onEvent);

// {minutes | until_us | neither: until resumed} -> {paused, paused_until_us (0: open)}: new
// requests are answered with a 503 that says so, those under way go on; survives a restart
[[nodiscard]] Answer pauseAll(Desk &desk, QJsonObject arguments, OnEvent onEvent);
[[nodiscard]] Answer resumeAll(Desk &desk, QJsonObject arguments, OnEvent onEvent);
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
