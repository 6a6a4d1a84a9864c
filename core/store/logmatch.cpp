// SPDX-License-Identifier: GPL-3.0-or-later
// The same meaning as logwhere.cpp gives an expression, for a row at hand.
#include "core/store/logquery.h"

#include <algorithm>

namespace tollgate::store {
namespace {

bool textMatches(const QString &value, const LogTerm &term)
{
    switch (term.match) {
    case LogMatch::Equal:
        return value.compare(term.text, Qt::CaseInsensitive) == 0;
    case LogMatch::Glob:
        return globMatches(value, term.text);
    default:
        return value.contains(term.text, Qt::CaseInsensitive);
    }
}

bool textMatches(const QByteArray &value, const LogTerm &term)
{
    return textMatches(QString::fromUtf8(value), term);
}

bool numberMatches(std::int64_t value, std::int64_t than, LogMatch match)
{
    switch (match) {
    case LogMatch::Less:
        return value < than;
    case LogMatch::AtMost:
        return value <= than;
    case LogMatch::More:
        return value > than;
    case LogMatch::AtLeast:
        return value >= than;
    default:
        return value == than;
    }
}

bool named(std::int64_t id, const QHash<std::int64_t, QString> &names, const LogTerm &term)
{
    if (term.text.startsWith(u'#') && term.match != LogMatch::Contains)
        return id == term.text.mid(1).toLongLong();
    const auto found = names.find(id);
    return found != names.end() && textMatches(*found, term);
}

bool isTrouble(const RequestRow &row)
{
    return !row.error.isEmpty() || row.status < 200 || row.status > 399;
}

bool stateMatches(const RequestRow &row, LogState wanted)
{
    if (wanted == LogState::Replay)
        return row.client == "replay";
    RequestRow plain = row;
    plain.client.clear(); // a replay that went well went well, too
    return logState(plain) == wanted;
}

bool anything(const RequestRow &row, const LogNames &names, LogTerm term)
{
    term.match = LogMatch::Contains;
    for (const QByteArray &value : {row.id, row.model, row.servedModel, row.error, row.sessionId,
                                    row.clientIp, row.userAgent, row.vendorId, row.finishReason}) {
        if (textMatches(value, term))
            return true;
    }
    return textMatches(row.errorText, term) || named(row.tokenId, names.tokens, term)
        || named(row.channelId, names.channels, term);
}

bool termMatches(const LogTerm &term, const LogSubject &subject)
{
    const RequestRow &row = subject.row;
    const std::int64_t input = row.usage.totalInput();
    const std::int64_t output = row.usage.totalOutput();
    switch (term.field) {
    case LogField::State:
        return subject.running ? LogState(term.number) == LogState::Running
                               : stateMatches(row, LogState(term.number));
    case LogField::Trouble:
        return !subject.running && isTrouble(row);
    case LogField::Status:
        return numberMatches(row.status, term.number, term.match);
    case LogField::Model:
        return textMatches(row.model, term);
    case LogField::Served:
        return textMatches(row.servedModel, term);
    case LogField::Channel:
        return named(row.channelId, subject.names.channels, term);
    case LogField::Token:
        return named(row.tokenId, subject.names.tokens, term);
    case LogField::Client:
        return textMatches(row.client, term);
    case LogField::Ip:
        return textMatches(row.clientIp, term);
    case LogField::Session:
        return term.match == LogMatch::Equal ? row.sessionId == term.text.toUtf8()
                                             : textMatches(row.sessionId, term);
    case LogField::Id:
        return term.match == LogMatch::Equal ? row.id == term.text.toUtf8()
                                             : textMatches(row.id, term);
    case LogField::Error:
        return isTrouble(row) && (textMatches(row.error, term) || textMatches(row.errorText, term));
    case LogField::Dialect:
        return textMatches(row.dialect, term);
    case LogField::Finish:
        return textMatches(row.finishReason, term);
    case LogField::Cost:
        return numberMatches(row.cost.value, term.number, term.match);
    case LogField::Tokens:
        return numberMatches(input + output, term.number, term.match);
    case LogField::Input:
        return numberMatches(input, term.number, term.match);
    case LogField::Output:
        return numberMatches(output, term.number, term.match);
    case LogField::FirstToken:
        return row.firstTokenUs >= 0 && numberMatches(row.firstTokenUs, term.number, term.match);
    case LogField::Total:
        return row.endUs >= 0 && numberMatches(row.endUs, term.number, term.match);
    case LogField::Attempts:
        return numberMatches(row.attempts, term.number, term.match);
    case LogField::CachePercent:
        return input > 0
            && numberMatches(row.usage.cacheRead * 100, term.number * input, term.match);
    case LogField::Time:
        return numberMatches(row.startedUs, term.number, term.match);
    case LogField::Flag:
        return (row.flags & std::uint32_t(term.number)) != 0;
    case LogField::Stream:
        return row.stream == (term.number != 0);
    case LogField::Mark:
        return subject.note && numberMatches(subject.note->mark, term.number, term.match);
    case LogField::Tag:
        return subject.note
            && std::any_of(subject.note->tags.begin(), subject.note->tags.end(),
                           [&](const QString &tag) { return textMatches(tag, term); });
    case LogField::Anything:
        return anything(row, subject.names, term);
    }
    return false;
}

} // namespace

bool globMatches(const QString &value, const QString &glob)
{
    // In linear time: the pieces between the stars, from left to right.
    const QStringList pieces = glob.split(u'*');
    if (pieces.size() == 1)
        return value.compare(glob, Qt::CaseInsensitive) == 0;
    if (!value.startsWith(pieces.front(), Qt::CaseInsensitive))
        return false;
    qsizetype at = pieces.front().size();
    for (qsizetype i = 1; i + 1 < pieces.size(); ++i) {
        at = value.indexOf(pieces[i], at, Qt::CaseInsensitive);
        if (at < 0)
            return false;
        at += pieces[i].size();
    }
    return value.size() - at >= pieces.back().size()
        && value.endsWith(pieces.back(), Qt::CaseInsensitive);
}

bool logMatches(const LogExpression &filter, const LogSubject &subject)
{
    const auto holds = [&](const LogExpression &part) { return logMatches(part, subject); };
    switch (filter.kind) {
    case LogExpression::Kind::Everything:
        return true;
    case LogExpression::Kind::And:
        return std::all_of(filter.parts.begin(), filter.parts.end(), holds);
    case LogExpression::Kind::Or:
        return std::any_of(filter.parts.begin(), filter.parts.end(), holds);
    case LogExpression::Kind::Not:
        return !holds(filter.parts.front());
    case LogExpression::Kind::Term:
        return termMatches(filter.term, subject);
    }
    return false;
}

} // namespace tollgate::store
