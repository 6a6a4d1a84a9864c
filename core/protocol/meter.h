// SPDX-License-Identifier: GPL-3.0-or-later
// Reads answers without changing them: how many tokens, why it ended, whether it is an answer at
// all. One function for whole bodies, one small state machine for streams. Pure.
#pragma once

#include "core/base/result.h"
#include "core/protocol/answerreader.h"

namespace tollgate::protocol {

// Fails with UpstreamFailed where the body is not the JSON that this dialect promises.
[[nodiscard]] Result<AnswerFacts> readAnswer(const Endpoint &endpoint, QByteArrayView body);

class StreamMeter
{
public:
    explicit StreamMeter(const Endpoint &endpoint);
    // One event of the stream: its `event` field (may be empty) and its data. Data that is not JSON
    // is a Preamble: it goes on to the client, but no answer has begun by it.
    EventClass read(QByteArrayView type, QByteArrayView data);
    // The stream is over. True if it ended as its dialect says it must; a false one is never a
    // success, however cleanly the connection closed. Chat wants [DONE], or, since some servers
    // just close behind the last chunk, a finish_reason for every choice that had begun. Gemini has
    // no terminal event: a finish reason must have come.
    [[nodiscard]] bool complete() const;
    [[nodiscard]] const AnswerFacts &facts() const { return m_reader.facts(); }

private:
    AnswerReader m_reader;
};

// Tokens guessed from bytes where the vendor told none: estimates, always marked so.
[[nodiscard]] std::int64_t estimateTokens(qsizetype utf8Bytes);

} // namespace tollgate::protocol
