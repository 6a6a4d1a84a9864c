// SPDX-License-Identifier: GPL-3.0-or-later
// A secret in memory: one locked, zeroised, non-copyable buffer that prints itself masked.
#pragma once

#include <QByteArray>
#include <QByteArrayView>

class QDebug;

namespace tollgate {

class Secret
{
public:
    Secret() = default;
    // Copies `bytes` into a locked buffer; the caller wipes its own copy (see wipe()).
    explicit Secret(QByteArrayView bytes);
    ~Secret();
    Secret(Secret &&other) noexcept;
    Secret &operator=(Secret &&other) noexcept;
    Secret(const Secret &) = delete;
    Secret &operator=(const Secret &) = delete;

    [[nodiscard]] bool isEmpty() const { return m_size == 0; }
    // Valid while this object lives. Copy it only into a header that is about to be sent.
    [[nodiscard]] QByteArrayView reveal() const { return {m_data, m_size}; }
    // "sk-…9f2c": the first three and last four characters of a long one, "…" of a short one.
    [[nodiscard]] QByteArray masked() const;

private:
    void release();

    char *m_data = nullptr;
    qsizetype m_size = 0;
};

QDebug operator<<(QDebug debug, const Secret &secret);

// Overwrites and clears a buffer that held a secret. Detached copies elsewhere are not reached.
void wipe(QByteArray &bytes);

} // namespace tollgate
