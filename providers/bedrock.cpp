// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/bedrock.h"

#include "core/base/clock.h"
#include "core/protocol/jsontree.h"
#include "providers/baseurl.h"
#include "providers/httpprovider.h"
#include "providers/sigv4.h"

namespace tollgate::providers {
namespace {

using protocol::Dialect;
using protocol::Operation;

class Bedrock final : public HttpProvider
{
public:
    [[nodiscard]] QByteArray id() const override { return "bedrock"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Amazon Bedrock"); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override
    {
        return "https://bedrock-runtime.us-east-1.amazonaws.com";
    }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return operation == Operation::Generate && dialect == Dialect::Converse;
    }
    [[nodiscard]] conversation::Target target(const QByteArray &model) const override
    {
        conversation::Target target;
        target.model = model;
        target.takesImageUrls = false;
        return target;
    }
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &endpoint,
                                             const QByteArray &model) const override;
    [[nodiscard]] Result<QByteArray> modelsUrl(const store::ChannelRow &channel) const override;

protected:
    [[nodiscard]] Header carrier(const QByteArray &key) const override
    {
        return {"authorization", "Bearer " + key};
    }
    [[nodiscard]] Result<void> authorize(upstream::Request &request,
                                         const store::ChannelRow &channel,
                                         const QByteArray &key) const override;
};

Result<QByteArray> Bedrock::callUrl(const store::ChannelRow &channel,
                                    const protocol::Endpoint &endpoint,
                                    const QByteArray &model) const
{
    const auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    if (model.isEmpty() || model == "." || model == "..")
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("This is no name of a Bedrock model."), "bad_model");
    return base->origin + base->path + "/model/" + model.toPercentEncoding()
        + (endpoint.stream ? "/converse-stream" : "/converse");
}

// The list is on another host, to which this channel's key is not bound.
Result<QByteArray> Bedrock::modelsUrl(const store::ChannelRow &) const
{
    return failure(ErrorKind::NotFound,
                   QStringLiteral("Bedrock does not list models where it runs them; name the "
                                  "models that this channel serves."),
                   "no_model_list");
}

// "bedrock-runtime.eu-central-1.amazonaws.com", with "-fips" or a VPC endpoint's name before it.
QByteArray regionOf(const store::ChannelRow &channel)
{
    if (const auto options = protocol::JsonTree::parse(channel.options)) {
        if (const QByteArray region = options->root()["region"].string(); !region.isEmpty())
            return region;
    }
    const auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return {};
    const QByteArrayList labels = base->origin.sliced(base->origin.indexOf("://") + 3).split('.');
    for (qsizetype i = 0; i + 1 < labels.size(); ++i) {
        if (labels[i].startsWith("bedrock"))
            return labels[i + 1];
    }
    return {};
}

Result<void> Bedrock::authorize(upstream::Request &request, const store::ChannelRow &channel,
                                const QByteArray &key) const
{
    request.headers.remove("accept");
    std::optional<AwsCredentials> credentials = readAwsCredentials(key);
    if (!credentials)
        return HttpProvider::authorize(request, channel, key);
    const QByteArray region = regionOf(channel);
    if (region.isEmpty()) {
        return failure(
            ErrorKind::Unavailable,
            QStringLiteral("Channel \u201c%1\u201d does not say its AWS region; use a base URL "
                           "like https://bedrock-runtime.us-east-1.amazonaws.com, or set the "
                           "option \u201cregion\u201d.")
                .arg(channel.name),
            "no_region");
    }
    signV4(request.headers, request.method, request.url, request.body, *credentials,
           {region, "bedrock", Clock::system().wallUs() / 1'000'000});
    wipe(credentials->secret);
    wipe(credentials->sessionToken);
    return {};
}

} // namespace

std::unique_ptr<relay::Provider> makeBedrock()
{
    return std::make_unique<Bedrock>();
}

} // namespace tollgate::providers
