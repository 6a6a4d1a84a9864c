// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/anthropic.h"

#include "providers/baseurl.h"
#include "providers/httpprovider.h"

namespace tollgate::providers {
namespace {

using protocol::Dialect;
using protocol::Operation;

constexpr char kVersion[] = "2023-06-01";
// What takes longer than ten minutes is to be streamed; Anthropic's own clients reckon with 128,000
// tokens an hour, and refuse a longer maximum without a stream.
constexpr std::int64_t kLongestWhole = 21'333;
// Subscription tokens are bearer tokens and want this flag beside the client's own.
constexpr char kOauthBeta[] = "oauth-2025-04-20";

class Anthropic : public HttpProvider
{
public:
    [[nodiscard]] QByteArray id() const override { return "anthropic"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Anthropic"); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override { return "https://api.anthropic.com"; }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return dialect == Dialect::Messages
            && (operation == Operation::Generate || operation == Operation::CountTokens
                || operation == Operation::Kept);
    }
    // "50% of the standard API prices", Anthropic's page on batch processing.
    [[nodiscard]] int batchPercent() const override { return 50; }
    [[nodiscard]] conversation::Target target(const QByteArray &model) const override
    {
        conversation::Target target = HttpProvider::target(model);
        target.longestWhole = kLongestWhole;
        return target;
    }
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &endpoint,
                                             const QByteArray &model) const override;
    [[nodiscard]] Result<QByteArray> modelsUrl(const store::ChannelRow &channel) const override;

protected:
    [[nodiscard]] Header carrier(const QByteArray &key) const override;
    [[nodiscard]] Headers ownFields(const Headers &client, const QByteArray &key) const override;
};

class AnthropicFoundry final : public Anthropic
{
public:
    [[nodiscard]] QByteArray id() const override { return "anthropic-foundry"; }
    [[nodiscard]] QString name() const override
    {
        return QStringLiteral("Anthropic on Azure AI Foundry");
    }
    // Each resource has a host of its own.
    [[nodiscard]] QByteArray defaultBaseUrl() const override { return {}; }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return operation != Operation::Kept && Anthropic::speaks(operation, dialect);
    }

protected:
    [[nodiscard]] Header carrier(const QByteArray &key) const override
    {
        if (key.startsWith("eyJ") && key.count('.') == 2)
            return {"authorization", "Bearer " + key};
        return {"x-api-key", key};
    }
};

bool isSubscription(QByteArrayView key)
{
    return key.startsWith("sk-ant-oat");
}

Result<QByteArray> urlOf(const store::ChannelRow &channel, QByteArrayView path)
{
    const auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    return endpointUrl(*base, "v1", path);
}

Result<QByteArray> Anthropic::callUrl(const store::ChannelRow &channel,
                                      const protocol::Endpoint &endpoint, const QByteArray &) const
{
    if (endpoint.operation == Operation::Kept)
        return urlOf(channel, endpoint.path);
    const bool count = endpoint.operation == Operation::CountTokens;
    return urlOf(channel, count ? "messages/count_tokens" : "messages");
}

Result<QByteArray> Anthropic::modelsUrl(const store::ChannelRow &channel) const
{
    return urlOf(channel, "models?limit=1000");
}

Header Anthropic::carrier(const QByteArray &key) const
{
    if (isSubscription(key))
        return {"authorization", "Bearer " + key};
    return {"x-api-key", key};
}

Headers Anthropic::ownFields(const Headers &client, const QByteArray &key) const
{
    Headers own;
    if (!client.contains("anthropic-version"))
        own.append("anthropic-version", kVersion);
    if (isSubscription(key)) {
        QByteArray flags;
        for (const Header &field : client) {
            if (sameName(field.name, "anthropic-beta"))
                flags += field.value.trimmed() + ',';
        }
        own.append("anthropic-beta",
                   flags.contains(kOauthBeta) ? flags.chopped(1) : flags + kOauthBeta);
    }
    return own;
}

} // namespace

std::unique_ptr<relay::Provider> makeAnthropic()
{
    return std::make_unique<Anthropic>();
}

std::unique_ptr<relay::Provider> makeAnthropicFoundry()
{
    return std::make_unique<AnthropicFoundry>();
}

} // namespace tollgate::providers
