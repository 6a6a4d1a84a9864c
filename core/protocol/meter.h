// SPDX-License-Identifier: GPL-3.0-or-later
// Reads answers without changing them: how many tokens, why it ended, whether it is an answer at
// all. One function for whole bodies, one small state machine for streams. Pure.
#pragma once

#include "core/base/tokencounts.h"
#include "core/protocol/endpoint.h"

#include <QString>

#include <optional>

namespace tollgate::protocol {

struct AnswerFacts
{
    std::optional<TokenCounts> usage; // absent is not zero
    bool usageSuspect = false;        // negative, fractional, huge or decreasing: clamped
    QByteArray finishReason;          // as the vendor spells it
    QByteArray vendorId;              // the vendor's id of the answer
    QByteArray servedModel;           // the model that the vendor says answered
    qsizetype outputBytes = 0;        // UTF-8 bytes of text, reasoning and tool arguments seen
    bool empty = false;               // no choice, no content, no item: not an answer (fails over)
    std::optional<Error> error;       // an error told inside a 200
};

// Fails with UpstreamFailed where the body is not the JSON that this dialect promises.
[[nodiscard]] Result<AnswerFacts> readAnswer(const Endpoint &endpoint, QByteArrayView body);

enum class EventClass {
    Preamble, // nothing real yet: role chunk, message_start, response.created, ping, comment
    Content,  // the first of these is the first token
    Usage,    // usage only (the extra chunk of include_usage)
    Final,    // the dialect's terminal event: [DONE], message_stop, response.completed …
    Error,    // an error event; facts().error is set
};

class StreamMeter
{
public:
    explicit StreamMeter(const Endpoint &endpoint);
    // One event of the stream: its `event` field (may be empty) and its data.
    EventClass read(QByteArrayView type, QByteArrayView data);
    // The stream is over. True if it ended as its dialect says it must; a false one is never a
    // success, however cleanly the connection closed.
    [[nodiscard]] bool complete() const;
    [[nodiscard]] const AnswerFacts &facts() const { return m_facts; }

private:
    Endpoint m_endpoint;
    AnswerFacts m_facts;
    bool m_final = false;
    bool m_finishSeen = false;
};

// Tokens guessed from bytes where the vendor told none: estimates, always marked so.
[[nodiscard]] std::int64_t estimateTokens(qsizetype utf8Bytes);

} // namespace tollgate::protocol
