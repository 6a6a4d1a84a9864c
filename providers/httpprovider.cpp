// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/httpprovider.h"

#include "core/protocol/headerpolicy.h"
#include "providers/baseurl.h"
#include "providers/modelnames.h"

#include <algorithm>

namespace tollgate::providers {
namespace {

Error unusableKey(const routing::Channel &channel, const char *why)
{
    Error error;
    error.kind = ErrorKind::Unavailable;
    error.message = QStringLiteral("Channel \u201c%1\u201d %2; set its key again.")
                        .arg(channel.row.name, QLatin1String(why));
    error.code = "provider_key";
    return error;
}

// Forbidden unless the key is bound to the origin of `url`.
Result<void> checkBinding(const routing::Channel &channel, const Secret *key, QByteArrayView url)
{
    const auto found
        = std::find_if(channel.keys.begin(), channel.keys.end(),
                       [&](const routing::ChannelKey &own) { return own.secret.get() == key; });
    const QByteArray bound
        = found == channel.keys.end() ? QByteArray() : originOf(found->row.boundTo);
    const QByteArray wanted = originOf(url);
    if (!bound.isEmpty() && bound == wanted)
        return {};
    return failure(
        ErrorKind::Forbidden,
        bound.isEmpty()
            ? QStringLiteral("The key of channel \u201c%1\u201d is bound to no server; "
                             "set it again.")
                  .arg(channel.row.name)
            : QStringLiteral("The key of channel \u201c%1\u201d is bound to %2 and is not "
                             "sent to %3; set it again.")
                  .arg(channel.row.name, QString::fromUtf8(bound), QString::fromUtf8(wanted)),
        "key_bound_elsewhere");
}

// Sound and transcripts come in many types.
QByteArray acceptOf(const protocol::Endpoint &endpoint, bool stream)
{
    using protocol::Operation;
    if (endpoint.operation == Operation::Kept || endpoint.operation == Operation::Speak
        || endpoint.operation == Operation::Transcribe)
        return "*/*";
    return stream && endpoint.sse ? "text/event-stream" : "application/json";
}

} // namespace

QByteArray userAgent()
{
    return QByteArrayLiteral("Tollgate/" TOLLGATE_VERSION);
}

Headers HttpProvider::ownFields(const Headers &, const QByteArray &) const
{
    return {};
}

Result<QByteArrayList> HttpProvider::readModels(QByteArrayView body) const
{
    return readModelNames(body);
}

// The key's text, checked; empty where there is none and none is needed.
Result<QByteArray> HttpProvider::keyFor(const routing::Channel &channel, const Secret *key,
                                        QByteArrayView url) const
{
    if (!key || key->isEmpty()) {
        if (needsKey())
            return failure(unusableKey(channel, "has no key"));
        return QByteArray();
    }
    if (const auto bound = checkBinding(channel, key, url); !bound)
        return failure(bound.error());
    return credential(channel, key->reveal().trimmed());
}

Result<QByteArray> HttpProvider::credential(const routing::Channel &channel,
                                            QByteArrayView key) const
{
    const bool sendable = !key.isEmpty()
        && std::all_of(key.begin(), key.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!sendable)
        return failure(unusableKey(channel, "has a key that no header can carry"));
    return key.toByteArray();
}

Result<void> HttpProvider::authorize(upstream::Request &request, const store::ChannelRow &,
                                     const QByteArray &key) const
{
    Header field = carrier(key);
    request.headers.set(std::move(field.name), std::move(field.value));
    return {};
}

Result<void> HttpProvider::finish(upstream::Request &request, const store::ChannelRow &channel,
                                  const Headers &client, const QByteArray &key) const
{
    for (const Header &field : ownFields(client, key))
        request.headers.set(field.name, field.value);
    for (const Header &extra : channel.headers) {
        if (protocol::isAllowedExtra(extra.name) && isHeaderValue(extra.value))
            request.headers.set(extra.name, extra.value);
    }
    return key.isEmpty() ? Result<void>() : authorize(request, channel, key);
}

Result<upstream::Request> HttpProvider::request(const relay::Outgoing &outgoing) const
{
    const routing::Channel &channel = *outgoing.channel;
    protocol::Endpoint asked = *outgoing.endpoint;
    asked.stream = asked.stream || outgoing.stream; // most clients ask for one in the body
    auto url = callUrl(channel.row, asked, outgoing.model);
    if (!url)
        return failure(std::move(url.error()));
    auto key = keyFor(channel, outgoing.key, *url);
    if (!key)
        return failure(std::move(key.error()));

    auto body = bodyOf(outgoing);
    if (!body)
        return failure(std::move(body.error()));

    upstream::Request request;
    request.method = outgoing.method;
    request.url = std::move(*url);
    request.body = std::move(*body);
    static const Headers kNone;
    const Headers &client = outgoing.clientHeaders ? *outgoing.clientHeaders : kNone;
    const protocol::Endpoint &endpoint = *outgoing.endpoint;
    request.headers = {
        // A form's boundary stands in its type.
        {"content-type", endpoint.form ? client.value("content-type") : "application/json"},
        {"accept", acceptOf(endpoint, outgoing.stream)},
        {"user-agent", userAgent()},
    };
    if (request.method != "POST")
        request.headers.remove("content-type"); // there is no body
    for (const Header &field : protocol::vendorHeadersFrom(client, outgoing.endpoint->dialect))
        request.headers.append(field.name, field.value);
    const Result<void> done = finish(request, channel.row, client, *key);
    wipe(*key);
    if (!done)
        return failure(done.error());
    return request;
}

Result<upstream::Request> HttpProvider::modelsRequest(const routing::Channel &channel,
                                                      const Secret *key) const
{
    auto url = modelsUrl(channel.row);
    if (!url)
        return failure(std::move(url.error()));
    auto text = keyFor(channel, key, *url);
    if (!text)
        return failure(std::move(text.error()));
    upstream::Request request;
    request.method = "GET";
    request.url = std::move(*url);
    request.headers = {{"accept", "application/json"}, {"user-agent", userAgent()}};
    const Result<void> done = finish(request, channel.row, {}, *text);
    wipe(*text);
    if (!done)
        return failure(done.error());
    return request;
}

} // namespace tollgate::providers
