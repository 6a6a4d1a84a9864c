// SPDX-License-Identifier: GPL-3.0-or-later
// Which addresses a channel may dial, and which URLs it may name. Pure functions; the dialler asks
// them about the resolved address of every connection, so that no spelling of a host gets around.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <optional>
#include <span>

namespace tollgate::upstream {

using AddressBytes = std::span<const unsigned char>; // 4 or 16 of them, network order

// `local`: loopback and private ranges are allowed too. Metadata services, link-local, multicast
// and reserved addresses never are.
[[nodiscard]] bool addressAllowed(AddressBytes address, bool local);
// The same for an address in text form, as the kernel prints it. Not an address: not allowed.
[[nodiscard]] bool addressAllowed(const char *text, bool local);

struct Target
{
    bool tls = false;
    QByteArray host; // lower case, IPv6 without brackets
    std::uint16_t port = 0;
    bool literal = false; // an address, not a name
    [[nodiscard]] bool isLoopback() const;
};

// What a URL names: where a provider answers, or a file that a request points at. A file is fetched
// without anything secret, so that plain http will do for it.
enum class UrlUse { Provider, File };

// An absolute http or https URL in plain RFC 3986 characters: no user info, no fragment, a host
// that is a name, a four-part IPv4 or a bracketed IPv6 address. Plain http, odd ports and private
// addresses only where `local`.
[[nodiscard]] Result<Target> checkUrl(QByteArrayView url, bool local,
                                      UrlUse use = UrlUse::Provider);

// http, https, socks5 or socks5h, with a port; user info allowed.
[[nodiscard]] bool isProxyUrl(QByteArrayView url);

} // namespace tollgate::upstream
