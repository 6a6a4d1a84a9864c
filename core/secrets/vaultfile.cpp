// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/vaultfile.h"

#include "core/base/random.h"

#include <QtEndian>

#include <sodium.h>

#include <optional>

namespace tollgate::secrets {
namespace {

constexpr QByteArrayView kMagic = "TGVAULT\n";
constexpr quint32 kVersion = 1;
constexpr qsizetype kSaltSize = crypto_pwhash_SALTBYTES;
constexpr qsizetype kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr qsizetype kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr qsizetype kNonceAt = 40;
constexpr qsizetype kBodyAt = kNonceAt + kNonceSize;
constexpr QByteArrayView kEntryLabel = "tollgate vault entry 1:";
constexpr std::uint32_t kMostPasses = 16;
constexpr std::uint64_t kMostBytes = std::uint64_t(1) << 30;
static_assert(kSaltSize == 16 && kBodyAt == 64);

template <class T> void appendInteger(QByteArray &out, T value)
{
    const T little = qToLittleEndian(value);
    out.append(reinterpret_cast<const char *>(&little), sizeof little);
}

// Takes values from the front; after the first one that is not there, nothing is.
class Reader
{
public:
    explicit Reader(QByteArrayView bytes)
        : m_bytes(bytes)
    {
    }

    template <class T> std::optional<T> integer()
    {
        const auto bytes = take(sizeof(T));
        return bytes ? std::optional(qFromLittleEndian<T>(bytes->data())) : std::nullopt;
    }
    std::optional<QByteArrayView> take(qsizetype size)
    {
        if (size < 0 || size > m_bytes.size()) {
            m_bytes = {};
            return std::nullopt;
        }
        const QByteArrayView taken = m_bytes.first(size);
        m_bytes = m_bytes.sliced(size);
        return taken;
    }
    std::optional<QByteArray> block()
    {
        const auto size = integer<quint32>();
        const auto bytes = size ? take(static_cast<qsizetype>(*size)) : std::nullopt;
        return bytes ? std::optional(bytes->toByteArray()) : std::nullopt;
    }
    [[nodiscard]] bool atEnd() const { return m_bytes.isEmpty(); }

private:
    QByteArrayView m_bytes;
};

const unsigned char *bytesOf(QByteArrayView view)
{
    return reinterpret_cast<const unsigned char *>(view.data());
}

unsigned char *bytesOf(QByteArray &array)
{
    return reinterpret_cast<unsigned char *>(array.data());
}

QByteArray seal(QByteArrayView plain, QByteArrayView additional, QByteArrayView nonce,
                const Secret &key)
{
    QByteArray sealed(plain.size() + kTagSize, Qt::Uninitialized);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        bytesOf(sealed), nullptr, bytesOf(plain), static_cast<unsigned long long>(plain.size()),
        bytesOf(additional), static_cast<unsigned long long>(additional.size()), nullptr,
        bytesOf(nonce), bytesOf(key.reveal()));
    return sealed;
}

std::optional<QByteArray> unseal(QByteArrayView sealed, QByteArrayView additional,
                                 QByteArrayView nonce, const Secret &key)
{
    if (sealed.size() < kTagSize)
        return std::nullopt;
    QByteArray plain(sealed.size() - kTagSize, Qt::Uninitialized);
    const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
        bytesOf(plain), nullptr, nullptr, bytesOf(sealed),
        static_cast<unsigned long long>(sealed.size()), bytesOf(additional),
        static_cast<unsigned long long>(additional.size()), bytesOf(nonce), bytesOf(key.reveal()));
    return failed ? std::nullopt : std::optional(plain);
}

Secret subkey(const QByteArray &master, std::uint64_t id)
{
    constexpr char kContext[crypto_kdf_CONTEXTBYTES + 1] = "tgvault1";
    QByteArray key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES, Qt::Uninitialized);
    crypto_kdf_derive_from_key(bytesOf(key), static_cast<std::size_t>(key.size()), id, kContext,
                               bytesOf(QByteArrayView(master)));
    Secret secret(key);
    wipe(key);
    return secret;
}

} // namespace

VaultCost VaultCost::moderate()
{
    return {crypto_pwhash_argon2id_OPSLIMIT_MODERATE, crypto_pwhash_argon2id_MEMLIMIT_MODERATE};
}

Error wrongOrDamaged()
{
    Error error;
    error.kind = ErrorKind::Forbidden;
    error.code = "vault_not_opened";
    error.message = QStringLiteral("The vault did not open: the passphrase is wrong or the file is "
                                   "damaged.");
    return error;
}

VaultHeader VaultHeader::fresh(VaultCost cost)
{
    return {cost, randomBytes(kSaltSize)};
}

Result<VaultHeader> VaultHeader::read(QByteArrayView file)
{
    if (file.size() < kBodyAt + kTagSize || !file.startsWith(kMagic))
        return failure(wrongOrDamaged());
    Reader reader(file.sliced(kMagic.size()));
    const quint32 version = *reader.integer<quint32>();
    if (version > kVersion) {
        return failure(
            ErrorKind::Unavailable,
            QStringLiteral("The vault was written by a newer Tollgate; update this one."),
            "vault_too_new");
    }
    VaultHeader header;
    header.cost.passes = *reader.integer<quint32>();
    header.cost.bytes = *reader.integer<quint64>();
    header.salt = reader.take(kSaltSize)->toByteArray();
    // Bounds before the work: a damaged header must not ask for all memory there is.
    if (version != kVersion || header.cost.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN
        || header.cost.passes > kMostPasses
        || header.cost.bytes < crypto_pwhash_argon2id_MEMLIMIT_MIN
        || header.cost.bytes > kMostBytes) {
        return failure(wrongOrDamaged());
    }
    return header;
}

Result<VaultKeys> deriveKeys(const VaultHeader &header, const Secret &passphrase)
{
    QByteArray master(crypto_kdf_KEYBYTES, Qt::Uninitialized);
    const QByteArrayView words = passphrase.reveal();
    const int failed
        = crypto_pwhash(bytesOf(master), static_cast<unsigned long long>(master.size()),
                        words.data(), static_cast<unsigned long long>(words.size()),
                        bytesOf(QByteArrayView(header.salt)), header.cost.passes,
                        static_cast<std::size_t>(header.cost.bytes), crypto_pwhash_ALG_ARGON2ID13);
    if (failed) {
        return failure(
            ErrorKind::Unavailable,
            QStringLiteral("There is not enough memory to open the vault; %1 MiB are needed "
                           "for a moment.")
                .arg(header.cost.bytes >> 20),
            "out_of_memory");
    }
    VaultKeys keys{subkey(master, 1), subkey(master, 2)};
    wipe(master);
    return keys;
}

QByteArray writeVault(const VaultHeader &header, const VaultKeys &keys, const VaultEntries &entries)
{
    QByteArray file = kMagic.toByteArray();
    appendInteger<quint32>(file, kVersion);
    appendInteger<quint32>(file, header.cost.passes);
    appendInteger<quint64>(file, header.cost.bytes);
    file.append(header.salt);
    file.append(randomBytes(kNonceSize));

    QByteArray body;
    appendInteger<quint32>(body, static_cast<quint32>(entries.size()));
    for (const auto &[reference, sealed] : entries) {
        appendInteger<quint32>(body, static_cast<quint32>(reference.size()));
        body.append(reference);
        appendInteger<quint32>(body, static_cast<quint32>(sealed.size()));
        body.append(sealed);
    }
    file.append(seal(body, QByteArrayView(file).first(kBodyAt),
                     QByteArrayView(file).sliced(kNonceAt, kNonceSize), keys.body));
    return file;
}

Result<VaultEntries> readVault(QByteArrayView file, const VaultKeys &keys)
{
    if (file.size() < kBodyAt + kTagSize)
        return failure(wrongOrDamaged());
    const auto body = unseal(file.sliced(kBodyAt), file.first(kBodyAt),
                             file.sliced(kNonceAt, kNonceSize), keys.body);
    if (!body)
        return failure(wrongOrDamaged());
    Reader reader(*body);
    VaultEntries entries;
    const auto count = reader.integer<quint32>();
    for (quint32 i = 0; count && i < *count; ++i) {
        auto reference = reader.block();
        auto sealed = reader.block();
        if (!reference || !sealed)
            return failure(wrongOrDamaged());
        entries.emplace(std::move(*reference), std::move(*sealed));
    }
    if (!count || !reader.atEnd() || entries.size() != *count)
        return failure(wrongOrDamaged());
    return entries;
}

QByteArray sealEntry(const VaultKeys &keys, const QByteArray &reference, const Secret &secret)
{
    const QByteArray nonce = randomBytes(kNonceSize);
    return nonce
        + seal(secret.reveal(), kEntryLabel.toByteArray() + reference, nonce, keys.entries);
}

std::shared_ptr<const Secret> openEntry(const VaultKeys &keys, const QByteArray &reference,
                                        const QByteArray &sealed)
{
    if (sealed.size() < kNonceSize)
        return nullptr;
    const QByteArrayView view(sealed);
    auto plain = unseal(view.sliced(kNonceSize), kEntryLabel.toByteArray() + reference,
                        view.first(kNonceSize), keys.entries);
    if (!plain)
        return nullptr;
    auto secret = std::make_shared<const Secret>(*plain);
    wipe(*plain);
    return secret;
}

} // namespace tollgate::secrets
