// SPDX-License-Identifier: GPL-3.0-or-later
// Vendors that speak OpenAI's dialects differ in data only: a row each, in rowsglobal.cpp,
// rowschina.cpp and rowslocal.cpp. To add one, add its row; the suite of rows tests it.
#pragma once

#include <QByteArrayView>
#include <QStringView>

#include <span>
#include <vector>

namespace tollgate::providers {

// What a vendor speaks and answers beside Chat.
enum Speaks : unsigned {
    Completions = 1,
    Embeddings = 2,
    Responses = 4,
    Messages = 8,
    Images = 16,
    Speech = 32,
    Transcriptions = 64,
    Moderations = 128,
    Rerank = 256,
    ResponsesKin = 512, // responses/compact, responses/input_tokens
    Keeps = 1024, // files and batches
};

enum Quirk : unsigned {
    NoKey = 1, // runs without one; a key that is given is sent
    NoIncludeUsage = 2, // refuses stream_options, and tells usage unasked
    CompletionTokens = 4, // Chat's output limit is max_completion_tokens
    DeveloperRole = 8, // Chat takes "developer" messages
    RefusesUnknown = 16, // answers 400 or 422 to members that it does not know
    NoJsonSchema = 32, // response_format knows json_object at most
    NoRequiredChoice = 64, // tool_choice knows auto and none only
    NoParallelCalls = 128, // refuses parallel_tool_calls
    NoImageUrls = 256, // images only as data
    ReasoningBack = 512, // wants reasoning_content of tool turns back
    PrefersResponses = 1024, // what is translated is asked in Responses: reasoning survives there
    ThinkTags = 2048, // some of its models think aloud, in a leading <think> or <thought>
};

struct Row
{
    const char *id;
    const char *name;
    const char *baseUrl = ""; // "": each customer has one of their own
    const char *version = "v1"; // put behind a base URL that names none; "" where there is none
    unsigned speaks = 0;
    unsigned quirks = 0;
    // How Chat is asked to think; the names are those of core/codecs/chat.
    const char *reasoning = "openai";
    // Where Messages lives if not beside Chat; same host as baseUrl.
    const char *messagesPath = "";
    int batchPercent = 0; // what a request in a batch costs of its usual price; 0: not known
    const char *embeds = ""; // "voyage" or "jina": embeddings in their words instead of OpenAI's
    const char *streamOnly = ""; // models that answer streams only, as patterns; space separated
    const char *initials = ""; // of the tile
    unsigned colour = 0; // of the tile, 0xRRGGBB
    const char *models = ""; // to begin with, where the list cannot be fetched; space separated
    const char *environment = ""; // the variable that people keep this vendor's key in
    const char *keysPage = "";
};

[[nodiscard]] std::span<const Row> globalRows();
[[nodiscard]] std::span<const Row> chinaRows();
[[nodiscard]] std::span<const Row> resellerRows();
[[nodiscard]] std::span<const Row> localRows();
// All of them.
[[nodiscard]] const std::vector<Row> &openAiRows();

} // namespace tollgate::providers
