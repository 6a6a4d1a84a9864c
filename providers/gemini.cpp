// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/gemini.h"

#include "providers/baseurl.h"
#include "providers/httpprovider.h"

namespace tollgate::providers {
namespace {

using protocol::Dialect;
using protocol::Operation;

// Files at any address are read by the third generation and later ones only; the others read what
// was uploaded to Google. https://ai.google.dev/gemini-api/docs/file-input-methods
bool readsUrls(QByteArrayView model)
{
    const qsizetype at = model.indexOf("gemini-");
    if (at < 0)
        return false;
    qsizetype end = at + 7;
    while (end < model.size() && model[end] >= '0' && model[end] <= '9')
        ++end;
    return model.sliced(at + 7, end - at - 7).toInt() >= 3;
}

class Gemini final : public HttpProvider
{
public:
    [[nodiscard]] QByteArray id() const override { return "gemini"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Google Gemini"); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override
    {
        return "https://generativelanguage.googleapis.com";
    }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return dialect == Dialect::Gemini
            && (operation == Operation::Generate || operation == Operation::Embed
                || operation == Operation::CountTokens);
    }
    [[nodiscard]] conversation::Target target(const QByteArray &model) const override
    {
        conversation::Target target = HttpProvider::target(model);
        target.takesImageUrls = readsUrls(model);
        return target;
    }
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &endpoint,
                                             const QByteArray &model) const override;
    [[nodiscard]] Result<QByteArray> modelsUrl(const store::ChannelRow &channel) const override;

protected:
    // Not ?key=: a URL ends up in logs on the way.
    [[nodiscard]] Header carrier(const QByteArray &key) const override
    {
        return {"x-goog-api-key", key};
    }
};

// "models/M:method"; tuned models have a collection of their own.
Result<QByteArray> callPath(const QByteArray &model, const QByteArray &method)
{
    const QByteArray tunedModels = QByteArrayLiteral("tunedModels/");
    const QByteArray models = QByteArrayLiteral("models/");
    const bool tuned = model.startsWith(tunedModels);
    QByteArrayView name = model;
    if (tuned)
        name = name.sliced(tunedModels.size());
    else if (name.startsWith(models))
        name = name.sliced(models.size());
    const auto segment = pathSegment(name);
    if (!segment)
        return failure(segment.error());
    return (tuned ? tunedModels : models) + *segment + ':' + method;
}

Result<QByteArray> Gemini::callUrl(const store::ChannelRow &channel,
                                   const protocol::Endpoint &endpoint,
                                   const QByteArray &model) const
{
    const auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    auto path = callPath(model, endpoint.geminiMethod);
    if (!path)
        return failure(path.error());
    if (endpoint.stream && endpoint.sse)
        path->append("?alt=sse");
    const QByteArray version
        = endpoint.geminiVersion.isEmpty() ? QByteArrayLiteral("v1beta") : endpoint.geminiVersion;
    return endpointUrl(*base, version, *path);
}

Result<QByteArray> Gemini::modelsUrl(const store::ChannelRow &channel) const
{
    const auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    return endpointUrl(*base, "v1beta", "models?pageSize=1000");
}

} // namespace

std::unique_ptr<relay::Provider> makeGemini()
{
    return std::make_unique<Gemini>();
}

} // namespace tollgate::providers
