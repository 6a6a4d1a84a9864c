// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/messages.h"

#include <array>

namespace tollgate::codecs::ollama {
namespace {

struct NumberOption
{
    QByteArrayView name;
    QByteArray Sampling::*place;
};
constexpr std::array kNumbers{
    NumberOption{"temperature", &Sampling::temperature},
    NumberOption{"top_p", &Sampling::topP},
    NumberOption{"top_k", &Sampling::topK},
    NumberOption{"min_p", &Sampling::minP},
    NumberOption{"presence_penalty", &Sampling::presencePenalty},
    NumberOption{"frequency_penalty", &Sampling::frequencyPenalty},
    NumberOption{"repeat_penalty", &Sampling::repetitionPenalty},
    NumberOption{"seed", &Sampling::seed},
};

class RequestReader
{
public:
    RequestReader(Form form, JsonValue root)
        : m_form(form)
        , m_root(root)
    {
    }

    Result<Request> read()
    {
        m_request.source = Dialect::Ollama;
        m_request.model = m_root["model"].string();
        m_request.stream = m_root["stream"].boolean().value_or(true);
        Result<void> done = m_form == Form::Chat ? messages() : prompt();
        if (done)
            done = options();
        if (done)
            done = format();
        if (done)
            done = think();
        if (done)
            done = tools();
        if (!done)
            return tl::unexpected(std::move(done).error());
        m_request.sampling.logprobs = m_root["logprobs"].boolean();
        m_request.sampling.topLogprobs = m_root["top_logprobs"].digits();
        if (m_form == Form::Chat)
            keepUnknown(m_request.native, Dialect::Ollama, m_root,
                        {"model", "messages", "stream", "options", "format", "think", "tools",
                         "logprobs", "top_logprobs"});
        else
            keepUnknown(m_request.native, Dialect::Ollama, m_root,
                        {"model", "prompt", "system", "images", "stream", "options", "format",
                         "think", "logprobs", "top_logprobs"});
        return std::move(m_request);
    }

private:
    Result<void> messages()
    {
        const JsonValue list = m_root["messages"];
        if (list.isSet() && !list.isArray())
            return refusal(QStringLiteral("\"messages\" must be an array."), "messages");
        auto read = readMessages(list);
        if (!read)
            return tl::unexpected(std::move(read).error());
        m_request.messages = std::move(*read);
        return {};
    }

    Result<void> prompt()
    {
        for (const QByteArrayView name : {QByteArrayView("system"), QByteArrayView("prompt")}) {
            const JsonValue text = m_root[name];
            if (text.isSet() && !text.isString())
                return refusal(
                    QStringLiteral("\"%1\" must be a string.").arg(QString::fromUtf8(name)),
                    name.toByteArray());
        }
        if (QByteArray system = m_root["system"].string(); !system.isEmpty()) {
            Message message{Role::System};
            message.parts.push_back({Text{std::move(system), {}}});
            m_request.messages.push_back(std::move(message));
        }
        Message user{Role::User};
        if (auto images = readImages(m_root["images"], "images", user.parts); !images)
            return images;
        if (QByteArray text = m_root["prompt"].string(); !text.isEmpty())
            user.parts.push_back({Text{std::move(text), {}}});
        if (!user.parts.empty())
            m_request.messages.push_back(std::move(user));
        return {};
    }

    Result<void> options()
    {
        const JsonValue options = m_root["options"];
        if (options.isSet() && !options.isObject())
            return refusal(QStringLiteral("\"options\" must be an object."), "options");
        if (!options.isObject())
            return {};
        for (const JsonValue option : options) {
            if (option.isNull())
                continue; // as Ollama does
            if (auto taken = takeOption(option.key(), option); !taken)
                return taken;
        }
        return {};
    }

    Result<void> takeOption(const QByteArray &name, JsonValue value)
    {
        const QByteArray full = kOptions.toByteArray() + name;
        for (const NumberOption &known : kNumbers) {
            if (known.name != name)
                continue;
            if (!value.isNumber())
                return refusal(
                    QStringLiteral("\"%1\" must be a number.").arg(QString::fromUtf8(full)), full);
            m_request.sampling.*known.place = value.digits();
            return {};
        }
        if (name == "stop")
            return stop(value);
        if (name == "num_predict") {
            // Zero and less mean: until the model stops, or the context is full.
            if (const auto most = value.integer(); most && *most > 0) {
                m_request.maxOutput = most;
                return {};
            }
        }
        keep(m_request.native, Dialect::Ollama, full, value.json());
        return {};
    }

    Result<void> stop(JsonValue value)
    {
        if (value.isString()) {
            m_request.stop.append(value.string());
            return {};
        }
        for (const JsonValue one : value) {
            if (!value.isArray() || !one.isString())
                return refusal(QStringLiteral("\"options.stop\" must hold strings."),
                               "options.stop");
            m_request.stop.append(one.string());
        }
        return {};
    }

    Result<void> format()
    {
        const JsonValue format = m_root["format"];
        if (!format.isSet() || format.is(""))
            return {};
        if (format.isObject()) {
            m_request.format.kind = OutputFormat::Kind::Schema;
            m_request.format.schema = format.json();
        } else if (format.is("json")) {
            m_request.format.kind = OutputFormat::Kind::JsonObject;
        } else {
            return refusal(QStringLiteral("\"format\" must be \"json\" or a JSON Schema."),
                           "format");
        }
        return {};
    }

    Result<void> think()
    {
        const JsonValue think = m_root["think"];
        if (!think.isSet())
            return {};
        ReasoningSpec &reasoning = m_request.reasoning;
        const QByteArray effort = think.string();
        if (think.boolean() == false || effort == "none" || effort == "false") {
            reasoning.mode = ReasoningSpec::Mode::Off;
            return {};
        }
        static const QByteArrayList known{"minimal", "low", "medium", "high", "xhigh", "max"};
        if (known.contains(effort))
            reasoning.effort = effort;
        else if (!think.isTrue() && effort != "true")
            return refusal(QStringLiteral("\"think\" must be true, false or an effort: low, "
                                          "medium, high, max."),
                           "think");
        reasoning.mode = ReasoningSpec::Mode::On;
        reasoning.show = ReasoningSpec::Show::Full;
        return {};
    }

    Result<void> tools()
    {
        const JsonValue tools = m_root["tools"];
        if (m_form == Form::Generate || !tools.isSet())
            return {};
        if (!tools.isArray())
            return refusal(QStringLiteral("\"tools\" must be an array."), "tools");
        for (const JsonValue told : tools) {
            const JsonValue function = told["function"];
            Tool tool;
            tool.name = function["name"].string();
            if (tool.name.isEmpty())
                return refusal(QStringLiteral("A tool must be a function with a name."), "tools");
            tool.description = function["description"].string();
            if (function["parameters"].isObject())
                tool.schema = function["parameters"].json();
            keepUnknown(tool.native, Dialect::Ollama, function,
                        {"name", "description", "parameters"});
            m_request.tools.push_back(std::move(tool));
        }
        return {};
    }

    Form m_form;
    JsonValue m_root;
    Request m_request;
};

} // namespace

Result<Request> readRequest(Form form, QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return tl::unexpected(tree.error());
    if (!tree->root().isObject())
        return refusal(QStringLiteral("The request body must be a JSON object."), {});
    return RequestReader(form, tree->root()).read();
}

} // namespace tollgate::codecs::ollama
