// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/cohere/bounds.h"
#include "core/codecs/cohere/wire.h"
#include "core/conversation/customtools.h"
#include "core/conversation/effort.h"
#include "core/conversation/media.h"
#include "core/conversation/schema.h"
#include "core/conversation/toolpairs.h"

#include <algorithm>

namespace tollgate::codecs::cohere {

using namespace conversation;

namespace {

constexpr qsizetype kMostStops = 5;

class RequestWriter
{
public:
    RequestWriter(const Request &request, const Target &target)
        : m_request(request)
        , m_target(target)
    {
    }
    Result<EncodedRequest> write();

private:
    void messages();
    void system(const Message &message);
    void user(const Message &message);
    void userParts(const std::vector<const Part *> &parts);
    void assistant(const Message &message);
    void toolResult(const ToolResult &result);
    bool content(JsonWriter &out, const Part &part);
    bool media(JsonWriter &out, const Media &media);
    void document(const Media &media);
    void tools();
    void format();
    void sampling();
    void thinking();
    void noteRest();
    void noteUnwritten(const Message &message);
    void refuse(const QString &why, QByteArray param);
    [[nodiscard]] bool offered(const Tool &tool) const;

    const Request &m_request;
    const Target &m_target;
    JsonWriter m_out;
    QByteArrayList m_documents;
    std::vector<Media> m_beside; // of tool results, which hold text only
    bool m_hasTools = false;
    bool m_formInWords = false;
    Dropped m_dropped;
    std::optional<Error> m_error;
};

void RequestWriter::refuse(const QString &why, QByteArray param)
{
    if (m_error)
        return;
    m_error = Error{ErrorKind::InvalidRequest, why, "unsupported"};
    m_error->param = std::move(param);
}

QByteArray joined(const Message &message)
{
    QByteArray text;
    for (const Part &part : message.parts) {
        if (const auto *said = std::get_if<Text>(&part.body)) {
            if (!text.isEmpty() && !said->text.isEmpty())
                text += '\n';
            text += said->text;
        }
    }
    return text;
}

QByteArray formInWords(const OutputFormat &format)
{
    QByteArray words = "Answer with one JSON object and nothing else: no prose, no code fence.";
    if (format.kind == OutputFormat::Kind::Schema)
        words += " It must be valid against this JSON Schema: " + format.schema;
    return words;
}

bool RequestWriter::offered(const Tool &tool) const
{
    const ToolChoice &choice = m_request.toolChoice;
    if (tool.kind == Tool::Kind::Hosted)
        return false;
    if (choice.mode == ToolChoice::Mode::Named)
        return tool.name == choice.name;
    return choice.allowed.isEmpty() || choice.allowed.contains(tool.name);
}

void RequestWriter::system(const Message &message)
{
    m_out.beginObject().member("role", "system").member("content", joined(message)).endObject();
}

// What is text goes to the documents an answer may cite; Cohere reads no other file.
void RequestWriter::document(const Media &media)
{
    QByteArray text = media.data;
    if (media.source == Media::Source::Base64 && media.mime.startsWith("text/"))
        text = QByteArray::fromBase64(media.data);
    else if (media.source != Media::Source::PlainText)
        return refuse(QStringLiteral("This vendor reads documents as plain text only."), "file");
    JsonWriter out;
    out.beginObject().key("data").beginObject().member("text", text);
    const QByteArray &title = media.title.isEmpty() ? media.filename : media.title;
    if (!title.isEmpty())
        out.member("title", title);
    if (!media.context.isEmpty())
        out.member("context", media.context);
    m_documents << out.endObject().endObject().take();
}

bool RequestWriter::media(JsonWriter &out, const Media &media)
{
    if (media.kind == Media::Kind::Document || media.source == Media::Source::PlainText) {
        document(media);
        return false;
    }
    if (media.kind != Media::Kind::Image || media.source == Media::Source::FileId) {
        refuse(QStringLiteral("This vendor reads images and text only."), "messages");
        return false;
    }
    QByteArray url = media.data;
    if (media.source == Media::Source::Base64) {
        const QByteArray mime = media.mime.isEmpty() ? sniffMime(media.data) : media.mime;
        url = dataUrl(mime.isEmpty() ? QByteArray("image/png") : mime, media.data);
    }
    out.beginObject().member("type", "image_url").key("image_url").beginObject();
    out.member("url", url);
    if (media.detail == "low" || media.detail == "high" || media.detail == "auto")
        out.member("detail", media.detail);
    out.endObject().endObject();
    return true;
}

bool RequestWriter::content(JsonWriter &out, const Part &part)
{
    if (const auto *text = std::get_if<Text>(&part.body)) {
        if (text->text.isEmpty())
            return false;
        out.beginObject().member("type", "text").member("text", text->text).endObject();
        return true;
    }
    if (const auto *shown = std::get_if<Media>(&part.body))
        return media(out, *shown);
    if (const auto *opaque = std::get_if<Opaque>(&part.body))
        m_dropped.note(opaque->type);
    return false;
}

void RequestWriter::userParts(const std::vector<const Part *> &parts)
{
    JsonWriter list;
    list.beginArray();
    bool any = false;
    for (const Part *part : parts)
        any = content(list, *part) || any;
    list.endArray();
    if (!any && m_documents.isEmpty())
        return;
    m_out.beginObject().member("role", "user");
    if (parts.size() == 1 && std::holds_alternative<Text>(parts.front()->body))
        m_out.member("content", std::get<Text>(parts.front()->body).text);
    else
        m_out.key("content").raw(any ? list.take() : QByteArray("\" \""));
    m_out.endObject();
}

void RequestWriter::toolResult(const ToolResult &result)
{
    QByteArray text;
    for (const auto &piece : result.parts) {
        if (const auto *said = std::get_if<Text>(&piece))
            text += (text.isEmpty() ? "" : "\n") + said->text;
        else
            m_beside.push_back(std::get<Media>(piece));
    }
    if (text.isEmpty())
        text = result.structured;
    m_out.beginObject().member("role", "tool").member("tool_call_id", result.callId);
    m_out.member("content", text).endObject();
}

void RequestWriter::user(const Message &message)
{
    std::vector<const Part *> rest;
    for (const Part &part : message.parts) {
        const auto *result = std::get_if<ToolResult>(&part.body);
        if (!result)
            rest.push_back(&part);
        else if (result->hostedType.isEmpty())
            toolResult(*result);
        else
            m_dropped.note("tool:" + result->hostedType);
    }
    std::vector<Part> beside;
    for (Media &one : m_beside)
        beside.push_back({std::move(one)});
    m_beside.clear();
    std::vector<const Part *> all;
    for (const Part &one : beside)
        all.push_back(&one);
    all.insert(all.end(), rest.begin(), rest.end());
    if (!all.empty())
        userParts(all);
}

void RequestWriter::assistant(const Message &message)
{
    // Models that think refuse a plan told back to them.
    const bool thinks
        = m_target.alwaysThinks || m_target.wantsReasoningContent || !m_target.efforts.isEmpty();
    QByteArray text;
    QByteArrayList thoughts;
    JsonWriter calls;
    calls.beginArray();
    bool called = false;
    for (const Part &part : message.parts) {
        if (const auto *said = std::get_if<Text>(&part.body)) {
            text += said->text;
        } else if (const auto *refusal = std::get_if<Refusal>(&part.body)) {
            text += refusal->text;
        } else if (const auto *thought = std::get_if<Reasoning>(&part.body)) {
            if (m_target.wantsReasoningContent && !thought->sealed)
                thoughts << thought->text;
            else
                m_dropped.note("reasoning");
        } else if (const auto *call = std::get_if<ToolCall>(&part.body)) {
            if (call->kind == ToolCall::Kind::Hosted) {
                m_dropped.note("tool:" + call->hostedType);
                continue;
            }
            const QByteArray arguments = call->kind == ToolCall::Kind::Custom
                ? bridgeArguments(call->arguments)
                : call->arguments;
            called = true;
            calls.beginObject().member("id", call->callId).member("type", "function");
            calls.key("function").beginObject().member("name", call->name);
            calls.member("arguments", arguments.isEmpty() ? QByteArray("{}") : arguments);
            calls.endObject().endObject();
        }
    }
    if (text.isEmpty() && !called && thoughts.isEmpty())
        return;
    m_out.beginObject().member("role", "assistant");
    if (called && !thinks && !text.isEmpty()) {
        m_out.member("tool_plan", text);
    } else if (!thoughts.isEmpty()) {
        m_out.key("content").beginArray();
        for (const QByteArray &thought : std::as_const(thoughts))
            m_out.beginObject().member("type", "thinking").member("thinking", thought).endObject();
        if (!text.isEmpty())
            m_out.beginObject().member("type", "text").member("text", text).endObject();
        m_out.endArray();
    } else if (!text.isEmpty()) {
        m_out.member("content", text);
    }
    if (called)
        m_out.key("tool_calls").raw(calls.endArray().take());
    m_out.endObject();
}

// What no message of Cohere's has a place for.
void RequestWriter::noteUnwritten(const Message &message)
{
    if (!message.name.isEmpty())
        m_dropped.note("name");
    for (const QByteArray &name : foreignNames(message.native, Dialect::Cohere))
        m_dropped.note(name);
    for (const Part &part : message.parts) {
        for (const QByteArray &name : foreignNames(part.native, Dialect::Cohere))
            m_dropped.note(name);
        if (part.cache)
            m_dropped.note("cache_control");
        if (part.sealed)
            m_dropped.note("signature");
        if (const auto *text = std::get_if<Text>(&part.body); text && !text->citations.empty())
            m_dropped.note("citations");
    }
}

void RequestWriter::messages()
{
    m_out.key("messages").beginArray();
    if (m_formInWords) {
        m_out.beginObject().member("role", "system");
        m_out.member("content", formInWords(m_request.format)).endObject();
    }
    for (const Message &message : pairTools(m_request.messages)) {
        noteUnwritten(message);
        switch (message.role) {
        case Role::System:
            system(message);
            break;
        case Role::User:
            user(message);
            break;
        case Role::Assistant:
            assistant(message);
            break;
        }
    }
    m_out.endArray();
    if (!m_documents.isEmpty())
        m_out.key("documents").raw('[' + m_documents.join(',') + ']');
}

void RequestWriter::tools()
{
    const ToolChoice &choice = m_request.toolChoice;
    if (choice.parallel == false)
        m_dropped.note("parallel_tool_calls");
    for (const Tool &tool : m_request.tools) {
        if (tool.kind == Tool::Kind::Hosted)
            m_dropped.note("tool:" + tool.hostedType);
        if (tool.cache)
            m_dropped.note("cache_control");
        for (const QByteArray &name : foreignNames(tool.native, Dialect::Cohere))
            m_dropped.note("tools." + name);
    }
    if (!m_hasTools)
        return;
    bool strict = true;
    m_out.key("tools").beginArray();
    for (const Tool &given : m_request.tools) {
        if (!offered(given))
            continue;
        const Tool tool = given.kind == Tool::Kind::Custom ? bridgeTool(given) : given;
        strict = strict && tool.strict.value_or(false);
        m_out.beginObject().member("type", "function").key("function").beginObject();
        m_out.member("name", tool.name);
        if (!tool.description.isEmpty())
            m_out.member("description", tool.description);
        const auto schema = cleanSchema(tool.schema, SchemaFlavour::Plain);
        if (!schema) {
            refuse(schema.error().message, "tools");
            m_out.key("parameters").raw("{}");
        } else {
            m_out.key("parameters").raw(*schema);
        }
        m_out.endObject().endObject();
    }
    m_out.endArray();
    if (strict && m_target.takesStrictSchemas)
        m_out.member("strict_tools", true);
    if (choice.mode == ToolChoice::Mode::None)
        m_out.member("tool_choice", "NONE");
    else if (choice.mode == ToolChoice::Mode::Required || choice.mode == ToolChoice::Mode::Named)
        m_out.member("tool_choice", "REQUIRED");
}

void RequestWriter::format()
{
    const OutputFormat &format = m_request.format;
    if (m_formInWords || format.kind == OutputFormat::Kind::Unset
        || format.kind == OutputFormat::Kind::Text)
        return;
    m_out.key("response_format").beginObject().member("type", "json_object");
    if (format.kind == OutputFormat::Kind::Schema) {
        if (const auto schema = cleanSchema(format.schema, SchemaFlavour::Plain))
            m_out.key("json_schema").raw(*schema);
        else
            refuse(schema.error().message, "response_format");
    }
    m_out.endObject();
}

void RequestWriter::sampling()
{
    const Sampling &said = m_request.sampling;
    const auto number = [&](const char *name, const QByteArray &digits) {
        if (digits.isEmpty())
            return;
        if (m_target.takesSampling)
            m_out.key(name).raw(digits);
        else
            m_dropped.note(name);
    };
    const auto penalty = [&](const char *name, const QByteArray &digits) {
        if (digits.startsWith('-'))
            m_dropped.note(name);
        else
            number(name, within(digits, "0", "1"));
    };
    number("temperature", within(said.temperature, "0", "2"));
    number("p", within(said.topP, "0.01", "0.99"));
    number("k", within(said.topK, "0", "500"));
    penalty("frequency_penalty", said.frequencyPenalty);
    penalty("presence_penalty", said.presencePenalty);
    if (!said.seed.isEmpty() && !said.seed.startsWith('-'))
        m_out.key("seed").raw(said.seed);
    else if (!said.seed.isEmpty())
        m_dropped.note("seed");
    if (said.logprobs.value_or(false))
        m_out.member("logprobs", true);
    if (m_request.maxOutput) {
        const std::int64_t limit = m_target.maxOutputTokens;
        m_out.member("max_tokens",
                     limit > 0 ? std::min(*m_request.maxOutput, limit) : *m_request.maxOutput);
    }
    if (!m_request.stop.isEmpty()) {
        m_out.key("stop_sequences").beginArray();
        for (const QByteArray &sequence : m_request.stop.mid(0, kMostStops))
            m_out.string(sequence);
        m_out.endArray();
        if (m_request.stop.size() > kMostStops)
            m_dropped.note("stop");
    }
}

void RequestWriter::thinking()
{
    const ReasoningSpec &spec = m_request.reasoning;
    const bool off = spec.mode == ReasoningSpec::Mode::Off || spec.effort == "none"
        || (spec.effort.isEmpty() && spec.budget == 0);
    const bool asked
        = spec.mode != ReasoningSpec::Mode::Unset || !spec.effort.isEmpty() || spec.budget;
    if (!asked || (off && m_target.alwaysThinks))
        return;
    m_out.key("thinking").beginObject().member("type", off ? "disabled" : "enabled");
    if (!off) {
        // "max" asks for all there is: no budget.
        if (spec.budget.value_or(0) > 0)
            m_out.member("token_budget", *spec.budget);
        else if (!spec.effort.isEmpty() && spec.effort != "max")
            m_out.member("token_budget", budgetOfEffort(spec.effort, BudgetScale::Cohere));
    }
    m_out.endObject();
}

void RequestWriter::noteRest()
{
    const auto note = [&](bool said, const char *name) {
        if (said)
            m_dropped.note(name);
    };
    const Sampling &sampling = m_request.sampling;
    note(!sampling.minP.isEmpty(), "min_p");
    note(!sampling.repetitionPenalty.isEmpty(), "repetition_penalty");
    note(!sampling.logitBias.isEmpty(), "logit_bias");
    note(!sampling.topLogprobs.isEmpty(), "top_logprobs");
    note(m_request.candidates.value_or(1) > 1, "n");
    note(!m_request.verbosity.isEmpty(), "verbosity");
    note(!m_request.modalities.isEmpty() && m_request.modalities != QByteArrayList{"text"},
         "modalities");
    note(!m_request.serviceTier.isEmpty() && m_request.serviceTier != "auto"
             && m_request.serviceTier != "default",
         "service_tier");
    note(!m_request.userId.isEmpty(), "user");
    note(!m_request.metadata.isEmpty(), "metadata");
    note(!m_request.cacheKey.isEmpty(), "prompt_cache_key");
    note(m_request.cache.has_value(), "cache_control");
    note(m_request.store.value_or(false), "store");
    note(!m_request.previousResponseId.isEmpty(), "previous_response_id");
    for (const QByteArray &name : foreignNames(m_request.native, Dialect::Cohere))
        m_dropped.note(name);
}

Result<EncodedRequest> RequestWriter::write()
{
    m_hasTools = std::any_of(m_request.tools.begin(), m_request.tools.end(),
                             [this](const Tool &tool) { return offered(tool); });
    const bool formed = m_request.format.kind == OutputFormat::Kind::JsonObject
        || m_request.format.kind == OutputFormat::Kind::Schema;
    // Cohere refuses a response format beside tools.
    m_formInWords = formed && m_hasTools;
    m_out.beginObject();
    m_out.member("model", m_target.model.isEmpty() ? m_request.model : m_target.model);
    m_out.member("stream", m_request.stream);
    messages();
    tools();
    format();
    sampling();
    thinking();
    writeNative(m_out, m_request.native, Dialect::Cohere);
    m_out.endObject();
    noteRest();
    if (m_error)
        return failure(*m_error);
    return EncodedRequest{m_out.take(), std::move(m_dropped)};
}

} // namespace

Result<EncodedRequest> writeRequest(const Request &request, const Target &target)
{
    return RequestWriter(request, target).write();
}

} // namespace tollgate::codecs::cohere
