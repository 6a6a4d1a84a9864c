// SPDX-License-Identifier: GPL-3.0-or-later
// The language in which people search the log:
//
//     status:failed|4xx|429 model:gpt-* token:"my laptop" cost:>0.05 tokens:>20k ttft:>2s
//     attempts:>=2 cache:<10% since:14:00 -client:curl quota OR (error:timeout channel:main)
//
// Words stand together by AND, a comma means one of several, a range is a..b, everything is blind
// to case, and what is no field is looked for in all that a row says. Pure.
#pragma once

#include "core/base/result.h"
#include "core/store/logquery.h"

#include <QString>
#include <QStringList>
#include <QTimeZone>

#include <optional>

namespace tollgate::admin {

// Where a text stops making sense, in UTF-16 units, and what would.
struct FilterFault
{
    qsizetype at = 0;
    qsizetype length = 0;
    QString message;
    QString hint;
};

struct ParsedFilter
{
    store::LogExpression expression;
    QStringList bodies; // texts that the kept bodies must hold, each
    std::optional<FilterFault> fault; // expression and bodies are then empty
};

[[nodiscard]] ParsedFilter parseFilter(const QString &text, std::int64_t nowUs,
                                       const QTimeZone &zone);

// For completion: the fields there are, and those whose values logFieldValues() knows.
struct FilterField
{
    const char *name;
    store::LogField field;
    const char *example;
};
[[nodiscard]] std::vector<FilterField> filterFields();

} // namespace tollgate::admin
