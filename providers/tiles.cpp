// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/tiles.h"

#include "providers/rows.h"

#include <algorithm>
#include <array>

namespace tollgate::providers {
namespace {

struct Own
{
    const char *id;
    const char *initials;
    unsigned colour;
    const char *environment = "";
    const char *keysPage = "";
};

// Vendors that are more than a row.
constexpr std::array kOwn{
    Own{"anthropic", "An", 0xB4532A, "ANTHROPIC_API_KEY",
        "https://console.anthropic.com/settings/keys"},
    Own{"anthropic-foundry", "AF", 0x9A3412},
    Own{"azure", "Az", 0x0369A1, "AZURE_OPENAI_API_KEY"},
    Own{"bedrock", "Be", 0xB45309, "AWS_BEARER_TOKEN_BEDROCK"},
    Own{"gemini", "Ge", 0x1D4ED8, "GEMINI_API_KEY", "https://aistudio.google.com/apikey"},
    Own{"vertex", "Vx", 0x1E40AF},
    Own{"cohere", "Co", 0x3F6212, "COHERE_API_KEY", "https://dashboard.cohere.com/api-keys"},
    Own{"ollama-native", "Ol", 0x44403C},
    Own{"demo", "De", 0x475569},
};

// Dark enough for white letters.
constexpr std::array<unsigned, 8> kColours{0x1D4ED8, 0x0F766E, 0x7C3AED, 0xBE123C,
                                           0xB45309, 0x4D7C0F, 0x0369A1, 0xA21CAF};

} // namespace

Tile tileOf(QByteArrayView provider)
{
    for (const Own &own : kOwn) {
        if (provider == own.id) {
            return {QString::fromLatin1(own.initials), own.colour, own.environment,
                    QString::fromLatin1(own.keysPage)};
        }
    }
    for (const Row &row : openAiRows()) {
        if (provider == row.id && *row.initials != '\0') {
            return {QString::fromUtf8(row.initials), row.colour, row.environment,
                    QString::fromLatin1(row.keysPage)};
        }
    }
    unsigned sum = 0;
    for (const char c : provider)
        sum = sum * 31 + static_cast<unsigned char>(c);
    QString initials = QString::fromUtf8(provider.first(std::min<qsizetype>(provider.size(), 2)));
    if (!initials.isEmpty())
        initials[0] = initials.at(0).toUpper();
    return {initials, kColours[sum % kColours.size()], {}, {}};
}

std::vector<EnvironmentKey> environmentKeys()
{
    std::vector<EnvironmentKey> keys;
    const auto add = [&keys](const char *variable, const char *provider) {
        const bool there
            = std::any_of(keys.begin(), keys.end(), [variable](const EnvironmentKey &key) {
                  return key.variable == variable;
              });
        if (*variable != '\0' && !there)
            keys.push_back({variable, provider});
    };
    for (const Own &own : kOwn)
        add(own.environment, own.id);
    for (const Row &row : openAiRows())
        add(row.environment, row.id);
    add("GOOGLE_API_KEY", "gemini");
    add("ANTHROPIC_AUTH_TOKEN", "anthropic");
    return keys;
}

} // namespace tollgate::providers
