// SPDX-License-Identifier: GPL-3.0-or-later
// Answers that nobody recorded, written as the vendors' documentation has them.
#include "tests/matrix/traffic.h"

namespace tollgate::test {

using protocol::Dialect;

namespace {

Exchange whole(const char *name, Dialect upstream, const char *body)
{
    Exchange exchange;
    exchange.name = QStringLiteral("made/") + QLatin1String(name);
    exchange.upstream = upstream;
    exchange.body = body;
    return exchange;
}

// Each event one line of JSON; its name is its type where the dialect has one.
Exchange streamed(const char *name, Dialect upstream, std::initializer_list<const char *> lines)
{
    Exchange exchange = whole(name, upstream, "");
    exchange.stream = true;
    for (const char *line : lines) {
        QByteArray type;
        if (const auto tree = protocol::JsonTree::parse(QByteArrayView(line));
            tree && upstream != Dialect::Chat)
            type = tree->root()["type"].string();
        if (!type.isEmpty())
            exchange.body += "event: " + type + '\n';
        exchange.body += "data: " + QByteArray(line) + "\n\n";
    }
    exchange.events = wireEvents(exchange.body);
    return exchange;
}

const char *const kChatRefusal = R"({"id":"c1","object":"chat.completion","created":5,"model":"x",
 "choices":[{"index":0,"logprobs":null,"finish_reason":"stop","message":{"role":"assistant",
 "content":null,"refusal":"I will not."}}],
 "usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}})";

const char *const kChatTwo = R"({"id":"c2","object":"chat.completion","created":5,"model":"x",
 "choices":[{"index":0,"logprobs":null,"finish_reason":"tool_calls","message":{"role":"assistant",
 "content":"é","tool_calls":[
 {"id":"a","type":"function","function":{"name":"f","arguments":""}},
 {"id":"b","type":"function","function":{"name":"f","arguments":"{\"x\": 1.0,\n \"y\":[]}"}}]}},
 {"index":1,"logprobs":null,"finish_reason":"length","message":{"role":"assistant",
 "content":"other"}}],
 "usage":{"prompt_tokens":90,"completion_tokens":40,"total_tokens":130,
 "prompt_tokens_details":{"cached_tokens":30,"cache_write_tokens":20},
 "completion_tokens_details":{"reasoning_tokens":10}}})";

const char *const kMessagesCached = R"({"id":"msg_1","type":"message","role":"assistant",
 "model":"x","content":[{"type":"thinking","thinking":"hm","signature":"c2ln"},
 {"type":"redacted_thinking","data":"cmVk"},{"type":"text","text":"a\"\\ b"},
 {"type":"tool_use","id":"toolu_1","name":"f","input":{
   "deep": {"list": [1, 2.50, null]}}},
 {"type":"tool_use","id":"toolu_2","name":"g","input":{}}],
 "stop_reason":"tool_use","stop_sequence":null,
 "usage":{"input_tokens":3,"cache_read_input_tokens":100,"cache_creation_input_tokens":50,
 "cache_creation":{"ephemeral_5m_input_tokens":20,"ephemeral_1h_input_tokens":30},
 "output_tokens":70,"output_tokens_details":{"thinking_tokens":40}}})";

const char *const kMessagesStopped = R"({"id":"msg_2","type":"message","role":"assistant",
 "model":"x","content":[{"type":"text","text":"one two"}],"stop_reason":"stop_sequence",
 "stop_sequence":"three","usage":{"input_tokens":3,"output_tokens":7}})";

const char *const kResponsesRefusal = R"({"id":"resp_1","object":"response","created_at":5,
 "status":"completed","error":null,"incomplete_details":null,"instructions":null,"metadata":{},
 "model":"x","parallel_tool_calls":true,"temperature":1.0,"tool_choice":"auto","tools":[],
 "top_p":1.0,"output":[{"id":"rs_1","type":"reasoning","encrypted_content":"ZW5j",
 "summary":[{"type":"summary_text","text":"First."},{"type":"summary_text","text":"Then."}]},
 {"id":"msg_1","type":"message","status":"completed","role":"assistant",
 "content":[{"type":"refusal","refusal":"No."}]}],
 "usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":2},"output_tokens":8,
 "output_tokens_details":{"reasoning_tokens":5},"total_tokens":17}})";

const char *const kGeminiSigned = R"({"candidates":[{"index":0,"finishReason":"STOP","content":{
 "role":"model","parts":[{"text":"thinking","thought":true},
 {"functionCall":{"name":"f","args":{"a": "ü"}},"thoughtSignature":"c2lnbmVk"},
 {"functionCall":{"name":"f","args":{}}}]}}],"modelVersion":"x","responseId":"r",
 "usageMetadata":{"promptTokenCount":20,"cachedContentTokenCount":5,"candidatesTokenCount":6,
 "thoughtsTokenCount":7,"toolUsePromptTokenCount":3,"totalTokenCount":36}})";

} // namespace

std::vector<Exchange> madeExchanges()
{
    std::vector<Exchange> all{
        whole("chat refuses", Dialect::Chat, kChatRefusal),
        whole("chat answers twice", Dialect::Chat, kChatTwo),
        whole("messages cached for an hour", Dialect::Messages, kMessagesCached),
        whole("messages stopped", Dialect::Messages, kMessagesStopped),
        whole("responses refuses", Dialect::Responses, kResponsesRefusal),
        whole("gemini signs a call", Dialect::Gemini, kGeminiSigned),
    };
    all.push_back(streamed(
        "chat calls interleaved", Dialect::Chat,
        {R"({"id":"c","object":"chat.completion.chunk","created":5,"model":"x","choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{\"x"}}]},"finish_reason":null}]})",
         R"({"id":"c","object":"chat.completion.chunk","created":5,"model":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]},"finish_reason":null}]})",
         R"({"id":"c","object":"chat.completion.chunk","created":5,"model":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\":1}"}},{"index":1,"function":{"arguments":"{}"}}]},"finish_reason":null}]})",
         R"({"id":"c","object":"chat.completion.chunk","created":5,"model":"x","choices":[{"index":1,"delta":{"role":"assistant","content":"second"},"finish_reason":null}]})",
         R"({"id":"c","object":"chat.completion.chunk","created":5,"model":"x","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"},{"index":1,"delta":{},"finish_reason":"stop"}]})",
         R"({"id":"c","object":"chat.completion.chunk","created":5,"model":"x","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}})",
         "[DONE]"}));
    all.push_back(streamed(
        "chat fails in the middle", Dialect::Chat,
        {R"({"id":"c","object":"chat.completion.chunk","created":5,"model":"x","choices":[{"index":0,"delta":{"role":"assistant","content":"so"},"finish_reason":null}]})",
         R"({"error":{"message":"overloaded","type":"server_error","param":null,"code":null}})"}));
    all.push_back(streamed(
        "messages fails in the middle", Dialect::Messages,
        {R"({"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":1}}})",
         R"({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}})",
         R"({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a"}})",
         R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})"}));
    all.push_back(streamed(
        "gemini fails in the middle", Dialect::Gemini,
        {R"({"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"so"}]}}],"modelVersion":"x","responseId":"r"})",
         R"({"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}})"}));
    all.push_back(streamed(
        "responses fails in the middle", Dialect::Responses,
        {R"({"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":5,"status":"in_progress","error":null,"incomplete_details":null,"instructions":null,"metadata":{},"model":"x","output":[],"parallel_tool_calls":true,"temperature":1.0,"tool_choice":"auto","tools":[],"top_p":1.0}})",
         R"({"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}})",
         R"({"type":"error","sequence_number":2,"code":"server_error","message":"The server had an error.","param":null})"}));
    return all;
}

} // namespace tollgate::test
