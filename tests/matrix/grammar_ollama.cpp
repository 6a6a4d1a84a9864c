// SPDX-License-Identifier: GPL-3.0-or-later
// Ollama's /api/chat: lines of JSON, the last one with done and the figures.
#include "tests/matrix/rules.h"

namespace tollgate::test {
namespace {

void checkLine(Rules &rules, JsonValue root)
{
    rules.isText(root, "model");
    const QByteArray at = root["created_at"].string();
    rules.must(at.size() >= 20 && at[10] == 'T', "created_at is no time");
    rules.must(root["done"].boolean().has_value(), "done is no boolean");
    if (!rules.isObject(root, "message"))
        return;
    const JsonValue message = root["message"];
    rules.must(message["role"].is("assistant"), "the role is not assistant");
    rules.isText(message, "content");
    rules.must(!message["thinking"] || message["thinking"].isString(), "thinking is no text");
    for (const JsonValue call : message["tool_calls"]) {
        rules.isName(call["function"], "name");
        rules.isObject(call["function"], "arguments");
    }
    for (const JsonValue image : message["images"])
        rules.must(!image.string().isEmpty(), "an image is no base64");
}

void checkEnd(Rules &rules, JsonValue root)
{
    rules.oneOf(root["done_reason"], "done_reason", {"stop", "length", "load", "unload"});
    for (const char *figure :
         {"total_duration", "load_duration", "prompt_eval_duration", "eval_duration"})
        rules.isCount(root, figure);
    rules.figure(root, "prompt_eval_count");
    rules.figure(root, "eval_count");
}

} // namespace

QString ollamaWhole(QByteArrayView body)
{
    Rules rules;
    const auto tree = JsonTree::parse(body);
    if (!rules.must(tree && tree->root().isObject(), "no JSON object"))
        return rules.wrong();
    checkLine(rules, tree->root());
    rules.must(tree->root()["done"].isTrue(), "a whole answer is not done");
    checkEnd(rules, tree->root());
    return rules.wrong();
}

Verdict ollamaStream(QByteArrayView bytes)
{
    Rules rules;
    Verdict verdict;
    QList<QByteArray> lines = bytes.toByteArray().split('\n');
    lines.removeLast(); // what follows the last line end: nothing, or half a line
    for (const QByteArray &line : lines) {
        rules.must(!verdict.finished && !verdict.failed, "something behind the end");
        const auto tree = JsonTree::parse(line);
        if (!rules.must(tree && tree->root().isObject(), "a line that is no JSON object"))
            break;
        const JsonValue root = tree->root();
        if (root["error"]) {
            rules.isName(root, "error");
            verdict.failed = true;
            continue;
        }
        checkLine(rules, root);
        verdict.finished = root["done"].isTrue();
        if (verdict.finished)
            checkEnd(rules, root);
    }
    verdict.wrong = rules.wrong();
    return verdict;
}

} // namespace tollgate::test
