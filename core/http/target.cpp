// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/target.h"

#include "core/http/syntax.h"

namespace tollgate::http {
namespace {

// "." and "..", each dot plain or as %2e.
bool isDotSegment(QByteArrayView segment)
{
    int dots = 0;
    while (!segment.isEmpty()) {
        qsizetype length = 0;
        if (segment.front() == '.')
            length = 1;
        else if (segment.size() >= 3 && syntax::same(segment.first(3), "%2e"))
            length = 3;
        else
            return false;
        ++dots;
        segment = segment.sliced(length);
    }
    return dots == 1 || dots == 2;
}

bool isPath(QByteArrayView path)
{
    qsizetype segmentStart = 1;
    bool dotted = false;
    for (qsizetype i = 1; i <= path.size(); ++i) {
        if (i == path.size() || path[i] == '/') {
            if (dotted && isDotSegment(path.sliced(segmentStart, i - segmentStart)))
                return false;
            segmentStart = i + 1;
            dotted = false;
            continue;
        }
        const char c = path[i];
        if (c == '\\')
            return false;
        if (c == '.')
            dotted = true;
        if (c != '%')
            continue;
        if (i + 2 >= path.size() || syntax::hexValue(path[i + 1]) < 0
            || syntax::hexValue(path[i + 2]) < 0 || (path[i + 1] == '0' && path[i + 2] == '0'))
            return false;
        dotted = true;
    }
    return true;
}

bool splitOrigin(QByteArrayView text, Target &target)
{
    const qsizetype mark = text.indexOf('?');
    target.hasQuery = mark >= 0;
    target.path = mark < 0 ? text : text.first(mark);
    target.query = mark < 0 ? QByteArrayView() : text.sliced(mark + 1);
    return isPath(target.path);
}

} // namespace

std::optional<Target> parseTarget(QByteArrayView method, QByteArrayView raw)
{
    if (raw.isEmpty() || !syntax::all(raw, syntax::TargetChar))
        return std::nullopt;
    Target target;
    if (raw.front() == '/')
        return splitOrigin(raw, target) ? std::optional(target) : std::nullopt;
    if (raw == "*") {
        if (method != "OPTIONS")
            return std::nullopt;
        target.path = raw;
        return target;
    }
    qsizetype scheme = 0;
    if (raw.size() > 7 && syntax::same(raw.first(7), "http://"))
        scheme = 7;
    else if (raw.size() > 8 && syntax::same(raw.first(8), "https://"))
        scheme = 8;
    else
        return std::nullopt;
    const QByteArrayView rest = raw.sliced(scheme);
    qsizetype end = 0;
    while (end < rest.size() && rest[end] != '/' && rest[end] != '?')
        ++end;
    if (end == 0)
        return std::nullopt;
    target.absolute = true;
    target.authority = rest.first(end);
    const QByteArrayView after = rest.sliced(end);
    if (!after.startsWith('/')) {
        target.path = "/";
        target.hasQuery = !after.isEmpty();
        target.query = after.isEmpty() ? after : after.sliced(1);
        return target;
    }
    return splitOrigin(after, target) ? std::optional(target) : std::nullopt;
}

} // namespace tollgate::http
