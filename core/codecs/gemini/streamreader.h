// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codecs/gemini/partialargs.h"
#include "core/conversation/codec.h"
#include "core/protocol/usage.h"

#include <map>

namespace tollgate::codecs::gemini {

class StreamReader : public conversation::StreamDecoder
{
public:
    // `whole`: the only chunk is a whole body, which may leave its finishReason out.
    explicit StreamReader(bool whole = false)
        : m_whole(whole)
    {
    }
    void read(QByteArrayView type, QByteArrayView data, conversation::StreamEvents &out) override;
    void finish(conversation::StreamEvents &out) override;

private:
    struct PendingCall
    {
        conversation::Part part;
        PartialArgs args;
    };
    struct CandidateState
    {
        std::int64_t next = 0; // index of the part to come
        std::optional<conversation::Part> open; // the one that may go on, as told so far
        std::optional<PendingCall> call;
        std::int64_t calls = 0;
        bool called = false; // one of the client's own tools
        QByteArray lastHosted; // id of the hosted call that a result without id answers
        Native native;
        int logprobs = 0; // chunks that had them
        QByteArray finishReason;
    };

    void chunk(JsonValue root, conversation::StreamEvents &out);
    void start(JsonValue root, const std::optional<conversation::Usage> &used,
               conversation::StreamEvents &out);
    std::optional<conversation::Usage> usage(JsonValue root);
    void candidate(JsonValue json, conversation::StreamEvents &out);
    void part(std::int64_t index, CandidateState &state, JsonValue json,
              conversation::StreamEvents &out);
    bool partialCall(std::int64_t index, CandidateState &state, JsonValue json,
                     conversation::StreamEvents &out);
    void identify(conversation::Part &part, CandidateState &state);
    void whole(std::int64_t index, CandidateState &state, conversation::Part part,
               conversation::StreamEvents &out);
    void endOpen(std::int64_t index, CandidateState &state, conversation::StreamEvents &out);
    void endCall(std::int64_t index, CandidateState &state, conversation::StreamEvents &out);
    void cite(std::int64_t index, CandidateState &state, JsonValue json,
              conversation::StreamEvents &out);
    void fail(const Error &error, conversation::StreamEvents &out);

    bool m_whole;
    bool m_started = false;
    bool m_over = false;
    QByteArray m_id;
    std::map<std::int64_t, CandidateState> m_candidates;
    protocol::UsageFigures m_figures;
    Native m_usage;
    Native m_native;
    QByteArray m_blocked;
};

} // namespace tollgate::codecs::gemini
