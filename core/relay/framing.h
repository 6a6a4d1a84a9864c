// SPDX-License-Identifier: GPL-3.0-or-later
// How a dialect's stream is cut into events: server-sent events, JSON lines or Amazon's binary
// messages, behind one face.
#pragma once

#include "core/protocol/dialect.h"
#include "core/upstream/eventstreamreader.h"
#include "core/upstream/ndjsonreader.h"
#include "core/upstream/ssereader.h"

#include <variant>

namespace tollgate::relay {

// Views live until the framing's next call.
struct Frame
{
    QByteArrayView type;
    QByteArrayView data;
};

class Framing
{
public:
    explicit Framing(protocol::Dialect dialect);
    void append(QByteArrayView bytes);
    // The next complete event that carries data. UpstreamFailed where the bytes cannot be cut.
    [[nodiscard]] Result<std::optional<Frame>> next();
    // After the end: an event whose own end was left out.
    [[nodiscard]] std::optional<Frame> last();

private:
    std::variant<upstream::SseReader, upstream::NdjsonReader, upstream::EventStreamReader> m_reader;
};

} // namespace tollgate::relay
