// SPDX-License-Identifier: GPL-3.0-or-later
// The events of a Responses stream. The parts are kept as they grow, so that every "done" event,
// every item and the terminal response repeat exactly what was streamed.
#include "core/codecs/responses/wire.h"
#include "core/conversation/customtools.h"

#include <algorithm>

namespace tollgate::codecs::responses {
namespace {

template <class... F> struct Cases : F...
{
    using F::operator()...;
};
template <class... F> Cases(F...) -> Cases<F...>;

class Writer : public StreamEncoder
{
public:
    explicit Writer(const AnswerContext &context)
        : m_context(context)
        , m_folder(Dialect::Chat) // any but ours: ids that are not ours are replaced
    {
        m_style.request = context.request;
        m_style.summarise = wantsSummaries(context.request);
    }

    void write(const StreamEvent &event, QByteArray &out) override;

private:
    struct Open
    {
        std::size_t first = 0; // of its parts
        QByteArray id;
        QByteArray type;
        std::int64_t output = 0;
        bool part = false; // its last part still grows
        std::int64_t place = -1; // content_index of that part
        bool seal = false; // a seal came too late to stand before
        std::int64_t summaries = 0; // paragraphs begun
        std::int64_t contents = 0;
        bool paragraph = false;
        QByteArray text; // of the paragraph
        CustomInput input;
        bool bridged = false; // a function's arguments become free text
    };

    void begin();
    void send(JsonWriter &json, QByteArrayView type);
    JsonWriter &head(JsonWriter &json, QByteArrayView type);
    JsonWriter &itemHead(JsonWriter &json, QByteArrayView type);
    void partStart(const PartStart &start);
    void partDelta(const PartDelta &delta);
    void partEnd(std::int64_t index);
    void openItemFor(const Part &part, std::size_t index);
    void closeItem();
    void itemWhole(const QByteArray &item);
    void carry(const Sealed &sealed, bool before);
    void openContent(const Part &part);
    void closeContent();
    void text(const Part &part, const QByteArray &bytes);
    void annotation(const Text &text, std::size_t index);
    void thought(const Reasoning &reasoning, const QByteArray &bytes);
    void openParagraph(const Reasoning &reasoning);
    void closeParagraph(const Reasoning &reasoning);
    void arguments(const QByteArray &bytes);
    void closeCall();
    void fail(const Error &error);
    void end(const Error *error);
    void sendStanding(QByteArrayView type, bool ended, const Error *error);
    [[nodiscard]] bool summarised(const Reasoning &reasoning) const
    {
        return reasoning.summary || m_style.summarise;
    }
    [[nodiscard]] const std::vector<Part> &parts() const;

    AnswerContext m_context;
    Folder m_folder;
    ItemStyle m_style;
    QByteArray *m_out = nullptr;
    std::int64_t m_sequence = 0;
    bool m_begun = false;
    bool m_over = false;
    std::optional<Open> m_open;
    std::vector<QByteArray> m_items;
    QByteArray m_logprobs; // told, and not yet sent with a delta
};

const std::vector<Part> &Writer::parts() const
{
    static const std::vector<Part> none;
    const auto &candidates = m_folder.response().candidates;
    return candidates.empty() || candidates.front().index != 0 ? none
                                                               : candidates.front().message.parts;
}

JsonWriter &Writer::head(JsonWriter &json, QByteArrayView type)
{
    return json.beginObject().member("type", type).member("sequence_number", m_sequence++);
}

JsonWriter &Writer::itemHead(JsonWriter &json, QByteArrayView type)
{
    return head(json, type).member("item_id", m_open->id).member("output_index", m_open->output);
}

void Writer::send(JsonWriter &json, QByteArrayView type)
{
    json.endObject();
    *m_out += "event: ";
    *m_out += type;
    *m_out += "\ndata: ";
    *m_out += json.bytes();
    *m_out += "\n\n";
}

void Writer::sendStanding(QByteArrayView type, bool ended, const Error *error)
{
    Standing standing;
    standing.response = &m_folder.response();
    standing.context = &m_context;
    standing.items = &m_items;
    standing.ended = ended;
    standing.error = error;
    JsonWriter json;
    head(json, type).key("response").raw(responseObject(standing));
    send(json, type);
}

void Writer::begin()
{
    if (std::exchange(m_begun, true))
        return;
    sendStanding("response.created", false, nullptr);
    sendStanding("response.in_progress", false, nullptr);
}

void Writer::itemWhole(const QByteArray &item)
{
    const auto output = static_cast<std::int64_t>(m_items.size());
    for (const QByteArrayView type : {"response.output_item.added", "response.output_item.done"}) {
        JsonWriter json;
        head(json, type).member("output_index", output).key("item").raw(item);
        send(json, type);
    }
    m_items.push_back(item);
}

void Writer::carry(const Sealed &sealed, bool before)
{
    const Part carrier = sealCarrier(sealed, before);
    const auto index = static_cast<qsizetype>(m_items.size());
    itemWhole(answerItem(&carrier, 1, madeId("rs", m_context.requestId, index), m_style));
}

void Writer::openItemFor(const Part &part, std::size_t index)
{
    m_open.emplace();
    m_open->first = index;
    m_open->output = static_cast<std::int64_t>(m_items.size());
    m_open->type = itemType(part, m_style.request);
    m_open->id = part.itemId.isEmpty()
        ? madeId(idPrefix(m_open->type), m_context.requestId, m_open->output)
        : part.itemId;
    const auto *call = std::get_if<ToolCall>(&part.body);
    m_open->bridged
        = call && m_open->type == "custom_tool_call" && call->kind != ToolCall::Kind::Custom;
    m_style.logprobs.clear();
    JsonWriter json;
    head(json, "response.output_item.added").member("output_index", m_open->output);
    json.key("item").raw(openItem(part, m_open->id, m_style));
    send(json, "response.output_item.added");
}

void Writer::partStart(const PartStart &start)
{
    const std::size_t index = parts().size() - 1;
    const Part &part = parts()[index];
    if (m_open && m_open->part)
        partEnd(static_cast<std::int64_t>(index) - 1);
    if (m_open && itemEnd(parts(), m_open->first) <= index)
        closeItem();
    if (itemType(part, m_style.request).isEmpty())
        return;
    if (!m_open) {
        const auto *call = std::get_if<ToolCall>(&part.body);
        if (carriesSeal(part))
            carry(call && call->sealed ? *call->sealed : *part.sealed, true);
        openItemFor(part, index);
    }
    m_open->part = true;
    if (const auto *said = std::get_if<Text>(&start.part.body)) {
        openContent(part);
        text(part, said->text);
        for (std::size_t i = 0; i < said->citations.size(); ++i)
            annotation(*said, i);
    } else if (const auto *refusal = std::get_if<Refusal>(&start.part.body)) {
        openContent(part);
        text(part, refusal->text);
    } else if (const auto *reasoning = std::get_if<Reasoning>(&start.part.body)) {
        qsizetype from = 0;
        for (const qsizetype at : reasoning->breaks) {
            thought(*reasoning, reasoning->text.mid(from, at - from));
            openParagraph(*reasoning);
            closeParagraph(*reasoning);
            from = at;
        }
        thought(*reasoning, reasoning->text.mid(from));
        if (from > 0)
            openParagraph(*reasoning);
    } else if (const auto *made = std::get_if<ToolCall>(&start.part.body)) {
        arguments(made->arguments);
    }
}

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

void Writer::closeContent()
{
    const Part &part = parts().back();
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

void Writer::partDelta(const PartDelta &delta)
{
    if (delta.candidate != 0 || delta.index < 0
        || delta.index >= static_cast<std::int64_t>(parts().size()))
        return;
    const Part &part = parts()[static_cast<std::size_t>(delta.index)];
    const bool last = delta.index + 1 == static_cast<std::int64_t>(parts().size());
    if (delta.kind == PartDelta::Kind::Seal) {
        if (std::holds_alternative<Reasoning>(part.body) || !delta.sealed || !last)
            return;
        if (m_open)
            m_open->seal = true;
        else if (!itemType(part, m_style.request).isEmpty())
            carry(*delta.sealed, false);
        return;
    }
    if (!m_open || !m_open->part || !last)
        return;
    const auto *reasoning = std::get_if<Reasoning>(&part.body);
    const auto *said = std::get_if<Text>(&part.body);
    switch (delta.kind) {
    case PartDelta::Kind::Text:
        if (reasoning)
            thought(*reasoning, delta.bytes);
        else if (said || std::holds_alternative<Refusal>(part.body))
            text(part, delta.bytes);
        break;
    case PartDelta::Kind::Break:
        if (reasoning) {
            openParagraph(*reasoning);
            closeParagraph(*reasoning);
            openParagraph(*reasoning);
        }
        break;
    case PartDelta::Kind::Arguments:
        if (std::holds_alternative<ToolCall>(part.body))
            arguments(delta.bytes);
        break;
    case PartDelta::Kind::Citation:
        if (said && !said->citations.empty() && delta.citation)
            annotation(*said, said->citations.size() - 1);
        break;
    case PartDelta::Kind::Seal:
    case PartDelta::Kind::Media:
        break;
    }
}

void Writer::partEnd(std::int64_t index)
{
    if (!m_open || !m_open->part || index != static_cast<std::int64_t>(parts().size()) - 1) {
        // A part that begins ends the one before, whose end was never told.
        if (!m_open || !m_open->part || index + 2 != static_cast<std::int64_t>(parts().size()))
            return;
    }
    m_open->part = false;
    const Part &part = parts()[static_cast<std::size_t>(index)];
    if (const auto *reasoning = std::get_if<Reasoning>(&part.body))
        closeParagraph(*reasoning);
    else if (m_open->type == "message")
        closeContent();
    else
        closeItem();
}

void Writer::closeItem()
{
    if (!m_open)
        return;
    if (std::exchange(m_open->part, false)) {
        m_open->part = true;
        partEnd(static_cast<std::int64_t>(parts().size()) - 1);
        if (!m_open)
            return;
    }
    const std::size_t end = std::max(itemEnd(parts(), m_open->first), m_open->first + 1);
    const Part *first = &parts()[m_open->first];
    if (std::holds_alternative<ToolCall>(first->body))
        closeCall();
    QByteArray item = answerItem(first, end - m_open->first, m_open->id, m_style);
    JsonWriter json;
    head(json, "response.output_item.done").member("output_index", m_open->output);
    json.key("item").raw(item);
    send(json, "response.output_item.done");
    m_items.push_back(std::move(item));
    const bool seal = m_open->seal;
    m_open.reset();
    if (const Part &last = parts()[end - 1]; seal) {
        const auto *call = std::get_if<ToolCall>(&last.body);
        if (call && call->sealed)
            carry(*call->sealed, false);
        else if (last.sealed)
            carry(*last.sealed, false);
    }
}

// Clients look at one event or the other.
void Writer::fail(const Error &error)
{
    const QByteArray code = error.code.isEmpty() ? slug(error.kind) : error.code;
    JsonWriter json;
    head(json, "error").member("code", code).member("message", error.message);
    json.key("param");
    if (error.param.isEmpty())
        json.null();
    else
        json.string(QByteArrayView(error.param));
    send(json, "error");
    sendStanding("response.failed", false, &error);
}

void Writer::end(const Error *error)
{
    begin();
    closeItem();
    if (error)
        fail(*error);
    else if (incompleteReason(m_folder.response()).isEmpty())
        sendStanding("response.completed", true, nullptr);
    else
        sendStanding("response.incomplete", true, nullptr);
    m_over = true;
}

void Writer::write(const StreamEvent &event, QByteArray &out)
{
    if (m_over)
        return;
    m_out = &out;
    std::visit(Cases{
                   [&](const StreamStart &) {
                       m_folder.add(event);
                       begin();
                   },
                   [&](const PartStart &start) {
                       begin();
                       const auto count = static_cast<std::int64_t>(parts().size());
                       if (start.candidate != 0 || start.index != count)
                           return;
                       m_folder.add(event);
                       partStart(start);
                   },
                   [&](const PartDelta &delta) {
                       m_folder.add(event);
                       partDelta(delta);
                   },
                   [&](const PartEnd &ended) {
                       m_folder.add(event);
                       if (ended.candidate == 0)
                           partEnd(ended.index);
                   },
                   [&](const LogprobsDelta &told) {
                       if (told.candidate != 0 || told.content.isEmpty())
                           return;
                       for (QByteArray *list : {&m_logprobs, &m_style.logprobs})
                           *list += (list->isEmpty() ? "" : ",") + told.content;
                   },
                   [&](const CandidateStop &stop) {
                       m_folder.add(event);
                       if (stop.candidate == 0)
                           closeItem();
                   },
                   [&](const UsageReport &) { m_folder.add(event); },
                   [&](const StreamPing &) { out += ": ping\n\n"; },
                   [&](const StreamFailure &failed) { end(&failed.error); },
                   [&](const StreamEnd &) {
                       m_folder.add(event);
                       end(nullptr);
                   },
               },
               event);
}

} // namespace

std::unique_ptr<StreamEncoder> streamWriter(const AnswerContext &context)
{
    return std::make_unique<Writer>(context);
}

} // namespace tollgate::codecs::responses
