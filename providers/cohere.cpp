// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/cohere.h"

#include "providers/baseurl.h"
#include "providers/httpprovider.h"
#include "providers/namedmodels.h"

namespace tollgate::providers {
namespace {

using protocol::Dialect;
using protocol::Operation;

class Cohere final : public HttpProvider
{
public:
    [[nodiscard]] QByteArray id() const override { return "cohere"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Cohere"); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override { return "https://api.cohere.com"; }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return dialect == Dialect::Cohere
            && (operation == Operation::Generate || operation == Operation::Embed
                || operation == Operation::Rerank);
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

Result<QByteArray> urlOf(const store::ChannelRow &channel, QByteArrayView version,
                         QByteArrayView path)
{
    auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    // Lists live in the first version, calls in the second, whichever was pasted.
    for (const char *pasted : {"/v1", "/v2"}) {
        if (base->path.endsWith(pasted))
            base->path.chop(3);
    }
    return endpointUrl(*base, version, path);
}

Result<QByteArray> Cohere::callUrl(const store::ChannelRow &channel,
                                   const protocol::Endpoint &endpoint, const QByteArray &) const
{
    switch (endpoint.operation) {
    case Operation::Embed:
        return urlOf(channel, "v2", "embed");
    case Operation::Rerank:
        return urlOf(channel, "v2", "rerank");
    default:
        return urlOf(channel, "v2", "chat");
    }
}

Result<QByteArray> Cohere::modelsUrl(const store::ChannelRow &channel) const
{
    return urlOf(channel, "v1", "models?page_size=1000");
}

// {"models": [{"name": "command-a-03-2025", …}]}
Result<QByteArrayList> Cohere::readModels(QByteArrayView body) const
{
    return namedModels(body);
}

} // namespace

std::unique_ptr<relay::Provider> makeCohere()
{
    return std::make_unique<Cohere>();
}

} // namespace tollgate::providers
