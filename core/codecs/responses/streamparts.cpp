// SPDX-License-Identifier: GPL-3.0-or-later
// What grows inside one item of a stream: text, thoughts, arguments.
#include "core/codecs/responses/streamwriter.h"

namespace tollgate::codecs::responses {

void Writer::openContent(const Part &part)
{
    m_open->place = m_open->contents++;
    JsonWriter json;
    itemHead(json, "response.content_part.added").member("content_index", m_open->place);
    json.key("part");
    if (std::holds_alternative<Text>(part.body))
        writeOutputText(json, {}, {}, {});
    else
        json.beginObject().member("type", "refusal").member("refusal", "").endObject();
    send(json, "response.content_part.added");
}

void Writer::text(const Part &part, const QByteArray &bytes)
{
    if (bytes.isEmpty())
        return;
    const bool refusal = std::holds_alternative<Refusal>(part.body);
    const QByteArrayView type = refusal ? "response.refusal.delta" : "response.output_text.delta";
    JsonWriter json;
    itemHead(json, type).member("content_index", m_open->place).member("delta", bytes);
    if (!refusal)
        json.key("logprobs").raw('[' + std::exchange(m_logprobs, {}) + ']');
    send(json, type);
}

void Writer::annotation(const Text &text, std::size_t index)
{
    const Citation &citation = text.citations[index];
    if (citation.owner != Dialect::Responses && citation.url.isEmpty())
        return;
    JsonWriter json;
    itemHead(json, "response.output_text.annotation.added");
    json.member("content_index", m_open->place);
    json.member("annotation_index", static_cast<std::int64_t>(index)).key("annotation");
    writeAnnotation(json, citation);
    send(json, "response.output_text.annotation.added");
}

void Writer::closeContent(const Part &part)
{
    JsonWriter done;
    if (const auto *said = std::get_if<Text>(&part.body)) {
        const QByteArray logprobs = m_open->place == 0 ? m_style.logprobs : QByteArray();
        itemHead(done, "response.output_text.done").member("content_index", m_open->place);
        done.member("text", said->text).key("logprobs").raw('[' + logprobs + ']');
        send(done, "response.output_text.done");
        JsonWriter json;
        itemHead(json, "response.content_part.done").member("content_index", m_open->place);
        json.key("part");
        writeOutputText(json, *said, part.native, logprobs);
        send(json, "response.content_part.done");
    } else if (const auto *refusal = std::get_if<Refusal>(&part.body)) {
        itemHead(done, "response.refusal.done").member("content_index", m_open->place);
        done.member("refusal", refusal->text);
        send(done, "response.refusal.done");
        JsonWriter json;
        itemHead(json, "response.content_part.done").member("content_index", m_open->place);
        json.key("part").beginObject().member("type", "refusal");
        json.member("refusal", refusal->text).endObject();
        send(json, "response.content_part.done");
    }
}

void Writer::openParagraph(const Reasoning &reasoning)
{
    if (std::exchange(m_open->paragraph, true))
        return;
    m_open->text.clear();
    JsonWriter json;
    if (summarised(reasoning)) {
        itemHead(json, "response.reasoning_summary_part.added");
        json.member("summary_index", m_open->summaries++).key("part").beginObject();
        json.member("type", "summary_text").member("text", "").endObject();
        send(json, "response.reasoning_summary_part.added");
    } else {
        itemHead(json, "response.content_part.added");
        json.member("content_index", m_open->contents++).key("part").beginObject();
        json.member("type", "reasoning_text").member("text", "").endObject();
        send(json, "response.content_part.added");
    }
}

void Writer::closeParagraph(const Reasoning &reasoning)
{
    if (!std::exchange(m_open->paragraph, false))
        return;
    const bool summary = summarised(reasoning);
    const char *index = summary ? "summary_index" : "content_index";
    const std::int64_t at = (summary ? m_open->summaries : m_open->contents) - 1;
    const QByteArrayView said
        = summary ? "response.reasoning_summary_text.done" : "response.reasoning_text.done";
    JsonWriter done;
    itemHead(done, said).member(index, at).member("text", m_open->text);
    send(done, said);
    const QByteArrayView type
        = summary ? "response.reasoning_summary_part.done" : "response.content_part.done";
    JsonWriter json;
    itemHead(json, type).member(index, at).key("part").beginObject();
    json.member("type", summary ? "summary_text" : "reasoning_text");
    json.member("text", m_open->text).endObject();
    send(json, type);
}

void Writer::thought(const Reasoning &reasoning, const QByteArray &bytes)
{
    if (bytes.isEmpty())
        return;
    openParagraph(reasoning);
    m_open->text += bytes;
    const bool summary = summarised(reasoning);
    const QByteArrayView type
        = summary ? "response.reasoning_summary_text.delta" : "response.reasoning_text.delta";
    JsonWriter json;
    itemHead(json, type);
    json.member(summary ? "summary_index" : "content_index",
                (summary ? m_open->summaries : m_open->contents) - 1);
    json.member("delta", bytes);
    send(json, type);
}

void Writer::arguments(const QByteArray &bytes)
{
    const bool custom = m_open->type == "custom_tool_call";
    const QByteArray told = m_open->bridged ? m_open->input.feed(bytes) : bytes;
    if (told.isEmpty())
        return;
    const QByteArrayView type = custom ? "response.custom_tool_call_input.delta"
                                       : "response.function_call_arguments.delta";
    JsonWriter json;
    itemHead(json, type).member("delta", told);
    send(json, type);
}

void Writer::closeCall()
{
    const Part &part = parts()[m_open->first];
    const auto &call = std::get<ToolCall>(part.body);
    if (m_open->type == "custom_tool_call") {
        QByteArray input = call.arguments;
        if (m_open->bridged) {
            const QByteArray rest = m_open->input.finish();
            m_open->bridged = false;
            arguments(rest);
            input = unbridge(call.name, call.arguments, m_style.request).value_or(call.arguments);
        }
        JsonWriter json;
        itemHead(json, "response.custom_tool_call_input.done").member("input", input);
        send(json, "response.custom_tool_call_input.done");
        return;
    }
    if (call.arguments.isEmpty())
        arguments("{}");
    JsonWriter json;
    itemHead(json, "response.function_call_arguments.done");
    json.member("name", spacedName(call.name, part.native, m_style.request).name);
    json.member("arguments", call.arguments.isEmpty() ? QByteArray("{}") : call.arguments);
    send(json, "response.function_call_arguments.done");
}

} // namespace tollgate::codecs::responses
