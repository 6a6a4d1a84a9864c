// SPDX-License-Identifier: GPL-3.0-or-later
// The conversation as input items.
#include "core/codecs/responses/wire.h"
#include "core/conversation/customtools.h"

#include <algorithm>

namespace tollgate::codecs::responses {
namespace {

QByteArray ownerWord(Sealed::Owner owner)
{
    switch (owner) {
    case Sealed::Owner::Anthropic:
    case Sealed::Owner::AnthropicRedacted:
        return "anthropic";
    case Sealed::Owner::Gemini:
        return "gemini";
    case Sealed::Owner::OpenRouter:
        return "openrouter";
    case Sealed::Owner::OpenAi:
        break;
    }
    return "openai";
}

class InputWriter
{
public:
    InputWriter(const Request &request, const Target &target, Dropped &dropped)
        : m_request(request)
        , m_target(target)
        , m_dropped(dropped)
        , m_foreign(request.source != Dialect::Responses)
    {
    }

    Result<QByteArray> write();

private:
    void message(const Message &message);
    void group(const Message &message, std::size_t first, std::size_t end);
    void textItem(const Message &message, std::size_t first, std::size_t end);
    void content(const Message &message, const Part &part);
    void reasoning(const std::vector<Part> &parts, std::size_t first, std::size_t end);
    void call(const Part &part, const ToolCall &call);
    void result(const Part &part, const ToolResult &result);
    void resultOutput(const ToolResult &result);
    void assistantMedia(const Part &part, const Media &media);
    void opaque(const Opaque &opaque);
    void itemId(const Part &part);
    void noteForeign(const Part &part);
    void refuse(const Media &media);

    const Request &m_request;
    const Target &m_target;
    Dropped &m_dropped;
    bool m_foreign;
    JsonWriter m_out;
    int m_items = 0;
    std::optional<Error> m_error;
};

bool isText(const Part &part)
{
    return std::holds_alternative<Text>(part.body) || std::holds_alternative<Refusal>(part.body);
}

// What stands inside a message item.
bool inMessage(const Message &message, const Part &part)
{
    if (isText(part))
        return true;
    if (message.role == Role::Assistant)
        return false;
    const auto *opaque = std::get_if<Opaque>(&part.body);
    return std::holds_alternative<Media>(part.body)
        || (opaque && opaque->owner == Dialect::Responses && opaque->type.startsWith("input_"));
}

std::size_t groupEnd(const Message &message, std::size_t first)
{
    const std::vector<Part> &parts = message.parts;
    if (message.role == Role::Assistant)
        return itemEnd(parts, first);
    std::size_t end = first + 1;
    if (!inMessage(message, parts[first]))
        return end;
    while (end < parts.size() && inMessage(message, parts[end])
           && parts[end].itemId == parts[first].itemId)
        ++end;
    return end;
}

// A lone text that says nothing else is written as a string.
const Text *loneText(const std::vector<Part> &parts, std::size_t first, std::size_t end)
{
    const Part &part = parts[first];
    const auto *text = std::get_if<Text>(&part.body);
    const bool plain = end == first + 1 && text && !part.cache && text->citations.empty()
        && part.itemId.isEmpty() && nativeOf(part.native, Dialect::Responses, ".content").isEmpty();
    return plain ? text : nullptr;
}

void InputWriter::itemId(const Part &part)
{
    if (part.itemId.isEmpty() || isMadeId(part.itemId))
        return;
    m_out.member("id", part.itemId);
    if (!std::holds_alternative<Reasoning>(part.body)
        && nativeOf(part.native, Dialect::Responses, "status").isEmpty())
        m_out.member("status", "completed");
}

void InputWriter::refuse(const Media &media)
{
    if (m_error)
        return;
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.param = "messages";
    if (media.source == Media::Source::FileId)
        error.message = QStringLiteral("The file %1 is stored at another vendor than the one that "
                                       "serves this model; send its content instead.")
                            .arg(QString::fromUtf8(media.data));
    else
        error.message = QStringLiteral("This model's provider takes no audio or video input.");
    m_error = std::move(error);
}

void InputWriter::content(const Message &message, const Part &part)
{
    const bool assistant = message.role == Role::Assistant;
    const QByteArray rest = nativeOf(part.native, Dialect::Responses, ".content");
    if (const auto *text = std::get_if<Text>(&part.body); text && assistant) {
        writeOutputText(m_out, *text, part.native, {});
        return;
    }
    if (const auto *refusal = std::get_if<Refusal>(&part.body)) {
        if (assistant)
            m_out.beginObject().member("type", "refusal").member("refusal", refusal->text);
        else
            writeInput(m_out, Text{refusal->text, {}});
    } else if (const auto *said = std::get_if<Text>(&part.body)) {
        writeInput(m_out, *said);
    } else if (const auto *media = std::get_if<Media>(&part.body)) {
        if (!writeInput(m_out, *media, m_foreign)) {
            refuse(*media);
            m_out.null();
            return;
        }
    } else if (const auto *whole = std::get_if<Opaque>(&part.body)) {
        m_out.raw(whole->json);
        return;
    }
    // OpenAI caches by itself; its marks are for those who set them in its own language.
    if (part.cache && !m_foreign && !rest.contains("\"prompt_cache_breakpoint\""))
        m_out.key("prompt_cache_breakpoint").beginObject().member("mode", "explicit").endObject();
    writeLeftover(m_out, rest);
    m_out.endObject();
}

void InputWriter::textItem(const Message &message, std::size_t first, std::size_t end)
{
    const std::vector<Part> &parts = message.parts;
    const Part &last = parts[end - 1];
    m_out.beginObject().member("type", "message");
    m_out.member("role",
                 message.role == Role::Assistant  ? "assistant"
                     : message.role == Role::User ? "user"
                     : message.developer          ? "developer"
                                                  : "system");
    if (const Text *text = loneText(parts, first, end)) {
        m_out.member("content", text->text);
    } else {
        m_out.key("content").beginArray();
        for (std::size_t i = first; i < end; ++i)
            content(message, parts[i]);
        m_out.endArray();
    }
    itemId(last);
    writeNative(m_out, last.native, Dialect::Responses);
    m_out.endObject();
    ++m_items;
}

void InputWriter::reasoning(const std::vector<Part> &parts, std::size_t first, std::size_t end)
{
    const std::optional<Sealed> *sealed = nullptr;
    for (std::size_t i = first; i < end; ++i) {
        if (const auto &told = std::get<Reasoning>(parts[i].body); told.sealed)
            sealed = &told.sealed;
    }
    const bool own = sealed && (*sealed)->owner == Sealed::Owner::OpenAi;
    if (sealed && !own)
        m_dropped.note("reasoning:" + ownerWord((*sealed)->owner));
    const QByteArray &id = parts[first].itemId;
    // Text alone is a reasoning item only to the vendor that made it, or one that wants it back.
    const bool known = !m_foreign && !isMadeId(id);
    if (!own && !(known && !sealed) && !m_target.wantsReasoningContent) {
        if (!sealed)
            m_dropped.note("reasoning");
        return;
    }
    m_out.beginObject().member("type", "reasoning");
    if (own && !(*sealed)->id.isEmpty())
        m_out.member("id", (*sealed)->id);
    else
        itemId(parts[first]);
    for (const bool summary : {true, false}) {
        bool opened = summary;
        if (summary)
            m_out.key("summary").beginArray();
        for (std::size_t i = first; i < end; ++i) {
            const auto &told = std::get<Reasoning>(parts[i].body);
            if (told.summary != summary || told.text.isEmpty())
                continue;
            if (!opened)
                m_out.key("content").beginArray();
            opened = true;
            writeParagraphs(m_out, told, summary ? "summary_text" : "reasoning_text");
        }
        if (opened)
            m_out.endArray();
        else if (!nativeOf(parts[end - 1].native, Dialect::Responses, ".content").isEmpty())
            m_out.key("content").beginArray().endArray();
    }
    if (own)
        m_out.member("encrypted_content", (*sealed)->data);
    writeNative(m_out, parts[end - 1].native, Dialect::Responses);
    m_out.endObject();
    ++m_items;
}

void InputWriter::call(const Part &part, const ToolCall &call)
{
    if (part.sealed || call.sealed)
        m_dropped.note("reasoning:"
                       + ownerWord(call.sealed ? call.sealed->owner : part.sealed->owner));
    if (call.kind == ToolCall::Kind::Hosted) {
        m_dropped.note("tool:" + call.hostedType);
        return;
    }
    const bool custom = call.kind == ToolCall::Kind::Custom || isCustomTool(call.name, &m_request);
    const SpacedName spaced = spacedName(call.name, part.native, &m_request);
    m_out.beginObject().member("type", custom ? "custom_tool_call" : "function_call");
    itemId(part);
    m_out.member("call_id", call.callId).member("name", spaced.name);
    if (!spaced.space.isEmpty())
        m_out.member("namespace", spaced.space);
    QByteArray arguments = call.arguments;
    if (custom && call.kind != ToolCall::Kind::Custom)
        arguments = unbridge(call.name, arguments, &m_request).value_or(arguments);
    else if (!custom && arguments.isEmpty() && m_foreign)
        arguments = "{}";
    m_out.member(custom ? "input" : "arguments", arguments);
    writeNative(m_out, part.native, Dialect::Responses);
    m_out.endObject();
    ++m_items;
}

void InputWriter::resultOutput(const ToolResult &result)
{
    const auto *lone
        = result.parts.size() == 1 ? std::get_if<Text>(&result.parts.front()) : nullptr;
    const QByteArray failed = result.error ? "Error: " : "";
    if (lone || result.parts.empty()) {
        m_out.string(QByteArrayView(failed + (lone ? lone->text : result.structured)));
        return;
    }
    m_out.beginArray();
    bool told = failed.isEmpty();
    for (const auto &part : result.parts) {
        if (const auto *text = std::get_if<Text>(&part)) {
            writeInput(m_out, Text{(told ? QByteArray() : failed) + text->text, {}});
            told = true;
        } else if (const auto &media = std::get<Media>(part);
                   !writeInput(m_out, media, m_foreign)) {
            refuse(media);
            m_out.null();
            continue;
        }
        m_out.endObject();
    }
    if (!told) {
        writeInput(m_out, Text{"Error", {}});
        m_out.endObject();
    }
    m_out.endArray();
}

void InputWriter::result(const Part &part, const ToolResult &result)
{
    if (!result.hostedType.isEmpty()) {
        m_dropped.note("tool:" + result.hostedType);
        return;
    }
    const bool custom = result.custom || isCustomTool(result.name, &m_request);
    m_out.beginObject();
    m_out.member("type", custom ? "custom_tool_call_output" : "function_call_output");
    itemId(part);
    m_out.member("call_id", result.callId);
    if (!result.name.isEmpty() && !m_foreign)
        m_out.member("name", result.name);
    m_out.key("output");
    const QByteArray whole = nativeOf(part.native, Dialect::Responses, ".output");
    if (whole.isEmpty())
        resultOutput(result);
    else
        m_out.raw(whole);
    writeNative(m_out, part.native, Dialect::Responses);
    m_out.endObject();
    ++m_items;
}

// An image that the model made: its own item where it has one here, else shown to the model.
void InputWriter::assistantMedia(const Part &part, const Media &media)
{
    if (!m_foreign && media.source == Media::Source::Base64 && !part.itemId.isEmpty()
        && !isMadeId(part.itemId)) {
        m_out.beginObject().member("type", "image_generation_call");
        itemId(part);
        m_out.member("result", media.data);
        writeNative(m_out, part.native, Dialect::Responses);
        m_out.endObject();
        ++m_items;
        return;
    }
    if (media.kind != Media::Kind::Image) {
        m_dropped.note("media");
        return;
    }
    m_out.beginObject().member("type", "message").member("role", "user");
    m_out.key("content").beginArray();
    if (writeInput(m_out, media, true)) {
        m_out.endObject();
    } else {
        refuse(media);
        m_out.null();
    }
    m_out.endArray().endObject();
    ++m_items;
}

void InputWriter::opaque(const Opaque &opaque)
{
    if (opaque.owner == Dialect::Responses) {
        m_out.raw(opaque.json);
        ++m_items;
    } else {
        m_dropped.note(opaque.type);
    }
}

void InputWriter::group(const Message &message, std::size_t first, std::size_t end)
{
    const Part &part = message.parts[first];
    if (inMessage(message, part)) {
        for (std::size_t i = first; i < end; ++i) {
            if (message.parts[i].sealed)
                m_dropped.note("reasoning:" + ownerWord(message.parts[i].sealed->owner));
        }
        textItem(message, first, end);
    } else if (std::holds_alternative<Reasoning>(part.body)) {
        reasoning(message.parts, first, end);
    } else if (const auto *made = std::get_if<ToolCall>(&part.body)) {
        call(part, *made);
    } else if (const auto *told = std::get_if<ToolResult>(&part.body)) {
        result(part, *told);
    } else if (const auto *media = std::get_if<Media>(&part.body)) {
        assistantMedia(part, *media);
    } else if (const auto *whole = std::get_if<Opaque>(&part.body)) {
        opaque(*whole);
    }
}

// What a part of another dialect carries beside what it says.
void InputWriter::noteForeign(const Part &part)
{
    for (const QByteArray &name : foreignNames(part.native, Dialect::Responses))
        m_dropped.note(name);
    if (part.cache && m_foreign)
        m_dropped.note("cache_control");
    if (const auto *media = std::get_if<Media>(&part.body); media && !media->context.isEmpty())
        m_dropped.note("document.context");
}

void InputWriter::message(const Message &message)
{
    if (!message.name.isEmpty())
        m_dropped.note("name");
    for (const QByteArray &name : foreignNames(message.native, Dialect::Responses))
        m_dropped.note(name);
    for (const Part &part : message.parts)
        noteForeign(part);
    for (std::size_t first = 0; first < message.parts.size();) {
        const std::size_t end = groupEnd(message, first);
        group(message, first, end);
        first = end;
    }
}

Result<QByteArray> InputWriter::write()
{
    // A Responses client's own order is its own business; others' is made strict.
    const std::vector<Message> messages
        = m_foreign ? pairTools(m_request.messages) : m_request.messages;
    m_out.beginArray();
    bool leading = true;
    for (const Message &told : messages) {
        leading = leading && told.role == Role::System;
        if (leading && inInstructions(told, m_foreign)) {
            for (const Part &part : told.parts)
                noteForeign(part);
            continue;
        }
        message(told);
    }
    // An empty input is refused even where there are instructions.
    if (m_items == 0 && m_foreign) {
        m_out.beginObject().member("type", "message").member("role", "user");
        m_out.member("content", "").endObject();
    }
    m_out.endArray();
    if (m_error)
        return failure(*m_error);
    return m_out.take();
}

} // namespace

bool inInstructions(const Message &message, bool foreign)
{
    if (message.role != Role::System || message.parts.empty())
        return false;
    if (!foreign)
        return !nativeOf(message.parts.front().native, Dialect::Responses, ".instructions")
                    .isEmpty();
    return std::all_of(message.parts.begin(), message.parts.end(),
                       [](const Part &part) { return std::holds_alternative<Text>(part.body); });
}

QByteArray instructionsOf(const Request &request)
{
    QByteArrayList texts;
    for (const Message &message : request.messages) {
        if (!inInstructions(message, request.source != Dialect::Responses))
            break;
        for (const Part &part : message.parts)
            texts.append(std::get<Text>(part.body).text);
    }
    return texts.join("\n\n");
}

Result<QByteArray> inputOf(const Request &request, const Target &target, Dropped &dropped)
{
    return InputWriter(request, target, dropped).write();
}

} // namespace tollgate::codecs::responses
