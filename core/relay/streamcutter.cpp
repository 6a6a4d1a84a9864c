// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/streamcutter.h"

#include "core/protocol/cutshort.h"
#include "core/protocol/peek.h"
#include "core/relay/cutresponse.h"
#include "core/relay/streamwords.h"

namespace tollgate::relay {

using protocol::EventClass;

StreamCutter::StreamCutter(const protocol::Endpoint &endpoint, bool clientAskedForUsage,
                           QByteArray requestId)
    : m_meter(endpoint)
    , m_endpoint(endpoint)
    , m_requestId(std::move(requestId))
    , m_asked(clientAskedForUsage)
{
}

Result<void> StreamCutter::cut(QByteArrayView bytes, QByteArray &passing)
{
    return m_endpoint.sse ? cutEvents(bytes, passing) : cutElements(bytes, passing);
}

void StreamCutter::close(QByteArray &passing)
{
    if (!m_endpoint.sse) {
        if (m_array.finished())
            m_tail.append(m_array.rest());
        return;
    }
    const std::optional<upstream::SseEvent> event = m_sse.last();
    if (!event || (event->data != "[DONE]" && !protocol::validateJson(event->data)))
        return;
    const EventClass kind = m_meter.read(event->type, event->data);
    place(kind, QByteArray(event->raw.toByteArray() + "\n\n"), passing);
}

Result<void> StreamCutter::cutElements(QByteArrayView bytes, QByteArray &passing)
{
    m_array.append(bytes);
    for (;;) {
        const auto next = m_array.next();
        if (!next)
            return failure(next.error());
        if (!*next)
            return {};
        place(m_meter.read({}, (*next)->json), (*next)->raw, passing);
    }
}

Result<void> StreamCutter::cutEvents(QByteArrayView bytes, QByteArray &passing)
{
    m_sse.append(bytes);
    for (;;) {
        Result<std::optional<upstream::SseEvent>> next = m_sse.next();
        if (!next)
            return failure(next.error());
        if (!*next)
            return {};
        const upstream::SseEvent &event = **next;
        const EventClass kind
            = event.hasData ? m_meter.read(event.type, event.data) : EventClass::Preamble;
        place(kind, event.raw, passing);
    }
}

QByteArray StreamCutter::failed(const Error &error)
{
    return errorEnd(m_endpoint, error, m_requestId, true, facts());
}

QByteArray StreamCutter::cutShort(const Cut &cut)
{
    if (m_keeps && !m_told.isEmpty())
        return cutResponse(m_told, cut, facts().sequence + 1);
    return protocol::endAtLength(m_endpoint, {facts(), cut.used, cut.model, cut.createdS, m_asked});
}

void StreamCutter::pass(QByteArrayView raw, QByteArray &passing)
{
    constexpr qsizetype kMostKept = 16 * 1024 * 1024; // what is longer is told without its items
    passing.append(raw);
    if (!m_keeps)
        return;
    if (m_told.size() + raw.size() <= kMostKept) {
        m_told.append(raw);
    } else {
        m_told.clear();
        m_keeps = false;
    }
}

void StreamCutter::place(EventClass kind, QByteArrayView raw, QByteArray &passing)
{
    switch (kind) {
    case EventClass::Final:
    case EventClass::Error:
        m_final = m_final || kind == EventClass::Final;
        m_tail.append(raw);
        return;
    case EventClass::Usage:
        // The chunk that exists only because the gateway asked for it.
        if (m_asked)
            passing.append(raw);
        return;
    case EventClass::Content:
        m_contentSeen = true;
        [[fallthrough]];
    case EventClass::Preamble:
        if (m_final || error())
            m_tail.append(raw);
        else
            pass(raw, passing);
        return;
    }
}

} // namespace tollgate::relay
