// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/editors.h"
#include "core/clients/textstyle.h"

#include <algorithm>

namespace tollgate::clients {
namespace {

struct Assignment
{
    QByteArray name;
    qsizetype lineBegin = 0;
    qsizetype begin = 0; // of the value
    qsizetype end = 0;
    qsizetype lineEnd = 0;
};

bool isNamePart(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Every line must be understood: a quote left open would swallow the lines behind it.
Result<std::vector<Assignment>> assignmentsOf(const QByteArray &text)
{
    std::vector<Assignment> out;
    for (qsizetype line = 0; line < text.size();) {
        const qsizetype begin = line;
        qsizetype end = lineEnd(text, line);
        line = end;
        while (end > begin && (text[end - 1] == '\n' || text[end - 1] == '\r'))
            --end;
        const QByteArray trimmed = text.mid(begin, end - begin).trimmed();
        if (trimmed.isEmpty() || trimmed.startsWith('#'))
            continue;
        qsizetype at = begin + indentAt(text, begin).size();
        if (text.mid(at, 7) == "export ")
            at += 7;
        while (at < end && text[at] == ' ')
            ++at;
        const qsizetype name = at;
        while (at < end && isNamePart(text[at]))
            ++at;
        Assignment found{text.mid(name, at - name), begin, 0, 0, line};
        while (at < end && text[at] == ' ')
            ++at;
        if (found.name.isEmpty() || at >= end || text[at] != '=')
            return refused(QStringLiteral("Line %1 is not NAME=value.").arg(lineOf(text, begin)));
        ++at;
        while (at < end && (text[at] == ' ' || text[at] == '\t'))
            ++at;
        found.begin = at;
        const char quote = at < end ? text[at] : '\0';
        if (quote == '"' || quote == '\'' || quote == '`') {
            for (++at; at < end && text[at] != quote; ++at) {
                if (text[at] == '\\' && quote == '"')
                    ++at;
            }
            if (at >= end)
                return refused(QStringLiteral("Line %1 has a quote that is not closed.")
                                   .arg(lineOf(text, begin)));
            found.end = at + 1;
        } else {
            const qsizetype comment = text.indexOf(" #", at);
            found.end = comment >= 0 && comment < end ? comment : end;
            while (found.end > found.begin
                   && (text[found.end - 1] == ' ' || text[found.end - 1] == '\t'))
                --found.end;
        }
        out.push_back(found);
    }
    return out;
}

QByteArray meaningOf(QByteArray raw)
{
    if (raw.size() > 1 && (raw[0] == '"' || raw[0] == '\'' || raw[0] == '`'))
        return raw.mid(1, raw.size() - 2);
    return raw;
}

QByteArray rawOf(const QByteArray &value)
{
    const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
        return isNamePart(c) || QByteArrayView("-./:@%+,").contains(c);
    });
    return plain ? value : '"' + value + '"';
}

class DotenvEditor final : public Editor
{
public:
    Result<std::optional<Found>> find(const QByteArray &text, const Path &path) const override
    {
        const auto place = placeOf(text, path);
        if (!place)
            return failure(place.error());
        std::optional<Found> found;
        if (*place) {
            const QByteArray raw = text.mid((*place)->begin, (*place)->end - (*place)->begin);
            found = Found{raw, meaningOf(raw)};
        }
        return found;
    }

    Result<QByteArray> write(const QByteArray &text, const Path &path,
                             const Value &value) const override
    {
        const QByteArray wanted = value.text.toUtf8();
        for (const char c : wanted) {
            if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == '$')
                return refused(QStringLiteral("A value has letters that such a file cannot hold."));
        }
        const auto place = placeOf(text, path);
        if (!place)
            return failure(place.error());
        if (*place) {
            const Assignment &old = **place;
            const QByteArray raw = text.mid(old.begin, old.end - old.begin);
            return meaningOf(raw) == wanted
                ? text
                : text.left(old.begin) + rawOf(wanted) + text.mid(old.end);
        }
        QByteArray out = text;
        const QByteArray end = lineEndOf(text);
        if (!out.isEmpty() && !out.endsWith('\n'))
            out += end;
        return out + path.first().toUtf8() + '=' + rawOf(wanted) + end;
    }

    Result<QByteArray> putBack(const QByteArray &text, const Path &path,
                               const QByteArray &raw) const override
    {
        return placeOf(text, path).map([&](const std::optional<Assignment> &place) {
            return place ? text.left(place->begin) + raw + text.mid(place->end) : text;
        });
    }

    Result<QByteArray> erase(const QByteArray &text, const Path &path) const override
    {
        return placeOf(text, path).map([&](const std::optional<Assignment> &place) {
            return place ? text.left(place->lineBegin) + text.mid(place->lineEnd) : text;
        });
    }

    Result<QByteArray> prune(const QByteArray &text, const Path &) const override { return text; }

    bool saysNothing(const QByteArray &text) const override { return isBlank(text); }

private:
    static Result<std::optional<Assignment>> placeOf(const QByteArray &text, const Path &path)
    {
        if (path.size() != 1)
            return refused(QStringLiteral("Such a file has no sections."));
        const auto all = assignmentsOf(text);
        if (!all)
            return failure(all.error());
        std::optional<Assignment> place;
        for (const Assignment &one : *all) {
            if (one.name != path.first().toUtf8())
                continue;
            if (place)
                return refused(QStringLiteral("%1 stands there twice.").arg(path.first()));
            place = one;
        }
        return place;
    }
};

} // namespace

const Editor &dotenvEditor()
{
    static const DotenvEditor editor;
    return editor;
}

} // namespace tollgate::clients
