// SPDX-License-Identifier: GPL-3.0-or-later
// systemInstruction and contents of a request to the vendor.
#include "core/codecs/gemini/parts.h"
#include "core/codecs/gemini/request.h"
#include "core/conversation/media.h"
#include "core/conversation/seal.h"
#include "core/conversation/toolpairs.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

enum class Holds { User, Model, Results };
struct Content
{
    Holds holds = Holds::User;
    QByteArray role;
    QByteArrayList parts;
    QByteArray further; // members beside role and parts, each with its comma
    bool called = false; // has a call already: only the first of a step is signed
};

QByteArray ownerName(Sealed::Owner owner)
{
    switch (owner) {
    case Sealed::Owner::Anthropic:
    case Sealed::Owner::AnthropicRedacted:
        return "anthropic";
    case Sealed::Owner::OpenAi:
        return "openai";
    case Sealed::Owner::Gemini:
        return "gemini";
    case Sealed::Owner::OpenRouter:
        break;
    }
    return "openrouter";
}

// What Gemini 3 takes inside a function's response.
bool fitsResult(const Media &media)
{
    constexpr std::array<QByteArrayView, 5> kTypes{"image/png", "image/jpeg", "image/webp",
                                                   "application/pdf", "text/plain"};
    const QByteArray mime = media.mime.isEmpty() && media.source == Media::Source::Base64
        ? sniffMime(media.data)
        : media.mime;
    return std::find(kTypes.begin(), kTypes.end(), mime) != kTypes.end();
}

class MessagesWriter
{
public:
    explicit MessagesWriter(Plan &plan)
        : m_plan(plan)
    {
    }
    Result<void> write(JsonWriter &out);

private:
    void instruct(JsonWriter &out, const std::vector<Message> &messages, std::size_t count);
    void message(const Message &message);
    void noteForeign(const Native &bag);
    void part(Content &content, const Part &part);
    void text(Content &content, const QByteArray &text, const Part &part);
    void media(Content &content, const Media &media, const Part &part);
    void reasoning(Content &content, const Reasoning &reasoning, const Part &part);
    void call(Content &content, const ToolCall &call, const Part &part);
    void result(Content &content, const ToolResult &result, const Part &part);
    QByteArray response(const ToolResult &result) const;
    Content &contentFor(Holds holds, const Message &message);

    Plan &m_plan;
    std::vector<Content> m_contents;
    std::vector<Media> m_beside; // of results, where they cannot hold media
    std::optional<Error> m_error;
};

void sign(JsonWriter &out, const std::optional<Sealed> &seal)
{
    if (seal && seal->owner == Sealed::Owner::Gemini)
        out.member("thoughtSignature", seal->data);
}

void MessagesWriter::text(Content &content, const QByteArray &text, const Part &part)
{
    const bool ownSeal = part.sealed && part.sealed->owner == Sealed::Owner::Gemini;
    if (text.isEmpty() && !ownSeal && !m_plan.own)
        return; // refused by the vendor
    JsonWriter out;
    out.beginObject().member("text", text);
    sign(out, part.sealed);
    writeKept(out, part.native);
    content.parts << out.endObject().take();
}

void MessagesWriter::media(Content &content, const Media &media, const Part &part)
{
    JsonWriter out;
    out.beginObject();
    if (!writeMedia(out, media, part.native)) {
        m_error = invalid(QStringLiteral("A file that another vendor keeps cannot be read here."),
                          "file_id");
        return;
    }
    if ((!media.title.isEmpty() || !media.filename.isEmpty()) && !m_plan.own)
        m_plan.dropped.note("document.title");
    if (!media.detail.isEmpty())
        m_plan.dropped.note("detail");
    if (!media.context.isEmpty())
        m_plan.dropped.note("document.context");
    sign(out, part.sealed);
    writeKept(out, part.native);
    content.parts << out.endObject().take();
}

void MessagesWriter::reasoning(Content &content, const Reasoning &thought, const Part &part)
{
    if (thought.sealed && thought.sealed->owner != Sealed::Owner::Gemini) {
        m_plan.dropped.note("reasoning:" + ownerName(thought.sealed->owner));
        return;
    }
    if (!thought.sealed && !m_plan.own) {
        m_plan.dropped.note("reasoning");
        return;
    }
    JsonWriter out;
    out.beginObject().member("text", thought.text).member("thought", true);
    sign(out, thought.sealed);
    writeKept(out, part.native);
    content.parts << out.endObject().take();
}

void MessagesWriter::call(Content &content, const ToolCall &call, const Part &part)
{
    JsonWriter out;
    out.beginObject();
    if (call.kind == ToolCall::Kind::Hosted) {
        if (!isGeminiHosted(call.hostedType)) {
            m_plan.dropped.note("tool:" + call.hostedType);
            return;
        }
        out.key(call.hostedType).raw(call.arguments);
        sign(out, call.sealed);
    } else {
        out.key("functionCall");
        writeCall(out, call, !isMadeUpId(call.callId));
        writeKept(out, part.native, "functionCall.");
        out.endObject();
        if (call.sealed && call.sealed->owner == Sealed::Owner::Gemini)
            sign(out, call.sealed);
        else if (m_plan.target.signsCalls && !content.called)
            out.member("thoughtSignature", kDummySignature);
        content.called = true;
    }
    writeKept(out, part.native);
    content.parts << out.endObject().take();
}

QByteArray MessagesWriter::response(const ToolResult &result) const
{
    if (!result.structured.isEmpty() && isJsonObject(result.structured))
        return result.structured;
    QByteArray text = result.structured;
    for (const auto &piece : result.parts) {
        if (const auto *said = std::get_if<Text>(&piece)) {
            if (!text.isEmpty())
                text += '\n';
            text += said->text;
        }
    }
    JsonWriter out;
    out.beginObject().member(result.error ? "error" : "output", text).endObject();
    return out.take();
}

void MessagesWriter::result(Content &content, const ToolResult &result, const Part &part)
{
    JsonWriter out;
    out.beginObject();
    if (!result.hostedType.isEmpty()) {
        if (!isGeminiHosted(result.hostedType)) {
            m_plan.dropped.note("tool:" + result.hostedType);
            return;
        }
        out.key(result.hostedType).raw(result.structured);
        sign(out, part.sealed);
        writeKept(out, part.native);
        content.parts << out.endObject().take();
        return;
    }
    out.key("functionResponse").beginObject();
    if (!isMadeUpId(result.callId))
        out.member("id", result.callId);
    out.member("name", result.name).key("response").raw(response(result));
    if (!m_plan.own) {
        QByteArrayList inside;
        for (const auto &piece : result.parts) {
            const auto *one = std::get_if<Media>(&piece);
            if (!one)
                continue;
            if (!m_plan.target.thinkingLevels || !fitsResult(*one)) {
                m_beside.push_back(*one);
                continue;
            }
            JsonWriter held;
            held.beginObject();
            if (writeMedia(held, *one))
                inside << held.endObject().take();
        }
        if (!inside.isEmpty())
            out.key("parts").raw('[' + inside.join(',') + ']');
    }
    writeKept(out, part.native, "functionResponse.");
    out.endObject();
    sign(out, part.sealed);
    writeKept(out, part.native);
    content.parts << out.endObject().take();
}

void MessagesWriter::part(Content &content, const Part &part)
{
    if (part.cache)
        m_plan.dropped.note("cache_control");
    noteForeign(part.native);
    if (const auto *said = std::get_if<Text>(&part.body); said && !said->citations.empty())
        m_plan.dropped.note("citations");
    if (const auto *said = std::get_if<Text>(&part.body))
        text(content, said->text, part);
    else if (const auto *refusal = std::get_if<Refusal>(&part.body))
        text(content, refusal->text, part);
    else if (const auto *shown = std::get_if<Media>(&part.body))
        media(content, *shown, part);
    else if (const auto *thought = std::get_if<Reasoning>(&part.body))
        reasoning(content, *thought, part);
    else if (const auto *made = std::get_if<ToolCall>(&part.body))
        call(content, *made, part);
    else if (const auto *told = std::get_if<ToolResult>(&part.body))
        result(content, *told, part);
    else if (const auto *opaque = std::get_if<Opaque>(&part.body)) {
        if (opaque->owner == Dialect::Gemini)
            content.parts << opaque->json;
        else
            m_plan.dropped.note(opaque->type);
    }
}

Content &MessagesWriter::contentFor(Holds holds, const Message &message)
{
    const bool fresh = m_contents.empty() || m_plan.own || m_contents.back().holds != holds;
    if (fresh) {
        Content content{holds};
        content.role = holds == Holds::Model ? "model" : "user";
        if (kept(message.native, ".role") == "\"function\"")
            content.role = "function";
        JsonWriter further;
        further.beginObject();
        writeKept(further, message.native);
        const QByteArray text = further.endObject().take();
        if (text != "{}")
            content.further = ',' + text.mid(1, text.size() - 2);
        m_contents.push_back(std::move(content));
    }
    return m_contents.back();
}

void MessagesWriter::noteForeign(const Native &bag)
{
    for (const QByteArray &name : foreignNames(bag, Dialect::Gemini))
        m_plan.dropped.note(name);
}

void MessagesWriter::message(const Message &message)
{
    if (!message.name.isEmpty())
        m_plan.dropped.note("name");
    noteForeign(message.native);
    const bool model = message.role == Role::Assistant;
    if (m_plan.own || model) {
        Content &content = contentFor(model ? Holds::Model : Holds::User, message);
        for (const Part &one : message.parts)
            part(content, one);
        return;
    }
    // Responses stand alone in their turn: text among them confuses the model.
    bool results = false;
    for (const Part &one : message.parts) {
        if (std::holds_alternative<ToolResult>(one.body)) {
            part(contentFor(Holds::Results, message), one);
            results = true;
        }
    }
    std::vector<Media> beside = std::exchange(m_beside, {});
    for (const Media &one : beside)
        media(contentFor(Holds::User, message), one, {});
    for (const Part &one : message.parts) {
        if (!std::holds_alternative<ToolResult>(one.body))
            part(contentFor(Holds::User, message), one);
    }
    if (!results && message.parts.empty())
        contentFor(Holds::User, message);
}

void MessagesWriter::instruct(JsonWriter &out, const std::vector<Message> &messages,
                              std::size_t count)
{
    Content all;
    QByteArray role;
    for (std::size_t i = 0; i < count; ++i) {
        noteForeign(messages[i].native);
        for (const Part &one : messages[i].parts)
            part(all, one);
        role = kept(messages[i].native, ".role");
    }
    if (m_plan.schemaInWords) {
        JsonWriter words;
        words.beginObject().member("text", formInWords(m_plan.request.format)).endObject();
        all.parts << words.take();
    }
    if (all.parts.isEmpty())
        return;
    out.key("systemInstruction").beginObject();
    if (!role.isEmpty())
        out.key("role").raw(role);
    out.key("parts").raw('[' + all.parts.join(',') + ']').endObject();
}

Result<void> MessagesWriter::write(JsonWriter &out)
{
    const std::vector<Message> messages
        = m_plan.own ? m_plan.request.messages : pairTools(m_plan.request.messages);
    const auto firstTurn = std::find_if(messages.begin(), messages.end(), [](const Message &one) {
        return one.role != Role::System;
    });
    const auto system = static_cast<std::size_t>(firstTurn - messages.begin());
    instruct(out, messages, system);
    for (std::size_t i = system; i < messages.size(); ++i)
        message(messages[i]);
    if (m_error)
        return failure(*m_error);
    if (!m_plan.own) {
        std::erase_if(m_contents, [](const Content &content) { return content.parts.isEmpty(); });
        if (m_contents.empty() || m_contents.front().holds == Holds::Model)
            m_contents.insert(m_contents.begin(), {Holds::User, "user", {R"({"text":" "})"}});
    }
    out.key("contents").beginArray();
    for (const Content &content : m_contents) {
        out.raw("{\"role\":\"" + content.role + "\",\"parts\":[" + content.parts.join(',') + ']'
                + content.further + '}');
    }
    out.endArray();
    return {};
}

} // namespace

Result<void> writeMessages(JsonWriter &out, Plan &plan)
{
    return MessagesWriter(plan).write(out);
}

} // namespace tollgate::codecs::gemini
