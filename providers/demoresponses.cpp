// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/demoresponses.h"

#include "core/base/jsonwriter.h"

namespace tollgate::providers {
namespace {

void part(JsonWriter &json, const QByteArray &text)
{
    json.beginObject().member("type", "output_text").member("text", text);
    json.key("annotations").beginArray().endArray();
    json.key("logprobs").beginArray().endArray().endObject();
}

void item(JsonWriter &json, const DemoAnswer &answer, bool done)
{
    json.beginObject()
        .member("id", "msg_" + answer.id)
        .member("type", "message")
        .member("role", "assistant")
        .member("status", !done ? "in_progress" : (answer.cut ? "incomplete" : "completed"));
    json.key("content").beginArray();
    if (done)
        part(json, answer.text());
    json.endArray().endObject();
}

void response(JsonWriter &json, const DemoAnswer &answer, bool done)
{
    json.beginObject()
        .member("id", "resp_" + answer.id)
        .member("object", "response")
        .member("created_at", answer.createdS)
        .member("status", !done ? "in_progress" : (answer.cut ? "incomplete" : "completed"));
    json.key("error").null().key("incomplete_details");
    if (done && answer.cut)
        json.beginObject().member("reason", "max_output_tokens").endObject();
    else
        json.null();
    json.key("instructions").null().key("max_output_tokens").null();
    json.member("model", "demo/echo");
    json.key("output").beginArray();
    if (done)
        item(json, answer, true);
    json.endArray().member("parallel_tool_calls", true);
    json.key("previous_response_id").null();
    json.key("reasoning").beginObject().key("effort").null().key("summary").null().endObject();
    json.member("store", false).member("temperature", 1.0);
    json.key("text").beginObject().key("format").beginObject().member("type", "text");
    json.endObject().endObject();
    json.member("tool_choice", "auto").key("tools").beginArray().endArray();
    json.member("top_p", 1.0).member("truncation", "disabled").key("usage");
    if (done) {
        json.beginObject().member("input_tokens", answer.inputTokens);
        json.key("input_tokens_details").beginObject().member("cached_tokens", 0).endObject();
        json.member("output_tokens", answer.outputTokens);
        json.key("output_tokens_details").beginObject().member("reasoning_tokens", 0).endObject();
        json.member("total_tokens", answer.inputTokens + answer.outputTokens).endObject();
    } else {
        json.null();
    }
    json.key("user").null().key("metadata").beginObject().endObject().endObject();
}

// One event after the other, counted.
class Script
{
public:
    explicit Script(const DemoAnswer &answer)
        : m_answer(answer)
    {
    }

    JsonWriter &begin(const char *type)
    {
        m_type = type;
        return m_json.beginObject().member("type", type).member("sequence_number", m_sequence++);
    }
    JsonWriter &place()
    {
        return m_json.member("item_id", "msg_" + m_answer.id)
            .member("output_index", 0)
            .member("content_index", 0);
    }
    QByteArray end()
    {
        m_json.endObject();
        return "event: " + m_type + "\ndata: " + std::exchange(m_json, {}).take() + "\n\n";
    }

private:
    const DemoAnswer &m_answer;
    JsonWriter m_json;
    QByteArray m_type;
    int m_sequence = 0;
};

QByteArray opening(Script &script, const DemoAnswer &answer)
{
    QByteArray out;
    for (const char *type : {"response.created", "response.in_progress"}) {
        response(script.begin(type).key("response"), answer, false);
        out += script.end();
    }
    item(script.begin("response.output_item.added").member("output_index", 0).key("item"), answer,
         false);
    out += script.end();
    script.begin("response.content_part.added");
    part(script.place().key("part"), {});
    return out + script.end();
}

QByteArray closing(Script &script, const DemoAnswer &answer)
{
    QByteArray out;
    script.begin("response.output_text.done");
    script.place().member("text", answer.text()).key("logprobs").beginArray().endArray();
    out += script.end();
    script.begin("response.content_part.done");
    part(script.place().key("part"), answer.text());
    out += script.end();
    item(script.begin("response.output_item.done").member("output_index", 0).key("item"), answer,
         true);
    out += script.end();
    const char *const type = answer.cut ? "response.incomplete" : "response.completed";
    response(script.begin(type).key("response"), answer, true);
    return out + script.end();
}

} // namespace

QByteArray demoResponse(const DemoAnswer &answer)
{
    JsonWriter json;
    response(json, answer, true);
    return json.take();
}

std::vector<QByteArray> demoResponseEvents(const DemoAnswer &answer)
{
    Script script(answer);
    std::vector<QByteArray> events{opening(script, answer)};
    for (const QByteArray &word : answer.words) {
        script.begin("response.output_text.delta");
        script.place().member("delta", word).key("logprobs").beginArray().endArray();
        events.push_back(script.end());
    }
    events.push_back(closing(script, answer));
    return events;
}

} // namespace tollgate::providers
