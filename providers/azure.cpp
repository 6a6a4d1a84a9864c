// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/azure.h"

#include "core/protocol/jsonreader.h"
#include "providers/baseurl.h"
#include "providers/httpprovider.h"

#include <algorithm>

namespace tollgate::providers {
namespace {

using protocol::Dialect;
using protocol::Operation;

class Azure final : public HttpProvider
{
public:
    [[nodiscard]] QByteArray id() const override { return "azure"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Azure OpenAI"); }
    // Each resource has a host of its own: https://RESOURCE.openai.azure.com
    [[nodiscard]] QByteArray defaultBaseUrl() const override { return {}; }
    [[nodiscard]] QByteArray maxOutputName(Dialect dialect) const override
    {
        return dialect == Dialect::Chat ? "max_completion_tokens" : "";
    }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        if (operation == Operation::Embed)
            return dialect == Dialect::Embeddings;
        if (operation == Operation::Image || operation == Operation::Speak
            || operation == Operation::Transcribe)
            return dialect == Dialect::Chat;
        return operation == Operation::Generate
            && (dialect == Dialect::Chat || dialect == Dialect::Completions
                || dialect == Dialect::Responses);
    }
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &endpoint,
                                             const QByteArray &model) const override;
    [[nodiscard]] Result<QByteArray> modelsUrl(const store::ChannelRow &channel) const override;

protected:
    [[nodiscard]] Header carrier(const QByteArray &key) const override
    {
        // An Entra token is a JWT and goes as a bearer token, a key of the resource does not.
        if (key.startsWith("eyJ") && key.count('.') == 2)
            return {"authorization", "Bearer " + key};
        return {"api-key", key};
    }
};

struct Resource
{
    QByteArray root; // up to and with "/openai/"
    QByteArray version; // of the dated API; empty for the v1 API
    bool preview = false;
};

// Of the channel's options, {"api_version": "2024-10-21"}.
QByteArray apiVersion(const QByteArray &options)
{
    QByteArray version;
    protocol::JsonReader reader(options);
    reader.object([&](const protocol::JsonText &key) {
        protocol::JsonText text;
        if (key.is("api_version") && reader.string(text))
            version = text.decoded();
    });
    return version;
}

Result<Resource> resourceOf(const store::ChannelRow &channel)
{
    const auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    // Nothing stands before /openai on Azure's own hosts, a path behind an API gateway.
    const qsizetype openai = base->path.indexOf("/openai");
    Resource resource;
    resource.root
        = base->origin + (openai < 0 ? base->path : base->path.first(openai)) + "/openai/";
    resource.version = apiVersion(channel.options);
    const bool sane = std::all_of(resource.version.cbegin(), resource.version.cend(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-';
    });
    if (!sane || resource.version.size() > 32)
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("The channel's api_version must be like 2024-10-21 or v1."),
                       "bad_api_version");
    resource.preview = resource.version == "preview"; // the v1 API's own word
    if (resource.preview || resource.version == "v1")
        resource.version.clear();
    return resource;
}

QByteArray callOf(const protocol::Endpoint &endpoint)
{
    if (!endpoint.path.isEmpty()) // images/generations, audio/speech: alike at OpenAI
        return endpoint.path;
    switch (endpoint.dialect) {
    case Dialect::Completions:
        return "completions";
    case Dialect::Embeddings:
        return "embeddings";
    case Dialect::Responses:
        return "responses";
    default:
        return "chat/completions";
    }
}

Result<QByteArray> Azure::callUrl(const store::ChannelRow &channel,
                                  const protocol::Endpoint &endpoint, const QByteArray &model) const
{
    const auto resource = resourceOf(channel);
    if (!resource)
        return failure(resource.error());
    const QByteArray call = callOf(endpoint);
    if (resource->version.isEmpty())
        return resource->root + "v1/" + call + (resource->preview ? "?api-version=preview" : "");
    const QByteArray query = "?api-version=" + resource->version;
    if (endpoint.dialect == Dialect::Responses)
        return resource->root + call + query;
    const auto deployment = pathSegment(model);
    if (!deployment)
        return failure(deployment.error());
    return resource->root + "deployments/" + *deployment + '/' + call + query;
}

Result<QByteArray> Azure::modelsUrl(const store::ChannelRow &channel) const
{
    const auto resource = resourceOf(channel);
    if (!resource)
        return failure(resource.error());
    return resource->version.isEmpty()
        ? resource->root + "v1/models" + (resource->preview ? "?api-version=preview" : "")
        : resource->root + "models?api-version=" + resource->version;
}

} // namespace

std::unique_ptr<relay::Provider> makeAzure()
{
    return std::make_unique<Azure>();
}

} // namespace tollgate::providers
