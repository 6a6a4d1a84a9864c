// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/vertex.h"

#include "core/base/jsonwriter.h"
#include "core/protocol/jsonreader.h"
#include "core/protocol/jsontree.h"
#include "providers/accesstokens.h"
#include "providers/baseurl.h"
#include "providers/httpprovider.h"

#include <QCryptographicHash>

#include <algorithm>

namespace tollgate::providers {
namespace {

using protocol::Dialect;
using protocol::Operation;

constexpr char kGlobalHost[] = "aiplatform.googleapis.com";
constexpr char kGoogle[] = "google";
constexpr char kAnthropic[] = "anthropic";

struct Options
{
    QByteArray project;
    QByteArray location;
    QByteArray tokenUri;
};

Options optionsOf(QByteArrayView text)
{
    Options options;
    if (text.isEmpty())
        return options;
    if (const auto tree = protocol::JsonTree::parse(text)) {
        options.project = tree->root()["project"].string();
        options.location = tree->root()["location"].string();
        options.tokenUri = tree->root()["token_uri"].string();
    }
    return options;
}

QByteArray hostFor(const QByteArray &location)
{
    if (location.isEmpty() || location == "global")
        return kGlobalHost;
    if (location == "us" || location == "eu")
        return "aiplatform." + location + ".rep.googleapis.com";
    return location + '-' + kGlobalHost;
}

QByteArray hostOf(const BaseUrl &base)
{
    QByteArray host = base.origin.sliced(base.origin.indexOf("://") + 3).toLower();
    if (const qsizetype colon = host.lastIndexOf(':'); colon > host.lastIndexOf(']'))
        host.truncate(colon);
    return host;
}

// The location that one of Google's own hosts serves; empty for a host of somebody else.
QByteArray locationOf(const QByteArray &host)
{
    if (host == kGlobalHost)
        return "global";
    const QByteArray regional = QByteArray("-") + kGlobalHost;
    if (host.endsWith(regional))
        return host.chopped(regional.size());
    const QByteArrayView multi = ".rep.googleapis.com";
    const QByteArrayView service = "aiplatform.";
    if (host.startsWith(service) && host.endsWith(multi)
        && host.size() > service.size() + multi.size())
        return host.sliced(service.size(), host.size() - service.size() - multi.size());
    return {};
}

// "projects/P/locations/L/", or nothing: in express mode the key says whose project it is.
Result<QByteArray> parentOf(const store::ChannelRow &channel, const BaseUrl &base)
{
    const Options options = optionsOf(channel.options);
    const QByteArray served = locationOf(hostOf(base));
    const QByteArray location = !options.location.isEmpty() ? options.location
        : served.isEmpty()                                  ? QByteArrayLiteral("global")
                                                            : served;
    if (!served.isEmpty() && served != location) {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("The location %1 is served at https://%2; give the channel "
                                      "that base URL.")
                           .arg(QString::fromUtf8(location), QString::fromUtf8(hostFor(location))),
                       "bad_location");
    }
    if (options.project.isEmpty())
        return QByteArray();
    const auto project = pathSegment(options.project);
    const auto place = pathSegment(location);
    if (!project || !place)
        return failure(project ? place.error() : project.error());
    return "projects/" + *project + "/locations/" + *place + '/';
}

Result<QByteArray> urlOf(const store::ChannelRow &channel, const QByteArray &rest)
{
    const auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    const auto parent = parentOf(channel, *base);
    if (!parent)
        return failure(parent.error());
    return endpointUrl(*base, "v1", *parent + rest);
}

// "claude-…", or with its publisher before it, as Google writes it.
QByteArray modelOf(const QByteArray &model, const char *publisher)
{
    const QByteArray full = QByteArray("publishers/") + publisher + "/models/";
    return model.startsWith(full) ? model.sliced(full.size()) : model;
}

Result<QByteArray> callOf(const store::ChannelRow &channel, const QByteArray &model,
                          const char *publisher, const QByteArray &method)
{
    const auto name = pathSegment(modelOf(model, publisher));
    if (!name)
        return failure(name.error());
    return urlOf(channel,
                 QByteArray("publishers/") + publisher + "/models/" + *name + ':' + method);
}

// What a file is known by in memory: the exchange depends on nothing else.
QByteArray idOf(QByteArrayView file, const QByteArray &uri)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(file);
    hash.addData(uri);
    return hash.result();
}

// What its three kinds of models have in common: the key and where it is exchanged.
class VertexKind : public HttpProvider
{
public:
    explicit VertexKind(AccessTokens &tokens)
        : m_tokens(tokens)
    {
    }
    [[nodiscard]] QByteArray id() const override { return "vertex"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Google Vertex AI"); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override
    {
        return QByteArray("https://") + kGlobalHost;
    }
    [[nodiscard]] QByteArray baseUrlFor(QByteArrayView options) const override
    {
        return "https://" + hostFor(optionsOf(options).location);
    }
    [[nodiscard]] Result<QByteArray> modelsUrl(const store::ChannelRow &channel) const override;
    [[nodiscard]] Result<QByteArrayList> readModels(QByteArrayView body) const override;
    [[nodiscard]] std::unique_ptr<relay::Preparation>
    prepare(relay::Preparing preparing) const override;
    void refused(const routing::Channel &channel, const Secret *key) const override;

protected:
    [[nodiscard]] Result<QByteArray> credential(const routing::Channel &channel,
                                                QByteArrayView key) const override;
    [[nodiscard]] Header carrier(const QByteArray &key) const override
    {
        // An access token that somebody fetched with gcloud goes as one, too.
        if (key.startsWith("Bearer "))
            return {"authorization", key};
        if (key.startsWith("ya29."))
            return {"authorization", "Bearer " + key};
        return {"x-goog-api-key", key};
    }

private:
    AccessTokens &m_tokens;
};

// Google's own; the publishers of others would have to be asked one by one.
Result<QByteArray> VertexKind::modelsUrl(const store::ChannelRow &channel) const
{
    const auto base = parseBaseUrl(channel.baseUrl);
    if (!base)
        return failure(base.error());
    return base->origin + "/v1beta1/publishers/google/models?pageSize=300";
}

Result<QByteArrayList> VertexKind::readModels(QByteArrayView body) const
{
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree) {
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider's model list is not readable."), "bad_answer");
    }
    QByteArrayList names;
    for (const protocol::JsonValue model : tree->root()["publisherModels"]) {
        const QByteArray name = model["name"].string();
        if (const qsizetype slash = name.lastIndexOf('/'); slash + 1 < name.size())
            names << name.sliced(slash + 1);
    }
    return names;
}

std::unique_ptr<relay::Preparation> VertexKind::prepare(relay::Preparing preparing) const
{
    const store::ChannelRow &row = preparing.channel->row;
    const auto &keys = preparing.channel->keys;
    const auto own = std::find_if(keys.begin(), keys.end(), [&](const auto &key) {
        return key.secret.get() == preparing.key;
    });
    if (own == keys.end() || !own->secret || !isCredentialFile(own->secret->reveal()))
        return nullptr;
    const auto uri = tokenUri(own->secret->reveal(), optionsOf(row.options).tokenUri);
    if (!uri)
        return nullptr; // credential() says so
    const auto ask = [secret = own->secret, uri = *uri, proxy = row.proxy, local = row.local,
                      caFile = preparing.caFile](std::int64_t nowS) {
        constexpr int kConnectMs = 10'000;
        constexpr int kWholeMs = 20'000;
        constexpr std::int64_t kMost = 64 * 1024;
        auto request = tokenRequest(secret->reveal(), uri, nowS);
        if (request) {
            request->headers.set("user-agent", userAgent());
            request->proxy = proxy;
            request->local = local;
            request->caFile = caFile;
            request->timeouts = {kConnectMs, kWholeMs, kWholeMs, kWholeMs};
            request->bodyLimit = kMost;
        }
        return request;
    };
    return m_tokens.fetch(idOf(own->secret->reveal(), *uri), ask, *preparing.mailbox,
                          std::move(preparing.done));
}

void VertexKind::refused(const routing::Channel &channel, const Secret *key) const
{
    if (!key || !isCredentialFile(key->reveal()))
        return;
    if (const auto uri = tokenUri(key->reveal(), optionsOf(channel.row.options).tokenUri))
        m_tokens.forget(idOf(key->reveal(), *uri));
}

Result<QByteArray> VertexKind::credential(const routing::Channel &channel, QByteArrayView key) const
{
    if (!isCredentialFile(key))
        return HttpProvider::credential(channel, key);
    const Options options = optionsOf(channel.row.options);
    if (options.project.isEmpty()) {
        const QByteArray own = projectOf(key);
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("Channel \u201c%1\u201d does not say its project; set the "
                                      "option project=%2.")
                           .arg(channel.row.name,
                                own.isEmpty() ? QStringLiteral("PROJECT") : QString::fromUtf8(own)),
                       "no_project");
    }
    const auto uri = tokenUri(key, options.tokenUri);
    if (!uri)
        return failure(uri.error());
    const QByteArray token = m_tokens.held(idOf(key, *uri));
    if (token.isEmpty()) {
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("Channel \u201c%1\u201d holds no access token; try again.")
                           .arg(channel.row.name),
                       "no_access_token");
    }
    return "Bearer " + token;
}

class VertexGemini final : public VertexKind
{
public:
    using VertexKind::VertexKind;
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return dialect == Dialect::Gemini
            && (operation == Operation::Generate || operation == Operation::CountTokens);
    }
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &endpoint,
                                             const QByteArray &model) const override
    {
        const bool sse = endpoint.stream && endpoint.sse;
        return callOf(channel, model, kGoogle, endpoint.geminiMethod + (sse ? "?alt=sse" : ""));
    }
};

class VertexClaude final : public VertexKind
{
public:
    using VertexKind::VertexKind;
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return dialect == Dialect::Messages
            && (operation == Operation::Generate || operation == Operation::CountTokens);
    }
    [[nodiscard]] conversation::Target target(const QByteArray &model) const override
    {
        conversation::Target target = VertexKind::target(model);
        target.takesImageUrls = false;
        return target;
    }
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &endpoint,
                                             const QByteArray &model) const override
    {
        if (endpoint.operation == Operation::CountTokens)
            return callOf(channel, QByteArrayLiteral("count-tokens"), kAnthropic, "rawPredict");
        return callOf(channel, model, kAnthropic,
                      endpoint.stream ? "streamRawPredict" : "rawPredict");
    }

protected:
    [[nodiscard]] Result<QByteArray> bodyOf(const relay::Outgoing &outgoing) const override
    {
        const bool counts = outgoing.endpoint->operation == Operation::CountTokens;
        return vertexBody(outgoing.body, counts ? outgoing.model : QByteArray());
    }

private:
    // The members as they are but for the model, which the URL says unless tokens are counted, and
    // the version, which elsewhere is a header.
    static Result<QByteArray> vertexBody(const QByteArray &body, const QByteArray &model)
    {
        QByteArray out;
        out.reserve(body.size() + 64);
        out += R"({"anthropic_version":"vertex-2023-10-16")";
        if (!model.isEmpty()) {
            out += R"(,"model":)";
            appendJsonString(out, modelOf(model, kAnthropic));
        }
        protocol::JsonReader reader(body);
        reader.object([&](const protocol::JsonText &key) {
            if (key.is("model") || key.is("anthropic_version"))
                return;
            const qsizetype from = reader.position();
            reader.skip();
            out += ",\"";
            out += key.raw;
            out += "\":";
            out += QByteArrayView(body).sliced(from, reader.position() - from);
        });
        if (reader.failed())
            return failure(ErrorKind::InvalidRequest,
                           QStringLiteral("The request's body is not a JSON object."), "bad_json");
        return out + '}';
    }
};

// Open models as a service: "meta/llama-…", and Google's own by "google/gemini-…".
class VertexOpen final : public VertexKind
{
public:
    using VertexKind::VertexKind;
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return dialect == Dialect::Chat && operation == Operation::Generate;
    }
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &,
                                             const QByteArray &) const override
    {
        return urlOf(channel, "endpoints/openapi/chat/completions");
    }
};

// Which kind a model is, its name tells. What the channel speaks is what any of them does.
class Vertex final : public VertexKind
{
public:
    explicit Vertex(std::unique_ptr<AccessTokens> tokens)
        : VertexKind(*tokens)
        , m_tokens(std::move(tokens))
        , m_gemini(*m_tokens)
        , m_claude(*m_tokens)
        , m_open(*m_tokens)
    {
    }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        return m_gemini.speaks(operation, dialect) || m_claude.speaks(operation, dialect)
            || m_open.speaks(operation, dialect);
    }
    [[nodiscard]] const relay::Provider &forModel(const QByteArray &model) const override
    {
        return kind(model);
    }
    [[nodiscard]] conversation::Target target(const QByteArray &model) const override
    {
        return kind(model).target(model);
    }
    [[nodiscard]] Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                             const protocol::Endpoint &endpoint,
                                             const QByteArray &model) const override
    {
        return kind(model).callUrl(channel, endpoint, model);
    }

private:
    [[nodiscard]] const VertexKind &kind(const QByteArray &model) const
    {
        if (modelOf(model, kAnthropic).startsWith("claude"))
            return m_claude;
        if (modelOf(model, kGoogle).contains('/'))
            return m_open;
        return m_gemini;
    }

    const std::unique_ptr<AccessTokens> m_tokens;
    const VertexGemini m_gemini;
    const VertexClaude m_claude;
    const VertexOpen m_open;
};

} // namespace

std::unique_ptr<relay::Provider> makeVertex(const Clock &clock)
{
    return std::make_unique<Vertex>(std::make_unique<AccessTokens>(clock));
}

} // namespace tollgate::providers
