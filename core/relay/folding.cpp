// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/folding.h"

#include "core/codecs/codecs.h"
#include "core/relay/call.h"
#include "core/relay/eventfacts.h"
#include "core/relay/framing.h"

namespace tollgate::relay {

bool mustStream(const conversation::Target &target, std::optional<std::int64_t> maxOutput)
{
    return target.answersStreamsOnly
        || (target.longestWhole > 0 && maxOutput.value_or(0) > target.longestWhole);
}

Result<conversation::Response> foldStream(const conversation::Codec &vendor, QByteArrayView bytes)
{
    Framing framing(vendor.dialect());
    const auto reader = vendor.streamDecoder();
    conversation::Folder folder(vendor.dialect());
    conversation::StreamEvents events;
    const auto take = [&] {
        for (const conversation::StreamEvent &event : events)
            folder.add(event);
        events.clear();
        return !folder.failed() && !folder.ended();
    };
    framing.append(bytes);
    bool open = true;
    while (open) {
        const auto frame = framing.next();
        if (!frame)
            return failure(frame.error());
        if (!*frame)
            break;
        reader->read((*frame)->type, (*frame)->data, events);
        open = take();
    }
    if (const auto frame = open ? framing.last() : std::nullopt) {
        reader->read(frame->type, frame->data, events);
        open = take();
    }
    if (open) {
        reader->finish(events);
        take();
    }
    if (folder.failed())
        return failure(*folder.failed());
    if (!folder.ended())
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider's stream ended before its answer did."),
                       "truncated");
    return folder.take();
}

Folding::Folding(Asked asked, QByteArray model, conversation::Request request,
                 conversation::AnswerContext context)
    : m_asked(std::move(asked))
    , m_model(std::move(model))
    , m_codec(codecs::codecOf(m_asked.endpoint))
    , m_request(std::move(request))
    , m_context(std::move(context))
    , m_endpoint(m_asked.endpoint)
{
    m_context.request = &m_request;
    m_endpoint.stream = true;
}

Result<QByteArray> Folding::requestBody(std::optional<std::int64_t> maxOutput)
{
    protocol::Edits edits;
    edits.stream = true;
    edits.model = m_model;
    edits.addIncludeUsage = m_asked.takesIncludeUsage;
    edits.maxOutput = maxOutput;
    edits.maxOutputName = m_asked.maxOutputName;
    return protocol::applyEdits(m_asked.body, m_endpoint, m_asked.peek, edits);
}

Result<Translator::Whole> Folding::answer(QByteArrayView body) const
{
    const Result<conversation::Response> response = foldStream(*m_codec, body);
    if (!response)
        return failure(response.error());
    return Whole{m_codec->encodeResponse(*response, m_context), factsOf(*response), {}};
}

std::unique_ptr<Translator> foldingFor(const Call &call, Attempt &attempt)
{
    using protocol::Dialect;
    const protocol::Endpoint &endpoint = call.endpoint;
    const bool saysStream = endpoint.dialect == Dialect::Chat
        || endpoint.dialect == Dialect::Responses || endpoint.dialect == Dialect::Messages;
    if (endpoint.operation != protocol::Operation::Generate || call.peek.stream || !saysStream
        || !mustStream(attempt.provider->target(attempt.row.model), call.peek.maxOutput))
        return nullptr;
    auto request = codecs::codecOf(endpoint)->decodeRequest(call.request.body);
    if (!request)
        return nullptr; // the vendor says what it thinks of it
    // All that the vendor tells is for a client of its own dialect.
    request->reasoning.mode = conversation::ReasoningSpec::Mode::On;
    request->reasoning.show = conversation::ReasoningSpec::Show::Full;
    conversation::AnswerContext context;
    context.requestId = call.row.id;
    context.nowS = call.row.startedUs / 1'000'000;
    attempt.row.reason += ", asked as a stream";
    return std::make_unique<Folding>(
        Folding::Asked{endpoint, call.peek, call.request.body,
                       attempt.provider->takesIncludeUsage(),
                       attempt.provider->maxOutputName(endpoint.dialect)},
        attempt.row.model, std::move(*request), std::move(context));
}

} // namespace tollgate::relay
