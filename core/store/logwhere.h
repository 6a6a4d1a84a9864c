// SPDX-License-Identifier: GPL-3.0-or-later
// An expression over the log as SQL: constant pieces, with every value bound. One of its terms, if
// an index serves it in order of time, is told apart: it drives the search, the rest filters it.
#pragma once

#include "core/store/logquery.h"

#include <QVariant>

namespace tollgate::store {

struct LogPiece
{
    QString sql; // empty: true
    QVariantList values;
};

struct LogWhere
{
    QString index; // that the driver needs
    LogPiece driver; // served by the index, newest first
    LogPiece rest; // what the index does not know; empty: nothing is left to look through
    std::int64_t sinceUs = 0; // bounds that hold for every row
    std::int64_t untilUs = 0; // exclusive; 0: open
    bool none = false; // nothing can match
};

[[nodiscard]] Result<LogWhere> logWhere(Database &db, const LogExpression &filter);

} // namespace tollgate::store
