// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a stream of Messages events as vendors and gateways send them: some tell message_start
// twice, leave content_block_stop out, or let blocks overlap.
#include "core/codecs/messages/blockreader.h"
#include "core/codecs/messages/readblocks.h"
#include "core/codecs/messages/response.h"
#include "core/codecs/messages/usage.h"
#include "core/protocol/errors.h"

#include <algorithm>
#include <set>

namespace tollgate::codecs::messages {
namespace {

constexpr std::size_t kMostWaiting = 128;

Error truncated(const char *what)
{
    Error error;
    error.kind = ErrorKind::UpstreamFailed;
    error.message = QString::fromUtf8(what);
    error.code = "truncated";
    return error;
}

class StreamReader final : public StreamDecoder
{
public:
    void read(QByteArrayView type, QByteArrayView data, StreamEvents &out) override;
    void finish(StreamEvents &out) override;

private:
    // A block that began while another was open: kept until that has ended.
    struct Waiting
    {
        std::int64_t index = 0;
        QByteArray block;
        QByteArrayList deltas;
        bool stopped = false;
    };

    void begin(JsonValue message, StreamEvents &out);
    void tellStart(StreamEvents &out);
    void startBlock(std::int64_t index, JsonValue block, StreamEvents &out);
    void delta(std::int64_t index, JsonValue delta, StreamEvents &out);
    void stopBlock(std::int64_t index, StreamEvents &out);
    void closeAll(StreamEvents &out);
    void takeWaiting(StreamEvents &out);
    void messageDelta(JsonValue root, StreamEvents &out);
    void end(StreamEvents &out);
    void fail(Error error, StreamEvents &out);
    [[nodiscard]] Waiting *waiting(std::int64_t index);

    BlockReader m_blocks;
    std::vector<Waiting> m_waiting;
    UsageTally m_usage;
    QByteArray m_id;
    QByteArray m_model;
    QByteArray m_stopReason;
    QByteArray m_stopSequence;
    Native m_candidateNative;
    Native m_native;
    bool m_started = false;
    bool m_over = false;
};

void StreamReader::fail(Error error, StreamEvents &out)
{
    tellStart(out);
    m_over = true;
    out.emplace_back(StreamFailure{std::move(error)});
}

void StreamReader::tellStart(StreamEvents &out)
{
    if (m_started)
        return;
    m_started = true;
    StreamStart start;
    start.id = m_id;
    start.model = m_model;
    start.serviceTier = m_usage.serviceTier();
    if (m_usage.reported())
        start.usage = m_usage.usage();
    out.emplace_back(std::move(start));
}

void StreamReader::begin(JsonValue message, StreamEvents &out)
{
    m_usage.read(message["usage"]);
    keepTold(m_native, message,
             {"id", "type", "role", "model", "content", "stop_reason", "stop_sequence",
              "stop_details", "usage"});
    if (m_started) // told twice: the first counts
        return;
    m_id = message["id"].string();
    m_model = message["model"].string();
    tellStart(out);
    // A turn that a container's code drove is told whole, here.
    std::int64_t index = 0;
    for (const JsonValue block : message["content"]) {
        startBlock(index, block, out);
        stopBlock(index++, out);
    }
    m_stopReason = message["stop_reason"].string();
    m_stopSequence = message["stop_sequence"].string();
}

StreamReader::Waiting *StreamReader::waiting(std::int64_t index)
{
    const auto at = std::find_if(m_waiting.begin(), m_waiting.end(), [index](const Waiting &block) {
        return block.index == index && !block.stopped;
    });
    return at == m_waiting.end() ? nullptr : &*at;
}

void StreamReader::startBlock(std::int64_t index, JsonValue block, StreamEvents &out)
{
    tellStart(out);
    if (!block.isObject())
        return;
    if (m_blocks.open() && (!m_blocks.mayEnd() || !m_waiting.empty())) {
        if (m_waiting.size() >= kMostWaiting) {
            fail(truncated("The provider's stream has too many blocks open at once."), out);
            return;
        }
        m_waiting.push_back({index, block.json(), {}, false});
        return;
    }
    m_blocks.close(out);
    m_blocks.start(index, block, out);
}

void StreamReader::delta(std::int64_t index, JsonValue delta, StreamEvents &out)
{
    if (m_blocks.open() && m_blocks.index() == index) {
        m_blocks.delta(delta, out);
        return;
    }
    if (m_over)
        return;
    if (Waiting *block = waiting(index)) {
        block->deltas.append(delta.json());
        return;
    }
    // Of a block that never began, or has ended: words are not lost for that.
    const JsonValue type = delta["type"];
    QByteArrayView block;
    if (type.is("text_delta"))
        block = R"({"type":"text","text":""})";
    else if (type.is("thinking_delta"))
        block = R"({"type":"thinking","thinking":""})";
    else
        return;
    const auto tree = protocol::JsonTree::parse(block);
    if (!tree)
        return;
    startBlock(index, tree->root(), out);
    if (m_over)
        return;
    if (m_blocks.open() && m_blocks.index() == index)
        m_blocks.delta(delta, out);
    else if (Waiting *late = waiting(index))
        late->deltas.append(delta.json());
}

void StreamReader::takeWaiting(StreamEvents &out)
{
    while (!m_blocks.open() && !m_waiting.empty()) {
        const Waiting next = std::move(m_waiting.front());
        m_waiting.erase(m_waiting.begin());
        if (const auto tree = protocol::JsonTree::parse(next.block))
            m_blocks.start(next.index, tree->root(), out);
        for (const QByteArray &json : next.deltas) {
            if (const auto tree = protocol::JsonTree::parse(json))
                m_blocks.delta(tree->root(), out);
        }
        if (next.stopped)
            m_blocks.close(out);
    }
}

void StreamReader::stopBlock(std::int64_t index, StreamEvents &out)
{
    if (m_blocks.open() && m_blocks.index() == index) {
        m_blocks.close(out);
        takeWaiting(out);
    } else if (Waiting *block = waiting(index)) {
        block->stopped = true;
    }
}

void StreamReader::closeAll(StreamEvents &out)
{
    m_blocks.close(out);
    for (Waiting &block : m_waiting)
        block.stopped = true;
    takeWaiting(out);
    m_blocks.flush(out);
}

void StreamReader::messageDelta(JsonValue root, StreamEvents &out)
{
    tellStart(out);
    const JsonValue delta = root["delta"];
    if (const QByteArray reason = delta["stop_reason"].string(); !reason.isEmpty())
        m_stopReason = reason;
    if (const QByteArray sequence = delta["stop_sequence"].string(); !sequence.isEmpty())
        m_stopSequence = sequence;
    if (delta["stop_details"].isSet())
        m_candidateNative = {{Dialect::Messages, "stop_details", delta["stop_details"].json()}};
    keepTold(m_native, delta, {"stop_reason", "stop_sequence", "stop_details", "usage"});
    keepTold(m_native, root, {"type", "delta", "usage"});
    m_usage.read(root["usage"]);
    m_usage.read(delta["usage"]); // seen from gateways
    if (m_usage.reported())
        out.emplace_back(UsageReport{m_usage.usage()});
}

void StreamReader::end(StreamEvents &out)
{
    tellStart(out);
    closeAll(out);
    m_over = true;
    Stop stop = readStop(m_stopReason, m_stopSequence);
    judgeStop(stop, m_blocks.called(), m_blocks.answeredByTool());
    out.emplace_back(CandidateStop{0, std::move(stop), std::move(m_candidateNative)});
    settle(m_native);
    out.emplace_back(StreamEnd{{}, std::move(m_native), m_usage.serviceTier()});
}

void StreamReader::read(QByteArrayView type, QByteArrayView data, StreamEvents &out)
{
    const QByteArrayView text = data.trimmed();
    if (m_over || text.isEmpty() || text == QByteArrayView("[DONE]"))
        return;
    const auto tree = protocol::JsonTree::parse(text);
    if (!tree) {
        fail(truncated("The provider sent a broken event; the answer cannot be completed."), out);
        return;
    }
    const JsonValue root = tree->root();
    const QByteArray told = root["type"].string();
    const QByteArrayView kind = told.isEmpty() ? type : QByteArrayView(told);
    const std::int64_t index = root["index"].integer().value_or(m_blocks.index());
    if (kind == QByteArrayView("content_block_delta"))
        delta(index, root["delta"], out);
    else if (kind == QByteArrayView("content_block_start"))
        startBlock(index, root["content_block"], out);
    else if (kind == QByteArrayView("content_block_stop"))
        stopBlock(index, out);
    else if (kind == QByteArrayView("message_start"))
        begin(root["message"], out);
    else if (kind == QByteArrayView("message_delta"))
        messageDelta(root, out);
    else if (kind == QByteArrayView("message_stop"))
        end(out);
    else if (kind == QByteArrayView("error") || (told.isEmpty() && root["error"].isSet()))
        fail(protocol::vendorFailure(0, protocol::readVendorError(text)), out);
    else if (kind == QByteArrayView("ping") && m_started)
        out.emplace_back(StreamPing{});
}

void StreamReader::finish(StreamEvents &out)
{
    if (m_over)
        return;
    // A stop reason says that the answer was complete, though its last event never came.
    if (!m_stopReason.isEmpty()) {
        end(out);
        return;
    }
    m_blocks.flush(out);
    fail(truncated("The provider's stream ended before the answer was complete."), out);
}

} // namespace

std::unique_ptr<StreamDecoder> makeStreamReader()
{
    return std::make_unique<StreamReader>();
}

} // namespace tollgate::codecs::messages
