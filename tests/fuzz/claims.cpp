// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/claims.h"

#include "core/protocol/jsontree.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace tollgate::fuzz {

using protocol::JsonTree;
using protocol::JsonType;
using protocol::JsonValue;

namespace {

// Of this program, whatever else the machine does meanwhile.
double processorMs()
{
    constexpr double kMsPerS = 1000;
    return double(std::clock()) * kMsPerS / double(CLOCKS_PER_SEC);
}

double costMs(const std::function<void(qsizetype)> &work, qsizetype bytes)
{
    const double before = processorMs();
    work(bytes);
    return processorMs() - before;
}

bool grows(JsonValue value)
{
    return (value.isString() && value.raw().size() > 2) // the quotes
        || ((value.isArray() || value.isObject()) && value.size() > 0);
}

void collect(JsonValue value, std::vector<JsonValue> &into)
{
    if (grows(value))
        into.push_back(value);
    if (value.isArray() || value.isObject()) {
        for (const JsonValue child : value)
            collect(child, into);
    }
}

// An object's further members have names of their own.
QByteArray moreMembers(JsonValue object, qsizetype bytes)
{
    QByteArray more;
    for (int i = 0; more.size() < bytes; ++i) {
        for (const JsonValue member : object)
            more += ",\"m" + QByteArray::number(i) + "\":" + member.raw().toByteArray();
    }
    return more;
}

} // namespace

void claim(bool holds, const char *what, QByteArrayView details)
{
    if (holds)
        return;
    std::fprintf(stderr, "CLAIM: %s\n%.*s\n", what, int(details.size()), details.data());
    std::abort();
}

void claimRight(const QString &wrong, const char *what, QByteArrayView details)
{
    if (!wrong.isEmpty())
        claim(false, what, wrong.toUtf8() + '\n' + details.toByteArray());
}

std::uint32_t chanceOf(QByteArrayView input)
{
    std::uint32_t hash = 2166136261U; // FNV-1a
    for (const char byte : input)
        hash = (hash ^ std::uint8_t(byte)) * 16777619U;
    return hash ^ (hash >> 15);
}

void claimLinear(const char *what, const std::function<void(qsizetype)> &work)
{
    constexpr qsizetype kSmall = 12 << 10;
    constexpr double kJudgedMs = 100; // shorter ones say nothing
    constexpr double kWorst = 9; // for four times the input
    double small = 0;
    double large = 0;
    for (int attempt = 0; attempt < 3; ++attempt) {
        small = costMs(work, kSmall);
        large = costMs(work, 4 * kSmall);
        if (large < kJudgedMs || large < kWorst * small)
            return;
    }
    claim(false, what,
          QByteArray::number(small) + " ms became " + QByteArray::number(large)
              + " ms for four times the input");
}

QByteArray grownJson(QByteArrayView json, qsizetype bytes, std::uint32_t chance)
{
    const auto tree = JsonTree::parse(json);
    if (!tree)
        return {};
    std::vector<JsonValue> candidates;
    collect(tree->root(), candidates);
    if (candidates.empty())
        return {};
    const JsonValue value = candidates[chance % candidates.size()];
    const QByteArrayView raw = value.raw();
    const QByteArray inner = raw.sliced(1, raw.size() - 2).toByteArray();
    QByteArray more;
    if (value.isObject()) {
        more = moreMembers(value, bytes);
    } else {
        const QByteArray piece = value.isArray() ? ',' + inner : inner;
        more = piece.repeated(bytes / piece.size() + 1);
    }
    const qsizetype at = raw.data() - json.data() + raw.size() - 1;
    return json.first(at).toByteArray() + more + json.sliced(at).toByteArray();
}

} // namespace tollgate::fuzz
