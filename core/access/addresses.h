// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses of clients: ranges they may come from, and what a trusted proxy says of them.
#pragma once

#include "core/base/headers.h"
#include "core/base/result.h"

#include <QByteArrayList>
#include <QHostAddress>

#include <array>
#include <optional>
#include <vector>

namespace tollgate::access {

// "192.168.0.0/16", "10.1.2.3", "fd00::/8". IPv4 in four decimal parts only, so that no spelling is
// read as two different addresses; an IPv4 range mapped into IPv6 becomes the IPv4 one.
class AddressRange
{
public:
    [[nodiscard]] static Result<AddressRange> parse(QByteArrayView text);
    [[nodiscard]] bool contains(const QHostAddress &address) const;

private:
    std::array<unsigned char, 16> m_bytes{}; // IPv4 as ::ffff:a.b.c.d
    int m_bits = 128; // counted over all 16 bytes
    bool m_v4 = false;
};

// A list of ranges, parsed once. A malformed entry holds no address: it narrows, never widens.
class AddressRanges
{
public:
    AddressRanges() = default;
    explicit AddressRanges(const QByteArrayList &ranges);
    [[nodiscard]] bool isEmpty() const { return m_listed == 0; } // nothing was listed at all
    [[nodiscard]] bool contains(const QHostAddress &address) const;

private:
    std::vector<AddressRange> m_ranges;
    qsizetype m_listed = 0;
};

// Whether any of the ranges holds the address; an empty list holds none.
[[nodiscard]] bool inRanges(const QHostAddress &address, const QByteArrayList &ranges);

// A full IPv4 or IPv6 address, nothing else: no scope, no port, no brackets.
[[nodiscard]] std::optional<QHostAddress> parseAddress(QByteArrayView text);
// ::ffff:a.b.c.d becomes a.b.c.d and a scope id is dropped.
[[nodiscard]] QHostAddress normalised(const QHostAddress &address);

// The client's address: the TCP peer, or what a trusted proxy says of it. X-Forwarded-For and
// Forwarded are walked from the right for as long as each hop is trusted; a malformed hop on that
// walk gives the peer. Where both headers are there and disagree, one of them was forged: the
// result is null, which stands in no range.
[[nodiscard]] QHostAddress clientAddress(const QHostAddress &peer, const Headers &headers,
                                         const QByteArrayList &trustedProxies);

} // namespace tollgate::access
