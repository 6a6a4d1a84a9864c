// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/mutations.h"

#include "core/protocol/jsontree.h"

#include <QByteArrayList>

#include <random>
#include <vector>

namespace tollgate::fuzz {

using protocol::JsonTree;
using protocol::JsonValue;

namespace {

using Random = std::minstd_rand;

constexpr const char *kWords[] = {"null",
                                  "true",
                                  "false",
                                  "0",
                                  "1",
                                  "-1",
                                  "2.5",
                                  "1e99",
                                  "\"\"",
                                  "\"x\"",
                                  "{}",
                                  "[]",
                                  "[{}]",
                                  "\"auto\"",
                                  "4096",
                                  "9007199254740993",
                                  "\"\\ud83d\"",
                                  "\"user\"",
                                  "\"assistant\"",
                                  "\"tool\"",
                                  "\"text\"",
                                  "\"function\"",
                                  "{\"type\":\"object\"}",
                                  "{\"type\":\"text\",\"text\":\"x\"}"};

struct Place
{
    JsonValue value;
    bool inArray = false;
    bool inObject = false;
};

void collect(JsonValue value, bool inArray, bool inObject, std::vector<Place> &into)
{
    into.push_back({value, inArray, inObject});
    if (!value.isArray() && !value.isObject())
        return;
    for (const JsonValue child : value)
        collect(child, value.isArray(), value.isObject(), into);
}

std::size_t below(Random &random, std::size_t limit)
{
    return random() / 7 % limit;
}

QByteArray mutatedJson(QByteArrayView json, Random &random)
{
    const auto tree = JsonTree::parse(json);
    if (!tree)
        return {};
    std::vector<Place> places;
    collect(tree->root(), false, false, places);
    const Place place = places[below(random, places.size())];
    const Place other = places[below(random, places.size())];
    const QByteArrayView raw = place.value.raw();
    const qsizetype at = raw.data() - json.data();
    const QByteArray word = kWords[below(random, std::size(kWords))];
    const QByteArray donor = other.value.json();
    QByteArray text = json.toByteArray();
    switch (below(random, 6)) {
    case 0:
        return text.replace(at, raw.size(), donor);
    case 1:
        return text.replace(at, raw.size(), word);
    case 2: // beside it, what is there already
        if (place.inArray)
            return text.insert(at, place.value.json() + ',');
        if (place.inObject && other.inObject)
            return text.insert(at + raw.size(), ",\"" + other.value.key() + "\":" + donor);
        return text.replace(at, raw.size(), word);
    case 3:
        if (place.value.isArray() && place.value.size() == 0)
            return text.insert(at + 1, donor);
        if (place.inArray)
            return text.insert(at, donor + ',');
        if (place.inObject && other.inObject)
            return text.insert(at + raw.size(), ",\"" + other.value.key() + "\":" + word);
        return text.replace(at, raw.size(), donor);
    case 4: // one container more, or one fewer
        if (place.value.isArray() && place.value.size() == 1)
            return text.replace(at, raw.size(), (*place.value.begin()).json());
        return text.replace(at, raw.size(), '[' + place.value.json() + ']');
    default: // left out
        if (place.inArray && at + raw.size() < text.size() && text[at + raw.size()] == ',')
            return text.remove(at, raw.size() + 1);
        return text.replace(at, raw.size(), "null");
    }
}

QByteArray mutatedLines(QByteArrayView text, Random &random)
{
    QByteArrayList lines = text.toByteArray().split('\n');
    const qsizetype at = qsizetype(below(random, std::size_t(lines.size())));
    const qsizetype other = qsizetype(below(random, std::size_t(lines.size())));
    switch (below(random, 8)) {
    case 0:
        lines.insert(at, lines[other]);
        break;
    case 1:
        lines.removeAt(at);
        break;
    case 2:
        lines.swapItemsAt(at, other);
        break;
    default: {
        const qsizetype brace = lines[at].indexOf('{');
        if (brace < 0)
            return {};
        const QByteArray changed
            = mutatedJson(QByteArrayView(lines[at]).sliced(brace).trimmed(), random);
        if (changed.isEmpty())
            return {};
        lines[at] = lines[at].first(brace) + changed;
    }
    }
    return lines.join('\n');
}

} // namespace

QByteArray mutated(QByteArrayView input, std::uint32_t seed)
{
    constexpr qsizetype kHead = 2; // what the rest is, and how it is read
    if (input.size() <= kHead)
        return {};
    Random random(seed + 1);
    random.discard(3);
    const QByteArrayView body = input.sliced(kHead);
    QByteArray changed = mutatedJson(body, random);
    if (changed.isEmpty() && body.contains('\n'))
        changed = mutatedLines(body, random);
    return changed.isEmpty() ? changed : input.first(kHead).toByteArray() + changed;
}

} // namespace tollgate::fuzz
