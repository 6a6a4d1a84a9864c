// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/messages.h"
#include "core/conversation/media.h"
#include "core/conversation/toolpairs.h"

namespace tollgate::codecs::ollama {
namespace {

QByteArray place(qsizetype at, QByteArrayView member)
{
    return "messages[" + QByteArray::number(at) + "]." + member.toByteArray();
}

Result<QByteArray> text(JsonValue value, const QByteArray &param)
{
    if (value.isSet() && !value.isString())
        return refusal(QStringLiteral("\"%1\" must be a string.").arg(QString::fromUtf8(param)),
                       param);
    return value.string();
}

void addText(QByteArray said, std::vector<Part> &parts)
{
    if (!said.isEmpty())
        parts.push_back({Text{std::move(said), {}}});
}

class MessageReader
{
public:
    Result<std::vector<Message>> read(JsonValue messages)
    {
        qsizetype at = 0;
        for (const JsonValue message : messages) {
            if (auto read = one(message, at++); !read)
                return tl::unexpected(std::move(read).error());
        }
        return std::move(m_messages);
    }

private:
    Result<void> one(JsonValue message, qsizetype at)
    {
        if (!message.isObject())
            return refusal(QStringLiteral("Each of \"messages\" must be an object."), "messages");
        const QByteArray role = message["role"].string().toLower();
        if (role == "tool")
            return result(message, at);
        m_results = false;
        if (role == "assistant")
            return assistant(message, at);
        if (role != "user" && role != "system" && role != "developer")
            return refusal(QStringLiteral("\"role\" must be system, user, assistant or tool."),
                           place(at, "role"));
        Message read{role == "user" ? Role::User : Role::System};
        read.developer = role == "developer";
        auto content = text(message["content"], place(at, "content"));
        if (!content)
            return tl::unexpected(std::move(content).error());
        if (auto images = readImages(message["images"], place(at, "images"), read.parts); !images)
            return images;
        addText(std::move(*content), read.parts);
        keepUnknown(read.native, Dialect::Ollama, message, {"role", "content", "images"});
        m_messages.push_back(std::move(read));
        return {};
    }

    Result<void> assistant(JsonValue message, qsizetype at)
    {
        Message read{Role::Assistant};
        auto thinking = text(message["thinking"], place(at, "thinking"));
        if (!thinking)
            return tl::unexpected(std::move(thinking).error());
        auto content = text(message["content"], place(at, "content"));
        if (!content)
            return tl::unexpected(std::move(content).error());
        if (!thinking->isEmpty())
            read.parts.push_back({Reasoning{std::move(*thinking)}});
        if (auto images = readImages(message["images"], place(at, "images"), read.parts); !images)
            return images;
        addText(std::move(*content), read.parts);
        const JsonValue calls = message["tool_calls"];
        if (calls.isSet() && !calls.isArray())
            return refusal(QStringLiteral("\"tool_calls\" must be an array."),
                           place(at, "tool_calls"));
        for (const JsonValue call : calls) {
            if (auto added = addCall(call, at, read.parts); !added)
                return added;
        }
        keepUnknown(read.native, Dialect::Ollama, message,
                    {"role", "content", "images", "thinking", "tool_calls"});
        m_messages.push_back(std::move(read));
        return {};
    }

    Result<void> addCall(JsonValue told, qsizetype at, std::vector<Part> &parts)
    {
        const JsonValue function = told["function"];
        ToolCall call;
        call.name = function["name"].string();
        if (call.name.isEmpty())
            return refusal(QStringLiteral("A tool call names no function."),
                           place(at, "tool_calls"));
        const JsonValue arguments = function["arguments"];
        if (arguments.isSet() && !arguments.isObject() && !arguments.isString())
            return refusal(QStringLiteral("The arguments of a tool call must be an object."),
                           place(at, "tool_calls"));
        call.arguments = arguments.isString() ? arguments.string()
            : arguments.isObject()            ? arguments.json()
                                              : QByteArrayLiteral("{}");
        call.callId = told["id"].string();
        if (call.callId.isEmpty())
            call.callId = stableCallId(call.name, call.arguments, m_calls.count());
        m_calls.add(call.callId, call.name);
        Part part{std::move(call)};
        keepUnknown(part.native, Dialect::Ollama, function, {"name", "arguments"});
        parts.push_back(std::move(part));
        return {};
    }

    Result<void> result(JsonValue message, qsizetype at)
    {
        ToolResult result;
        const QByteArrayView named = message["tool_name"].isString() ? "tool_name" : "name";
        result.name = message[named].string();
        result.callId = message["tool_call_id"].string();
        if (result.callId.isEmpty())
            result.callId = m_calls.nextOf(result.name);
        if (result.callId.isEmpty())
            result.callId = stableCallId(result.name, {}, at);
        if (result.name.isEmpty())
            result.name = m_calls.nameOf(result.callId);
        m_calls.answered(result.callId);

        auto content = text(message["content"], place(at, "content"));
        if (!content)
            return tl::unexpected(std::move(content).error());
        std::vector<Part> images;
        if (auto read = readImages(message["images"], place(at, "images"), images); !read)
            return read;
        for (Part &image : images)
            result.parts.emplace_back(std::get<Media>(std::move(image.body)));
        if (!content->isEmpty())
            result.parts.emplace_back(Text{std::move(*content), {}});

        Part part{std::move(result)};
        keepUnknown(part.native, Dialect::Ollama, message,
                    {"role", "content", "images", "tool_name", "tool_call_id", named});
        if (!std::exchange(m_results, true))
            m_messages.push_back(Message{Role::User});
        m_messages.back().parts.push_back(std::move(part));
        return {};
    }

    std::vector<Message> m_messages;
    OpenCalls m_calls;
    bool m_results = false; // the last message holds results, which the next ones join
};

} // namespace

Result<std::vector<Message>> readMessages(JsonValue messages)
{
    return MessageReader().read(messages);
}

Result<void> readImages(JsonValue images, const QByteArray &param, std::vector<Part> &parts)
{
    if (images.isSet() && !images.isArray())
        return refusal(QStringLiteral("\"images\" must be an array of base64 strings."), param);
    for (const JsonValue image : images) {
        QByteArray base64 = image.string();
        if (base64.isEmpty())
            return refusal(QStringLiteral("An image must be a base64 string."), param);
        Media media;
        if (auto url = parseDataUrl(base64)) {
            media.mime = std::move(url->mime);
            media.data = std::move(url->base64);
        } else {
            base64.replace("\r", "").replace("\n", "");
            media.mime = sniffMime(base64);
            media.data = std::move(base64);
        }
        if (!media.mime.isEmpty())
            media.kind = kindOfMime(media.mime);
        parts.push_back({std::move(media)});
    }
    return {};
}

} // namespace tollgate::codecs::ollama
