// SPDX-License-Identifier: GPL-3.0-or-later
// What all vendors reached over HTTP have in common: the key goes only where it is bound to, the
// client's fields pass by an allow-list, the channel's own fields come after, the key last.
#pragma once

#include "core/relay/provider.h"

namespace tollgate::providers {

class HttpProvider : public relay::Provider
{
public:
    // The URL that a call of this kind goes to. Needs no key.
    [[nodiscard]] virtual Result<QByteArray> callUrl(const store::ChannelRow &channel,
                                                     const protocol::Endpoint &endpoint,
                                                     const QByteArray &model) const
        = 0;
    [[nodiscard]] virtual Result<QByteArray> modelsUrl(const store::ChannelRow &channel) const = 0;

    [[nodiscard]] Result<upstream::Request> request(const relay::Outgoing &outgoing) const final;
    [[nodiscard]] Result<upstream::Request> modelsRequest(const routing::Channel &channel,
                                                          const Secret *key) const final;
    [[nodiscard]] Result<QByteArrayList> readModels(QByteArrayView body) const override;

protected:
    // What is sent of the channel's key: by default all of it, checked.
    [[nodiscard]] virtual Result<QByteArray> credential(const routing::Channel &channel,
                                                        QByteArrayView key) const;
    [[nodiscard]] virtual Result<QByteArray> bodyOf(const relay::Outgoing &outgoing) const
    {
        return outgoing.body;
    }
    // The field that carries the key.
    [[nodiscard]] virtual Header carrier(const QByteArray &key) const = 0;
    // Puts the key into a request that is complete but for it: by default, its carrier.
    [[nodiscard]] virtual Result<void> authorize(upstream::Request &request,
                                                 const store::ChannelRow &channel,
                                                 const QByteArray &key) const;
    // Fields that this vendor wants besides. `key` is empty where the channel has none.
    [[nodiscard]] virtual Headers ownFields(const Headers &client, const QByteArray &key) const;

private:
    [[nodiscard]] Result<QByteArray> keyFor(const routing::Channel &channel, const Secret *key,
                                            QByteArrayView url) const;
    [[nodiscard]] Result<void> finish(upstream::Request &request, const store::ChannelRow &channel,
                                      const Headers &client, const QByteArray &key) const;
};

[[nodiscard]] QByteArray userAgent();

} // namespace tollgate::providers
