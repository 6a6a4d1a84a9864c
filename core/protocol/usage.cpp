// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/usage.h"

#include "core/protocol/jsonreader.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace tollgate::protocol {
namespace {

// More than a total may exceed the sum of its parts before it is nonsense.
constexpr std::int64_t kMostResidue = 1'000'000;

std::int64_t clampDouble(double value)
{
    if (!(value > 0))
        return 0;
    return value >= double(kMostTokens) ? kMostTokens : static_cast<std::int64_t>(std::ceil(value));
}

} // namespace

const std::array<UsageFigures::Figure UsageFigures::*, 15> UsageFigures::kAll{
    &UsageFigures::m_input,       &UsageFigures::m_output,      &UsageFigures::m_total,
    &UsageFigures::m_cacheRead,   &UsageFigures::m_cacheWrite,  &UsageFigures::m_write5m,
    &UsageFigures::m_write1h,     &UsageFigures::m_reasoning,   &UsageFigures::m_toolInput,
    &UsageFigures::m_audioInput,  &UsageFigures::m_imageInput,  &UsageFigures::m_audioOutput,
    &UsageFigures::m_imageOutput, &UsageFigures::m_audioCached, &UsageFigures::m_imageCached,
};

void UsageFigures::take(JsonReader &reader, Figure &figure)
{
    const JsonType found = reader.type();
    if (found == JsonType::Null) {
        reader.skip();
        return;
    }
    QByteArrayView digits;
    JsonText text;
    QByteArray decoded;
    if (found == JsonType::String) {
        m_suspect = true;
        if (!reader.string(text))
            return;
        decoded = text.decoded();
        digits = decoded;
    } else if (!reader.number(digits)) {
        m_suspect = true;
        return;
    }

    std::int64_t value = 0;
    if (!toInteger(digits, value)) {
        bool good = false;
        const double real = digits.toDouble(&good);
        // Beyond a double's range toDouble() fails on a number that is one.
        if (!good && found == JsonType::String)
            return;
        value = good ? clampDouble(real) : (digits.startsWith('-') ? 0 : kMostTokens);
        if (!good || real != double(value))
            m_suspect = true;
    }
    if (value < 0 || value > kMostTokens)
        m_suspect = true;
    figure = std::clamp<std::int64_t>(value, 0, kMostTokens);
}

void UsageFigures::readDetails(JsonReader &reader, bool input)
{
    reader.object([&](const JsonText &key) {
        if (key.is("cached_tokens"))
            take(reader, m_cacheRead);
        else if (key.is("cache_write_tokens") || key.is("cache_creation_input_tokens"))
            take(reader, m_cacheWrite);
        else if (key.is("reasoning_tokens") || key.is("thinking_tokens"))
            take(reader, m_reasoning);
        else if (key.is("audio_tokens"))
            take(reader, input ? m_audioInput : m_audioOutput);
        else if (key.is("image_tokens"))
            take(reader, input ? m_imageInput : m_imageOutput);
        else if (key.is("ephemeral_5m_input_tokens"))
            take(reader, m_write5m);
        else if (key.is("ephemeral_1h_input_tokens"))
            take(reader, m_write1h);
    });
}

void UsageFigures::readModalities(JsonReader &reader, Figure &audio, Figure &image)
{
    reader.array([&] {
        QByteArray modality;
        Figure count;
        reader.object([&](const JsonText &key) {
            JsonText text;
            if (key.is("modality") && reader.string(text))
                modality = text.decoded();
            else if (key.is("tokenCount"))
                take(reader, count);
        });
        Figure *const figure
            = modality == "AUDIO" ? &audio : (modality == "IMAGE" ? &image : nullptr);
        if (figure && count)
            *figure = std::min(figure->value_or(0) + *count, kMostTokens);
    });
}

void UsageFigures::readMember(JsonReader &reader, Dialect dialect, const QByteArray &name)
{
    if (dialect == Dialect::Gemini) {
        if (name == "promptTokenCount")
            take(reader, m_input);
        else if (name == "candidatesTokenCount")
            take(reader, m_output);
        else if (name == "totalTokenCount")
            take(reader, m_total);
        else if (name == "cachedContentTokenCount")
            take(reader, m_cacheRead);
        else if (name == "thoughtsTokenCount")
            take(reader, m_reasoning);
        else if (name == "toolUsePromptTokenCount")
            take(reader, m_toolInput);
        else if (name == "promptTokensDetails")
            readModalities(reader, m_audioInput, m_imageInput);
        else if (name == "cacheTokensDetails")
            readModalities(reader, m_audioCached, m_imageCached);
        else if (name == "candidatesTokensDetails")
            readModalities(reader, m_audioOutput, m_imageOutput);
        return;
    }
    if (name == "prompt_tokens" || name == "input_tokens")
        take(reader, m_input);
    else if (name == "completion_tokens" || name == "output_tokens")
        take(reader, m_output);
    else if (name == "total_tokens")
        take(reader, m_total);
    else if (name == "prompt_tokens_details" || name == "input_tokens_details"
             || name == "prompt_token_details" || name == "cache_creation")
        readDetails(reader, true);
    else if (name == "completion_tokens_details" || name == "output_tokens_details")
        readDetails(reader, false);
    else if (name == "cache_read_input_tokens" || name == "prompt_cache_hit_tokens"
             || name == "cached_tokens" || name == "num_cached_tokens")
        take(reader, m_cacheRead);
    else if (name == "cache_creation_input_tokens")
        take(reader, m_cacheWrite);
    else if (name == "reasoning_tokens")
        take(reader, m_reasoning);
}

void UsageFigures::read(JsonReader &reader, Dialect dialect)
{
    UsageFigures report;
    UsageFigures sum;
    reader.object([&](const JsonText &key) {
        if (!key.is("iterations")) {
            report.readMember(reader, dialect, key.decoded());
            return;
        }
        // Anthropic's compaction and advisors are billed beside the message: the iterations are the
        // bill, the members around them only the last one's.
        reader.array([&] {
            UsageFigures one;
            reader.object(
                [&](const JsonText &inner) { one.readMember(reader, dialect, inner.decoded()); });
            sum.add(one);
        });
    });
    report.m_suspect = report.m_suspect || sum.m_suspect;
    for (const auto figure : kAll) {
        if (sum.*figure)
            report.*figure = std::max(*(sum.*figure), (report.*figure).value_or(0));
    }
    merge(report, dialect);
}

void UsageFigures::add(const UsageFigures &other)
{
    for (const auto figure : kAll) {
        if (other.*figure)
            this->*figure = std::min((this->*figure).value_or(0) + *(other.*figure), kMostTokens);
    }
    m_suspect = m_suspect || other.m_suspect;
}

void UsageFigures::merge(const UsageFigures &later, Dialect dialect)
{
    // Gemini counts anew behind each turn with its own tools and tells the sum at last.
    const bool mayShrink = dialect == Dialect::Gemini;
    for (const auto figure : kAll) {
        const Figure &now = later.*figure;
        if (!now)
            continue;
        const std::int64_t before = (this->*figure).value_or(0);
        // A zero says "not counted here" with several vendors; anything else must not shrink.
        if (*now > 0 && *now < before && !mayShrink)
            m_suspect = true;
        this->*figure = std::max(*now, before);
    }
    m_suspect = m_suspect || later.m_suspect;
}

bool UsageFigures::reported() const
{
    return m_input || m_output || m_total || m_cacheRead || m_cacheWrite || m_reasoning;
}

std::int64_t UsageFigures::carve(std::int64_t &whole, Figure part)
{
    const std::int64_t wanted = part.value_or(0);
    const std::int64_t given = std::min(wanted, whole);
    whole -= given;
    return given;
}

TokenCounts UsageFigures::openAi()
{
    TokenCounts counts;
    std::int64_t input = m_input.value_or(0);
    std::int64_t output = m_output.value_or(0);
    if (!m_input && m_total) // embeddings of some vendors tell the total only
        input = std::max<std::int64_t>(*m_total - output, 0);

    const std::int64_t cached = m_cacheRead.value_or(0);
    const std::int64_t written = m_cacheWrite.value_or(0);
    if (cached > input) {
        // Seen from xAI: the prompt without its cached part. The total tells whether it is that.
        counts.cacheRead = cached;
        if (m_total.value_or(0) < input + cached + output)
            m_suspect = true;
    } else {
        counts.cacheRead = carve(input, cached);
    }
    if (written > input)
        m_suspect = true;
    counts.cacheWrite5m = carve(input, written);
    // Cached sound and pictures count as cached, and are in these figures too.
    counts.audioInput = carve(input, m_audioInput);
    counts.imageInput = carve(input, m_imageInput);
    counts.input = input;

    const std::int64_t reasoning = m_reasoning.value_or(0);
    const std::int64_t total = m_total.value_or(0);
    const std::int64_t sum
        = m_input.value_or(0) + output + (cached > m_input.value_or(0) ? cached : 0);
    // xAI counts reasoning beside the completion, everybody else inside; the total tells which.
    const bool beside = reasoning > output || (reasoning > 0 && total == sum + reasoning);
    if (beside) {
        counts.reasoning = reasoning;
        if (total != sum + reasoning)
            m_suspect = true;
    } else if (reasoning > 0) {
        counts.reasoning = carve(output, reasoning);
    } else if (!m_reasoning && m_input && m_output && total > sum) {
        // Gemini behind the OpenAI dialect: thoughts show in the total alone.
        if (total - sum <= kMostResidue)
            counts.reasoning = total - sum;
        else
            m_suspect = true;
    }
    counts.audioOutput = carve(output, m_audioOutput);
    counts.imageOutput = carve(output, m_imageOutput);
    counts.output = output;
    return counts;
}

TokenCounts UsageFigures::anthropic()
{
    TokenCounts counts;
    counts.input = m_input.value_or(0);
    counts.cacheRead = m_cacheRead.value_or(0);
    counts.cacheWrite5m = m_write5m.value_or(0);
    counts.cacheWrite1h = m_write1h.value_or(0);
    const std::int64_t split = counts.cacheWrite5m + counts.cacheWrite1h;
    const std::int64_t written = m_cacheWrite.value_or(0);
    if (written > split) // an older report does not split
        counts.cacheWrite5m += written - split;
    else if (m_cacheWrite && written < split)
        m_suspect = true;
    std::int64_t output = m_output.value_or(0);
    if (m_reasoning.value_or(0) > output)
        m_suspect = true;
    counts.reasoning = carve(output, m_reasoning);
    counts.output = output;
    return counts;
}

TokenCounts UsageFigures::gemini()
{
    TokenCounts counts;
    std::int64_t input = m_input.value_or(0);
    if (m_cacheRead.value_or(0) > input)
        m_suspect = true;
    counts.cacheRead = carve(input, m_cacheRead);
    const auto fresh = [](Figure all, Figure cached) -> Figure {
        return std::max<std::int64_t>(all.value_or(0) - cached.value_or(0), 0);
    };
    counts.audioInput = carve(input, fresh(m_audioInput, m_audioCached));
    counts.imageInput = carve(input, fresh(m_imageInput, m_imageCached));
    counts.input = input + m_toolInput.value_or(0);

    std::int64_t output = m_output.value_or(0);
    counts.reasoning = m_reasoning.value_or(0); // beside the candidates, not inside
    counts.audioOutput = carve(output, m_audioOutput);
    counts.imageOutput = carve(output, m_imageOutput);
    counts.output = output;
    return counts;
}

TokenCounts UsageFigures::counts(Dialect dialect)
{
    switch (dialect) {
    case Dialect::Messages:
        return anthropic();
    case Dialect::Gemini:
        return gemini();
    default:
        return openAi();
    }
}

} // namespace tollgate::protocol
