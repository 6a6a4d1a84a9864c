// SPDX-License-Identifier: GPL-3.0-or-later
// What the relay asks of a vendor. Implemented under providers/, one small file each; the relay
// knows this interface and no vendor.
#pragma once

#include "core/base/mailbox.h"
#include "core/codecs/embeddings/embeddings.h"
#include "core/codecs/rerank/rerank.h"
#include "core/conversation/codec.h"
#include "core/protocol/endpoint.h"
#include "core/protocol/peek.h"
#include "core/routing/routing.h"
#include "core/upstream/client.h"

#include <functional>
#include <memory>
#include <vector>

namespace tollgate::relay {

// One request on its way to one channel key.
struct Outgoing
{
    QByteArray method = "POST";
    const protocol::Endpoint *endpoint = nullptr;
    const routing::Channel *channel = nullptr;
    const Secret *key = nullptr; // nullptr where the vendor needs none
    QByteArray model; // the vendor's name
    QByteArray body; // edits applied
    const Headers *clientHeaders = nullptr;
    bool stream = false;
};

// What a request has to wait for before it can be made: a fetched access token, say. Destroyed, it
// tells nothing more.
class Preparation
{
public:
    Preparation() = default;
    virtual ~Preparation() = default;
    Preparation(const Preparation &) = delete;
    Preparation &operator=(const Preparation &) = delete;
};

struct Preparing
{
    const routing::Channel *channel = nullptr;
    const Secret *key = nullptr;
    QByteArray caFile; // as in upstream::Request
    Mailbox *mailbox = nullptr;
    std::function<void(Result<void>)> done; // called once, through the mailbox
};

class Provider
{
public:
    Provider() = default;
    virtual ~Provider() = default;
    Provider(const Provider &) = delete;
    Provider &operator=(const Provider &) = delete;

    [[nodiscard]] virtual QByteArray id() const = 0;
    [[nodiscard]] virtual QString name() const = 0;
    [[nodiscard]] virtual QByteArray defaultBaseUrl() const = 0;
    // Where the channel's options decide it.
    [[nodiscard]] virtual QByteArray baseUrlFor(QByteArrayView) const { return defaultBaseUrl(); }
    [[nodiscard]] virtual bool needsKey() const { return true; }
    // This vendor as it is for one model: some resell what others make, each in its own dialect.
    [[nodiscard]] virtual const Provider &forModel(const QByteArray &) const { return *this; }
    [[nodiscard]] virtual bool speaks(protocol::Operation operation,
                                      protocol::Dialect dialect) const
        = 0;
    // The dialects that this vendor generates in, the best for translations first: where a client's
    // own is not among them, its request is translated into the first.
    [[nodiscard]] virtual std::vector<protocol::Dialect> generates() const;
    // How embeddings are asked for, where they are.
    [[nodiscard]] virtual std::optional<codecs::embeddings::Shape> embedShape() const;
    // How rankings are asked for, where they are.
    [[nodiscard]] virtual std::optional<codecs::rerank::Shape> rerankShape() const;
    // What a model takes, as far as a translation must know.
    [[nodiscard]] virtual conversation::Target target(const QByteArray &model) const
    {
        conversation::Target target;
        target.model = model;
        return target;
    }
    // Whether stream_options.include_usage may be added to a stream that lacks it.
    [[nodiscard]] virtual bool takesIncludeUsage() const { return true; }
    // The member to insert where the client set no output limit and its budget needs one; empty:
    // the dialect's usual name.
    [[nodiscard]] virtual QByteArray maxOutputName(protocol::Dialect) const { return {}; }
    // Fetches what request() needs beside the key. nullptr: it is there, as with most vendors
    // always, and nobody is told. Never blocks. Thread-safe.
    [[nodiscard]] virtual std::unique_ptr<Preparation> prepare(Preparing) const { return nullptr; }
    // The vendor answered 401 to what was fetched.
    virtual void refused(const routing::Channel &, const Secret *) const { }
    // What a request costs in a batch, in percent of its usual price; 0: not known.
    [[nodiscard]] virtual int batchPercent() const { return 0; }
    // URL, authentication and the client headers that this vendor may see. Thread-safe.
    [[nodiscard]] virtual Result<upstream::Request> request(const Outgoing &outgoing) const = 0;
    // A request for the vendor's model list, and how to read it.
    [[nodiscard]] virtual Result<upstream::Request> modelsRequest(const routing::Channel &channel,
                                                                  const Secret *key) const
        = 0;
    [[nodiscard]] virtual Result<QByteArrayList> readModels(QByteArrayView body) const = 0;
    // Most vendors are reached through the client; the demo answers by itself.
    [[nodiscard]] virtual std::unique_ptr<upstream::Exchange> open(upstream::Client &client,
                                                                   upstream::Request request) const
    {
        return client.start(std::move(request));
    }
};

// Every vendor, by id. Immutable after start.
class Providers
{
public:
    void add(std::unique_ptr<Provider> provider);
    [[nodiscard]] const Provider *find(QByteArrayView id) const;
    [[nodiscard]] const std::vector<std::unique_ptr<Provider>> &all() const { return m_all; }

private:
    std::vector<std::unique_ptr<Provider>> m_all;
};

} // namespace tollgate::relay
