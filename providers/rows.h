// SPDX-License-Identifier: GPL-3.0-or-later
// Vendors that speak OpenAI's dialects differ in data only: a row each.
#pragma once

#include <QByteArrayView>
#include <QStringView>

#include <span>

namespace tollgate::providers {

enum Quirk : unsigned {
    NoKey = 1, // runs without one; a key that is given is sent
    NoIncludeUsage = 2, // refuses stream_options, and tells usage unasked
    CompletionTokens = 4, // Chat's output limit is max_completion_tokens
    // Dialects beside chat/completions:
    Completions = 16,
    Embeddings = 32,
    Responses = 64,
    Messages = 128,
};

struct Row
{
    const char *id;
    const char *name;
    const char *baseUrl;
    const char *version; // put behind a base URL that names none; "" where the vendor has none
    unsigned quirks;
};

[[nodiscard]] std::span<const Row> openAiRows();

} // namespace tollgate::providers
