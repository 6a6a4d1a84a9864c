// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/address.h"

#include "core/base/headers.h"

#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#endif

#include <algorithm>
#include <array>
#include <cstring>

namespace tollgate::upstream {
namespace {

using V4 = std::array<unsigned char, 4>;
using V6 = std::array<unsigned char, 16>;

template <std::size_t N> struct Range
{
    std::array<unsigned char, N> prefix;
    int bits;
};

template <std::size_t N> bool within(std::span<const unsigned char> address, const Range<N> &range)
{
    for (int bit = 0; bit < range.bits; bit += 8) {
        const int left = range.bits - bit;
        const auto mask = static_cast<unsigned char>(left >= 8 ? 0xff : 0xff << (8 - left));
        const auto index = static_cast<std::size_t>(bit / 8);
        if ((address[index] & mask) != range.prefix[index])
            return false;
    }
    return true;
}

template <std::size_t N, std::size_t Count>
bool withinAny(std::span<const unsigned char> address, const std::array<Range<N>, Count> &ranges)
{
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](const Range<N> &range) { return within(address, range); });
}

// RFC 6890 registries. The first table is closed to everyone: this host, link-local (with the
// metadata services of AWS, Azure, Google), the metadata services of Alibaba and Oracle, multicast
// and reserved.
constexpr std::array kNeverV4{
    Range<4>{{0, 0, 0, 0}, 8},          Range<4>{{169, 254, 0, 0}, 16},
    Range<4>{{100, 100, 100, 200}, 32}, Range<4>{{192, 0, 0, 192}, 32},
    Range<4>{{224, 0, 0, 0}, 4},        Range<4>{{240, 0, 0, 0}, 4},
};
constexpr std::array kLocalV4{
    Range<4>{{10, 0, 0, 0}, 8},    Range<4>{{100, 64, 0, 0}, 10}, Range<4>{{127, 0, 0, 0}, 8},
    Range<4>{{172, 16, 0, 0}, 12}, Range<4>{{192, 0, 0, 0}, 24},  Range<4>{{192, 168, 0, 0}, 16},
    Range<4>{{198, 18, 0, 0}, 15},
};
constexpr V6 kMetadataV6{0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};
constexpr V6 kLinkMetadataV6{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa9, 0xfe, 0xa9, 0xfe};
constexpr std::array kNeverV6{
    Range<16>{{}, 128}, // ::
    Range<16>{kMetadataV6, 128},
    Range<16>{kLinkMetadataV6, 128},
    Range<16>{{0x20, 0x01, 0x00, 0x00}, 32}, // Teredo hides a v4 address
    Range<16>{{0xff}, 8},
};
constexpr std::array kLocalV6{
    Range<16>{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
    Range<16>{{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48}, // local-use NAT64, RFC 8215
    Range<16>{{0xfc}, 7},
    Range<16>{{0xfe, 0x80}, 10},
    Range<16>{{0xfe, 0xc0}, 10},
};
// IPv4 inside IPv6: judged by the IPv4 address. {prefix, where it starts}
struct Embedding
{
    Range<16> range;
    std::size_t offset;
};
constexpr std::array kEmbeddings{
    Embedding{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, 12}, // mapped
    Embedding{{{0x00, 0x64, 0xff, 0x9b}, 96}, 12}, // NAT64, RFC 6052
    Embedding{{{0x20, 0x02}, 16}, 2}, // 6to4
    Embedding{{{}, 96}, 12}, // compatible, obsolete
};

bool v4Allowed(AddressBytes address, bool local)
{
    return !withinAny(address, kNeverV4) && (local || !withinAny(address, kLocalV4));
}

bool v6Allowed(AddressBytes address, bool local)
{
    if (withinAny(address, kNeverV6))
        return false;
    if (withinAny(address, kLocalV6))
        return local;
    for (const Embedding &embedding : kEmbeddings) {
        if (within(address, embedding.range))
            return v4Allowed(address.subspan(embedding.offset, 4), local);
    }
    return true;
}

bool isAlnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool isDigits(QByteArrayView text)
{
    return !text.isEmpty()
        && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool isHex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// RFC 3986 pchar, "/" and "?"; percent only before two hexadecimal digits.
bool isPathAndQuery(QByteArrayView text)
{
    constexpr std::string_view kMarks = "-._~!$&'()*+,;=:@/?";
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (isAlnum(c) || kMarks.find(c) != std::string_view::npos)
            continue;
        if (c != '%' || i + 2 >= text.size() || !isHex(text[i + 1]) || !isHex(text[i + 2]))
            return false;
        i += 2;
    }
    return true;
}

// Names by the letters that resolvers agree on. A last label that reads as a number would be taken
// for an IPv4 address in one of its many spellings (WHATWG URL "ends in a number").
bool isHostName(QByteArrayView host)
{
    constexpr qsizetype kMaxName = 253;
    constexpr qsizetype kMaxLabel = 63;
    if (host.isEmpty() || host.size() > kMaxName)
        return false;
    QByteArrayView last;
    for (qsizetype start = 0; start <= host.size();) {
        qsizetype end = host.indexOf('.', start);
        if (end < 0)
            end = host.size();
        last = host.sliced(start, end - start);
        if (last.isEmpty() || last.size() > kMaxLabel || last.front() == '-' || last.back() == '-')
            return false;
        if (!std::all_of(last.begin(), last.end(),
                         [](char c) { return isAlnum(c) || c == '-' || c == '_'; }))
            return false;
        start = end + 1;
    }
    const bool hex = last.size() >= 2 && last[0] == '0' && (last[1] == 'x' || last[1] == 'X')
        && std::all_of(last.begin() + 2, last.end(), isHex);
    return !hex && !isDigits(last);
}

// Four decimal numbers, no leading zeros: the one spelling of IPv4 nobody reads differently.
bool isDottedQuad(QByteArrayView host)
{
    int parts = 0;
    for (qsizetype start = 0; start <= host.size(); ++parts) {
        qsizetype end = host.indexOf('.', start);
        if (end < 0)
            end = host.size();
        const QByteArrayView part = host.sliced(start, end - start);
        if (!isDigits(part) || part.size() > 3 || (part.size() > 1 && part.front() == '0')
            || part.toInt() > 255)
            return false;
        start = end + 1;
    }
    return parts == 4;
}

std::optional<std::uint16_t> parsePort(QByteArrayView text)
{
    if (!isDigits(text) || text.size() > 5)
        return std::nullopt;
    const int port = text.toInt();
    if (port < 1 || port > 65535)
        return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

// Services that answer to anyone who can open a connection; never an HTTP API of a provider.
bool isOddPort(std::uint16_t port)
{
    constexpr std::array<std::uint16_t, 15> kBlocked{
        1433, 1521, 2049, 2375, 2376, 2379, 3306, 5432, 5672, 5984, 6379, 9042, 9200, 11211, 27017};
    if (port == 80 || port == 443)
        return false;
    return port < 1024 || std::find(kBlocked.begin(), kBlocked.end(), port) != kBlocked.end();
}

struct Authority
{
    QByteArrayView host;
    QByteArrayView port;
    bool bracketed = false;
    bool hasPort = false;
};

std::optional<Authority> splitAuthority(QByteArrayView text)
{
    Authority parts;
    qsizetype rest = 0;
    if (text.startsWith('[')) {
        const qsizetype end = text.indexOf(']');
        if (end < 0)
            return std::nullopt;
        parts.host = text.sliced(1, end - 1);
        parts.bracketed = true;
        rest = end + 1;
    } else {
        const qsizetype colon = text.indexOf(':');
        rest = colon < 0 ? text.size() : colon;
        parts.host = text.first(rest);
    }
    if (rest < text.size()) {
        if (text[rest] != ':')
            return std::nullopt;
        parts.port = text.sliced(rest + 1);
        parts.hasPort = true;
    }
    return parts;
}

bool parseLiteral(const QByteArray &host, bool bracketed, V6 &bytes, std::size_t &size)
{
    size = bracketed ? 16 : 4;
    return (bracketed || isDottedQuad(host))
        && inet_pton(bracketed ? AF_INET6 : AF_INET, host.constData(), bytes.data()) == 1;
}

auto refused(const char *why)
{
    return failure(ErrorKind::InvalidRequest, QString::fromUtf8(why), "bad_upstream_url");
}

Result<Target> checkAuthority(QByteArrayView authority, Target target, bool local, UrlUse use)
{
    const auto parts = splitAuthority(authority);
    if (!parts)
        return refused("The channel's URL has a malformed host.");
    target.host = parts->host.toByteArray().toLower();
    V6 bytes{};
    std::size_t size = 0;
    target.literal = parseLiteral(target.host, parts->bracketed, bytes, size);
    if (!target.literal && (parts->bracketed || !isHostName(target.host)))
        return refused("The channel's URL has a malformed host.");
    target.port = target.tls ? 443 : 80;
    if (parts->hasPort) {
        const auto port = parsePort(parts->port);
        if (!port)
            return refused("The channel's URL has a malformed port.");
        target.port = *port;
    }
    if (!local && !target.tls && use == UrlUse::Provider)
        return refused("Plain http is allowed for channels marked local only: the key would travel "
                       "in the clear.");
    if (!local && isOddPort(target.port))
        return refused("The channel's URL names a port that no provider uses; mark the channel "
                       "local if that is meant.");
    if (target.literal && !addressAllowed(AddressBytes(bytes).first(size), local))
        return refused("The channel's URL names an address that it may not dial.");
    return target;
}

} // namespace

bool addressAllowed(AddressBytes address, bool local)
{
    switch (address.size()) {
    case 4:
        return v4Allowed(address, local);
    case 16:
        return v6Allowed(address, local);
    default:
        return false;
    }
}

bool addressAllowed(const char *text, bool local)
{
    V6 bytes{};
    if (inet_pton(AF_INET, text, bytes.data()) == 1)
        return addressAllowed(AddressBytes(bytes).first(4), local);
    std::array<char, 64> plain{};
    const std::size_t length = std::strcspn(text, "%"); // a zone may follow
    if (length >= plain.size())
        return false;
    std::memcpy(plain.data(), text, length);
    return inet_pton(AF_INET6, plain.data(), bytes.data()) == 1 && addressAllowed(bytes, local);
}

bool Target::isLoopback() const
{
    if (!literal)
        return host == "localhost" || host.endsWith(".localhost");
    return host == "::1" || (host.startsWith("127.") && !host.contains(':'));
}

namespace {

Result<Target> checkPlainUrl(QByteArrayView url, bool local, UrlUse use)
{
    constexpr qsizetype kMaxUrl = 8192;
    if (url.size() > kMaxUrl)
        return refused("The channel's URL is too long.");
    Target target;
    const auto hasScheme = [&](QByteArrayView scheme) {
        return url.size() > scheme.size() && sameName(url.first(scheme.size()), scheme);
    };
    if (hasScheme("https://"))
        target.tls = true;
    else if (!hasScheme("http://"))
        return refused("The channel's URL must begin with https:// or http://.");
    url = url.sliced(target.tls ? 8 : 7);
    const auto end
        = std::find_if(url.begin(), url.end(), [](char c) { return c == '/' || c == '?'; });
    const qsizetype length = std::distance(url.begin(), end);
    if (!isPathAndQuery(url.sliced(length)))
        return refused("The channel's URL has characters that must be percent-encoded.");
    return checkAuthority(url.first(length), target, local, use);
}

} // namespace

Result<Target> checkUrl(QByteArrayView url, bool local, UrlUse use)
{
    auto target = checkPlainUrl(url, local, use);
    if (target || use == UrlUse::Provider)
        return target;
    Error error = target.error();
    error.message.replace(QLatin1String("The channel's URL"), QLatin1String("The URL"))
        .replace(QLatin1String("; mark the channel local if that is meant"), QString());
    return failure(std::move(error));
}

bool isProxyUrl(QByteArrayView url)
{
    const qsizetype colon = url.indexOf(':');
    if (colon < 0 || !url.sliced(colon).startsWith("://"))
        return false;
    const QByteArrayView scheme = url.first(colon);
    if (!sameName(scheme, "http") && !sameName(scheme, "https") && !sameName(scheme, "socks5")
        && !sameName(scheme, "socks5h"))
        return false;
    QByteArrayView rest = url.sliced(colon + 3);
    if (rest.endsWith('/'))
        rest.chop(1);
    const qsizetype at = rest.lastIndexOf('@');
    if (at >= 0) {
        if (!isPathAndQuery(rest.first(at)) || rest.first(at).contains('/')
            || rest.first(at).contains('?') || rest.first(at).contains('@'))
            return false;
        rest = rest.sliced(at + 1);
    }
    const auto parts = splitAuthority(rest);
    if (!parts || (parts->hasPort && !parsePort(parts->port)))
        return false;
    V6 bytes{};
    std::size_t size = 0;
    const QByteArray host = parts->host.toByteArray();
    return parseLiteral(host, parts->bracketed, bytes, size)
        || (!parts->bracketed && isHostName(host));
}

} // namespace tollgate::upstream
