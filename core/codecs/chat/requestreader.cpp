// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/content.h"
#include "core/codecs/chat/requests.h"
#include "core/codecs/chat/tools.h"

namespace tollgate::codecs::chat {
namespace {

tl::unexpected<Error> refused(const char *param, const QString &message)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = message;
    error.param = param;
    return failure(std::move(error));
}

QByteArray numberOf(JsonValue value)
{
    return value.digits();
}

// What each family of vendors calls it; the members themselves are documented by them.
ReasoningSpec readReasoning(JsonValue root)
{
    using Mode = ReasoningSpec::Mode;
    using Show = ReasoningSpec::Show;
    ReasoningSpec spec;
    const auto effort = [&](const QByteArray &name) {
        if (name.isEmpty())
            return;
        spec.effort = name;
        spec.mode = name == "none" ? Mode::Off : Mode::On;
    };
    const auto turn = [&](JsonValue value) {
        if (const auto on = value.boolean())
            spec.mode = *on ? Mode::On : Mode::Off;
    };
    const auto budget = [&](JsonValue value) {
        const auto tokens = value.integer();
        if (!tokens)
            return;
        spec.budget = tokens;
        if (spec.mode == Mode::Unset)
            spec.mode = *tokens == 0 ? Mode::Off : Mode::On;
    };
    effort(root["reasoning_effort"].string());
    const JsonValue object = root["reasoning"]; // OpenRouter
    effort(object["effort"].string());
    turn(object["enabled"]);
    budget(object["max_tokens"]);
    if (object["exclude"].isTrue())
        spec.show = Show::None;
    const JsonValue thinking = root["thinking"]; // DeepSeek, Zhipu, Moonshot, MiniMax
    if (thinking["type"].is("enabled"))
        spec.mode = Mode::On;
    else if (thinking["type"].is("disabled"))
        spec.mode = Mode::Off;
    else if (thinking["type"].is("adaptive"))
        spec.mode = Mode::Adaptive;
    budget(thinking["budget_tokens"]);
    turn(root["enable_thinking"]); // Alibaba
    budget(root["thinking_budget"]);
    turn(root["chat_template_kwargs"]["enable_thinking"]); // vLLM, llama.cpp
    turn(root["chat_template_kwargs"]["thinking"]);
    if (root["reasoning_format"].is("hidden") || root["include_reasoning"].boolean() == false)
        spec.show = Show::None; // Groq
    else if (root["reasoning_format"].isSet() || root["include_reasoning"].isTrue())
        spec.show = Show::Full;
    const JsonValue google = root["extra_body"]["google"]["thinking_config"];
    budget(google["thinking_budget"]);
    effort(google["thinking_level"].string().toLower());
    if (const auto shown = google["include_thoughts"].boolean())
        spec.show = *shown ? Show::Full : Show::None;
    return spec;
}

// Of an object that is understood in part: the members that are not, in its place in the bag.
void keepRest(Native &bag, JsonValue root, QByteArrayView name,
              std::initializer_list<QByteArrayView> known)
{
    std::erase_if(bag, [&](const NativeMember &member) { return member.name == name; });
    Native rest;
    keepUnknown(rest, Dialect::Chat, root[name], known);
    if (rest.empty())
        return;
    JsonWriter out;
    out.beginObject();
    writeNative(out, rest, Dialect::Chat);
    out.endObject();
    keep(bag, Dialect::Chat, name, out.take());
}

OutputFormat readFormat(JsonValue format)
{
    OutputFormat read;
    if (format["type"].is("text")) {
        read.kind = OutputFormat::Kind::Text;
    } else if (format["type"].is("json_object")) {
        read.kind = OutputFormat::Kind::JsonObject;
        if (format["schema"].isObject()) { // Together, llama.cpp
            read.kind = OutputFormat::Kind::Schema;
            read.schema = format["schema"].json();
        }
    } else if (format["type"].is("json_schema")) {
        read.kind = OutputFormat::Kind::Schema;
        const JsonValue schema = format["json_schema"];
        read.name = schema["name"].string();
        read.description = schema["description"].string();
        if (schema["schema"].isSet())
            read.schema = schema["schema"].json();
        read.strict = schema["strict"].boolean();
    }
    return read;
}

Sampling readSampling(JsonValue root)
{
    Sampling read;
    read.temperature = numberOf(root["temperature"]);
    read.topP = numberOf(root["top_p"]);
    read.topK = numberOf(root["top_k"]);
    read.minP = numberOf(root["min_p"]);
    read.presencePenalty = numberOf(root["presence_penalty"]);
    read.frequencyPenalty = numberOf(root["frequency_penalty"]);
    read.repetitionPenalty = numberOf(root["repetition_penalty"]);
    read.seed = numberOf(root["seed"]);
    if (read.seed.isEmpty())
        read.seed = numberOf(root["random_seed"]); // Mistral
    if (root["logit_bias"].isObject())
        read.logitBias = root["logit_bias"].json();
    read.logprobs = root["logprobs"].boolean();
    read.topLogprobs = numberOf(root["top_logprobs"]);
    return read;
}

QByteArrayList readStop(JsonValue stop)
{
    if (stop.isString())
        return {stop.string()};
    QByteArrayList all;
    for (const JsonValue sequence : stop)
        all += sequence.string();
    return all;
}

void readLimits(Request &request, JsonValue root)
{
    request.maxOutput = root["max_completion_tokens"].integer();
    if (!request.maxOutput)
        request.maxOutput = root["max_tokens"].integer();
    request.stop = readStop(root["stop"]);
    request.candidates = root["n"].integer();
}

} // namespace

void readCommon(Request &request, JsonValue root)
{
    request.model = root["model"].string();
    request.stream = root["stream"].isTrue();
    request.includeUsage = root["stream_options"]["include_usage"].isTrue();
    request.sampling = readSampling(root);
    readLimits(request, root);
    request.userId = root["safety_identifier"].string();
    if (request.userId.isEmpty())
        request.userId = root["user"].string();
}

Result<Request> readRequest(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return failure(tree.error());
    const JsonValue root = tree->root();
    if (!root.isObject())
        return refused("", QStringLiteral("The request body must be a JSON object."));
    if (!root["messages"].isArray())
        return refused("messages", QStringLiteral("\"messages\" must be a list of messages."));
    Request request;
    request.source = Dialect::Chat;
    readCommon(request, root);
    auto messages = readMessages(root["messages"]);
    if (!messages)
        return failure(messages.error());
    request.messages = *std::move(messages);
    request.tools = readTools(root["tools"], root["functions"]);
    request.toolChoice = readToolChoice(root["tool_choice"], root["function_call"]);
    request.toolChoice.parallel = root["parallel_tool_calls"].boolean();
    request.format = readFormat(root["response_format"]);
    request.verbosity = root["verbosity"].string();
    for (const JsonValue modality : root["modalities"])
        request.modalities += modality.string();
    request.reasoning = readReasoning(root);
    request.serviceTier = root["service_tier"].string();
    if (root["metadata"].isObject())
        request.metadata = root["metadata"].json();
    request.cacheKey = root["prompt_cache_key"].string();
    request.cache = readCacheMark(root);
    request.store = root["store"].boolean();
    keepUnknown(request.native, Dialect::Chat, root,
                {"model",
                 "messages",
                 "stream",
                 "tools",
                 "tool_choice",
                 "parallel_tool_calls",
                 "response_format",
                 "verbosity",
                 "modalities",
                 "max_completion_tokens",
                 "max_tokens",
                 "stop",
                 "n",
                 "temperature",
                 "top_p",
                 "top_k",
                 "min_p",
                 "presence_penalty",
                 "frequency_penalty",
                 "repetition_penalty",
                 "seed",
                 "random_seed",
                 "logit_bias",
                 "logprobs",
                 "top_logprobs",
                 "reasoning_effort",
                 "enable_thinking",
                 "thinking_budget",
                 "service_tier",
                 "metadata",
                 "prompt_cache_key",
                 "store"});
    const JsonValue options = root["stream_options"];
    const bool usageOnly = options.size() == (options["include_usage"] ? 1 : 0);
    std::erase_if(request.native, [&](const NativeMember &member) {
        return member.json == "null" || (usageOnly && member.name == "stream_options");
    });
    keepRest(request.native, root, "thinking", {"type", "budget_tokens"});
    keepRest(request.native, root, "reasoning", {"effort", "max_tokens", "exclude"});
    return request;
}

} // namespace tollgate::codecs::chat
