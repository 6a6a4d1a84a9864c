// SPDX-License-Identifier: GPL-3.0-or-later
// Reads one request body off the wire: counted or chunked, plain or compressed, within its limit.
#pragma once

#include "core/http/bodydecoder.h"

namespace tollgate::http {

class BodyReader
{
public:
    // `limits` outlives the reader.
    explicit BodyReader(const Limits &limits)
        : m_limits(limits)
    {
    }

    // `length`: as RequestHead::bodyLength. `bodyLimit` holds on the wire and after decoding.
    void start(std::int64_t length, std::int64_t bodyLimit, Coding coding);
    // Takes from the front of `input` what belongs to this body.
    [[nodiscard]] Progress feed(QByteArrayView &input);
    [[nodiscard]] const Fault &fault() const { return m_fault; }
    // Bytes taken off the wire so far, framing included.
    [[nodiscard]] std::int64_t received() const { return m_received; }
    [[nodiscard]] QByteArray take();

private:
    enum class State { Counted, ChunkLine, ChunkData, ChunkEnd, Trailer, Done };

    [[nodiscard]] Progress fail(ErrorKind kind, std::string_view message);
    [[nodiscard]] Progress finish();
    [[nodiscard]] bool store(QByteArrayView bytes);
    // The next line without CR LF, or nothing yet; `failed` when it can never become one.
    [[nodiscard]] std::optional<QByteArray> line(QByteArrayView &input, qsizetype cap,
                                                 bool &failed);
    [[nodiscard]] Progress readChunkLine(QByteArrayView &input);
    [[nodiscard]] Progress readData(QByteArrayView &input, State next);
    [[nodiscard]] Progress readChunkEnd(QByteArrayView &input);
    [[nodiscard]] Progress readTrailer(QByteArrayView &input);

    const Limits &m_limits;
    QByteArray m_body;
    QByteArray m_line;
    std::unique_ptr<BodyDecoder> m_decoder;
    Fault m_fault;
    std::int64_t m_limit = 0;
    std::int64_t m_left = 0;
    std::int64_t m_wire = 0; // content bytes before decoding
    std::int64_t m_received = 0;
    qsizetype m_trailerSize = 0;
    State m_state = State::Done;
};

} // namespace tollgate::http
