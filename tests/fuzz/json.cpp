// SPDX-License-Identifier: GPL-3.0-or-later
// JSON's reader and tree against Qt's own, looks into bodies with the edits they lead to, and
// schemas made fit for each vendor.
#include "core/conversation/schema.h"
#include "core/protocol/jsontree.h"
#include "core/protocol/peek.h"
#include "tests/fuzz/claims.h"
#include "tests/fuzz/targets.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace tollgate::fuzz {

using protocol::Endpoint;
using protocol::JsonTree;
using protocol::JsonValue;

namespace {

// Every value where it stands, read again from its own text.
void sound(JsonValue value, QByteArrayView text, int depth)
{
    const QByteArrayView raw = value.raw();
    claim(!raw.isEmpty() && raw.data() >= text.data()
              && raw.data() + raw.size() <= text.data() + text.size(),
          "a value stands outside its text", text);
    if (value.isString())
        claim(value.string().size() <= raw.size() * 3, "a text grew", raw);
    if (depth > 3) // each level reads all of what is below it once more
        return;
    const auto again = JsonTree::parse(raw);
    claim(again && again->root().type() == value.type(), "a value is no JSON", raw);
    qsizetype children = 0;
    if (value.isArray() || value.isObject()) {
        for (const JsonValue child : value) {
            ++children;
            sound(child, text, depth + 1);
            if (value.isObject())
                claim(bool(value[child.key()]), "a member is not found", raw);
            if (children > 50)
                return;
        }
    }
}

void reader(QByteArrayView text)
{
    protocol::JsonReader forward(text);
    forward.skip();
    const bool skipped = forward.atEnd();
    const auto tree = JsonTree::parse(text, protocol::kDeepest);
    claim(skipped == bool(tree), "reader and tree disagree", text);
    const bool valid = bool(protocol::validateJson(text, {protocol::kDeepest, 1'000'000}));
    claim(!valid || tree, "valid JSON without a tree", text);
    if (!tree)
        return;
    sound(tree->root(), text, 0);
    // Qt takes less: no depth above 1024, no texts that are not UTF-8.
    const QJsonDocument theirs = QJsonDocument::fromJson('[' + text.toByteArray() + ']');
    if (valid && !theirs.isNull() && tree->root().isString() && !text.contains("\\u"))
        claim(theirs[0].toString().toUtf8() == tree->root().string(), "Qt reads another text",
              text);
}

void look(QByteArrayView body)
{
    using protocol::Dialect;
    for (const Dialect dialect : {Dialect::Chat, Dialect::Completions, Dialect::Responses,
                                  Dialect::Messages, Dialect::Gemini, Dialect::Ollama}) {
        Endpoint endpoint;
        endpoint.dialect = dialect;
        endpoint.ollamaMethod = "chat";
        const auto seen = protocol::peek(endpoint, body);
        if (!seen)
            continue;
        claim(seen->inputTokensCeiling >= 0 && seen->choices >= 0, "a negative figure", body);
        protocol::Edits edits;
        const QByteArray bytes = body.toByteArray();
        claim(protocol::applyEdits(bytes, endpoint, *seen, edits) == bytes, "edited for nothing",
              body);
        edits.model = "vendors-name";
        edits.addIncludeUsage = seen->stream;
        edits.maxOutput = 77;
        const QByteArray edited = protocol::applyEdits(bytes, endpoint, *seen, edits);
        claim(bool(protocol::validateJson(edited, {200, 200'000})), "edited into no JSON", edited);
        const auto again = protocol::peek(endpoint, edited);
        claim(bool(again), "edited it cannot be read", edited);
        if (dialect != Dialect::Gemini)
            claim(again->model == "vendors-name", "the model was not edited", edited);
        claim(again->maxOutput == 77, "the maximum was not edited", edited);
    }
}

void schema(QByteArrayView text)
{
    using conversation::SchemaFlavour;
    for (const SchemaFlavour flavour :
         {SchemaFlavour::Plain, SchemaFlavour::GeminiOpenApi, SchemaFlavour::GeminiJson,
          SchemaFlavour::OpenAiStrict, SchemaFlavour::AnthropicStrict}) {
        const auto clean = conversation::cleanSchema(text, flavour);
        if (!clean)
            continue;
        const auto tree = JsonTree::parse(*clean, protocol::kDeepest);
        claim(tree && tree->root().isObject(), "a schema that is no object", *clean);
        const auto again = conversation::cleanSchema(*clean, flavour);
        claim(bool(again), "a clean schema is refused", *clean);
        // Prompt caches depend on it.
        claim(conversation::cleanSchema(text, flavour).value() == *clean,
              "not the same schema each time", *clean);
    }
}

} // namespace

void json(QByteArrayView input)
{
    constexpr unsigned kRarely = 256;
    if (input.isEmpty())
        return;
    const QByteArray text = input.sliced(std::min(input.size(), qsizetype(2))).toByteArray();
    const auto work = input[0] == 'p' ? look : input[0] == 's' ? schema : reader;
    work(text);
    const std::uint32_t chance = chanceOf(text);
    if (chance % kRarely != 0 || grownJson(text, 1, chance / kRarely).isEmpty())
        return;
    claimLinear("JSON's time grows faster than it",
                [&](qsizetype bytes) { work(grownJson(text, bytes, chance / kRarely)); });
}

} // namespace tollgate::fuzz
