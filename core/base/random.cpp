// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include <QRandomGenerator>

#include <sodium.h>

#include <array>

namespace tollgate {
namespace {

constexpr char kAlphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr unsigned kBase = 62;
constexpr unsigned kUnbiased = 256 / kBase * kBase; // bytes from here on would favour some letters
constexpr int kIdLength = 22; // ceil(128 / log2(62))

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
    // One call to the generator, which costs a system call, instead of one a character.
    std::array<unsigned char, kIdLength + 10> pool{};
    std::size_t used = pool.size();
    for (int written = 0; written < kIdLength;) {
        if (used == pool.size()) {
            randombytes_buf(pool.data(), pool.size());
            used = 0;
        }
        const unsigned char byte = pool[used++];
        if (byte >= kUnbiased)
            continue;
        out.append(kAlphabet[byte % kBase]);
        ++written;
    }
    return out;
}

std::uint32_t randomBelow(std::uint32_t bound)
{
    return QRandomGenerator::global()->bounded(bound);
}

} // namespace tollgate
