// SPDX-License-Identifier: GPL-3.0-or-later
// What is at hand on this machine: keys in the environment, and local servers that answer. Nothing
// is imported and no key leaves.
#include "core/admin/channelview.h"
#include "core/admin/fields.h"
#include "core/admin/handlers.h"
#include "core/admin/probe.h"
#include "core/admin/rowjson.h"
#include "providers/tiles.h"

#include <array>

namespace tollgate::admin {
namespace {

constexpr int kPatienceMs = 300;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

struct Place
{
    const char *provider;
    int port;
};
// Where they listen by default. Of two at one port the first that answers is told.
constexpr std::array kPlaces{Place{"ollama", 11434}, Place{"lmstudio", 1234},
                             Place{"llamacpp", 8080}, Place{"vllm", 8000}, Place{"jan", 1337}};

QJsonArray keysInEnvironment(const relay::Providers &providers)
{
    QJsonArray found;
    for (const providers::EnvironmentKey &one : providers::environmentKeys()) {
        QByteArray value = qgetenv(one.variable.constData());
        if (value.trimmed().isEmpty())
            continue;
        const relay::Provider *const provider = providers.find(one.provider);
        found.append(
            QJsonObject{{key("variable"), QString::fromLatin1(one.variable)},
                        {key("provider"), QString::fromLatin1(one.provider)},
                        {key("provider_name"), provider ? provider->name() : QString()},
                        {key("tile"), tileJson(one.provider)},
                        {key("hint"), QString::fromUtf8(Secret(value.trimmed()).masked())}});
        wipe(value);
    }
    return found;
}

} // namespace

Answer discover(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    QJsonArray servers;
    for (const Place &place : kPlaces) {
        const relay::Provider *const provider = desk.rooms.providers->find(place.provider);
        if (!provider)
            continue;
        routing::Channel channel;
        channel.row.provider = place.provider;
        channel.row.local = true;
        channel.row.baseUrl = "http://127.0.0.1:" + QByteArray::number(place.port) + "/v1";
        Task<Result<QByteArrayList>> fetching
            = fetchModels(*provider, channel, *desk.rooms.clock, kPatienceMs);
        const Result<QByteArrayList> models = co_await fetching;
        if (!models)
            continue;
        servers.append(QJsonObject{{key("provider"), key(place.provider)},
                                   {key("provider_name"), provider->name()},
                                   {key("tile"), tileJson(place.provider)},
                                   {key("base_url"), QString::fromLatin1(channel.row.baseUrl)},
                                   {key("models"), toJson(*models)}});
    }
    co_return QJsonObject{{key("keys"), keysInEnvironment(*desk.rooms.providers)},
                          {key("servers"), servers}};
}

} // namespace tollgate::admin
