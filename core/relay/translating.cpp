// SPDX-License-Identifier: GPL-3.0-or-later
// Puts a request into the dialect of the provider that it is about to go to.
#include "core/relay/call.h"
#include "core/relay/folding.h"
#include "core/relay/modelfit.h"
#include "core/relay/relay.h"

namespace tollgate::relay {

// Where the provider speaks another dialect than the client, the request is put into that one.
Result<void> Relay::translate(Call &call, Attempt &attempt) const
{
    if (!attempt.provider)
        return {};
    if (call.endpoint.operation == protocol::Operation::Embed
        || call.endpoint.operation == protocol::Operation::Rerank)
        return translateBesides(call, attempt);
    const auto dialect = dialectFor(*attempt.provider, attempt.candidate->channel->row,
                                    call.endpoint.operation, call.endpoint.dialect);
    if (!dialect)
        return {};
    // Nobody but the codec reads Ollama's lines, on their way to its own clients too.
    if (*dialect == call.endpoint.dialect && *dialect != protocol::Dialect::Ollama) {
        attempt.translation = foldingFor(call, attempt);
        return {};
    }
    if (!call.conversation) {
        auto read
            = readConversation(call.endpoint, call.request.body, call.row.model, call.peek.stream);
        if (!read)
            return failure(read.error());
        call.conversation = std::move(*read);
    }
    conversation::Target target = attempt.provider->target(attempt.row.model);
    const ledger::Price *price = call.snapshot->prices->find(
        attempt.candidate->channel->row.provider, attempt.row.model, attempt.row.startedUs);
    target.thinkTags = thinksInTags(attempt.candidate->channel->row).value_or(target.thinkTags);
    if (price && target.maxOutputTokens == 0)
        target.maxOutputTokens = price->maxOutputTokens;
    fitToModel(target,
               ledger::modelTraits(attempt.candidate->channel->row.provider, attempt.row.model),
               call.conversation->reasoning);
    std::shared_ptr<const conversation::Request> request = call.conversation;
    if (call.snapshot->settings.media.fetch)
        attempt.media = urlsToFetch(*request, *dialect, target);
    if (!attempt.media.empty()) {
        if (!call.media.missing(attempt.media).empty())
            return {}; // they are fetched first
        auto whole = call.media.inlined(*request, attempt.media);
        if (!whole)
            return failure(whole.error());
        request = std::move(*whole);
    }
    attempt.translation = std::make_unique<Translation>(call.endpoint, *dialect, std::move(request),
                                                        std::move(target), call.row.id,
                                                        call.row.startedUs / 1'000'000);
    const Result<QByteArray> body = attempt.translation->requestBody({});
    if (!body)
        return failure(body.error());
    attempt.row.reason += ", asked in " + protocol::dialectName(*dialect);
    if (!attempt.media.empty())
        attempt.row.reason += ", with " + describeFetched(attempt.media);
    if (const conversation::Dropped &dropped = attempt.translation->dropped(); !dropped.empty())
        attempt.row.reason += ", without " + dropped.header();
    return {};
}

} // namespace tollgate::relay
