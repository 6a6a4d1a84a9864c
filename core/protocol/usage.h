// SPDX-License-Identifier: GPL-3.0-or-later
// The figures of a vendor's usage report, as reported, and their one translation into disjoint
// counts. Reports of one stream merge: the larger figure stays, since vendors report cumulatively.
#pragma once

#include "core/base/tokencounts.h"
#include "core/protocol/endpoint.h"

#include <array>
#include <cstdint>
#include <optional>

namespace tollgate::protocol {

class JsonReader;

// 10^9: what the ledger multiplies prices with at most.
inline constexpr std::int64_t kMostTokens = 1'000'000'000;

class UsageFigures
{
public:
    // The usage object at hand, whatever it is. Fields of all vendors that write this dialect.
    void read(JsonReader &reader, Dialect dialect);

    // Whether any token was reported; `{"trafficType": …}` is no report.
    [[nodiscard]] bool reported() const;
    // Something was negative, fractional, huge, text, shrinking or contradictory.
    [[nodiscard]] bool suspect() const { return m_suspect; }
    // Never negative. May find contradictions, hence not const.
    [[nodiscard]] TokenCounts counts(Dialect dialect);

private:
    using Figure = std::optional<std::int64_t>;

    void readMember(JsonReader &reader, Dialect dialect, const QByteArray &name);
    void readDetails(JsonReader &reader, bool input);
    void readModalities(JsonReader &reader, Figure &audio, Figure &image);
    void take(JsonReader &reader, Figure &figure);
    void add(const UsageFigures &other);
    void merge(const UsageFigures &later, Dialect dialect);
    [[nodiscard]] TokenCounts openAi();
    [[nodiscard]] TokenCounts anthropic();
    [[nodiscard]] TokenCounts gemini();
    // As much of `part` as is left in `whole`; the rest is a contradiction.
    [[nodiscard]] std::int64_t carve(std::int64_t &whole, Figure part);

    static const std::array<Figure UsageFigures::*, 15> kAll;

    Figure m_input; // prompt_tokens, input_tokens, promptTokenCount
    Figure m_output; // completion_tokens, output_tokens, candidatesTokenCount
    Figure m_total;
    Figure m_cacheRead;
    Figure m_cacheWrite; // of any life
    Figure m_write5m;
    Figure m_write1h;
    Figure m_reasoning;
    Figure m_toolInput; // Gemini: results of its own tools, beside the prompt
    Figure m_audioInput;
    Figure m_imageInput;
    Figure m_audioOutput;
    Figure m_imageOutput;
    Figure m_audioCached;
    Figure m_imageCached;
    bool m_suspect = false;
};

} // namespace tollgate::protocol
