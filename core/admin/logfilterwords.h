// SPDX-License-Identifier: GPL-3.0-or-later
// The words of the log's filter language: its fields, and what may stand behind two of them.
// Internal to the language.
#pragma once

#include "core/store/logquery.h"

#include <array>

namespace tollgate::admin::filterwords {

using store::LogField;
using store::LogState;

enum class Kind { Text, Status, Money, Count, Duration, Percent, Plain, Since, Until, Is, Body };

struct Field
{
    const char *name;
    Kind kind;
    LogField field;
    const char *example;
};

constexpr std::array kFields{
    Field{"status", Kind::Status, LogField::Status, "status:failed"},
    Field{"model", Kind::Text, LogField::Model, "model:gpt-*"},
    Field{"served", Kind::Text, LogField::Served, "served:gpt-5-2025*"},
    Field{"channel", Kind::Text, LogField::Channel, "channel:main"},
    Field{"token", Kind::Text, LogField::Token, "token:\"my laptop\""},
    Field{"client", Kind::Text, LogField::Client, "client:claude-code"},
    Field{"error", Kind::Text, LogField::Error, "error:\"quota\""},
    Field{"cost", Kind::Money, LogField::Cost, "cost:>0.05"},
    Field{"tokens", Kind::Count, LogField::Tokens, "tokens:>20k"},
    Field{"input", Kind::Count, LogField::Input, "input:>20k"},
    Field{"output", Kind::Count, LogField::Output, "output:>2k"},
    Field{"ttft", Kind::Duration, LogField::FirstToken, "ttft:>2s"},
    Field{"total", Kind::Duration, LogField::Total, "total:>30s"},
    Field{"attempts", Kind::Plain, LogField::Attempts, "attempts:>=2"},
    Field{"cache", Kind::Percent, LogField::CachePercent, "cache:<10%"},
    Field{"is", Kind::Is, LogField::Flag, "is:unpriced"},
    Field{"session", Kind::Text, LogField::Session, "session:3f2a…"},
    Field{"id", Kind::Text, LogField::Id, "id:req_…"},
    Field{"ip", Kind::Text, LogField::Ip, "ip:192.168.*"},
    Field{"protocol", Kind::Text, LogField::Dialect, "protocol:messages"},
    Field{"finish", Kind::Text, LogField::Finish, "finish:length"},
    Field{"tag", Kind::Text, LogField::Tag, "tag:important"},
    Field{"mark", Kind::Plain, LogField::Mark, "mark:2"},
    Field{"body", Kind::Body, LogField::Anything, "body:\"text\""},
    Field{"since", Kind::Since, LogField::Time, "since:14:00"},
    Field{"until", Kind::Until, LogField::Time, "until:2h"},
};

struct Word
{
    const char *name;
    LogField field;
    std::int64_t number;
};

constexpr std::array kStates{
    Word{"retried", LogField::State, std::int64_t(LogState::Retried)},
    Word{"failed", LogField::State, std::int64_t(LogState::Failed)},
    Word{"error_in_200", LogField::State, std::int64_t(LogState::ErrorIn200)},
    Word{"left", LogField::State, std::int64_t(LogState::Left)},
    Word{"blocked", LogField::State, std::int64_t(LogState::Blocked)},
    Word{"replay", LogField::State, std::int64_t(LogState::Replay)},
    Word{"running", LogField::State, std::int64_t(LogState::Running)},
    Word{"error", LogField::Trouble, 0},
    Word{"errors", LogField::Trouble, 0},
};

constexpr std::array kFlags{
    Word{"unpriced", LogField::Flag, store::Unpriced},
    Word{"estimated", LogField::Flag, store::Estimated},
    Word{"partial", LogField::Flag, store::Partial},
    Word{"unknown", LogField::Flag, store::OutcomeUnknown},
    Word{"clamped", LogField::Flag, store::Clamped},
    Word{"lowered", LogField::Flag, store::Lowered},
    Word{"stream", LogField::Stream, 1},
};

template <std::size_t N> [[nodiscard]] QString wordsOf(const std::array<Word, N> &words)
{
    QStringList names;
    for (const Word &word : words)
        names.append(QString::fromLatin1(word.name));
    return names.join(QStringLiteral(", "));
}

} // namespace tollgate::admin::filterwords
