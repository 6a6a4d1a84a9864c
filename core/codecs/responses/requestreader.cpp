// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/wire.h"

namespace tollgate::codecs::responses {
namespace {

tl::unexpected<Error> invalid(const QString &message, const QByteArray &param)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = message;
    error.param = param;
    return failure(std::move(error));
}

QByteArray digitsOf(JsonValue value)
{
    return value.digits();
}

// What an item must have to be one; empty: nothing is missing.
QByteArray missingMember(JsonValue item)
{
    if (!item.isObject())
        return "type";
    const QByteArray type = item["type"].string();
    const bool custom = type.startsWith("custom_tool_call");
    if (type == "function_call" || type == "custom_tool_call") {
        for (const char *name : {"call_id", "name", custom ? "input" : "arguments"}) {
            if (!item[name].isSet())
                return name;
        }
    } else if (type == "function_call_output" || type == "custom_tool_call_output") {
        for (const char *name : {"call_id", "output"}) {
            if (!item[name].isSet())
                return name;
        }
    } else if (type == "message" || type.isEmpty()) {
        if (type.isEmpty() && item["id"].isString() && !item["role"])
            return {}; // an item_reference may leave its type out
        const JsonValue role = item["role"];
        if (!role.is("user") && !role.is("assistant") && !role.is("system")
            && !role.is("developer"))
            return "role";
        if (!item["content"].isString() && !item["content"].isArray())
            return "content";
    }
    return {};
}

// Gathers items into messages: the model's consecutive items are one message, and so are results.
class Conversation
{
public:
    void add(Item &&item)
    {
        if (item.parts.empty() && !item.message)
            return;
        const bool joins = m_open && *m_open == item.place && item.place != Item::Place::System
            && item.place != Item::Place::User;
        if (!joins) {
            Message message;
            message.role = item.place == Item::Place::System ? Role::System
                : item.place == Item::Place::Assistant       ? Role::Assistant
                                                             : Role::User;
            message.developer = item.developer;
            m_messages.push_back(std::move(message));
        }
        m_open = item.place;
        std::vector<Part> &parts = m_messages.back().parts;
        if (joins && needsMark(parts.back(), item))
            keep(item.parts.front().native, Dialect::Responses, ".item", "true");
        parts.insert(parts.end(), std::make_move_iterator(item.parts.begin()),
                     std::make_move_iterator(item.parts.end()));
    }
    [[nodiscard]] std::vector<Message> take()
    {
        for (Message &message : m_messages) {
            if (message.role == Role::Assistant)
                settleSeals(message.parts);
        }
        return std::move(m_messages);
    }

private:
    // Two message items that nothing else would tell apart.
    static bool needsMark(const Part &before, const Item &item)
    {
        return item.message && item.place == Item::Place::Assistant
            && before.itemId == item.parts.front().itemId
            && (std::holds_alternative<Text>(before.body)
                || std::holds_alternative<Refusal>(before.body));
    }

    std::vector<Message> m_messages;
    std::optional<Item::Place> m_open;
};

Result<std::vector<Message>> readConversation(JsonValue root)
{
    Conversation conversation;
    if (const QByteArray told = root["instructions"].string(); root["instructions"].isString()) {
        Item item;
        item.place = Item::Place::System;
        Part part;
        part.body = Text{told, {}};
        item.parts.push_back(std::move(part));
        keep(item.parts.back().native, Dialect::Responses, ".instructions", "true");
        conversation.add(std::move(item));
    } else if (root["instructions"].isSet()) {
        return invalid(QStringLiteral("\"instructions\" must be a string."), "instructions");
    }
    const JsonValue input = root["input"];
    if (input.isString()) {
        Item item;
        item.place = Item::Place::User;
        item.message = true;
        Part part;
        part.body = Text{input.string(), {}};
        item.parts.push_back(std::move(part));
        conversation.add(std::move(item));
    } else if (input.isArray()) {
        qsizetype index = 0;
        for (const JsonValue json : input) {
            if (const QByteArray missing = missingMember(json); !missing.isEmpty()) {
                const QByteArray param = "input[" + QByteArray::number(index) + "]." + missing;
                return invalid(QStringLiteral("\"%1\" is missing or is not what it should be.")
                                   .arg(QString::fromUtf8(param)),
                               param);
            }
            conversation.add(readItem(json, Side::History));
            ++index;
        }
    } else if (input.isSet()) {
        return invalid(QStringLiteral("\"input\" must be a string or an array of items."), "input");
    } else if (!root["prompt"].isSet() && !root["conversation"].isSet()
               && !root["previous_response_id"].isSet()) {
        return invalid(QStringLiteral("\"input\" is missing."), "input");
    }
    return conversation.take();
}

void readTextOptions(JsonValue text, Request &request)
{
    if (!text.isObject())
        return;
    const JsonValue format = text["format"];
    OutputFormat &read = request.format;
    bool known = true;
    if (format["type"].is("text")) {
        read.kind = OutputFormat::Kind::Text;
    } else if (format["type"].is("json_object")) {
        read.kind = OutputFormat::Kind::JsonObject;
    } else if (format["type"].is("json_schema")) {
        read.kind = OutputFormat::Kind::Schema;
        read.name = format["name"].string();
        read.description = format["description"].string();
        if (format["schema"].isSet())
            read.schema = format["schema"].json();
        read.strict = format["strict"].boolean();
    } else {
        known = !format.isSet();
    }
    request.verbosity = text["verbosity"].string();
    const QByteArray rest = leftover(text, {"verbosity", known ? "format" : "verbosity"});
    if (!rest.isEmpty())
        keep(request.native, Dialect::Responses, "text", rest);
}

void readReasoningOptions(JsonValue asked, Request &request)
{
    if (!asked.isObject())
        return;
    ReasoningSpec &read = request.reasoning;
    read.effort = asked["effort"].string();
    if (read.effort == "none")
        read.mode = ReasoningSpec::Mode::Off;
    else if (!read.effort.isEmpty())
        read.mode = ReasoningSpec::Mode::On;
    const JsonValue summary = asked["summary"];
    if (summary.isString())
        read.show = ReasoningSpec::Show::Summary;
    const bool usual = !summary.isSet() || summary.is("auto");
    const QByteArray rest = leftover(asked, {"effort", usual ? "summary" : "effort"});
    if (!rest.isEmpty())
        keep(request.native, Dialect::Responses, "reasoning", rest);
}

void readInclude(JsonValue include, Request &request)
{
    if (!include.isArray())
        return;
    keep(request.native, Dialect::Responses, "include", include.json());
    for (const JsonValue wanted : include) {
        if (wanted.is("message.output_text.logprobs"))
            request.sampling.logprobs = true;
    }
}

void readWho(JsonValue root, Request &request)
{
    request.userId = root["user"].string();
    if (const JsonValue safety = root["safety_identifier"]; safety.isString()) {
        keep(request.native, Dialect::Responses, "safety_identifier", safety.json());
        if (request.userId.isEmpty())
            request.userId = safety.string();
    }
}

Result<void> readNumbers(JsonValue root, Request &request)
{
    for (const char *name : {"temperature", "top_p", "top_logprobs", "max_output_tokens"}) {
        if (root[name].isSet() && !root[name].isNumber())
            return invalid(QStringLiteral("\"%1\" must be a number.").arg(QLatin1String(name)),
                           name);
    }
    request.sampling.temperature = digitsOf(root["temperature"]);
    request.sampling.topP = digitsOf(root["top_p"]);
    request.sampling.topLogprobs = digitsOf(root["top_logprobs"]);
    if (root["max_output_tokens"].isSet()) {
        request.maxOutput = root["max_output_tokens"].integer();
        if (!request.maxOutput || *request.maxOutput < 1)
            return invalid(QStringLiteral("\"max_output_tokens\" must be a positive integer."),
                           "max_output_tokens");
    }
    return {};
}

} // namespace

Result<Request> readRequest(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return failure(tree.error());
    const JsonValue root = tree->root();
    if (!root.isObject())
        return invalid(QStringLiteral("The request must be a JSON object."), {});
    Request request;
    request.source = Dialect::Responses;
    request.model = root["model"].string();
    request.stream = root["stream"].isTrue();
    auto messages = readConversation(root);
    if (!messages)
        return failure(messages.error());
    request.messages = std::move(*messages);
    auto tools = readTools(root["tools"]);
    if (!tools)
        return failure(tools.error());
    request.tools = std::move(*tools);
    auto choice = readChoice(root["tool_choice"], request.native);
    if (!choice)
        return failure(choice.error());
    request.toolChoice = std::move(*choice);
    request.toolChoice.parallel = root["parallel_tool_calls"].boolean();
    if (auto numbers = readNumbers(root, request); !numbers)
        return failure(numbers.error());
    readTextOptions(root["text"], request);
    readReasoningOptions(root["reasoning"], request);
    readInclude(root["include"], request);
    readWho(root, request);
    request.serviceTier = root["service_tier"].string();
    if (root["metadata"].isObject())
        request.metadata = root["metadata"].json();
    request.cacheKey = root["prompt_cache_key"].string();
    request.store = root["store"].boolean();
    request.previousResponseId = root["previous_response_id"].string();
    keepUnknown(request.native, Dialect::Responses, root,
                {"model",
                 "stream",
                 "instructions",
                 "input",
                 "tools",
                 "tool_choice",
                 "parallel_tool_calls",
                 "temperature",
                 "top_p",
                 "top_logprobs",
                 "max_output_tokens",
                 "text",
                 "reasoning",
                 "include",
                 "user",
                 "safety_identifier",
                 "service_tier",
                 "metadata",
                 "prompt_cache_key",
                 "store",
                 "previous_response_id"});
    return request;
}

} // namespace tollgate::codecs::responses
