// SPDX-License-Identifier: GPL-3.0-or-later
// Which top-level members of a request body mean something to us, by dialect.
#pragma once

#include "core/protocol/endpoint.h"

namespace tollgate::protocol {

// Members whose meaning decides routing or money; a second one could mean another thing to the
// vendor than to us.
enum class Member {
    Other,
    Model,
    Stream,
    StreamOptions,
    MaxOutput,
    Choices,
    BestOf,
    GenerationConfig,
    CacheKey,
    Metadata,
    User,
    Prompt,
    Requests,
    Tools,
    Options, // Ollama: the object that num_predict lives in
    Turns, // Ollama: messages, which hold pictures as bare base64
    Pictures
};

struct Known
{
    QByteArrayView name;
    Member member;
    bool guarded = true; // refused when doubled or spelt in another case
};

// The member of this name, also where a guarded one is spelt in another case; null: not one of
// ours.
[[nodiscard]] const Known *lookUp(Dialect dialect, QByteArrayView name);

// What an endpoint takes for granted where the body names no model; empty: it must name one.
[[nodiscard]] QByteArray usualModel(Operation operation);

} // namespace tollgate::protocol
