// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/embeddings/embeddings.h"

#include <QtEndian>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

namespace tollgate::codecs::embeddings {

std::optional<QByteArray> floatsToBase64(QByteArrayView json)
{
    const auto tree = protocol::JsonTree::parse(json);
    if (!tree || !tree->root().isArray())
        return std::nullopt;
    QByteArray bytes;
    for (const conversation::JsonValue number : tree->root()) {
        const QByteArray digits = number.digits();
        double value = 0;
        const auto read
            = std::from_chars(digits.constData(), digits.constData() + digits.size(), value);
        // What is too small for a double is zero; what is too large for a float is no number here.
        const bool tiny
            = read.ec == std::errc::result_out_of_range && digits.toLower().contains("e-");
        const auto narrow = static_cast<float>(value);
        if (!number.isNumber() || (read.ec != std::errc() && !tiny) || !std::isfinite(narrow))
            return std::nullopt;
        const auto bits = std::bit_cast<std::uint32_t>(narrow);
        std::array<char, 4> little{};
        qToLittleEndian(bits, little.data());
        bytes.append(little.data(), 4);
    }
    return bytes.toBase64();
}

std::optional<QByteArray> floatsFromBase64(QByteArrayView base64)
{
    const auto decoded = QByteArray::fromBase64Encoding(base64.toByteArray(),
                                                        QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded.decoded.size() % 4 != 0)
        return std::nullopt;
    QByteArray out = "[";
    for (qsizetype at = 0; at < decoded.decoded.size(); at += 4) {
        const auto value = std::bit_cast<float>(
            qFromLittleEndian<std::uint32_t>(decoded.decoded.constData() + at));
        if (!std::isfinite(value))
            return std::nullopt; // JSON has no such number
        std::array<char, 32> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        if (at > 0)
            out += ',';
        out.append(digits.data(), end - digits.data());
    }
    return out + ']';
}

} // namespace tollgate::codecs::embeddings
