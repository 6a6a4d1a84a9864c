// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/openai.h"

#include "providers/baseurl.h"
#include "providers/httpprovider.h"

#include <algorithm>

namespace tollgate::providers {
namespace {

using codecs::embeddings::Shape;
using protocol::Dialect;
using protocol::Operation;

class OpenAi final : public HttpProvider
{
public:
    explicit OpenAi(const Row &row)
        : m_row(row)
    {
    }

    [[nodiscard]] QByteArray id() const override { return m_row.id; }
    [[nodiscard]] QString name() const override { return QString::fromUtf8(m_row.name); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override { return m_row.baseUrl; }
    [[nodiscard]] bool needsKey() const override { return !has(NoKey); }
    [[nodiscard]] bool takesIncludeUsage() const override { return !has(NoIncludeUsage); }
    [[nodiscard]] QByteArray maxOutputName(Dialect dialect) const override
    {
        return dialect == Dialect::Chat && has(CompletionTokens) ? "max_completion_tokens" : "";
    }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override;
    [[nodiscard]] int batchPercent() const override { return m_row.batchPercent; }
    [[nodiscard]] std::vector<Dialect> generates() const override;
    [[nodiscard]] std::optional<Shape> embedShape() const override;
    [[nodiscard]] std::optional<codecs::rerank::Shape> rerankShape() const override
    {
        if (m_row.embeds == QByteArrayView("voyage"))
            return codecs::rerank::Shape::Voyage;
        return Provider::rerankShape();
    }
    [[nodiscard]] conversation::Target target(const QByteArray &model) const override;
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &endpoint,
                                             const QByteArray &model) const override;
    [[nodiscard]] Result<QByteArray> modelsUrl(const store::ChannelRow &channel) const override;

protected:
    [[nodiscard]] Header carrier(const QByteArray &key) const override
    {
        return {"authorization", "Bearer " + key};
    }

private:
    [[nodiscard]] bool has(Quirk quirk) const { return (m_row.quirks & quirk) != 0; }
    [[nodiscard]] bool has(Speaks what) const { return (m_row.speaks & what) != 0; }
    [[nodiscard]] bool streamsOnly(QByteArrayView model) const;
    [[nodiscard]] bool speaksBesides(Operation operation, Dialect dialect) const;
    [[nodiscard]] Result<QByteArray> url(const store::ChannelRow &channel,
                                         QByteArrayView path) const;

    Row m_row;
};

QByteArrayView pathOf(Dialect dialect)
{
    switch (dialect) {
    case Dialect::Completions:
        return "completions";
    case Dialect::Embeddings:
        return "embeddings";
    case Dialect::Responses:
        return "responses";
    case Dialect::Messages:
        return "messages";
    default:
        return "chat/completions";
    }
}

bool OpenAi::speaksBesides(Operation operation, Dialect dialect) const
{
    switch (operation) {
    case Operation::CountTokens:
    case Operation::Compact:
        return dialect == Dialect::Responses && has(ResponsesKin);
    case Operation::Image:
        return has(Images);
    case Operation::Speak:
        return has(Speech);
    case Operation::Transcribe:
        return has(Transcriptions);
    case Operation::Moderate:
        return has(Moderations);
    case Operation::Rerank:
        return dialect == Dialect::Chat && has(Rerank);
    case Operation::Kept:
        return dialect == Dialect::Chat && has(Keeps);
    default:
        return false;
    }
}

bool OpenAi::speaks(Operation operation, Dialect dialect) const
{
    if (operation == Operation::Embed)
        return dialect == Dialect::Embeddings && has(Embeddings);
    if (operation != Operation::Generate)
        return speaksBesides(operation, dialect);
    switch (dialect) {
    case Dialect::Chat:
        return true;
    case Dialect::Completions:
        return has(Completions);
    case Dialect::Responses:
        return has(Responses);
    case Dialect::Messages:
        return has(Messages) || *m_row.messagesPath != '\0';
    default:
        return false;
    }
}

std::vector<Dialect> OpenAi::generates() const
{
    if (has(Responses) && has(PrefersResponses))
        return {Dialect::Responses, Dialect::Chat};
    return {Dialect::Chat};
}

std::optional<Shape> OpenAi::embedShape() const
{
    if (!has(Embeddings))
        return std::nullopt;
    const QByteArrayView words = m_row.embeds;
    if (words == QByteArrayView("voyage"))
        return Shape::Voyage;
    return words == QByteArrayView("jina") ? Shape::Jina : Shape::OpenAi;
}

// A star at an end of a pattern stands for any text.
bool fits(QByteArrayView model, QByteArrayView pattern)
{
    const bool anyFront = pattern.startsWith('*');
    const bool anyBack = pattern.endsWith('*');
    const QByteArrayView word = pattern.sliced(anyFront ? 1 : 0).chopped(anyBack ? 1 : 0);
    if (anyFront && anyBack)
        return model.contains(word);
    if (anyFront || anyBack)
        return anyBack ? model.startsWith(word) : model.endsWith(word);
    return model == word;
}

bool OpenAi::streamsOnly(QByteArrayView model) const
{
    const QByteArray patterns = m_row.streamOnly;
    if (patterns.isEmpty())
        return false;
    const QByteArrayList listed = patterns.split(' ');
    return std::any_of(listed.begin(), listed.end(),
                       [model](const QByteArray &pattern) { return fits(model, pattern); });
}

conversation::Target OpenAi::target(const QByteArray &model) const
{
    conversation::Target target;
    target.model = model;
    target.takesImageUrls = !has(NoImageUrls);
    target.takesDeveloperRole = has(DeveloperRole);
    target.takesJsonSchema = !has(NoJsonSchema);
    target.takesRequiredChoice = !has(NoRequiredChoice);
    target.takesParallelToolCalls = !has(NoParallelCalls);
    target.takesStreamOptions = !has(NoIncludeUsage);
    target.refusesUnknown = has(RefusesUnknown);
    target.wantsReasoningContent = has(ReasoningBack);
    target.maxCompletionTokens = has(CompletionTokens);
    target.reasoningStyle = m_row.reasoning;
    target.thinkTags = has(ThinkTags);
    target.answersStreamsOnly = streamsOnly(model);
    return target;
}

Result<QByteArray> OpenAi::url(const store::ChannelRow &channel, QByteArrayView path) const
{
    const auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    return endpointUrl(*base, m_row.version, path);
}

Result<QByteArray> OpenAi::callUrl(const store::ChannelRow &channel,
                                   const protocol::Endpoint &endpoint, const QByteArray &) const
{
    if (endpoint.dialect == Dialect::Messages && *m_row.messagesPath != '\0') {
        const auto base = parseBaseUrl(channel.baseUrl);
        if (!base)
            return failure(base.error());
        return base->origin + m_row.messagesPath;
    }
    return url(channel, endpoint.path.isEmpty() ? pathOf(endpoint.dialect) : endpoint.path);
}

Result<QByteArray> OpenAi::modelsUrl(const store::ChannelRow &channel) const
{
    return url(channel, "models");
}

} // namespace

std::unique_ptr<relay::Provider> makeOpenAi(const Row &row)
{
    return std::make_unique<OpenAi>(row);
}

} // namespace tollgate::providers
