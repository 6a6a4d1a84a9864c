// SPDX-License-Identifier: GPL-3.0-or-later
// The price list that is compiled in (resources/catalogue), read strictly, and the user's own
// prices laid over it.
#pragma once

#include "core/base/result.h"
#include "core/ledger/prices.h"

#include <QByteArray>
#include <QByteArrayView>

#include <cstdint>
#include <vector>

namespace tollgate::ledger {

enum class ModelKind {
    Chat,
    Responses, // chat that answers only under /v1/responses
    Completion,
    Embedding,
    Image,
    Speech,
    Transcription,
    Moderation,
    Rerank,
    Realtime,
};

enum Capability : std::uint32_t {
    Tools = 1,
    ParallelTools = 2,
    StructuredOutput = 4,
    Reasoning = 8,
    ImageInput = 16,
    PdfInput = 32,
    AudioInput = 64,
    VideoInput = 128,
    AudioOutput = 256,
    ImageOutput = 512,
    PromptCache = 1024,
    WebSearch = 2048,
    ComputerUse = 4096,
    FixedSampling = 8192, // refuses temperature and the like
};

struct CatalogueEntry
{
    Price price;
    ModelKind kind = ModelKind::Chat;
    std::int64_t contextTokens = 0; // input; 0: unknown
    std::uint32_t capabilities = 0; // Capability; a missing bit means unknown
};

// Strict: anything unexpected is Internal and names the line. Sorted by provider and model.
[[nodiscard]] Result<std::vector<CatalogueEntry>> parseCatalogue(QByteArrayView text);
[[nodiscard]] Result<std::vector<CatalogueEntry>> loadCatalogueEntries();
// The same without what is not a price; without ids, which pricestore.h gives.
[[nodiscard]] Result<std::vector<Price>> loadCatalogue();

// The user's prices in force over the book's from their validFromUs on: the book's later versions
// of the same provider and model give way, its earlier ones stay as history. A price for any
// provider ("") covers every provider that the book has for the model. Ids as in loadCatalogue().
[[nodiscard]] PriceBook overlay(const PriceBook &book, const std::vector<Price> &overrides);

} // namespace tollgate::ledger
