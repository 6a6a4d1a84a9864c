// SPDX-License-Identifier: GPL-3.0-or-later
// What a model takes and gives, as far as a translation between dialects must know. Data that is
// compiled in: resources/catalogue/models.tsv, families.tsv and the price catalogue.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QByteArrayList>
#include <QByteArrayView>

#include <cstdint>
#include <optional>
#include <vector>

namespace tollgate::ledger {

struct ModelTraits
{
    enum class Reasoning {
        Unknown,
        None,
        Some, // reasons; whether that can be switched off is not known
        Optional, // can be switched on or off
        Always,
    };
    // When temperature and its like are taken.
    enum class Sampling {
        Unknown,
        Never,
        ReasoningOff, // where reasoning is switched off
        ReasoningUnasked, // where reasoning is not asked for
        Always,
    };

    std::int64_t contextTokens = 0; // 0: unknown
    std::int64_t maxOutputTokens = 0; // 0: unknown
    Reasoning reasoning = Reasoning::Unknown;
    Sampling sampling = Sampling::Unknown;
    QByteArrayList efforts; // empty: unknown
    // Absent: unknown.
    std::optional<bool> tools;
    std::optional<bool> structuredOutput; // schemas for answers
    std::optional<bool> imageInput;
    std::optional<bool> pdfInput;
    std::optional<bool> audioInput;
    std::optional<bool> videoInput;
    std::optional<bool> adaptiveThinking; // by effort instead of a budget
    std::optional<bool> thinkingLevels; // by level instead of a budget
    std::optional<bool> signsCalls;
    std::optional<bool> jsonSchemaTools;
    std::optional<bool> midConversationSystem;
    std::optional<bool> prefill; // an answer that the client begins
    std::optional<bool> temperatureAndTopP; // both at once
    std::optional<bool> forcedTools; // a tool choice other than auto and none

    bool operator==(const ModelTraits &) const = default;
};

// A family's row before that of the model, that before the price catalogue, member by member.
// Models are found as prices are: the provider's own row before a general one, the exact name
// before a dated or prefixed variant. The data is read at the first call; thread-safe.
[[nodiscard]] ModelTraits modelTraits(QByteArrayView provider, QByteArrayView model);

struct ModelRow
{
    QByteArray provider; // empty: any
    QByteArray model;
    ModelTraits traits;
};
struct FamilyRow
{
    QByteArray pattern;
    ModelTraits traits;
};

// Strict: anything unexpected is Internal and names the line.
[[nodiscard]] Result<std::vector<ModelRow>> parseModels(QByteArrayView text);
[[nodiscard]] Result<std::vector<FamilyRow>> parseFamilies(QByteArrayView text);
// Both in the form they are compiled in.
[[nodiscard]] Result<std::vector<ModelRow>> loadModels();
[[nodiscard]] Result<std::vector<FamilyRow>> loadFamilies();

// Whether a name fits a family's pattern: * stands for any text, ? for any one character.
[[nodiscard]] bool fitsPattern(QByteArrayView name, QByteArrayView pattern);

} // namespace tollgate::ledger
