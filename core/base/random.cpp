// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/random.h"

#include <sodium.h>

#include <QRandomGenerator>

namespace tollgate {
namespace {

constexpr char kAlphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr unsigned kBase = 62;
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
    for (int i = 0; i < kIdLength; ++i)
        out.append(kAlphabet[randombytes_uniform(kBase)]);
    return out;
}

std::uint32_t randomBelow(std::uint32_t bound)
{
    return QRandomGenerator::global()->bounded(bound);
}

} // namespace tollgate
