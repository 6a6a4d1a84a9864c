// SPDX-License-Identifier: GPL-3.0-or-later
// Events of a Responses stream. What is told of an item as it grows goes on at once; the item as it
// is told when done settles what is missing, so that the events together are the whole answer. Only
// one item grows at a time: what is told of later ones waits.
#include "core/codecs/responses/wire.h"
#include "core/protocol/errors.h"

#include <algorithm>
#include <deque>

namespace tollgate::codecs::responses {
namespace {

struct Waiting
{
    QByteArray type;
    QByteArray data;
};

// An item at hand, and how much of it has been told.
struct Growing
{
    std::int64_t output = -1;
    QByteArray id;
    std::vector<Part> told; // natives, seals and citations are told at the end
    bool open = false; // the last of `told`
    std::int64_t place = -1; // content_index or summary_index of the open part
    bool summary = false;
    std::int64_t firstIndex = 0; // of its parts in the answer
};

class Reader : public StreamDecoder
{
public:
    void read(QByteArrayView type, QByteArrayView data, StreamEvents &out) override;
    void finish(StreamEvents &out) override;

private:
    void event(const QByteArray &type, JsonValue root, StreamEvents &out);
    void itemEvent(const QByteArray &type, JsonValue root, QByteArrayView data, StreamEvents &out);
    void grow(const QByteArray &type, JsonValue root, StreamEvents &out);
    void added(JsonValue item, StreamEvents &out);
    void text(JsonValue root, bool refusal, StreamEvents &out);
    void contentDone(JsonValue root, StreamEvents &out);
    void thought(JsonValue root, bool summary, StreamEvents &out);
    void argument(JsonValue root, StreamEvents &out);
    void done(JsonValue item, StreamEvents &out);
    void settle(const Part &final, StreamEvents &out);
    void next(StreamEvents &out);
    void start(JsonValue response, StreamEvents &out);
    void terminal(JsonValue response, StreamEvents &out);
    void fail(const Error &error, StreamEvents &out);

    void openPart(Part part, StreamEvents &out);
    void closePart(const Native &native, StreamEvents &out);
    void delta(PartDelta::Kind kind, const QByteArray &bytes, StreamEvents &out);
    [[nodiscard]] std::int64_t index() const;

    bool m_started = false;
    bool m_over = false;
    std::optional<Growing> m_item;
    std::int64_t m_parts = 0; // told by items that are done
    std::vector<std::int64_t> m_done; // their output indexes
    QByteArrayList m_doneIds; // indexes of a stream may have gaps that the whole answer has not
    std::vector<Part> m_all; // kinds of what was told, for the stop
    std::deque<Waiting> m_waiting;
};

std::int64_t Reader::index() const
{
    return m_item->firstIndex + static_cast<std::int64_t>(m_item->told.size()) - 1;
}

void Reader::openPart(Part part, StreamEvents &out)
{
    part.itemId = m_item->id;
    m_item->told.push_back(part);
    m_item->open = true;
    out.emplace_back(PartStart{0, index(), std::move(part)});
}

void Reader::closePart(const Native &native, StreamEvents &out)
{
    if (!m_item->open)
        return;
    m_item->open = false;
    out.emplace_back(PartEnd{0, index(), native});
}

void Reader::delta(PartDelta::Kind kind, const QByteArray &bytes, StreamEvents &out)
{
    PartDelta told;
    told.index = index();
    told.kind = kind;
    told.bytes = bytes;
    out.emplace_back(std::move(told));
    Part &part = m_item->told.back();
    if (auto *said = std::get_if<Text>(&part.body))
        said->text += bytes;
    else if (auto *refusal = std::get_if<Refusal>(&part.body))
        refusal->text += bytes;
    else if (auto *call = std::get_if<ToolCall>(&part.body))
        call->arguments += bytes;
    else if (auto *reasoning = std::get_if<Reasoning>(&part.body)) {
        if (kind == PartDelta::Kind::Break)
            reasoning->breaks.push_back(reasoning->text.size());
        reasoning->text += bytes;
    }
}

void Reader::fail(const Error &error, StreamEvents &out)
{
    out.emplace_back(StreamFailure{error});
    m_over = true;
}

void Reader::start(JsonValue response, StreamEvents &out)
{
    if (m_started)
        return;
    m_started = true;
    Response head;
    readHead(response, head);
    out.emplace_back(StreamStart{head.id, head.model, head.createdS, {}, {}, {}});
}

void Reader::read(QByteArrayView type, QByteArrayView data, StreamEvents &out)
{
    const QByteArrayView payload = data.trimmed();
    if (m_over || payload.isEmpty() || payload == "[DONE]")
        return;
    const auto tree = protocol::JsonTree::parse(payload);
    if (!tree) {
        fail({ErrorKind::UpstreamFailed,
              QStringLiteral("The provider's stream cannot be read: %1").arg(tree.error().message),
              QByteArrayLiteral("unreadable_answer")},
             out);
        return;
    }
    const JsonValue root = tree->root();
    const QByteArray name = root["type"].isString() ? root["type"].string() : type.toByteArray();
    if (root["output_index"].isNumber() || root["item"].isObject())
        itemEvent(name, root, payload, out);
    else
        event(name, root, out);
}

void Reader::event(const QByteArray &type, JsonValue root, StreamEvents &out)
{
    const JsonValue response = root["response"];
    if (type == "response.created" || type == "response.queued" || type == "response.in_progress") {
        start(response, out);
    } else if (type == "response.completed" || type == "response.incomplete"
               || type == "response.cancelled" || type == "response.done") {
        if (response["status"].is("failed"))
            fail(toldFailure(response["error"]), out);
        else
            terminal(response, out);
    } else if (type == "response.failed") {
        fail(toldFailure(response["error"]), out);
    } else if (type == "error" || (type.isEmpty() && root["error"].isSet())) {
        fail(toldFailure(root["error"].isSet() ? root["error"] : root), out);
    } else if (m_item && !m_item->told.empty()) {
        grow(type, root, out); // a delta without its output_index
    } else if (m_started) {
        out.emplace_back(StreamPing{});
    }
}

void Reader::itemEvent(const QByteArray &type, JsonValue root, QByteArrayView data,
                       StreamEvents &out)
{
    const std::int64_t output = root["output_index"].integer().value_or(
        m_item ? m_item->output : static_cast<std::int64_t>(m_done.size()));
    if (std::find(m_done.begin(), m_done.end(), output) != m_done.end())
        return;
    if (m_item && m_item->output != output) {
        m_waiting.push_back({type, data.toByteArray()});
        return;
    }
    start({}, out);
    if (!m_item) {
        m_item.emplace();
        m_item->output = output;
        m_item->firstIndex = m_parts;
        m_item->id = root["item_id"].string();
    }
    grow(type, root, out);
}

void Reader::grow(const QByteArray &type, JsonValue root, StreamEvents &out)
{
    if (type == "response.output_item.added")
        added(root["item"], out);
    else if (type == "response.output_item.done")
        done(root["item"], out);
    else if (type == "response.output_text.delta")
        text(root, false, out);
    else if (type == "response.refusal.delta")
        text(root, true, out);
    else if (type == "response.content_part.done")
        contentDone(root, out);
    else if (type == "response.reasoning_summary_text.delta")
        thought(root, true, out);
    else if (type == "response.reasoning_text.delta")
        thought(root, false, out);
    else if (type == "response.function_call_arguments.delta"
             || type == "response.custom_tool_call_input.delta")
        argument(root, out);
    else
        out.emplace_back(StreamPing{});
}

void Reader::added(JsonValue item, StreamEvents &out)
{
    if (const QByteArray id = item["id"].string(); !id.isEmpty() && m_item->told.empty())
        m_item->id = id;
    const QByteArray type = item["type"].string();
    const bool custom = type == "custom_tool_call";
    if ((!custom && type != "function_call") || !m_item->told.empty())
        return;
    // A call is told at once if it can be; else when it is done.
    if (item["call_id"].string().isEmpty() || item["name"].string().isEmpty())
        return;
    Part part;
    ToolCall call;
    call.kind = custom ? ToolCall::Kind::Custom : ToolCall::Kind::Function;
    call.callId = item["call_id"].string();
    call.name = joinedName(item["namespace"].string(), item["name"].string());
    part.body = std::move(call);
    openPart(std::move(part), out);
}

void Reader::text(JsonValue root, bool refusal, StreamEvents &out)
{
    const QByteArray bytes = root["delta"].string();
    if (bytes.isEmpty())
        return;
    const std::int64_t place = root["content_index"].integer().value_or(0);
    const auto kept = static_cast<std::int64_t>(m_item->told.size());
    if (m_item->open && m_item->place != place)
        closePart({}, out);
    if (!m_item->open) {
        if (place < kept)
            return; // of a part that has ended
        // A part that was told to be there but never grew.
        for (std::int64_t i = kept; i < place; ++i) {
            Part empty;
            empty.body = Text{};
            openPart(std::move(empty), out);
            closePart({}, out);
        }
        Part part;
        if (refusal)
            part.body = Refusal{};
        else
            part.body = Text{};
        openPart(std::move(part), out);
        m_item->place = place;
    }
    delta(PartDelta::Kind::Text, bytes, out);
}

void Reader::contentDone(JsonValue root, StreamEvents &out)
{
    const std::int64_t place = root["content_index"].integer().value_or(0);
    const Part &open = m_item->told.empty() ? Part{} : m_item->told.back();
    const bool message
        = std::holds_alternative<Text>(open.body) || std::holds_alternative<Refusal>(open.body);
    if (!m_item->open || m_item->place != place || !message)
        return;
    const Part final = readContent(root["part"], Side::Answer);
    if (final.body.index() == open.body.index())
        settle(final, out);
}

void Reader::thought(JsonValue root, bool summary, StreamEvents &out)
{
    const QByteArray bytes = root["delta"].string();
    if (bytes.isEmpty())
        return;
    const std::int64_t place
        = root[summary ? "summary_index" : "content_index"].integer().value_or(0);
    if (m_item->open && m_item->summary != summary)
        closePart({}, out);
    if (!m_item->open) {
        if (!m_item->told.empty() && (summary || m_item->summary == summary))
            return;
        Part part;
        Reasoning reasoning;
        reasoning.summary = summary;
        part.body = std::move(reasoning);
        openPart(std::move(part), out);
        m_item->summary = summary;
        m_item->place = 0;
    }
    for (; m_item->place < place; ++m_item->place)
        delta(PartDelta::Kind::Break, {}, out);
    delta(PartDelta::Kind::Text, bytes, out);
}

void Reader::argument(JsonValue root, StreamEvents &out)
{
    const QByteArray bytes = root["delta"].string();
    if (m_item->open && !bytes.isEmpty()
        && std::holds_alternative<ToolCall>(m_item->told.back().body))
        delta(PartDelta::Kind::Arguments, bytes, out);
}

// Tells what the open part lacks of what it is in the end; it stays open.
void Reader::settle(const Part &final, StreamEvents &out)
{
    Part &open = m_item->told.back();
    const auto rest = [](const QByteArray &whole, const QByteArray &told) {
        return whole.startsWith(told) ? whole.mid(told.size()) : QByteArray();
    };
    if (const auto *said = std::get_if<Text>(&final.body)) {
        auto &told = std::get<Text>(open.body);
        if (const QByteArray more = rest(said->text, told.text); !more.isEmpty())
            delta(PartDelta::Kind::Text, more, out);
        for (std::size_t i = told.citations.size(); i < said->citations.size(); ++i) {
            PartDelta cited;
            cited.index = index();
            cited.kind = PartDelta::Kind::Citation;
            cited.citation = said->citations[i];
            told.citations.push_back(said->citations[i]);
            out.emplace_back(std::move(cited));
        }
    } else if (const auto *refusal = std::get_if<Refusal>(&final.body)) {
        const QByteArray more = rest(refusal->text, std::get<Refusal>(open.body).text);
        if (!more.isEmpty())
            delta(PartDelta::Kind::Text, more, out);
    } else if (const auto *call = std::get_if<ToolCall>(&final.body)) {
        const QByteArray more = rest(call->arguments, std::get<ToolCall>(open.body).arguments);
        if (!more.isEmpty())
            delta(PartDelta::Kind::Arguments, more, out);
    } else if (const auto *thoughts = std::get_if<Reasoning>(&final.body)) {
        if (thoughts->text.startsWith(std::get<Reasoning>(open.body).text)) {
            for (;;) {
                const auto &told = std::get<Reasoning>(open.body);
                const std::size_t breaks = told.breaks.size();
                const bool more = breaks < thoughts->breaks.size();
                const qsizetype end = more ? thoughts->breaks[breaks] : thoughts->text.size();
                const QByteArray piece
                    = thoughts->text.mid(told.text.size(), end - told.text.size());
                if (!piece.isEmpty())
                    delta(PartDelta::Kind::Text, piece, out);
                if (!more)
                    break;
                delta(PartDelta::Kind::Break, {}, out);
            }
        }
        if (thoughts->sealed) {
            PartDelta seal;
            seal.index = index();
            seal.kind = PartDelta::Kind::Seal;
            seal.sealed = thoughts->sealed;
            out.emplace_back(std::move(seal));
        }
    }
}

void Reader::done(JsonValue json, StreamEvents &out)
{
    Item item = readItem(json, Side::Answer);
    Growing &grown = *m_item;
    if (grown.id.isEmpty())
        grown.id = json["id"].string();
    const std::size_t told = grown.told.size();
    if (grown.open) {
        const bool same = told <= item.parts.size()
            && item.parts[told - 1].body.index() == grown.told.back().body.index();
        if (same)
            settle(item.parts[told - 1], out);
        if (!item.logprobs.isEmpty() && told == item.parts.size())
            out.emplace_back(LogprobsDelta{0, item.logprobs, {}});
        closePart(same ? item.parts[told - 1].native : Native(), out);
    }
    for (std::size_t i = told; i < item.parts.size(); ++i) {
        m_item->told.push_back(item.parts[i]);
        out.emplace_back(PartStart{0, index(), item.parts[i]});
        if (!item.logprobs.isEmpty() && i + 1 == item.parts.size())
            out.emplace_back(LogprobsDelta{0, item.logprobs, {}});
        out.emplace_back(PartEnd{0, index(), {}});
    }
    next(out);
}

// The item at hand is over; what was told of others meanwhile follows.
void Reader::next(StreamEvents &out)
{
    closePart({}, out);
    m_done.push_back(m_item->output);
    if (!m_item->id.isEmpty())
        m_doneIds.append(m_item->id);
    m_parts += static_cast<std::int64_t>(m_item->told.size());
    m_all.insert(m_all.end(), std::make_move_iterator(m_item->told.begin()),
                 std::make_move_iterator(m_item->told.end()));
    m_item.reset();
    std::deque<Waiting> waiting = std::exchange(m_waiting, {});
    for (const Waiting &event : waiting) {
        if (const auto tree = protocol::JsonTree::parse(event.data))
            itemEvent(event.type, tree->root(), event.data, out);
    }
}

void Reader::terminal(JsonValue response, StreamEvents &out)
{
    start(response, out);
    const auto finalItem = [&](std::int64_t wanted) {
        std::int64_t output = 0;
        for (const JsonValue item : response["output"]) {
            if (output++ == wanted)
                return item;
        }
        return JsonValue();
    };
    // Items that were never said to be done …
    while (m_item) {
        if (const JsonValue item = finalItem(m_item->output); item)
            done(item, out);
        else
            next(out);
    }
    // … or never told at all.
    std::int64_t output = 0;
    for (const JsonValue item : response["output"]) {
        const bool told = std::find(m_done.begin(), m_done.end(), output) != m_done.end()
            || m_doneIds.contains(item["id"].string());
        if (!told) {
            m_item.emplace();
            m_item->output = output;
            m_item->firstIndex = m_parts;
            done(item, out);
        }
        ++output;
    }
    Response head;
    readHead(response, head);
    out.emplace_back(CandidateStop{0, readStop(response, m_all), {}});
    if (head.usage)
        out.emplace_back(UsageReport{*head.usage});
    out.emplace_back(StreamEnd{{}, std::move(head.native), head.serviceTier});
    m_over = true;
}

void Reader::finish(StreamEvents &out)
{
    if (m_over)
        return;
    fail({ErrorKind::UpstreamFailed,
          QStringLiteral("The provider's stream ended before the answer was complete."),
          QByteArrayLiteral("truncated")},
         out);
}

} // namespace

std::unique_ptr<StreamDecoder> streamReader()
{
    return std::make_unique<Reader>();
}

} // namespace tollgate::codecs::responses
