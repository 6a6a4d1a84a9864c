// SPDX-License-Identifier: GPL-3.0-or-later
// Embeddings asked for in one vendor's way and given in another's. Internal to this room.
#pragma once

#include "core/codecs/embeddings/embeddings.h"
#include "core/relay/translator.h"

namespace tollgate::relay {

// The dialect in which a vendor with this shape is asked.
[[nodiscard]] protocol::Dialect embedDialect(codecs::embeddings::Shape shape);

// Whether this body must be put into the vendor's own words. OpenAI's path is shared by vendors
// whose members differ: what they all have in common goes on as it is.
[[nodiscard]] bool mustTranslate(const protocol::Endpoint &client, QByteArrayView body,
                                 codecs::embeddings::Shape vendor);

class EmbedTranslation final : public Translator
{
public:
    // `model`: the vendor's name of it. InvalidRequest where the body cannot be carried.
    [[nodiscard]] static Result<std::unique_ptr<EmbedTranslation>>
    make(const protocol::Endpoint &client, QByteArrayView body, const QByteArray &clientModel,
         codecs::embeddings::Shape vendor, const QByteArray &model);

    [[nodiscard]] const protocol::Endpoint &endpoint() const override { return m_endpoint; }
    [[nodiscard]] Result<QByteArray> requestBody(std::optional<std::int64_t> maxOutput) override;
    [[nodiscard]] const conversation::Dropped &dropped() const override { return m_dropped; }
    [[nodiscard]] Result<Whole> answer(QByteArrayView body) const override;
    // Nobody streams vectors: no request of this kind asks for it.
    [[nodiscard]] std::unique_ptr<AnswerStream> stream() const override { return nullptr; }

private:
    EmbedTranslation() = default;

    codecs::embeddings::Shape m_client{};
    codecs::embeddings::Shape m_vendor{};
    codecs::embeddings::EmbedRequest m_request;
    QByteArray m_clientModel;
    protocol::Endpoint m_endpoint;
    conversation::Dropped m_dropped;
};

} // namespace tollgate::relay
