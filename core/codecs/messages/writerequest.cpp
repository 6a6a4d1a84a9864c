// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/arrange.h"
#include "core/codecs/messages/limits.h"
#include "core/codecs/messages/request.h"
#include "core/codecs/messages/thinking.h"
#include "core/codecs/messages/tools.h"
#include "core/codecs/messages/writeblocks.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::messages {
namespace {

constexpr std::array<QByteArrayView, 4> kNested{"thinking.", "output_config.", "metadata.",
                                                "tool_choice."};

class RequestWriter
{
public:
    RequestWriter(const Request &request, const Target &target)
        : m_request(request)
        , m_target(target)
        , m_own(request.source == Dialect::Messages)
    {
    }
    Result<EncodedRequest> run();

private:
    void addInstructions(const OfferedTools &offered, Arranged &arranged) const;
    Result<void> writeParts(const std::vector<Part> &parts);
    Result<void> writeTurns(const Arranged &arranged);
    void writeSampling(const Thinking &thinking);
    Result<void> writeOutputConfig(const Thinking &thinking);
    void writeMetadata();
    void writeNatives();

    const Request &m_request;
    const Target &m_target;
    const bool m_own;
    JsonWriter m_out;
    Dropped m_dropped;
};

void RequestWriter::addInstructions(const OfferedTools &offered, Arranged &arranged) const
{
    if (!offered.instruction.isEmpty())
        arranged.system.push_back({Text{offered.instruction, {}}});
    if (m_request.format.kind == OutputFormat::Kind::JsonObject)
        arranged.system.push_back(
            {Text{"Answer with one JSON object and nothing else: no words around it, no code "
                  "fence.",
                  {}}});
}

Result<void> RequestWriter::writeParts(const std::vector<Part> &parts)
{
    m_out.beginArray();
    for (const Part &part : parts) {
        if (auto written = writeRequestPart(m_out, part, m_request.source, m_dropped); !written)
            return written;
    }
    m_out.endArray();
    return {};
}

Result<void> RequestWriter::writeTurns(const Arranged &arranged)
{
    if (!arranged.system.empty()) {
        m_out.key("system");
        if (auto written = writeParts(arranged.system); !written)
            return written;
    }
    m_out.key("messages").beginArray();
    for (const Message &turn : arranged.turns) {
        m_out.beginObject();
        m_out.member("role",
                     turn.role == Role::User         ? "user"
                         : turn.role == Role::System ? "system"
                                                     : "assistant");
        m_out.key("content");
        if (auto written = writeParts(turn.parts); !written)
            return written;
        writeNative(m_out, turn.native, Dialect::Messages);
        m_out.endObject();
    }
    m_out.endArray();
    return {};
}

void RequestWriter::writeSampling(const Thinking &thinking)
{
    const bool thinks
        = thinking.kind == Thinking::Kind::Budget || thinking.kind == Thinking::Kind::Adaptive;
    const FitSampling fit = fitSampling(m_request.sampling, m_target, thinks, m_own, m_dropped);
    if (!fit.temperature.isEmpty())
        m_out.key("temperature").raw(fit.temperature);
    if (!fit.topP.isEmpty())
        m_out.key("top_p").raw(fit.topP);
    if (!fit.topK.isEmpty())
        m_out.key("top_k").raw(fit.topK);
}

Result<void> RequestWriter::writeOutputConfig(const Thinking &thinking)
{
    const bool schema
        = m_request.format.kind == OutputFormat::Kind::Schema && m_target.takesJsonSchema;
    if (!schema && thinking.effort.isEmpty() && !hasNested(m_request.native, "output_config"))
        return {};
    m_out.key("output_config").beginObject();
    if (!thinking.effort.isEmpty())
        m_out.member("effort", thinking.effort);
    if (schema) {
        QByteArray text = m_request.format.schema;
        if (!m_own) {
            auto clean = cleanSchema(text, SchemaFlavour::AnthropicStrict);
            if (!clean)
                return failure(clean.error());
            text = *std::move(clean);
        }
        m_out.key("format").beginObject().member("type", "json_schema").key("schema").raw(text);
        writeNested(m_out, m_request.native, "output_config.format");
        m_out.endObject();
    }
    for (const NativeMember &member : m_request.native) {
        constexpr QByteArrayView kObject = "output_config.";
        if (member.owner == Dialect::Messages && member.name.startsWith(kObject)
            && !member.name.startsWith("output_config.format."))
            m_out.key(QByteArrayView(member.name).sliced(kObject.size())).raw(member.json);
    }
    m_out.endObject();
    return {};
}

void RequestWriter::writeMetadata()
{
    const QByteArray tier = serviceTierOf(m_request.serviceTier, m_dropped);
    if (!tier.isEmpty())
        m_out.member("service_tier", tier);
    if (m_request.userId.isEmpty() && !hasNested(m_request.native, "metadata"))
        return;
    m_out.key("metadata").beginObject();
    if (!m_request.userId.isEmpty())
        m_out.member("user_id", m_request.userId);
    writeNested(m_out, m_request.native, "metadata");
    m_out.endObject();
}

void RequestWriter::writeNatives()
{
    for (const QByteArray &name : foreignNames(m_request.native, Dialect::Messages))
        m_dropped.note(name);
    Native own;
    for (const NativeMember &member : m_request.native) {
        const bool nested = std::any_of(kNested.begin(), kNested.end(), [&](QByteArrayView object) {
            return member.name.startsWith(object);
        });
        if (!nested)
            own.push_back(member);
    }
    writeTail(m_out, m_request.cache, own);
}

Result<EncodedRequest> RequestWriter::run()
{
    if (auto fits = checkRequest(m_request, m_dropped); !fits)
        return failure(fits.error());
    Arranged arranged
        = arrange(m_request, Dialect::Messages, m_target.midConversationSystem, m_dropped);
    auto offered = offerTools(m_request, m_target, Dialect::Messages, m_dropped);
    if (!offered)
        return failure(offered.error());
    addInstructions(*offered, arranged);
    const ThinkingBounds bounds{lacksThought(arranged), offered->forced()};
    const Thinking thinking = decideThinking(m_request, m_target, bounds, m_dropped);
    const bool thinks = thinking.kind == Thinking::Kind::Budget;
    if (endsWithPrefill(arranged) && (thinks || !m_target.takesPrefill))
        askToContinue(arranged);
    if (!m_own)
        limitCacheMarks(arranged, offered->tools, m_dropped);

    m_out.beginObject();
    m_out.member("model", m_target.model.isEmpty() ? m_request.model : m_target.model);
    m_out.member("max_tokens", thinking.maxTokens);
    if (auto written = writeTurns(arranged); !written)
        return failure(written.error());
    if (auto written = writeTools(m_out, *offered, m_own); !written)
        return failure(written.error());
    writeToolChoice(m_out, *offered, m_request.native);
    writeThinkingMember(m_out, thinking, m_request.native);
    if (auto written = writeOutputConfig(thinking); !written)
        return failure(written.error());
    const QByteArrayList stops = stopSequences(m_request.stop, m_dropped);
    if (!stops.isEmpty()) {
        m_out.key("stop_sequences").beginArray();
        for (const QByteArray &stop : stops)
            m_out.string(stop);
        m_out.endArray();
    }
    writeSampling(thinking);
    writeMetadata();
    if (m_request.stream)
        m_out.member("stream", true);
    writeNatives();
    m_out.endObject();
    return EncodedRequest{m_out.take(), m_dropped};
}

} // namespace

Result<EncodedRequest> writeRequest(const Request &request, const Target &target)
{
    return RequestWriter(request, target).run();
}

} // namespace tollgate::codecs::messages
