// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/answers.h"
#include "core/codecs/chat/content.h"
#include "core/codecs/chat/thinking.h"
#include "core/codecs/chat/usage.h"
#include "core/protocol/errors.h"

#include <algorithm>

namespace tollgate::codecs::chat {
namespace {

constexpr int kOk = 200;

bool tellsSomething(JsonValue error)
{
    if (error.isString())
        return !error.string().isEmpty();
    if (error.isObject() || error.isArray())
        return error.size() > 0;
    return error.isTrue() || error.integer().value_or(0) != 0;
}

// The head of a content, where the channel's model thinks aloud.
void splitThoughts(Message &message)
{
    std::vector<Part> &parts = message.parts;
    const auto at = std::find_if(parts.begin(), parts.end(), [](const Part &part) {
        return std::holds_alternative<Text>(part.body);
    });
    if (at == parts.end())
        return;
    ThinkTags tags;
    QByteArray thought;
    QByteArray spoken;
    const auto take = [&](const std::vector<ThinkTags::Piece> &pieces) {
        for (const ThinkTags::Piece &piece : pieces)
            (piece.thought ? thought : spoken) += piece.text;
    };
    take(tags.feed(std::get<Text>(at->body).text));
    take(tags.finish());
    if (thought.isEmpty())
        return;
    std::get<Text>(at->body).text = spoken;
    Reasoning reasoning;
    reasoning.text = std::move(thought);
    const auto behind = spoken.isEmpty() ? parts.erase(at) : at;
    parts.insert(behind, Part{std::move(reasoning)});
}

Candidate readChoice(JsonValue choice, std::int64_t position, QByteArrayView salt, bool thinkTags)
{
    Candidate candidate;
    candidate.index = choice["index"].integer().value_or(position);
    JsonValue message = choice["message"];
    if (!message.isObject())
        message = choice["delta"]; // seen from servers that answer a stream in one piece
    candidate.message = readAssistant(message, salt);
    if (thinkTags)
        splitThoughts(candidate.message);
    const bool calls
        = std::any_of(candidate.message.parts.begin(), candidate.message.parts.end(),
                      [](const Part &part) { return std::holds_alternative<ToolCall>(part.body); });
    candidate.stop = stopOf(choice["finish_reason"].string(), calls);
    if (candidate.stop.reason == StopReason::None)
        candidate.stop.reason
            = StopReason::End; // a whole answer has ended, whether it says so or not
    readStopSequence(candidate.stop, choice);
    candidate.logprobs = readLogprobs(choice["logprobs"]);
    keepChoiceNatives(candidate.native, choice);
    return candidate;
}

} // namespace

Error unreadable()
{
    Error error;
    error.kind = ErrorKind::UpstreamFailed;
    error.message = QStringLiteral("The provider's answer is not a chat completion.");
    error.code = "invalid_response";
    return error;
}

Error cutShort()
{
    Error error;
    error.kind = ErrorKind::UpstreamFailed;
    error.message = QStringLiteral("The provider's answer broke off before its end.");
    error.code = "truncated";
    return error;
}

std::optional<Error> errorIn(JsonValue completion)
{
    bool failed = tellsSomething(completion["error"]) || completion["object"].is("error")
        || tellsSomething(completion["error_code"])
        || completion["base_resp"]["status_code"].integer().value_or(0) != 0
        || tellsSomething(completion["x_groq"]["error"]);
    const JsonValue choices = completion["choices"];
    if (!choices.isSet() && tellsSomething(completion["code"]))
        failed = true; // iFlytek
    JsonValue said = completion;
    for (const JsonValue choice : choices) { // OpenRouter, where its own vendor broke off
        if (!failed && tellsSomething(choice["error"])) {
            said = choice;
            failed = true;
        }
    }
    if (!failed)
        return {};
    if (tellsSomething(completion["x_groq"]["error"]) && !tellsSomething(completion["error"]))
        said = completion["x_groq"];
    return protocol::vendorFailure(kOk, protocol::readVendorError(said.raw()));
}

void keepChoiceNatives(Native &bag, JsonValue choice)
{
    for (const JsonValue member : choice) {
        static constexpr std::array kKnown{
            QByteArrayView("index"),         QByteArrayView("message"),  QByteArrayView("delta"),
            QByteArrayView("finish_reason"), QByteArrayView("logprobs"), QByteArrayView("usage")};
        const bool known = std::any_of(kKnown.begin(), kKnown.end(),
                                       [&](QByteArrayView name) { return member.keyIs(name); });
        if (known || !member.isSet())
            continue;
        const QByteArray name = member.key();
        const auto same = std::find_if(bag.begin(), bag.end(),
                                       [&](const NativeMember &kept) { return kept.name == name; });
        if (same != bag.end())
            same->json = member.json();
        else
            keep(bag, Dialect::Chat, name, member.json());
    }
}

void keepAnswerNatives(Native &bag, JsonValue completion)
{
    for (const JsonValue member : completion) {
        static constexpr std::array kKnown{
            QByteArrayView("id"),    QByteArrayView("object"),       QByteArrayView("created"),
            QByteArrayView("model"), QByteArrayView("choices"),      QByteArrayView("usage"),
            QByteArrayView("error"), QByteArrayView("service_tier"), QByteArrayView("obfuscation")};
        const bool known = std::any_of(kKnown.begin(), kKnown.end(),
                                       [&](QByteArrayView name) { return member.keyIs(name); });
        if (known || !member.isSet())
            continue;
        const QByteArray name = member.key();
        const bool kept = std::any_of(
            bag.begin(), bag.end(), [&](const NativeMember &other) { return other.name == name; });
        if (!kept)
            keep(bag, Dialect::Chat, name, member.json());
    }
}

void readStopSequence(Stop &stop, JsonValue choice)
{
    for (const char *name : {"stop_reason", "matched_stop"}) {
        const QByteArray sequence = choice[name].string();
        if (sequence.isEmpty() || stop.reason != StopReason::End)
            continue;
        stop.reason = StopReason::StopSequence;
        stop.sequence = sequence;
    }
}

Result<Response> readAnswer(QByteArrayView body, bool thinkTags)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree || !tree->root().isObject())
        return failure(unreadable());
    const JsonValue root = tree->root();
    if (auto error = errorIn(root))
        return failure(*std::move(error));
    const JsonValue choices = root["choices"];
    if (!choices.isArray() || choices.size() == 0)
        return failure(unreadable());
    Response response;
    response.source = Dialect::Chat;
    response.id = root["id"].string();
    response.model = root["model"].string();
    response.createdS = root["created"].integer().value_or(0);
    response.serviceTier = root["service_tier"].string();
    std::int64_t position = 0;
    for (const JsonValue choice : choices)
        response.candidates.push_back(readChoice(choice, position++, response.id, thinkTags));
    UsageReader usage;
    if (usage.read(root))
        response.usage = usage.usage();
    keepAnswerNatives(response.native, root);
    return response;
}

} // namespace tollgate::codecs::chat
