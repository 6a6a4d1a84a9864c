// SPDX-License-Identifier: GPL-3.0-or-later
// A streamed answer in canonical form: a flat sequence of events. Parts of one candidate have dense
// indexes and do not overlap. Folding the events gives the value that the whole body would have.
#pragma once

#include "core/protocol/conversation/response.h"

namespace tollgate::protocol {

struct StreamStart
{
    QByteArray id;
    QByteArray model;
    std::int64_t createdS = 0;
    QByteArray serviceTier;
    std::optional<TokenCounts> usage; // as far as known at the start
    Native native;
    bool operator==(const StreamStart &) const = default;
};

struct PartStart
{
    std::int64_t candidate = 0;
    std::int64_t index = 0;
    Part part; // with what is known: kind, call id, name, item id; text and arguments may be begun
    bool operator==(const PartStart &) const = default;
};

struct PartDelta
{
    enum class Kind { Text, Arguments, Reasoning, Seal, Refusal, Citation, Media, Logprobs };
    std::int64_t candidate = 0;
    std::int64_t index = 0;
    Kind kind = Kind::Text;
    QByteArray bytes; // Text, Arguments, Reasoning, Refusal, Media (base64), Logprobs (JSON)
    std::optional<Sealed> sealed; // Seal
    std::optional<protocol::Citation> citation; // Citation
    bool operator==(const PartDelta &) const = default;
};

struct PartEnd
{
    std::int64_t candidate = 0;
    std::int64_t index = 0;
    bool operator==(const PartEnd &) const = default;
};

struct CandidateStop
{
    std::int64_t candidate = 0;
    Stop stop;
    Native native;
    bool operator==(const CandidateStop &) const = default;
};

struct UsageReport
{
    TokenCounts usage; // cumulative: the latest counts
    bool operator==(const UsageReport &) const = default;
};

struct StreamPing
{
    bool operator==(const StreamPing &) const = default;
};

struct StreamFailure
{
    Error error;
};

struct StreamEnd
{
    QByteArray promptBlocked;
    Native native;
    bool operator==(const StreamEnd &) const = default;
};

using StreamEvent = std::variant<StreamStart, PartStart, PartDelta, PartEnd, CandidateStop,
                                 UsageReport, StreamPing, StreamFailure, StreamEnd>;

// Folds events into the response they tell. Bounded by the events that it is given.
class Folder
{
public:
    void add(const StreamEvent &event);
    [[nodiscard]] const GenerateResponse &response() const { return m_response; }
    [[nodiscard]] const std::optional<Error> &failed() const { return m_failed; }
    [[nodiscard]] bool ended() const { return m_ended; }

private:
    Candidate &candidate(std::int64_t index);

    GenerateResponse m_response;
    std::optional<Error> m_failed;
    bool m_ended = false;
};

} // namespace tollgate::protocol
