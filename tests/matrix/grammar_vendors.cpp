// SPDX-License-Identifier: GPL-3.0-or-later
// Requests as Bedrock's Converse and Cohere's v2 chat take them, by their API references.
#include "tests/matrix/rules.h"

#include <QSet>

#include <algorithm>

namespace tollgate::test {

namespace {

void onlyMembers(Rules &rules, JsonValue object, std::initializer_list<const char *> known)
{
    for (const JsonValue member : object) {
        const bool allowed = std::any_of(known.begin(), known.end(),
                                         [&](const char *one) { return member.keyIs(one); });
        rules.must(allowed, "no member is called " + member.key());
    }
}

// Unions have one member.
void oneMember(Rules &rules, JsonValue object, const char *what)
{
    rules.must(object.isObject() && object.size() == 1, QByteArray(what) + " is not one thing");
}

void between(Rules &rules, JsonValue object, const char *name, double least, double most)
{
    const JsonValue value = object[name];
    if (!value)
        return;
    const double number = value.digits().toDouble();
    rules.must(value.isNumber() && number >= least && number <= most,
               QByteArray(name) + " is out of bounds");
}

void converseSource(Rules &rules, JsonValue of, std::initializer_list<const char *> formats)
{
    rules.oneOf(of["format"], "format", formats);
    rules.isObject(of, "source");
    oneMember(rules, of["source"], "a source");
    for (const JsonValue member : of["source"])
        rules.must(member.keyIs("bytes") || member.keyIs("s3Location") || member.keyIs("text")
                       || member.keyIs("content"),
                   "a source of another kind");
    if (const JsonValue bytes = of["source"]["bytes"])
        rules.must(!bytes.string().isEmpty(), "no bytes");
}

void converseDocument(Rules &rules, JsonValue document)
{
    onlyMembers(rules, document, {"name", "format", "source", "citations", "context"});
    const QByteArray name = document["name"].string();
    constexpr qsizetype kLongest = 200;
    const QByteArrayView kFurther = " -()[]";
    bool space = false;
    for (const char c : name) {
        const bool plain
            = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        rules.must(plain || kFurther.contains(c), "a document's name has another character");
        rules.must(!(space && c == ' '), "a document's name has two spaces");
        space = c == ' ';
    }
    rules.must(!name.isEmpty() && name.size() <= kLongest, "a document without a name");
    converseSource(rules, document,
                   {"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"});
}

void converseMedia(Rules &rules, JsonValue block)
{
    if (const JsonValue image = block["image"])
        converseSource(rules, image, {"png", "jpeg", "gif", "webp"});
    if (const JsonValue video = block["video"])
        converseSource(rules, video,
                       {"mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp"});
    if (const JsonValue document = block["document"])
        converseDocument(rules, document);
}

void converseCachePoint(Rules &rules, JsonValue block)
{
    if (const JsonValue point = block["cachePoint"]) {
        rules.oneOf(point["type"], "cachePoint.type", {"default"});
        if (point["ttl"])
            rules.oneOf(point["ttl"], "ttl", {"5m", "1h"});
    }
}

struct ConverseTurn
{
    QSet<QByteArray> calls;
    QSet<QByteArray> results;
    bool text = false;
    bool document = false;
};

void converseResult(Rules &rules, JsonValue result, ConverseTurn &turn)
{
    onlyMembers(rules, result, {"toolUseId", "content", "status", "type"});
    rules.isName(result, "toolUseId");
    rules.must(!turn.results.contains(result["toolUseId"].string()), "a result twice");
    turn.results.insert(result["toolUseId"].string());
    rules.isList(result, "content");
    if (result["status"])
        rules.oneOf(result["status"], "status", {"success", "error"});
    for (const JsonValue piece : result["content"]) {
        oneMember(rules, piece, "a piece of a result");
        for (const JsonValue member : piece)
            rules.must(member.keyIs("text") || member.keyIs("json") || member.keyIs("image")
                           || member.keyIs("document") || member.keyIs("video")
                           || member.keyIs("searchResult"),
                       "a piece of another kind");
        if (piece["text"])
            rules.isText(piece, "text");
        converseMedia(rules, piece);
    }
}

void converseBlock(Rules &rules, JsonValue block, bool assistant, ConverseTurn &turn)
{
    constexpr qsizetype kLongest = 64;
    oneMember(rules, block, "a block");
    for (const JsonValue member : block) {
        const bool theirs = member.keyIs("toolUse") || member.keyIs("reasoningContent");
        const bool ours = member.keyIs("image") || member.keyIs("document") || member.keyIs("video")
            || member.keyIs("toolResult");
        rules.must(theirs || ours || member.keyIs("text") || member.keyIs("cachePoint"),
                   "a block of another kind: " + member.key());
        rules.must(assistant ? !ours || member.keyIs("image") : !theirs,
                   "said by the wrong side: " + member.key());
    }
    if (block["text"]) {
        rules.must(!block["text"].string().trimmed().isEmpty(), "a text without words");
        turn.text = true;
    }
    turn.document = turn.document || block["document"];
    converseMedia(rules, block);
    converseCachePoint(rules, block);
    if (const JsonValue use = block["toolUse"]) {
        const QByteArray id = use["toolUseId"].string();
        rules.must(isPlainName(id, kLongest), "an id that Bedrock refuses: " + id);
        rules.must(isPlainName(use["name"].string(), kLongest), "a name that Bedrock refuses");
        rules.isObject(use, "input");
        turn.calls.insert(id);
    }
    if (const JsonValue result = block["toolResult"])
        converseResult(rules, result, turn);
    if (const JsonValue thought = block["reasoningContent"]) {
        oneMember(rules, thought, "a reasoning");
        if (!thought["redactedContent"])
            rules.isText(thought["reasoningText"], "text");
    }
}

void converseTurns(Rules &rules, JsonValue messages)
{
    QByteArray before;
    QSet<QByteArray> open;
    for (const JsonValue message : messages) {
        onlyMembers(rules, message, {"role", "content"});
        rules.oneOf(message["role"], "role", {"user", "assistant"});
        const QByteArray role = message["role"].string();
        rules.must(role != before, "two turns of one side");
        rules.must(!before.isEmpty() || role == "user", "the assistant begins");
        before = role;
        rules.isList(message, "content");
        rules.must(message["content"].size() > 0, "an empty turn");
        ConverseTurn turn;
        for (const JsonValue block : message["content"])
            converseBlock(rules, block, role == "assistant", turn);
        rules.must(!turn.document || turn.text, "a document without a text beside it");
        if (role == "user")
            rules.must(turn.results == open, "results are not those of the calls before");
        open = turn.calls;
    }
    rules.must(open.isEmpty(), "calls without results");
}

void converseTools(Rules &rules, JsonValue root)
{
    constexpr qsizetype kLongest = 64;
    const JsonValue config = root["toolConfig"];
    if (!config)
        return;
    onlyMembers(rules, config, {"tools", "toolChoice"});
    rules.isList(config, "tools");
    QSet<QByteArray> names;
    for (const JsonValue tool : config["tools"]) {
        oneMember(rules, tool, "a tool");
        converseCachePoint(rules, tool);
        const JsonValue spec = tool["toolSpec"];
        if (!spec)
            continue;
        onlyMembers(rules, spec, {"name", "description", "inputSchema", "strict"});
        rules.must(isPlainName(spec["name"].string(), kLongest), "a name that Bedrock refuses");
        names.insert(spec["name"].string());
        if (spec["description"])
            rules.isName(spec, "description");
        rules.must(spec["inputSchema"]["json"].isObject(), "a schema that is no object");
        rules.oneOf(spec["inputSchema"]["json"]["type"], "the schema's type", {"object"});
    }
    rules.must(!names.isEmpty(), "no tools in a toolConfig");
    if (const JsonValue choice = config["toolChoice"]) {
        oneMember(rules, choice, "a choice");
        rules.must(choice["auto"].isObject() || choice["any"].isObject()
                       || names.contains(choice["tool"]["name"].string()),
                   "a choice of another kind");
    }
}

bool usesTools(JsonValue messages)
{
    for (const JsonValue message : messages) {
        for (const JsonValue block : message["content"]) {
            if (block["toolUse"] || block["toolResult"])
                return true;
        }
    }
    return false;
}

} // namespace

QString converseRequest(QByteArrayView body)
{
    Rules rules;
    const auto tree = JsonTree::parse(body);
    if (!rules.must(tree && tree->root().isObject(), "no JSON object"))
        return rules.wrong();
    const JsonValue root = tree->root();
    onlyMembers(rules, root,
                {"messages", "system", "inferenceConfig", "toolConfig", "guardrailConfig",
                 "additionalModelRequestFields", "additionalModelResponseFieldPaths",
                 "performanceConfig", "serviceTier", "requestMetadata", "promptVariables",
                 "outputConfig"});
    rules.isList(root, "messages");
    converseTurns(rules, root["messages"]);
    for (const JsonValue block : root["system"]) {
        oneMember(rules, block, "a system block");
        rules.must(!block["text"].string().isEmpty() || block["cachePoint"].isObject()
                       || block["guardContent"].isObject(),
                   "a system block of another kind");
        converseCachePoint(rules, block);
    }
    const JsonValue config = root["inferenceConfig"];
    onlyMembers(rules, config, {"maxTokens", "temperature", "topP", "stopSequences"});
    between(rules, config, "maxTokens", 1, 1e9);
    between(rules, config, "temperature", 0, 1);
    between(rules, config, "topP", 0, 1);
    for (const JsonValue stop : config["stopSequences"])
        rules.must(!stop.string().isEmpty(), "an empty stop sequence");
    converseTools(rules, root);
    rules.must(root["toolConfig"] || !usesTools(root["messages"]),
               "calls in the history and no toolConfig");
    if (const JsonValue format = root["outputConfig"]["textFormat"]) {
        rules.oneOf(format["type"], "textFormat.type", {"json_schema"});
        rules.parses(format["structure"]["jsonSchema"]["schema"].string(), "the answer's schema");
    }
    return rules.wrong();
}

namespace {

void cohereContent(Rules &rules, JsonValue content, const QByteArray &role)
{
    if (content.isString())
        return;
    rules.must(content.isArray() && content.size() > 0, "content is neither text nor list");
    for (const JsonValue piece : content) {
        const JsonValue type = piece["type"];
        if (role == "user")
            rules.oneOf(type, "a user's content", {"text", "image_url"});
        else if (role == "assistant")
            rules.oneOf(type, "an assistant's content", {"text", "thinking"});
        else if (role == "tool")
            rules.oneOf(type, "a result's content", {"text", "document"});
        else
            rules.oneOf(type, "a system's content", {"text"});
        if (type.is("text"))
            rules.isText(piece, "text");
        if (type.is("thinking"))
            rules.isText(piece, "thinking");
        if (type.is("image_url"))
            rules.isName(piece["image_url"], "url");
        if (type.is("document"))
            rules.must(piece["document"]["data"].isString() || piece["document"]["data"].isObject(),
                       "a document without data");
    }
}

void cohereMessages(Rules &rules, JsonValue messages)
{
    QSet<QByteArray> open;
    for (const JsonValue message : messages) {
        const QByteArray role = message["role"].string();
        rules.oneOf(message["role"], "role", {"system", "user", "assistant", "tool"});
        onlyMembers(rules, message,
                    {"role", "content", "tool_calls", "tool_plan", "tool_call_id", "citations"});
        if (message["content"])
            cohereContent(rules, message["content"], role);
        else
            rules.must(role == "assistant" && message["tool_calls"].size() > 0, "nothing is said");
        if (role == "tool") {
            rules.must(open.remove(message["tool_call_id"].string()), "a result without its call");
            continue;
        }
        rules.must(open.isEmpty(), "calls without results");
        rules.must(role == "assistant" || !message["tool_calls"], "calls of another side");
        for (const JsonValue call : message["tool_calls"]) {
            rules.isName(call, "id");
            rules.oneOf(call["type"], "a call's type", {"function"});
            rules.isName(call["function"], "name");
            rules.parses(call["function"]["arguments"].string(), "the arguments");
            open.insert(call["id"].string());
        }
    }
    rules.must(open.isEmpty(), "calls without results");
}

} // namespace

QString cohereRequest(QByteArrayView body)
{
    constexpr qsizetype kMostStops = 5;
    constexpr double kMostK = 500;
    Rules rules;
    const auto tree = JsonTree::parse(body);
    if (!rules.must(tree && tree->root().isObject(), "no JSON object"))
        return rules.wrong();
    const JsonValue root = tree->root();
    onlyMembers(rules, root,
                {"model",
                 "messages",
                 "tools",
                 "tool_choice",
                 "strict_tools",
                 "documents",
                 "citation_options",
                 "response_format",
                 "safety_mode",
                 "max_tokens",
                 "stop_sequences",
                 "temperature",
                 "seed",
                 "frequency_penalty",
                 "presence_penalty",
                 "k",
                 "p",
                 "logprobs",
                 "thinking",
                 "stream",
                 "priority"});
    rules.isName(root, "model");
    rules.isList(root, "messages");
    rules.must(root["messages"].size() > 0, "no messages");
    cohereMessages(rules, root["messages"]);
    for (const JsonValue tool : root["tools"]) {
        rules.oneOf(tool["type"], "a tool's type", {"function"});
        rules.isName(tool["function"], "name");
        rules.must(tool["function"]["parameters"].isObject(), "a tool without parameters");
    }
    if (root["tool_choice"]) {
        rules.oneOf(root["tool_choice"], "tool_choice", {"REQUIRED", "NONE"});
        rules.must(root["tools"].size() > 0, "a choice among no tools");
    }
    if (const JsonValue format = root["response_format"]) {
        rules.oneOf(format["type"], "response_format.type", {"text", "json_object"});
        if (format["json_schema"])
            rules.isObject(format, "json_schema");
    }
    rules.must(root["stop_sequences"].size() <= kMostStops, "too many stop sequences");
    between(rules, root, "temperature", 0, 2);
    between(rules, root, "frequency_penalty", 0, 1);
    between(rules, root, "presence_penalty", 0, 1);
    between(rules, root, "p", 0.01, 0.99);
    between(rules, root, "k", 0, kMostK);
    between(rules, root, "seed", 0, 18446744073709551615.0);
    if (const JsonValue thinking = root["thinking"])
        rules.oneOf(thinking["type"], "thinking.type", {"enabled", "disabled"});
    return rules.wrong();
}

} // namespace tollgate::test
