// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/clientstream.h"

#include <QMetaObject>

#include <array>
#include <charconv>
#include <utility>

namespace tollgate::http {
namespace {

constexpr qsizetype kLowWater = 256 * 1024;

// "1a2b\r\n" in a buffer of the caller's.
class ChunkHead
{
public:
    explicit ChunkHead(qsizetype size)
    {
        char *end = std::to_chars(m_text.data(), m_text.data() + 16, size, 16).ptr;
        *end++ = '\r';
        *end++ = '\n';
        m_size = end - m_text.data();
    }
    [[nodiscard]] QByteArrayView view() const { return {m_text.data(), m_size}; }

private:
    std::array<char, 20> m_text{};
    qsizetype m_size = 0;
};

} // namespace

ClientStream::ClientStream(Outlet &outlet, Traits traits, QObject &context)
    : m_outlet(&outlet)
    , m_traits(std::move(traits))
    , m_context(&context)
{
}

ClientStream::~ClientStream()
{
    abort();
}

QByteArray ClientStream::head(int status, const Headers &headers, Framing framing, qsizetype length,
                              bool keepAlive)
{
    const QByteArray date = m_outlet->httpDateNow();
    HeadOptions options;
    options.framing = framing;
    options.length = length;
    options.minorVersion = m_traits.minorVersion;
    options.keepAlive = keepAlive;
    options.date = date;
    options.origin = m_traits.origin;
    options.varyOrigin = m_traits.varyOrigin;
    options.preflight = m_traits.preflight.has_value();
    if (m_traits.preflight)
        options.allowHeaders = *m_traits.preflight;
    return responseHead(status, headers, options);
}

void ClientStream::finish(bool keepAlive)
{
    m_finished = true;
    if (Outlet *outlet = std::exchange(m_outlet, nullptr))
        outlet->answered(keepAlive);
}

void ClientStream::respond(Response response)
{
    if (m_begun || m_finished)
        return;
    m_begun = true;
    if (!m_outlet) {
        m_finished = true;
        return;
    }
    const bool keepAlive = m_traits.keepAlive && m_outlet->mayKeepAlive();
    const bool hasBody = statusHasBody(response.status);
    const QByteArray top
        = head(response.status, response.headers, hasBody ? Framing::Length : Framing::None,
               response.body.size(), keepAlive);
    const std::array<QByteArrayView, 2> parts{
        top, hasBody && !m_traits.headOnly ? QByteArrayView(response.body) : QByteArrayView()};
    m_finished = true; // a client lost in this very send has no stream to be told about
    m_outlet->send(parts);
    finish(keepAlive);
}

void ClientStream::begin(int status, Headers headers)
{
    if (m_begun || m_finished)
        return;
    m_begun = true;
    if (!m_outlet)
        return;
    m_framing = Framing::Chunked;
    if (!statusHasBody(status))
        m_framing = Framing::None;
    else if (m_traits.minorVersion == 0)
        m_framing = Framing::UntilClose;
    m_keepAlive
        = m_traits.keepAlive && m_framing != Framing::UntilClose && m_outlet->mayKeepAlive();
    const QByteArray top = head(status, headers, m_framing, 0, m_keepAlive);
    if (m_traits.headOnly)
        m_framing = Framing::None;
    const std::array<QByteArrayView, 1> parts{top};
    m_outlet->send(parts);
}

void ClientStream::write(QByteArrayView bytes)
{
    if (!m_begun || m_finished || !m_outlet || bytes.isEmpty())
        return;
    if (m_framing == Framing::Chunked) {
        const ChunkHead chunk(bytes.size());
        const std::array<QByteArrayView, 3> parts{chunk.view(), bytes, "\r\n"};
        m_outlet->send(parts);
    } else if (m_framing == Framing::UntilClose) {
        const std::array<QByteArrayView, 1> parts{bytes};
        m_outlet->send(parts);
    }
}

void ClientStream::end(QByteArrayView last)
{
    if (!m_begun || m_finished)
        return;
    m_finished = true;
    if (m_outlet && m_framing == Framing::Chunked && last.isEmpty()) {
        const std::array<QByteArrayView, 1> parts{"0\r\n\r\n"};
        m_outlet->send(parts);
    } else if (m_outlet && m_framing == Framing::Chunked) {
        const ChunkHead chunk(last.size());
        const std::array<QByteArrayView, 3> parts{chunk.view(), last, "\r\n0\r\n\r\n"};
        m_outlet->send(parts);
    } else if (m_outlet && m_framing == Framing::UntilClose && !last.isEmpty()) {
        const std::array<QByteArrayView, 1> parts{last};
        m_outlet->send(parts);
    }
    finish(m_keepAlive);
}

void ClientStream::abort()
{
    if (m_finished)
        return;
    m_finished = true;
    // Where the end of the connection would be the end of the answer, only a reset tells.
    if (Outlet *outlet = std::exchange(m_outlet, nullptr))
        outlet->cut(m_begun && m_framing == Framing::UntilClose);
}

qsizetype ClientStream::pending() const
{
    return m_outlet ? m_outlet->pendingOutput() : 0;
}

void ClientStream::onGone(std::function<void()> callback)
{
    const bool late = m_gone && !m_finished;
    m_onGone = std::move(callback);
    if (late)
        lost();
}

void ClientStream::onDrained(std::function<void()> callback)
{
    m_onDrained = std::move(callback);
}

void ClientStream::lost()
{
    m_outlet = nullptr;
    m_gone = true;
    if (m_finished || !m_onGone || !m_context)
        return;
    QMetaObject::invokeMethod(
        m_context.data(),
        [weak = weak_from_this()] {
            const std::shared_ptr<ClientStream> self = weak.lock();
            if (!self || self->m_finished)
                return;
            if (const auto callback = std::exchange(self->m_onGone, nullptr))
                callback();
        },
        Qt::QueuedConnection);
}

void ClientStream::outputFell(qsizetype before)
{
    if (before < kLowWater || pending() >= kLowWater || !m_onDrained)
        return;
    const std::shared_ptr<ClientStream> alive = shared_from_this();
    const std::function<void()> callback = m_onDrained; // may replace itself
    callback();
}

void ClientStream::probe()
{
    if (!m_outlet || m_finished || m_traits.minorVersion == 0)
        return;
    // RFC 9110 15.2: any number of 1xx may precede an answer. RFC 9112 7.1: a chunk size may have
    // leading zeros, so a lone "0" belongs to whatever chunk comes next.
    std::array<QByteArrayView, 1> parts{"HTTP/1.1 100 Continue\r\n\r\n"};
    if (m_begun && m_framing != Framing::Chunked)
        return;
    if (m_begun)
        parts[0] = "0";
    m_outlet->send(parts);
}

} // namespace tollgate::http
