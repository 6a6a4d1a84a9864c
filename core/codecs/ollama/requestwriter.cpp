// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/messages.h"
#include "core/conversation/customtools.h"
#include "core/conversation/effort.h"
#include "core/conversation/schema.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::ollama {
namespace {

// What /api/generate alone has.
constexpr std::array<QByteArrayView, 4> kGenerateOnly{"suffix", "template", "raw", "context"};

// Ollama's models take these; one that cannot think by degrees takes any of them for "true".
const QByteArrayList &usualEfforts()
{
    static const QByteArrayList names{"low", "medium", "high", "max"};
    return names;
}

class RequestWriter
{
public:
    RequestWriter(Form form, const Request &request, const Target &target)
        : m_form(form)
        , m_request(request)
        , m_target(target)
    {
    }

    Result<EncodedRequest> write()
    {
        if (!m_request.previousResponseId.isEmpty())
            return refusal(QStringLiteral("The provider keeps no responses; send the whole "
                                          "conversation instead of \"previous_response_id\"."),
                           "previous_response_id");
        const QByteArray &model = m_target.model.isEmpty() ? m_request.model : m_target.model;
        m_out.beginObject().member("model", model);
        Result<void> done = m_form == Form::Chat ? messages() : prompt();
        if (done && m_form == Form::Chat)
            done = tools();
        if (done)
            done = format();
        if (!done)
            return tl::unexpected(std::move(done).error());
        think();
        options();
        const Sampling &sampling = m_request.sampling;
        if (sampling.logprobs)
            m_out.member("logprobs", *sampling.logprobs);
        if (!sampling.topLogprobs.isEmpty())
            m_out.key("top_logprobs").raw(sampling.topLogprobs);
        m_out.member("stream", m_request.stream); // absent means true
        natives();
        m_out.endObject();
        noteRest();
        EncodedRequest encoded;
        encoded.body = m_out.take();
        encoded.dropped = std::move(m_dropped);
        return encoded;
    }

private:
    // Ollama has no tool_choice, so that what it would force is said in words.
    [[nodiscard]] QByteArray instruction() const
    {
        using Mode = ToolChoice::Mode;
        const ToolChoice &choice = m_request.toolChoice;
        if (!choice.mode
            || std::none_of(m_request.tools.begin(), m_request.tools.end(),
                            [this](const Tool &tool) { return offered(tool); }))
            return {};
        if (*choice.mode == Mode::Required)
            return QByteArrayLiteral("You must answer by calling one of the tools.");
        if (*choice.mode == Mode::Named)
            return "You must answer by calling the tool \"" + choice.name + "\".";
        return {};
    }

    Result<void> messages()
    {
        const QByteArray instructed = instruction();
        m_out.key("messages");
        if (instructed.isEmpty())
            return writeMessages(m_out, m_request.messages, m_dropped);
        m_dropped.note("tool_choice");
        std::vector<Message> messages = m_request.messages;
        if (messages.empty() || messages.front().role != Role::System)
            messages.insert(messages.begin(), Message{Role::System});
        messages.front().parts.push_back({Text{instructed, {}}});
        return writeMessages(m_out, messages, m_dropped);
    }

    Result<void> prompt()
    {
        std::array<Said, 2> said; // system, user
        for (const Message &message : m_request.messages) {
            if (message.role == Role::Assistant)
                return oneTurn();
            Said &place = said[message.role == Role::System ? 0 : 1];
            for (const Part &part : message.parts) {
                if (std::holds_alternative<ToolResult>(part.body))
                    return oneTurn();
                if (auto added = say(place, part, message.role, m_dropped); !added)
                    return added;
            }
        }
        if (!m_request.tools.empty())
            m_dropped.note("tools");
        if (!said[0].content.isEmpty())
            m_out.member("system", said[0].content);
        m_out.member("prompt", said[1].content);
        if (!said[1].images.isEmpty()) {
            m_out.key("images").beginArray();
            for (const QByteArray &image : said[1].images)
                m_out.string(QByteArrayView(image));
            m_out.endArray();
        }
        return {};
    }

    static tl::unexpected<Error> oneTurn()
    {
        return refusal(QStringLiteral("A conversation of several turns cannot be sent to "
                                      "/api/generate."),
                       "messages");
    }

    [[nodiscard]] bool offered(const Tool &tool) const
    {
        const ToolChoice &choice = m_request.toolChoice;
        if (tool.kind == Tool::Kind::Hosted)
            return false;
        if (choice.mode == ToolChoice::Mode::Named)
            return tool.name == choice.name;
        return choice.allowed.isEmpty() || choice.allowed.contains(tool.name);
    }

    Result<void> tools()
    {
        const ToolChoice &choice = m_request.toolChoice;
        if (choice.parallel == false)
            m_dropped.note("parallel_tool_calls");
        std::vector<const Tool *> functions;
        for (const Tool &tool : m_request.tools) {
            if (tool.cache)
                m_dropped.note("cache_control");
            for (const QByteArray &name : foreignNames(tool.native, Dialect::Ollama))
                m_dropped.note(name);
            if (tool.kind == Tool::Kind::Hosted)
                m_dropped.note("tool:" + tool.hostedType);
            else if (offered(tool))
                functions.push_back(&tool);
        }
        // Without tools none can be called, which is what "none" asks for.
        if (functions.empty() || choice.mode == ToolChoice::Mode::None)
            return {};
        m_out.key("tools").beginArray();
        for (const Tool *tool : functions) {
            if (auto written = writeTool(bridgeTool(*tool)); !written)
                return written;
        }
        m_out.endArray();
        return {};
    }

    Result<void> writeTool(const Tool &tool)
    {
        if (tool.strict == true)
            m_dropped.note("strict");
        QByteArray schema = tool.schema;
        if (m_request.source != Dialect::Ollama || schema.isEmpty()) {
            auto clean = cleanSchema(schema, SchemaFlavour::Plain);
            if (!clean)
                return tl::unexpected(std::move(clean).error());
            schema = std::move(*clean);
        }
        m_out.beginObject().member("type", "function").key("function").beginObject();
        m_out.member("name", tool.name);
        if (!tool.description.isEmpty())
            m_out.member("description", tool.description);
        m_out.key("parameters").raw(schema);
        writeNative(m_out, tool.native, Dialect::Ollama);
        m_out.endObject().endObject();
        return {};
    }

    Result<void> format()
    {
        const OutputFormat &format = m_request.format;
        if (format.kind == OutputFormat::Kind::JsonObject) {
            m_out.member("format", "json");
        } else if (format.kind == OutputFormat::Kind::Schema) {
            const auto tree = protocol::JsonTree::parse(format.schema);
            if (!tree || !tree->root().isObject())
                return refusal(QStringLiteral("The schema of the answer must be a JSON object."),
                               "format");
            m_out.key("format").raw(format.schema);
        }
        return {};
    }

    void think()
    {
        const ReasoningSpec &reasoning = m_request.reasoning;
        using Mode = ReasoningSpec::Mode;
        QByteArray effort = reasoning.effort;
        if (effort.isEmpty() && reasoning.budget && reasoning.mode != Mode::Off)
            effort = *reasoning.budget < 0 ? QByteArray() : effortOfBudget(*reasoning.budget);
        const bool off = reasoning.mode == Mode::Off || effort == "none";
        if (off && m_target.alwaysThinks) {
            m_dropped.note("reasoning");
        } else if (off) {
            m_out.member("think", false);
        } else if (!effort.isEmpty()) {
            const bool usual = m_target.efforts.isEmpty();
            if (usual && effort == "xhigh")
                effort = "max";
            m_out.member("think", nearestEffort(effort, usual ? usualEfforts() : m_target.efforts));
        } else if (reasoning.mode != Mode::Unset || reasoning.budget) {
            m_out.member("think", true);
        }
    }

    void options()
    {
        JsonWriter options;
        options.beginObject();
        if (m_request.maxOutput)
            options.member("num_predict", *m_request.maxOutput);
        const Sampling &sampling = m_request.sampling;
        if (m_target.takesSampling) {
            number(options, "temperature", sampling.temperature);
            number(options, "top_p", sampling.topP);
            number(options, "top_k", sampling.topK);
        } else if (!sampling.temperature.isEmpty() || !sampling.topP.isEmpty()
                   || !sampling.topK.isEmpty()) {
            m_dropped.note("temperature");
        }
        number(options, "min_p", sampling.minP);
        number(options, "presence_penalty", sampling.presencePenalty);
        number(options, "frequency_penalty", sampling.frequencyPenalty);
        number(options, "repeat_penalty", sampling.repetitionPenalty);
        number(options, "seed", sampling.seed);
        if (!m_request.stop.isEmpty()) {
            options.key("stop").beginArray();
            for (const QByteArray &stop : m_request.stop)
                options.string(QByteArrayView(stop));
            options.endArray();
        }
        for (const NativeMember &member : m_request.native) {
            const QByteArrayView name = member.name;
            if (member.owner != Dialect::Ollama || !name.startsWith(kOptions))
                continue;
            const QByteArrayView option = name.sliced(kOptions.size());
            if (option != QByteArrayView("num_predict") || !m_request.maxOutput)
                options.key(option).raw(member.json);
        }
        options.endObject();
        if (options.bytes().size() > 2)
            m_out.key("options").raw(options.bytes());
    }

    static void number(JsonWriter &out, QByteArrayView name, const QByteArray &digits)
    {
        if (!digits.isEmpty())
            out.key(name).raw(digits);
    }

    void natives()
    {
        for (const NativeMember &member : m_request.native) {
            const bool generateOnly
                = std::find(kGenerateOnly.begin(), kGenerateOnly.end(), member.name)
                != kGenerateOnly.end();
            if (member.owner != Dialect::Ollama || (m_form == Form::Chat && generateOnly))
                m_dropped.note(member.name);
            else if (!member.name.startsWith(kOptions))
                m_out.key(member.name).raw(member.json);
        }
    }

    void noteRest()
    {
        const Request &asked = m_request;
        const auto note = [this](bool given, const char *name) {
            if (given)
                m_dropped.note(name);
        };
        note(!asked.verbosity.isEmpty(), "verbosity");
        note(asked.modalities.size() > 1
                 || (asked.modalities.size() == 1 && asked.modalities.front() != "text"),
             "modalities");
        note(asked.candidates.value_or(1) > 1, "n");
        note(!asked.sampling.logitBias.isEmpty(), "logit_bias");
        note(!asked.serviceTier.isEmpty(), "service_tier");
        note(!asked.userId.isEmpty(), "user");
        note(!asked.metadata.isEmpty(), "metadata");
        note(!asked.cacheKey.isEmpty(), "prompt_cache_key");
        note(asked.cache.has_value(), "cache_control");
        note(asked.store == true, "store");
    }

    Form m_form;
    const Request &m_request;
    const Target &m_target;
    JsonWriter m_out;
    Dropped m_dropped;
};

} // namespace

Result<EncodedRequest> writeRequest(Form form, const Request &request, const Target &target)
{
    return RequestWriter(form, request, target).write();
}

} // namespace tollgate::codecs::ollama
