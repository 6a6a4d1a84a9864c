// SPDX-License-Identifier: GPL-3.0-or-later
// Management calls about the programs that ask. Files are read and written on a thread of their
// own.
#pragma once

#include "core/admin/desk.h"

namespace tollgate::admin {

// {} -> {clients: [{id, name, vendor, way: oneclick | copy | guided | impossible, dialect, found,
// binary, version, fits, files, connected}]}
[[nodiscard]] Answer clientList(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {client, token?, model?, base_url?} -> {client: {…, checked, tried, notes, sources, test: {say,
// command, expects}, fields: [{label, value, secret}], snippets: [{id, label, language, text,
// secret}]}}
[[nodiscard]] Answer clientShow(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {client, token, model, small_model?, models?, base_url?} -> {client, files: [{path, exists,
// before, changes, keys, diff}], conflicts: [{where, sentence}], notes}; changes nothing
[[nodiscard]] Answer clientPreview(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// The same and seen?: ["before" of each file of a preview] -> {client, files: [as in status]};
// Conflict "changed_since" where a file is not what was seen
[[nodiscard]] Answer clientApply(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {client} -> {client, files: [{path, identical, kept: [key], sentence}]}
[[nodiscard]] Answer clientRevert(Desk &desk, QJsonObject arguments, OnEvent onEvent);
// {} -> {files: [{client, path, at_us, backup, state: ours | changed | unreadable, problem, keys:
// [{key, state: ours | changed | gone}]}]}
[[nodiscard]] Answer clientStatus(Desk &desk, QJsonObject arguments, OnEvent onEvent);

} // namespace tollgate::admin
