// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/tools.h"
#include "core/conversation/customtools.h"

#include <QSet>

#include <algorithm>

namespace tollgate::codecs::messages {
namespace {

constexpr int kMostStrict = 20;

using Mode = ToolChoice::Mode;

void noteForeign(const Native &bag, Dialect dialect, Dropped &dropped)
{
    for (const QByteArray &name : foreignNames(bag, dialect))
        dropped.note(name);
}

Result<void> offerOne(const Tool &tool, Dialect dialect, OfferedTools &offered, Dropped &dropped)
{
    if (tool.kind == Tool::Kind::Hosted) {
        if (tool.owner == dialect)
            offered.tools.push_back(tool);
        else
            dropped.note("tool:" + tool.hostedType);
        return {};
    }
    if (!isPlainName(tool.name, kLongestToolName)) {
        return refused(QStringLiteral("The tool “%1” cannot be offered to this provider: names may "
                                      "have up to 128 letters, digits, _ and - only.")
                           .arg(QString::fromUtf8(tool.name.left(kLongestToolName))),
                       "tools");
    }
    noteForeign(tool.native, dialect, dropped);
    offered.tools.push_back(bridgeTool(tool));
    return {};
}

// A choice that the model would refuse is asked for in words.
void softenChoice(OfferedTools &offered)
{
    if (offered.choice.mode == Mode::Named)
        offered.instruction = "You must answer by calling the tool " + offered.choice.name + '.';
    else
        offered.instruction = "You must answer by calling one of the tools.";
    offered.choice.mode = Mode::Auto;
}

Result<void> offerAnswerTool(const OutputFormat &format, OfferedTools &offered)
{
    Tool tool;
    tool.name = kAnswerTool.toByteArray();
    tool.description
        = format.description.isEmpty() ? QByteArray("Gives the final answer.") : format.description;
    tool.schema = format.schema;
    // Other tools may be called first, but it all ends with this one.
    const bool alone = offered.tools.empty() || offered.choice.mode == Mode::None;
    offered.tools.push_back(std::move(tool));
    offered.answerTool = true;
    if (offered.choice.mode == Mode::Named || offered.choice.mode == Mode::Required)
        return {};
    offered.choice.mode = alone ? Mode::Named : Mode::Required;
    offered.choice.name = alone ? kAnswerTool.toByteArray() : QByteArray();
    return {};
}

void limitStrict(std::vector<Tool> &tools, bool strictSchemas, Dropped &dropped)
{
    int strict = 0;
    for (Tool &tool : tools) {
        if (!tool.strict.value_or(false))
            continue;
        if (strictSchemas && ++strict <= kMostStrict)
            continue;
        tool.strict.reset();
        dropped.note("strict");
    }
}

} // namespace

Result<OfferedTools> offerTools(const Request &request, const Target &target, Dialect dialect,
                                Dropped &dropped)
{
    OfferedTools offered;
    offered.choice = request.toolChoice;
    const QByteArrayList &list = request.toolChoice.allowed;
    const QSet<QByteArray> allowed(list.begin(), list.end());
    for (const Tool &tool : request.tools) {
        if (!allowed.isEmpty() && !allowed.contains(tool.name))
            continue;
        if (auto done = offerOne(tool, dialect, offered, dropped); !done)
            return failure(done.error());
    }
    const bool strictSchemas = target.takesStrictSchemas || request.source == Dialect::Messages;
    limitStrict(offered.tools, strictSchemas, dropped);
    if (request.format.kind == OutputFormat::Kind::Schema && !target.takesJsonSchema) {
        if (auto done = offerAnswerTool(request.format, offered); !done)
            return failure(done.error());
    }
    const bool namedIsGone = offered.choice.mode == Mode::Named
        && std::none_of(offered.tools.begin(), offered.tools.end(),
                        [&](const Tool &tool) { return tool.name == offered.choice.name; });
    if (namedIsGone && request.source != Dialect::Messages) {
        return refused(QStringLiteral("The tool choice names “%1”, which is not among the tools "
                                      "that can be offered to this provider.")
                           .arg(QString::fromUtf8(offered.choice.name)),
                       "tool_choice");
    }
    if (offered.forced() && !target.takesRequiredChoice)
        softenChoice(offered);
    return offered;
}

Result<QByteArray> toolSchema(const Tool &tool, bool own, bool strict)
{
    if (own && !tool.schema.isEmpty())
        return tool.schema;
    return cleanSchema(tool.schema, strict ? SchemaFlavour::AnthropicStrict : SchemaFlavour::Plain);
}

Result<void> writeTools(JsonWriter &out, const OfferedTools &offered, bool own)
{
    if (offered.tools.empty())
        return {};
    out.key("tools").beginArray();
    for (const Tool &tool : offered.tools) {
        if (tool.kind == Tool::Kind::Hosted) {
            out.raw(tool.json);
            continue;
        }
        auto schema = toolSchema(tool, own, tool.strict.value_or(false));
        if (!schema)
            return failure(schema.error());
        out.beginObject().member("name", tool.name);
        if (!tool.description.isEmpty())
            out.member("description", tool.description);
        out.key("input_schema").raw(*schema);
        if (tool.strict && (own || *tool.strict))
            out.member("strict", *tool.strict);
        writeTail(out, tool.cache, tool.native);
        out.endObject();
    }
    out.endArray();
    return {};
}

void writeToolChoice(JsonWriter &out, const OfferedTools &offered, const Native &bag)
{
    const ToolChoice &choice = offered.choice;
    if (offered.tools.empty() || (!choice.mode && !choice.parallel))
        return;
    const Mode mode = choice.mode.value_or(Mode::Auto);
    out.key("tool_choice").beginObject();
    switch (mode) {
    case Mode::Auto:
        out.member("type", "auto");
        break;
    case Mode::None:
        out.member("type", "none");
        break;
    case Mode::Required:
        out.member("type", "any");
        break;
    case Mode::Named:
        out.member("type", "tool").member("name", choice.name);
        break;
    }
    if (choice.parallel && mode != Mode::None)
        out.member("disable_parallel_tool_use", !*choice.parallel);
    writeNested(out, bag, "tool_choice");
    out.endObject();
}

} // namespace tollgate::codecs::messages
