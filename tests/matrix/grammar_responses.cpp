// SPDX-License-Identifier: GPL-3.0-or-later
// OpenAI Responses: its reference of the response object and of the streaming events.
#include "tests/matrix/rules.h"

#include <map>

namespace tollgate::test {
namespace {

void checkUsage(Rules &rules, JsonValue usage)
{
    rules.isCount(usage, "input_tokens");
    rules.isCount(usage, "output_tokens");
    const std::int64_t in = rules.figure(usage, "input_tokens");
    const std::int64_t out = rules.figure(usage, "output_tokens");
    rules.must(rules.figure(usage, "total_tokens") == in + out, "total_tokens is not the sum");
    rules.isObject(usage, "input_tokens_details");
    rules.isObject(usage, "output_tokens_details");
    rules.isCount(usage["input_tokens_details"], "cached_tokens");
    rules.isCount(usage["output_tokens_details"], "reasoning_tokens");
    rules.must(rules.figure(usage["input_tokens_details"], "cached_tokens") <= in,
               "more cached than read");
    rules.must(rules.figure(usage["output_tokens_details"], "reasoning_tokens") <= out,
               "more reasoned than told");
}

void checkContent(Rules &rules, JsonValue part)
{
    if (part["type"].is("output_text")) {
        rules.isText(part, "text");
        rules.isList(part, "annotations");
        for (const JsonValue note : part["annotations"])
            rules.oneOf(note["type"], "an annotation's type",
                        {"url_citation", "file_citation", "container_file_citation", "file_path"});
    } else if (part["type"].is("refusal")) {
        rules.isText(part, "refusal");
    } else {
        rules.must(part["type"].is("reasoning_text"), "an unknown content part");
        rules.isText(part, "text");
    }
}

void checkItem(Rules &rules, JsonValue item, bool done)
{
    if (!rules.isName(item, "type") || !rules.isName(item, "id"))
        return;
    const JsonValue type = item["type"];
    if (type.is("message")) {
        rules.must(item["role"].is("assistant"), "a message of another role");
        rules.oneOf(item["status"], "status", {"in_progress", "completed", "incomplete"});
        if (rules.isList(item, "content")) {
            for (const JsonValue part : item["content"])
                checkContent(rules, part);
            rules.must(done || item["content"].size() == 0, "a message is added with content");
        }
    } else if (type.is("reasoning")) {
        rules.isList(item, "summary");
        for (const JsonValue part : item["summary"])
            rules.must(part["type"].is("summary_text") && part["text"].isString(),
                       "a summary's part is no summary_text");
        for (const JsonValue part : item["content"])
            checkContent(rules, part);
    } else if (type.is("function_call") || type.is("custom_tool_call")) {
        rules.isName(item, "call_id");
        rules.isName(item, "name");
        const char *said = type.is("function_call") ? "arguments" : "input";
        rules.isText(item, said);
        if (done && type.is("function_call"))
            rules.must(!item[said].string().isEmpty(), "arguments are empty");
    }
}

void checkResponse(Rules &rules, JsonValue response)
{
    rules.isName(response, "id");
    rules.must(response["object"].is("response"), "object is not response");
    rules.isCount(response, "created_at");
    rules.isText(response, "model");
    rules.oneOf(response["status"], "status",
                {"completed", "failed", "in_progress", "cancelled", "queued", "incomplete"});
    for (const char *name : {"error", "incomplete_details", "instructions", "metadata", "output",
                             "parallel_tool_calls", "temperature", "tool_choice", "tools", "top_p"})
        rules.must(response[name], QByteArray(name) + " is left out");
    rules.isList(response, "output");
    rules.isList(response, "tools");
    rules.must(response["error"].isObject() == response["status"].is("failed"),
               "status and error disagree");
    rules.must(response["incomplete_details"].isObject() == response["status"].is("incomplete"),
               "status and incomplete_details disagree");
    if (response["incomplete_details"].isObject())
        rules.oneOf(response["incomplete_details"]["reason"], "the reason",
                    {"max_output_tokens", "content_filter"});
    if (response["usage"].isSet())
        checkUsage(rules, response["usage"]);
}

// The events of one item, as far as they have come.
struct Open
{
    std::int64_t index = -1;
    QByteArray id;
    QByteArray type;
    bool partOpen = false;
    bool told = false; // the text of the open part is done
    std::int64_t part = 0; // content_index or summary_index to come
    QByteArray text;
    bool argumentsDone = false;
};

class Reader
{
public:
    Verdict read(QByteArrayView bytes)
    {
        std::int64_t sequence = 0;
        for (const SseEvent &event : readSse(rules, bytes, "\n")) {
            rules.must(!verdict.finished && !closed, "something behind the end");
            const auto tree = JsonTree::parse(event.data);
            if (!rules.must(tree && tree->root().isObject(), "data is no JSON object"))
                break;
            rules.inside(event.type);
            rules.must(tree->root()["type"].is(event.type), "event and type disagree");
            rules.must(tree->root()["sequence_number"].integer() == sequence++,
                       "sequence_number is not dense from 0");
            take(tree->root());
        }
        verdict.wrong = rules.wrong();
        return verdict;
    }

private:
    void take(JsonValue root)
    {
        const QByteArray type = root["type"].string();
        if (type == "error") {
            rules.isName(root, "message");
            rules.must(root["code"] && root["param"], "code or param is left out");
            verdict.failed = true;
            return;
        }
        if (type == "response.failed") {
            checkResponse(rules, root["response"]);
            rules.isName(root["response"]["error"], "message");
            verdict.failed = closed = true;
            return;
        }
        rules.must(!verdict.failed, "something between error and response.failed");
        if (type == "response.created" || type == "response.queued"
            || type == "response.in_progress")
            return begin(root, type);
        rules.must(progress, "before response.in_progress");
        if (type == "response.completed" || type == "response.incomplete")
            return finish(root, type);
        if (type == "response.output_item.added")
            return add(root);
        rules.must(open.index >= 0, "no item is open");
        rules.must(root["output_index"].integer() == open.index, "another output_index");
        if (type == "response.output_item.done")
            return done(root);
        rules.must(root["item_id"].is(open.id), "another item_id");
        inItem(root, type);
    }

    void begin(JsonValue root, const QByteArray &type)
    {
        if (type == "response.created")
            rules.must(!std::exchange(created, true), "told twice");
        if (type == "response.in_progress")
            rules.must(!std::exchange(progress, true), "told twice");
        rules.must(created && items.empty(), "out of order");
        checkResponse(rules, root["response"]);
        rules.must(root["response"]["output"].size() == 0, "has output already");
        if (id.isEmpty())
            id = root["response"]["id"].string();
        rules.must(root["response"]["id"].is(id), "another id");
    }

    void add(JsonValue root)
    {
        rules.must(open.index < 0, "items overlap");
        rules.must(root["output_index"].integer() == std::int64_t(items.size()),
                   "output_index is not dense");
        checkItem(rules, root["item"], false);
        open = {std::int64_t(items.size()), root["item"]["id"].string(),
                root["item"]["type"].string()};
    }

    void done(JsonValue root)
    {
        rules.must(!open.partOpen, "a part is still open");
        checkItem(rules, root["item"], true);
        rules.must(root["item"]["id"].is(open.id) && root["item"]["type"].is(open.type),
                   "another item than was added");
        if (open.type == "function_call" || open.type == "custom_tool_call") {
            const JsonValue said
                = root["item"][open.type == "function_call" ? "arguments" : "input"];
            rules.must(open.argumentsDone && said.is(open.text),
                       "not the arguments that were told");
        }
        if (open.type == "message")
            rules.must(root["item"]["content"].size() == open.part, "not the parts that were told");
        items.push_back(root["item"].json());
        open = {};
    }

    void inItem(JsonValue root, const QByteArray &type)
    {
        if (type.endsWith("part.added")) {
            rules.must(!std::exchange(open.partOpen, true), "parts overlap");
            checkIndex(root);
            open.text.clear();
            open.told = false;
        } else if (type.endsWith("part.done")) {
            rules.must(open.partOpen && open.told, "the part's text is not done");
            checkIndex(root);
            const JsonValue part = root["part"];
            rules.must((part["type"].is("refusal") ? part["refusal"] : part["text"]).is(open.text),
                       "not the text that was told");
            open.partOpen = false;
            ++open.part;
        } else if (type.endsWith("annotation.added")) {
            rules.isCount(root, "annotation_index");
            rules.isObject(root, "annotation");
        } else if (type.endsWith(".delta") || type.endsWith(".done")) {
            said(root, type);
        }
    }

    void checkIndex(JsonValue root)
    {
        const bool summary = root["summary_index"].isSet();
        rules.must(root[summary ? "summary_index" : "content_index"].integer() == open.part,
                   "not the index of this part");
    }

    void said(JsonValue root, const QByteArray &type)
    {
        static const std::map<QByteArray, QByteArray> kFinal{
            {"response.output_text.done", "text"},
            {"response.refusal.done", "refusal"},
            {"response.reasoning_summary_text.done", "text"},
            {"response.reasoning_text.done", "text"},
            {"response.function_call_arguments.done", "arguments"},
            {"response.custom_tool_call_input.done", "input"}};
        const bool call = type.contains("arguments") || type.contains("tool_call_input");
        if (!call) {
            rules.must(open.partOpen && !open.told, "no part is open");
            checkIndex(root);
        } else {
            rules.must(!open.argumentsDone, "arguments are done already");
        }
        if (type.contains("output_text"))
            rules.isList(root, "logprobs");
        if (type.endsWith(".delta")) {
            rules.isText(root, "delta");
            open.text += root["delta"].string();
            return;
        }
        const auto final = kFinal.find(type);
        if (!rules.must(final != kFinal.end(), "an unknown event"))
            return;
        rules.must(root[final->second].is(open.text), "done is not the sum of the deltas");
        (call ? open.argumentsDone : open.told) = true;
    }

    void finish(JsonValue root, const QByteArray &type)
    {
        rules.must(open.index < 0, "an item is open");
        const JsonValue response = root["response"];
        checkResponse(rules, response);
        rules.must(type == "response." + response["status"].string(), "another status");
        rules.must(response["id"].is(id), "another id");
        rules.must(response["output"].size() == qsizetype(items.size()), "not the items told");
        std::size_t at = 0;
        for (const JsonValue item : response["output"])
            rules.must(at < items.size() && item.raw() == items[at++], "an item changed");
        verdict.finished = true;
    }

    Rules rules;
    Verdict verdict;
    bool created = false;
    bool progress = false;
    bool closed = false;
    QByteArray id;
    Open open;
    std::vector<QByteArray> items;
};

} // namespace

QString responsesWhole(QByteArrayView body)
{
    Rules rules;
    const auto tree = JsonTree::parse(body);
    if (!rules.must(tree && tree->root().isObject(), "no JSON object"))
        return rules.wrong();
    checkResponse(rules, tree->root());
    rules.oneOf(tree->root()["status"], "the status of a whole answer",
                {"completed", "incomplete", "failed"});
    for (const JsonValue item : tree->root()["output"])
        checkItem(rules, item, true);
    return rules.wrong();
}

Verdict responsesStream(QByteArrayView bytes)
{
    return Reader().read(bytes);
}

} // namespace tollgate::test
