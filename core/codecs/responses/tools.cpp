// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/wire.h"

#include <algorithm>

namespace tollgate::codecs::responses {
namespace {

tl::unexpected<Error> invalid(const QString &message, const QByteArray &param)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = message;
    error.param = param;
    return failure(std::move(error));
}

// `space`: the namespace's members but its tools; empty outside one.
Result<Tool> readTool(JsonValue json, JsonValue space)
{
    const QByteArray type = json["type"].string();
    if (type.isEmpty())
        return invalid(QStringLiteral("Each element of \"tools\" must be an object with a type."),
                       "tools");
    Tool tool;
    const bool function = type == "function";
    const bool custom = type == "custom";
    if (!function && !custom) {
        tool.kind = Tool::Kind::Hosted;
        tool.hostedType = type;
        tool.owner = Dialect::Responses;
        tool.json = json.json();
    } else {
        const QByteArray name = json["name"].string();
        if (name.isEmpty())
            return invalid(
                QStringLiteral("A tool of type %1 must have a name.").arg(QString::fromUtf8(type)),
                "tools");
        tool.kind = custom ? Tool::Kind::Custom : Tool::Kind::Function;
        tool.name = joinedName(space["name"].string(), name);
        tool.description = json["description"].string();
        if (custom) {
            if (json["format"].isSet())
                tool.format = json["format"].json();
            keepUnknown(tool.native, Dialect::Responses, json,
                        {"type", "name", "description", "format"});
        } else {
            if (json["parameters"].isSet())
                tool.schema = json["parameters"].json();
            tool.strict = json["strict"].boolean();
            keepUnknown(tool.native, Dialect::Responses, json,
                        {"type", "name", "description", "parameters", "strict"});
        }
        if (json["description"].isString() && tool.description.isEmpty())
            keep(tool.native, Dialect::Responses, ".description", "\"\"");
        if (space && !tool.name.endsWith(name))
            keep(tool.native, Dialect::Responses, ".name", quoted(name));
    }
    if (space)
        keep(tool.native, Dialect::Responses, ".namespace", leftover(space, {"type", "tools"}));
    return tool;
}

void writeFunction(JsonWriter &out, const Tool &tool, const ToolStyle &style)
{
    out.key("parameters");
    if (tool.schema.isEmpty()) {
        out.beginObject().member("type", "object");
        out.key("properties").beginObject().endObject().endObject();
    } else if (style.foreign) {
        const auto clean = cleanSchema(tool.schema, SchemaFlavour::Plain);
        out.raw(clean ? *clean : tool.schema);
    } else {
        out.raw(tool.schema);
    }
    // Silence means strict here, and the contrary elsewhere.
    if (!style.strict)
        out.member("strict", false);
    else if (tool.strict || style.foreign || style.echoed)
        out.member("strict", tool.strict.value_or(style.echoed));
}

void writeTool(JsonWriter &out, const Tool &tool, const ToolStyle &style)
{
    if (tool.kind == Tool::Kind::Hosted) {
        out.raw(tool.json);
        return;
    }
    const bool custom = tool.kind == Tool::Kind::Custom;
    out.beginObject().member("type", custom ? "custom" : "function");
    out.member("name", spacedName(tool.name, tool.native, nullptr).name);
    if (!tool.description.isEmpty()
        || !nativeOf(tool.native, Dialect::Responses, ".description").isEmpty())
        out.member("description", tool.description);
    if (!custom)
        writeFunction(out, tool, style);
    else if (!tool.format.isEmpty())
        out.key("format").raw(tool.format);
    writeNative(out, tool.native, Dialect::Responses);
    out.endObject();
}

QByteArray spaceOf(const Tool &tool)
{
    return nativeOf(tool.native, Dialect::Responses, ".namespace");
}

void writeNamed(JsonWriter &out, const QByteArray &name, const Request &request)
{
    const Tool *tool = declaredTool(name, &request);
    const bool custom = tool && tool->kind == Tool::Kind::Custom;
    const SpacedName spaced = spacedName(name, {}, &request);
    out.beginObject().member("type", custom ? "custom" : "function").member("name", spaced.name);
    if (!spaced.space.isEmpty())
        out.member("namespace", spaced.space);
    out.endObject();
}

const char *modeWord(ToolChoice::Mode mode, bool takesRequired)
{
    switch (mode) {
    case ToolChoice::Mode::None:
        return "none";
    case ToolChoice::Mode::Required:
    case ToolChoice::Mode::Named:
        return takesRequired ? "required" : "auto";
    case ToolChoice::Mode::Auto:
        break;
    }
    return "auto";
}

std::optional<ToolChoice::Mode> modeOf(const QByteArray &word)
{
    if (word == "auto")
        return ToolChoice::Mode::Auto;
    if (word == "none")
        return ToolChoice::Mode::None;
    if (word == "required")
        return ToolChoice::Mode::Required;
    return {};
}

// A function's or custom tool's name as declared; empty for another kind of tool.
QByteArray chosenName(JsonValue choice)
{
    if (!choice["type"].is("function") && !choice["type"].is("custom"))
        return {};
    return joinedName(choice["namespace"].string(), choice["name"].string());
}

} // namespace

Result<std::vector<Tool>> readTools(JsonValue tools)
{
    std::vector<Tool> read;
    if (!tools.isSet())
        return read;
    if (!tools.isArray())
        return invalid(QStringLiteral("\"tools\" must be an array."), "tools");
    for (const JsonValue json : tools) {
        const bool space = json["type"].is("namespace") && json["tools"].size() > 0;
        if (!space) {
            auto tool = readTool(json, {});
            if (!tool)
                return failure(tool.error());
            read.push_back(std::move(*tool));
            continue;
        }
        for (const JsonValue inner : json["tools"]) {
            auto tool = readTool(inner, json);
            if (!tool)
                return failure(tool.error());
            read.push_back(std::move(*tool));
        }
    }
    return read;
}

void writeTools(JsonWriter &out, const std::vector<Tool> &tools, const ToolStyle &style,
                Dropped &dropped)
{
    out.beginArray();
    QByteArray open;
    const auto close = [&] {
        if (!open.isEmpty())
            out.endArray().endObject();
        open.clear();
    };
    for (const Tool &tool : tools) {
        if (tool.kind == Tool::Kind::Hosted && tool.owner != Dialect::Responses) {
            dropped.note("tool:" + tool.hostedType);
            continue;
        }
        for (const QByteArray &name : foreignNames(tool.native, Dialect::Responses))
            dropped.note("tools." + name);
        if (tool.cache && style.foreign)
            dropped.note("cache_control");
        const QByteArray space = spaceOf(tool);
        if (space != open) {
            close();
            open = space;
            if (!space.isEmpty()) {
                out.beginObject().member("type", "namespace");
                writeLeftover(out, space);
                out.key("tools").beginArray();
            }
        }
        writeTool(out, tool, style);
    }
    close();
    out.endArray();
}

Result<ToolChoice> readChoice(JsonValue choice, Native &native)
{
    ToolChoice read;
    if (!choice.isSet())
        return read;
    if (choice.isString()) {
        read.mode = modeOf(choice.string());
        if (!read.mode)
            return invalid(QStringLiteral("\"tool_choice\" must be auto, none, required or an "
                                          "object."),
                           "tool_choice");
        return read;
    }
    if (!choice.isObject())
        return invalid(QStringLiteral("\"tool_choice\" must be a string or an object."),
                       "tool_choice");
    bool understood = false;
    if (const QByteArray name = chosenName(choice); !name.isEmpty()) {
        read.mode = ToolChoice::Mode::Named;
        read.name = name;
        understood = leftover(choice, {"type", "name", "namespace"}).isEmpty();
    } else if (choice["type"].is("allowed_tools")) {
        read.mode = modeOf(choice["mode"].string()).value_or(ToolChoice::Mode::Auto);
        understood = leftover(choice, {"type", "mode", "tools"}).isEmpty();
        for (const JsonValue tool : choice["tools"]) {
            const QByteArray allowed = chosenName(tool);
            understood = understood && !allowed.isEmpty();
            if (!allowed.isEmpty())
                read.allowed.append(allowed);
        }
    }
    // A hosted tool's choice, or more than others can say.
    if (!understood)
        keep(native, Dialect::Responses, "tool_choice", choice.json());
    return read;
}

QByteArray choiceValue(const Request &request, bool takesRequired)
{
    const QByteArray native = nativeOf(request.native, Dialect::Responses, "tool_choice");
    if (!native.isEmpty())
        return native;
    const ToolChoice &choice = request.toolChoice;
    JsonWriter out;
    if (choice.mode == ToolChoice::Mode::Named && takesRequired) {
        writeNamed(out, choice.name, request);
    } else if (!choice.allowed.isEmpty()) {
        out.beginObject().member("type", "allowed_tools");
        out.member("mode", modeWord(choice.mode.value_or(ToolChoice::Mode::Auto), takesRequired));
        out.key("tools").beginArray();
        for (const QByteArray &name : choice.allowed)
            writeNamed(out, name, request);
        out.endArray().endObject();
    } else if (choice.mode) {
        out.string(QByteArrayView(modeWord(*choice.mode, takesRequired)));
    } else {
        return {};
    }
    return out.take();
}

} // namespace tollgate::codecs::responses
