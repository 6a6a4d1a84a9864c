// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/converse/wire.h"

#include "core/conversation/stopwords.h"
#include "core/protocol/usage.h"

#include <algorithm>
#include <array>

namespace tollgate::codecs::converse {
namespace {

using Thinking = Family::Thinking;

// Facts: Bedrock's "Supported models and features" and each maker's page there. The last is for all
// others.
const std::array kFamilies{
    Family{.mark = "anthropic.",
           .thinking = Thinking::Claude,
           .cachePoints = true,
           .topKAlone = true,
           .resultsWithoutFiles = true,
           .resultStatus = true},
    Family{.mark = "amazon.nova",
           .thinking = Thinking::Nova,
           .cachePoints = true,
           .topKNested = true,
           .resultStatus = true},
    Family{.mark = "meta.llama", .resultsAlone = true},
    Family{.mark = "mistral.", .resultsAlone = true, .shortIds = true},
    Family{.mark = "openai.", .thinking = Thinking::Effort},
    Family{.mark = "qwen.", .thinking = Thinking::Qwen},
    Family{.mark = ""},
};

constexpr std::array kStops{
    StopWord{"end_turn", StopReason::End},
    StopWord{"tool_use", StopReason::ToolUse},
    StopWord{"max_tokens", StopReason::MaxTokens},
    StopWord{"stop_sequence", StopReason::StopSequence},
    StopWord{"content_filtered", StopReason::ContentFilter},
    StopWord{"guardrail_intervened", StopReason::ContentFilter},
    StopWord{"model_context_window_exceeded", StopReason::ContextFull},
    StopWord{"malformed_tool_use", StopReason::BadToolCall},
    StopWord{"malformed_model_output", StopReason::Other},
};

struct Format
{
    Media::Kind kind;
    QByteArrayView mime;
    QByteArrayView word;
};
using Kind = Media::Kind;
constexpr std::array kFormats{
    Format{Kind::Image, "image/png", "png"},
    Format{Kind::Image, "image/jpeg", "jpeg"},
    Format{Kind::Image, "image/gif", "gif"},
    Format{Kind::Image, "image/webp", "webp"},
    Format{Kind::Document, "application/pdf", "pdf"},
    Format{Kind::Document, "text/csv", "csv"},
    Format{Kind::Document, "application/msword", "doc"},
    Format{Kind::Document,
           "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
    Format{Kind::Document, "application/vnd.ms-excel", "xls"},
    Format{Kind::Document, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
           "xlsx"},
    Format{Kind::Document, "text/html", "html"},
    Format{Kind::Document, "text/plain", "txt"},
    Format{Kind::Document, "text/markdown", "md"},
    Format{Kind::Video, "video/mp4", "mp4"},
    Format{Kind::Video, "video/quicktime", "mov"},
    Format{Kind::Video, "video/x-matroska", "mkv"},
    Format{Kind::Video, "video/webm", "webm"},
    Format{Kind::Video, "video/x-flv", "flv"},
    Format{Kind::Video, "video/mpeg", "mpeg"},
    Format{Kind::Video, "video/x-ms-wmv", "wmv"},
    Format{Kind::Video, "video/3gpp", "three_gp"},
};

// Takes a figure; false where it is nonsense.
bool take(JsonValue value, std::int64_t &into)
{
    if (!value.isSet())
        return true;
    const auto told = value.integer();
    into = std::clamp<std::int64_t>(told.value_or(0), 0, protocol::kMostTokens);
    return told && *told == into;
}

} // namespace

const Family &familyOf(QByteArrayView model)
{
    return *std::find_if(kFamilies.begin(), kFamilies.end(),
                         [model](const Family &family) { return model.contains(family.mark); });
}

Stop readStop(const QByteArray &reason, JsonValue fields)
{
    Stop stop{reasonFor(kStops, reason), {}, reason};
    // Streams have it one object deeper.
    for (const JsonValue from : {fields, fields["delta"]}) {
        if (const QByteArray sequence = from["stop_sequence"].string(); !sequence.isEmpty())
            stop.sequence = sequence;
    }
    return stop;
}

std::optional<Usage> readUsage(JsonValue usage)
{
    if (!usage["inputTokens"].isSet() && !usage["outputTokens"].isSet())
        return {};
    Usage read;
    TokenCounts &counts = read.counts;
    bool good = take(usage["inputTokens"], counts.input);
    good = take(usage["outputTokens"], counts.output) && good;
    good = take(usage["cacheReadInputTokens"], counts.cacheRead) && good;
    std::int64_t written = 0;
    good = take(usage["cacheWriteInputTokens"], written) && good;
    for (const JsonValue detail : usage["cacheDetails"]) {
        if (detail["ttl"].is("1h"))
            good = take(detail["inputTokens"], counts.cacheWrite1h) && good;
    }
    good = good && counts.cacheWrite1h <= written;
    counts.cacheWrite5m = std::max<std::int64_t>(written - counts.cacheWrite1h, 0);
    read.suspect = !good;
    keepUnknown(read.native, Dialect::Converse, usage,
                {"inputTokens", "outputTokens", "totalTokens", "cacheReadInputTokens",
                 "cacheWriteInputTokens", "cacheReadInputTokenCount", "cacheWriteInputTokenCount",
                 "cacheDetails"});
    return read;
}

QByteArray formatOf(Media::Kind kind, QByteArrayView mime)
{
    for (const Format &known : kFormats) {
        if (known.kind == kind && known.mime == mime)
            return known.word.toByteArray();
    }
    return kind == Kind::Document && mime.startsWith("text/") ? "txt" : QByteArray();
}

QByteArray mimeOf(Media::Kind kind, QByteArrayView format)
{
    for (const Format &known : kFormats) {
        if (known.kind == kind && known.word == format)
            return known.mime.toByteArray();
    }
    return {};
}

} // namespace tollgate::codecs::converse
