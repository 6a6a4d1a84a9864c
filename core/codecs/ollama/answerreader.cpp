// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/answerreader.h"

#include "core/codecs/ollama/messages.h"
#include "core/conversation/toolpairs.h"
#include "core/protocol/errors.h"
#include "core/protocol/usage.h"

#include <QDateTime>

#include <algorithm>

namespace tollgate::codecs::ollama {
namespace {

std::int64_t figure(JsonValue value, bool &suspect)
{
    if (!value.isSet())
        return 0;
    const std::optional<std::int64_t> told = value.integer();
    const std::int64_t kept = std::clamp<std::int64_t>(told.value_or(0), 0, protocol::kMostTokens);
    if (told != kept)
        suspect = true;
    return kept;
}

} // namespace

Error toldError(QByteArrayView body)
{
    return protocol::vendorFailure(200, protocol::readVendorError(body));
}

Error unreadable()
{
    return failure(ErrorKind::UpstreamFailed,
                   QStringLiteral("The provider's answer is not one of Ollama's."),
                   "unreadable_answer")
        .value();
}

JsonValue saidIn(Form form, JsonValue answer)
{
    return form == Form::Chat ? answer["message"] : answer;
}

QByteArrayView contentName(Form form)
{
    return form == Form::Chat ? QByteArrayView("content") : QByteArrayView("response");
}

std::int64_t createdS(JsonValue answer)
{
    const QDateTime time = QDateTime::fromString(QString::fromUtf8(answer["created_at"].string()),
                                                 Qt::ISODateWithMs);
    return time.isValid() ? std::max<std::int64_t>(time.toSecsSinceEpoch(), 0) : 0;
}

std::int64_t saltOf(JsonValue answer)
{
    std::uint64_t hash = 14695981039346656037ULL; // FNV-1a
    for (const char c : answer["created_at"].string())
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return static_cast<std::int64_t>(hash >> 16);
}

std::vector<Part> callsIn(JsonValue said, std::int64_t salt, std::int64_t first)
{
    std::vector<Part> parts;
    for (const JsonValue told : said["tool_calls"]) {
        const JsonValue function = told["function"];
        const JsonValue arguments = function["arguments"];
        ToolCall call;
        call.name = function["name"].string();
        call.arguments = arguments.isString() ? arguments.string()
            : arguments.isSet()               ? arguments.json()
                                              : QByteArrayLiteral("{}");
        call.callId = told["id"].string();
        if (call.callId.isEmpty())
            call.callId = stableCallId(call.name, call.arguments,
                                       salt + first + static_cast<std::int64_t>(parts.size()));
        Part part{std::move(call)};
        keepUnknown(part.native, Dialect::Ollama, function, {"name", "arguments", "index"});
        parts.push_back(std::move(part));
    }
    return parts;
}

std::vector<Part> imagesIn(JsonValue said)
{
    std::vector<Part> parts;
    if (!readImages(said["images"], "images", parts))
        parts.clear();
    return parts;
}

QByteArray logprobsIn(JsonValue answer)
{
    const JsonValue list = answer["logprobs"];
    if (!list.isArray() || list.size() == 0)
        return {};
    return list.raw().sliced(1, list.raw().size() - 2).toByteArray().trimmed();
}

std::optional<Usage> usageIn(JsonValue answer)
{
    const JsonValue input = answer["prompt_eval_count"];
    const JsonValue output = answer["eval_count"];
    if (!input.isSet() && !output.isSet())
        return std::nullopt;
    Usage usage;
    usage.counts.input = figure(input, usage.suspect);
    usage.counts.output = figure(output, usage.suspect);
    return usage;
}

Stop stopIn(JsonValue answer, bool calls)
{
    Stop stop;
    stop.native = answer["done_reason"].string();
    if (stop.native == "length")
        stop.reason = StopReason::MaxTokens;
    else if (stop.native.isEmpty() || stop.native == "stop" || stop.native == "tool_calls")
        stop.reason = calls ? StopReason::ToolUse : StopReason::End;
    else
        stop.reason = StopReason::Other; // load, unload
    return stop;
}

Native extrasIn(Form form, JsonValue answer)
{
    Native bag;
    if (form == Form::Chat)
        keepUnknown(bag, Dialect::Ollama, answer,
                    {"model", "created_at", "message", "done", "done_reason", "prompt_eval_count",
                     "eval_count", "logprobs"});
    else
        keepUnknown(bag, Dialect::Ollama, answer,
                    {"model", "created_at", "response", "thinking", "tool_calls", "done",
                     "done_reason", "prompt_eval_count", "eval_count", "logprobs"});
    // Ollama leaves out durations of zero; others write them.
    std::erase_if(bag, [](const NativeMember &member) {
        return member.json == "0" && member.name.endsWith("_duration");
    });
    return bag;
}

Native messageExtrasIn(Form form, JsonValue answer)
{
    Native bag;
    if (form == Form::Chat)
        keepUnknown(bag, Dialect::Ollama, answer["message"],
                    {"role", "content", "thinking", "images", "tool_calls"});
    return bag;
}

Result<Response> readAnswer(Form form, QByteArrayView body)
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return failure(unreadable());
    const JsonValue root = tree->root();
    if (root["error"].isSet())
        return failure(toldError(body));
    const JsonValue said = saidIn(form, root);
    if (!root.isObject() || !said[contentName(form)])
        return failure(unreadable());
    if (root["done"].boolean() == false)
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider's answer ends before it is done."),
                       "truncated");

    Response response;
    response.source = Dialect::Ollama;
    response.model = root["model"].string();
    response.createdS = createdS(root);
    Candidate candidate;
    std::vector<Part> &parts = candidate.message.parts;
    if (QByteArray thinking = said["thinking"].string(); !thinking.isEmpty())
        parts.push_back({Reasoning{std::move(thinking)}});
    if (QByteArray text = said[contentName(form)].string(); !text.isEmpty())
        parts.push_back({Text{std::move(text), {}}});
    std::vector<Part> calls = callsIn(said, saltOf(root), 0);
    candidate.stop = stopIn(root, !calls.empty());
    for (Part &image : imagesIn(form == Form::Chat ? said : JsonValue()))
        parts.push_back(std::move(image));
    for (Part &call : calls)
        parts.push_back(std::move(call));
    if (const QByteArray logprobs = logprobsIn(root); !logprobs.isEmpty())
        candidate.logprobs = "{\"content\":[" + logprobs + "],\"refusal\":null}";
    candidate.native = messageExtrasIn(form, root);
    response.candidates.push_back(std::move(candidate));
    response.usage = usageIn(root);
    response.native = extrasIn(form, root);
    return response;
}

} // namespace tollgate::codecs::ollama
