// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/provider.h"

namespace tollgate::relay {

std::vector<protocol::Dialect> Provider::generates() const
{
    using protocol::Dialect;
    std::vector<Dialect> spoken;
    for (const Dialect dialect : {Dialect::Messages, Dialect::Gemini, Dialect::Converse,
                                  Dialect::Cohere, Dialect::Chat, Dialect::Responses}) {
        if (speaks(protocol::Operation::Generate, dialect))
            spoken.push_back(dialect);
    }
    return spoken;
}

std::optional<codecs::embeddings::Shape> Provider::embedShape() const
{
    using codecs::embeddings::Shape;
    using protocol::Dialect;
    if (speaks(protocol::Operation::Embed, Dialect::Embeddings))
        return Shape::OpenAi;
    if (speaks(protocol::Operation::Embed, Dialect::Gemini))
        return Shape::Gemini;
    if (speaks(protocol::Operation::Embed, Dialect::Cohere))
        return Shape::Cohere;
    return std::nullopt;
}

std::optional<codecs::rerank::Shape> Provider::rerankShape() const
{
    using codecs::rerank::Shape;
    using protocol::Dialect;
    if (speaks(protocol::Operation::Rerank, Dialect::Chat))
        return Shape::Jina;
    if (speaks(protocol::Operation::Rerank, Dialect::Cohere))
        return Shape::Cohere;
    return std::nullopt;
}

void Providers::add(std::unique_ptr<Provider> provider)
{
    m_all.push_back(std::move(provider));
}

const Provider *Providers::find(QByteArrayView id) const
{
    for (const auto &provider : m_all) {
        if (provider->id() == id)
            return provider.get();
    }
    return nullptr;
}

} // namespace tollgate::relay
