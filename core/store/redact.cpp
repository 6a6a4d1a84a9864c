// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/redact.h"

#include <algorithm>

namespace tollgate::store {
namespace {

struct Shape
{
    QByteArrayView prefix;
    qsizetype shortest; // of what follows; shorter is a word, not a key
    bool anyCase;
};

constexpr Shape shapes[] = {
    {"tg-", 12, false},   {"sk-", 12, false},  {"rk-", 20, false},    {"AIza", 20, false},
    {"gsk_", 16, false},  {"xai-", 16, false}, {"hf_", 16, false},    {"pplx-", 16, false},
    {"AKIA", 12, false},  {"ghp_", 16, false}, {"nvapi-", 16, false}, {"r8_", 16, false},
    {"bearer ", 8, true},
};

bool isWordCharacter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isKeyCharacter(char c)
{
    return isWordCharacter(c) || c == '-' || c == '_' || c == '.' || c == '~' || c == '+'
        || c == '/' || c == '=';
}

bool isHex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Whether a key may begin here: not inside a word. The last letter of an escape in JSON ("\n",
// "\u003d") is none of a word's.
bool isBoundary(QByteArrayView text, qsizetype at)
{
    if (at == 0 || !isWordCharacter(text.at(at - 1)))
        return true;
    if (at >= 2 && text.at(at - 2) == '\\')
        return true;
    return at >= 6 && text.sliced(at - 6, 2) == "\\u"
        && std::all_of(text.begin() + at - 4, text.begin() + at, isHex);
}

bool startsWith(QByteArrayView text, const Shape &shape)
{
    if (text.size() < shape.prefix.size())
        return false;
    if (!shape.anyCase)
        return text.startsWith(shape.prefix);
    return std::equal(shape.prefix.begin(), shape.prefix.end(), text.begin(), [](char a, char b) {
        return a == (b >= 'A' && b <= 'Z' ? char(b - 'A' + 'a') : b);
    });
}

// How long the key is that follows the prefix; 0: none does.
qsizetype keyLength(QByteArrayView rest, const Shape &shape)
{
    qsizetype length = 0;
    for (;;) {
        if (length < rest.size() && isKeyCharacter(rest.at(length)))
            ++length;
        else if (rest.sliced(length).startsWith("\\/")) // a slash, as some write it in JSON
            length += 2;
        else
            break;
    }
    return length >= shape.shortest ? length : 0;
}

bool mayStart(char c)
{
    return std::any_of(std::begin(shapes), std::end(shapes), [c](const Shape &shape) {
        const char first = shape.prefix.front();
        return c == first || (shape.anyCase && c == first - 'a' + 'A');
    });
}

} // namespace

QByteArray redactSecrets(QByteArrayView text)
{
    QByteArray out;
    out.reserve(text.size());
    qsizetype at = 0;
    qsizetype copied = 0;
    while (at < text.size()) {
        qsizetype skip = 0;
        qsizetype prefix = 0;
        if (mayStart(text.at(at)) && isBoundary(text, at)) {
            const QByteArrayView rest = text.sliced(at);
            for (const Shape &shape : shapes) {
                if (!startsWith(rest, shape))
                    continue;
                prefix = shape.prefix.size();
                skip = keyLength(rest.sliced(prefix), shape);
                if (skip > 0)
                    break;
            }
        }
        if (skip == 0) {
            ++at;
            continue;
        }
        out.append(text.sliced(copied, at + prefix - copied));
        out.append("[redacted]");
        at += prefix + skip;
        copied = at;
    }
    out.append(text.sliced(copied));
    return out;
}

} // namespace tollgate::store
