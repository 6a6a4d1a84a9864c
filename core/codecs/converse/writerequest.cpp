// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/converse/blockwriter.h"
#include "core/codecs/converse/wire.h"
#include "core/codecs/messages/limits.h"
#include "core/codecs/messages/thinking.h"
#include "core/codecs/messages/tools.h"

#include <QSet>

#include <algorithm>

namespace tollgate::codecs::converse {
namespace {

using messages::Arranged;
using messages::OfferedTools;
using messages::Thinking;
using Mode = ToolChoice::Mode;

constexpr qsizetype kLongestName = 64;

bool hasResult(const Part &part)
{
    return std::holds_alternative<ToolResult>(part.body);
}

bool isFile(const Part &part)
{
    const auto *media = std::get_if<Media>(&part.body);
    return media && media->kind != Media::Kind::Image;
}

// Some makers want tool results in a turn of their own: what stood beside them moves into the next,
// with a word of the model between.
void separateResults(std::vector<Message> &turns, const Family &family)
{
    std::vector<Message> apart;
    for (Message &turn : turns) {
        std::vector<Part> &parts = turn.parts;
        const bool results = std::any_of(parts.begin(), parts.end(), hasResult);
        const bool others = !std::all_of(parts.begin(), parts.end(), hasResult);
        const bool files = std::any_of(parts.begin(), parts.end(), isFile);
        if (!results || !others
            || !(family.resultsAlone || (family.resultsWithoutFiles && files))) {
            apart.push_back(std::move(turn));
            continue;
        }
        const auto rest = std::find_if_not(parts.begin(), parts.end(), hasResult);
        Message behind{Role::User, false, {}, {}, {}};
        behind.parts.assign(std::make_move_iterator(rest), std::make_move_iterator(parts.end()));
        parts.erase(rest, parts.end());
        apart.push_back(std::move(turn));
        Message between{Role::Assistant, false, {}, {}, {}};
        between.parts.push_back({Text{"I have the results.", {}}});
        apart.push_back(std::move(between));
        apart.push_back(std::move(behind));
    }
    turns = std::move(apart);
}

class RequestWriter
{
public:
    RequestWriter(const Request &request, const Target &target)
        : m_request(request)
        , m_target(target)
        , m_family(familyOf(target.model.isEmpty() ? request.model : target.model))
        , m_blocks(m_out, m_family, m_dropped)
    {
    }
    Result<EncodedRequest> run();

private:
    [[nodiscard]] Result<OfferedTools> offer(const Arranged &arranged);
    Result<void> writeTools(const OfferedTools &offered);
    void writeInference(const Thinking &thinking, const messages::FitSampling &sampling);
    void writeAdditional(const Thinking &thinking, const messages::FitSampling &sampling);
    void writeThinking(const Thinking &thinking);
    Result<void> writeFormat();
    void noteUnsayable(const Thinking &thinking);

    const Request &m_request;
    const Target &m_target;
    const Family &m_family;
    JsonWriter m_out;
    Dropped m_dropped;
    BlockWriter m_blocks;
};

Result<OfferedTools> RequestWriter::offer(const Arranged &arranged)
{
    auto offered = messages::offerTools(m_request, m_target, Dialect::Converse, m_dropped);
    if (!offered)
        return offered;
    for (const Tool &tool : offered->tools) {
        if (tool.kind == Tool::Kind::Function && tool.name.size() > kLongestName)
            return messages::refused(
                QStringLiteral("The tool “%1” cannot be offered to this provider: names may have "
                               "up to 64 characters.")
                    .arg(QString::fromUtf8(tool.name.left(kLongestName))),
                "tools");
    }
    if (offered->choice.mode == Mode::None && !offered->tools.empty()) {
        // There is no such choice here, and a history with calls needs its tools.
        offered->choice.mode.reset();
        offered->instruction = "Answer without calling any tool.";
    }
    if (offered->choice.parallel == false)
        m_dropped.note("parallel_tool_calls");
    QByteArrayList names;
    QSet<QByteArray> known;
    for (const Message &turn : arranged.turns) {
        for (const Part &part : turn.parts) {
            const auto *call = std::get_if<ToolCall>(&part.body);
            if (!call || !offered->tools.empty() || known.contains(call->name))
                continue;
            known.insert(call->name);
            names.append(call->name);
        }
    }
    for (const QByteArray &name : names) { // a history with calls is refused without tools
        Tool tool;
        tool.name = messages::wireId(name, kLongestName);
        tool.description = "No longer available.";
        offered->tools.push_back(std::move(tool));
        offered->choice.mode.reset();
    }
    return offered;
}

Result<void> RequestWriter::writeTools(const OfferedTools &offered)
{
    if (offered.tools.empty())
        return {};
    m_out.key("toolConfig").beginObject().key("tools").beginArray();
    for (const Tool &tool : offered.tools) {
        if (tool.kind == Tool::Kind::Hosted) {
            m_out.raw(tool.json);
            continue;
        }
        const bool strict = tool.strict.value_or(false);
        auto schema = messages::toolSchema(tool, false, strict);
        if (!schema)
            return failure(schema.error());
        m_out.beginObject().key("toolSpec").beginObject().member("name", tool.name);
        if (!tool.description.isEmpty())
            m_out.member("description", tool.description);
        m_out.key("inputSchema").beginObject().key("json").raw(*schema).endObject();
        if (strict)
            m_out.member("strict", true);
        m_out.endObject().endObject();
        m_blocks.cachePoint(tool.cache);
    }
    m_out.endArray();
    if (offered.choice.mode) {
        m_out.key("toolChoice").beginObject();
        if (offered.choice.mode == Mode::Named)
            m_out.key("tool").beginObject().member("name", offered.choice.name).endObject();
        else
            m_out.key(offered.choice.mode == Mode::Required ? "any" : "auto")
                .beginObject()
                .endObject();
        m_out.endObject();
    }
    m_out.endObject();
    return {};
}

void RequestWriter::writeInference(const Thinking &thinking, const messages::FitSampling &sampling)
{
    m_out.key("inferenceConfig").beginObject();
    // The model's own limit holds where the client set none, unless a budget must stay below it.
    if (m_request.maxOutput || thinking.kind == Thinking::Kind::Budget)
        m_out.member("maxTokens", thinking.maxTokens);
    if (!sampling.temperature.isEmpty())
        m_out.key("temperature").raw(sampling.temperature);
    if (!sampling.topP.isEmpty())
        m_out.key("topP").raw(sampling.topP);
    const QByteArrayList stops = messages::stopSequences(m_request.stop, m_dropped);
    if (!stops.isEmpty()) {
        m_out.key("stopSequences").beginArray();
        for (const QByteArray &stop : stops)
            m_out.string(stop);
        m_out.endArray();
    }
    m_out.endObject();
    if (!stops.isEmpty() && m_family.thinking == Family::Thinking::Claude)
        m_out.key("additionalModelResponseFieldPaths")
            .beginArray()
            .string("/stop_sequence")
            .endArray();
}

void RequestWriter::writeThinking(const Thinking &thinking)
{
    const QByteArray &asked = m_request.reasoning.effort;
    const bool on
        = thinking.kind == Thinking::Kind::Budget || thinking.kind == Thinking::Kind::Adaptive;
    QByteArray effort = asked;
    if (effort.isEmpty() && on)
        effort = m_request.reasoning.budget.value_or(-1) > 0
            ? effortOfBudget(*m_request.reasoning.budget)
            : QByteArray("medium");
    static const QByteArrayList kThree{"low", "medium", "high"};
    const QByteArray nearest
        = nearestEffort(effort, m_target.efforts.isEmpty() ? kThree : m_target.efforts);
    switch (m_family.thinking) {
    case Family::Thinking::Claude:
        messages::writeThinkingMember(m_out, thinking, {});
        if (!thinking.effort.isEmpty())
            m_out.key("output_config").beginObject().member("effort", thinking.effort).endObject();
        break;
    case Family::Thinking::Nova:
        if (on)
            m_out.key("reasoningConfig")
                .beginObject()
                .member("type", "enabled")
                .member("maxReasoningEffort", nearest)
                .endObject();
        break;
    case Family::Thinking::Effort:
        if (!effort.isEmpty())
            m_out.member("reasoning_effort", nearest);
        break;
    case Family::Thinking::Qwen:
        if (on)
            m_out.member("reasoning_config", nearest);
        break;
    case Family::Thinking::None:
        if (on)
            m_dropped.note("reasoning");
        break;
    }
}

// Written apart, to be left out where nothing is in it: models refuse members they do not know.
void RequestWriter::writeAdditional(const Thinking &thinking, const messages::FitSampling &sampling)
{
    JsonWriter outer = std::exchange(m_out, {});
    m_out.beginObject();
    writeThinking(thinking);
    if (!sampling.topK.isEmpty()) {
        if (m_family.topKAlone)
            m_out.key("top_k").raw(sampling.topK);
        else if (m_family.topKNested)
            m_out.key("inferenceConfig").beginObject().key("topK").raw(sampling.topK).endObject();
        else
            m_dropped.note("top_k");
    }
    m_out.endObject();
    const QByteArray fields = m_out.take();
    m_out = std::move(outer);
    if (fields != "{}"
        && nativeOf(m_request.native, Dialect::Converse, "additionalModelRequestFields").isEmpty())
        m_out.key("additionalModelRequestFields").raw(fields);
}

Result<void> RequestWriter::writeFormat()
{
    const OutputFormat &format = m_request.format;
    if (format.kind != OutputFormat::Kind::Schema || !m_target.takesJsonSchema)
        return {};
    auto schema = cleanSchema(format.schema, SchemaFlavour::AnthropicStrict);
    if (!schema)
        return failure(schema.error());
    m_out.key("outputConfig").beginObject().key("textFormat").beginObject();
    m_out.member("type", "json_schema").key("structure").beginObject();
    m_out.key("jsonSchema").beginObject();
    m_out.member("name", format.name.isEmpty() ? QByteArray("output") : format.name);
    if (!format.description.isEmpty())
        m_out.member("description", format.description);
    m_out.member("schema", *schema).endObject().endObject().endObject().endObject();
    return {};
}

void RequestWriter::noteUnsayable(const Thinking &thinking)
{
    if (!m_request.userId.isEmpty())
        m_dropped.note("user");
    if (thinking.kind == Thinking::Kind::Silent && !m_request.reasoning.effort.isEmpty()
        && m_family.thinking == Family::Thinking::None)
        m_dropped.note("reasoning");
    for (const QByteArray &name : foreignNames(m_request.native, Dialect::Converse))
        m_dropped.note(name);
}

Result<EncodedRequest> RequestWriter::run()
{
    if (auto fits = messages::checkRequest(m_request, m_dropped); !fits)
        return failure(fits.error());
    Arranged arranged = messages::arrange(m_request, Dialect::Converse, false, m_dropped);
    auto offered = offer(arranged);
    if (!offered)
        return failure(offered.error());
    if (!offered->instruction.isEmpty())
        arranged.system.push_back({Text{offered->instruction, {}}});
    if (m_request.format.kind == OutputFormat::Kind::JsonObject)
        arranged.system.push_back({Text{"Answer with one JSON object and nothing else.", {}}});
    const messages::ThinkingBounds bounds{messages::lacksThought(arranged), offered->forced()};
    const Thinking thinking = messages::decideThinking(m_request, m_target, bounds, m_dropped);
    const bool thinks
        = thinking.kind == Thinking::Kind::Budget || thinking.kind == Thinking::Kind::Adaptive;
    if (messages::endsWithPrefill(arranged)
        && (thinking.kind == Thinking::Kind::Budget || !m_target.takesPrefill
            || m_family.thinking != Family::Thinking::Claude))
        messages::askToContinue(arranged);
    separateResults(arranged.turns, m_family);
    if (m_request.cache && !arranged.turns.empty() && !arranged.turns.back().parts.empty())
        arranged.turns.back().parts.back().cache = m_request.cache;
    messages::limitCacheMarks(arranged, offered->tools, m_dropped);
    const messages::FitSampling sampling = messages::fitSampling(
        m_request.sampling, m_target, thinks && m_family.thinking == Family::Thinking::Claude,
        false, m_dropped);

    m_out.beginObject();
    if (auto written = m_blocks.writeSystem(arranged.system); !written)
        return failure(written.error());
    if (auto written = m_blocks.writeTurns(arranged.turns); !written)
        return failure(written.error());
    writeInference(thinking, sampling);
    if (auto written = writeTools(*offered); !written)
        return failure(written.error());
    writeAdditional(thinking, sampling);
    if (auto written = writeFormat(); !written)
        return failure(written.error());
    const QByteArray &tier = m_request.serviceTier;
    if (tier == "default" || tier == "flex" || tier == "priority" || tier == "reserved")
        m_out.key("serviceTier").beginObject().member("type", tier).endObject();
    else if (!tier.isEmpty() && tier != "auto" && tier != "standard_only" && tier != "standard")
        m_dropped.note("service_tier");
    noteUnsayable(thinking);
    writeNative(m_out, m_request.native, Dialect::Converse);
    m_out.endObject();
    return EncodedRequest{m_out.take(), m_dropped};
}

} // namespace

Result<EncodedRequest> writeRequest(const Request &request, const Target &target)
{
    return RequestWriter(request, target).run();
}

} // namespace tollgate::codecs::converse
