// SPDX-License-Identifier: GPL-3.0-or-later
// Content blocks of the Messages dialect, read into parts.
#pragma once

#include "core/codecs/messages/wire.h"

namespace tollgate::codecs::messages {

// nullopt for a block that says nothing: thinking with neither text nor signature.
[[nodiscard]] std::optional<Part> readBlock(JsonValue block);
[[nodiscard]] std::optional<Citation> readCitation(JsonValue citation);
// A string or an array of blocks. InvalidRequest, naming `param`, for anything else.
[[nodiscard]] Result<std::vector<Part>> readContent(JsonValue content, const QByteArray &param);

// Seals that sign a call or a text ride in thinking blocks of their own, see writeblocks.h: puts
// them back where they belong.
void restoreSeals(std::vector<Part> &parts);
// Whether a reasoning is such a carrier.
[[nodiscard]] bool carriesSeal(const Reasoning &reasoning);

} // namespace tollgate::codecs::messages
