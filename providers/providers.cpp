// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/providers.h"

#include "providers/anthropic.h"
#include "providers/azure.h"
#include "providers/bedrock.h"
#include "providers/cohere.h"
#include "providers/demo.h"
#include "providers/gemini.h"
#include "providers/httpprovider.h"
#include "providers/ollama.h"
#include "providers/openai.h"
#include "providers/vertex.h"

namespace tollgate::providers {

void registerAll(relay::Providers &providers)
{
    for (const Row &row : openAiRows())
        providers.add(makeOpenAi(row));
    providers.add(makeAzure());
    providers.add(makeAnthropic());
    providers.add(makeAnthropicFoundry());
    providers.add(makeBedrock());
    providers.add(makeGemini());
    providers.add(makeVertex());
    providers.add(makeCohere());
    providers.add(makeOllama());
    providers.add(makeDemo());
}

Result<QByteArray> previewUrl(const relay::Provider &provider, const store::ChannelRow &channel,
                              const protocol::Endpoint &endpoint)
{
    const auto *const http = dynamic_cast<const HttpProvider *>(&provider);
    if (!http)
        return failure(ErrorKind::NotFound,
                       QStringLiteral("%1 answers by itself and has no URL.").arg(provider.name()),
                       "no_url");
    const QByteArray model
        = channel.models.isEmpty() ? QByteArrayLiteral("MODEL") : channel.models.front();
    return http->callUrl(channel, endpoint, endpoint.model.isEmpty() ? model : endpoint.model);
}

Result<QByteArray> previewUrl(const relay::Provider &provider, const store::ChannelRow &channel)
{
    using protocol::Dialect;
    protocol::Endpoint endpoint;
    for (const Dialect dialect : {Dialect::Chat, Dialect::Messages, Dialect::Gemini}) {
        endpoint.dialect = dialect;
        if (provider.speaks(endpoint.operation, dialect))
            break;
    }
    endpoint.geminiMethod = "generateContent";
    return previewUrl(provider, channel, endpoint);
}

} // namespace tollgate::providers
