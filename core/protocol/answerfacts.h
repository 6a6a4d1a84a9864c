// SPDX-License-Identifier: GPL-3.0-or-later
// What can be told about an answer without changing it.
#pragma once

#include "core/base/error.h"
#include "core/base/tokencounts.h"
#include "core/base/unitcounts.h"

#include <QByteArray>

#include <array>
#include <cstdint>
#include <optional>

namespace tollgate::protocol {

struct AnswerFacts
{
    std::optional<TokenCounts> usage; // absent is not zero; counting tokens is zero, being free
    bool usageSuspect = false; // negative, fractional, huge, shrinking: clamped
    bool usageEstimated = false; // counted here, the answer having no place for it
    UnitCounts units; // as far as the answer tells them
    QByteArray finishReason; // as the vendor spells it; Gemini's block reason counts as one
    QByteArray vendorId; // the vendor's id of the answer
    QByteArray servedModel; // the model that the vendor says answered
    qsizetype outputBytes = 0; // UTF-8 bytes of text, reasoning and tool arguments seen
    std::int64_t sequence = -1; // Responses streams: the last sequence_number seen
    // What a stream has begun and not ended: choices, a bit each (the last one for all above), and
    // the content block of a Messages stream, or -1.
    std::array<std::uint64_t, 2> openChoices{};
    std::int64_t openBlock = -1;
    // No choice, no content, no item, and nothing billed that would explain it: not an answer
    // (fails over). Of a stream this may be asked once it has ended.
    bool empty = true;
    std::optional<Error> error; // an error told inside a 200
};

enum class EventClass {
    Preamble, // nothing real yet: role chunk, message_start, response.created, ping, comment
    Content, // the first of these is the first token
    Usage, // usage only (the extra chunk of include_usage)
    Final, // the terminal event: [DONE], message_stop, response.completed. Gemini has none
    Error, // an error event; facts().error is set
};

} // namespace tollgate::protocol
