// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/streamwriter.h"

#include <algorithm>

namespace tollgate::codecs::responses {
namespace {

template <class... F> struct Cases : F...
{
    using F::operator()...;
};
template <class... F> Cases(F...) -> Cases<F...>;

} // namespace

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
    QByteArray data = json.take();
    // Vendors' own members may be set in lines, which would end the event.
    data.replace('\n', ' ').replace('\r', ' ');
    *m_out += "event: ";
    *m_out += type;
    *m_out += "\ndata: ";
    *m_out += data;
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
    m_open->id = knownItemId(part);
    if (m_open->id.isEmpty())
        m_open->id = madeId(idPrefix(m_open->type), m_context.requestId, m_open->output);
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
        closeContent(part);
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

std::unique_ptr<StreamEncoder> streamWriter(const AnswerContext &context)
{
    return std::make_unique<Writer>(context);
}

} // namespace tollgate::codecs::responses
