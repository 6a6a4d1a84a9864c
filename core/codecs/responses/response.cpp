// SPDX-License-Identifier: GPL-3.0-or-later
// Whole answers, read and written; the response object of a stream's events too.
#include "core/codecs/responses/wire.h"
#include "core/protocol/errors.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::responses {
namespace {

tl::unexpected<Error> noAnswer(const QString &why)
{
    return failure(ErrorKind::UpstreamFailed,
                   QStringLiteral("The provider's answer cannot be read: %1").arg(why),
                   QByteArrayLiteral("unreadable_answer"));
}

bool calls(const std::vector<Part> &parts)
{
    return std::any_of(parts.begin(), parts.end(), [](const Part &part) {
        const auto *call = std::get_if<ToolCall>(&part.body);
        return call && call->kind != ToolCall::Kind::Hosted;
    });
}

bool refuses(const std::vector<Part> &parts)
{
    return std::any_of(parts.begin(), parts.end(),
                       [](const Part &part) { return std::holds_alternative<Refusal>(part.body); });
}

// The members that tell a client what it asked for, as far as the vendor has not.
class Echo
{
public:
    Echo(JsonWriter &out, const Response &response, const Request *request)
        : m_out(out)
        , m_native(response.native)
        , m_request(request ? *request : m_silent)
    {
    }

    void write(const Response &response);

private:
    [[nodiscard]] bool told(const char *name) const
    {
        return !nativeOf(m_native, Dialect::Responses, name).isEmpty();
    }
    void text(const char *name, const QByteArray &value)
    {
        if (told(name))
            return;
        if (value.isEmpty())
            m_out.key(name).null();
        else
            m_out.member(name, value);
    }
    void raw(const char *name, const QByteArray &json, const char *otherwise)
    {
        if (!told(name))
            m_out.key(name).raw(json.isEmpty() ? QByteArray(otherwise) : json);
    }
    [[nodiscard]] QByteArray asked(const char *name) const
    {
        return nativeOf(m_request.native, Dialect::Responses, name);
    }
    void tools();
    void options();

    JsonWriter &m_out;
    const Native &m_native;
    const Request m_silent;
    const Request &m_request;
};

void Echo::tools()
{
    if (!told("tools")) {
        Dropped dropped;
        m_out.key("tools");
        writeTools(m_out, m_request.tools, {false, true, true}, dropped);
    }
    raw("tool_choice", choiceValue(m_request, true), "\"auto\"");
    if (!told("parallel_tool_calls"))
        m_out.member("parallel_tool_calls", m_request.toolChoice.parallel.value_or(true));
}

void Echo::options()
{
    if (!told("text")) {
        JsonWriter text;
        text.beginObject();
        writeText(text, m_request, {});
        const QByteArray written = text.endObject().take();
        const auto tree = protocol::JsonTree::parse(written);
        const JsonValue asked = tree ? tree->root()["text"] : JsonValue();
        m_out.key("text").beginObject();
        if (!asked["format"])
            m_out.key("format").beginObject().member("type", "text").endObject();
        for (const JsonValue member : asked)
            m_out.key(member.key()).raw(member.raw());
        m_out.endObject();
    }
    if (!told("reasoning")) {
        JsonWriter reasoning;
        reasoning.beginObject();
        writeReasoning(reasoning, m_request, {});
        const QByteArray written = reasoning.endObject().take();
        const auto tree = protocol::JsonTree::parse(written);
        const JsonValue asked = tree ? tree->root()["reasoning"] : JsonValue();
        m_out.key("reasoning").beginObject();
        for (const char *name : {"effort", "summary"}) {
            if (!asked[name])
                m_out.key(name).null();
        }
        for (const JsonValue member : asked)
            m_out.key(member.key()).raw(member.raw());
        m_out.endObject();
    }
}

void Echo::write(const Response &response)
{
    text("instructions", instructionsOf(m_request));
    raw("max_output_tokens",
        m_request.maxOutput ? QByteArray::number(qint64(*m_request.maxOutput)) : QByteArray(),
        "null");
    raw("max_tool_calls", asked("max_tool_calls"), "null");
    raw("metadata", m_request.metadata, "{}");
    text("previous_response_id", m_request.previousResponseId);
    text("prompt_cache_key", m_request.cacheKey);
    raw("safety_identifier", asked("safety_identifier"), "null");
    options();
    const QByteArray &tier = m_request.serviceTier;
    text("service_tier",
         isTier(response.serviceTier) ? response.serviceTier
             : isTier(tier)           ? tier
                                      : QByteArray());
    // Nothing is kept here, whatever was asked.
    if (!told("store"))
        m_out.member("store", false);
    raw("temperature", m_request.sampling.temperature, "1.0");
    tools();
    raw("top_logprobs", m_request.sampling.topLogprobs, "0");
    raw("top_p", m_request.sampling.topP, "1.0");
    raw("truncation", asked("truncation"), "\"disabled\"");
    text("user", m_request.userId);
    raw("background", {}, "false");
}

void writeError(JsonWriter &out, const Error *error)
{
    if (!error) {
        out.null();
        return;
    }
    const QByteArray code = error->code.isEmpty() ? slug(error->kind) : error->code;
    out.beginObject().member("code", code).member("message", error->message).endObject();
}

} // namespace

Error toldFailure(JsonValue object)
{
    const QByteArray body = "{\"error\":" + object.json() + '}';
    return protocol::vendorFailure(0, protocol::readVendorError(body));
}

Stop readStop(JsonValue object, const std::vector<Part> &parts)
{
    const QByteArray status = object["status"].string();
    const QByteArray reason = object["incomplete_details"]["reason"].string();
    if (status == "incomplete") {
        const StopReason why = reason == "max_output_tokens" ? StopReason::MaxTokens
            : reason == "content_filter"                     ? StopReason::ContentFilter
                                                             : StopReason::Other;
        return {why, {}, reason};
    }
    if (status == "cancelled")
        return {StopReason::Cancelled, {}, status};
    if (status == "queued" || status == "in_progress")
        return {StopReason::None, {}, status};
    if (calls(parts))
        return {StopReason::ToolUse, {}, status};
    return {refuses(parts) ? StopReason::Refusal : StopReason::End, {}, status};
}

void readHead(JsonValue object, Response &response)
{
    response.source = Dialect::Responses;
    response.id = object["id"].string();
    response.model = object["model"].string();
    response.serviceTier = object["service_tier"].string();
    const JsonValue created = object["created_at"];
    response.createdS = created.integer().value_or(0);
    if (created.isNumber() && !created.integer())
        response.createdS = static_cast<std::int64_t>(created.digits().toDouble());
    if (object["usage"].isObject())
        response.usage = readUsage(object["usage"]);
    // A status or reason that its own words tell better than ours.
    const QByteArray status = object["status"].string();
    const QByteArray reason = object["incomplete_details"]["reason"].string();
    const bool usual = status == "completed"
        || (status == "incomplete"
            && (reason == "max_output_tokens" || reason == "content_filter"));
    const QByteArrayView none = "id";
    keepUnknown(response.native, Dialect::Responses, object,
                {"id", "model", "created_at", "object", "output", "usage", "error",
                 object["service_tier"].isString() ? QByteArrayView("service_tier") : none,
                 usual ? QByteArrayView("status") : none,
                 usual ? QByteArrayView("incomplete_details") : none});
}

Result<Response> readResponse(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return noAnswer(tree.error().message);
    const JsonValue root = tree->root();
    if (root["error"].isSet())
        return failure(toldFailure(root["error"]));
    if (root["status"].is("failed"))
        return failure(toldFailure(root["error"]));
    if (!root["output"].isArray())
        return noAnswer(QStringLiteral("it has no output."));
    Response response;
    readHead(root, response);
    Candidate candidate;
    QByteArray logprobs;
    for (const JsonValue json : root["output"]) {
        Item item = readItem(json, Side::Answer);
        candidate.message.parts.insert(candidate.message.parts.end(),
                                       std::make_move_iterator(item.parts.begin()),
                                       std::make_move_iterator(item.parts.end()));
        if (!item.logprobs.isEmpty())
            logprobs += (logprobs.isEmpty() ? "" : ",") + item.logprobs;
    }
    if (!logprobs.isEmpty())
        candidate.logprobs = "{\"content\":[" + logprobs + "],\"refusal\":null}";
    candidate.stop = readStop(root, candidate.message.parts);
    response.candidates.push_back(std::move(candidate));
    return response;
}

QByteArray incompleteReason(const Response &response)
{
    if (!response.promptBlocked.isEmpty())
        return "content_filter";
    if (response.candidates.empty())
        return {};
    switch (response.candidates.front().stop.reason) {
    case StopReason::MaxTokens:
    case StopReason::ContextFull:
        return "max_output_tokens";
    case StopReason::ContentFilter:
    case StopReason::Recitation:
    case StopReason::Blocked:
        return "content_filter";
    case StopReason::Refusal: // where no part says so, the status must
        return refuses(response.candidates.front().message.parts) ? QByteArray()
                                                                  : QByteArray("content_filter");
    default:
        return {};
    }
}

QByteArray responseId(const Response &response, const AnswerContext &context)
{
    const bool own = response.source == Dialect::Responses || response.id.startsWith("resp");
    if (!response.id.isEmpty() && (own || context.requestId.isEmpty()))
        return response.id;
    return madeId("resp", context.requestId, -1);
}

QByteArray responseObject(const Standing &standing)
{
    const Response &response = *standing.response;
    const AnswerContext &context = *standing.context;
    const QByteArray incomplete = standing.ended ? incompleteReason(response) : QByteArray();
    const char *status = standing.error ? "failed"
        : !standing.ended               ? "in_progress"
        : incomplete.isEmpty()          ? "completed"
                                        : "incomplete";
    const auto told = [&](const char *name) {
        return !nativeOf(response.native, Dialect::Responses, name).isEmpty();
    };
    JsonWriter out;
    out.beginObject().member("id", responseId(response, context)).member("object", "response");
    out.member("created_at", response.createdS > 0 ? response.createdS : context.nowS);
    if (!told("status"))
        out.member("status", status);
    out.key("error");
    writeError(out, standing.error);
    if (!told("incomplete_details")) {
        out.key("incomplete_details");
        if (incomplete.isEmpty())
            out.null();
        else
            out.beginObject().member("reason", incomplete).endObject();
    }
    out.member("model", context.model.isEmpty() ? response.model : context.model);
    out.key("output").beginArray();
    for (const QByteArray &item : *standing.items)
        out.raw(item);
    out.endArray();
    out.key("usage");
    writeUsage(out, standing.ended || standing.error ? response.usage : std::nullopt);
    // A vendor of this dialect has told its own, if it is to be told at all.
    const bool own = response.source == Dialect::Responses
        || std::any_of(response.native.begin(), response.native.end(),
                       [](const NativeMember &member) {
                           return member.owner == Dialect::Responses;
                       });
    if (!own)
        Echo(out, response, context.request).write(response);
    else if (!response.serviceTier.isEmpty())
        out.member("service_tier", response.serviceTier);
    writeNative(out, response.native, Dialect::Responses);
    out.endObject();
    return out.take();
}

QByteArray writeResponse(const Response &response, const AnswerContext &context)
{
    std::vector<QByteArray> items;
    if (!response.candidates.empty()) {
        const Candidate &candidate = response.candidates.front();
        ItemStyle style;
        style.request = context.request;
        style.summarise = wantsSummaries(context.request);
        if (!candidate.logprobs.isEmpty()) {
            if (const auto tree = protocol::JsonTree::parse(candidate.logprobs)) {
                const JsonValue content = tree->root()["content"];
                if (content.size() > 0)
                    style.logprobs = content.json().sliced(1, content.raw().size() - 2);
            }
        }
        items = answerItems(candidate, context.requestId, style);
    }
    Standing standing;
    standing.response = &response;
    standing.context = &context;
    standing.items = &items;
    standing.ended = true;
    return responseObject(standing);
}

} // namespace tollgate::codecs::responses
