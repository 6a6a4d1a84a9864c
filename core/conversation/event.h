// SPDX-License-Identifier: GPL-3.0-or-later
// A streamed answer in canonical form: a flat sequence of events. Parts of one candidate have dense
// indexes from 0 and do not overlap: a decoder that meets interleaved tool calls holds the later
// ones back until the earlier has ended. Folding the events gives the value that the same answer
// has as a whole body.
#pragma once

#include "core/conversation/response.h"

namespace tollgate::conversation {

// Always the first event, and once.
struct StreamStart
{
    QByteArray id;
    QByteArray model;
    std::int64_t createdS = 0;
    QByteArray serviceTier;
    std::optional<Usage> usage; // as far as known at the start
    Native native;
    bool operator==(const StreamStart &) const = default;
};

// `part` carries what is known at once: kind, call id, name, item id; text and arguments may have
// begun, and whole parts (Media, Opaque, hosted calls) are complete in it.
struct PartStart
{
    std::int64_t candidate = 0;
    std::int64_t index = 0;
    Part part;
    bool operator==(const PartStart &) const = default;
};

struct PartDelta
{
    enum class Kind {
        Text, // Text, Refusal, Reasoning: appended to the text
        Break, // Reasoning: a further paragraph begins here
        Arguments, // ToolCall
        Seal, // Reasoning, ToolCall: their `sealed`; any other part: Part::sealed
        Citation, // Text
        Media, // base64 appended
    };
    std::int64_t candidate = 0;
    std::int64_t index = 0;
    Kind kind = Kind::Text;
    QByteArray bytes;
    std::optional<Sealed> sealed;
    std::optional<conversation::Citation> citation;
    bool operator==(const PartDelta &) const = default;
};

struct PartEnd
{
    std::int64_t candidate = 0;
    std::int64_t index = 0;
    Native native; // added to the part's
    bool operator==(const PartEnd &) const = default;
};

// Log probabilities of tokens just told: Chat's array elements, without the brackets.
struct LogprobsDelta
{
    std::int64_t candidate = 0;
    QByteArray content; // "{…},{…}"
    QByteArray refusal;
    bool operator==(const LogprobsDelta &) const = default;
};

struct CandidateStop
{
    std::int64_t candidate = 0;
    Stop stop;
    Native native;
    bool operator==(const CandidateStop &) const = default;
};

// Cumulative: the latest figures replace those before.
struct UsageReport
{
    Usage usage;
    bool operator==(const UsageReport &) const = default;
};

struct StreamPing
{
    bool operator==(const StreamPing &) const = default;
};

// The stream failed; nothing follows.
struct StreamFailure
{
    Error error;
};

// The answer is complete; nothing follows.
struct StreamEnd
{
    QByteArray promptBlocked;
    Native native;
    QByteArray serviceTier; // the one that served, where it is told only now
    bool operator==(const StreamEnd &) const = default;
};

using StreamEvent = std::variant<StreamStart, PartStart, PartDelta, PartEnd, LogprobsDelta,
                                 CandidateStop, UsageReport, StreamPing, StreamFailure, StreamEnd>;
using StreamEvents = std::vector<StreamEvent>;

// Folds events into the response they tell. Ignores deltas for parts that do not exist.
class Folder
{
public:
    explicit Folder(Dialect source) { m_response.source = source; }
    void add(const StreamEvent &event);
    [[nodiscard]] const Response &response() const { return m_response; }
    [[nodiscard]] Response take() { return std::move(m_response); }
    [[nodiscard]] const std::optional<Error> &failed() const { return m_failed; }
    [[nodiscard]] bool ended() const { return m_ended; }

private:
    [[nodiscard]] Candidate &candidate(std::int64_t index);
    [[nodiscard]] Part *part(std::int64_t candidate, std::int64_t index);
    void change(const PartDelta &delta);

    Response m_response;
    std::optional<Error> m_failed;
    bool m_ended = false;
    struct Logprobs
    {
        QByteArray content;
        QByteArray refusal;
    };
    std::vector<Logprobs> m_logprobs; // by candidate, in the order of m_response.candidates
};

// The events of a whole response, each part in one piece: for a client that asked for a stream of a
// vendor that gave none.
[[nodiscard]] StreamEvents unfold(const Response &response);

} // namespace tollgate::conversation
