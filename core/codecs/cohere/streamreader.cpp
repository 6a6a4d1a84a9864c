// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/cohere/wire.h"
#include "core/conversation/toolpairs.h"
#include "core/protocol/errors.h"

namespace tollgate::codecs::cohere {

using namespace conversation;

namespace {

// Parts are told with a start and an end, but for the plan of tool use, which only flows; and
// citations of a text may follow its end. So a part stays open until the next begins.
class StreamReader : public StreamDecoder
{
public:
    void read(QByteArrayView type, QByteArrayView data, StreamEvents &out) override;
    void finish(StreamEvents &out) override;

private:
    enum class Open { None, Text, Thinking, Plan, Call };

    void event(const QByteArray &type, JsonValue root, StreamEvents &out);
    void begin(StreamEvents &out, Open kind, Part part);
    void endOpen(StreamEvents &out);
    void told(StreamEvents &out, QByteArray text);
    void contentStart(JsonValue content, StreamEvents &out);
    void contentDelta(JsonValue content, StreamEvents &out);
    void callStart(JsonValue call, StreamEvents &out);
    void arguments(const QByteArray &more, StreamEvents &out);
    void messageEnd(JsonValue delta, StreamEvents &out);
    void fail(const Error &error, StreamEvents &out);
    void start(const QByteArray &id, StreamEvents &out);

    bool m_started = false;
    bool m_over = false;
    QByteArray m_id;
    Open m_open = Open::None;
    std::int64_t m_index = -1;
    std::int64_t m_calls = 0;
    QByteArray m_held; // arguments that may yet turn out to be "null"
};

void StreamReader::fail(const Error &error, StreamEvents &out)
{
    m_over = true;
    out.emplace_back(StreamFailure{error});
}

void StreamReader::start(const QByteArray &id, StreamEvents &out)
{
    if (m_started)
        return;
    m_started = true;
    m_id = id;
    StreamStart first;
    first.id = id;
    out.emplace_back(std::move(first));
}

void StreamReader::endOpen(StreamEvents &out)
{
    if (m_open == Open::Call && !argumentsOf(m_held).isEmpty())
        out.emplace_back(
            PartDelta{0, m_index, PartDelta::Kind::Arguments, std::exchange(m_held, {}), {}, {}});
    m_held.clear();
    if (m_open != Open::None)
        out.emplace_back(PartEnd{0, m_index, {}});
    m_open = Open::None;
}

void StreamReader::begin(StreamEvents &out, Open kind, Part part)
{
    endOpen(out);
    m_open = kind;
    out.emplace_back(PartStart{0, ++m_index, std::move(part)});
}

void StreamReader::told(StreamEvents &out, QByteArray text)
{
    if (!text.isEmpty())
        out.emplace_back(PartDelta{0, m_index, PartDelta::Kind::Text, std::move(text), {}, {}});
}

void StreamReader::contentStart(JsonValue content, StreamEvents &out)
{
    if (content["type"].is("thinking"))
        begin(out, Open::Thinking, {Reasoning{content["thinking"].string(), false, {}, {}}});
    else if (content["type"].is("text"))
        begin(out, Open::Text, {Text{content["text"].string(), {}}});
}

void StreamReader::contentDelta(JsonValue content, StreamEvents &out)
{
    if (content["thinking"].isString()) {
        if (m_open != Open::Thinking)
            begin(out, Open::Thinking, {Reasoning{}});
        told(out, content["thinking"].string());
    } else if (content["text"].isString()) {
        if (m_open != Open::Text)
            begin(out, Open::Text, {Text{}});
        told(out, content["text"].string());
    }
}

void StreamReader::arguments(const QByteArray &more, StreamEvents &out)
{
    if (m_open != Open::Call)
        return;
    m_held += more;
    if (m_held.trimmed().isEmpty() || QByteArrayView("null").startsWith(m_held.trimmed()))
        return;
    out.emplace_back(
        PartDelta{0, m_index, PartDelta::Kind::Arguments, std::exchange(m_held, {}), {}, {}});
}

void StreamReader::callStart(JsonValue json, StreamEvents &out)
{
    ToolCall call;
    call.callId = json["id"].string();
    call.name = json["function"]["name"].string();
    if (call.callId.isEmpty())
        call.callId = stableCallId(call.name, m_id, m_calls);
    ++m_calls;
    begin(out, Open::Call, {std::move(call)});
    arguments(json["function"]["arguments"].string(), out);
}

void StreamReader::messageEnd(JsonValue delta, StreamEvents &out)
{
    if (const JsonValue error = delta["error"]; error.isString() && !error.string().isEmpty()) {
        fail(Error{ErrorKind::UpstreamFailed, protocol::readVendorError(delta.raw()).message,
                   "vendor_error"},
             out);
        return;
    }
    endOpen(out);
    out.emplace_back(CandidateStop{0, stopOf(delta["finish_reason"].string(), m_calls > 0), {}});
    if (std::optional<Usage> usage = usageOf(delta["usage"]))
        out.emplace_back(UsageReport{std::move(*usage)});
    m_over = true;
    out.emplace_back(StreamEnd{});
}

void StreamReader::event(const QByteArray &type, JsonValue root, StreamEvents &out)
{
    const JsonValue delta = root["delta"];
    const JsonValue message = delta["message"];
    start(root["id"].string(), out);
    if (type == "content-start") {
        contentStart(message["content"], out);
    } else if (type == "content-delta") {
        contentDelta(message["content"], out);
    } else if (type == "tool-plan-delta") {
        if (m_open != Open::Plan)
            begin(out, Open::Plan, {Reasoning{{}, true, {}, {}}});
        told(out, message["tool_plan"].string());
    } else if (type == "tool-call-start") {
        callStart(message["tool_calls"], out);
    } else if (type == "tool-call-delta") {
        arguments(message["tool_calls"]["function"]["arguments"].string(), out);
    } else if (type == "citation-start") {
        const JsonValue citation = message["citations"];
        if (m_open == Open::Text && citesText(citation)) {
            PartDelta cited{0, m_index, PartDelta::Kind::Citation, {}, {}, {}};
            cited.citation = citationOf(citation);
            out.emplace_back(std::move(cited));
        }
    } else if (type == "message-end") {
        messageEnd(delta, out);
    }
}

void StreamReader::read(QByteArrayView type, QByteArrayView data, StreamEvents &out)
{
    if (m_over || data.trimmed().isEmpty() || data.trimmed() == "[DONE]")
        return;
    const auto tree = protocol::JsonTree::parse(data);
    if (!tree) {
        fail(Error{ErrorKind::UpstreamFailed,
                   QStringLiteral("The vendor sent an event that is not valid JSON."), "bad_chunk"},
             out);
        return;
    }
    const JsonValue root = tree->root();
    const QByteArray name = root["type"].string();
    if (name.isEmpty() && (root["message"].isString() || root["error"].isSet())) {
        fail(vendorError(root), out);
        return;
    }
    event(name.isEmpty() ? type.toByteArray() : name, root, out);
}

void StreamReader::finish(StreamEvents &out)
{
    if (!m_over)
        fail(Error{ErrorKind::UpstreamFailed,
                   QStringLiteral("The vendor's answer broke off before it was complete."),
                   "truncated"},
             out);
}

} // namespace

std::unique_ptr<StreamDecoder> makeStreamReader()
{
    return std::make_unique<StreamReader>();
}

} // namespace tollgate::codecs::cohere
