// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/matrix/requestlosses.h"

#include "core/conversation/conversation.h"
#include "core/conversation/customtools.h"
#include "tests/codecs/properties.h"
#include "tests/matrix/requestmedia.h"
#include "tests/matrix/spelling.h"

#include <QRegularExpression>

#include <algorithm>
#include <functional>

namespace tollgate::test {

using namespace conversation;
using protocol::JsonTree;

namespace {

constexpr Pair only(Dialect dialect)
{
    return 1U << unsigned(dialect);
}
constexpr Pair kAny = ~0U;
constexpr Pair kChat = only(Dialect::Chat);
constexpr Pair kResponses = only(Dialect::Responses);
constexpr Pair kMessages = only(Dialect::Messages);
constexpr Pair kGemini = only(Dialect::Gemini);
constexpr Pair kOllama = only(Dialect::Ollama);

// What is the same to every vendor.

void names(Request &request, Dialect)
{
    request.model.clear();
    request.source = Dialect::Chat;
    request.stream = request.includeUsage = false;
    for (Message &message : request.messages)
        message.developer = false;
    eachPart(request, [](Part &part) { part.itemId.clear(); });
}

void natives(Request &request, Dialect)
{
    request.native.clear();
    for (Message &message : request.messages)
        message.native.clear();
    for (Tool &tool : request.tools)
        tool.native.clear();
    eachPart(request, [](Part &part) { part.native.clear(); });
}

void emptyParts(Request &request, Dialect)
{
    for (Message &message : request.messages) {
        std::erase_if(message.parts, [](const Part &part) {
            const auto *text = std::get_if<Text>(&part.body);
            return text && (text->text.trimmed().isEmpty() || text->text == ".")
                && text->citations.empty();
        });
    }
}

// Turns of one role are one; what stands in it keeps its order, but results come first.
void turns(Request &request, Dialect)
{
    std::vector<Message> merged;
    for (Message &message : pairTools(std::move(request.messages))) {
        if (message.parts.empty())
            continue;
        if (!merged.empty() && merged.back().role == message.role) {
            for (Part &part : message.parts)
                merged.back().parts.push_back(std::move(part));
        } else {
            merged.push_back(std::move(message));
        }
    }
    for (Message &message : merged) {
        std::stable_partition(message.parts.begin(), message.parts.end(), [](const Part &part) {
            return std::holds_alternative<ToolResult>(part.body);
        });
    }
    request.messages = std::move(merged);
}

void seams(Request &request, Dialect)
{
    for (Message &message : request.messages) {
        std::vector<Part> kept;
        for (Part &part : message.parts) {
            const auto *text = std::get_if<Text>(&part.body);
            auto *before = kept.empty() ? nullptr : std::get_if<Text>(&kept.back().body);
            if (text && before && !kept.back().cache && !kept.back().sealed) {
                before->text += text->text;
                kept.back().cache = part.cache;
                kept.back().sealed = part.sealed;
            } else {
                kept.push_back(std::move(part));
            }
        }
        for (Part &part : kept) {
            if (auto *text = std::get_if<Text>(&part.body))
                text->text.replace("\n", "");
        }
        message.parts = std::move(kept);
    }
}

void results(Request &request, Dialect)
{
    eachOf<ToolResult>(request, [](ToolResult &result) {
        result.name.clear();
        if (!result.structured.isEmpty() && result.hostedType.isEmpty()) {
            if (result.parts.empty())
                result.parts.push_back(Text{result.structured, {}});
            result.structured.clear();
        }
        QByteArray text;
        std::vector<std::variant<Text, Media>> parts;
        for (auto &piece : result.parts) {
            if (const auto *said = std::get_if<Text>(&piece))
                text += said->text;
            else
                parts.push_back(std::move(piece));
        }
        parts.insert(parts.begin(), Text{spelling(text), {}});
        result.parts = std::move(parts);
    });
}

void arguments(Request &request, Dialect)
{
    eachOf<ToolCall>(request, [](ToolCall &call) {
        if (call.kind == ToolCall::Kind::Function)
            call.arguments = call.arguments.isEmpty() ? "{}" : spelling(call.arguments);
    });
}

void refusals(Request &request, Dialect)
{
    eachPart(request, [](Part &part) {
        if (const auto *refusal = std::get_if<Refusal>(&part.body)) {
            const QByteArray text = refusal->text;
            part.body = Text{text, {}};
        }
    });
}

void customs(Request &request, Dialect)
{
    eachOf<ToolCall>(request, [](ToolCall &call) {
        if (call.kind != ToolCall::Kind::Custom)
            return;
        call.kind = ToolCall::Kind::Function;
        call.arguments = spelling(bridgeArguments(call.arguments));
    });
    eachOf<ToolResult>(request, [](ToolResult &result) { result.custom = false; });
    for (Tool &tool : request.tools) {
        if (tool.kind == Tool::Kind::Custom)
            tool = bridgeTool(tool);
    }
}

void schemas(Request &request, Dialect vendor)
{
    using enum SchemaFlavour;
    const auto clean = [&](QByteArray &schema) {
        // One after the other: what any of them leaves out is out on both sides.
        for (const SchemaFlavour flavour :
             {Plain, vendor == Dialect::Gemini ? GeminiJson : Plain,
              vendor == Dialect::Messages ? AnthropicStrict : Plain}) {
            if (const auto fit = cleanSchema(schema, flavour))
                schema = *fit;
        }
        const auto tree = JsonTree::parse(schema);
        if (tree && tree->root()["type"].is("object") && tree->root()["properties"].size() == 0)
            schema = "{}";
        schema = sortedSpelling(schema);
    };
    for (Tool &tool : request.tools) {
        if (tool.kind == Tool::Kind::Function)
            clean(tool.schema);
    }
    if (request.format.kind == OutputFormat::Kind::Schema)
        clean(request.format.schema);
}

void strictness(Request &request, Dialect)
{
    // Absent and false are the same: nobody but Responses defaults to strict, and it is told.
    for (Tool &tool : request.tools) {
        if (!tool.strict.value_or(false))
            tool.strict.reset();
    }
    if (!request.format.strict.value_or(false))
        request.format.strict.reset();
}

void reasoningSpec(Request &request, Dialect)
{
    ReasoningSpec &spec = request.reasoning;
    const bool off = spec.mode == ReasoningSpec::Mode::Off || spec.effort == "none"
        || (spec.effort.isEmpty() && spec.budget == 0);
    const bool on = !off
        && (spec.mode != ReasoningSpec::Mode::Unset || !spec.effort.isEmpty()
            || spec.budget.value_or(0) != 0);
    spec = {};
    spec.mode = off ? ReasoningSpec::Mode::Off
        : on        ? ReasoningSpec::Mode::On
                    : ReasoningSpec::Mode::Unset;
}

void noReasoningSpec(Request &request, Dialect)
{
    request.reasoning = {};
}

void choice(Request &request, Dialect)
{
    ToolChoice &choice = request.toolChoice;
    if (choice.mode == ToolChoice::Mode::Required && choice.allowed.size() == 1) {
        choice.mode = ToolChoice::Mode::Named;
        choice.name = choice.allowed.front();
        choice.allowed.clear();
    }
    if (choice.mode == ToolChoice::Mode::Auto)
        choice.mode.reset();
    if (choice.parallel == true)
        choice.parallel.reset();
    if (request.tools.empty())
        choice = {};
}

void allowed(Request &request, Dialect)
{
    ToolChoice &choice = request.toolChoice;
    if (choice.allowed.isEmpty())
        return;
    std::erase_if(request.tools,
                  [&](const Tool &tool) { return !choice.allowed.contains(tool.name); });
    choice.allowed.clear();
}

void plainFormat(Request &request, Dialect)
{
    if (request.format.kind == OutputFormat::Kind::Text)
        request.format.kind = OutputFormat::Kind::Unset;
    request.format.name.clear();
}

void defaults(Request &request, Dialect)
{
    if (request.candidates == 1)
        request.candidates.reset();
    if (request.store == false)
        request.store.reset();
    if (request.sampling.logprobs == false)
        request.sampling.logprobs.reset();
    if (request.modalities == QByteArrayList{"text"})
        request.modalities.clear();
    for (QByteArray &modality : request.modalities)
        modality = modality.toLower();
}

void modalities(Request &request, Dialect)
{
    request.modalities.clear();
}

template <QByteArray Sampling::*member> void sampled(Request &request, Dialect)
{
    (request.sampling.*member).clear();
}

template <auto member> void cleared(Request &request, Dialect)
{
    request.*member = {};
}

void clamped(Request &request, Dialect)
{
    if (request.sampling.temperature.toDouble() >= 1)
        request.sampling.temperature.clear();
}

void users(Request &request, Dialect)
{
    constexpr qsizetype kLongest = 64;
    if (request.userId.size() >= kLongest)
        request.userId = "a long one";
}

void parallel(Request &request, Dialect)
{
    request.toolChoice.parallel.reset();
}

void toolChoice(Request &request, Dialect)
{
    request.toolChoice = {};
}

void caches(Request &request, Dialect)
{
    request.cache.reset();
    for (Tool &tool : request.tools)
        tool.cache.reset();
    eachPart(request, [](Part &part) { part.cache.reset(); });
}

void cacheLives(Request &request, Dialect)
{
    const auto usual = [](std::optional<CacheMark> &mark) {
        constexpr int kUsualS = 300;
        if (mark && mark->ttlS == kUsualS)
            mark->ttlS = 0;
    };
    usual(request.cache);
    for (Tool &tool : request.tools)
        usual(tool.cache);
    eachPart(request, [&](Part &part) { usual(part.cache); });
}

void strict(Request &request, Dialect)
{
    for (Tool &tool : request.tools)
        tool.strict.reset();
    request.format.strict.reset();
}

void hosted(Request &request, Dialect)
{
    std::erase_if(request.tools, [](const Tool &tool) { return tool.kind == Tool::Kind::Hosted; });
    remove<ToolCall>(request,
                     [](const ToolCall &call) { return call.kind == ToolCall::Kind::Hosted; });
    remove<ToolResult>(request,
                       [](const ToolResult &result) { return !result.hostedType.isEmpty(); });
}

void opaques(Request &request, Dialect)
{
    remove<Opaque>(request, [](const Opaque &) { return true; });
}

void thoughts(Request &request, Dialect)
{
    remove<Reasoning>(request, [](const Reasoning &) { return true; });
}

void summaries(Request &request, Dialect)
{
    eachOf<Reasoning>(request, [](Reasoning &thought) { thought.summary = false; });
}

void seals(Request &request, Dialect)
{
    eachPart(request, [](Part &part) { part.sealed.reset(); });
    eachOf<ToolCall>(request, [](ToolCall &call) { call.sealed.reset(); });
    remove<Reasoning>(request, [](const Reasoning &thought) { return thought.text.isEmpty(); });
    eachOf<Reasoning>(request, [](Reasoning &thought) { thought.sealed.reset(); });
}

void nameOfSpeaker(Request &request, Dialect)
{
    for (Message &message : request.messages)
        message.name.clear();
}

void citations(Request &request, Dialect)
{
    eachOf<Text>(request, [](Text &text) { text.citations.clear(); });
}

void failures(Request &request, Dialect)
{
    eachOf<ToolResult>(request, [](ToolResult &result) {
        result.error = false;
        for (auto &piece : result.parts) {
            if (auto *text = std::get_if<Text>(&piece); text && text->text.startsWith("Error: "))
                text->text.remove(0, 7);
        }
    });
}

void callIds(Request &request, Dialect)
{
    const auto plain = [](QByteArray &id) {
        for (char &c : id) {
            const bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9') || c == '_' || c == '-';
            c = allowed ? c : '_';
        }
    };
    const auto plainly = [&](QByteArray &id) {
        plain(id);
        // An id that was used twice, or is too long, ends in a hash.
        static const QRegularExpression hash(QStringLiteral("_[0-9a-f]{12}$"));
        id = QString::fromUtf8(id).remove(hash).toUtf8();
    };
    eachOf<ToolCall>(request, [&](ToolCall &call) { plainly(call.callId); });
    eachOf<ToolResult>(request, [&](ToolResult &result) { plainly(result.callId); });
}

void lateSystem(Request &request, Dialect)
{
    bool leading = true;
    for (Message &message : request.messages) {
        leading = leading && message.role == Role::System;
        if (leading || message.role == Role::Assistant)
            continue;
        message.role = Role::User;
        for (Part &part : message.parts) {
            if (auto *text = std::get_if<Text>(&part.body))
                text->text.replace("<system>\n", "").replace("\n</system>", "");
        }
    }
}

void equalTools(Request &request, Dialect)
{
    for (Tool &tool : request.tools) {
        if (tool.kind != Tool::Kind::Hosted)
            continue;
        const QByteArray &type = tool.hostedType;
        if (type.startsWith("web_search"))
            tool.hostedType = "googleSearch";
        else if (type.startsWith("web_fetch"))
            tool.hostedType = "urlContext";
        else if (type.startsWith("code_execution") || type.startsWith("code_interpreter"))
            tool.hostedType = "codeExecution";
        else
            continue;
        tool.name.clear();
        tool.json.clear();
    }
    for (Tool &tool : request.tools) {
        if (tool.kind == Tool::Kind::Hosted && tool.json == "{}")
            tool.json.clear();
    }
}

void noTools(Request &request, Dialect)
{
    if (request.toolChoice.mode == ToolChoice::Mode::None)
        request.tools.clear();
    request.toolChoice = request.tools.empty() ? ToolChoice{} : request.toolChoice;
}

void unboundThinking(Request &request, Dialect)
{
    const ReasoningSpec &spec = request.reasoning;
    const bool bare = spec.effort.isEmpty() && !spec.budget
        && (spec.mode == ReasoningSpec::Mode::On || spec.mode == ReasoningSpec::Mode::Adaptive);
    if (bare)
        request.reasoning = {};
}

void heldFormat(Request &request, Dialect)
{
    request.format.strict.reset();
    request.format.description.clear();
}

void noLogprobs(Request &request, Dialect)
{
    request.sampling.logprobs.reset();
    request.sampling.topLogprobs.clear();
}

void tiers(Request &request, Dialect)
{
    QByteArray &tier = request.serviceTier;
    for (const char *usual : {"auto", "priority", "default", "flex", "standard", "standard_only"}) {
        if (tier == usual)
            tier.clear();
    }
}

template <void (*change)(Request &, Dialect)>
void both(Request &asked, Request &told, Dialect vendor)
{
    change(asked, vendor);
    change(told, vendor);
}

// What the target cannot be asked otherwise is asked for in words.
void words(Request &asked, Request &told, Dialect vendor)
{
    static const QRegularExpression said(
        QStringLiteral("(You must (answer by calling|call)|Answer with one JSON|Answer with JSON)"
                       "[\\s\\S]*$"));
    bool found = false;
    for (Message &message : told.messages) {
        for (Part &part : message.parts) {
            auto *text = std::get_if<Text>(&part.body);
            if (!text || message.role != Role::System)
                continue;
            const QString before = QString::fromUtf8(text->text);
            const auto match = said.match(before);
            if (!match.hasMatch())
                continue;
            found = true;
            text->text = before.first(match.capturedStart()).toUtf8();
        }
    }
    if (!found)
        return;
    for (Message &message : told.messages) {
        std::erase_if(message.parts, [](const Part &part) {
            const auto *text = std::get_if<Text>(&part.body);
            return text && text->text.trimmed().isEmpty();
        });
    }
    std::erase_if(told.messages, [](const Message &message) { return message.parts.empty(); });
    asked.format = told.format = {};
    if (vendor == Dialect::Ollama)
        asked.toolChoice = told.toolChoice = {};
}

// A client that set no limit gets the vendor's, above what is thought.
void unlimited(Request &asked, Request &told, Dialect)
{
    if (!asked.maxOutput)
        told.maxOutput.reset();
    constexpr std::int64_t kLeast = 16;
    if (asked.maxOutput)
        asked.maxOutput = std::max(*asked.maxOutput, kLeast);
}

constexpr RequestRow kRows[] = {
    {"names", "the model is the vendor's, and whether it streams is the gateway's to ask", kAny,
     nullptr, both<names>},
    {"members", "each member of another dialect is looked for in the notes by its own name", kAny,
     nullptr, both<natives>},
    {"nothing said", "empty texts are not said, and a dot stands for an empty turn", kAny, nullptr,
     both<emptyParts>},
    {"refusals", "8.1: a text", ~(kChat | kResponses), nullptr, both<refusals>},
    {"custom tools", "a function with one text stands for one", kAny, nullptr, both<customs>},
    {"words", "8.1: forms and choices that the target does not know are asked for in words", kAny,
     nullptr, words},
    {"late system", "8.1, 9.1: said by the user, or in tags", kMessages | kGemini, nullptr,
     both<lateSystem>},
    {"turns", "8.1: neighbours of one role are one, and results stand behind their calls", kAny,
     nullptr, both<turns>},
    {"arguments", "an object, not its text", kAny, nullptr, both<arguments>},
    {"results", "a text, whatever pieces it was in", kAny, nullptr, both<results>},
    {"schemas", "13.7", kAny, nullptr, both<schemas>},
    {"strictness", "absent is as good as false", kAny, nullptr, both<strictness>},
    {"tool choice", "13.5", kAny, nullptr, both<choice>},
    {"allowed tools", "13.5: the others are not told", kMessages | kGemini | kOllama, nullptr,
     both<allowed>},
    {"text", "what is answered where nothing is asked; a schema's name is the client's", kAny,
     nullptr, both<plainFormat>},
    {"limits", "8.1, 10.1: Messages must have one, Responses takes none below 16",
     kMessages | kResponses, nullptr, unlimited},
    {"defaults", "said or not, the same is done", kAny, nullptr, both<defaults>},
    {"temperature", "8.1: up to 1, which thinking models take for granted", kMessages, nullptr,
     both<clamped>},
    {"long users", "8.5: hashed, or said in a member without a bound", kAny, nullptr, both<users>},
    {"service tiers", "8.1, 11: the usual ones have other names", kAny, nullptr, both<tiers>},
    {"cache lives", "five minutes are what is not said", kAny, nullptr, both<cacheLives>},
    {"text files", "13.6: inline", kAny, nullptr, both<textFiles>},
    {"made names", "one name is enough, and made up where one is wanted", kAny, nullptr, madeNames},
    {"media of results", "8.5: in the next message", kChat | kGemini, nullptr, both<resultMedia>},
    {"pictures", "a list apart", kOllama, nullptr, both<mediaLast>},
    {"usual detail", "auto is what is not said", kAny, nullptr, both<autoDetail>},
    {"ids of calls", "8.1: letters, digits, - and _ in them", kMessages, nullptr, both<callIds>},
    {"equal tools", "12: told in their own words; what their words lack is noted", kGemini, nullptr,
     both<equalTools>},
    {"no tools", "13.5: none is told where none may be called", kOllama, nullptr, both<noTools>},
    {"thinking without a bound", "13.4: what thinking models do unasked", kChat | kResponses,
     nullptr, both<unboundThinking>},
    {"held formats", "the vendor holds its answers to every schema", ~(kChat | kResponses), nullptr,
     both<heldFormat>},
    {"media types", "as their bytes or the URL say", kAny, nullptr, both<mediaTypes>},
    {"failed results", "8.5: the text says it", ~kMessages, nullptr, both<failures>},
    {"efforts", "13.4: names, levels and budgets stand for one another", kAny, nullptr,
     both<reasoningSpec>},

    {"reasoning not asked", "noted", kAny, "reasoning|thinking|reasoning:off",
     both<noReasoningSpec>},
    {"min_p", "noted", kAny, "min_p", both<sampled<&Sampling::minP>>},
    {"top_k", "noted", kAny, "top_k", both<sampled<&Sampling::topK>>},
    {"top_p", "noted", kAny, "top_p", both<sampled<&Sampling::topP>>},
    {"temperature not told", "noted", kAny, "temperature", both<sampled<&Sampling::temperature>>},
    {"presence_penalty", "noted", kAny, "presence_penalty",
     both<sampled<&Sampling::presencePenalty>>},
    {"frequency_penalty", "noted", kAny, "frequency_penalty",
     both<sampled<&Sampling::frequencyPenalty>>},
    {"repetition_penalty", "noted", kAny, "repetition_penalty",
     both<sampled<&Sampling::repetitionPenalty>>},
    {"seed", "noted", kAny, "seed", both<sampled<&Sampling::seed>>},
    {"logit_bias", "noted", kAny, "logit_bias", both<sampled<&Sampling::logitBias>>},
    {"logprobs", "noted", kAny, "top_logprobs|logprobs", both<noLogprobs>},
    {"verbosity", "noted", kAny, "verbosity", both<cleared<&Request::verbosity>>},
    {"user", "noted", kAny, "user", both<cleared<&Request::userId>>},
    {"metadata", "noted", kAny, "metadata", both<cleared<&Request::metadata>>},
    {"cache key", "noted", kAny, "prompt_cache_key", both<cleared<&Request::cacheKey>>},
    {"store", "noted", kAny, "store", both<cleared<&Request::store>>},
    {"service tier", "noted", kAny, "service_tier", both<cleared<&Request::serviceTier>>},
    {"stop", "noted", kAny, "stop", both<cleared<&Request::stop>>},
    {"n", "noted", kAny, "n", both<cleared<&Request::candidates>>},
    {"modalities", "noted", kAny, "modalities", both<modalities>},
    {"parallel calls", "noted", kAny, "parallel_tool_calls", both<parallel>},
    {"choice of tools", "noted", kAny, "tool_choice", both<toolChoice>},
    {"cache marks", "noted", kAny, "cache_control", both<caches>},
    {"strict", "noted", kAny, "strict|tools.strict", both<strict>},
    {"hosted tools", "noted", kAny, "tool:", both<hosted>},
    {"name of a speaker", "noted", kAny, "name", both<nameOfSpeaker>},
    {"citations", "noted", kAny, "citations", both<citations>},
    {"detail", "noted", kAny, "detail", both<detail>},
    {"file names", "noted", kAny, "filename|document.title", both<fileNames>},
    {"media", "noted", kAny, "media", both<media>},
    {"context of documents", "noted", kAny, "context|document.context", both<fileContext>},
    {"thoughts", "noted", kAny, "reasoning|reasoning:", both<thoughts>},
    {"signatures", "noted", kAny, "signature|reasoning:", both<seals>},
    {"foreign parts", "noted", kAny, "part|part:|*", both<opaques>},

    // At the end: what is left between them means nothing.
    {"no choice left", "13.5: of a tool that is not told", kAny, nullptr, both<choice>},
    {"previous answer", "noted", kAny, "previous_response_id",
     both<cleared<&Request::previousResponseId>>},
    {"kinds of thoughts", "only Responses tells a summary from the thoughts", kAny, nullptr,
     both<summaries>},
    {"turns left", "8.1: what stands between them is gone", kAny, nullptr, both<turns>},
    {"seams", "where one text ends and the next begins", kAny, nullptr, both<seams>},
};

bool noted(const Dropped &dropped, const char *note)
{
    for (const QByteArray &one : QByteArray(note).split('|')) {
        for (const QByteArray &member : dropped.members()) {
            if (one == "*" || member == one || (one.endsWith(':') && member.startsWith(one)))
                return true;
        }
    }
    return false;
}

} // namespace

std::span<const RequestRow> requestRows()
{
    return kRows;
}

QString untold(Request asked, Request told, Dialect vendor, const Dropped &dropped,
               std::vector<int> &used)
{
    used.resize(requestRows().size());
    std::size_t row = 0;
    for (const RequestRow &one : requestRows()) {
        const std::size_t at = row++;
        if (!(one.vendors & only(vendor)) || (one.note && !noted(dropped, one.note)))
            continue;
        const Request before[] = {asked, told};
        one.apply(asked, told, vendor);
        if (!(before[0] == before[1]) && (!(before[0] == asked) || !(before[1] == told)))
            ++used[at];
    }
    return difference(describe(asked), describe(told));
}

} // namespace tollgate::test
