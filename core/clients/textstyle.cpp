// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/textstyle.h"

#include <algorithm>

namespace tollgate::clients {

int lineOf(const QByteArray &text, qsizetype at)
{
    return 1
        + static_cast<int>(
               std::count(text.begin(), text.begin() + std::min(at, text.size()), '\n'));
}

QByteArray lineEndOf(const QByteArray &text)
{
    const qsizetype feed = text.indexOf('\n');
    return feed > 0 && text[feed - 1] == '\r' ? "\r\n" : "\n";
}

qsizetype lineBegin(const QByteArray &text, qsizetype at)
{
    return at > 0 ? text.lastIndexOf('\n', at - 1) + 1 : 0;
}

qsizetype lineEnd(const QByteArray &text, qsizetype at)
{
    const qsizetype feed = text.indexOf('\n', at);
    return feed < 0 ? text.size() : feed + 1;
}

QByteArray indentAt(const QByteArray &text, qsizetype at)
{
    const qsizetype begin = lineBegin(text, at);
    qsizetype end = begin;
    while (end < text.size() && (text[end] == ' ' || text[end] == '\t'))
        ++end;
    return text.mid(begin, end - begin);
}

bool isBlank(QByteArrayView text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
}

QByteArrayList linesOf(const QByteArray &text)
{
    QByteArrayList lines;
    for (qsizetype at = 0; at < text.size();) {
        const qsizetype end = lineEnd(text, at);
        lines.append(text.mid(at, end - at));
        at = end;
    }
    return lines;
}

} // namespace tollgate::clients
