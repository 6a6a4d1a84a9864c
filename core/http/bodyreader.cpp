// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/bodyreader.h"

#include <algorithm>
#include <utility>

namespace tollgate::http {
namespace {

// 16 hexadecimal digits and 256 bytes of extensions.
constexpr qsizetype kChunkLineCap = 16 + 256;
// A declared length is believed up to here; beyond, memory follows what has really arrived.
constexpr std::int64_t kReserveAtMost = 1 << 20;

} // namespace

void BodyReader::start(std::int64_t length, std::int64_t bodyLimit, Coding coding)
{
    m_body = {};
    m_line = {};
    m_fault = {};
    m_limit = bodyLimit;
    m_left = std::max<std::int64_t>(length, 0);
    m_wire = 0;
    m_received = 0;
    m_trailerSize = 0;
    m_state = length < 0 ? State::ChunkLine : State::Counted;
    m_decoder.reset();
    if (coding != Coding::Identity)
        m_decoder = std::make_unique<BodyDecoder>(coding);
    else
        m_body.reserve(static_cast<qsizetype>(std::min({m_left, m_limit, kReserveAtMost})));
}

Progress BodyReader::feed(QByteArrayView &input)
{
    const qsizetype before = input.size();
    Progress progress = Progress::NeedMore;
    while (progress == Progress::NeedMore && m_state != State::Done) {
        const State state = m_state;
        const qsizetype size = input.size();
        switch (state) {
        case State::Counted:
            progress = readData(input, State::Done);
            break;
        case State::ChunkLine:
            progress = readChunkLine(input);
            break;
        case State::ChunkData:
            progress = readData(input, State::ChunkEnd);
            break;
        case State::ChunkEnd:
            progress = readChunkEnd(input);
            break;
        case State::Trailer:
            progress = readTrailer(input);
            break;
        case State::Done:
            break;
        }
        if (m_state == state && input.size() == size)
            break;
    }
    m_received += before - input.size();
    if (progress != Progress::Failed && m_state == State::Done)
        return finish();
    return progress;
}

QByteArray BodyReader::take()
{
    m_decoder.reset();
    return std::exchange(m_body, {});
}

Progress BodyReader::fail(ErrorKind kind, std::string_view message)
{
    m_fault = {kind, message, 0};
    return Progress::Failed;
}

Progress BodyReader::finish()
{
    // An empty body is nothing compressed, whatever its head says.
    if (m_decoder && m_wire > 0 && !m_decoder->complete())
        return fail(ErrorKind::InvalidRequest, "The compressed request body is cut short.");
    return Progress::Done;
}

bool BodyReader::store(QByteArrayView bytes)
{
    m_wire += bytes.size();
    if (!m_decoder) {
        m_body.append(bytes);
        return true;
    }
    switch (m_decoder->append(bytes, m_body, m_limit)) {
    case BodyDecoder::Outcome::Ok:
        return true;
    case BodyDecoder::Outcome::TooLarge:
        m_fault = {ErrorKind::TooLarge, "The request body is too large once decompressed.", 0};
        return false;
    case BodyDecoder::Outcome::Malformed:
        break;
    }
    m_fault = {ErrorKind::InvalidRequest, "The compressed request body is malformed.", 0};
    return false;
}

Progress BodyReader::readData(QByteArrayView &input, State next)
{
    const auto portion = static_cast<qsizetype>(std::min<std::int64_t>(m_left, input.size()));
    if (portion > 0 && !store(input.first(portion)))
        return Progress::Failed;
    input = input.sliced(portion);
    m_left -= portion;
    if (m_left == 0)
        m_state = next;
    return Progress::NeedMore;
}

std::optional<QByteArray> BodyReader::line(QByteArrayView &input, qsizetype cap, bool &failed)
{
    const qsizetype lf = input.indexOf('\n');
    const qsizetype portion = lf < 0 ? input.size() : lf + 1;
    if (m_line.size() + portion > cap + 2) {
        failed = true;
        return std::nullopt;
    }
    m_line.append(input.first(portion));
    input = input.sliced(portion);
    if (lf < 0)
        return std::nullopt;
    if (m_line.size() < 2 || m_line[m_line.size() - 2] != '\r') {
        failed = true;
        return std::nullopt;
    }
    QByteArray whole = std::exchange(m_line, {});
    whole.chop(2);
    return whole;
}

Progress BodyReader::readChunkLine(QByteArrayView &input)
{
    bool failed = false;
    const std::optional<QByteArray> text = line(input, kChunkLineCap, failed);
    if (failed)
        return fail(ErrorKind::InvalidRequest, "A chunk header is malformed.");
    if (!text)
        return Progress::NeedMore;
    const std::optional<std::uint64_t> size = syntax::chunkLine(*text);
    if (!size)
        return fail(ErrorKind::InvalidRequest, "A chunk header is malformed.");
    if (*size > static_cast<std::uint64_t>(std::max<std::int64_t>(m_limit - m_wire, 0)))
        return fail(ErrorKind::TooLarge, "The request body is too large.");
    m_left = static_cast<std::int64_t>(*size);
    m_state = *size == 0 ? State::Trailer : State::ChunkData;
    return Progress::NeedMore;
}

Progress BodyReader::readChunkEnd(QByteArrayView &input)
{
    while (!input.isEmpty()) {
        const char expected = m_line.isEmpty() ? '\r' : '\n';
        if (input.front() != expected)
            return fail(ErrorKind::InvalidRequest, "A chunk is longer than it said.");
        input = input.sliced(1);
        if (expected == '\n') {
            m_line.clear();
            m_state = State::ChunkLine;
            return Progress::NeedMore;
        }
        m_line.append(expected);
    }
    return Progress::NeedMore;
}

// RFC 9112 7.1.2: trailers must be well formed and are then ignored.
Progress BodyReader::readTrailer(QByteArrayView &input)
{
    bool failed = false;
    const std::optional<QByteArray> text = line(input, m_limits.headerField, failed);
    if (failed)
        return fail(ErrorKind::InvalidRequest, "A trailer field is malformed.");
    if (!text)
        return Progress::NeedMore;
    if (text->isEmpty()) {
        m_state = State::Done;
        return Progress::NeedMore;
    }
    m_trailerSize += text->size() + 2;
    if (m_trailerSize > m_limits.headerBlock)
        return fail(ErrorKind::HeadersTooLarge, "The trailer section is too long.");
    if (!syntax::fieldLine(*text))
        return fail(ErrorKind::InvalidRequest, "A trailer field is malformed.");
    return Progress::NeedMore;
}

} // namespace tollgate::http
