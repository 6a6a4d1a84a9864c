// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/matrix/losses.h"

#include "core/conversation/customtools.h"
#include "tests/codecs/properties.h"
#include "tests/matrix/spelling.h"

#include <algorithm>
#include <functional>

namespace tollgate::test {

using namespace conversation;

namespace {

constexpr Pair kChat = only(Dialect::Chat);
constexpr Pair kResponses = only(Dialect::Responses);
constexpr Pair kMessages = only(Dialect::Messages);
constexpr Pair kGemini = only(Dialect::Gemini);
constexpr Pair kOllama = only(Dialect::Ollama);

void eachPart(Response &answer, const std::function<void(Part &)> &change)
{
    for (Candidate &candidate : answer.candidates) {
        for (Part &part : candidate.message.parts)
            change(part);
    }
}

template <class T> void eachOf(Response &answer, const std::function<void(T &)> &change)
{
    eachPart(answer, [&](Part &part) {
        if (auto *body = std::get_if<T>(&part.body))
            change(*body);
    });
}

void removeParts(Response &answer, const std::function<bool(const Part &)> &gone)
{
    for (Candidate &candidate : answer.candidates)
        std::erase_if(candidate.message.parts, gone);
}

void native(Response &answer)
{
    answer.native.clear();
    if (answer.usage)
        answer.usage->native.clear();
    for (Candidate &candidate : answer.candidates) {
        candidate.native.clear();
        candidate.message.native.clear();
        candidate.message.name.clear();
        candidate.stop.native.clear();
    }
    eachPart(answer, [](Part &part) { part.native.clear(); });
}

void names(Response &answer)
{
    answer.id.clear();
    answer.model.clear();
    answer.createdS = 0;
    answer.serviceTier.clear();
    eachPart(answer, [](Part &part) { part.itemId.clear(); });
}

void emptyArguments(Response &answer)
{
    eachOf<ToolCall>(answer, [](ToolCall &call) {
        if (call.kind == ToolCall::Kind::Function && call.arguments.isEmpty())
            call.arguments = "{}";
    });
}

void spelling(Response &answer)
{
    eachOf<ToolCall>(answer, [](ToolCall &call) {
        if (call.kind == ToolCall::Kind::Function)
            call.arguments = test::spelling(call.arguments);
    });
}

void suspect(Response &answer)
{
    if (answer.usage)
        answer.usage->suspect = false;
}

void hosted(Response &answer)
{
    removeParts(answer, [](const Part &part) {
        if (std::holds_alternative<Opaque>(part.body))
            return true;
        const auto *call = std::get_if<ToolCall>(&part.body);
        return (call && call->kind == ToolCall::Kind::Hosted)
            || std::holds_alternative<ToolResult>(part.body);
    });
}

void seals(Response &answer)
{
    eachPart(answer, [](Part &part) {
        part.sealed.reset();
        if (auto *call = std::get_if<ToolCall>(&part.body))
            call->sealed.reset();
        if (auto *thought = std::get_if<Reasoning>(&part.body))
            thought->sealed.reset();
    });
    removeParts(answer, [](const Part &part) {
        const auto *thought = std::get_if<Reasoning>(&part.body);
        return thought && thought->text.isEmpty();
    });
}

void partSeals(Response &answer)
{
    eachPart(answer, [](Part &part) { part.sealed.reset(); });
}

void callSeals(Response &answer)
{
    eachOf<ToolCall>(answer, [](ToolCall &call) { call.sealed.reset(); });
}

void summaries(Response &answer)
{
    eachOf<Reasoning>(answer, [](Reasoning &thought) {
        QByteArray text;
        qsizetype from = 0;
        for (const qsizetype at : thought.breaks) {
            if (at <= from || at >= thought.text.size())
                continue;
            text += thought.text.mid(from, at - from) + "\n\n";
            from = at;
        }
        thought.text = text + thought.text.mid(from);
        thought.breaks.clear();
        thought.summary = false;
    });
}

void carriers(Response &answer)
{
    removeParts(answer, [](const Part &part) {
        const auto *thought = std::get_if<Reasoning>(&part.body);
        return thought && thought->text.isEmpty() && thought->sealed
            && thought->sealed->owner == Sealed::Owner::Gemini;
    });
}

void blocked(Response &answer)
{
    if (!answer.promptBlocked.isEmpty()) {
        answer.promptBlocked.clear();
        answer.candidates.assign(1, {});
        answer.candidates[0].stop.reason = StopReason::ContentFilter;
    }
    // Ollama has no word for a filter: the text says it.
    for (Candidate &candidate : answer.candidates) {
        std::erase_if(candidate.message.parts, [](const Part &part) {
            const auto *text = std::get_if<Text>(&part.body);
            return text && text->text.startsWith("The provider refused this prompt: ");
        });
    }
}

void customTools(Response &answer)
{
    eachOf<ToolCall>(answer, [](ToolCall &call) {
        if (call.kind != ToolCall::Kind::Custom)
            return;
        call.kind = ToolCall::Kind::Function;
        call.arguments = bridgeArguments(call.arguments);
    });
}

void callIds(Response &answer)
{
    int number = 0;
    eachOf<ToolCall>(answer,
                     [&](ToolCall &call) { call.callId = "call " + QByteArray::number(++number); });
}

void pictures(Response &answer)
{
    eachOf<Media>(answer, [](Media &media) {
        if (media.data.startsWith("data:")) {
            media.source = Media::Source::Base64;
            media.data = media.data.mid(media.data.indexOf(',') + 1);
        }
        media.mime.clear();
        media.filename.clear();
    });
}

void citations(Response &answer)
{
    eachOf<Text>(answer, [](Text &text) { text.citations.clear(); });
}

void foreignCitations(Response &answer)
{
    eachOf<Text>(answer, [](Text &text) {
        std::erase_if(text.citations, [](const Citation &one) { return one.url.isEmpty(); });
        for (Citation &one : text.citations)
            one = {one.url, {}, {}, -1, -1, Dialect::Chat, {}};
    });
}

void refusals(Response &answer)
{
    eachPart(answer, [](Part &part) {
        if (const auto *refusal = std::get_if<Refusal>(&part.body))
            part.body = Text{refusal->text, {}};
    });
}

void media(Response &answer)
{
    removeParts(answer, [](const Part &part) { return std::holds_alternative<Media>(part.body); });
}

void logprobs(Response &answer)
{
    for (Candidate &candidate : answer.candidates)
        candidate.logprobs.clear();
}

void oneCandidate(Response &answer)
{
    if (answer.candidates.size() > 1)
        answer.candidates.resize(1);
}

int rank(const Part &part)
{
    struct Rank
    {
        int operator()(const Reasoning &) { return 0; }
        int operator()(const Text &) { return 1; }
        int operator()(const Refusal &) { return 2; }
        int operator()(const Media &) { return 3; }
        int operator()(const ToolCall &) { return 4; }
        int operator()(const ToolResult &) { return 5; }
        int operator()(const Opaque &) { return 6; }
    };
    return std::visit(Rank{}, part.body);
}

void order(Response &answer)
{
    for (Candidate &candidate : answer.candidates) {
        std::stable_sort(
            candidate.message.parts.begin(), candidate.message.parts.end(),
            [](const Part &left, const Part &right) { return rank(left) < rank(right); });
    }
}

bool merge(Part &into, const Part &next)
{
    if (next.sealed || into.sealed)
        return false;
    if (auto *text = std::get_if<Text>(&into.body)) {
        const auto *more = std::get_if<Text>(&next.body);
        if (more) {
            text->text += more->text;
            text->citations.insert(text->citations.end(), more->citations.begin(),
                                   more->citations.end());
        }
        return more;
    }
    auto *thought = std::get_if<Reasoning>(&into.body);
    const auto *more = std::get_if<Reasoning>(&next.body);
    if (!thought || !more || thought->sealed || more->sealed)
        return false;
    thought->text += more->text;
    return true;
}

void paragraphs(Response &answer)
{
    eachOf<Reasoning>(answer, [](Reasoning &thought) { thought.text.replace("\n", ""); });
}

void seams(Response &answer)
{
    for (Candidate &candidate : answer.candidates) {
        std::vector<Part> kept;
        for (Part &part : candidate.message.parts) {
            const auto *text = std::get_if<Text>(&part.body);
            if (text && text->text.isEmpty() && text->citations.empty() && !part.sealed)
                continue;
            if (kept.empty() || !merge(kept.back(), part))
                kept.push_back(std::move(part));
        }
        candidate.message.parts = std::move(kept);
    }
}

void reasons(Response &answer, const std::function<StopReason(StopReason)> &told)
{
    for (Candidate &candidate : answer.candidates) {
        const std::vector<Part> &parts = candidate.message.parts;
        const bool bad = candidate.stop.reason == StopReason::BadToolCall
            && std::any_of(parts.begin(), parts.end(), [](const Part &part) {
                             return std::holds_alternative<ToolCall>(part.body);
                         });
        candidate.stop.reason = bad ? StopReason::ToolUse : told(candidate.stop.reason);
        if (candidate.stop.reason != StopReason::StopSequence)
            candidate.stop.sequence.clear();
    }
}

StopReason coarse(StopReason reason)
{
    switch (reason) {
    case StopReason::ContextFull:
        return StopReason::MaxTokens;
    case StopReason::Refusal:
    case StopReason::Recitation:
    case StopReason::Blocked:
        return StopReason::ContentFilter;
    case StopReason::MaxTokens:
    case StopReason::ToolUse:
    case StopReason::ContentFilter:
        return reason;
    default:
        return StopReason::End;
    }
}

// A part that refuses says it already, whatever the end is called.
void refusingEnds(Response &answer)
{
    for (Candidate &candidate : answer.candidates) {
        const std::vector<Part> &parts = candidate.message.parts;
        const bool refuses = std::any_of(parts.begin(), parts.end(), [](const Part &part) {
            return std::holds_alternative<Refusal>(part.body);
        });
        if (refuses && candidate.stop.reason == StopReason::Refusal)
            candidate.stop.reason = StopReason::End;
    }
}

void coarseReasons(Response &answer)
{
    reasons(answer, coarse);
}

void messagesReasons(Response &answer)
{
    reasons(answer, [](StopReason reason) {
        switch (reason) {
        case StopReason::StopSequence:
        case StopReason::ContextFull:
        case StopReason::Paused:
        case StopReason::Compaction:
            return reason;
        default:
            return coarse(reason);
        }
    });
}

void geminiReasons(Response &answer)
{
    reasons(answer, [](StopReason reason) {
        switch (reason) {
        case StopReason::Recitation:
        case StopReason::Blocked:
            return reason;
        default:
            return coarse(reason);
        }
    });
}

void ollamaReasons(Response &answer)
{
    reasons(answer, [](StopReason reason) {
        const StopReason told = coarse(reason);
        return told == StopReason::ContentFilter ? StopReason::End : told;
    });
}

void modalities(Response &answer)
{
    if (!answer.usage)
        return;
    TokenCounts &counts = answer.usage->counts;
    counts.input += std::exchange(counts.audioInput, 0) + std::exchange(counts.imageInput, 0);
    counts.output += std::exchange(counts.audioOutput, 0) + std::exchange(counts.imageOutput, 0);
}

void cacheLives(Response &answer)
{
    if (answer.usage)
        answer.usage->counts.cacheWrite5m += std::exchange(answer.usage->counts.cacheWrite1h, 0);
}

void cacheWrites(Response &answer)
{
    cacheLives(answer);
    if (answer.usage)
        answer.usage->counts.input += std::exchange(answer.usage->counts.cacheWrite5m, 0);
}

void totals(Response &answer)
{
    if (!answer.usage)
        return;
    TokenCounts &counts = answer.usage->counts;
    counts = {counts.totalInput(), 0, 0, 0, counts.totalOutput()};
}

void silentUsage(Response &answer)
{
    if (answer.usage && answer.usage->counts == TokenCounts{})
        answer.usage.reset();
}

constexpr Loss kLosses[] = {
    {"members", "what only the vendor's dialect knows", kAny, kAny, native},
    {"names",
     "ids of answers and items, times and tiers are each dialect's own; the model is named as the"
     " client named it",
     kAny, kAny, names},
    {"no arguments", "an empty text and an empty object both mean none", kAny, kAny,
     emptyArguments},
    {"suspect", "a clamped figure is told as it was clamped", kAny, kAny, suspect},
    {"no usage", "a usage of nothing but zeros is as good as none", kAny, kAny, silentUsage},
    {"hosted tools",
     "calls that the vendor runs itself, and their results, mean nothing to other"
     " dialects",
     kAny, kAny, hosted},
    {"seals", "Ollama has no place for signatures", kAny, kOllama, seals},
    {"signed texts", "only Gemini signs texts and media", kAny, ~kGemini, partSeals},
    {"signed calls", "no place for a call's signature", kAny, kResponses | kMessages, callSeals},
    {"summaries", "only Responses tells a summary from the thoughts, and its paragraphs", kAny,
     kAny, summaries},
    {"carried seals", "a reasoning without words carries a call's signature to and fro", kAny,
     kResponses | kMessages, carriers},
    {"blocked prompts", "only Gemini answers without an answer: the others tell a filter", kAny,
     kAny, blocked},
    {"custom tools", "only Chat and Responses have them: a function stands for one", kAny,
     kMessages | kGemini | kOllama, customTools},
    {"ids of calls", "Messages takes letters, digits, - and _ in them", kAny, kMessages, callIds},
    {"pictures", "Chat tells a data URL, Ollama no type", kAny, kChat | kOllama, pictures},
    {"citations", "Ollama has no citations", kAny, kOllama, citations},
    {"places cited", "a citation is a page's URL to every dialect; the rest is the owner's own",
     kAny, kAny, foreignCitations},
    {"refusals", "only Chat and Responses tell a refusal from a text", kAny,
     kMessages | kGemini | kOllama, refusals},
    {"media", "Messages' answers have no media", kAny, kMessages, media},
    {"logprobs", "Messages has none", kAny, kMessages, logprobs},
    {"candidates", "one answer only", kAny, kResponses | kMessages | kOllama, oneCandidate},
    {"pages cited", "a citation without its place in the text stands nowhere in Gemini's metadata",
     kAny, kGemini, citations},
    {"order", "one text, one list of calls: their order is not told", kAny, kChat | kOllama, order},
    {"seams", "where one text ends and the next begins", kAny, kAny, seams},
    {"paragraphs", "one text of thoughts: a paragraph where the next begins", kAny, kOllama,
     paragraphs},
    {"ends of refusals", "a refusal is a part, not an end, to Chat", kAny, kResponses,
     refusingEnds},
    {"stop reasons", "13.1: few are told", kAny, kChat | kResponses, coarseReasons},
    {"Messages' reasons", "13.1", kAny, kMessages, messagesReasons},
    {"Gemini's reasons", "13.1", kAny, kGemini, geminiReasons},
    {"Ollama's reasons", "13.1: stop and length", kAny, kOllama, ollamaReasons},
    {"spelling of arguments", "an object, not its text", kAny, kMessages | kGemini | kOllama,
     spelling},
    {"modalities", "13.2: text, sound and pictures in one figure", kAny, ~kGemini, modalities},
    {"lives of caches", "13.2: one figure for both", kAny, ~kMessages, cacheLives},
    {"cache writes", "13.2: a part of the prompt's figure", kAny, kGemini, cacheWrites},
    {"totals", "13.2: what went in, what came out", kAny, kOllama, totals},
};

} // namespace

std::span<const Loss> losses()
{
    return kLosses;
}

QString differs(Response vendors, Response clients, Dialect upstream, Dialect client,
                std::vector<int> &used)
{
    used.resize(losses().size());
    vendors.source = clients.source;
    std::size_t row = 0;
    for (const Loss &loss : losses()) {
        const std::size_t at = row++;
        if (!(loss.upstreams & only(upstream)) || !(loss.clients & only(client)))
            continue;
        const Response before[] = {vendors, clients};
        loss.apply(vendors);
        loss.apply(clients);
        if (before[0] != before[1] && (before[0] != vendors || before[1] != clients))
            ++used[at];
    }
    return difference(describe(vendors), describe(clients));
}

} // namespace tollgate::test
