// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/addresses.h"

#include <QtEndian>

#include <algorithm>

namespace tollgate::access {
namespace {

constexpr int kV4Offset = 96; // bits of ::ffff:0:0 in front of a mapped IPv4 address
constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr qsizetype kMaxHops = 64;

using Bytes = std::array<unsigned char, 16>;

std::optional<int> parseNumber(QByteArrayView text, int highest)
{
    if (text.isEmpty() || text.size() > 3 || (text.size() > 1 && text.front() == '0'))
        return std::nullopt;
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9')
            return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value <= highest ? std::optional(value) : std::nullopt;
}

std::optional<quint32> parseV4(QByteArrayView text)
{
    quint32 address = 0;
    for (int part = 0; part < 4; ++part) {
        const qsizetype dot = text.indexOf('.');
        if ((dot < 0) != (part == 3))
            return std::nullopt;
        const auto number = parseNumber(dot < 0 ? text : text.first(dot), 255);
        if (!number)
            return std::nullopt;
        address = address << 8 | static_cast<quint32>(*number);
        text = dot < 0 ? QByteArrayView() : text.sliced(dot + 1);
    }
    return address;
}

Bytes bytesOf(const QHostAddress &address)
{
    Bytes bytes{};
    if (address.protocol() == QAbstractSocket::IPv4Protocol) {
        // Not by toIPv6Address(): that turns 0.0.0.0 into ::.
        std::copy(kMapped.begin(), kMapped.end(), bytes.begin());
        qToBigEndian(address.toIPv4Address(), bytes.data() + kMapped.size());
        return bytes;
    }
    const Q_IPV6ADDR six = address.toIPv6Address();
    std::copy(std::begin(six.c), std::end(six.c), bytes.begin());
    return bytes;
}

bool isMapped(const Bytes &bytes)
{
    return std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
}

tl::unexpected<Error> badRange(QByteArrayView text)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = QStringLiteral("\u201c%1\u201d is not an address or a range; write it like "
                                   "192.168.0.0/16, 10.1.2.3 or fd00::/8.")
                        .arg(QString::fromUtf8(text.first(std::min<qsizetype>(text.size(), 64))));
    error.code = "invalid_range";
    return failure(std::move(error));
}

// "1.2.3.4", "1.2.3.4:80", "[::1]", "[::1]:80", "::1".
std::optional<QHostAddress> parseHop(QByteArrayView text)
{
    const auto portOk = [](QByteArrayView port) {
        return !port.isEmpty() && port.size() <= 5
            && std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    text = text.trimmed();
    if (text.startsWith('[')) {
        const qsizetype close = text.indexOf(']');
        if (close < 0)
            return std::nullopt;
        const QByteArrayView rest = text.sliced(close + 1);
        if (!rest.isEmpty() && (rest.front() != ':' || !portOk(rest.sliced(1))))
            return std::nullopt;
        return parseAddress(text.sliced(1, close - 1));
    }
    const qsizetype colon = text.indexOf(':');
    if (colon >= 0 && text.indexOf('.') >= 0 && text.lastIndexOf(':') == colon) {
        if (!portOk(text.sliced(colon + 1)))
            return std::nullopt;
        text = text.first(colon);
    }
    return parseAddress(text);
}

// Splits at `separator` outside quoted strings (RFC 9110 5.6.4).
std::vector<QByteArrayView> splitUnquoted(QByteArrayView text, char separator)
{
    std::vector<QByteArrayView> parts;
    bool quoted = false;
    qsizetype start = 0;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == separator && !quoted) {
            parts.push_back(text.sliced(start, i - start));
            start = i + 1;
        }
    }
    parts.push_back(text.sliced(start));
    return parts;
}

// The for= of one element of Forwarded (RFC 7239 4); empty where there is none.
QByteArrayView forwardedFor(QByteArrayView element)
{
    for (const QByteArrayView pair : splitUnquoted(element, ';')) {
        const QByteArrayView trimmed = pair.trimmed();
        if (trimmed.size() < 4 || !sameName(trimmed.first(4), "for="))
            continue;
        QByteArrayView value = trimmed.sliced(4);
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
            value = value.sliced(1, value.size() - 2);
        return value;
    }
    return {};
}

std::vector<QByteArrayView> hopsOf(const Headers &headers, QByteArrayView name, bool forwarded)
{
    std::vector<QByteArrayView> hops;
    for (const Header &field : headers) {
        if (!sameName(field.name, name))
            continue;
        for (const QByteArrayView element : splitUnquoted(field.value, ','))
            hops.push_back(forwarded ? forwardedFor(element) : element);
    }
    return hops;
}

QHostAddress walk(const std::vector<QByteArrayView> &hops, const QHostAddress &peer,
                  const AddressRanges &trusted)
{
    QHostAddress client = peer;
    qsizetype walked = 0;
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        const auto address = parseHop(*hop);
        if (!address || ++walked > kMaxHops)
            return peer;
        client = normalised(*address);
        if (!trusted.contains(client))
            break;
    }
    return client;
}

} // namespace

std::optional<QHostAddress> parseAddress(QByteArrayView text)
{
    if (const auto four = parseV4(text))
        return QHostAddress(*four);
    if (text.indexOf(':') < 0 || text.indexOf('%') >= 0)
        return std::nullopt;
    if (const qsizetype dot = text.indexOf('.'); dot >= 0) {
        // The IPv4 tail of an IPv6 address, held to the same strict form.
        if (!parseV4(text.sliced(text.lastIndexOf(':') + 1)))
            return std::nullopt;
    }
    QHostAddress address;
    if (!address.setAddress(QString::fromLatin1(text))
        || address.protocol() != QAbstractSocket::IPv6Protocol) {
        return std::nullopt;
    }
    return address;
}

QHostAddress normalised(const QHostAddress &address)
{
    if (address.protocol() != QAbstractSocket::IPv6Protocol)
        return address;
    const Bytes bytes = bytesOf(address);
    if (isMapped(bytes)) {
        return QHostAddress(qFromBigEndian<quint32>(bytes.data() + kMapped.size()));
    }
    QHostAddress plain = address;
    plain.setScopeId({});
    return plain;
}

Result<AddressRange> AddressRange::parse(QByteArrayView text)
{
    const qsizetype slash = text.indexOf('/');
    const auto address = parseAddress(slash < 0 ? text : text.first(slash));
    if (!address)
        return badRange(text);
    const bool writtenAsV4 = address->protocol() == QAbstractSocket::IPv4Protocol;
    const int width = writtenAsV4 ? 32 : 128;
    int bits = width;
    if (slash >= 0) {
        const auto number = parseNumber(text.sliced(slash + 1), width);
        if (!number)
            return badRange(text);
        bits = *number;
    }
    AddressRange range;
    range.m_bytes = bytesOf(*address);
    range.m_bits = writtenAsV4 ? bits + kV4Offset : bits;
    range.m_v4 = isMapped(range.m_bytes) && range.m_bits >= kV4Offset;
    return range;
}

bool AddressRange::contains(const QHostAddress &address) const
{
    if (address.isNull())
        return false;
    const Bytes bytes = bytesOf(address);
    if (isMapped(bytes) != m_v4)
        return false;
    const auto whole = static_cast<std::size_t>(m_bits / 8);
    if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    m_bytes.begin())) {
        return false;
    }
    const int rest = m_bits % 8;
    return rest == 0 || (bytes[whole] ^ m_bytes[whole]) >> (8 - rest) == 0;
}

AddressRanges::AddressRanges(const QByteArrayList &ranges)
    : m_listed(ranges.size())
{
    for (const QByteArray &text : ranges) {
        if (const auto range = AddressRange::parse(text))
            m_ranges.push_back(*range);
    }
}

bool AddressRanges::contains(const QHostAddress &address) const
{
    return std::any_of(m_ranges.begin(), m_ranges.end(),
                       [&](const AddressRange &range) { return range.contains(address); });
}

bool inRanges(const QHostAddress &address, const QByteArrayList &ranges)
{
    return AddressRanges(ranges).contains(address);
}

QHostAddress clientAddress(const QHostAddress &peer, const Headers &headers,
                           const QByteArrayList &trustedProxies)
{
    const QHostAddress direct = normalised(peer);
    if (trustedProxies.isEmpty())
        return direct;
    const AddressRanges trusted(trustedProxies);
    if (!trusted.contains(direct))
        return direct;
    const auto legacy = hopsOf(headers, "x-forwarded-for", false);
    const auto standard = hopsOf(headers, "forwarded", true);
    if (legacy.empty() && standard.empty())
        return direct;
    if (legacy.empty())
        return walk(standard, direct, trusted);
    const QHostAddress client = walk(legacy, direct, trusted);
    if (!standard.empty() && walk(standard, direct, trusted) != client)
        return {};
    return client;
}

} // namespace tollgate::access
