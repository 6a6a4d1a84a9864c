// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/wire.h"
#include "core/conversation/customtools.h"

#include <algorithm>

namespace tollgate::codecs::responses {
namespace {

enum class Sort { Message, Reasoning, Other };

Sort sortOf(const Part &part)
{
    if (std::holds_alternative<Text>(part.body) || std::holds_alternative<Refusal>(part.body))
        return Sort::Message;
    return std::holds_alternative<Reasoning>(part.body) ? Sort::Reasoning : Sort::Other;
}

bool isCustom(const ToolCall &call, const Request *request)
{
    return call.kind == ToolCall::Kind::Custom || isCustomTool(call.name, request);
}

void writeStatus(JsonWriter &out, const Native &native, const char *status)
{
    if (nativeOf(native, Dialect::Responses, "status").isEmpty())
        out.member("status", status);
}

QByteArray messageItem(const Part *first, std::size_t count, const QByteArray &id,
                       const ItemStyle &style)
{
    JsonWriter out;
    out.beginObject().member("id", id).member("type", "message");
    const Native &native = first[count - 1].native;
    writeStatus(out, native, "completed");
    out.member("role", "assistant").key("content").beginArray();
    bool told = false;
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto *text = std::get_if<Text>(&first[i].body)) {
            writeOutputText(out, *text, first[i].native, told ? QByteArray() : style.logprobs);
            told = true;
        } else if (const auto *refusal = std::get_if<Refusal>(&first[i].body)) {
            out.beginObject().member("type", "refusal");
            out.member("refusal", refusal->text);
            writeLeftover(out, nativeOf(first[i].native, Dialect::Responses, ".content"));
            out.endObject();
        }
    }
    out.endArray();
    writeNative(out, native, Dialect::Responses);
    out.endObject();
    return out.take();
}

QByteArray reasoningItem(const Part *first, std::size_t count, const QByteArray &id,
                         const ItemStyle &style)
{
    JsonWriter out;
    out.beginObject().member("id", id).member("type", "reasoning");
    const std::optional<Sealed> *sealed = nullptr;
    for (const bool summary : {true, false}) {
        bool opened = summary;
        if (summary)
            out.key("summary").beginArray();
        for (std::size_t i = 0; i < count; ++i) {
            const auto &reasoning = std::get<Reasoning>(first[i].body);
            if (reasoning.sealed)
                sealed = &reasoning.sealed;
            if ((reasoning.summary || style.summarise) != summary || reasoning.text.isEmpty())
                continue;
            if (!opened)
                out.key("content").beginArray();
            opened = true;
            writeParagraphs(out, reasoning, summary ? "summary_text" : "reasoning_text");
        }
        if (opened)
            out.endArray();
        else if (!nativeOf(first[count - 1].native, Dialect::Responses, ".content").isEmpty())
            out.key("content").beginArray().endArray();
    }
    if (sealed) {
        // Told behind its item's id, it must keep the id that it was made for.
        const bool renamed = (*sealed)->owner == Sealed::Owner::OpenAi && !(*sealed)->id.isEmpty()
            && (*sealed)->id != id;
        out.member("encrypted_content",
                   wrapSeal(**sealed, renamed ? Sealed::Owner::Anthropic : Sealed::Owner::OpenAi));
    }
    writeNative(out, first[count - 1].native, Dialect::Responses);
    out.endObject();
    return out.take();
}

QByteArray callItem(const Part &part, const ToolCall &call, const QByteArray &id,
                    const ItemStyle &style, bool open)
{
    const bool custom = isCustom(call, style.request);
    JsonWriter out;
    out.beginObject().member("id", id);
    out.member("type", custom ? "custom_tool_call" : "function_call");
    if (open)
        out.member("status", "in_progress");
    else
        writeStatus(out, part.native, "completed");
    QByteArray arguments;
    if (!open && custom && call.kind != ToolCall::Kind::Custom)
        arguments = unbridge(call.name, call.arguments, style.request).value_or(call.arguments);
    else if (!open)
        arguments = call.arguments.isEmpty() && !custom ? QByteArray("{}") : call.arguments;
    out.member(custom ? "input" : "arguments", arguments);
    const SpacedName spaced = spacedName(call.name, part.native, style.request);
    out.member("call_id", call.callId).member("name", spaced.name);
    if (!spaced.space.isEmpty())
        out.member("namespace", spaced.space);
    if (open)
        writeNative(out, part.native, Dialect::Responses, {"status"});
    else
        writeNative(out, part.native, Dialect::Responses);
    out.endObject();
    return out.take();
}

QByteArray imageItem(const Part &part, const Media &media, const QByteArray &id)
{
    JsonWriter out;
    out.beginObject().member("id", id).member("type", "image_generation_call");
    writeStatus(out, part.native, "completed");
    out.member("result", media.data);
    if (nativeOf(part.native, Dialect::Responses, "output_format").isEmpty()
        && media.mime.startsWith("image/") && media.mime != "image/png")
        out.member("output_format", media.mime.mid(6));
    writeNative(out, part.native, Dialect::Responses);
    out.endObject();
    return out.take();
}

// The part's own id, or one made for its place in the answer.
QByteArray itemIdOf(const Part &part, const QByteArray &type, const QByteArray &requestId,
                    std::size_t index)
{
    QByteArray known = knownItemId(part);
    return known.isEmpty() ? madeId(idPrefix(type), requestId, static_cast<qsizetype>(index))
                           : known;
}

} // namespace

QByteArray knownItemId(const Part &part)
{
    const auto *reasoning = std::get_if<Reasoning>(&part.body);
    const bool ofItem = part.itemId.isEmpty() && reasoning && reasoning->sealed
        && reasoning->sealed->owner == Sealed::Owner::OpenAi;
    return ofItem ? reasoning->sealed->id : part.itemId;
}

void writeParagraphs(JsonWriter &out, const Reasoning &reasoning, QByteArrayView type)
{
    qsizetype from = 0;
    for (std::size_t i = 0; i <= reasoning.breaks.size(); ++i) {
        const qsizetype end
            = i < reasoning.breaks.size() ? reasoning.breaks[i] : reasoning.text.size();
        out.beginObject().member("type", type);
        out.member("text", QByteArrayView(reasoning.text).sliced(from, end - from)).endObject();
        from = end;
    }
}

bool wantsSummaries(const Request *request)
{
    return request && request->reasoning.show == ReasoningSpec::Show::Summary;
}

std::size_t itemEnd(const std::vector<Part> &parts, std::size_t first)
{
    const Sort sort = sortOf(parts[first]);
    std::size_t end = first + 1;
    if (sort == Sort::Other)
        return end;
    while (end < parts.size() && sortOf(parts[end]) == sort
           && parts[end].itemId == parts[first].itemId && !parts[end].sealed
           && !parts[end - 1].sealed) {
        // Reasoning without an id is one item a part: each may have its own seal.
        if (sort == Sort::Reasoning && parts[first].itemId.isEmpty())
            break;
        const auto *before = std::get_if<Reasoning>(&parts[end - 1].body);
        const auto *next = std::get_if<Reasoning>(&parts[end].body);
        if (before && next && (before->sealed || (!before->summary && next->summary)))
            break;
        if (!nativeOf(parts[end].native, Dialect::Responses, ".item").isEmpty())
            break;
        ++end;
    }
    return end;
}

QByteArray itemType(const Part &part, const Request *request)
{
    if (sortOf(part) == Sort::Message)
        return "message";
    if (sortOf(part) == Sort::Reasoning)
        return "reasoning";
    if (const auto *call = std::get_if<ToolCall>(&part.body)) {
        if (call->kind == ToolCall::Kind::Hosted)
            return {};
        return isCustom(*call, request) ? "custom_tool_call" : "function_call";
    }
    if (const auto *media = std::get_if<Media>(&part.body)) {
        return media->kind == Media::Kind::Image && media->source == Media::Source::Base64
            ? "image_generation_call"
            : "";
    }
    const auto *opaque = std::get_if<Opaque>(&part.body);
    return opaque && opaque->owner == Dialect::Responses ? "opaque" : "";
}

QByteArray idPrefix(const QByteArray &type)
{
    if (type == "message")
        return "msg";
    if (type == "reasoning")
        return "rs";
    if (type == "function_call")
        return "fc";
    return type == "custom_tool_call" ? "ctc" : "ig";
}

QByteArray answerItem(const Part *first, std::size_t count, const QByteArray &id,
                      const ItemStyle &style)
{
    if (sortOf(*first) == Sort::Message)
        return messageItem(first, count, id, style);
    if (sortOf(*first) == Sort::Reasoning)
        return reasoningItem(first, count, id, style);
    if (const auto *call = std::get_if<ToolCall>(&first->body))
        return callItem(*first, *call, id, style, false);
    if (const auto *media = std::get_if<Media>(&first->body))
        return imageItem(*first, *media, id);
    const auto *opaque = std::get_if<Opaque>(&first->body);
    return opaque ? opaque->json : QByteArray("null");
}

QByteArray openItem(const Part &part, const QByteArray &id, const ItemStyle &style)
{
    JsonWriter out;
    if (const auto *call = std::get_if<ToolCall>(&part.body))
        return callItem(part, *call, id, style, true);
    if (sortOf(part) == Sort::Message) {
        out.beginObject().member("id", id).member("type", "message");
        out.member("status", "in_progress").member("role", "assistant");
        out.key("content").beginArray().endArray();
        writeNative(out, part.native, Dialect::Responses, {"status"});
        out.endObject();
        return out.take();
    }
    if (sortOf(part) == Sort::Reasoning) {
        out.beginObject().member("id", id).member("type", "reasoning");
        out.key("summary").beginArray().endArray().endObject();
        return out.take();
    }
    if (std::holds_alternative<Media>(part.body)) {
        out.beginObject().member("id", id).member("type", "image_generation_call");
        out.member("status", "in_progress").key("result").null().endObject();
        return out.take();
    }
    return answerItem(&part, 1, id, style);
}

std::vector<QByteArray> answerItems(const Candidate &candidate, const QByteArray &requestId,
                                    ItemStyle style)
{
    std::vector<QByteArray> items;
    const std::vector<Part> &parts = candidate.message.parts;
    const QByteArray logprobs = std::exchange(style.logprobs, {});
    bool told = false;
    for (std::size_t i = 0; i < parts.size();) {
        const std::size_t end = itemEnd(parts, i);
        const Part &first = parts[i];
        const QByteArray type = itemType(first, style.request);
        if (type.isEmpty()) {
            i = end;
            continue;
        }
        if (carriesSeal(first)) {
            const auto *call = std::get_if<ToolCall>(&first.body);
            const Part carrier
                = sealCarrier(call && call->sealed ? *call->sealed : *first.sealed, true);
            items.push_back(
                answerItem(&carrier, 1, madeId("rs", requestId, qsizetype(items.size())), style));
        }
        const bool message = type == "message";
        style.logprobs = message && !told ? logprobs : QByteArray();
        told = told || message;
        items.push_back(
            answerItem(&first, end - i, itemIdOf(first, type, requestId, items.size()), style));
        i = end;
    }
    return items;
}

} // namespace tollgate::codecs::responses
