// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/tools.h"

namespace tollgate::codecs::messages {
namespace {

Result<Tool> readTool(JsonValue value, const QByteArray &param)
{
    Tool tool;
    tool.name = value["name"].string();
    const JsonValue type = value["type"];
    if (type.isSet() && !type.is("custom")) {
        tool.kind = Tool::Kind::Hosted;
        tool.hostedType = type.string();
        tool.owner = Dialect::Messages;
        tool.json = value.json();
        return tool;
    }
    if (tool.name.isEmpty())
        return refused(
            QStringLiteral("“%1” must be a tool with a name.").arg(QString::fromUtf8(param)),
            param);
    tool.description = value["description"].string();
    if (value["input_schema"].isSet())
        tool.schema = value["input_schema"].json();
    tool.strict = value["strict"].boolean();
    tool.cache = readCacheMark(value, tool.native);
    keepTold(tool.native, value,
             {"type", "name", "description", "input_schema", "strict", "cache_control"});
    return tool;
}

} // namespace

Result<void> readTools(JsonValue request, Request &into)
{
    const JsonValue tools = request["tools"];
    if (!tools.isSet())
        return {};
    if (!tools.isArray())
        return refused(QStringLiteral("“tools” must be a list."), "tools");
    qsizetype index = 0;
    for (const JsonValue value : tools) {
        auto tool = readTool(value, "tools." + QByteArray::number(index++));
        if (!tool)
            return failure(tool.error());
        into.tools.push_back(*std::move(tool));
    }
    return {};
}

Result<void> readToolChoice(JsonValue request, Request &into)
{
    const JsonValue choice = request["tool_choice"];
    if (!choice.isSet())
        return {};
    using Mode = ToolChoice::Mode;
    ToolChoice &read = into.toolChoice;
    const JsonValue type = choice["type"];
    if (type.is("auto"))
        read.mode = Mode::Auto;
    else if (type.is("any"))
        read.mode = Mode::Required;
    else if (type.is("none"))
        read.mode = Mode::None;
    else if (type.is("tool"))
        read.mode = Mode::Named;
    else
        return refused(QStringLiteral("“tool_choice” must have a type of auto, any, tool or none."),
                       "tool_choice.type");
    read.name = choice["name"].string();
    if (read.mode == Mode::Named && read.name.isEmpty())
        return refused(QStringLiteral("“tool_choice” names no tool."), "tool_choice.name");
    if (const auto disabled = choice["disable_parallel_tool_use"].boolean())
        read.parallel = !*disabled;
    keepNested(into.native, "tool_choice", choice, {"type", "name", "disable_parallel_tool_use"});
    return {};
}

} // namespace tollgate::codecs::messages
