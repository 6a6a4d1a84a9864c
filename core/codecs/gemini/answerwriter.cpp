// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/answerwriter.h"

#include "core/codecs/gemini/answer.h"
#include "core/codecs/gemini/details.h"
#include "core/codecs/gemini/parts.h"

namespace tollgate::codecs::gemini {

using namespace conversation;

namespace {

void writeModality(JsonWriter &out, const char *modality, std::int64_t tokens)
{
    if (tokens > 0)
        out.beginObject().member("modality", modality).member("tokenCount", tokens).endObject();
}

void writeModalities(JsonWriter &out, QByteArrayView name, std::int64_t text, std::int64_t audio,
                     std::int64_t image)
{
    if (audio == 0 && image == 0)
        return;
    out.key(name).beginArray();
    writeModality(out, "TEXT", text);
    writeModality(out, "AUDIO", audio);
    writeModality(out, "IMAGE", image);
    out.endArray();
}

} // namespace

void writeUsage(JsonWriter &out, const Usage &usage)
{
    out.beginObject();
    if (hasKept(usage.native, {})) {
        writeKept(out, usage.native);
        out.endObject();
        return;
    }
    const TokenCounts &counts = usage.counts;
    out.member("promptTokenCount", counts.totalInput());
    out.member("candidatesTokenCount", counts.totalOutput() - counts.reasoning);
    out.member("totalTokenCount", counts.total());
    if (counts.cacheRead > 0)
        out.member("cachedContentTokenCount", counts.cacheRead);
    if (counts.reasoning > 0)
        out.member("thoughtsTokenCount", counts.reasoning);
    writeModalities(out, "promptTokensDetails",
                    counts.totalInput() - counts.audioInput - counts.imageInput, counts.audioInput,
                    counts.imageInput);
    writeModalities(out, "candidatesTokensDetails", counts.output, counts.audioOutput,
                    counts.imageOutput);
    out.endObject();
}

void CandidateEnd::write(JsonWriter &out, Dialect source) const
{
    if (const QByteArray reason = finishReasonOf(stop, source); !reason.isEmpty())
        out.member("finishReason", reason);
    out.member("index", index);
    if (kept(native, "groundingMetadata").isEmpty() && kept(native, "citationMetadata").isEmpty()) {
        if (const QByteArray grounding = groundingMetadata(cited); !grounding.isEmpty())
            out.key("groundingMetadata").raw(grounding);
    }
    if (kept(native, "logprobsResult").isEmpty()) {
        if (const QByteArray result = logprobsResult(logprobs); !result.isEmpty())
            out.key("logprobsResult").raw(result);
    }
    writeKept(out, native);
}

void Envelope::write(JsonWriter &out) const
{
    const QByteArray &version = askedModel.isEmpty() ? model : askedModel;
    if (!version.isEmpty())
        out.member("modelVersion", version);
    if (const QByteArray &name = id.isEmpty() ? requestId : id; !name.isEmpty())
        out.member("responseId", name);
    writeKept(out, native);
}

QByteArray writeResponse(const Response &response, const AnswerContext &context)
{
    JsonWriter out;
    out.beginObject();
    std::vector<const Candidate *> told;
    for (const Candidate &candidate : response.candidates) {
        if (response.promptBlocked.isEmpty() || !candidate.message.parts.empty())
            told.push_back(&candidate);
    }
    if (!told.empty()) {
        out.key("candidates").beginArray();
        for (const Candidate *candidate : told) {
            CandidateEnd end{candidate->index, candidate->stop, {}, {}, candidate->native};
            out.beginObject().key("content").beginObject();
            out.key("parts").beginArray();
            std::int64_t at = 0;
            for (const Part &part : candidate->message.parts) {
                writeAnswerPart(out, part);
                if (const auto *text = std::get_if<Text>(&part.body);
                    text && !text->citations.empty())
                    end.cited.push_back({at, text->text, text->citations});
                ++at;
            }
            out.endArray().member("role", kModel).endObject();
            if (const auto tree = protocol::JsonTree::parse(candidate->logprobs);
                tree && tree->root()["content"].size() > 0) {
                const QByteArrayView list = tree->root()["content"].raw();
                end.logprobs = list.sliced(1, list.size() - 2).toByteArray();
            }
            end.write(out, response.source);
            out.endObject();
        }
        out.endArray();
    }
    if (!response.promptBlocked.isEmpty() && kept(response.native, "promptFeedback").isEmpty())
        out.key("promptFeedback")
            .beginObject()
            .member("blockReason", response.promptBlocked)
            .endObject();
    if (response.usage) {
        out.key("usageMetadata");
        writeUsage(out, *response.usage);
    }
    Envelope{response.id, response.model, context.requestId, context.model, response.native}.write(
        out);
    return out.endObject().take();
}

} // namespace tollgate::codecs::gemini
