// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/sealed.h"

#include "core/base/random.h"

#include <sodium.h>

#include <array>

namespace tollgate::admin {
namespace {

constexpr std::uint64_t kOps = 3;
constexpr std::size_t kMemory = std::size_t{128} << 20;
// What a file may ask of the machine that reads it.
constexpr std::int64_t kMostOps = 10;
constexpr std::int64_t kMostMemory = std::int64_t{1} << 30;
constexpr qsizetype kShortestPassphrase = 8;

using Key = std::array<unsigned char, crypto_aead_xchacha20poly1305_ietf_KEYBYTES>;

const unsigned char *bytesOf(QByteArrayView text)
{
    return reinterpret_cast<const unsigned char *>(text.data());
}

Result<Key> deriveKey(const Secret &passphrase, QByteArrayView salt, std::uint64_t ops,
                      std::size_t memory)
{
    Key key;
    const QByteArrayView text = passphrase.reveal();
    if (crypto_pwhash(key.data(), key.size(), text.data(), static_cast<std::uint64_t>(text.size()),
                      bytesOf(salt), ops, memory, crypto_pwhash_ALG_ARGON2ID13)
        != 0) {
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("There is not enough memory to work on the passphrase."));
    }
    return key;
}

QString base64(QByteArrayView bytes)
{
    return QString::fromLatin1(bytes.toByteArray().toBase64());
}

tl::unexpected<Error> unreadable()
{
    return failure(
        ErrorKind::Forbidden,
        QStringLiteral("The secrets cannot be opened: the passphrase is wrong or the file is "
                       "damaged."),
        "passphrase");
}

} // namespace

Result<QJsonObject> seal(QByteArrayView text, const Secret &passphrase)
{
    if (passphrase.reveal().size() < kShortestPassphrase) {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("The passphrase must have at least 8 characters."),
                       "passphrase");
    }
    const QByteArray salt = randomBytes(crypto_pwhash_SALTBYTES);
    const QByteArray nonce = randomBytes(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    auto key = deriveKey(passphrase, salt, kOps, kMemory);
    if (!key)
        return failure(key.error());
    QByteArray data(text.size() + qsizetype{crypto_aead_xchacha20poly1305_ietf_ABYTES}, '\0');
    unsigned long long size = 0;
    crypto_aead_xchacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char *>(data.data()),
                                               &size, bytesOf(text),
                                               static_cast<unsigned long long>(text.size()),
                                               nullptr, 0, nullptr, bytesOf(nonce), key->data());
    sodium_memzero(key->data(), key->size());
    data.truncate(static_cast<qsizetype>(size));
    return QJsonObject{{QStringLiteral("kdf"), QStringLiteral("argon2id")},
                       {QStringLiteral("ops"), static_cast<qint64>(kOps)},
                       {QStringLiteral("memory"), static_cast<qint64>(kMemory)},
                       {QStringLiteral("salt"), base64(salt)},
                       {QStringLiteral("nonce"), base64(nonce)},
                       {QStringLiteral("data"), base64(data)}};
}

Result<Secret> unseal(const QJsonObject &sealed, const Secret &passphrase)
{
    const auto binary = [&](const char *name) {
        return QByteArray::fromBase64(sealed.value(QLatin1String(name)).toString().toLatin1());
    };
    const QByteArray salt = binary("salt");
    const QByteArray nonce = binary("nonce");
    const QByteArray data = binary("data");
    const std::int64_t ops = sealed.value(QLatin1String("ops")).toInteger();
    const std::int64_t memory = sealed.value(QLatin1String("memory")).toInteger();
    if (sealed.value(QLatin1String("kdf")).toString() != u"argon2id"
        || salt.size() != qsizetype{crypto_pwhash_SALTBYTES}
        || nonce.size() != qsizetype{crypto_aead_xchacha20poly1305_ietf_NPUBBYTES}
        || data.size() < qsizetype{crypto_aead_xchacha20poly1305_ietf_ABYTES} || ops < 1
        || ops > kMostOps || memory < std::int64_t{crypto_pwhash_MEMLIMIT_MIN}
        || memory > kMostMemory)
        return unreadable();
    auto key = deriveKey(passphrase, salt, static_cast<std::uint64_t>(ops),
                         static_cast<std::size_t>(memory));
    if (!key)
        return failure(key.error());
    QByteArray text(data.size(), '\0');
    unsigned long long size = 0;
    const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
        reinterpret_cast<unsigned char *>(text.data()), &size, nullptr, bytesOf(data),
        static_cast<unsigned long long>(data.size()), nullptr, 0, bytesOf(nonce), key->data());
    sodium_memzero(key->data(), key->size());
    if (opened != 0)
        return unreadable();
    Secret secret(QByteArrayView(text).first(static_cast<qsizetype>(size)));
    wipe(text);
    return secret;
}

} // namespace tollgate::admin
