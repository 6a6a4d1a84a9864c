// SPDX-License-Identifier: GPL-3.0-or-later
// A ranking asked for in one vendor's way and given in another's. Internal to this room.
#pragma once

#include "core/codecs/rerank/rerank.h"
#include "core/relay/translator.h"

namespace tollgate::relay {

// The dialect in which a vendor with this shape is asked: Cohere's second version has a path of its
// own, the others share one.
[[nodiscard]] protocol::Dialect rerankDialect(codecs::rerank::Shape shape);

// Whether this body must be put into the vendor's own words.
[[nodiscard]] bool mustTranslate(const protocol::Endpoint &client, QByteArrayView body,
                                 codecs::rerank::Shape vendor);

class RerankTranslation final : public Translator
{
public:
    // `model`: the vendor's name of it. InvalidRequest where the body cannot be carried.
    [[nodiscard]] static Result<std::unique_ptr<RerankTranslation>>
    make(const protocol::Endpoint &client, QByteArrayView body, const QByteArray &clientModel,
         codecs::rerank::Shape vendor, const QByteArray &model);

    [[nodiscard]] const protocol::Endpoint &endpoint() const override { return m_endpoint; }
    [[nodiscard]] Result<QByteArray> requestBody(std::optional<std::int64_t> maxOutput) override;
    [[nodiscard]] const conversation::Dropped &dropped() const override { return m_dropped; }
    [[nodiscard]] Result<Whole> answer(QByteArrayView body) const override;
    // Nobody streams a ranking.
    [[nodiscard]] std::unique_ptr<AnswerStream> stream() const override { return nullptr; }

private:
    RerankTranslation() = default;

    codecs::rerank::Shape m_client{};
    codecs::rerank::Shape m_vendor{};
    codecs::rerank::RerankRequest m_request;
    QByteArray m_clientModel;
    protocol::Endpoint m_endpoint;
    conversation::Dropped m_dropped;
};

} // namespace tollgate::relay
