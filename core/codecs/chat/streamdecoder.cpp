// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/answers.h"
#include "core/codecs/chat/blocks.h"
#include "core/codecs/chat/content.h"
#include "core/codecs/chat/streams.h"
#include "core/codecs/chat/usage.h"

#include <map>

namespace tollgate::codecs::chat {
namespace {

// More than any vendor gives; a wrong index must not cost memory.
constexpr std::int64_t kMostCandidates = 256;

struct Choice
{
    Choice(std::int64_t index, const QByteArray &salt)
        : blocks(index, salt)
    {
    }
    Blocks blocks;
    ThinkTags tags;
    Native native;
    bool stopped = false;
};

class Decoder final : public StreamDecoder
{
public:
    explicit Decoder(bool thinkTags)
        : m_thinkTags(thinkTags)
    {
    }
    void read(QByteArrayView type, QByteArrayView data, StreamEvents &out) override;
    void finish(StreamEvents &out) override;

private:
    void readChunk(JsonValue chunk, StreamEvents &out);
    void readChoice(JsonValue source, std::int64_t position, StreamEvents &out);
    void readDelta(Choice &choice, JsonValue delta, StreamEvents &out);
    void readContent(Choice &choice, JsonValue delta, StreamEvents &out);
    void say(Choice &choice, const QByteArray &text, StreamEvents &out);
    void readThoughts(Choice &choice, JsonValue delta, StreamEvents &out);
    void readCalls(Choice &choice, JsonValue delta, StreamEvents &out);
    void start(JsonValue chunk, StreamEvents &out);
    void stop(std::int64_t index, Choice &choice, const QByteArray &reason, JsonValue source,
              StreamEvents &out);
    void endAll(StreamEvents &out);
    void fail(Error error, StreamEvents &out);
    Choice &choice(std::int64_t index);

    std::map<std::int64_t, Choice> m_choices;
    UsageReader m_usage;
    Usage m_reported;
    Native m_early; // of chunks that told nothing else
    Native m_known; // members of the completion told already
    QByteArray m_id;
    bool m_thinkTags;
    bool m_started = false;
    bool m_over = false;
};

Choice &Decoder::choice(std::int64_t index)
{
    const auto at = m_choices.find(index);
    return at != m_choices.end() ? at->second
                                 : m_choices.try_emplace(index, index, m_id).first->second;
}

void Decoder::fail(Error error, StreamEvents &out)
{
    m_over = true;
    out.emplace_back(StreamFailure{std::move(error)});
}

void Decoder::start(JsonValue chunk, StreamEvents &out)
{
    if (std::exchange(m_started, true))
        return;
    StreamStart begun;
    begun.id = m_id = chunk["id"].string();
    begun.model = chunk["model"].string();
    begun.createdS = chunk["created"].integer().value_or(0);
    begun.serviceTier = chunk["service_tier"].string();
    keepAnswerNatives(m_known, chunk);
    begun.native = m_known;
    out.emplace_back(std::move(begun));
}

void Decoder::say(Choice &choice, const QByteArray &text, StreamEvents &out)
{
    if (!m_thinkTags) {
        choice.blocks.text(text, out);
        return;
    }
    for (const ThinkTags::Piece &piece : choice.tags.feed(text)) {
        if (piece.thought)
            choice.blocks.thought(piece.text, out);
        else
            choice.blocks.text(piece.text, out);
    }
}

void Decoder::readContent(Choice &choice, JsonValue delta, StreamEvents &out)
{
    const JsonValue content = delta["content"];
    if (content.isString()) {
        // Gemini's OpenAI endpoint marks its thoughts beside the content.
        if (delta["extra_content"]["google"]["thought"].isTrue()) {
            QByteArray thought = content.string();
            if (thought.startsWith("<thought>"))
                thought.remove(0, 9);
            choice.blocks.thought(thought.replace("</thought>", ""), out);
            return;
        }
        say(choice, content.string(), out);
        return;
    }
    for (Part &part : chat::readContent(content)) {
        if (const auto *text = std::get_if<Text>(&part.body))
            say(choice, text->text, out);
        else if (const auto *thought = std::get_if<Reasoning>(&part.body))
            choice.blocks.thought(thought->text, out);
        else if (const auto *refusal = std::get_if<Refusal>(&part.body))
            choice.blocks.refusal(refusal->text, out);
        else
            choice.blocks.opaque(std::move(part), out);
    }
}

void Decoder::readThoughts(Choice &choice, JsonValue delta, StreamEvents &out)
{
    bool told = false;
    const QByteArray plain = readPlainThought(delta);
    for (const JsonValue element : delta["reasoning_details"]) {
        const Detail detail = readDetail(element);
        told = told || !detail.text.isEmpty();
        choice.blocks.detail(detail, !plain.isEmpty(), out);
    }
    if (!told)
        choice.blocks.thought(plain, out);
}

void Decoder::readCalls(Choice &choice, JsonValue delta, StreamEvents &out)
{
    const JsonValue calls = delta["tool_calls"];
    if (calls.isObject()) { // iFlytek
        choice.blocks.call(calls, 0, out);
        return;
    }
    std::int64_t position = 0;
    for (const JsonValue call : calls) {
        if (call.isObject())
            choice.blocks.call(call, position++, out);
    }
    const JsonValue legacy = delta["function_call"];
    if (position > 0 || !legacy.isObject()
        || (legacy["name"].string().isEmpty() && legacy["arguments"].string().isEmpty()))
        return;
    const QByteArray wrapped = "{\"index\":0,\"function\":" + legacy.json() + '}';
    if (const auto tree = protocol::JsonTree::parse(wrapped))
        choice.blocks.call(tree->root(), 0, out);
}

void Decoder::readDelta(Choice &choice, JsonValue delta, StreamEvents &out)
{
    readThoughts(choice, delta, out);
    readContent(choice, delta, out);
    choice.blocks.refusal(delta["refusal"].string(), out);
    for (const JsonValue annotation : delta["annotations"])
        choice.blocks.citation(readAnnotation(annotation), out);
    if (delta["audio"].isObject() && delta["audio"].size() > 0)
        choice.blocks.audio(delta["audio"], out);
    if (const JsonValue images = delta["images"]; images.isArray() && images.size() > 0) {
        const QByteArray only = "{\"images\":" + images.json() + '}';
        if (const auto tree = protocol::JsonTree::parse(only)) {
            for (Part &part : readAssistant(tree->root(), {}).parts)
                choice.blocks.media(std::move(part), out);
        }
    }
    readCalls(choice, delta, out);
    for (const JsonValue member : delta) { // executed_tools and the like
        if (member.isArray() && member.size() > 0 && !member.keyIs("tool_calls")
            && !member.keyIs("content") && !member.keyIs("reasoning_details")
            && !member.keyIs("annotations") && !member.keyIs("images")) {
            std::erase_if(choice.native,
                          [&](const NativeMember &kept) { return member.keyIs(kept.name); });
            keep(choice.native, Dialect::Chat, member.key(), member.json());
        }
    }
}

void Decoder::stop(std::int64_t index, Choice &choice, const QByteArray &reason, JsonValue source,
                   StreamEvents &out)
{
    for (const ThinkTags::Piece &piece : choice.tags.finish()) {
        if (piece.thought)
            choice.blocks.thought(piece.text, out);
        else
            choice.blocks.text(piece.text, out);
    }
    choice.blocks.finish(out);
    choice.stopped = true;
    CandidateStop stopped;
    stopped.candidate = index;
    stopped.stop = stopOf(reason, choice.blocks.calls());
    if (stopped.stop.reason == StopReason::None)
        stopped.stop.reason = StopReason::End;
    readStopSequence(stopped.stop, source);
    stopped.native = std::move(choice.native);
    out.emplace_back(std::move(stopped));
}

void Decoder::readChoice(JsonValue source, std::int64_t position, StreamEvents &out)
{
    const std::int64_t index = source["index"].integer().value_or(position);
    if (!source.isObject() || index < 0 || index >= kMostCandidates)
        return;
    Choice &told = choice(index);
    if (told.stopped)
        return;
    keepChoiceNatives(told.native, source);
    const JsonValue delta = source["delta"];
    if (delta.isObject() && delta.size() > 0)
        readDelta(told, delta, out);
    else if (source["message"].isObject() && told.blocks.empty()) // a whole answer in one chunk
        readDelta(told, source["message"], out);
    const JsonValue logprobs = source["logprobs"];
    LogprobsDelta probabilities{index, listElements(logprobs["content"]),
                                listElements(logprobs["refusal"])};
    if (!probabilities.content.isEmpty() || !probabilities.refusal.isEmpty())
        out.emplace_back(std::move(probabilities));
    if (const QByteArray reason = source["finish_reason"].string(); !reason.isEmpty())
        stop(index, told, reason, source, out);
}

void Decoder::readChunk(JsonValue chunk, StreamEvents &out)
{
    const JsonValue choices = chunk["choices"];
    const bool tells = choices.isArray() && choices.size() > 0;
    if (!m_started && !tells) {
        keepAnswerNatives(m_known, chunk); // Azure's first chunk
    } else {
        start(chunk, out);
        Native now;
        keepAnswerNatives(now, chunk);
        for (NativeMember &member : now) {
            const auto has = [&](const Native &bag) {
                return std::any_of(bag.begin(), bag.end(), [&](const NativeMember &kept) {
                    return kept.name == member.name;
                });
            };
            if (!has(m_known) && !has(m_early))
                m_early.push_back(std::move(member));
        }
    }
    std::int64_t position = 0;
    for (const JsonValue source : choices)
        readChoice(source, position++, out);
    if (m_usage.read(chunk) && m_started) {
        Usage usage = m_usage.usage();
        if (!(usage == m_reported))
            out.emplace_back(UsageReport{usage});
        m_reported = std::move(usage);
    }
}

void Decoder::read(QByteArrayView type, QByteArrayView data, StreamEvents &out)
{
    const QByteArrayView text = data.trimmed();
    if (m_over || text.isEmpty())
        return;
    if (text == "[DONE]") {
        endAll(out);
        return;
    }
    const auto tree = protocol::JsonTree::parse(text);
    if (!tree)
        return fail(unreadable(), out);
    const JsonValue chunk = tree->root();
    if (auto error = errorIn(chunk))
        return fail(*std::move(error), out);
    if (type == "error")
        return fail(unreadable(), out);
    if (chunk.isObject())
        readChunk(chunk, out);
}

void Decoder::endAll(StreamEvents &out)
{
    if (!m_started)
        return fail(cutShort(), out);
    for (auto &[index, told] : m_choices) {
        if (!told.stopped)
            stop(index, told, {}, {}, out);
    }
    m_over = true;
    out.emplace_back(StreamEnd{{}, std::move(m_early)});
}

// A server that closes without [DONE] has still told the end of each choice.
void Decoder::finish(StreamEvents &out)
{
    if (m_over)
        return;
    const bool complete = !m_choices.empty()
        && std::all_of(m_choices.begin(), m_choices.end(),
                       [](const auto &entry) { return entry.second.stopped; });
    if (complete)
        return endAll(out);
    for (auto &[index, told] : m_choices) {
        if (!told.stopped)
            told.blocks.finish(out);
    }
    fail(cutShort(), out);
}

} // namespace

std::unique_ptr<StreamDecoder> streamDecoder(bool thinkTags)
{
    return std::make_unique<Decoder>(thinkTags);
}

} // namespace tollgate::codecs::chat
