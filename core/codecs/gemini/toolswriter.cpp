// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/request.h"
#include "core/conversation/customtools.h"
#include "core/conversation/schema.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

// Other vendors' hosted tools that Gemini has an equal of.
struct Equal
{
    QByteArrayView foreign; // how its type begins
    QByteArrayView gemini;
};
constexpr std::array kEquals{
    Equal{"web_search", "googleSearch"},
    Equal{"web_fetch", "urlContext"},
    Equal{"code_execution", "codeExecution"},
    Equal{"code_interpreter", "codeExecution"},
};

// An equal tool is not set up in the same words: domains, places and counts stay behind.
void noteSettings(Plan &plan, const Tool &tool)
{
    const auto tree = protocol::JsonTree::parse(tool.json);
    if (!tree)
        return;
    for (const JsonValue member : tree->root()) {
        if (!member.keyIs("type") && !member.keyIs("name") && member.isSet())
            plan.dropped.note("tool:" + tool.hostedType + '.' + member.key());
    }
}

void planHosted(Plan &plan, const Tool &tool)
{
    const auto has = [&](QByteArrayView name) {
        return std::any_of(plan.hosted.begin(), plan.hosted.end(),
                           [&](const NativeMember &known) { return known.name == name; });
    };
    if (tool.owner == Dialect::Gemini) {
        plan.hosted.push_back({Dialect::Gemini, tool.hostedType, tool.json});
        return;
    }
    const auto equal = std::find_if(kEquals.begin(), kEquals.end(), [&](const Equal &known) {
        return tool.hostedType.startsWith(known.foreign);
    });
    // Before Gemini 3 functions and hosted tools exclude each other.
    if (equal == kEquals.end() || (!plan.target.thinkingLevels && !plan.functions.empty())) {
        plan.dropped.note("tool:" + tool.hostedType);
        return;
    }
    if (!has(equal->gemini))
        plan.hosted.push_back({Dialect::Gemini, equal->gemini.toByteArray(), "{}"});
    noteSettings(plan, tool);
}

bool hasProperties(const QByteArray &schema)
{
    const auto tree = protocol::JsonTree::parse(schema);
    if (!tree)
        return false;
    const JsonValue root = tree->root();
    return !root["properties"].isObject() || root["properties"].size() > 0 || root["$ref"].isSet()
        || root["anyOf"].isSet() || root["oneOf"].isSet();
}

Result<void> writeParameters(JsonWriter &out, const Plan &plan, const Tool &tool)
{
    if (const QByteArray given = kept(tool.native, "parameters"); !given.isEmpty()) {
        out.key("parameters").raw(given);
        return {};
    }
    if (tool.schema.isEmpty())
        return {};
    if (plan.own && plan.target.jsonSchemaTools) {
        out.key("parametersJsonSchema").raw(tool.schema);
        return {};
    }
    const bool json = plan.target.jsonSchemaTools;
    const auto fit
        = cleanSchema(tool.schema, json ? SchemaFlavour::GeminiJson : SchemaFlavour::GeminiOpenApi);
    if (!fit) {
        Error error = fit.error();
        error.param = "tools";
        return failure(std::move(error));
    }
    // An object without properties is refused: no arguments are told by silence.
    const bool empty = json ? !hasProperties(*fit) : *fit == R"({"type":"object"})";
    if (!empty)
        out.key(json ? "parametersJsonSchema" : "parameters").raw(*fit);
    return {};
}

Result<void> writeFunctions(JsonWriter &out, const Plan &plan, const std::vector<Tool> &functions)
{
    if (functions.empty())
        return {};
    out.beginObject().key("functionDeclarations").beginArray();
    for (const Tool &tool : functions) {
        out.beginObject().member("name", tool.name);
        if (!tool.description.isEmpty())
            out.member("description", tool.description);
        if (auto written = writeParameters(out, plan, tool); !written)
            return written;
        writeKept(out, tool.native, {}, {"parameters"});
        out.endObject();
    }
    out.endArray().endObject();
    return {};
}

QByteArray modeOf(const Plan &plan)
{
    const ToolChoice &choice = plan.request.toolChoice;
    if (const QByteArray own = kept(plan.request.native, "toolConfig.functionCallingConfig.mode");
        !own.isEmpty() && plan.own)
        return own.mid(1, own.size() - 2);
    switch (*choice.mode) {
    case ToolChoice::Mode::Auto:
        break;
    case ToolChoice::Mode::None:
        return "NONE";
    case ToolChoice::Mode::Required:
    case ToolChoice::Mode::Named:
        return "ANY";
    }
    return "AUTO";
}

} // namespace

Plan planOf(const Request &request, const Target &target)
{
    Plan plan{request, target};
    plan.own = request.source == Dialect::Gemini;
    const ToolChoice &choice = request.toolChoice;
    const bool filter
        = !plan.own && !choice.allowed.isEmpty() && choice.mode != ToolChoice::Mode::Required;
    for (const Tool &tool : request.tools) {
        if (tool.kind == Tool::Kind::Hosted)
            continue;
        if (filter && !choice.allowed.contains(tool.name))
            continue;
        plan.functions.push_back(tool.kind == Tool::Kind::Custom ? bridgeTool(tool) : tool);
        if (tool.cache)
            plan.dropped.note("cache_control");
        if (tool.strict.value_or(false))
            plan.dropped.note("tools.strict");
        for (const QByteArray &name : foreignNames(tool.native, Dialect::Gemini))
            plan.dropped.note("tools." + name);
    }
    for (const Tool &tool : request.tools) {
        if (tool.kind == Tool::Kind::Hosted)
            planHosted(plan, tool);
    }
    const bool formed = request.format.kind == OutputFormat::Kind::JsonObject
        || request.format.kind == OutputFormat::Kind::Schema;
    const bool combines = target.thinkingLevels || plan.functions.empty();
    plan.schemaInWords = !plan.own && formed
        && (!combines
            || (request.format.kind == OutputFormat::Kind::Schema && !target.takesJsonSchema));
    return plan;
}

Result<void> writeTools(JsonWriter &out, Plan &plan)
{
    if (plan.functions.empty() && plan.hosted.empty())
        return {};
    out.key("tools").beginArray();
    if (plan.own) {
        // As grouped by the client, but that neighbouring lists of functions are one.
        std::vector<Tool> run;
        std::size_t hosted = 0;
        for (const Tool &tool : plan.request.tools) {
            if (tool.kind != Tool::Kind::Hosted) {
                run.push_back(tool);
                continue;
            }
            if (auto written = writeFunctions(out, plan, std::exchange(run, {})); !written)
                return written;
            const NativeMember &next = plan.hosted[hosted++];
            out.beginObject().key(next.name).raw(next.json).endObject();
        }
        if (auto written = writeFunctions(out, plan, run); !written)
            return written;
        out.endArray();
        return {};
    }
    if (auto written = writeFunctions(out, plan, plan.functions); !written)
        return written;
    for (const NativeMember &hosted : plan.hosted)
        out.beginObject().key(hosted.name).raw(hosted.json).endObject();
    out.endArray();
    return {};
}

void writeToolConfig(JsonWriter &out, Plan &plan)
{
    const Request &request = plan.request;
    const ToolChoice &choice = request.toolChoice;
    if (choice.parallel == false)
        plan.dropped.note("parallel_tool_calls");
    const QByteArrayView kCalling = "toolConfig.functionCallingConfig.";
    const bool calling = choice.mode && (plan.own || !plan.functions.empty());
    const bool more = hasKept(request.native, "toolConfig.");
    if (!calling && !more)
        return;
    out.key("toolConfig").beginObject();
    if (calling || hasKept(request.native, kCalling)) {
        out.key("functionCallingConfig").beginObject();
        if (calling)
            out.member("mode", modeOf(plan));
        QByteArrayList names = choice.allowed;
        if (choice.mode == ToolChoice::Mode::Named)
            names = {choice.name};
        const bool listed = plan.own || choice.mode == ToolChoice::Mode::Required
            || choice.mode == ToolChoice::Mode::Named;
        if (listed && !names.isEmpty()) {
            out.key("allowedFunctionNames").beginArray();
            for (const QByteArray &name : std::as_const(names))
                out.string(name);
            out.endArray();
        }
        writeKept(out, request.native, kCalling, {"mode"});
        out.endObject();
    }
    writeKept(out, request.native, "toolConfig.");
    out.endObject();
}

} // namespace tollgate::codecs::gemini
