// SPDX-License-Identifier: GPL-3.0-or-later
// Channels as the screens show them: their rows with state, keys, health and today's use.
#pragma once

#include "core/admin/desk.h"
#include "core/admin/healthbadge.h"

namespace tollgate::admin {

struct ChannelBoard
{
    std::vector<store::ChannelRow> rows;
    std::unordered_map<std::int64_t, store::ChannelFacts> facts;
};

[[nodiscard]] Result<ChannelBoard> readBoard(store::Database &db, std::int64_t dayUs,
                                             std::int64_t nowUs);
[[nodiscard]] HealthBadge healthOf(const Desk &desk, const store::ChannelRow &row,
                                   const ChannelBoard &board, std::int64_t nowUs);
[[nodiscard]] QJsonArray channelViews(const Desk &desk, const ChannelBoard &board);

// A row with the state of its keys; what every answer about one channel holds.
[[nodiscard]] QJsonObject describeChannel(const Desk &desk, const store::ChannelRow &row);
[[nodiscard]] std::vector<KeyFacts> keyFacts(const Desk &desk, const store::ChannelRow &row);
// {initials, colour} of a vendor's tile, and {host} of a URL.
[[nodiscard]] QJsonObject tileJson(const QByteArray &provider);
[[nodiscard]] QString hostOf(const QByteArray &url);

} // namespace tollgate::admin
