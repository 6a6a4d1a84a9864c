// SPDX-License-Identifier: GPL-3.0-or-later
// A libcurl easy handle that is kept warm: what every request has in common is set once, and each
// request sets only what differs from the one before.
#pragma once

#include "core/upstream/exchange.h"

#include <QByteArrayView>

#include <curl/curl.h>

#include <array>
#include <memory>
#include <vector>

namespace tollgate::upstream {

// A connection as libcurl names it.
struct ConnectionEnds
{
    const char *peer = nullptr;
    const char *local = nullptr;
    int peerPort = 0;
    int localPort = 0;
};

// What libcurl calls back, in the shape of this house.
class CurlEvents
{
public:
    CurlEvents() = default;
    virtual ~CurlEvents() = default;
    CurlEvents(const CurlEvents &) = delete;
    CurlEvents &operator=(const CurlEvents &) = delete;

    virtual bool onHeaderLine(QByteArrayView line) = 0; // false: abort
    virtual std::size_t onBody(QByteArrayView bytes) = 0; // bytes.size(), CURL_WRITEFUNC_PAUSE or 0
    virtual bool onDial(const curl_sockaddr &address) = 0; // may this address be dialled?
    virtual bool onConnected(const ConnectionEnds &ends) = 0; // about to send; false: do not
};

// Whoever owns the descriptors, for all handles of a client.
class CurlSockets
{
public:
    CurlSockets() = default;
    virtual ~CurlSockets() = default;
    CurlSockets(const CurlSockets &) = delete;
    CurlSockets &operator=(const CurlSockets &) = delete;

    virtual curl_socket_t openSocket(const curl_sockaddr &address) = 0;
    virtual void closeSocket(curl_socket_t socket) = 0;
};

class EasyHandle
{
public:
    static std::unique_ptr<EasyHandle> create(CurlSockets &sockets, CURLSH *share);
    ~EasyHandle();
    EasyHandle(const EasyHandle &) = delete;
    EasyHandle &operator=(const EasyHandle &) = delete;

    [[nodiscard]] CURL *curl() const { return m_curl; }
    [[nodiscard]] CurlEvents *events() const { return m_events; }
    [[nodiscard]] const char *errorText() const { return m_error.data(); }
    [[nodiscard]] std::int64_t requestBytesSent() const; // head, and body where they went together
    [[nodiscard]] std::int64_t bodyBytesSent() const;
    [[nodiscard]] bool openedConnection() const;
    // Since its start: when the name was resolved, and when TCP stood.
    [[nodiscard]] std::int64_t resolvedUs() const;
    [[nodiscard]] std::int64_t reachedUs() const;

    // Takes the fields of `headers` over and wipes them there. `body` must live until detach().
    void prepare(CurlEvents &events, Request &request, const QByteArray &body,
                 const QByteArray &proxy);
    // Overwrites the header fields: they were sent and may hold a key.
    void wipeHeaders();
    void forbidReuse();
    // For this request: not on a connection that was used before.
    void connectAnew();
    // For this request: so that what one read unpacks to stays small.
    void readInSmallPieces();
    void detach();

private:
    EasyHandle() = default;
    void setCommon(CurlSockets &sockets, CURLSH *share);
    void setTrust();
    void setHeaders(Headers &headers);
    void setMethod(const QByteArray &method, const QByteArray &body);
    bool remember(QByteArray &last, const QByteArray &now);

    CURL *m_curl = nullptr;
    CurlEvents *m_events = nullptr;
    CurlSockets *m_sockets = nullptr;
    std::array<char, CURL_ERROR_SIZE> m_error{};
    std::vector<char> m_headerText; // NUL-terminated lines, one after the other
    std::vector<curl_slist> m_headerList;
    QByteArray m_url;
    QByteArray m_proxy;
    QByteArray m_caFile;
    QByteArray m_systemBundle;
    QByteArray m_systemFolder;
    QByteArray m_acceptEncoding;
    QByteArray m_customMethod;
    enum class Kind { Unset, Get, Head, Post } m_kind = Kind::Unset;
    int m_http2 = -1;
    bool m_reuseForbidden = false;
    bool m_anew = false;
    bool m_smallPieces = false;
};

} // namespace tollgate::upstream
