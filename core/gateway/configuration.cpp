// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/configuration.h"

#include "core/ledger/catalogue.h"
#include "core/ledger/pricestore.h"
#include "core/store/channels.h"
#include "core/store/pricerows.h"
#include "core/store/settings.h"
#include "core/store/tokens.h"

namespace tollgate::gateway {
namespace {

ledger::Price demoPrice()
{
    ledger::Price price;
    price.provider = "demo";
    price.model = "demo/echo";
    price.source = "demo";
    return price; // every rate is zero: it costs nothing, which is not the same as unpriced
}

relay::MediaSettings mediaSettings(const admin::Settings &settings)
{
    relay::MediaSettings out;
    out.fetch = settings.boolean("media.fetch");
    out.most = static_cast<int>(settings.integer("media.max_files"));
    out.largest = settings.integer("media.max_bytes");
    out.totalMs = static_cast<int>(settings.integer("media.timeout"));
    out.redirects = static_cast<int>(settings.integer("media.redirects"));
    out.concurrency = static_cast<int>(settings.integer("media.concurrency"));
    out.memory = settings.integer("media.memory");
    out.localHosts = settings.list("media.local_hosts");
    out.types = settings.list("media.types");
    return out;
}

relay::RelaySettings relaySettings(const admin::Settings &settings)
{
    relay::RelaySettings out;
    out.trustedProxies = settings.list("listen.trusted_proxies");
    out.bodyLimit = settings.integer("limits.body");
    out.uploadLimit = settings.integer("limits.upload");
    out.jsonLimits = admin::jsonLimits(settings);
    out.answerLimit = settings.integer("upstream.answer_limit");
    out.streamLimit = settings.integer("upstream.stream_limit");
    out.maxAttempts = static_cast<int>(settings.integer("routing.attempts"));
    out.defaultOutputTokens = settings.integer("budget.default_output_tokens");
    out.minimumOutputTokens = settings.integer("budget.minimum_output_tokens");
    out.outputHigh = qsizetype(settings.integer("limits.output"));
    out.keepAliveMs = int(settings.integer("stream.keep_alive"));
    out.captureBodies = settings.boolean("log.bodies");
    out.caFile = settings.text("upstream.ca_file");
    out.timeouts = admin::upstreamTimeouts(settings);
    out.media = mediaSettings(settings);
    return out;
}

} // namespace

Result<Configuration> readConfiguration(store::Database &db)
{
    Configuration out;
    auto channels = store::channels(db);
    if (!channels)
        return failure(channels.error());
    out.channels = std::move(*channels);
    auto tokens = store::tokens(db);
    if (!tokens)
        return failure(tokens.error());
    out.tokens = std::move(*tokens);

    const auto paused = store::pausedUntil(db);
    if (!paused)
        return failure(paused.error());
    out.pausedUntilUs = *paused;
    const auto stored = store::settings(db);
    if (!stored)
        return failure(stored.error());
    QHash<QByteArray, QByteArray> values;
    for (auto it = stored->begin(); it != stored->end(); ++it)
        values.insert(it.key(), it.value());
    out.settings = admin::Settings(values);

    auto catalogue = ledger::loadCatalogue();
    if (!catalogue)
        return failure(catalogue.error());
    const auto overrides = store::priceOverrides(db);
    if (!overrides)
        return failure(overrides.error());
    std::vector<ledger::Price> own;
    for (const store::PriceOverrideRow &row : *overrides) {
        auto price = ledger::ratesFromJson(row.rates);
        if (!price)
            return failure(price.error());
        price->provider = row.provider;
        price->model = row.model;
        price->validFromUs = row.validFromUs;
        price->source = "user";
        own.push_back(std::move(*price));
    }
    catalogue->push_back(demoPrice());
    const ledger::PriceBook book = ledger::overlay(ledger::PriceBook(std::move(*catalogue)), own);
    auto prices = ledger::storePrices(db, book.all());
    if (!prices)
        return failure(prices.error());
    out.prices = std::make_shared<ledger::PriceBook>(std::move(*prices));
    return out;
}

std::shared_ptr<const relay::Snapshot> makeSnapshot(const Configuration &configuration,
                                                    const relay::Providers &providers,
                                                    const KeyLookup &keyOf)
{
    auto snapshot = std::make_shared<relay::Snapshot>();
    snapshot->channels = relay::makeChannelTable(configuration.channels, providers, keyOf);
    snapshot->tokens = std::make_shared<access::TokenTable>(configuration.tokens);
    snapshot->prices = configuration.prices;
    snapshot->settings = relaySettings(configuration.settings);
    snapshot->settings.pausedUntilUs = configuration.pausedUntilUs;
    return snapshot;
}

} // namespace tollgate::gateway
