// SPDX-License-Identifier: GPL-3.0-or-later
// OpenAI Chat Completions: its reference of "chat.completion" and "chat.completion.chunk".
#include "tests/matrix/rules.h"

#include <map>

namespace tollgate::test {
namespace {

void checkUsage(Rules &rules, JsonValue usage)
{
    const std::int64_t prompt = rules.figure(usage, "prompt_tokens");
    const std::int64_t completion = rules.figure(usage, "completion_tokens");
    rules.isCount(usage, "prompt_tokens");
    rules.isCount(usage, "completion_tokens");
    rules.must(rules.figure(usage, "total_tokens") == prompt + completion,
               "total_tokens is not the sum");
    const JsonValue in = usage["prompt_tokens_details"];
    rules.must(rules.figure(in, "cached_tokens") + rules.figure(in, "cache_write_tokens") <= prompt,
               "more cached than prompted");
    rules.must(rules.figure(usage["completion_tokens_details"], "reasoning_tokens") <= completion,
               "more reasoned than completed");
}

void checkCall(Rules &rules, JsonValue call)
{
    rules.isName(call, "id");
    if (call["type"].is("custom")) {
        rules.isName(call["custom"], "name");
        rules.isText(call["custom"], "input");
        return;
    }
    rules.must(call["type"].is("function"), "a call's type is neither function nor custom");
    rules.isName(call["function"], "name");
    if (rules.isText(call["function"], "arguments"))
        rules.must(!call["function"]["arguments"].string().isEmpty(), "arguments are empty");
}

void checkReason(Rules &rules, JsonValue reason, bool called)
{
    rules.oneOf(reason, "finish_reason",
                {"stop", "length", "tool_calls", "content_filter", "function_call"});
    if (reason.is("tool_calls"))
        rules.must(called, "tool_calls without a call");
}

void checkEnvelope(Rules &rules, JsonValue root, const char *object)
{
    rules.isName(root, "id");
    rules.must(root["object"].is(object), "object is another");
    rules.isCount(root, "created");
    rules.isText(root, "model");
    rules.isList(root, "choices");
}

void checkMessage(Rules &rules, JsonValue message)
{
    rules.must(message["role"].is("assistant"), "the role is not assistant");
    rules.must(message["content"], "content is left out");
    rules.must(message["content"].isNull() || message["content"].isString(), "content is no text");
    rules.must(!message["refusal"].isSet() || message["refusal"].isString(), "refusal is no text");
    for (const JsonValue call : message["tool_calls"])
        checkCall(rules, call);
    if (message["tool_calls"])
        rules.must(message["tool_calls"].size() > 0, "an empty list of tool_calls");
    for (const JsonValue note : message["annotations"]) {
        const JsonValue cited = note["url_citation"];
        rules.isName(note, "type");
        if (note["type"].is("url_citation"))
            rules.isText(cited, "url");
    }
}

struct Choice
{
    bool begun = false;
    bool over = false;
    std::map<std::int64_t, QByteArray> calls; // arguments so far, by index
    std::map<std::int64_t, bool> custom;
};

class Reader
{
public:
    Verdict read(QByteArrayView bytes)
    {
        const auto events = readSse(rules, bytes, "\n");
        for (const SseEvent &event : events) {
            rules.must(!verdict.finished && !verdict.failed, "something behind the end");
            rules.must(event.type.isEmpty(), "a named event");
            if (event.data == "[DONE]")
                finish();
            else
                chunk(event.data);
        }
        verdict.wrong = rules.wrong();
        return verdict;
    }

private:
    void finish()
    {
        verdict.finished = true;
        rules.must(!choices.empty(), "[DONE] without a choice");
        for (const auto &[index, choice] : choices)
            rules.must(choice.over, "[DONE] before a choice had its finish_reason");
    }

    void chunk(const QByteArray &data)
    {
        const auto tree = JsonTree::parse(data);
        if (!rules.must(tree && tree->root().isObject(), "a chunk that is no JSON object"))
            return;
        const JsonValue root = tree->root();
        if (root["error"].isObject()) {
            verdict.failed = true;
            rules.isName(root["error"], "message");
            rules.isText(root["error"], "type");
            return;
        }
        checkEnvelope(rules, root, "chat.completion.chunk");
        if (id.isEmpty())
            id = root["id"].string();
        rules.must(root["id"].is(id), "another id in the middle");
        if (root["usage"].isSet()) {
            rules.must(root["choices"].size() == 0, "usage beside choices");
            rules.must(!std::exchange(counted, true), "a second usage");
            checkUsage(rules, root["usage"]);
        }
        for (const JsonValue choice : root["choices"])
            part(choice);
    }

    void part(JsonValue choice)
    {
        rules.must(!counted, "a choice behind the usage");
        rules.isCount(choice, "index");
        Choice &state = choices[choice["index"].integer().value_or(-1)];
        rules.must(!state.over, "a choice goes on behind its finish_reason");
        if (!rules.isObject(choice, "delta"))
            return;
        const JsonValue delta = choice["delta"];
        if (!std::exchange(state.begun, true))
            rules.must(delta["role"].is("assistant"), "the first chunk has no role");
        else
            rules.must(!delta["role"] || delta["role"].is("assistant"), "another role");
        rules.must(!delta["content"].isSet() || delta["content"].isString(), "content is no text");
        for (const JsonValue call : delta["tool_calls"])
            callPiece(state, call);
        if (!rules.must(choice["finish_reason"], "finish_reason is left out"))
            return;
        if (choice["finish_reason"].isNull())
            return;
        state.over = true;
        checkReason(rules, choice["finish_reason"], !state.calls.empty());
        for (const auto &[index, arguments] : state.calls)
            rules.must(!arguments.isEmpty() || state.custom[index], "a call without arguments");
    }

    void callPiece(Choice &state, JsonValue call)
    {
        rules.isCount(call, "index");
        const std::int64_t index = call["index"].integer().value_or(-1);
        const bool first = !state.calls.contains(index);
        if (first) {
            rules.must(index == std::int64_t(state.calls.size()), "indexes of calls have a gap");
            state.custom[index] = call["type"].is("custom");
            rules.isName(call, "id");
            rules.isName(call[state.custom[index] ? "custom" : "function"], "name");
        } else {
            rules.must(!call["id"].isSet(), "an id is told twice");
        }
        const JsonValue inner = call[state.custom[index] ? "custom" : "function"];
        state.calls[index] += inner[state.custom[index] ? "input" : "arguments"].string();
    }

    Rules rules;
    Verdict verdict;
    QByteArray id;
    bool counted = false;
    std::map<std::int64_t, Choice> choices;
};

} // namespace

QString chatWhole(QByteArrayView body)
{
    Rules rules;
    const auto tree = JsonTree::parse(body);
    if (!rules.must(tree && tree->root().isObject(), "no JSON object"))
        return rules.wrong();
    const JsonValue root = tree->root();
    checkEnvelope(rules, root, "chat.completion");
    rules.must(root["choices"].size() > 0, "no choices");
    std::int64_t index = 0;
    for (const JsonValue choice : root["choices"]) {
        rules.must(choice["index"].integer() == index++, "choices are not numbered from 0");
        if (rules.isObject(choice, "message"))
            checkMessage(rules, choice["message"]);
        rules.must(choice["logprobs"], "logprobs is left out");
        const JsonValue message = choice["message"];
        checkReason(rules, choice["finish_reason"], message["tool_calls"].size() > 0);
    }
    if (root["usage"].isSet())
        checkUsage(rules, root["usage"]);
    return rules.wrong();
}

Verdict chatStream(QByteArrayView bytes)
{
    return Reader().read(bytes);
}

} // namespace tollgate::test
