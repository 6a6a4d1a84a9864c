// SPDX-License-Identifier: GPL-3.0-or-later
// Words of Converse that several of its files need.
#pragma once

#include "core/conversation/conversation.h"

namespace tollgate::codecs::converse {

using namespace tollgate::conversation;

// Bedrock serves many makers' models behind one API; what they take differs.
struct Family
{
    QByteArrayView mark; // in the model's id, which may have a region before it or be an ARN
    enum class Thinking { None, Claude, Nova, Effort, Qwen } thinking = Thinking::None;
    bool cachePoints = false;
    bool topKAlone = false; // additionalModelRequestFields {"top_k"}
    bool topKNested = false; // {"inferenceConfig": {"topK"}}
    bool resultsAlone = false; // tool results want a turn of their own
    bool resultsWithoutFiles = false; // documents and videos may not stand beside them
    bool shortIds = false; // call ids of nine letters and digits
    bool resultStatus = false; // knows toolResult.status
};
[[nodiscard]] const Family &familyOf(QByteArrayView model);

[[nodiscard]] Stop readStop(const QByteArray &reason, JsonValue fields);
[[nodiscard]] std::optional<Usage> readUsage(JsonValue usage);
// What the API names a file: "png" of image/png; empty: it takes no such thing.
[[nodiscard]] QByteArray formatOf(Media::Kind kind, QByteArrayView mime);
[[nodiscard]] QByteArray mimeOf(Media::Kind kind, QByteArrayView format);

// A tool of the vendor's own. Models behind Bedrock's other door say "tool_use" of the client's.
[[nodiscard]] inline bool isServerTool(JsonValue use)
{
    return use["type"].isSet() && !use["type"].is("tool_use");
}
[[nodiscard]] Part readBlock(JsonValue block);
[[nodiscard]] Citation readCitation(JsonValue citation);
[[nodiscard]] Sealed redacted(const QByteArray &base64);

[[nodiscard]] Result<EncodedRequest> writeRequest(const Request &request, const Target &target);
[[nodiscard]] Result<Response> readResponse(QByteArrayView body);
[[nodiscard]] std::unique_ptr<StreamDecoder> makeStreamReader();

} // namespace tollgate::codecs::converse
