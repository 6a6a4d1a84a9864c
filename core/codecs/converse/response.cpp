// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/response.h"

#include "core/codecs/converse/wire.h"
#include "core/protocol/errors.h"

namespace tollgate::codecs::converse {
namespace {

Part readMedia(JsonValue value, Media::Kind kind)
{
    Media media;
    media.kind = kind;
    media.mime = mimeOf(kind, value["format"].string());
    media.filename = value["name"].string();
    const JsonValue source = value["source"];
    if (source["bytes"].isString()) {
        media.data = source["bytes"].string();
    } else {
        media.source = Media::Source::Url;
        media.data = source["s3Location"]["uri"].string();
    }
    return {std::move(media)};
}

Part readReasoning(JsonValue value)
{
    Reasoning reasoning;
    if (const QByteArray hidden = value["redactedContent"].string(); !hidden.isEmpty()) {
        reasoning.sealed = redacted(hidden);
    } else {
        const JsonValue text = value["reasoningText"];
        reasoning.text = text["text"].string();
        if (const QByteArray signature = text["signature"].string(); !signature.isEmpty())
            reasoning.sealed = Sealed{Sealed::Owner::Anthropic, signature, {}};
    }
    return {std::move(reasoning)};
}

Part readToolUse(JsonValue value)
{
    ToolCall call;
    call.callId = value["toolUseId"].string();
    call.name = value["name"].string();
    call.arguments = value["input"].isSet() ? value["input"].json() : QByteArray("{}");
    if (call.name == messages::kAnswerTool)
        return {Text{call.arguments, {}}};
    return {std::move(call)};
}

Part readCited(JsonValue value)
{
    Text text;
    for (const JsonValue piece : value["content"])
        text.text += piece["text"].string();
    for (const JsonValue citation : value["citations"])
        text.citations.push_back(readCitation(citation));
    return {std::move(text)};
}

bool saysNothing(const Part &part)
{
    const auto *reasoning = std::get_if<Reasoning>(&part.body);
    return reasoning && reasoning->text.isEmpty() && !reasoning->sealed;
}

} // namespace

// The API says that the bytes are base64; what they decode to is what Anthropic calls "data".
Sealed redacted(const QByteArray &base64)
{
    return {Sealed::Owner::AnthropicRedacted, QByteArray::fromBase64(base64), {}};
}

Citation readCitation(JsonValue citation)
{
    Citation read;
    read.owner = Dialect::Converse;
    read.title = citation["title"].string();
    read.url = citation["location"]["web"]["url"].string();
    for (const JsonValue piece : citation["sourceContent"])
        read.citedText += piece["text"].string();
    read.json = citation.json();
    return read;
}

Part readBlock(JsonValue block)
{
    if (block["text"].isString())
        return {Text{block["text"].string(), {}}};
    if (block["toolUse"].isObject() && !isServerTool(block["toolUse"]))
        return readToolUse(block["toolUse"]);
    if (block["reasoningContent"].isObject())
        return readReasoning(block["reasoningContent"]);
    if (block["image"].isObject())
        return readMedia(block["image"], Media::Kind::Image);
    if (block["video"].isObject())
        return readMedia(block["video"], Media::Kind::Video);
    if (block["document"].isObject())
        return readMedia(block["document"], Media::Kind::Document);
    if (block["citationsContent"].isObject())
        return readCited(block["citationsContent"]);
    QByteArray type;
    for (const JsonValue member : block)
        type = type.isEmpty() ? member.key() : type;
    return {Opaque{Dialect::Converse, std::move(type), block.json()}};
}

Result<Response> readResponse(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider's answer is no JSON document."), "bad_answer");
    const JsonValue root = tree->root();
    const JsonValue content = root["output"]["message"]["content"];
    if (!content.isArray()) {
        if (root["message"].isString() || root["Message"].isString())
            return failure(protocol::vendorFailure(0, protocol::readVendorError(body)));
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider's answer holds no content."), "bad_answer");
    }
    Response response;
    response.source = Dialect::Converse;
    Candidate candidate;
    bool answeredByTool = false;
    for (const JsonValue block : content) {
        Part part = readBlock(block);
        if (saysNothing(part))
            continue;
        answeredByTool = answeredByTool || block["toolUse"]["name"].is(messages::kAnswerTool);
        if (auto *call = std::get_if<ToolCall>(&part.body); call && call->callId.isEmpty()) {
            const auto position = static_cast<std::int64_t>(candidate.message.parts.size());
            call->callId = stableCallId(call->name, {}, position);
        }
        candidate.message.parts.push_back(std::move(part));
    }
    candidate.stop = readStop(root["stopReason"].string(), root["additionalModelResponseFields"]);
    messages::judgeStop(candidate.stop, messages::endsWithCall(candidate.message.parts),
                        answeredByTool);
    response.candidates.push_back(std::move(candidate));
    response.usage = readUsage(root["usage"]);
    response.serviceTier = root["serviceTier"]["type"].string();
    keepUnknown(response.native, Dialect::Converse, root,
                {"output", "stopReason", "usage", "serviceTier"});
    return response;
}

} // namespace tollgate::codecs::converse
