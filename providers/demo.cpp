// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/demo.h"

#include "core/base/clock.h"
#include "core/base/random.h"
#include "core/protocol/models.h"
#include "providers/demoanswer.h"
#include "providers/demoexchange.h"
#include "providers/modelnames.h"

#include <algorithm>

namespace tollgate::providers {
namespace {

using protocol::Dialect;
using protocol::Operation;

constexpr char kScheme[] = "demo:"; // what follows is the path and query of the endpoint
constexpr int kPaceMs = 4;
constexpr int kLongestMs = 2'000; // for a whole answer, however long
constexpr std::int64_t kUsPerS = 1'000'000;

class Demo final : public relay::Provider
{
public:
    [[nodiscard]] QByteArray id() const override { return "demo"; }
    [[nodiscard]] QString name() const override { return QStringLiteral("Demo"); }
    [[nodiscard]] QByteArray defaultBaseUrl() const override { return {}; }
    [[nodiscard]] bool needsKey() const override { return false; }
    [[nodiscard]] bool speaks(Operation operation, Dialect dialect) const override
    {
        if (operation == Operation::CountTokens)
            return dialect == Dialect::Messages || dialect == Dialect::Gemini;
        return operation == Operation::Generate && dialect != Dialect::Embeddings;
    }
    [[nodiscard]] Result<upstream::Request> request(const relay::Outgoing &outgoing) const override;
    [[nodiscard]] Result<upstream::Request> modelsRequest(const routing::Channel &channel,
                                                          const Secret *key) const override;
    [[nodiscard]] Result<QByteArrayList> readModels(QByteArrayView body) const override
    {
        return readModelNames(body);
    }
    [[nodiscard]] std::unique_ptr<upstream::Exchange>
    open(upstream::Client &client, upstream::Request request) const override;
};

QByteArray pathOf(const protocol::Endpoint &endpoint)
{
    switch (endpoint.dialect) {
    case Dialect::Completions:
        return "/v1/completions";
    case Dialect::Responses:
        return "/v1/responses";
    case Dialect::Messages:
        return endpoint.operation == Operation::CountTokens ? "/v1/messages/count_tokens"
                                                            : "/v1/messages";
    case Dialect::Gemini:
        return "/v1beta/models/demo:" + endpoint.geminiMethod
            + (endpoint.stream && endpoint.sse ? "?alt=sse" : "");
    default:
        return "/v1/chat/completions";
    }
}

Result<upstream::Request> Demo::request(const relay::Outgoing &outgoing) const
{
    upstream::Request request;
    request.url = kScheme + pathOf(*outgoing.endpoint);
    request.headers.append("accept", outgoing.stream ? "text/event-stream" : "application/json");
    request.body = outgoing.body;
    return request;
}

Result<upstream::Request> Demo::modelsRequest(const routing::Channel &, const Secret *) const
{
    upstream::Request request;
    request.method = "GET";
    request.url = QByteArray(kScheme) + "/v1/models";
    return request;
}

upstream::Head headOf(int status, bool stream)
{
    return {status, {{"content-type", stream ? "text/event-stream" : "application/json"}}};
}

std::unique_ptr<upstream::Exchange> Demo::open(upstream::Client &, upstream::Request request) const
{
    const QByteArray target = request.url.mid(qsizetype(sizeof kScheme) - 1);
    const qsizetype mark = target.indexOf('?');
    const auto endpoint
        = protocol::findEndpoint(request.method, target.left(mark < 0 ? target.size() : mark),
                                 mark < 0 ? QByteArray() : target.mid(mark + 1), false);
    const std::int64_t nowS = Clock::system().wallUs() / kUsPerS;
    std::vector<QByteArray> pieces;
    if (!endpoint)
        return std::make_unique<DemoExchange>(headOf(404, false), pieces, 0);
    if (endpoint->operation == Operation::ListModels) {
        pieces.push_back(protocol::modelList(Dialect::Chat, {{"demo/echo", "tollgate", nowS}}));
        return std::make_unique<DemoExchange>(headOf(200, false), std::move(pieces), 0);
    }
    const DemoAnswer answer = echo(*endpoint, request.body, randomId(""), nowS);
    const bool stream = request.headers.value("accept") == "text/event-stream";
    if (!stream) {
        pieces.push_back(demoBody(*endpoint, answer));
        return std::make_unique<DemoExchange>(headOf(200, false), std::move(pieces), 0);
    }
    pieces = demoEvents(*endpoint, answer);
    const int pace = std::min(kPaceMs, kLongestMs / std::max(1, int(pieces.size())));
    return std::make_unique<DemoExchange>(headOf(200, endpoint->sse), std::move(pieces), pace);
}

} // namespace

std::unique_ptr<relay::Provider> makeDemo()
{
    return std::make_unique<Demo>();
}

} // namespace tollgate::providers
