// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/asking.h"
#include "core/codecs/chat/messagewriter.h"
#include "core/codecs/chat/requests.h"
#include "core/codecs/chat/tools.h"
#include "core/conversation/schema.h"

#include <QCryptographicHash>

namespace tollgate::codecs::chat {
namespace {

void raw(JsonWriter &out, QByteArrayView name, const QByteArray &json)
{
    if (!json.isEmpty())
        out.key(name).raw(json);
}

void text(JsonWriter &out, QByteArrayView name, const QByteArray &utf8)
{
    if (!utf8.isEmpty())
        out.member(name, utf8);
}

class Writer
{
public:
    Writer(const Request &request, const Target &target)
        : m_request(request)
        , m_target(target)
        , m_style(reasoningStyle(target.reasoningStyle))
    {
    }
    [[nodiscard]] Result<EncodedRequest> write();

private:
    [[nodiscard]] Result<QByteArray> writeFormat();
    void writeLimits();
    void writeStream();
    void writeUser();
    void writeFurther();

    const Request &m_request;
    const Target &m_target;
    const ReasoningStyle &m_style;
    JsonWriter m_out;
    Dropped m_dropped;
};

// Gives the instruction that stands for a schema which the target does not take.
Result<QByteArray> Writer::writeFormat()
{
    const OutputFormat &format = m_request.format;
    using Kind = OutputFormat::Kind;
    if (format.kind == Kind::Unset)
        return QByteArray();
    m_out.key("response_format").beginObject();
    if (format.kind == Kind::Text) {
        m_out.member("type", "text").endObject();
        return QByteArray();
    }
    QByteArray schema = format.schema;
    const bool strict = format.strict.value_or(false) && m_target.takesStrictSchemas;
    if (m_request.source != Dialect::Chat && format.kind == Kind::Schema) {
        auto clean
            = cleanSchema(schema, strict ? SchemaFlavour::OpenAiStrict : SchemaFlavour::Plain);
        if (!clean)
            return failure(clean.error());
        schema = *std::move(clean);
    }
    if (format.kind == Kind::JsonObject || !m_target.takesJsonSchema) {
        m_out.member("type", "json_object").endObject();
        return format.kind == Kind::JsonObject
            ? QByteArray()
            : "Answer with one JSON object that is valid against this JSON Schema, and with "
              "nothing else: "
                + schema;
    }
    m_out.member("type", "json_schema").key("json_schema").beginObject();
    m_out.member("name", format.name.isEmpty() ? QByteArray("response") : format.name);
    text(m_out, "description", format.description);
    raw(m_out, "schema", schema);
    if (format.strict && m_target.takesStrictSchemas)
        m_out.member("strict", *format.strict);
    m_out.endObject().endObject();
    return QByteArray();
}

void Writer::writeLimits()
{
    if (m_request.maxOutput) {
        std::int64_t limit = *m_request.maxOutput;
        if (m_target.maxOutputTokens > 0)
            limit = std::min(limit, m_target.maxOutputTokens);
        m_out.member(m_target.maxCompletionTokens ? "max_completion_tokens" : "max_tokens", limit);
    }
    writeSampling(m_out, m_request, m_target, m_dropped);
    const Sampling &sampling = m_request.sampling;
    if (m_target.takesSampling) {
        if (sampling.logprobs)
            m_out.member("logprobs", *sampling.logprobs);
        raw(m_out, "top_logprobs", sampling.topLogprobs);
    } else if (sampling.logprobs.value_or(false)) {
        m_dropped.note("logprobs");
    }
}

void Writer::writeStream()
{
    if (!m_request.stream)
        return;
    m_out.member("stream", true);
    if (!m_target.takesStreamOptions)
        return;
    // Asked for whether the client wants it or not: without it nobody knows what the answer used.
    m_out.key("stream_options").beginObject().member("include_usage", true);
    const QByteArray given = nativeOf(m_request.native, Dialect::Chat, "stream_options");
    if (const auto tree = protocol::JsonTree::parse(given)) {
        for (const JsonValue member : tree->root()) {
            if (!member.keyIs("include_usage"))
                m_out.key(member.key()).raw(member.raw());
        }
    }
    m_out.endObject();
}

void Writer::writeUser()
{
    const bool said = !nativeOf(m_request.native, Dialect::Chat, "user").isEmpty()
        || !nativeOf(m_request.native, Dialect::Chat, "safety_identifier").isEmpty();
    if (m_request.userId.isEmpty() || said || m_target.refusesUnknown)
        return;
    constexpr qsizetype kLongest = 64;
    const QByteArray id = m_request.userId.size() <= kLongest
        ? m_request.userId
        : QCryptographicHash::hash(m_request.userId, QCryptographicHash::Sha256).toHex();
    m_out.member("user", id);
}

void Writer::writeFurther()
{
    text(m_out, "verbosity", m_request.verbosity);
    if (!m_request.modalities.isEmpty()) {
        m_out.key("modalities").beginArray();
        for (const QByteArray &modality : m_request.modalities)
            m_out.string(modality);
        m_out.endArray();
    }
    if (m_request.source == Dialect::Chat)
        text(m_out, "service_tier", m_request.serviceTier);
    else if (!m_request.serviceTier.isEmpty())
        m_dropped.note("service_tier");
    if (!m_target.refusesUnknown) {
        raw(m_out, "metadata", m_request.metadata);
        text(m_out, "prompt_cache_key", m_request.cacheKey);
        if (m_request.store)
            m_out.member("store", *m_request.store);
    }
    if (m_request.cache && m_request.source != Dialect::Chat) {
        if (!writeCacheMark(m_out, m_request.cache, {}, m_style.cacheControl))
            m_dropped.note("cache_control");
    }
    writeUser();
    for (const QByteArray &name : foreignNames(m_request.native, Dialect::Chat))
        m_dropped.note(name);
    if (m_target.refusesUnknown) {
        for (const NativeMember &member : m_request.native)
            m_dropped.note(member.name);
        return;
    }
    writeNative(m_out, m_request.native, Dialect::Chat,
                {"stream_options", "functions", "function_call", "reasoning", "thinking",
                 "reasoning_format", "include_reasoning", "reasoning_split", "chat_template_kwargs",
                 "prompt_mode", "extra_body"});
}

Result<EncodedRequest> Writer::write()
{
    if (!m_request.previousResponseId.isEmpty()) {
        Error error;
        error.kind = ErrorKind::InvalidRequest;
        error.message = QStringLiteral("This model cannot go on from a stored response: send the "
                                       "conversation itself.");
        error.param = "previous_response_id";
        return failure(std::move(error));
    }
    m_out.beginObject().member("model", m_target.model);
    ToolsWriter tools{m_out, m_target, m_style, m_request, m_dropped};
    const auto toolHint = tools.write();
    if (!toolHint)
        return failure(toolHint.error());
    const auto formatHint = writeFormat();
    if (!formatHint)
        return failure(formatHint.error());
    writeLimits();
    writeAsking(m_out, m_request, m_target, m_style, m_dropped);
    writeStream();
    writeFurther();
    // Last: they say in words what the members above could not.
    QByteArrayList hints;
    for (const QByteArray &hint : {*toolHint, *formatHint}) {
        if (!hint.isEmpty())
            hints += hint;
    }
    m_out.key("messages");
    MessageWriter writer(m_out, m_request, m_target, m_style, m_dropped);
    if (auto written = writer.write(hints); !written)
        return failure(written.error());
    m_out.endObject();
    return EncodedRequest{m_out.take(), m_dropped};
}

} // namespace

namespace {

// Whether the list, parted by spaces, holds this name.
bool isNamed(QByteArrayView list, QByteArrayView name)
{
    const QByteArrayList names = list.toByteArray().split(' ');
    return names.contains(name.toByteArray());
}

} // namespace

void writeSampling(JsonWriter &out, const Request &request, const Target &target, Dropped &dropped)
{
    const ReasoningStyle &style = reasoningStyle(target.reasoningStyle);
    const Sampling &sampling = request.sampling;
    if (request.candidates)
        out.member("n", *request.candidates);
    if (!request.stop.isEmpty()) {
        constexpr qsizetype kMost = 4;
        out.key("stop").beginArray();
        for (const QByteArray &sequence : request.stop.first(std::min(request.stop.size(), kMost)))
            out.string(sequence);
        out.endArray();
        if (request.stop.size() > kMost)
            dropped.note("stop");
    }
    const auto put = [&](const char *name, const QByteArray &value, bool taken) {
        if (value.isEmpty())
            return;
        if (taken && !isNamed(style.refuses, name))
            out.key(name).raw(value);
        else
            dropped.note(name);
    };
    // Reasoning models refuse all of these while they reason.
    const bool taken = target.takesSampling;
    // A hotter one is refused; the hottest that is taken comes nearest.
    if (taken && sampling.temperature.toDouble() > style.hottest) {
        put("temperature", QByteArray::number(style.hottest), taken);
        dropped.note("temperature");
    } else {
        put("temperature", sampling.temperature, taken);
    }
    put("top_p", sampling.topP, taken);
    put("presence_penalty", sampling.presencePenalty, taken);
    put("frequency_penalty", sampling.frequencyPenalty, taken);
    put("logit_bias", sampling.logitBias, taken);
    // Not OpenAI's: a client that says them in this dialect knows its vendor.
    const bool further = taken && !target.refusesUnknown
        && (style.sampling || request.source == Dialect::Chat
            || request.source == Dialect::Completions);
    put("top_k", sampling.topK, further);
    put("min_p", sampling.minP, further);
    put("repetition_penalty", sampling.repetitionPenalty, further);
    if (style.name == "mistral")
        put("random_seed", sampling.seed, true);
    else
        put("seed", sampling.seed, true);
}

Result<EncodedRequest> writeRequest(const Request &request, const Target &target)
{
    return Writer(request, target).write();
}

} // namespace tollgate::codecs::chat
