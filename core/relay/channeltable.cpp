// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/channeltable.h"

#include "core/relay/translation.h"
#include "core/store/channels.h"

namespace tollgate::relay {
namespace {

std::shared_ptr<const routing::Channel>
makeChannel(const store::ChannelRow &row, const Providers &providers, const KeyLookup &keyOf)
{
    auto channel = std::make_shared<routing::Channel>();
    channel->row = row;
    const Provider *provider = providers.find(row.provider);
    channel->speaks = [provider, row](protocol::Operation operation, protocol::Dialect dialect) {
        return provider && dialectFor(*provider, row, operation, dialect);
    };
    for (const store::ChannelKeyRow &key : row.keys)
        channel->keys.push_back(keyOf(key));
    if (row.keys.empty() && provider && !provider->needsKey()) {
        routing::ChannelKey none;
        // Health is kept by key: negative ids are those of channels that need none.
        none.row.id = row.id > 0 ? -row.id - 1 : row.id;
        none.row.channelId = row.id;
        none.row.source = store::KeySource::None;
        none.readiness = routing::KeyReadiness::Ready;
        channel->keys.push_back(std::move(none));
    }
    return channel;
}

} // namespace

store::ChannelRow demoChannel()
{
    store::ChannelRow row;
    row.id = store::builtInChannelId;
    row.name = QStringLiteral("demo");
    row.provider = "demo";
    row.local = true;
    row.models = {QByteArrayLiteral("demo/echo")};
    return row;
}

std::shared_ptr<const routing::ChannelTable>
makeChannelTable(const std::vector<store::ChannelRow> &rows, const Providers &providers,
                 const KeyLookup &keyOf)
{
    auto table = std::make_shared<routing::ChannelTable>();
    for (const store::ChannelRow &row : rows)
        table->channels.push_back(makeChannel(row, providers, keyOf));
    if (rows.empty())
        table->channels.push_back(makeChannel(demoChannel(), providers, keyOf));
    return table;
}

} // namespace tollgate::relay
