// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/converse/wire.h"
#include "core/codecs/messages/blockreader.h"
#include "core/codecs/messages/response.h"
#include "core/protocol/errors.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::converse {
namespace {

struct Exception
{
    QByteArrayView type;
    int status;
};
constexpr std::array kExceptions{
    Exception{"throttlingException", 429},     Exception{"validationException", 400},
    Exception{"modelTimeoutException", 504},   Exception{"serviceUnavailableException", 503},
    Exception{"internalServerException", 500}, Exception{"modelStreamErrorException", 500},
};

Error truncated(const char *what)
{
    Error error;
    error.kind = ErrorKind::UpstreamFailed;
    error.message = QString::fromUtf8(what);
    error.code = "truncated";
    return error;
}

// A block of the vendor's own tools: told in pieces, kept whole.
struct Foreign
{
    std::int64_t index = -1;
    QByteArray name; // "toolUse", "toolResult"
    QByteArray start;
    QByteArray input;
    QByteArray content;
};

class StreamReader final : public StreamDecoder
{
public:
    void read(QByteArrayView type, QByteArrayView data, StreamEvents &out) override;
    void finish(StreamEvents &out) override;

private:
    void take(QByteArrayView type, JsonValue payload, StreamEvents &out);
    void tellStart(StreamEvents &out);
    void startBlock(JsonValue payload, StreamEvents &out);
    void delta(JsonValue payload, StreamEvents &out);
    void reasoning(std::int64_t index, JsonValue content, StreamEvents &out);
    void closeBlock(StreamEvents &out);
    void closeForeign(StreamEvents &out);
    void openText(std::int64_t index, StreamEvents &out);
    void end(StreamEvents &out);
    void fail(Error error, StreamEvents &out);

    messages::BlockReader m_blocks;
    std::optional<Foreign> m_foreign;
    QByteArray m_redacted;
    bool m_thinking = false;
    Stop m_stop;
    Native m_native;
    QByteArray m_serviceTier;
    bool m_started = false;
    bool m_stopped = false;
    bool m_over = false;
};

void StreamReader::tellStart(StreamEvents &out)
{
    if (!m_started)
        out.emplace_back(StreamStart{});
    m_started = true;
}

void StreamReader::fail(Error error, StreamEvents &out)
{
    tellStart(out);
    m_blocks.flush(out);
    m_over = true;
    out.emplace_back(StreamFailure{std::move(error)});
}

void StreamReader::closeForeign(StreamEvents &out)
{
    if (!m_foreign)
        return;
    const Foreign block = *std::exchange(m_foreign, std::nullopt);
    const auto tree = protocol::JsonTree::parse(block.start);
    if (!tree)
        return;
    JsonWriter json;
    json.beginObject().key(block.name).beginObject();
    for (const JsonValue member : tree->root())
        json.key(member.key()).raw(member.raw());
    if (block.name == "toolUse")
        json.key("input").raw(messages::argumentsObject(block.input));
    else if (!block.content.isEmpty())
        json.key("content").raw(block.content);
    json.endObject().endObject();
    m_blocks.whole(block.index, {Opaque{Dialect::Converse, block.name, json.take()}}, out);
}

void StreamReader::closeBlock(StreamEvents &out)
{
    m_blocks.close(out);
    closeForeign(out);
    if (!m_redacted.isEmpty()) {
        Reasoning hidden;
        hidden.sealed = redacted(std::exchange(m_redacted, {}));
        m_blocks.whole(m_blocks.index(), {std::move(hidden)}, out);
    }
    m_thinking = false;
}

void StreamReader::startBlock(JsonValue payload, StreamEvents &out)
{
    closeBlock(out);
    const std::int64_t index = payload["contentBlockIndex"].integer().value_or(0);
    const JsonValue start = payload["start"];
    const JsonValue use = start["toolUse"];
    if (use.isObject() && !isServerTool(use)) {
        ToolCall call;
        call.callId = use["toolUseId"].string();
        call.name = use["name"].string();
        m_blocks.startCall(index, {std::move(call)}, {}, out);
        return;
    }
    for (const JsonValue member : start)
        m_foreign = Foreign{index, member.key(), member.json(), {}, {}};
}

// Texts and thoughts begin with their first piece.
void StreamReader::openText(std::int64_t index, StreamEvents &out)
{
    if (m_blocks.open() && m_blocks.index() == index && !m_thinking)
        return;
    closeBlock(out);
    m_blocks.startText(index, {Text{}}, out);
}

void StreamReader::reasoning(std::int64_t index, JsonValue content, StreamEvents &out)
{
    if (const QByteArray hidden = content["redactedContent"].string(); !hidden.isEmpty()) {
        m_redacted += hidden;
        return;
    }
    if (!m_blocks.open() || m_blocks.index() != index || !m_thinking) {
        closeBlock(out);
        m_blocks.startThinking(index, {Reasoning{}}, {}, out);
        m_thinking = true;
    }
    m_blocks.thought(content["text"].string(), out);
    m_blocks.sign(content["signature"].string());
}

void StreamReader::delta(JsonValue payload, StreamEvents &out)
{
    const std::int64_t index = payload["contentBlockIndex"].integer().value_or(0);
    const JsonValue delta = payload["delta"];
    if (delta["text"].isString()) {
        openText(index, out);
        m_blocks.text(delta["text"].string(), out);
    } else if (delta["toolUse"].isObject()) {
        const QByteArray piece = delta["toolUse"]["input"].string();
        if (m_foreign)
            m_foreign->input += piece;
        else if (m_blocks.open() && m_blocks.index() == index)
            m_blocks.input(piece, out);
    } else if (delta["reasoningContent"].isObject()) {
        reasoning(index, delta["reasoningContent"], out);
    } else if (delta["citation"].isObject()) {
        openText(index, out);
        m_blocks.cite(readCitation(delta["citation"]), out);
    } else if (delta["toolResult"].isSet() && m_foreign) {
        m_foreign->content = delta["toolResult"].json();
    }
}

void StreamReader::end(StreamEvents &out)
{
    tellStart(out);
    closeBlock(out);
    m_blocks.flush(out);
    m_over = true;
    messages::judgeStop(m_stop, m_blocks.called(), m_blocks.answeredByTool());
    out.emplace_back(CandidateStop{0, m_stop, {}});
    out.emplace_back(StreamEnd{{}, std::move(m_native), m_serviceTier});
}

void StreamReader::take(QByteArrayView type, JsonValue payload, StreamEvents &out)
{
    if (type.endsWith("Exception")) {
        const auto known = std::find_if(kExceptions.begin(), kExceptions.end(),
                                        [type](const Exception &one) { return one.type == type; });
        const protocol::VendorError said = protocol::readVendorError(payload.raw());
        fail(protocol::vendorFailure(known == kExceptions.end() ? 500 : known->status, said), out);
        return;
    }
    if (type == QByteArrayView("messageStart")) {
        tellStart(out);
        return;
    }
    tellStart(out);
    if (type == QByteArrayView("contentBlockStart")) {
        startBlock(payload, out);
    } else if (type == QByteArrayView("contentBlockDelta")) {
        delta(payload, out);
    } else if (type == QByteArrayView("contentBlockStop")) {
        closeBlock(out);
    } else if (type == QByteArrayView("messageStop")) {
        m_stopped = true;
        const JsonValue fields = payload["additionalModelResponseFields"];
        m_stop = readStop(payload["stopReason"].string(), fields);
        if (fields.isSet())
            keep(m_native, Dialect::Converse, "additionalModelResponseFields", fields.json());
    } else if (type == QByteArrayView("metadata")) {
        // It comes behind messageStop, and is the last.
        if (auto usage = readUsage(payload["usage"]))
            out.emplace_back(UsageReport{*std::move(usage)});
        m_serviceTier = payload["serviceTier"]["type"].string();
        keepUnknown(m_native, Dialect::Converse, payload, {"usage", "serviceTier", "p"});
        if (m_stopped)
            end(out);
    }
}

void StreamReader::read(QByteArrayView type, QByteArrayView data, StreamEvents &out)
{
    if (m_over || data.trimmed().isEmpty())
        return;
    const auto tree = protocol::JsonTree::parse(data);
    if (!tree) {
        fail(truncated("The provider sent a broken event; the answer cannot be completed."), out);
        return;
    }
    if (!type.isEmpty()) {
        take(type, tree->root(), out);
        return;
    }
    // Without the framing an event is an object of one member by its name.
    for (const JsonValue member : tree->root()) {
        if (!m_over)
            take(member.key(), member, out);
    }
}

void StreamReader::finish(StreamEvents &out)
{
    if (m_over)
        return;
    if (m_stopped)
        end(out);
    else
        fail(truncated("The provider's stream ended before the answer was complete."), out);
}

} // namespace

std::unique_ptr<StreamDecoder> makeStreamReader()
{
    return std::make_unique<StreamReader>();
}

} // namespace tollgate::codecs::converse
