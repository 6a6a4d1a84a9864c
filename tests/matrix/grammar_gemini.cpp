// SPDX-License-Identifier: GPL-3.0-or-later
// Gemini: the reference of GenerateContentResponse. A stream is a row of them, each with what is
// new; it has no terminator, so a client takes it for complete when every candidate has its
// finishReason, or the prompt was blocked.
#include "tests/matrix/rules.h"

#include <map>

namespace tollgate::test {
namespace {

void checkUsage(Rules &rules, JsonValue usage)
{
    const std::int64_t prompt = rules.figure(usage, "promptTokenCount");
    const std::int64_t sum = prompt + rules.figure(usage, "candidatesTokenCount")
        + rules.figure(usage, "thoughtsTokenCount")
        + rules.figure(usage, "toolUsePromptTokenCount");
    rules.must(rules.figure(usage, "totalTokenCount") == sum, "totalTokenCount is not the sum");
    rules.must(rules.figure(usage, "cachedContentTokenCount") <= prompt, "more cached than read");
    for (const JsonValue detail : usage["promptTokensDetails"]) {
        rules.isName(detail, "modality");
        rules.figure(detail, "tokenCount");
    }
}

void checkPart(Rules &rules, JsonValue part)
{
    static const QByteArrayList kKinds{
        "text",           "inlineData",          "fileData", "functionCall", "functionResponse",
        "executableCode", "codeExecutionResult", "toolCall", "toolResponse"};
    int kinds = 0;
    for (const QByteArray &kind : kKinds)
        kinds += part[kind].isSet() ? 1 : 0;
    rules.must(kinds == 1, "a part of no kind or of two");
    if (part["text"].isSet())
        rules.isText(part, "text");
    if (part["thought"].isSet())
        rules.must(part["thought"].boolean().has_value(), "thought is no boolean");
    if (part["thoughtSignature"].isSet()) {
        const QByteArray seal = part["thoughtSignature"].string();
        rules.must(!seal.isEmpty(), "an empty thoughtSignature");
    }
    if (part["functionCall"].isSet()) {
        rules.isName(part["functionCall"], "name");
        rules.isObject(part["functionCall"], "args");
    }
    if (part["inlineData"].isSet()) {
        rules.isName(part["inlineData"], "mimeType");
        rules.isText(part["inlineData"], "data");
    }
}

// Whether the candidate is over with this object.
bool checkCandidate(Rules &rules, JsonValue candidate)
{
    const JsonValue content = candidate["content"];
    if (content.isSet()) {
        rules.must(content["role"].is("model"), "the role is not model");
        rules.must(!content["parts"] || content["parts"].isArray(), "parts is no list");
        for (const JsonValue part : content["parts"])
            checkPart(rules, part);
    }
    if (!candidate["finishReason"].isSet())
        return false;
    return rules.oneOf(candidate["finishReason"], "finishReason",
                       {"STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "LANGUAGE", "OTHER",
                        "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MALFORMED_FUNCTION_CALL",
                        "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "IMAGE_SAFETY",
                        "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER", "NO_IMAGE",
                        "MODEL_ARMOR"});
}

void checkEnvelope(Rules &rules, JsonValue root)
{
    rules.isText(root, "modelVersion");
    rules.isName(root, "responseId");
    rules.must(!root["candidates"] || root["candidates"].size() > 0, "an empty list of candidates");
    if (root["promptFeedback"]["blockReason"].isSet())
        rules.isName(root["promptFeedback"], "blockReason");
    if (root["usageMetadata"].isSet())
        checkUsage(rules, root["usageMetadata"]);
}

} // namespace

QString geminiWhole(QByteArrayView body)
{
    Rules rules;
    const auto tree = JsonTree::parse(body);
    if (!rules.must(tree && tree->root().isObject(), "no JSON object"))
        return rules.wrong();
    const JsonValue root = tree->root();
    checkEnvelope(rules, root);
    std::int64_t index = 0;
    for (const JsonValue candidate : root["candidates"]) {
        rules.must(candidate["index"].integer().value_or(0) == index++, "not numbered from 0");
        rules.must(checkCandidate(rules, candidate), "a candidate without finishReason");
    }
    rules.must(index > 0 || root["promptFeedback"]["blockReason"].isSet(),
               "neither candidates nor a reason why");
    return rules.wrong();
}

Verdict geminiStream(QByteArrayView bytes)
{
    Rules rules;
    Verdict verdict;
    std::map<std::int64_t, bool> over;
    bool blocked = false;
    for (const SseEvent &event : readSse(rules, bytes, "\r\n")) {
        rules.must(!verdict.failed, "something behind an error");
        rules.must(event.type.isEmpty(), "a named event");
        const auto tree = JsonTree::parse(event.data);
        if (!rules.must(tree && tree->root().isObject(), "data is no JSON object"))
            break;
        const JsonValue root = tree->root();
        if (root["error"].isObject()) {
            verdict.failed = true;
            rules.isName(root["error"], "message");
            rules.isName(root["error"], "status");
            rules.isCount(root["error"], "code");
            continue;
        }
        checkEnvelope(rules, root);
        blocked = blocked || root["promptFeedback"]["blockReason"].isSet();
        for (const JsonValue candidate : root["candidates"]) {
            bool &done = over[candidate["index"].integer().value_or(0)];
            rules.must(!done, "a candidate goes on behind its finishReason");
            done = checkCandidate(rules, candidate);
        }
    }
    verdict.finished = !verdict.failed && (blocked || !over.empty());
    for (const auto &[index, done] : over)
        verdict.finished = verdict.finished && done;
    verdict.wrong = rules.wrong();
    return verdict;
}

} // namespace tollgate::test
