// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/diff.h"

#include "core/base/secret.h"
#include "core/clients/textstyle.h"

#include <QRegularExpression>

#include <vector>

namespace tollgate::clients {
namespace {

constexpr int mostEdits = 1000; // beyond this, the whole middle is one hunk
constexpr qsizetype longest = 300; // of a line that is shown

struct Hunk
{
    qsizetype oldBegin, oldEnd, newBegin, newEnd;
};

// E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986: how far each diagonal comes
// with d edits, kept for each d, then walked back.
std::vector<Hunk> hunksOf(const QByteArrayList &a, const QByteArrayList &b)
{
    const int n = static_cast<int>(a.size());
    const int m = static_cast<int>(b.size());
    const int most = std::min(n + m, mostEdits);
    const auto slot = [&](int k) { return static_cast<std::size_t>(k + most + 1); };
    std::vector<int> reach(static_cast<std::size_t>(2 * most + 3), 0);
    std::vector<std::vector<int>> steps;
    const auto goesDown = [&](const std::vector<int> &v, int k, int d) {
        return k == -d || (k != d && v[slot(k - 1)] < v[slot(k + 1)]);
    };
    int found = -1;
    for (int d = 0; d <= most && found < 0; ++d) {
        steps.push_back(reach);
        for (int k = -d; k <= d; k += 2) {
            int x = goesDown(reach, k, d) ? reach[slot(k + 1)] : reach[slot(k - 1)] + 1;
            int y = x - k;
            while (x < n && y < m && a[x] == b[y]) {
                ++x;
                ++y;
            }
            reach[slot(k)] = x;
            if (x >= n && y >= m)
                found = d;
        }
    }
    if (found < 0)
        return {{0, n, 0, m}};
    std::vector<Hunk> hunks;
    int x = n;
    int y = m;
    for (int d = found; d > 0; --d) {
        const std::vector<int> &v = steps[static_cast<std::size_t>(d)];
        const bool down = goesDown(v, x - y, d);
        const int k = x - y + (down ? 1 : -1);
        const int fromX = v[slot(k)];
        const int fromY = fromX - k;
        const Hunk one{fromX, fromX + (down ? 0 : 1), fromY, fromY + (down ? 1 : 0)};
        if (!hunks.empty() && hunks.back().oldBegin == one.oldEnd
            && hunks.back().newBegin == one.newEnd) {
            hunks.back().oldBegin = one.oldBegin;
            hunks.back().newBegin = one.newBegin;
        } else {
            hunks.push_back(one);
        }
        x = fromX;
        y = fromY;
    }
    return {hunks.rbegin(), hunks.rend()};
}

// Other people's keys may stand in a line that goes away, so a line is judged by its name too.
QString shown(QByteArray line, const QByteArray &token)
{
    static const QRegularExpression secret(
        QStringLiteral("((?:api[_-]?key|token|secret|password|authorization)[\"']?\\s*[:=]\\s*)"
                       "(\"(?:[^\"\\\\]|\\\\.)*\"|'[^']*'|[^\\s,}\\]]+)"),
        QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression known(
        QStringLiteral("\\b(?:sk|tg|pk|gsk|xai|AIza|ghp|Bearer)[-_ ][A-Za-z0-9_.-]{12,}"));
    while (line.endsWith('\n') || line.endsWith('\r'))
        line.chop(1);
    const QByteArray masked = token.isEmpty() ? token : Secret(token).masked();
    QString text = QString::fromUtf8(line);
    const QString ours = QString::fromUtf8(token);
    const QString stand = QStringLiteral("\u0001");
    if (!ours.isEmpty())
        text.replace(ours, stand);
    qsizetype at = 0;
    for (auto match = secret.match(text); match.hasMatch(); match = secret.match(text, at)) {
        const QString value = match.captured(2);
        const bool quoted
            = value.startsWith(QLatin1Char('"')) || value.startsWith(QLatin1Char('\''));
        const QString mask = value.contains(stand) ? value
            : quoted ? value.left(1) + QStringLiteral("…") + value.left(1)
                     : QStringLiteral("…");
        text.replace(match.capturedStart(2), match.capturedLength(2), mask);
        at = match.capturedStart(2) + mask.size();
    }
    text.replace(known, QStringLiteral("…"));
    text.replace(stand, QString::fromUtf8(masked));
    if (text.size() > longest)
        text = text.left(longest) + QStringLiteral(" …");
    return text;
}

} // namespace

QString unifiedDiff(const QString &name, const QByteArray &before, const QByteArray &after,
                    const QByteArray &token)
{
    const QByteArrayList a = linesOf(before);
    const QByteArrayList b = linesOf(after);
    const std::vector<Hunk> hunks = hunksOf(a, b);
    if (hunks.empty())
        return {};
    QString out = QStringLiteral("--- %1\n+++ %1\n").arg(name);
    for (const Hunk &hunk : hunks) {
        const qsizetype gone = hunk.oldEnd - hunk.oldBegin;
        const qsizetype come = hunk.newEnd - hunk.newBegin;
        out += QStringLiteral("@@ -%1,%2 +%3,%4 @@\n")
                   .arg(hunk.oldBegin + (gone > 0 ? 1 : 0))
                   .arg(gone)
                   .arg(hunk.newBegin + (come > 0 ? 1 : 0))
                   .arg(come);
        for (qsizetype i = hunk.oldBegin; i < hunk.oldEnd; ++i)
            out += QLatin1Char('-') + shown(a[i], token) + QLatin1Char('\n');
        for (qsizetype i = hunk.newBegin; i < hunk.newEnd; ++i)
            out += QLatin1Char('+') + shown(b[i], token) + QLatin1Char('\n');
    }
    return out;
}

} // namespace tollgate::clients
