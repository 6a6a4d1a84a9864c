// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/response.h"

#include "core/codecs/messages/readblocks.h"
#include "core/codecs/messages/usage.h"
#include "core/codecs/messages/writeblocks.h"
#include "core/protocol/errors.h"

#include <algorithm>

namespace tollgate::codecs::messages {
namespace {

bool hasAnswerTool(JsonValue content)
{
    for (const JsonValue block : content) {
        if (block["type"].is("tool_use") && block["name"].is(kAnswerTool))
            return true;
    }
    return false;
}

void writeReasoning(JsonWriter &out, const Reasoning &reasoning, const Part &part,
                    const ThinkingShown &shown)
{
    if (!shown.blocks || (!shown.text && !reasoning.sealed))
        return;
    if (reasoning.sealed && reasoning.sealed->owner == Sealed::Owner::AnthropicRedacted) {
        if (!reasoning.text.isEmpty() && shown.text)
            writeThinking(out, paragraphs(reasoning), {});
        out.beginObject().member("type", "redacted_thinking");
        out.member("data", reasoning.sealed->data);
    } else {
        out.beginObject().member("type", "thinking");
        out.member("thinking", shown.text ? paragraphs(reasoning) : QByteArray());
        out.member("signature", signatureOf(reasoning));
    }
    writeNative(out, part.native, Dialect::Messages);
    out.endObject();
}

void writePart(JsonWriter &out, const Part &part, const ThinkingShown &shown)
{
    if (const auto *text = std::get_if<Text>(&part.body)) {
        writeText(out, *text, part);
    } else if (const auto *refusal = std::get_if<Refusal>(&part.body)) {
        writeText(out, Text{refusal->text, {}}, part);
    } else if (const auto *reasoning = std::get_if<Reasoning>(&part.body)) {
        writeReasoning(out, *reasoning, part, shown);
    } else if (const auto *call = std::get_if<ToolCall>(&part.body)) {
        if (call->kind == ToolCall::Kind::Hosted)
            return;
        if (call->sealed)
            writeThinking(out, {}, carrierOf(*call->sealed, wireId(call->callId)));
        writeToolUse(out, *call, part);
    } else if (const auto *media = std::get_if<Media>(&part.body)) {
        JsonWriter block;
        if (writeMedia(block, *media, part, true))
            out.raw(block.bytes());
    } else if (const auto *opaque = std::get_if<Opaque>(&part.body)) {
        if (opaque->owner == Dialect::Messages)
            out.raw(opaque->json);
    }
    if (part.sealed && shown.blocks)
        writeThinking(out, {}, carrierOf(*part.sealed, kSealOfPrevious.toByteArray()));
}

} // namespace

Result<Response> readResponse(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider's answer is no JSON document."), "bad_answer");
    const JsonValue root = tree->root();
    if (root["type"].is("error") || (root["error"].isSet() && !root["content"].isArray()))
        return failure(protocol::vendorFailure(0, protocol::readVendorError(body)));
    if (!root["content"].isArray())
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider's answer holds no content."), "bad_answer");
    Response response;
    response.source = Dialect::Messages;
    response.id = root["id"].string();
    response.model = root["model"].string();
    Candidate candidate;
    for (const JsonValue block : root["content"]) {
        if (auto part = block.isObject() ? readBlock(block) : std::nullopt)
            candidate.message.parts.push_back(*std::move(part));
    }
    restoreSeals(candidate.message.parts);
    std::int64_t position = 0;
    for (Part &part : candidate.message.parts) {
        if (auto *call = std::get_if<ToolCall>(&part.body); call && call->callId.isEmpty())
            call->callId = stableCallId(call->name, {}, position);
        ++position;
    }
    candidate.stop = readStop(root["stop_reason"].string(), root["stop_sequence"].string());
    judgeStop(candidate.stop, endsWithCall(candidate.message.parts),
              hasAnswerTool(root["content"]));
    if (root["stop_details"].isSet())
        keep(candidate.native, Dialect::Messages, "stop_details", root["stop_details"].json());
    response.candidates.push_back(std::move(candidate));
    UsageTally tally;
    tally.read(root["usage"]);
    if (tally.reported())
        response.usage = tally.usage();
    response.serviceTier = tally.serviceTier();
    keepTold(response.native, root,
             {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence",
              "stop_details", "usage"});
    settle(response.native);
    return response;
}

QByteArray writeResponse(const Response &response, const AnswerContext &context)
{
    static const Candidate kNone;
    const Candidate &candidate = response.candidates.empty() ? kNone : response.candidates.front();
    const ThinkingShown shown = thinkingShown(context);
    JsonWriter out;
    out.beginObject().member("id", answerId(response.id, response.source, context));
    out.member("type", "message").member("role", "assistant");
    out.member("model", context.model.isEmpty() ? response.model : context.model);
    out.key("content").beginArray();
    for (const Part &part : candidate.message.parts)
        writePart(out, part, shown);
    out.endArray();
    Stop stop = candidate.stop;
    if (!response.promptBlocked.isEmpty() && stop.reason == StopReason::None)
        stop.reason = StopReason::Refusal;
    out.member("stop_reason",
               stopReason(stop, response.source, endsWithCall(candidate.message.parts)));
    out.key("stop_sequence");
    if (stop.sequence.isEmpty())
        out.null();
    else
        out.string(stop.sequence);
    writeNative(out, candidate.native, Dialect::Messages);
    out.key("usage");
    writeUsage(out, response.usage, response.serviceTier);
    writeNative(out, response.native, Dialect::Messages);
    out.endObject();
    return out.take();
}

ThinkingShown thinkingShown(const AnswerContext &context)
{
    if (!context.request)
        return {};
    const ReasoningSpec &spec = context.request->reasoning;
    const bool asked
        = spec.mode == ReasoningSpec::Mode::On || spec.mode == ReasoningSpec::Mode::Adaptive;
    return {asked, spec.show != ReasoningSpec::Show::None};
}

QByteArray answerId(const QByteArray &id, Dialect source, const AnswerContext &context)
{
    constexpr QByteArrayView kPrefix = "msg_";
    constexpr QByteArrayView kRequestPrefix = "req_";
    if (source == Dialect::Messages && !id.isEmpty())
        return id;
    if (id.startsWith(kPrefix))
        return id;
    if (!id.isEmpty())
        return kPrefix.toByteArray() + id;
    QByteArray ours = context.requestId;
    if (ours.startsWith(kRequestPrefix))
        ours.remove(0, kRequestPrefix.size());
    return kPrefix.toByteArray() + ours;
}

QByteArray paragraphs(const Reasoning &reasoning)
{
    QByteArray text;
    qsizetype from = 0;
    for (const qsizetype at : reasoning.breaks) {
        if (at <= from || at > reasoning.text.size())
            continue;
        text += QByteArrayView(reasoning.text).sliced(from, at - from).toByteArray() + "\n\n";
        from = at;
    }
    return text + reasoning.text.mid(from);
}

void judgeStop(Stop &stop, bool called, bool answeredByTool)
{
    if (stop.reason == StopReason::ToolUse && answeredByTool && !called)
        stop.reason = StopReason::End;
    else if (called && (stop.reason == StopReason::None || stop.reason == StopReason::End))
        stop.reason = StopReason::ToolUse;
}

bool endsWithCall(const std::vector<Part> &parts)
{
    const auto *call = parts.empty() ? nullptr : std::get_if<ToolCall>(&parts.back().body);
    return call && call->kind != ToolCall::Kind::Hosted;
}

} // namespace tollgate::codecs::messages
