// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/seal.h"

#include <array>

namespace tollgate::conversation {
namespace {

constexpr QByteArrayView kPrefix = "tollgate.";

struct OwnerName
{
    Sealed::Owner owner;
    QByteArrayView name;
};
constexpr std::array kOwners{
    OwnerName{Sealed::Owner::Anthropic, "anthropic"},
    OwnerName{Sealed::Owner::AnthropicRedacted, "anthropic-redacted"},
    OwnerName{Sealed::Owner::OpenAi, "openai"},
    OwnerName{Sealed::Owner::Gemini, "gemini"},
    OwnerName{Sealed::Owner::OpenRouter, "openrouter"},
};

constexpr auto kBase64 = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;

} // namespace

QByteArray wrapSeal(const Sealed &sealed, Sealed::Owner home)
{
    if (sealed.owner == home)
        return sealed.data;
    for (const OwnerName &known : kOwners) {
        if (known.owner == sealed.owner) {
            return kPrefix.toByteArray() + known.name.toByteArray() + '.'
                + sealed.id.toBase64(kBase64) + '.' + sealed.data.toBase64(kBase64);
        }
    }
    return {};
}

std::optional<Sealed> unwrapSeal(QByteArrayView bytes, Sealed::Owner home)
{
    if (!bytes.startsWith(kPrefix))
        return Sealed{home, bytes.toByteArray(), {}};
    const QByteArrayList fields = bytes.sliced(kPrefix.size()).toByteArray().split('.');
    if (fields.size() != 3)
        return {};
    const auto decode = [](const QByteArray &text) {
        return QByteArray::fromBase64Encoding(text,
                                              kBase64 | QByteArray::AbortOnBase64DecodingErrors);
    };
    for (const OwnerName &known : kOwners) {
        if (known.name != fields[0])
            continue;
        const auto id = decode(fields[1]);
        const auto data = decode(fields[2]);
        if (!id || !data)
            return {};
        return Sealed{known.owner, *data, *id};
    }
    return {};
}

} // namespace tollgate::conversation
