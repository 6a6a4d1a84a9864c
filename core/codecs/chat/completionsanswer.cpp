// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/answers.h"
#include "core/codecs/chat/chat.h"
#include "core/codecs/chat/completions.h"
#include "core/codecs/chat/usage.h"

#include <algorithm>

namespace tollgate::codecs::completions {
namespace {

constexpr std::array kKnown{QByteArrayView("text"), QByteArrayView("index"),
                            QByteArrayView("logprobs"), QByteArrayView("finish_reason")};

Candidate readChoice(JsonValue choice, std::int64_t position)
{
    Candidate candidate;
    candidate.index = choice["index"].integer().value_or(position);
    if (QByteArray text = choice["text"].string(); !text.isEmpty())
        candidate.message.parts.push_back(Part{Text{std::move(text), {}}});
    candidate.stop = chat::stopOf(choice["finish_reason"].string(), false);
    chat::readStopSequence(candidate.stop, choice);
    if (const QByteArray listed = listedLogprobs(choice["logprobs"]); !listed.isEmpty())
        candidate.logprobs = "{\"content\":[" + listed + "],\"refusal\":null}";
    for (const JsonValue member : choice) {
        const bool known = std::any_of(kKnown.begin(), kKnown.end(),
                                       [&](QByteArrayView name) { return member.keyIs(name); });
        if (!known && member.isSet())
            keep(candidate.native, Dialect::Completions, member.key(), member.json());
    }
    return candidate;
}

// Of this dialect's reasons; a call cannot be told.
QByteArray finishOf(const Stop &stop)
{
    const QByteArray reason = chat::finishReason(stop);
    return reason == "tool_calls" ? QByteArray("stop") : reason;
}

QByteArray textOf(const Candidate &candidate)
{
    QByteArray text;
    for (const Part &part : candidate.message.parts) {
        if (const auto *said = std::get_if<Text>(&part.body))
            text += said->text;
        else if (const auto *refusal = std::get_if<Refusal>(&part.body))
            text += refusal->text;
    }
    return text;
}

} // namespace

QByteArray echoOf(const AnswerContext &context)
{
    if (!context.request || context.request->messages.empty()
        || nativeOf(context.request->native, Dialect::Completions, "echo") != "true")
        return {};
    const std::vector<Part> &parts = context.request->messages.front().parts;
    const auto *text = parts.empty() ? nullptr : std::get_if<Text>(&parts.front().body);
    return text ? text->text : QByteArray();
}

QByteArray parallelLogprobs(QByteArrayView content, std::int64_t &offset)
{
    const QByteArray list = '[' + content.toByteArray() + ']';
    const auto tree = protocol::JsonTree::parse(list);
    if (!tree || tree->root().size() == 0)
        return {};
    JsonWriter tokens;
    JsonWriter values;
    JsonWriter tops;
    JsonWriter offsets;
    for (JsonWriter *writer : {&tokens, &values, &tops, &offsets})
        writer->beginArray();
    const auto number = [](JsonWriter &out, JsonValue value) {
        if (value.isNumber())
            out.raw(value.raw());
        else
            out.null();
    };
    for (const JsonValue element : tree->root()) {
        const QByteArray token = element["token"].string();
        tokens.string(token);
        number(values, element["logprob"]);
        tops.beginObject();
        for (const JsonValue top : element["top_logprobs"])
            number(tops.key(top["token"].string()), top["logprob"]);
        tops.endObject();
        offsets.number(offset);
        offset += chat::codePoints(token);
    }
    for (JsonWriter *writer : {&tokens, &values, &tops, &offsets})
        writer->endArray();
    JsonWriter out;
    out.beginObject().key("tokens").raw(tokens.bytes());
    out.key("token_logprobs").raw(values.bytes()).key("top_logprobs").raw(tops.bytes());
    out.key("text_offset").raw(offsets.bytes()).endObject();
    return out.take();
}

QByteArray listedLogprobs(JsonValue logprobs)
{
    const JsonValue tokens = logprobs["tokens"];
    if (!tokens.isArray() || tokens.size() == 0)
        return {};
    const JsonValue values = logprobs["token_logprobs"];
    const JsonValue tops = logprobs["top_logprobs"];
    auto value = values.begin();
    auto top = tops.begin();
    JsonWriter out;
    out.beginArray();
    for (const JsonValue token : tokens) {
        out.beginObject().member("token", token.string()).key("logprob");
        if (value != values.end()) {
            out.raw((*value).raw());
            ++value;
        } else {
            out.null();
        }
        out.key("bytes").null().key("top_logprobs").beginArray();
        if (top != tops.end()) {
            for (const JsonValue other : *top) {
                out.beginObject().member("token", other.key()).key("logprob").raw(other.raw());
                out.key("bytes").null().endObject();
            }
            ++top;
        }
        out.endArray().endObject();
    }
    out.endArray();
    return out.bytes().mid(1, out.bytes().size() - 2);
}

Result<Response> readAnswer(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree || !tree->root().isObject())
        return failure(chat::unreadable());
    const JsonValue root = tree->root();
    if (auto error = chat::errorIn(root))
        return failure(*std::move(error));
    const JsonValue choices = root["choices"];
    if (!choices.isArray() || choices.size() == 0)
        return failure(chat::unreadable());
    Response response;
    response.source = Dialect::Completions;
    response.id = root["id"].string();
    response.model = root["model"].string();
    response.createdS = root["created"].integer().value_or(0);
    std::int64_t position = 0;
    for (const JsonValue choice : choices)
        response.candidates.push_back(readChoice(choice, position++));
    chat::UsageReader usage;
    if (usage.read(root))
        response.usage = usage.usage();
    keepUnknown(response.native, Dialect::Completions, root,
                {"id", "object", "created", "model", "choices", "usage", "error"});
    return response;
}

QByteArray writeAnswer(const Response &response, const AnswerContext &context)
{
    JsonWriter out;
    out.beginObject();
    out.member("id", !response.id.isEmpty() ? response.id : "cmpl-" + context.requestId);
    out.member("object", "text_completion");
    out.member("created", response.createdS > 0 ? response.createdS : context.nowS);
    out.member("model", context.model.isEmpty() ? response.model : context.model);
    out.key("choices").beginArray();
    const QByteArray echo = echoOf(context);
    for (const Candidate &candidate : response.candidates) {
        out.beginObject().member("text", echo + textOf(candidate));
        out.member("index", candidate.index).key("logprobs");
        const auto tree = protocol::JsonTree::parse(candidate.logprobs);
        std::int64_t offset = chat::codePoints(echo);
        const QByteArray logprobs = tree
            ? parallelLogprobs(chat::listElements(tree->root()["content"]), offset)
            : QByteArray();
        if (logprobs.isEmpty())
            out.null();
        else
            out.raw(logprobs);
        out.member("finish_reason", finishOf(candidate.stop));
        writeNative(out, candidate.native, Dialect::Completions);
        out.endObject();
    }
    out.endArray();
    if (response.usage) {
        out.key("usage");
        chat::writeUsage(out, *response.usage);
    }
    writeNative(out, response.native, Dialect::Completions);
    out.endObject();
    return out.take();
}

} // namespace tollgate::codecs::completions
