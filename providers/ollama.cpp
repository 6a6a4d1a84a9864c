// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/ollama.h"

#include "providers/baseurl.h"
#include "providers/httpprovider.h"
#include "providers/namedmodels.h"

namespace tollgate::providers {
namespace {

using protocol::Dialect;
using protocol::Operation;

class Ollama final : public HttpProvider
{
public:
    [[nodiscard]] QByteArray id() const override { return "ollama-native"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Ollama (its own API)"); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override { return "http://localhost:11434"; }
    [[nodiscard]] bool needsKey() const override { return false; }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return dialect == Dialect::Ollama
            && (operation == Operation::Generate || operation == Operation::Embed);
    }
    [[nodiscard]] std::vector<Dialect> generates() const override { return {Dialect::Ollama}; }
    [[nodiscard]] std::optional<codecs::embeddings::Shape> embedShape() const override
    {
        return codecs::embeddings::Shape::Ollama;
    }
    [[nodiscard]] conversation::Target target(const QByteArray &model) const override
    {
        conversation::Target target = HttpProvider::target(model);
        target.takesImageUrls = false;
        target.takesRequiredChoice = false;
        return target;
    }
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &endpoint,
                                             const QByteArray &model) const override;
    [[nodiscard]] Result<QByteArray> modelsUrl(const store::ChannelRow &channel) const override;
    [[nodiscard]] Result<QByteArrayList> readModels(QByteArrayView body) const override;

protected:
    [[nodiscard]] Header carrier(const QByteArray &key) const override
    {
        return {"authorization", "Bearer " + key};
    }
};

// Bases are pasted with the compatible API's version, or with "api".
Result<QByteArray> urlOf(const store::ChannelRow &channel, QByteArrayView method)
{
    auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    for (const char *pasted : {"/v1", "/api/chat", "/api"}) {
        if (base->path.endsWith(pasted))
            base->path.chop(static_cast<qsizetype>(qstrlen(pasted)));
    }
    return base->origin + base->path + "/api/" + method.toByteArray();
}

Result<QByteArray> Ollama::callUrl(const store::ChannelRow &channel,
                                   const protocol::Endpoint &endpoint, const QByteArray &) const
{
    if (!endpoint.ollamaMethod.isEmpty())
        return urlOf(channel, endpoint.ollamaMethod);
    return urlOf(channel, endpoint.operation == Operation::Embed ? "embed" : "chat");
}

Result<QByteArray> Ollama::modelsUrl(const store::ChannelRow &channel) const
{
    return urlOf(channel, "tags");
}

// {"models": [{"name": "llama3.2:latest", …}]}
Result<QByteArrayList> Ollama::readModels(QByteArrayView body) const
{
    return namedModels(body);
}

} // namespace

std::unique_ptr<relay::Provider> makeOllama()
{
    return std::make_unique<Ollama>();
}

} // namespace tollgate::providers
