// SPDX-License-Identifier: GPL-3.0-or-later
// Messages and their parts: what was said, by whom, in a form that loses nothing the dialects
// share. Text is UTF-8; JSON that only travels (tool arguments, schemas) stays the text that it
// was.
#pragma once

#include "core/protocol/conversation/native.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace tollgate::protocol {

// A prompt-cache breakpoint behind a part. ttl in seconds, 0: the vendor's default.
struct CacheMark
{
    int ttlS = 0;
    bool operator==(const CacheMark &) const = default;
};

// Bytes that only their owner can read: a signature or encrypted reasoning.
struct Sealed
{
    enum class Owner { Anthropic, AnthropicRedacted, OpenAi, Gemini, OpenRouter, Bedrock };
    Owner owner = Owner::Anthropic;
    QByteArray data;
    bool operator==(const Sealed &) const = default;
};

struct Citation
{
    QByteArray url;
    QByteArray title;
    QByteArray citedText;
    std::int64_t start = -1; // code points into the text part; -1: not said
    std::int64_t end = -1;
    QByteArray json; // the dialect's own object
    Wire owner = Wire::Chat;
    bool operator==(const Citation &) const = default;
};

struct Text
{
    QByteArray text;
    std::vector<Citation> citations;
    bool operator==(const Text &) const = default;
};

struct Media
{
    enum class Kind { Image, Audio, Video, Document };
    enum class Source { Base64, Url, FileId, Text };
    Kind kind = Kind::Image;
    Source source = Source::Base64;
    QByteArray mime; // "image/png"; may be empty for a URL
    QByteArray data; // base64, URL, id or text, by source
    Wire owner = Wire::Chat; // of a FileId
    QByteArray filename;
    QByteArray title;
    QByteArray context;
    QByteArray detail; // OpenAI's "low", "high", "auto", "original"
    bool operator==(const Media &) const = default;
};

struct Reasoning
{
    QByteArray text;
    bool summary = false; // a summary, not the reasoning itself
    std::optional<Sealed> sealed;
    QByteArray itemId; // Responses' "rs_…"
    bool operator==(const Reasoning &) const = default;
};

struct ToolCall
{
    enum class Kind { Function, Custom, Hosted };
    Kind kind = Kind::Function;
    QByteArray callId;
    QByteArray itemId; // Responses' "fc_…"
    QByteArray name;
    QByteArray
        arguments; // Function: JSON text, byte-exact; Custom: free text; Hosted: the native object
    QByteArray hostedType;
    std::optional<Sealed> sealed; // Gemini puts its signature on the call
    bool operator==(const ToolCall &) const = default;
};

struct ToolResult
{
    QByteArray callId;
    QByteArray name; // where the dialect matches by name
    bool custom = false;
    bool error = false;
    bool structured = false; // the one text part is a JSON object given as such (Gemini)
    std::vector<std::variant<Text, Media>> parts;
    QByteArray hostedType; // a hosted tool's result: `hosted` is the native object
    QByteArray hosted;
    bool operator==(const ToolResult &) const = default;
};

struct Refusal
{
    QByteArray text;
    bool operator==(const Refusal &) const = default;
};

// Something only its own dialect understands, in its place among the parts.
struct Opaque
{
    Wire owner = Wire::Chat;
    QByteArray type;
    QByteArray json;
    bool operator==(const Opaque &) const = default;
};

struct Part
{
    std::variant<Text, Media, Reasoning, ToolCall, ToolResult, Refusal, Opaque> body;
    std::optional<CacheMark> cache;
    std::optional<Sealed> sealed; // Gemini: thoughtSignature on a text part
    Native native;
    bool operator==(const Part &) const = default;
};

enum class Role { System, User, Assistant };

struct Message
{
    Role role = Role::User;
    bool developer = false; // a System message that its dialect calls "developer"
    QByteArray name;
    QByteArray id;
    std::vector<Part> parts;
    Native native;
    bool operator==(const Message &) const = default;
};

} // namespace tollgate::protocol
