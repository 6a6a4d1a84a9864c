// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/answers.h"
#include "core/codecs/chat/chat.h"
#include "core/codecs/chat/completions.h"
#include "core/codecs/chat/usage.h"
#include "core/protocol/errors.h"

#include <algorithm>
#include <map>

namespace tollgate::codecs::completions {
namespace {

constexpr std::int64_t kMostCandidates = 256;

class Decoder final : public StreamDecoder
{
public:
    void read(QByteArrayView type, QByteArrayView data, StreamEvents &out) override;
    void finish(StreamEvents &out) override;

private:
    struct Choice
    {
        bool open = false;
        bool stopped = false;
    };
    void readChunk(JsonValue chunk, StreamEvents &out);
    void readChoice(JsonValue source, std::int64_t position, StreamEvents &out);
    void stop(std::int64_t index, Choice &choice, Stop reason, StreamEvents &out);
    void endAll(StreamEvents &out);
    void fail(Error error, StreamEvents &out);

    std::map<std::int64_t, Choice> m_choices;
    chat::UsageReader m_usage;
    bool m_started = false;
    bool m_over = false;
};

void Decoder::fail(Error error, StreamEvents &out)
{
    m_over = true;
    out.emplace_back(StreamFailure{std::move(error)});
}

void Decoder::stop(std::int64_t index, Choice &choice, Stop reason, StreamEvents &out)
{
    if (std::exchange(choice.open, false))
        out.emplace_back(PartEnd{index, 0, {}});
    choice.stopped = true;
    if (reason.reason == StopReason::None)
        reason.reason = StopReason::End;
    out.emplace_back(CandidateStop{index, std::move(reason), {}});
}

void Decoder::readChoice(JsonValue source, std::int64_t position, StreamEvents &out)
{
    const std::int64_t index = source["index"].integer().value_or(position);
    if (!source.isObject() || index < 0 || index >= kMostCandidates)
        return;
    Choice &choice = m_choices[index];
    if (choice.stopped)
        return;
    if (const QByteArray text = source["text"].string(); !text.isEmpty()) {
        if (!std::exchange(choice.open, true))
            out.emplace_back(PartStart{index, 0, Part{Text{}}});
        out.emplace_back(PartDelta{index, 0, PartDelta::Kind::Text, text, {}, {}});
    }
    if (const QByteArray listed = listedLogprobs(source["logprobs"]); !listed.isEmpty())
        out.emplace_back(LogprobsDelta{index, listed, {}});
    if (const QByteArray reason = source["finish_reason"].string(); !reason.isEmpty())
        stop(index, choice, chat::stopOf(reason, false), out);
}

void Decoder::readChunk(JsonValue chunk, StreamEvents &out)
{
    const JsonValue choices = chunk["choices"];
    if (!m_started && choices.isArray() && choices.size() > 0) {
        m_started = true;
        StreamStart start;
        start.id = chunk["id"].string();
        start.model = chunk["model"].string();
        start.createdS = chunk["created"].integer().value_or(0);
        keepUnknown(start.native, Dialect::Completions, chunk,
                    {"id", "object", "created", "model", "choices", "usage", "error"});
        std::erase_if(start.native,
                      [](const NativeMember &member) { return member.json == "null"; });
        out.emplace_back(std::move(start));
    }
    std::int64_t position = 0;
    for (const JsonValue source : choices)
        readChoice(source, position++, out);
    if (m_usage.read(chunk) && m_started)
        out.emplace_back(UsageReport{m_usage.usage()});
}

void Decoder::read(QByteArrayView type, QByteArrayView data, StreamEvents &out)
{
    const QByteArrayView text = data.trimmed();
    if (m_over || text.isEmpty())
        return;
    if (text == "[DONE]")
        return endAll(out);
    const auto tree = protocol::JsonTree::parse(text);
    if (!tree)
        return fail(chat::unreadable(), out);
    if (auto error = chat::errorIn(tree->root()))
        return fail(*std::move(error), out);
    if (type == "error")
        return fail(chat::unreadable(), out);
    if (tree->root().isObject())
        readChunk(tree->root(), out);
}

void Decoder::endAll(StreamEvents &out)
{
    if (!m_started)
        return fail(chat::cutShort(), out);
    for (auto &[index, choice] : m_choices) {
        if (!choice.stopped)
            stop(index, choice, {}, out);
    }
    m_over = true;
    out.emplace_back(StreamEnd{});
}

void Decoder::finish(StreamEvents &out)
{
    if (m_over)
        return;
    const bool complete = !m_choices.empty()
        && std::all_of(m_choices.begin(), m_choices.end(),
                       [](const auto &entry) { return entry.second.stopped; });
    if (complete)
        endAll(out);
    else
        fail(chat::cutShort(), out);
}

class Encoder final : public StreamEncoder
{
public:
    explicit Encoder(const AnswerContext &context)
        : m_context(context)
    {
    }
    void write(const StreamEvent &event, QByteArray &out) override;

private:
    [[nodiscard]] JsonWriter head() const;
    void say(std::int64_t candidate, const QByteArray &text, const QByteArray &logprobs,
             const QByteArray &finish, QByteArray &out);
    void begin(const StreamStart &start);
    void text(std::int64_t candidate, const QByteArray &text, QByteArray &out);
    void end(QByteArray &out);

    AnswerContext m_context;
    QByteArray m_id;
    QByteArray m_model;
    std::int64_t m_createdS = 0;
    Native m_native;
    std::optional<Usage> m_usage;
    std::map<std::int64_t, std::int64_t> m_offset; // code points told, by candidate
    bool m_thinking = false; // the open part is not for this dialect
    bool m_over = false;
};

JsonWriter Encoder::head() const
{
    JsonWriter chunk;
    chunk.beginObject().member("id", m_id).member("object", "text_completion");
    chunk.member("created", m_createdS).member("model", m_model);
    return chunk;
}

void send(JsonWriter &chunk, QByteArray &out)
{
    QByteArray data = chunk.take();
    // Vendors' own members may be set in lines, which would end the event.
    data.replace('\n', ' ').replace('\r', ' ');
    out += "data: " + data + "\n\n";
}

void Encoder::say(std::int64_t candidate, const QByteArray &text, const QByteArray &logprobs,
                  const QByteArray &finish, QByteArray &out)
{
    JsonWriter chunk = head();
    writeNative(chunk, std::exchange(m_native, {}), Dialect::Completions);
    chunk.key("choices").beginArray().beginObject();
    chunk.member("text", text).member("index", candidate).key("logprobs");
    if (logprobs.isEmpty())
        chunk.null();
    else
        chunk.raw(logprobs);
    chunk.key("finish_reason");
    if (finish.isEmpty())
        chunk.null();
    else
        chunk.string(finish);
    chunk.endObject().endArray();
    if (m_context.includeUsage)
        chunk.key("usage").null();
    chunk.endObject();
    send(chunk, out);
}

void Encoder::begin(const StreamStart &start)
{
    m_id = !start.id.isEmpty() ? start.id : "cmpl-" + m_context.requestId;
    m_model = m_context.model.isEmpty() ? start.model : m_context.model;
    m_createdS = start.createdS > 0 ? start.createdS : m_context.nowS;
    m_native = start.native;
    if (start.usage)
        m_usage = start.usage;
}

void Encoder::text(std::int64_t candidate, const QByteArray &text, QByteArray &out)
{
    if (text.isEmpty())
        return;
    QByteArray told = text;
    if (const auto at = m_offset.find(candidate); at == m_offset.end()) {
        const QByteArray echo = echoOf(m_context);
        m_offset[candidate] = chat::codePoints(echo);
        told.prepend(echo);
    }
    say(candidate, told, {}, {}, out);
}

void Encoder::end(QByteArray &out)
{
    if (m_context.includeUsage && m_usage) {
        JsonWriter chunk = head();
        chunk.key("choices").beginArray().endArray().key("usage");
        chat::writeUsage(chunk, *m_usage);
        chunk.endObject();
        send(chunk, out);
    }
    out += "data: [DONE]\n\n";
    m_over = true;
}

void Encoder::write(const StreamEvent &event, QByteArray &out)
{
    if (m_over)
        return;
    if (const auto *start = std::get_if<StreamStart>(&event)) {
        begin(*start);
    } else if (const auto *part = std::get_if<PartStart>(&event)) {
        const auto *said = std::get_if<Text>(&part->part.body);
        const auto *refusal = std::get_if<Refusal>(&part->part.body);
        m_thinking = !said && !refusal;
        if (!m_thinking)
            text(part->candidate, said ? said->text : refusal->text, out);
    } else if (const auto *delta = std::get_if<PartDelta>(&event)) {
        if (!m_thinking && delta->kind == PartDelta::Kind::Text)
            text(delta->candidate, delta->bytes, out);
    } else if (const auto *logprobs = std::get_if<LogprobsDelta>(&event)) {
        std::int64_t &offset = m_offset[logprobs->candidate];
        const QByteArray told = parallelLogprobs(logprobs->content, offset);
        if (!told.isEmpty())
            say(logprobs->candidate, {}, told, {}, out);
    } else if (const auto *stopped = std::get_if<CandidateStop>(&event)) {
        const QByteArray reason = chat::finishReason(stopped->stop);
        say(stopped->candidate, {}, {}, reason == "tool_calls" ? "stop" : reason, out);
    } else if (const auto *report = std::get_if<UsageReport>(&event)) {
        m_usage = report->usage;
    } else if (std::holds_alternative<StreamPing>(event)) {
        out += protocol::keepAlive(Dialect::Chat);
    } else if (const auto *failed = std::get_if<StreamFailure>(&event)) {
        out += protocol::errorEvent(Dialect::Completions, failed->error, m_context.requestId);
        m_over = true;
    } else if (std::holds_alternative<StreamEnd>(event)) {
        end(out);
    }
}

class CompletionsCodec final : public Codec
{
public:
    [[nodiscard]] Dialect dialect() const override { return Dialect::Completions; }
    [[nodiscard]] Result<Request> decodeRequest(QByteArrayView body) const override
    {
        return readRequest(body);
    }
    [[nodiscard]] Result<EncodedRequest> encodeRequest(const Request &request,
                                                       const Target &target) const override
    {
        return writeRequest(request, target);
    }
    [[nodiscard]] Result<Response> decodeResponse(QByteArrayView body) const override
    {
        return readAnswer(body);
    }
    [[nodiscard]] QByteArray encodeResponse(const Response &response,
                                            const AnswerContext &context) const override
    {
        return writeAnswer(response, context);
    }
    [[nodiscard]] AnswerPlaces answerPlaces(const AnswerContext &) const override
    {
        AnswerPlaces places; // one text
        places.logprobs = AnswerPlaces::Logprobs::Content;
        places.citations = places.reasoning = places.seals = places.partSeals = false;
        places.calls = 0;
        places.media = 0;
        return places;
    }
    [[nodiscard]] std::unique_ptr<StreamDecoder> streamDecoder() const override
    {
        return completions::streamDecoder();
    }
    [[nodiscard]] std::unique_ptr<StreamEncoder>
    streamEncoder(const AnswerContext &context) const override
    {
        return completions::streamEncoder(context);
    }
};

} // namespace

std::unique_ptr<StreamDecoder> streamDecoder()
{
    return std::make_unique<Decoder>();
}

std::unique_ptr<StreamEncoder> streamEncoder(const AnswerContext &context)
{
    return std::make_unique<Encoder>(context);
}

} // namespace tollgate::codecs::completions

namespace tollgate::codecs {

const conversation::Codec &completionsCodec()
{
    static const completions::CompletionsCodec codec;
    return codec;
}

} // namespace tollgate::codecs
