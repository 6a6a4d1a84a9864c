// SPDX-License-Identifier: GPL-3.0-or-later
// A dialect's words for why an answer ended, looked up both ways. The first row that fits counts.
#pragma once

#include "core/conversation/response.h"

#include <algorithm>
#include <span>

namespace tollgate::conversation {

struct StopWord
{
    QByteArrayView word;
    StopReason reason;
};

// None for no word, Other for one that is not listed.
[[nodiscard]] inline StopReason reasonFor(std::span<const StopWord> words, QByteArrayView word)
{
    if (word.isEmpty())
        return StopReason::None;
    const auto known = std::find_if(words.begin(), words.end(),
                                    [word](const StopWord &row) { return row.word == word; });
    return known == words.end() ? StopReason::Other : known->reason;
}

// `otherwise` where the dialect has no word for it.
[[nodiscard]] inline QByteArray wordFor(std::span<const StopWord> words, StopReason reason,
                                        QByteArrayView otherwise)
{
    const auto known = std::find_if(words.begin(), words.end(),
                                    [reason](const StopWord &row) { return row.reason == reason; });
    return (known == words.end() ? otherwise : known->word).toByteArray();
}

} // namespace tollgate::conversation
