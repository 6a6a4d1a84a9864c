// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/completions.h"
#include "core/codecs/chat/requests.h"

namespace tollgate::codecs::completions {
namespace {

tl::unexpected<Error> refused(const char *param, const QString &message)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = message;
    error.param = param;
    return failure(std::move(error));
}

Result<QByteArray> readPrompt(JsonValue prompt)
{
    if (prompt.isString())
        return prompt.string();
    const JsonValue only = prompt.isArray() && prompt.size() == 1 ? *prompt.begin() : JsonValue();
    if (only.isString())
        return only.string();
    if (!prompt.isSet())
        return refused("prompt", QStringLiteral("\"prompt\" must be a text."));
    return refused("prompt",
                   QStringLiteral("This model takes one prompt, as text: neither several "
                                  "prompts nor token numbers."));
}

// All texts of a message, or what of it has no place in a prompt.
QByteArray textOf(const Message &message, Dropped &dropped)
{
    QByteArray text;
    for (const Part &part : message.parts) {
        if (const auto *said = std::get_if<Text>(&part.body)) {
            text += said->text;
        } else if (const auto *result = std::get_if<ToolResult>(&part.body)) {
            for (const auto &piece : result->parts) {
                if (const auto *told = std::get_if<Text>(&piece))
                    text += told->text;
            }
        } else if (std::holds_alternative<Reasoning>(part.body)) {
            dropped.note("reasoning");
        } else {
            dropped.note("part");
        }
    }
    return text;
}

// A lone question is the prompt itself; a conversation is told as a transcript to be gone on with.
QByteArray promptOf(const std::vector<Message> &messages, Dropped &dropped)
{
    if (messages.size() == 1 && messages.front().role == Role::User)
        return textOf(messages.front(), dropped);
    QByteArray prompt;
    for (const Message &message : messages) {
        const QByteArray text = textOf(message, dropped);
        prompt += message.role == Role::System ? QByteArray()
            : message.role == Role::User       ? QByteArray("User: ")
                                               : QByteArray("Assistant: ");
        prompt += text + "\n\n";
    }
    return prompt + "Assistant:";
}

} // namespace

Result<Request> readRequest(QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return failure(tree.error());
    const JsonValue root = tree->root();
    if (!root.isObject())
        return refused("", QStringLiteral("The request body must be a JSON object."));
    const auto prompt = readPrompt(root["prompt"]);
    if (!prompt)
        return failure(prompt.error());
    if (!root["suffix"].string().isEmpty())
        return refused("suffix", QStringLiteral("This model cannot fill in text before a suffix."));
    Request request;
    request.source = Dialect::Completions;
    chat::readCommon(request, root);
    if (const auto most = root["logprobs"].integer()) { // a number in this dialect
        request.sampling.logprobs = true;
        request.sampling.topLogprobs = QByteArray::number(qlonglong(*most));
    }
    Message message;
    message.parts.push_back(Part{Text{*prompt, {}}});
    request.messages.push_back(std::move(message));
    keepUnknown(request.native, Dialect::Completions, root,
                {"model", "prompt", "stream", "stream_options", "max_tokens", "temperature",
                 "top_p", "top_k", "min_p", "n", "stop", "presence_penalty", "frequency_penalty",
                 "repetition_penalty", "logit_bias", "logprobs", "seed", "suffix"});
    std::erase_if(request.native, [](const NativeMember &member) { return member.json == "null"; });
    return request;
}

Result<EncodedRequest> writeRequest(const Request &request, const Target &target)
{
    if (!request.tools.empty())
        return refused("tools", QStringLiteral("This model only completes text: it has no tools."));
    if (request.format.kind == OutputFormat::Kind::Schema)
        return refused("response_format",
                       QStringLiteral("This model only completes text: it keeps to no schema."));
    Dropped dropped;
    JsonWriter out;
    out.beginObject().member("model", target.model);
    out.member("prompt", promptOf(request.messages, dropped));
    if (request.maxOutput)
        out.member("max_tokens", *request.maxOutput);
    chat::writeSampling(out, request, target, dropped);
    if (request.sampling.logprobs.value_or(false))
        out.key("logprobs")
            .raw(request.sampling.topLogprobs.isEmpty() ? "0" : request.sampling.topLogprobs);
    if (request.stream) {
        out.member("stream", true);
        if (target.takesStreamOptions)
            out.key("stream_options").beginObject().member("include_usage", true).endObject();
    }
    if (request.reasoning.mode != ReasoningSpec::Mode::Unset)
        dropped.note("reasoning");
    for (const QByteArray &name : foreignNames(request.native, Dialect::Completions))
        dropped.note(name);
    writeNative(out, request.native, Dialect::Completions);
    const bool said = !nativeOf(request.native, Dialect::Completions, "user").isEmpty();
    if (!request.userId.isEmpty() && !said)
        out.member("user", request.userId);
    out.endObject();
    return EncodedRequest{out.take(), dropped};
}

} // namespace tollgate::codecs::completions
