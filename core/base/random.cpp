// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include <QRandomGenerator>

#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tollgate {
namespace {

constexpr char kAlphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr unsigned kBase = 62;
constexpr unsigned kUnbiased = 256 / kBase * kBase; // bytes from here on would favour some letters
constexpr int kIdLength = 22; // ceil(128 / log2(62))
constexpr int kTimeLength = 8; // milliseconds until the year 8800

void appendRandom(QByteArray &out, int letters)
{
    // Each call to the generator costs a system call: one for some twenty ids. What was used is
    // overwritten, so that the pool never tells an id that was given out.
    thread_local std::array<unsigned char, 512> pool{};
    thread_local std::size_t used = pool.size();
    for (int written = 0; written < letters;) {
        if (used == pool.size()) {
            randombytes_buf(pool.data(), pool.size());
            used = 0;
        }
        const unsigned char byte = std::exchange(pool[used++], 0);
        if (byte >= kUnbiased)
            continue;
        out.append(kAlphabet[byte % kBase]);
        ++written;
    }
}

} // namespace

QByteArray randomBytes(qsizetype bytes)
{
    QByteArray out(bytes, Qt::Uninitialized);
    randombytes_buf(out.data(), static_cast<std::size_t>(bytes));
    return out;
}

QByteArray randomId(QByteArrayView prefix)
{
    QByteArray out;
    out.reserve(prefix.size() + kIdLength);
    out.append(prefix);
    appendRandom(out, kIdLength);
    return out;
}

QByteArray orderedId(QByteArrayView prefix, std::int64_t wallUs)
{
    QByteArray out;
    out.reserve(prefix.size() + kIdLength);
    out.append(prefix);
    std::array<char, kTimeLength> time{};
    auto left = static_cast<std::uint64_t>(std::max<std::int64_t>(wallUs / 1000, 0));
    for (auto digit = time.rbegin(); digit != time.rend(); ++digit, left /= kBase)
        *digit = kAlphabet[left % kBase];
    out.append(time.data(), time.size());
    appendRandom(out, kIdLength - kTimeLength);
    return out;
}

std::uint32_t randomBelow(std::uint32_t bound)
{
    return QRandomGenerator::global()->bounded(bound);
}

} // namespace tollgate
