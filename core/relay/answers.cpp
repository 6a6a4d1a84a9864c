// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/answers.h"

#include "core/ledger/modelfacts.h"
#include "core/protocol/errors.h"
#include "core/protocol/jsontree.h"
#include "core/protocol/models.h"

namespace tollgate::relay {
namespace {

const routing::Channel *firstThatServes(const Snapshot &snapshot, const QByteArray &model)
{
    for (const auto &channel : snapshot.channels->channels) {
        if (channel->row.enabled && channel->serves(model))
            return channel.get();
    }
    return nullptr;
}

std::vector<protocol::ModelInfo> modelsFor(const Snapshot &snapshot, const store::TokenRow &token)
{
    std::vector<protocol::ModelInfo> models;
    for (const QByteArray &id : snapshot.channels->models()) {
        if (id.endsWith('*') || !access::modelAllowed(token, id))
            continue;
        protocol::ModelInfo info;
        info.id = id;
        info.owner = "tollgate";
        if (const routing::Channel *channel = firstThatServes(snapshot, id)) {
            info.owner = channel->row.provider;
            info.createdS = channel->row.createdUs / 1'000'000;
        }
        models.push_back(std::move(info));
    }
    return models;
}

// What Ollama's clients choose by. Where the catalogue does not know the model, the usual: a plugin
// hides models without "tools".
void addFacts(protocol::ModelInfo &model, const Snapshot &snapshot)
{
    const routing::Channel *const channel = firstThatServes(snapshot, model.id);
    const QByteArray name = channel ? channel->vendorModel(model.id) : model.id;
    const ledger::CatalogueEntry *const known = ledger::modelFacts(model.owner, name);
    if (known && known->kind == ledger::ModelKind::Embedding) {
        model.capabilities = {"embedding"};
    } else {
        const std::uint32_t can = known ? known->capabilities : ledger::Tools | ledger::ImageInput;
        model.capabilities = {"completion"};
        if (can & ledger::Tools)
            model.capabilities.append("tools");
        if (can & ledger::ImageInput)
            model.capabilities.append("vision");
        if (can & ledger::Reasoning)
            model.capabilities.append("thinking");
    }
    if (known)
        model.contextTokens = known->contextTokens;
}

// Older clients say "name".
QByteArray modelShown(QByteArrayView body)
{
    constexpr qsizetype kMost = 64 * 1024; // a name, and options that nobody here looks at
    if (body.size() > kMost)
        return {};
    const auto tree = protocol::JsonTree::parse(body);
    if (!tree)
        return {};
    const QByteArray model = tree->root()["model"].string();
    return model.isEmpty() ? tree->root()["name"].string() : model;
}

} // namespace

http::Response errorResponse(protocol::Dialect dialect, const Error &error,
                             const QByteArray &requestId)
{
    http::Response response;
    response.status = error.status();
    response.headers.append("content-type", "application/json");
    response.headers.append("x-request-id", requestId);
    if (dialect == protocol::Dialect::Messages)
        response.headers.append("request-id", requestId); // where Anthropic's SDKs look for it
    if (error.retryAfterSeconds >= 0)
        response.headers.append("retry-after", QByteArray::number(error.retryAfterSeconds));
    if (!error.allow.isEmpty())
        response.headers.append("allow", error.allow);
    if (error.kind == ErrorKind::Unauthenticated)
        response.headers.append("www-authenticate", "Bearer");
    if (error.kind == ErrorKind::UpgradeRefused) {
        response.headers.append("upgrade", "HTTP/1.1");
        response.headers.append("connection", "upgrade");
    }
    response.body = protocol::errorBody(dialect, error, requestId);
    return response;
}

http::Response jsonResponse(QByteArray body, const QByteArray &requestId)
{
    http::Response response;
    response.headers.append("content-type", "application/json");
    response.headers.append("x-request-id", requestId);
    response.body = std::move(body);
    return response;
}

Result<QByteArray> modelsAnswer(const protocol::Endpoint &endpoint, QByteArrayView body,
                                const Snapshot &snapshot, const store::TokenRow &token)
{
    using protocol::Operation;
    if (endpoint.operation == Operation::Version)
        return protocol::ollamaVersion();
    if (endpoint.operation == Operation::ListRunning)
        return protocol::runningModels();
    std::vector<protocol::ModelInfo> models = modelsFor(snapshot, token);
    if (endpoint.operation == Operation::ListModels)
        return protocol::modelList(endpoint.dialect, models);
    const bool shown = endpoint.operation == Operation::ShowModel;
    const QByteArray asked = shown ? modelShown(body) : endpoint.model;
    for (protocol::ModelInfo &model : models) {
        if (model.id != asked)
            continue;
        if (shown)
            addFacts(model, snapshot);
        return protocol::modelObject(endpoint.dialect, model);
    }
    return failure(
        ErrorKind::NotFound,
        QStringLiteral("No enabled channel serves the model \u201c%1\u201d for this token.")
            .arg(QString::fromUtf8(asked)),
        "model_not_found");
}

} // namespace tollgate::relay
