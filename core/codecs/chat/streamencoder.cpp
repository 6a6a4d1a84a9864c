// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/answers.h"
#include "core/codecs/chat/messagewriter.h"
#include "core/codecs/chat/streams.h"
#include "core/codecs/chat/thinking.h"
#include "core/codecs/chat/usage.h"
#include "core/conversation/customtools.h"
#include "core/conversation/media.h"
#include "core/conversation/seal.h"
#include "core/protocol/errors.h"

#include <map>

namespace tollgate::codecs::chat {
namespace {

// What is open in one candidate.
struct Told
{
    bool begun = false; // the chunk with the role
    bool stopped = false;
    std::int64_t part = -1; // index of the open part
    Part open;
    std::int64_t calls = 0;
    std::int64_t textBefore = 0; // code points of the texts before the open one
    std::int64_t textHere = 0;
    int details = 0;
    bool thoughtBefore = false;
    bool arguments = false; // some were told
    std::optional<CustomInput> custom;
};

class Encoder final : public StreamEncoder
{
public:
    explicit Encoder(const AnswerContext &context)
        : m_context(context)
    {
    }
    void write(const StreamEvent &event, QByteArray &out) override;

private:
    void on(const StreamStart &start);
    void on(const PartStart &start);
    void on(const PartDelta &delta);
    void on(const PartEnd &end);
    void on(const LogprobsDelta &delta);
    void on(const CandidateStop &stop);
    void on(const UsageReport &report) { m_usage = report.usage; }
    void on(const StreamPing &) { m_out += protocol::keepAlive(Dialect::Chat); }
    void on(const StreamFailure &failed);
    void on(const StreamEnd &end);

    Told &told(std::int64_t candidate);
    void role(std::int64_t candidate);
    // A chunk's members before its choices.
    [[nodiscard]] JsonWriter head() const;
    void send(JsonWriter &chunk);
    template <class F> void choice(std::int64_t candidate, F delta);
    void say(std::int64_t candidate, const char *member, const QByteArray &text);
    void beginCall(std::int64_t candidate, const ToolCall &call, const Native &native);
    void arguments(std::int64_t candidate, const QByteArray &bytes);
    void seal(std::int64_t candidate, Told &at, const Sealed &sealed);
    void whole(std::int64_t candidate, const Part &part);
    void details(std::int64_t candidate, Told &at);

    AnswerContext m_context;
    QByteArray m_out;
    QByteArray m_id;
    QByteArray m_model;
    std::int64_t m_createdS = 0;
    QByteArray m_serviceTier;
    Native m_native; // of the first chunk
    std::optional<Usage> m_usage;
    std::map<std::int64_t, Told> m_told;
    bool m_over = false;
};

JsonWriter Encoder::head() const
{
    JsonWriter chunk;
    chunk.beginObject().member("id", idOf(m_id, m_context));
    chunk.member("object", "chat.completion.chunk").member("created", m_createdS);
    chunk.member("model", m_model);
    if (!m_serviceTier.isEmpty())
        chunk.member("service_tier", m_serviceTier);
    return chunk;
}

void Encoder::send(JsonWriter &chunk)
{
    chunk.endObject();
    QByteArray data = chunk.take();
    // Vendors' own members may be set in lines, which would end the event.
    data.replace('\n', ' ').replace('\r', ' ');
    m_out += "data: " + data + "\n\n";
}

// One chunk with one choice; `delta` writes into the open choice, all but the finish_reason.
template <class F> void Encoder::choice(std::int64_t candidate, F delta)
{
    JsonWriter chunk = head();
    writeNative(chunk, std::exchange(m_native, {}), Dialect::Chat);
    chunk.key("choices").beginArray().beginObject().member("index", candidate);
    delta(chunk);
    chunk.endObject().endArray();
    if (m_context.includeUsage)
        chunk.key("usage").null();
    send(chunk);
}

void Encoder::role(std::int64_t candidate)
{
    Told &at = m_told[candidate];
    if (std::exchange(at.begun, true))
        return;
    choice(candidate, [](JsonWriter &chunk) {
        chunk.key("delta").beginObject().member("role", "assistant").member("content", "");
        chunk.endObject().key("finish_reason").null();
    });
}

Told &Encoder::told(std::int64_t candidate)
{
    role(candidate);
    return m_told[candidate];
}

void Encoder::say(std::int64_t candidate, const char *member, const QByteArray &text)
{
    if (text.isEmpty())
        return;
    choice(candidate, [&](JsonWriter &chunk) {
        chunk.key("delta").beginObject().member(member, text).endObject();
        chunk.key("finish_reason").null();
    });
}

void Encoder::beginCall(std::int64_t candidate, const ToolCall &call, const Native &native)
{
    Told &at = m_told[candidate];
    const bool custom = call.kind == ToolCall::Kind::Custom;
    if (!custom && isCustomTool(call.name, m_context.request))
        at.custom.emplace();
    const bool asCustom = custom || at.custom;
    const bool legacy = asksForFunctionCall(m_context);
    choice(candidate, [&](JsonWriter &chunk) {
        chunk.key("delta").beginObject();
        if (legacy) {
            chunk.key("function_call").beginObject().member("name", call.name);
            chunk.member("arguments", "").endObject().endObject().key("finish_reason").null();
            return;
        }
        chunk.key("tool_calls").beginArray().beginObject();
        chunk.member("index", at.calls).member("id", call.callId);
        chunk.member("type", asCustom ? "custom" : "function");
        chunk.key(asCustom ? "custom" : "function").beginObject().member("name", call.name);
        chunk.member(asCustom ? "input" : "arguments", "").endObject();
        if (call.sealed) {
            chunk.key("extra_content").beginObject().key("google").beginObject();
            chunk.member("thought_signature", wrapSeal(*call.sealed, Sealed::Owner::Gemini));
            chunk.endObject().endObject();
        }
        writeNative(chunk, native, Dialect::Chat);
        chunk.endObject().endArray().endObject().key("finish_reason").null();
    });
    at.arguments = false;
    if (!call.arguments.isEmpty())
        arguments(candidate, call.arguments);
}

void Encoder::arguments(std::int64_t candidate, const QByteArray &bytes)
{
    Told &at = m_told[candidate];
    const QByteArray text = at.custom ? at.custom->feed(bytes) : bytes;
    if (text.isEmpty())
        return;
    at.arguments = true;
    const auto *call = std::get_if<ToolCall>(&at.open.body);
    const bool custom = at.custom || (call && call->kind == ToolCall::Kind::Custom);
    choice(candidate, [&](JsonWriter &chunk) {
        chunk.key("delta").beginObject();
        if (asksForFunctionCall(m_context)) {
            chunk.key("function_call").beginObject().member("arguments", text).endObject();
        } else {
            chunk.key("tool_calls").beginArray().beginObject().member("index", at.calls);
            chunk.key(custom ? "custom" : "function").beginObject();
            chunk.member(custom ? "input" : "arguments", text).endObject();
            chunk.endObject().endArray();
        }
        chunk.endObject().key("finish_reason").null();
    });
}

void Encoder::on(const StreamStart &start)
{
    m_id = start.id;
    m_model = m_context.model.isEmpty() ? start.model : m_context.model;
    m_createdS = start.createdS > 0 ? start.createdS : m_context.nowS;
    m_native = start.native;
    m_serviceTier = start.serviceTier;
    if (start.usage)
        m_usage = start.usage;
    // At once: a client that waits long for its first byte gives up.
    role(0);
}

// Parts that are complete when they begin.
void Encoder::whole(std::int64_t candidate, const Part &part)
{
    const auto *media = std::get_if<Media>(&part.body);
    if (!media || media->kind != Media::Kind::Image)
        return;
    choice(candidate, [&](JsonWriter &chunk) {
        chunk.key("delta").beginObject().key("images").beginArray().beginObject();
        chunk.member("type", "image_url").key("image_url").beginObject();
        chunk.member("url",
                     media->source == Media::Source::Base64 ? dataUrl(media->mime, media->data)
                                                            : media->data);
        chunk.endObject();
        writeNative(chunk, part.native, Dialect::Chat, {"url"});
        chunk.endObject().endArray().endObject().key("finish_reason").null();
    });
}

void Encoder::on(const PartStart &start)
{
    Told &at = told(start.candidate);
    at.part = start.index;
    at.open = start.part;
    at.custom.reset();
    if (const auto *text = std::get_if<Text>(&start.part.body)) {
        at.textBefore += std::exchange(at.textHere, codePoints(text->text));
        say(start.candidate, "content", text->text);
        for (const Citation &citation : text->citations)
            on(PartDelta{
                start.candidate, start.index, PartDelta::Kind::Citation, {}, {}, citation});
    } else if (const auto *refusal = std::get_if<Refusal>(&start.part.body)) {
        say(start.candidate, "refusal", refusal->text);
    } else if (const auto *reasoning = std::get_if<Reasoning>(&start.part.body)) {
        if (std::exchange(at.thoughtBefore, true))
            say(start.candidate, "reasoning_content", "\n\n");
        if (reasoning->summary) { // a client that cares is told before the text
            choice(start.candidate, [&](JsonWriter &chunk) {
                chunk.key("delta").beginObject().key("reasoning_details").beginArray();
                chunk.beginObject().member("type", "reasoning.summary").member("summary", "");
                chunk.member("index", at.details).endObject().endArray().endObject();
                chunk.key("finish_reason").null();
            });
        }
        say(start.candidate, "reasoning_content", paragraphs(*reasoning));
    } else if (const auto *call = std::get_if<ToolCall>(&start.part.body)) {
        if (call->kind != ToolCall::Kind::Hosted)
            beginCall(start.candidate, *call, start.part.native);
    } else {
        const auto *media = std::get_if<Media>(&start.part.body);
        if (media && media->kind == Media::Kind::Audio && !media->data.isEmpty())
            on(PartDelta{
                start.candidate, start.index, PartDelta::Kind::Media, media->data, {}, {}});
    }
}

void Encoder::seal(std::int64_t candidate, Told &at, const Sealed &sealed)
{
    if (auto *reasoning = std::get_if<Reasoning>(&at.open.body)) {
        reasoning->sealed = sealed;
        return;
    }
    auto *call = std::get_if<ToolCall>(&at.open.body);
    if (!call || call->kind == ToolCall::Kind::Hosted)
        return;
    choice(candidate, [&](JsonWriter &chunk) {
        chunk.key("delta").beginObject().key("tool_calls").beginArray().beginObject();
        chunk.member("index", at.calls).key("extra_content").beginObject();
        chunk.key("google").beginObject();
        chunk.member("thought_signature", wrapSeal(sealed, Sealed::Owner::Gemini));
        chunk.endObject().endObject().endObject().endArray().endObject();
        chunk.key("finish_reason").null();
    });
}

void Encoder::on(const PartDelta &delta)
{
    Told &at = told(delta.candidate);
    if (at.part != delta.index)
        return;
    using Kind = PartDelta::Kind;
    auto *reasoning = std::get_if<Reasoning>(&at.open.body);
    const auto *call = std::get_if<ToolCall>(&at.open.body);
    switch (delta.kind) {
    case Kind::Text:
        if (reasoning) {
            reasoning->text += delta.bytes;
            say(delta.candidate, "reasoning_content", delta.bytes);
        } else if (std::holds_alternative<Refusal>(at.open.body)) {
            say(delta.candidate, "refusal", delta.bytes);
        } else if (std::holds_alternative<Text>(at.open.body)) {
            at.textHere += codePoints(delta.bytes);
            say(delta.candidate, "content", delta.bytes);
        }
        break;
    case Kind::Break:
        if (reasoning && !reasoning->text.isEmpty()) {
            reasoning->text += "\n\n";
            say(delta.candidate, "reasoning_content", "\n\n");
        }
        break;
    case Kind::Arguments:
        if (call && call->kind != ToolCall::Kind::Hosted)
            arguments(delta.candidate, delta.bytes);
        break;
    case Kind::Seal:
        if (delta.sealed)
            seal(delta.candidate, at, *delta.sealed);
        break;
    case Kind::Citation:
        if (!delta.citation
            || (delta.citation->url.isEmpty() && delta.citation->owner != Dialect::Chat))
            break;
        choice(delta.candidate, [&](JsonWriter &chunk) {
            chunk.key("delta").beginObject().key("annotations").beginArray();
            writeAnnotation(chunk, *delta.citation, at.textBefore);
            chunk.endArray().endObject().key("finish_reason").null();
        });
        break;
    case Kind::Media:
        if (auto *media = std::get_if<Media>(&at.open.body)) {
            if (media->kind == Media::Kind::Audio) {
                choice(delta.candidate, [&](JsonWriter &chunk) {
                    chunk.key("delta").beginObject().key("audio").beginObject();
                    chunk.member("data", delta.bytes).endObject().endObject();
                    chunk.key("finish_reason").null();
                });
            } else {
                media->data += delta.bytes; // a picture is told whole
            }
        }
        break;
    }
}

// The thought once more as a whole, with what seals it: what a client has to send back.
void Encoder::details(std::int64_t candidate, Told &at)
{
    choice(candidate, [&](JsonWriter &chunk) {
        chunk.key("delta").beginObject().key("reasoning_details").beginArray();
        writeDetails(chunk, at.open, at.details);
        chunk.endArray().endObject().key("finish_reason").null();
    });
}

void Encoder::on(const PartEnd &end)
{
    Told &at = told(end.candidate);
    if (at.part != end.index)
        return;
    if (needsDetails(at.open))
        details(end.candidate, at);
    const auto *media = std::get_if<Media>(&at.open.body);
    const auto *call = std::get_if<ToolCall>(&at.open.body);
    if (call && call->kind != ToolCall::Kind::Hosted) {
        if (at.custom) {
            const QByteArray rest = at.custom->finish();
            at.custom.reset();
            auto &made = std::get<ToolCall>(at.open.body);
            made.kind = ToolCall::Kind::Custom;
            if (!rest.isEmpty())
                arguments(end.candidate, rest);
        } else if (!at.arguments && call->kind == ToolCall::Kind::Function) {
            arguments(end.candidate, "{}");
        }
        ++at.calls;
    } else if (media && media->kind == Media::Kind::Image && !media->data.isEmpty()) {
        whole(end.candidate, at.open);
    } else if (media && media->kind == Media::Kind::Audio && !end.native.empty()) {
        choice(end.candidate, [&](JsonWriter &chunk) {
            chunk.key("delta").beginObject().key("audio").beginObject();
            writeNative(chunk, end.native, Dialect::Chat);
            chunk.endObject().endObject().key("finish_reason").null();
        });
    }
    at.part = -1;
}

void Encoder::on(const LogprobsDelta &delta)
{
    told(delta.candidate);
    choice(delta.candidate, [&](JsonWriter &chunk) {
        chunk.key("delta").beginObject().endObject();
        chunk.key("logprobs").beginObject();
        const auto list = [&](const char *name, const QByteArray &items) {
            chunk.key(name);
            if (items.isEmpty())
                chunk.null();
            else
                chunk.raw('[' + items + ']');
        };
        list("content", delta.content);
        list("refusal", delta.refusal);
        chunk.endObject().key("finish_reason").null();
    });
}

void Encoder::on(const CandidateStop &stop)
{
    Told &at = told(stop.candidate);
    if (std::exchange(at.stopped, true))
        return;
    QByteArray reason = finishReason(stop.stop);
    if (reason == "tool_calls" && asksForFunctionCall(m_context))
        reason = "function_call";
    choice(stop.candidate, [&](JsonWriter &chunk) {
        chunk.key("delta").beginObject().endObject();
        chunk.member("finish_reason", reason);
        writeNative(chunk, stop.native, Dialect::Chat);
    });
}

void Encoder::on(const StreamFailure &failed)
{
    m_out += protocol::errorEvent(Dialect::Chat, failed.error, m_context.requestId);
    m_over = true;
}

void Encoder::on(const StreamEnd &end)
{
    for (auto &[index, at] : m_told) {
        if (!at.stopped) {
            CandidateStop stop;
            stop.candidate = index;
            stop.stop.reason
                = end.promptBlocked.isEmpty() ? StopReason::End : StopReason::ContentFilter;
            on(stop);
        }
    }
    if (m_context.includeUsage && m_usage) {
        JsonWriter chunk = head();
        chunk.key("choices").beginArray().endArray().key("usage");
        writeUsage(chunk, *m_usage);
        send(chunk);
    }
    const bool further
        = std::any_of(end.native.begin(), end.native.end(),
                      [](const NativeMember &member) { return member.owner == Dialect::Chat; });
    if (further) {
        JsonWriter chunk = head();
        writeNative(chunk, end.native, Dialect::Chat);
        chunk.key("choices").beginArray().endArray();
        send(chunk);
    }
    m_out += "data: [DONE]\n\n";
    m_over = true;
}

void Encoder::write(const StreamEvent &event, QByteArray &out)
{
    if (m_over)
        return;
    std::visit([this](const auto &told) { on(told); }, event);
    out += m_out;
    m_out.clear();
}

} // namespace

std::unique_ptr<StreamEncoder> streamEncoder(const AnswerContext &context)
{
    return std::make_unique<Encoder>(context);
}

} // namespace tollgate::codecs::chat
