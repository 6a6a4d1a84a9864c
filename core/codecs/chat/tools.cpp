// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/tools.h"

#include "core/conversation/customtools.h"
#include "core/conversation/schema.h"

#include <algorithm>

namespace tollgate::codecs::chat {
namespace {

constexpr QByteArrayView kInner = "function.";

Tool readFunction(JsonValue function)
{
    Tool tool;
    tool.name = function["name"].string();
    tool.description = function["description"].string();
    if (const JsonValue schema = function["parameters"]; schema.isSet())
        tool.schema = schema.json();
    tool.strict = function["strict"].boolean();
    for (const JsonValue member : function) {
        if (member.isSet() && !member.keyIs("name") && !member.keyIs("description")
            && !member.keyIs("parameters") && !member.keyIs("strict"))
            keep(tool.native, Dialect::Chat, kInner.toByteArray() + member.key(), member.json());
    }
    return tool;
}

Tool readTool(JsonValue source)
{
    const QByteArray type = source["type"].string();
    if (type == "custom") {
        Tool tool;
        tool.kind = Tool::Kind::Custom;
        const JsonValue custom = source["custom"];
        tool.name = custom["name"].string();
        tool.description = custom["description"].string();
        if (custom["format"].isSet())
            tool.format = custom["format"].json();
        return tool;
    }
    if (type != "function" && !source["function"].isObject()) {
        Tool tool;
        tool.kind = Tool::Kind::Hosted;
        tool.hostedType = type;
        tool.json = source.json();
        return tool;
    }
    Tool tool = readFunction(source["function"]);
    tool.cache = readCacheMark(source);
    keepUnknown(tool.native, Dialect::Chat, source, {"type", "function"});
    return tool;
}

ToolChoice named(const QByteArray &name)
{
    ToolChoice choice;
    choice.mode = ToolChoice::Mode::Named;
    choice.name = name;
    return choice;
}

std::optional<ToolChoice::Mode> modeOf(const QByteArray &word)
{
    if (word == "auto")
        return ToolChoice::Mode::Auto;
    if (word == "none")
        return ToolChoice::Mode::None;
    if (word == "required" || word == "any") // Mistral says any
        return ToolChoice::Mode::Required;
    return {};
}

} // namespace

std::vector<Tool> readTools(JsonValue tools, JsonValue legacyFunctions)
{
    std::vector<Tool> all;
    for (const JsonValue tool : tools)
        all.push_back(readTool(tool));
    for (const JsonValue function : legacyFunctions)
        all.push_back(readFunction(function));
    return all;
}

ToolChoice readToolChoice(JsonValue choice, JsonValue legacyChoice)
{
    ToolChoice read;
    const JsonValue told = choice.isSet() ? choice : legacyChoice;
    if (told.isString()) {
        read.mode = modeOf(told.string());
    } else if (told["type"].is("allowed_tools")) {
        const JsonValue allowed = told["allowed_tools"];
        read.mode = modeOf(allowed["mode"].string());
        for (const JsonValue tool : allowed["tools"]) {
            const JsonValue inner = tool["custom"].isSet() ? tool["custom"] : tool["function"];
            read.allowed += inner["name"].string();
        }
    } else if (told["function"].isSet()) {
        read = named(told["function"]["name"].string());
    } else if (told["custom"].isSet()) {
        read = named(told["custom"]["name"].string());
    } else if (told["name"].isSet()) {
        read = named(told["name"].string());
    }
    return read;
}

Result<void> ToolsWriter::writeFunction(const Tool &tool)
{
    const bool home = request.source == Dialect::Chat;
    QByteArray schema = tool.schema;
    const bool strict = tool.strict.value_or(false) && target.takesStrictSchemas;
    if (!home) {
        auto clean
            = cleanSchema(schema, strict ? SchemaFlavour::OpenAiStrict : SchemaFlavour::Plain);
        if (!clean)
            return failure(clean.error());
        schema = *std::move(clean);
    }
    out.key("function").beginObject().member("name", tool.name);
    if (!tool.description.isEmpty())
        out.member("description", tool.description);
    if (!schema.isEmpty())
        out.key("parameters").raw(schema);
    if (tool.strict && target.takesStrictSchemas)
        out.member("strict", *tool.strict);
    else if (tool.strict.value_or(false))
        dropped.note("strict");
    for (const NativeMember &member : tool.native) {
        if (member.owner == Dialect::Chat && member.name.startsWith(kInner.toByteArray()))
            out.key(QByteArrayView(member.name).sliced(kInner.size())).raw(member.json);
    }
    out.endObject();
    return {};
}

Result<void> ToolsWriter::writeTool(const Tool &tool)
{
    if (tool.kind == Tool::Kind::Hosted) {
        if (tool.owner != Dialect::Chat)
            dropped.note("tool:" + tool.hostedType);
        else
            out.raw(tool.json);
        return {};
    }
    if (tool.kind == Tool::Kind::Custom && !style.customTools)
        return writeTool(bridgeTool(tool));
    out.beginObject();
    Result<void> written;
    if (tool.kind == Tool::Kind::Custom) {
        out.member("type", "custom").key("custom").beginObject().member("name", tool.name);
        if (!tool.description.isEmpty())
            out.member("description", tool.description);
        if (!tool.format.isEmpty())
            out.key("format").raw(tool.format);
        out.endObject();
    } else {
        out.member("type", "function");
        written = writeFunction(tool);
    }
    if (!writeCacheMark(out, tool.cache, tool.native, style.cacheControl))
        dropped.note("cache_control");
    for (const NativeMember &member : tool.native) {
        if (member.owner == Dialect::Chat && !member.name.startsWith(kInner.toByteArray())
            && member.name != "cache_control" && member.name != "prompt_cache_breakpoint")
            out.key(member.name).raw(member.json);
        else if (member.owner != Dialect::Chat)
            dropped.note("tools." + member.name);
    }
    out.endObject();
    return written;
}

QByteArray ToolsWriter::writeChoice(bool onlyAllowed)
{
    const ToolChoice &choice = request.toolChoice;
    using Mode = ToolChoice::Mode;
    if (!choice.mode)
        return {};
    const bool must = *choice.mode == Mode::Required || *choice.mode == Mode::Named;
    if (must && !target.takesRequiredChoice) {
        out.member("tool_choice", "auto");
        return *choice.mode == Mode::Named ? "Answer by calling the tool \"" + choice.name + "\"."
                                           : QByteArray("Answer by calling one of the tools.");
    }
    const auto kindOf = [&](const QByteArray &name) -> QByteArray {
        return style.customTools && isCustomTool(name, &request) ? "custom" : "function";
    };
    const auto writeNamed = [&](const QByteArray &name) {
        const QByteArray kind = kindOf(name);
        out.beginObject().member("type", kind);
        out.key(kind).beginObject().member("name", name).endObject();
        out.endObject();
    };
    const QByteArray word = *choice.mode == Mode::None ? "none"
        : *choice.mode == Mode::Required               ? "required"
                                                       : "auto";
    if (*choice.mode == Mode::Named) {
        out.key("tool_choice");
        writeNamed(choice.name);
    } else if (!choice.allowed.isEmpty() && !onlyAllowed) {
        out.key("tool_choice").beginObject().member("type", "allowed_tools");
        out.key("allowed_tools").beginObject().member("mode", word).key("tools").beginArray();
        for (const QByteArray &name : choice.allowed)
            writeNamed(name);
        out.endArray().endObject().endObject();
    } else {
        out.member("tool_choice", word);
    }
    return {};
}

Result<QByteArray> ToolsWriter::write()
{
    const QByteArrayList &allowed = request.toolChoice.allowed;
    const bool onlyAllowed = !allowed.isEmpty() && !style.allowedTools;
    std::vector<Tool> tools;
    for (const Tool &tool : request.tools) {
        if (!onlyAllowed || tool.kind == Tool::Kind::Hosted || allowed.contains(tool.name))
            tools.push_back(tool);
    }
    const bool any = std::any_of(tools.begin(), tools.end(), [](const Tool &tool) {
        return tool.kind != Tool::Kind::Hosted || tool.owner == Dialect::Chat;
    });
    if (!any) {
        for (const Tool &tool : tools)
            dropped.note("tool:" + tool.hostedType);
        return QByteArray();
    }
    out.key("tools").beginArray();
    for (const Tool &tool : tools) {
        if (auto written = writeTool(tool); !written)
            return failure(written.error());
    }
    out.endArray();
    QByteArray instruction = writeChoice(onlyAllowed);
    if (request.toolChoice.parallel) {
        if (target.takesParallelToolCalls)
            out.member("parallel_tool_calls", *request.toolChoice.parallel);
        else
            dropped.note("parallel_tool_calls");
    }
    return instruction;
}

} // namespace tollgate::codecs::chat
