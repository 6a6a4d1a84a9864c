// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/readblocks.h"
#include "core/codecs/messages/request.h"
#include "core/codecs/messages/thinking.h"
#include "core/codecs/messages/tools.h"

namespace tollgate::codecs::messages {
namespace {

Result<Message> readMessage(JsonValue value, const QByteArray &param)
{
    Message message;
    const JsonValue role = value["role"];
    if (role.is("user"))
        message.role = Role::User;
    else if (role.is("assistant"))
        message.role = Role::Assistant;
    else if (role.is("system"))
        message.role = Role::System;
    else
        return refused(QStringLiteral("“%1.role” must be user, assistant or system.")
                           .arg(QString::fromUtf8(param)),
                       param + ".role");
    auto parts = readContent(value["content"], param + ".content");
    if (!parts)
        return failure(parts.error());
    message.parts = *std::move(parts);
    for (const Part &part : message.parts) {
        const auto *call = std::get_if<ToolCall>(&part.body);
        const auto *result = std::get_if<ToolResult>(&part.body);
        if ((call && call->callId.isEmpty()) || (result && result->callId.isEmpty()))
            return refused(
                QStringLiteral("A %1 block of “%2” has no id.")
                    .arg(call ? QStringLiteral("tool_use") : QStringLiteral("tool_result"),
                         QString::fromUtf8(param)),
                param + ".content");
    }
    keepTold(message.native, value, {"role", "content"});
    return message;
}

Result<void> readMessages(JsonValue root, Request &request)
{
    if (const JsonValue system = root["system"]; system.isSet()) {
        Message message;
        message.role = Role::System;
        auto parts = readContent(system, "system");
        if (!parts)
            return failure(parts.error());
        message.parts = *std::move(parts);
        if (!message.parts.empty())
            request.messages.push_back(std::move(message));
    }
    const JsonValue messages = root["messages"];
    if (!messages.isArray() || messages.size() == 0)
        return refused(QStringLiteral("“messages” must be a list with at least one message."),
                       "messages");
    qsizetype index = 0;
    for (const JsonValue value : messages) {
        auto message = readMessage(value, "messages." + QByteArray::number(index++));
        if (!message)
            return failure(message.error());
        request.messages.push_back(*std::move(message));
    }
    return {};
}

Result<void> readNumber(JsonValue root, QByteArrayView name, QByteArray &into)
{
    const JsonValue value = root[name];
    if (value.isSet() && !value.isNumber())
        return refused(QStringLiteral("“%1” must be a number.").arg(QString::fromUtf8(name)),
                       name.toByteArray());
    into = value.digits();
    return {};
}

Result<void> readLimits(JsonValue root, Request &request)
{
    if (const JsonValue most = root["max_tokens"]; most.isSet()) {
        request.maxOutput = most.integer();
        if (!request.maxOutput || *request.maxOutput < 0)
            return refused(QStringLiteral("“max_tokens” must be a whole number."), "max_tokens");
    }
    const JsonValue stops = root["stop_sequences"];
    if (stops.isSet() && !stops.isArray())
        return refused(QStringLiteral("“stop_sequences” must be a list of strings."),
                       "stop_sequences");
    for (const JsonValue stop : stops) {
        if (!stop.isString())
            return refused(QStringLiteral("“stop_sequences” must be a list of strings."),
                           "stop_sequences");
        request.stop.append(stop.string());
    }
    if (auto read = readNumber(root, "temperature", request.sampling.temperature); !read)
        return read;
    if (auto read = readNumber(root, "top_p", request.sampling.topP); !read)
        return read;
    return readNumber(root, "top_k", request.sampling.topK);
}

void readFormat(JsonValue root, Request &request)
{
    const JsonValue config = root["output_config"];
    // "output_format" is the older name of the same.
    const JsonValue format = config["format"].isSet() ? config["format"] : root["output_format"];
    if (format["type"].is("json_schema")) {
        request.format.kind = OutputFormat::Kind::Schema;
        request.format.schema = format["schema"].json();
        keepNested(request.native, "output_config.format", format, {"type", "schema"});
    } else if (format.isSet()) {
        keep(request.native, Dialect::Messages, "output_config.format", format.json());
    }
    keepNested(request.native, "output_config", config, {"effort", "format"});
}

} // namespace

Result<Request> readRequest(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return failure(tree.error());
    const JsonValue root = tree->root();
    if (!root.isObject())
        return refused(QStringLiteral("The request must be a JSON object."), {});
    Request request;
    request.source = Dialect::Messages;
    request.model = root["model"].string();
    request.stream = root["stream"].isTrue();
    if (auto read = readMessages(root, request); !read)
        return failure(read.error());
    if (auto read = readTools(root, request); !read)
        return failure(read.error());
    if (auto read = readToolChoice(root, request); !read)
        return failure(read.error());
    if (auto read = readLimits(root, request); !read)
        return failure(read.error());
    readFormat(root, request);
    auto reasoning = readThinking(root, request.native);
    if (!reasoning)
        return failure(reasoning.error());
    request.reasoning = *std::move(reasoning);
    request.serviceTier = root["service_tier"].string();
    request.userId = root["metadata"]["user_id"].string();
    keepNested(request.native, "metadata", root["metadata"], {"user_id"});
    request.cache = readCacheMark(root, request.native);
    keepTold(request.native, root,
             {"model", "messages", "system", "max_tokens", "stop_sequences", "stream",
              "temperature", "top_p", "top_k", "tools", "tool_choice", "thinking", "output_config",
              "output_format", "cache_control", "metadata", "service_tier"});
    return request;
}

} // namespace tollgate::codecs::messages
