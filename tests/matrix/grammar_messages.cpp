// SPDX-License-Identifier: GPL-3.0-or-later
// Anthropic Messages: its reference of a message and of the stream's events.
#include "tests/matrix/rules.h"

namespace tollgate::test {
namespace {

void checkUsage(Rules &rules, JsonValue usage)
{
    rules.isCount(usage, "input_tokens");
    rules.isCount(usage, "output_tokens");
    const std::int64_t written = rules.figure(usage, "cache_creation_input_tokens");
    rules.figure(usage, "cache_read_input_tokens");
    const JsonValue split = usage["cache_creation"];
    if (split.isSet()) {
        rules.must(rules.figure(split, "ephemeral_5m_input_tokens")
                           + rules.figure(split, "ephemeral_1h_input_tokens")
                       == written,
                   "cache_creation does not sum up");
    }
    rules.must(rules.figure(usage["output_tokens_details"], "thinking_tokens")
                   <= rules.figure(usage, "output_tokens"),
               "more thought than told");
}

// `whole`: as in a message; else as a stream begins it.
void checkBlock(Rules &rules, JsonValue block, bool whole)
{
    if (!rules.isName(block, "type"))
        return;
    const JsonValue type = block["type"];
    if (type.is("text")) {
        rules.isText(block, "text");
        if (!whole)
            rules.must(block["text"].string().isEmpty(), "a text block begins with text");
        for (const JsonValue citation : block["citations"])
            rules.isName(citation, "type");
    } else if (type.is("thinking")) {
        rules.isText(block, "thinking");
        rules.isText(block, "signature");
        if (!whole)
            rules.must(block["thinking"].string().isEmpty(), "thinking begins with text");
    } else if (type.is("redacted_thinking")) {
        rules.isName(block, "data");
    } else if (type.is("tool_use") || type.is("server_tool_use") || type.is("mcp_tool_use")) {
        rules.must(isPlainName(block["id"].string(), 1 << 20), "an id that no request may carry");
        rules.isName(block, "name");
        rules.isObject(block, "input");
        if (!whole && type.is("tool_use"))
            rules.must(block["input"].size() == 0, "a call begins with input");
    } else if (type.is("image")) { // no answer of Anthropic's, but the form its requests have
        rules.isObject(block, "source");
    } else if (type.string().endsWith("_tool_result")) {
        rules.isName(block, "tool_use_id");
        rules.must(block["content"], "a result without content");
    } else {
        rules.oneOf(type, "a block's type", {"container_upload", "compaction", "fallback"});
    }
}

void checkStop(Rules &rules, JsonValue told, bool called)
{
    rules.oneOf(told["stop_reason"], "stop_reason",
                {"end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal",
                 "model_context_window_exceeded", "compaction"});
    rules.must(told["stop_sequence"], "stop_sequence is left out");
    rules.must(told["stop_sequence"].isString() == told["stop_reason"].is("stop_sequence"),
               "stop_reason and stop_sequence disagree");
    if (told["stop_reason"].is("tool_use"))
        rules.must(called, "tool_use without a call");
}

void checkEnvelope(Rules &rules, JsonValue message)
{
    rules.isName(message, "id");
    rules.must(message["type"].is("message"), "type is not message");
    rules.must(message["role"].is("assistant"), "role is not assistant");
    rules.isText(message, "model");
    rules.isList(message, "content");
    rules.must(message["stop_reason"] && message["stop_sequence"], "stop members are left out");
    if (rules.isObject(message, "usage"))
        checkUsage(rules, message["usage"]);
}

class Reader
{
public:
    Verdict read(QByteArrayView bytes)
    {
        for (const SseEvent &event : readSse(rules, bytes, "\n")) {
            rules.must(!verdict.finished && !verdict.failed, "something behind the end");
            const auto tree = JsonTree::parse(event.data);
            if (!rules.must(tree && tree->root().isObject(), "data is no JSON object"))
                break;
            const JsonValue root = tree->root();
            rules.must(root["type"].is(event.type), "event and type disagree");
            take(root);
        }
        verdict.wrong = rules.wrong();
        return verdict;
    }

private:
    void take(JsonValue root)
    {
        const JsonValue type = root["type"];
        if (type.is("ping"))
            return;
        if (type.is("error")) {
            verdict.failed = true;
            rules.isName(root["error"], "type");
            rules.isName(root["error"], "message");
            return;
        }
        if (type.is("message_start")) {
            rules.must(!std::exchange(begun, true), "a second message_start");
            checkEnvelope(rules, root["message"]);
            rules.must(root["message"]["content"].size() == 0, "message_start has content");
            rules.must(root["message"]["stop_reason"].isNull(), "message_start has stop_reason");
            return;
        }
        rules.must(begun, "something before message_start");
        if (type.is("message_delta")) {
            rules.must(!open, "message_delta inside a block");
            checkStop(rules, root["delta"], called);
            rules.isCount(root["usage"], "output_tokens");
            stopped = true;
        } else if (type.is("message_stop")) {
            rules.must(stopped, "message_stop without message_delta");
            rules.must(!broken, "the input of a call is no JSON object");
            verdict.finished = true;
        } else {
            rules.must(!stopped, "a block behind message_delta");
            block(root);
        }
    }

    void block(JsonValue root)
    {
        const JsonValue type = root["type"];
        if (!rules.oneOf(type, "type",
                         {"content_block_start", "content_block_delta", "content_block_stop"}))
            return;
        rules.must(root["index"].integer() == index, "not the index of this block");
        if (type.is("content_block_start")) {
            rules.must(!std::exchange(open, true), "blocks overlap");
            checkBlock(rules, root["content_block"], false);
            kind = root["content_block"]["type"].string();
            called = called || kind == "tool_use";
            input.clear();
            sealed = false;
            return;
        }
        rules.must(open, "no block is open");
        if (type.is("content_block_delta")) {
            delta(root["delta"]);
            return;
        }
        open = false;
        ++index;
        const auto tree = JsonTree::parse(input);
        broken = broken || (!input.isEmpty() && !(tree && tree->root().isObject()));
    }

    void delta(JsonValue delta)
    {
        struct Allowed
        {
            const char *delta;
            const char *member;
            QByteArrayList blocks;
        };
        static const std::vector<Allowed> kAllowed{
            {"text_delta", "text", {"text"}},
            {"citations_delta", "citation", {"text"}},
            {"input_json_delta", "partial_json", {"tool_use", "server_tool_use", "mcp_tool_use"}},
            {"thinking_delta", "thinking", {"thinking"}},
            {"signature_delta", "signature", {"thinking"}},
            {"compaction_delta", "content", {"compaction"}},
        };
        for (const Allowed &one : kAllowed) {
            if (!delta["type"].is(one.delta))
                continue;
            rules.must(one.blocks.contains(kind), QByteArray(one.delta) + " in a block " + kind);
            rules.must(delta[one.member].isSet(), QByteArray(one.delta) + " is empty");
            rules.must(!sealed, "something behind the signature");
            sealed = delta["type"].is("signature_delta");
            input += delta["partial_json"].string();
            return;
        }
        rules.must(false, "an unknown delta");
    }

    Rules rules;
    Verdict verdict;
    bool begun = false;
    bool open = false;
    bool stopped = false;
    bool called = false;
    bool sealed = false;
    bool broken = false; // a call was cut: an error must follow
    std::int64_t index = 0;
    QByteArray kind;
    QByteArray input;
};

} // namespace

QString messagesWhole(QByteArrayView body)
{
    Rules rules;
    const auto tree = JsonTree::parse(body);
    if (!rules.must(tree && tree->root().isObject(), "no JSON object"))
        return rules.wrong();
    const JsonValue root = tree->root();
    checkEnvelope(rules, root);
    bool called = false;
    for (const JsonValue block : root["content"]) {
        checkBlock(rules, block, true);
        called = called || block["type"].is("tool_use");
    }
    checkStop(rules, root, called);
    return rules.wrong();
}

Verdict messagesStream(QByteArrayView bytes)
{
    return Reader().read(bytes);
}

} // namespace tollgate::test
