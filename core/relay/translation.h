// SPDX-License-Identifier: GPL-3.0-or-later
// One attempt in a dialect that is not the client's: the request on its way out, the answer on its
// way back. Internal to this room.
#pragma once

#include "core/conversation/codec.h"
#include "core/protocol/endpoint.h"
#include "core/relay/provider.h"
#include "core/relay/translator.h"
#include "core/store/rows.h"

#include <memory>
#include <optional>

namespace tollgate::relay {

// The dialect in which this provider is asked for what a client wants: the one that the channel
// insists on, else the client's own where the provider speaks it, else the best of those it speaks.
// nullopt: it cannot be asked.
[[nodiscard]] std::optional<protocol::Dialect> dialectFor(const Provider &provider,
                                                          const store::ChannelRow &channel,
                                                          protocol::Operation operation,
                                                          protocol::Dialect client);

// Of a channel's options, {"think_tags": "on"}: whether its models think aloud in <think> tags,
// where it says so.
[[nodiscard]] std::optional<bool> thinksInTags(const store::ChannelRow &channel);

// The client's request in canonical form.
[[nodiscard]] Result<std::shared_ptr<const conversation::Request>>
readConversation(const protocol::Endpoint &client, QByteArrayView body, const QByteArray &model,
                 bool stream);

class Translation final : public Translator
{
public:
    Translation(const protocol::Endpoint &client, protocol::Dialect vendor,
                std::shared_ptr<const conversation::Request> request, conversation::Target target,
                const QByteArray &requestId, std::int64_t nowS);

    [[nodiscard]] const protocol::Endpoint &endpoint() const override { return m_endpoint; }
    [[nodiscard]] Result<QByteArray> requestBody(std::optional<std::int64_t> maxOutput) override;
    [[nodiscard]] const conversation::Dropped &dropped() const override { return m_dropped; }
    [[nodiscard]] Result<Whole> answer(QByteArrayView body) const override;
    [[nodiscard]] std::unique_ptr<AnswerStream> stream() const override;

private:
    [[nodiscard]] conversation::AnswerContext context() const;
    [[nodiscard]] Result<conversation::EncodedRequest>
    encoded(std::optional<std::int64_t> maxOutput, bool thoughtless) const;
    [[nodiscard]] bool needsStream(QByteArrayView body) const;
    [[nodiscard]] conversation::Untold untoldIn(const conversation::AnswerContext &context) const;
    [[nodiscard]] bool cutsAtStops() const;

    const conversation::Codec *m_client;
    const conversation::Codec *m_vendor;
    protocol::Endpoint m_clientEndpoint;
    protocol::Endpoint m_endpoint;
    std::shared_ptr<const conversation::Request> m_request;
    conversation::Target m_target;
    QByteArray m_requestId;
    std::int64_t m_nowS;
    conversation::Dropped m_dropped;
    QByteArray m_body; // as last asked for
    bool m_folds = false; // asked for as a stream, told whole
};

} // namespace tollgate::relay
