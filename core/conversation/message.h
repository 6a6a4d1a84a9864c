// SPDX-License-Identifier: GPL-3.0-or-later
// Messages and their parts: what was said, by whom, in a form that loses nothing the dialects
// share. Text is UTF-8; JSON that only travels (tool arguments, schemas) stays the text that it
// was.
#pragma once

#include "core/conversation/native.h"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace tollgate::conversation {

// A prompt-cache breakpoint behind a part or tool. Seconds; 0: the vendor's default (5 minutes).
struct CacheMark
{
    int ttlS = 0;
    bool operator==(const CacheMark &) const = default;
};

// Bytes that only their owner can read: a signature, or encrypted reasoning.
struct Sealed
{
    enum class Owner {
        Anthropic, // signature of a thinking block
        AnthropicRedacted, // data of a redacted_thinking block
        OpenAi, // encrypted_content of a reasoning item; `id` is the item's
        Gemini, // thoughtSignature
        OpenRouter, // an element of reasoning_details whose format is not one of the above: its
                    // JSON
    };
    Owner owner = Owner::Anthropic;
    QByteArray data; // as the owner spelt it
    QByteArray id;
    bool operator==(const Sealed &) const = default;
};

struct Citation
{
    QByteArray url; // empty for a place in a document
    QByteArray title;
    QByteArray citedText;
    std::int64_t start = -1; // code points into the text part; -1: not said
    std::int64_t end = -1; // behind the last
    Dialect owner = Dialect::Chat;
    QByteArray json; // the owner's own object: written back to it
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
    enum class Source { Base64, Url, FileId, PlainText };
    Kind kind = Kind::Image;
    Source source = Source::Base64;
    QByteArray mime; // "image/png"; may be empty for a URL or a file id
    QByteArray data; // base64 without line breaks, the URL, the id or the text, by source
    Dialect owner = Dialect::Chat; // of a FileId; Gemini's fileUri is a Url
    QByteArray filename;
    QByteArray title;
    QByteArray context;
    QByteArray detail; // OpenAI's "low", "high", "auto", "original"
    bool operator==(const Media &) const = default;
};

// A block or item of thinking. A reasoning with neither text nor seal is not kept.
struct Reasoning
{
    QByteArray text;
    bool summary = false; // a summary, not the reasoning itself
    std::vector<qsizetype>
        breaks; // bytes of `text` where a further paragraph (summary part) begins
    std::optional<Sealed> sealed;
    bool operator==(const Reasoning &) const = default;
};

struct ToolCall
{
    enum class Kind {
        Function, // arguments: JSON text, byte-exact; "" and "{}" both mean none
        Custom, // arguments: free text (OpenAI custom tools)
        Hosted, // run by the vendor; arguments: the native object, hostedType its type
    };
    Kind kind = Kind::Function;
    QByteArray callId; // never empty: see stableCallId() where a dialect has none
    QByteArray name;
    QByteArray arguments;
    QByteArray hostedType;
    std::optional<Sealed> sealed; // Gemini signs calls
    bool operator==(const ToolCall &) const = default;
};

struct ToolResult
{
    QByteArray callId;
    QByteArray name; // where the dialect matches by name, or knows it
    bool custom = false; // answers a Custom call
    bool error = false;
    QByteArray structured; // Gemini's `response` object as given; `parts` then holds its text form
    std::vector<std::variant<Text, Media>> parts;
    QByteArray hostedType; // a hosted tool's result: `structured` is the whole native object
    bool operator==(const ToolResult &) const = default;
};

struct Refusal
{
    QByteArray text;
    bool operator==(const Refusal &) const = default;
};

// Something only its own dialect understands, in its place among the parts: item references,
// compactions, server tool blocks …
struct Opaque
{
    Dialect owner = Dialect::Chat;
    QByteArray type;
    QByteArray json;
    bool operator==(const Opaque &) const = default;
};

struct Part
{
    std::variant<Text, Media, Reasoning, ToolCall, ToolResult, Refusal, Opaque> body;
    std::optional<CacheMark> cache;
    std::optional<Sealed> sealed; // Gemini may sign a text or media part too
    // Responses: the id of the output item that this part is, or is of ("msg_…", "rs_…", "fc_…").
    // Parts of one message item stand together and share it.
    QByteArray itemId;
    Native native;
    bool operator==(const Part &) const = default;
};

enum class Role { System, User, Assistant };

// Tool results are parts of User messages: Chat's consecutive "tool" messages are one message, and
// so are Responses' consecutive *_output items. Consecutive output items of the model (reasoning,
// message, calls) are one Assistant message.
struct Message
{
    Role role = Role::User;
    bool developer = false; // a System message that its dialect calls "developer"
    QByteArray name;
    std::vector<Part> parts;
    Native native;
    bool operator==(const Message &) const = default;
};

} // namespace tollgate::conversation
