// SPDX-License-Identifier: GPL-3.0-or-later
// Searching the request log by an expression. Whatever an index answers is asked of the index; the
// rest is looked through slice by slice, newest first, until a page is full or its time is up: an
// answer says how far it got, and the next one goes on from there. Nothing here runs for long, and
// between two slices a cancelled read ends.
#pragma once

#include "core/base/result.h"
#include "core/store/requestnotes.h"
#include "core/store/requests.h"
#include "core/store/rows.h"

#include <QHash>
#include <QStringList>

#include <optional>
#include <vector>

namespace tollgate::store {

class Database;

// What became of a request, in the words of the screens.
enum class LogState { Ok, Retried, Failed, ErrorIn200, Left, Blocked, Replay, Running };
// Pure. Running never stands in the log. Blocked: refused by ourselves (token, budget, limit, model
// rule, pause), no channel asked.
[[nodiscard]] LogState logState(const RequestRow &row);

enum class LogField {
    State, // number: a LogState
    Trouble, // whatever did not simply succeed
    Status,
    Model,
    Served,
    Channel,
    Token,
    Client,
    Ip,
    Session,
    Id,
    Error, // slug or text
    Dialect,
    Finish,
    Cost, // nano-USD
    Tokens, // input and output
    Input,
    Output,
    FirstToken, // microseconds
    Total, // microseconds
    Attempts,
    CachePercent,
    Time, // microseconds since 1970
    Flag, // number: an AttemptFlag
    Stream,
    Mark,
    Tag,
    Anything, // free text over what the row says
};

enum class LogMatch { Equal, Glob, Contains, Less, AtMost, More, AtLeast };

struct LogTerm
{
    LogField field = LogField::Anything;
    LogMatch match = LogMatch::Equal;
    QString text;
    std::int64_t number = 0;
    bool operator==(const LogTerm &) const = default;
};

struct LogExpression
{
    enum class Kind { Everything, And, Or, Not, Term };
    Kind kind = Kind::Everything;
    std::vector<LogExpression> parts;
    LogTerm term;
    bool operator==(const LogExpression &) const = default;
};

// Names for ever: also of channels and tokens that are no longer used.
struct LogNames
{
    QHash<std::int64_t, QString> channels;
    QHash<std::int64_t, QString> tokens;
};
[[nodiscard]] Result<LogNames> logNames(Database &db);

// A row that is looked at by itself, finished or not.
struct LogSubject
{
    const RequestRow &row;
    const LogNames &names;
    const RequestNote *note = nullptr;
    bool running = false;
};
// Pure; the same as the queries find.
[[nodiscard]] bool logMatches(const LogExpression &filter, const LogSubject &subject);
// A star stands for anything; blind to case.
[[nodiscard]] bool globMatches(const QString &value, const QString &glob);

struct LogBudget
{
    int milliseconds = 250; // for what no index answers
    int firstSlice = 4'000; // rows
    int largestSlice = 50'000;
};

struct LogRows
{
    std::vector<LoggedRequest> requests; // newest first, or oldest first with `after`
    std::optional<PageKey> next; // where to go on; none: the end
    bool partial = false; // time was up: there may be more before `next`
};

// Rows before `before` (newest first).
[[nodiscard]] Result<LogRows> logRows(Database &db, const LogExpression &filter,
                                      std::optional<PageKey> before, int limit,
                                      const LogBudget &budget = {});
// Rows after `after`, oldest first: back towards now.
[[nodiscard]] Result<LogRows> logRowsAfter(Database &db, const LogExpression &filter, PageKey after,
                                           int limit, const LogBudget &budget = {});
// Those completed after `sequence`, oldest first; unlike logRows() by order of completion.
[[nodiscard]] Result<std::vector<LoggedRequest>>
logRowsCompleted(Database &db, const LogExpression &filter, std::int64_t sequence, int limit);

struct LogCount
{
    std::int64_t count = 0;
    bool capped = false; // at least so many
};
[[nodiscard]] Result<LogCount> logCount(Database &db, const LogExpression &filter,
                                        std::int64_t most = 1'000'000,
                                        const LogBudget &budget = {.milliseconds = 300});

struct FieldValue
{
    QString value;
    std::int64_t count = 0;
};
// What a field has held of late, most frequent first.
[[nodiscard]] Result<std::vector<FieldValue>>
logFieldValues(Database &db, LogField field, const QString &prefix, std::int64_t nowUs, int limit);

} // namespace tollgate::store
