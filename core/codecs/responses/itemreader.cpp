// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/wire.h"

namespace tollgate::codecs::responses {
namespace {

using Place = Item::Place;

// Kinds of seal that stand beside a part rather than for themselves.
constexpr QByteArrayView kNext = "next";
constexpr QByteArrayView kPrevious = "previous";

// Items that a client sends, not the model.
bool fromClient(const QByteArray &type)
{
    return type.endsWith("_output") || type == "mcp_approval_response" || type == "additional_tools"
        || type == "item_reference" || type == "compaction_trigger" || type.isEmpty();
}

Item opaque(JsonValue json, const QByteArray &type)
{
    Item item;
    item.place = fromClient(type) ? Place::Result : Place::Assistant;
    Part part;
    part.body = Opaque{Dialect::Responses, type, json.json()};
    item.parts.push_back(std::move(part));
    return item;
}

// An item with an id is complete unless it says otherwise: that is written without being kept.
QByteArrayView impliedStatus(JsonValue json)
{
    return json["status"].is("completed") && json["id"].isString() ? "status" : "type";
}

void appendElements(QByteArray &all, const QByteArray &more)
{
    if (!more.isEmpty())
        all += (all.isEmpty() ? "" : ",") + more;
}

Item readMessage(JsonValue json, Side side)
{
    Item item;
    item.message = true;
    const QByteArray role = json["role"].string();
    item.developer = role == "developer";
    if (item.developer || role == "system")
        item.place = Place::System;
    else
        item.place = role == "assistant" ? Place::Assistant : Place::User;
    const JsonValue content = json["content"];
    const bool odd = side == Side::Answer && item.place != Place::Assistant;
    if (odd || (content.isArray() && content.size() == 0)) {
        Item whole = opaque(json, "message");
        whole.place = item.place == Place::Assistant ? Place::Assistant : Place::Result;
        return whole;
    }
    const QByteArray id = json["id"].string();
    if (content.isArray()) {
        for (const JsonValue part : content) {
            item.parts.push_back(readContent(part, side));
            item.parts.back().itemId = id;
            if (side == Side::Answer)
                appendElements(item.logprobs, readLogprobs(part));
        }
    } else {
        Part part;
        part.body = Text{content.string(), {}};
        part.itemId = id;
        item.parts.push_back(std::move(part));
    }
    keepUnknown(item.parts.back().native, Dialect::Responses, json,
                {"type", "role", "content", "id", impliedStatus(json)});
    return item;
}

Reasoning readParagraphs(JsonValue list, bool summary)
{
    Reasoning reasoning;
    reasoning.summary = summary;
    bool first = true;
    for (const JsonValue paragraph : list) {
        if (!first)
            reasoning.breaks.push_back(reasoning.text.size());
        first = false;
        reasoning.text += paragraph["text"].string();
    }
    return reasoning;
}

Item readReasoning(JsonValue json)
{
    Item item;
    const QByteArray id = json["id"].string();
    std::optional<Sealed> sealed;
    if (const QByteArray bytes = json["encrypted_content"].string(); !bytes.isEmpty()) {
        sealed = unwrapSeal(bytes, Sealed::Owner::OpenAi);
        if (sealed && sealed->owner == Sealed::Owner::OpenAi && sealed->id.isEmpty())
            sealed->id = id;
    }
    for (const bool summary : {true, false}) {
        Reasoning reasoning = readParagraphs(json[summary ? "summary" : "content"], summary);
        if (reasoning.text.isEmpty())
            continue;
        Part part;
        part.body = std::move(reasoning);
        part.itemId = id;
        item.parts.push_back(std::move(part));
    }
    if (item.parts.empty()) {
        if (!sealed)
            return opaque(json, "reasoning");
        Part part;
        part.body = Reasoning{{}, true, {}, {}};
        part.itemId = id;
        item.parts.push_back(std::move(part));
    }
    std::get<Reasoning>(item.parts.back().body).sealed = std::move(sealed);
    // Some models always have a content, if an empty one.
    const bool told = json["content"].size() > 0 || !json["content"].isArray();
    keepUnknown(item.parts.back().native, Dialect::Responses, json,
                {"type", "id", "summary", "content", "encrypted_content"});
    if (!told)
        keep(item.parts.back().native, Dialect::Responses, ".content", "[]");
    return item;
}

Item readCall(JsonValue json, bool custom)
{
    const QByteArrayView payload = custom ? "input" : "arguments";
    const QByteArray name = json["name"].string();
    const QByteArray callId = json["call_id"].string();
    if (callId.isEmpty())
        return opaque(json, json["type"].string());
    Item item;
    ToolCall call;
    call.kind = custom ? ToolCall::Kind::Custom : ToolCall::Kind::Function;
    call.callId = callId;
    const QByteArray space = json["namespace"].string();
    call.name = joinedName(space, name);
    // Some vendors' compatible servers give an object where a string belongs.
    call.arguments = json[payload].isString() ? json[payload].string() : json[payload].json();
    Part part;
    part.itemId = json["id"].string();
    keepUnknown(part.native, Dialect::Responses, json,
                {"type", "id", "call_id", "name", payload, "namespace", impliedStatus(json)});
    if (!space.isEmpty())
        keep(part.native, Dialect::Responses, ".namespace", quoted(space));
    if (!space.isEmpty() && !call.name.endsWith(name))
        keep(part.native, Dialect::Responses, ".name", quoted(name));
    part.body = std::move(call);
    item.parts.push_back(std::move(part));
    return item;
}

// Whether content says more than a Text or Media alone can.
bool plain(const Part &part)
{
    const auto *text = std::get_if<Text>(&part.body);
    return !part.cache && part.native.empty() && !std::holds_alternative<Opaque>(part.body)
        && (!text || text->citations.empty());
}

Item readResult(JsonValue json, bool custom)
{
    Item item;
    item.place = Place::Result;
    ToolResult result;
    result.callId = json["call_id"].string();
    const JsonValue output = json["output"];
    if (result.callId.isEmpty())
        return opaque(json, json["type"].string());
    result.name = json["name"].string();
    result.custom = custom;
    bool whole = true;
    if (output.isArray()) {
        for (const JsonValue content : output) {
            Part read = readContent(content, Side::History);
            whole = whole && plain(read);
            if (auto *text = std::get_if<Text>(&read.body))
                result.parts.emplace_back(std::move(*text));
            else if (auto *media = std::get_if<Media>(&read.body))
                result.parts.emplace_back(std::move(*media));
            else
                whole = false;
        }
    } else {
        result.parts.emplace_back(Text{output.isString() ? output.string() : output.json(), {}});
    }
    Part part;
    part.itemId = json["id"].string();
    part.body = std::move(result);
    keepUnknown(part.native, Dialect::Responses, json,
                {"type", "id", "call_id", "name", "output", impliedStatus(json)});
    if (!whole)
        keep(part.native, Dialect::Responses, ".output", output.json());
    item.parts.push_back(std::move(part));
    return item;
}

Item readImageCall(JsonValue json)
{
    if (json["result"].string().isEmpty())
        return opaque(json, "image_generation_call");
    Item item;
    Part part;
    Media media;
    media.data = json["result"].string();
    const QByteArray format = json["output_format"].string();
    media.mime = "image/" + (format.isEmpty() ? "png" : format);
    part.body = std::move(media);
    part.itemId = json["id"].string();
    keepUnknown(part.native, Dialect::Responses, json,
                {"type", "id", "result", impliedStatus(json)});
    item.parts.push_back(std::move(part));
    return item;
}

} // namespace

Item readItem(JsonValue json, Side side)
{
    const QByteArray type = json["type"].string();
    if (type == "message" || (type.isEmpty() && json["role"].isString()))
        return readMessage(json, side);
    if (type == "reasoning")
        return readReasoning(json);
    if (type == "function_call" || type == "custom_tool_call")
        return readCall(json, type == "custom_tool_call");
    if (type == "function_call_output" || type == "custom_tool_call_output")
        return readResult(json, type == "custom_tool_call_output");
    if (type == "image_generation_call")
        return readImageCall(json);
    return opaque(json, type);
}

bool carriesSeal(const Part &part)
{
    const auto *call = std::get_if<ToolCall>(&part.body);
    return (call && call->sealed) || part.sealed;
}

Part sealCarrier(const Sealed &sealed, bool before)
{
    Part part;
    Reasoning reasoning;
    reasoning.summary = true;
    reasoning.sealed = sealed;
    reasoning.sealed->id = (before ? kNext : kPrevious).toByteArray();
    part.body = std::move(reasoning);
    return part;
}

// Puts seals that travelled beside their parts back into them.
void settleSeals(std::vector<Part> &parts)
{
    for (std::size_t i = 0; i < parts.size();) {
        auto *reasoning = std::get_if<Reasoning>(&parts[i].body);
        const bool carrier = reasoning && reasoning->text.isEmpty() && reasoning->sealed
            && reasoning->sealed->owner != Sealed::Owner::OpenAi;
        const bool next = carrier && reasoning->sealed->id == kNext && i + 1 < parts.size();
        const bool previous = carrier && reasoning->sealed->id == kPrevious && i > 0;
        Part *home = next ? &parts[i + 1] : previous ? &parts[i - 1] : nullptr;
        if (!home || std::holds_alternative<Reasoning>(home->body)) {
            ++i;
            continue;
        }
        Sealed seal = *reasoning->sealed;
        seal.id.clear();
        if (auto *call = std::get_if<ToolCall>(&home->body))
            call->sealed = std::move(seal);
        else
            home->sealed = std::move(seal);
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

} // namespace tollgate::codecs::responses
