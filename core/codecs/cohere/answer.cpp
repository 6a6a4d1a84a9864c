// SPDX-License-Identifier: GPL-3.0-or-later
// Whole answers, and what they share with streams.
#include "core/codecs/cohere/wire.h"
#include "core/conversation/stopwords.h"
#include "core/conversation/toolpairs.h"
#include "core/protocol/errors.h"
#include "core/protocol/usage.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::cohere {

using namespace conversation;

namespace {

using protocol::kMostTokens;

constexpr std::array kReasons{
    StopWord{"COMPLETE", StopReason::End},
    StopWord{"STOP_SEQUENCE", StopReason::StopSequence},
    StopWord{"MAX_TOKENS", StopReason::MaxTokens},
    StopWord{"TOOL_CALL", StopReason::ToolUse},
    StopWord{"ERROR", StopReason::Error},
    StopWord{"ERROR_TOXIC", StopReason::ContentFilter},
    StopWord{"ERROR_LIMIT", StopReason::ContextFull},
    StopWord{"TIMEOUT", StopReason::Error},
    StopWord{"USER_CANCEL", StopReason::Cancelled},
};

struct Count
{
    std::int64_t tokens = 0;
    bool told = false;
    bool suspect = false;
};

Count countOf(JsonValue value)
{
    Count count;
    const auto number = value.integer();
    count.told = number.has_value();
    count.tokens = std::clamp<std::int64_t>(number.value_or(0), 0, kMostTokens);
    count.suspect = value.isSet() && (!number || count.tokens != *number);
    return count;
}

void readContent(JsonValue content, std::vector<Part> &parts)
{
    if (content.isString() && !content.string().isEmpty())
        parts.push_back({Text{content.string(), {}}});
    if (!content.isArray())
        return;
    for (const JsonValue block : content) {
        if (block["type"].is("thinking")) {
            const QByteArray text = block["thinking"].string();
            if (!text.isEmpty())
                parts.push_back({Reasoning{text, false, {}, {}}});
        } else if (block["type"].is("text")) {
            parts.push_back({Text{block["text"].string(), {}}});
        } else if (block.isObject()) {
            parts.push_back({Opaque{Dialect::Cohere, block["type"].string(), block.json()}});
        }
    }
}

} // namespace

Stop stopOf(const QByteArray &finishReason, bool calls)
{
    Stop stop;
    stop.native = finishReason;
    stop.reason = reasonFor(kReasons, finishReason);
    if (calls && stop.reason == StopReason::End)
        stop.reason = StopReason::ToolUse;
    return stop;
}

// "tokens" is what the model read and wrote; "billed_units" leaves out Cohere's own preamble and
// stays beside it.
std::optional<Usage> usageOf(JsonValue usage)
{
    if (!usage.isObject())
        return {};
    const JsonValue tokens = usage["tokens"].isObject() ? usage["tokens"] : usage["billed_units"];
    const Count input = countOf(tokens["input_tokens"]);
    const Count output = countOf(tokens["output_tokens"]);
    const Count cached = countOf(usage["cached_tokens"]);
    if (!input.told && !output.told)
        return {};
    Usage told;
    told.counts.cacheRead = std::min(cached.tokens, input.tokens);
    told.counts.input = input.tokens - told.counts.cacheRead;
    told.counts.output = output.tokens;
    told.suspect
        = input.suspect || output.suspect || cached.suspect || cached.tokens > input.tokens;
    keepUnknown(told.native, Dialect::Cohere, usage, {"tokens", "cached_tokens"});
    return told;
}

bool citesText(JsonValue citation)
{
    return citation.isObject()
        && (!citation["type"].isSet() || citation["type"].is("TEXT_CONTENT"));
}

Citation citationOf(JsonValue json)
{
    Citation citation;
    citation.owner = Dialect::Cohere;
    citation.json = json.json();
    citation.citedText = json["text"].string();
    citation.start = json["start"].integer().value_or(-1);
    citation.end = json["end"].integer().value_or(-1);
    for (const JsonValue source : json["sources"]) {
        const JsonValue document = source["document"];
        citation.title = document["title"].string();
        citation.url = document["url"].string();
        break;
    }
    return citation;
}

QByteArray argumentsOf(const QByteArray &told)
{
    return told.trimmed() == "null" ? QByteArray() : told;
}

Error vendorError(JsonValue root)
{
    return protocol::vendorFailure(0, protocol::readVendorError(root.raw()));
}

Result<Response> readResponse(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    const JsonValue root = tree ? tree->root() : JsonValue();
    const JsonValue message = root["message"];
    if (!message.isObject()) {
        if (message.isString() || root["error"].isSet())
            return failure(vendorError(root));
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The vendor's answer is not one of its dialect."),
                       "bad_answer");
    }
    Response response;
    response.source = Dialect::Cohere;
    response.id = root["id"].string();
    Candidate candidate;
    std::vector<Part> &parts = candidate.message.parts;
    if (const QByteArray plan = message["tool_plan"].string(); !plan.isEmpty())
        parts.push_back({Reasoning{plan, true, {}, {}}});
    readContent(message["content"], parts);
    const auto text = std::find_if(parts.begin(), parts.end(), [](const Part &part) {
        return std::holds_alternative<Text>(part.body);
    });
    for (const JsonValue citation : message["citations"]) {
        if (text != parts.end() && citesText(citation))
            std::get<Text>(text->body).citations.push_back(citationOf(citation));
    }
    std::int64_t position = 0;
    for (const JsonValue json : message["tool_calls"]) {
        ToolCall call;
        call.callId = json["id"].string();
        call.name = json["function"]["name"].string();
        call.arguments = argumentsOf(json["function"]["arguments"].string());
        if (call.callId.isEmpty())
            call.callId = stableCallId(call.name, response.id + call.arguments, position);
        ++position;
        parts.push_back({std::move(call)});
    }
    candidate.stop = stopOf(root["finish_reason"].string(), position > 0);
    keepUnknown(candidate.message.native, Dialect::Cohere, message,
                {"role", "content", "tool_plan", "tool_calls", "citations"});
    response.candidates.push_back(std::move(candidate));
    response.usage = usageOf(root["usage"]);
    keepUnknown(response.native, Dialect::Cohere, root,
                {"id", "message", "finish_reason", "usage"});
    return response;
}

} // namespace tollgate::codecs::cohere
