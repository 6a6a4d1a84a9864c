// SPDX-License-Identifier: GPL-3.0-or-later
// Inside of the room: the bytes of a vault, without any file or thread.
//
// Layout, integers little-endian:
//   0  magic "TGVAULT\n"   8  u32 version 1   12  u32 Argon2id passes   16  u64 Argon2id bytes
//   24 salt, 16 bytes      40 nonce, 24 bytes 64  sealed body
// The body is sealed (XChaCha20-Poly1305-IETF) with all 64 bytes before it as additional data, so
// that no entry can be taken away, added or exchanged unnoticed. Inside, each entry is sealed once
// more under another key with its reference as additional data: an open vault holds secrets only in
// sealed form and opens one straight into locked memory.
#pragma once

#include "core/base/result.h"
#include "core/base/secret.h"

#include <QByteArray>

#include <map>

namespace tollgate::secrets {

struct VaultCost
{
    std::uint32_t passes = 0;
    std::uint64_t bytes = 0;

    [[nodiscard]] static VaultCost moderate(); // 3 passes over 256 MiB
};

struct VaultKeys
{
    Secret body;
    Secret entries;
};

// reference -> nonce and sealed secret
using VaultEntries = std::map<QByteArray, QByteArray>;

struct VaultHeader
{
    VaultCost cost;
    QByteArray salt;

    [[nodiscard]] static VaultHeader fresh(VaultCost cost);
    // The same error for every damage; its own for a newer version.
    [[nodiscard]] static Result<VaultHeader> read(QByteArrayView file);
};

// Slow and large on purpose; not for the main thread.
[[nodiscard]] Result<VaultKeys> deriveKeys(const VaultHeader &header, const Secret &passphrase);

[[nodiscard]] QByteArray writeVault(const VaultHeader &header, const VaultKeys &keys,
                                    const VaultEntries &entries);
[[nodiscard]] Result<VaultEntries> readVault(QByteArrayView file, const VaultKeys &keys);

[[nodiscard]] QByteArray sealEntry(const VaultKeys &keys, const QByteArray &reference,
                                   const Secret &secret);
// Null where the entry does not belong to the reference.
[[nodiscard]] std::shared_ptr<const Secret>
openEntry(const VaultKeys &keys, const QByteArray &reference, const QByteArray &sealed);

// One sentence for a wrong passphrase and for a damaged file: which of the two it was is not for
// everybody to learn.
[[nodiscard]] Error wrongOrDamaged();

} // namespace tollgate::secrets
