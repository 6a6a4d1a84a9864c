// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/easyhandle.h"

#include "core/base/secret.h"

#include <sodium.h>

#include <cstring>
#include <limits>

namespace tollgate::upstream {
namespace {

std::size_t onHeader(char *data, std::size_t size, std::size_t count, void *self)
{
    const QByteArrayView line(data, static_cast<qsizetype>(size * count));
    return static_cast<EasyHandle *>(self)->events()->onHeaderLine(line) ? size * count : 0;
}

std::size_t onWrite(char *data, std::size_t size, std::size_t count, void *self)
{
    const QByteArrayView bytes(data, static_cast<qsizetype>(size * count));
    return static_cast<EasyHandle *>(self)->events()->onBody(bytes);
}

int onPrerequest(void *self, char *peer, char *local, int peerPort, int localPort)
{
    const ConnectionEnds ends{peer, local, peerPort, localPort};
    return static_cast<EasyHandle *>(self)->events()->onConnected(ends) ? CURL_PREREQFUNC_OK
                                                                        : CURL_PREREQFUNC_ABORT;
}

int onCloseSocket(void *sockets, curl_socket_t socket)
{
    static_cast<CurlSockets *>(sockets)->closeSocket(socket);
    return 0;
}

// Ours alone: framing, the host and the wait for 100-continue are decided here.
bool isOurs(QByteArrayView name)
{
    return sameName(name, "host") || sameName(name, "content-length") || sameName(name, "expect")
        || sameName(name, "transfer-encoding") || sameName(name, "connection")
        || sameName(name, "accept-encoding");
}

} // namespace

std::unique_ptr<EasyHandle> EasyHandle::create(CurlSockets &sockets, CURLSH *share)
{
    std::unique_ptr<EasyHandle> handle(new EasyHandle);
    handle->m_curl = curl_easy_init();
    if (!handle->m_curl)
        return nullptr;
    handle->setCommon(sockets, share);
    return handle;
}

EasyHandle::~EasyHandle()
{
    wipeHeaders();
    curl_easy_cleanup(m_curl);
}

void EasyHandle::setCommon(CurlSockets &sockets, CURLSH *share)
{
    m_sockets = &sockets;
    const auto set
        = [this](CURLoption option, auto value) { curl_easy_setopt(m_curl, option, value); };
    set(CURLOPT_PRIVATE, static_cast<void *>(this));
    set(CURLOPT_ERRORBUFFER, m_error.data());
    set(CURLOPT_SHARE, share);
    set(CURLOPT_HEADERFUNCTION, &onHeader);
    set(CURLOPT_HEADERDATA, static_cast<void *>(this));
    set(CURLOPT_WRITEFUNCTION, &onWrite);
    set(CURLOPT_WRITEDATA, static_cast<void *>(this));
    set(CURLOPT_PREREQFUNCTION, &onPrerequest);
    set(CURLOPT_PREREQDATA, static_cast<void *>(this));
    curl_opensocket_callback open = [](void *self, curlsocktype, curl_sockaddr *address) {
        auto *handle = static_cast<EasyHandle *>(self);
        return handle->m_events->onDial(*address) ? handle->m_sockets->openSocket(*address)
                                                  : CURL_SOCKET_BAD;
    };
    set(CURLOPT_OPENSOCKETFUNCTION, open);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void *>(this));
    // Kept by the connection, which outlives the handle.
    set(CURLOPT_CLOSESOCKETFUNCTION, &onCloseSocket);
    set(CURLOPT_CLOSESOCKETDATA, static_cast<void *>(&sockets));

    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    // Below the 60 s after which many servers and balancers close an idle connection: a request
    // that meets the close half-way is lost, for it may not be sent twice.
    set(CURLOPT_MAXAGE_CONN, 55L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_HEADEROPT, static_cast<long>(CURLHEADER_SEPARATE));
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_HTTPPROXYTUNNEL, 1L);
    set(CURLOPT_PROXY, ""); // the environment's proxies are not for us
    set(CURLOPT_NOPROXY, "");
    // The limits are ours: libcurl's own would not tell one from the other.
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::numeric_limits<int>::max()));
    const char *path = nullptr;
    if (curl_easy_getinfo(m_curl, CURLINFO_CAINFO, &path) == CURLE_OK)
        m_systemBundle = QByteArray(path);
    path = nullptr;
    if (curl_easy_getinfo(m_curl, CURLINFO_CAPATH, &path) == CURLE_OK)
        m_systemFolder = QByteArray(path);
    setTrust();
#ifdef _WIN32
    set(CURLOPT_SSL_OPTIONS, static_cast<long>(CURLSSLOPT_NATIVE_CA));
#endif
}

bool EasyHandle::remember(QByteArray &last, const QByteArray &now)
{
    if (last == now && last.isNull() == now.isNull())
        return false;
    last = now;
    return true;
}

void EasyHandle::prepare(CurlEvents &events, Request &request, const QByteArray &body,
                         const QByteArray &proxy)
{
    m_events = &events;
    m_error[0] = 0;
    if (m_reuseForbidden)
        curl_easy_setopt(m_curl, CURLOPT_FORBID_REUSE, 0L);
    m_reuseForbidden = false;
    if (std::exchange(m_anew, false))
        curl_easy_setopt(m_curl, CURLOPT_FRESH_CONNECT, 0L);
    if (std::exchange(m_smallPieces, false))
        curl_easy_setopt(m_curl, CURLOPT_BUFFERSIZE, static_cast<long>(CURL_MAX_WRITE_SIZE));
    if (remember(m_url, request.url))
        curl_easy_setopt(m_curl, CURLOPT_URL, m_url.constData());
    if (remember(m_proxy, proxy))
        curl_easy_setopt(m_curl, CURLOPT_PROXY, m_proxy.isEmpty() ? "" : m_proxy.constData());
    if (m_http2 != static_cast<int>(request.http2)) {
        m_http2 = request.http2;
        curl_easy_setopt(
            m_curl, CURLOPT_HTTP_VERSION,
            static_cast<long>(request.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    }
    if (remember(m_caFile, request.caFile))
        setTrust();
    const QByteArray *accept = request.headers.find("accept-encoding");
    if (remember(m_acceptEncoding, accept ? *accept : QByteArrayLiteral("identity")))
        curl_easy_setopt(m_curl, CURLOPT_ACCEPT_ENCODING, m_acceptEncoding.constData());
    setHeaders(request.headers);
    setMethod(request.method, body);
}

// libcurl parses the bundle once and shares it between connections, but only while no folder of
// certificates is set beside it. An extra file replaces the bundle, so then the folder stands in.
void EasyHandle::setTrust()
{
    const bool extra = !m_caFile.isEmpty();
    const QByteArray &bundle = extra ? m_caFile : m_systemBundle;
    const bool folder = extra || m_systemBundle.isEmpty();
    curl_easy_setopt(m_curl, CURLOPT_CAINFO, bundle.isEmpty() ? nullptr : bundle.constData());
    curl_easy_setopt(m_curl, CURLOPT_CAPATH,
                     folder && !m_systemFolder.isEmpty() ? m_systemFolder.constData() : nullptr);
}

// The list is built in two arrays of our own: libcurl reads it, and curl_slist_append would
// allocate twice for every field and leave copies of the key behind.
void EasyHandle::setHeaders(Headers &headers)
{
    std::vector<std::size_t> starts;
    starts.reserve(headers.size() + 3);
    m_headerText.clear();
    std::size_t total = 64;
    for (const Header &field : headers)
        total += static_cast<std::size_t>(field.name.size() + field.value.size()) + 3;
    m_headerText.reserve(total); // no growth: a moved buffer would leave keys in freed memory
    const auto append = [&](QByteArrayView text) {
        m_headerText.insert(m_headerText.end(), text.begin(), text.end());
    };
    const auto begin = [&] { starts.push_back(m_headerText.size()); };
    for (const Header &field : headers) {
        if (isOurs(field.name))
            continue;
        begin();
        append(field.name);
        append(field.value.isEmpty() ? ";" : ": "); // libcurl's spelling of an empty field
        append(field.value);
        m_headerText.push_back(0);
    }
    // A name without a value takes libcurl's own field out.
    const auto suppress = [&](QByteArrayView name) {
        begin();
        append(name);
        m_headerText.push_back(':');
        m_headerText.push_back(0);
    };
    suppress("Expect");
    if (!headers.contains("accept"))
        suppress("Accept");
    if (!headers.contains("content-type"))
        suppress("Content-Type");
    headers.wipe();

    m_headerList.resize(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
        m_headerList[i].data = m_headerText.data() + starts[i];
        m_headerList[i].next = i + 1 < starts.size() ? &m_headerList[i + 1] : nullptr;
    }
    curl_easy_setopt(m_curl, CURLOPT_HTTPHEADER, m_headerList.data());
}

void EasyHandle::setMethod(const QByteArray &method, const QByteArray &body)
{
    const bool hasBody
        = !body.isEmpty() || method == "POST" || method == "PUT" || method == "PATCH";
    const Kind kind = method == "HEAD" ? Kind::Head : hasBody ? Kind::Post : Kind::Get;
    if (kind == Kind::Post) {
        curl_easy_setopt(m_curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
        curl_easy_setopt(m_curl, CURLOPT_POSTFIELDS, body.isEmpty() ? "" : body.constData());
    }
    if (kind != m_kind) {
        m_kind = kind;
        if (kind == Kind::Head) {
            curl_easy_setopt(m_curl, CURLOPT_NOBODY, 1L);
        } else {
            curl_easy_setopt(m_curl, CURLOPT_NOBODY, 0L);
            curl_easy_setopt(m_curl, kind == Kind::Post ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
        }
    }
    const bool custom
        = kind == Kind::Post ? method != "POST" : kind == Kind::Get && method != "GET";
    if (remember(m_customMethod, custom ? method : QByteArray()))
        curl_easy_setopt(m_curl, CURLOPT_CUSTOMREQUEST,
                         custom ? m_customMethod.constData() : nullptr);
}

void EasyHandle::wipeHeaders()
{
    // The list itself stays: libcurl may still look for fields in it, and finds empty ones.
    if (!m_headerText.empty())
        sodium_memzero(m_headerText.data(), m_headerText.size());
}

void EasyHandle::forbidReuse()
{
    m_reuseForbidden = true;
    curl_easy_setopt(m_curl, CURLOPT_FORBID_REUSE, 1L);
}

void EasyHandle::connectAnew()
{
    m_anew = true;
    curl_easy_setopt(m_curl, CURLOPT_FRESH_CONNECT, 1L);
}

void EasyHandle::readInSmallPieces()
{
    constexpr long kSmall = 1024; // the least that libcurl takes
    m_smallPieces = true;
    curl_easy_setopt(m_curl, CURLOPT_BUFFERSIZE, kSmall);
}

void EasyHandle::detach()
{
    wipeHeaders();
    m_events = nullptr;
    curl_easy_setopt(m_curl, CURLOPT_HTTPHEADER, nullptr);
    if (m_kind == Kind::Post)
        curl_easy_setopt(m_curl, CURLOPT_POSTFIELDS, "");
}

std::int64_t EasyHandle::requestBytesSent() const
{
    long bytes = 0;
    curl_easy_getinfo(m_curl, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes;
}

std::int64_t EasyHandle::bodyBytesSent() const
{
    curl_off_t bytes = 0;
    curl_easy_getinfo(m_curl, CURLINFO_SIZE_UPLOAD_T, &bytes);
    return bytes;
}

std::int64_t EasyHandle::resolvedUs() const
{
    curl_off_t us = 0;
    curl_easy_getinfo(m_curl, CURLINFO_NAMELOOKUP_TIME_T, &us);
    return us;
}

std::int64_t EasyHandle::reachedUs() const
{
    curl_off_t us = 0;
    curl_easy_getinfo(m_curl, CURLINFO_CONNECT_TIME_T, &us);
    return us;
}

bool EasyHandle::openedConnection() const
{
    long connections = 0;
    curl_easy_getinfo(m_curl, CURLINFO_NUM_CONNECTS, &connections);
    return connections > 0;
}

} // namespace tollgate::upstream
