// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/token.h"

#include "core/base/random.h"
#include "core/base/secret.h"

#include <sodium.h>
#include <zlib.h>

#include <algorithm>
#include <array>

namespace tollgate::access {
namespace {

constexpr QByteArrayView kPrefix = "tg-";
constexpr char kAlphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr unsigned kBase = 62;
constexpr qsizetype kRandomBytes = 32;
constexpr qsizetype kRandomLength = 43; // ceil(256 / log2(62))
constexpr qsizetype kChecksumLength = 6; // ceil(32 / log2(62))
constexpr qsizetype kLength = 3 + kRandomLength + kChecksumLength;
constexpr qsizetype kShownPrefix = 7;

bool isAlphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// The bytes as one big-endian number, written in base 62 with leading zeros.
void appendBase62(QByteArray &out, QByteArray bytes, qsizetype length)
{
    QByteArray digits(length, Qt::Uninitialized);
    for (qsizetype i = length - 1; i >= 0; --i) {
        unsigned remainder = 0;
        for (char &byte : bytes) {
            const unsigned value = remainder * 256 + static_cast<unsigned char>(byte);
            byte = static_cast<char>(value / kBase);
            remainder = value % kBase;
        }
        digits[i] = kAlphabet[remainder];
    }
    out.append(digits);
    wipe(digits);
    wipe(bytes);
}

std::array<char, kChecksumLength> checksumOf(QByteArrayView text)
{
    auto crc = static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef *>(text.data()), static_cast<uInt>(text.size())));
    std::array<char, kChecksumLength> digits{};
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
        *digit = kAlphabet[crc % kBase];
        crc /= kBase;
    }
    return digits;
}

} // namespace

NewToken makeToken()
{
    NewToken token;
    token.text.reserve(kLength);
    token.text.append(kPrefix);
    appendBase62(token.text, randomBytes(kRandomBytes), kRandomLength);
    const auto checksum = checksumOf(token.text);
    token.text.append(checksum.data(), kChecksumLength);
    token.digest = digestOf(token.text);
    token.prefix = token.text.first(kShownPrefix);
    return token;
}

bool looksLikeToken(QByteArrayView text)
{
    if (text.size() != kLength || !text.startsWith(kPrefix))
        return false;
    const QByteArrayView rest = text.sliced(kPrefix.size());
    if (!std::all_of(rest.begin(), rest.end(), isAlphanumeric))
        return false;
    const auto checksum = checksumOf(text.first(kLength - kChecksumLength));
    return text.last(kChecksumLength) == QByteArrayView(checksum.data(), kChecksumLength);
}

QByteArray digestOf(QByteArrayView token)
{
    QByteArray digest(crypto_hash_sha256_BYTES, Qt::Uninitialized);
    crypto_hash_sha256(reinterpret_cast<unsigned char *>(digest.data()),
                       reinterpret_cast<const unsigned char *>(token.data()),
                       static_cast<unsigned long long>(token.size()));
    return digest;
}

} // namespace tollgate::access
