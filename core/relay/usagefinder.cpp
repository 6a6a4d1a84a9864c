// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/usagefinder.h"

#include "core/protocol/jsonreader.h"

namespace tollgate::relay {
namespace {

// "image_generation.completed", "speech.audio.done", "transcript.text.done"
bool isEnd(QByteArrayView type)
{
    return type.endsWith(".completed") || type.endsWith(".done") || type == QByteArrayView("error");
}

QByteArray typeIn(QByteArrayView data)
{
    QByteArray type;
    protocol::JsonReader reader(data);
    reader.object([&](const protocol::JsonText &key) {
        protocol::JsonText text;
        if (key.is("type") && reader.string(text))
            type = text.decoded();
    });
    return type;
}

} // namespace

UsageFinder::UsageFinder(const protocol::Endpoint &endpoint, bool events)
    : m_meter(endpoint)
    , m_operation(endpoint.operation)
    , m_events(events)
{
}

void UsageFinder::see(QByteArrayView bytes)
{
    if (!m_events || m_lost)
        return;
    m_reader.append(bytes);
    for (;;) {
        const auto event = m_reader.next();
        if (!event) {
            m_lost = true;
            return;
        }
        if (!*event)
            return;
        const upstream::SseEvent &news = **event;
        if (!news.hasData)
            continue;
        m_meter.read(news.type, news.data);
        const UnitCounts told = protocol::readUnitsTold(m_operation, news.data);
        m_units.add(told);
        if (m_units.imageClass.isEmpty())
            m_units.imageClass = told.imageClass;
        m_ended = m_ended || news.data == QByteArrayView("[DONE]")
            || isEnd(news.type.isEmpty() ? QByteArrayView(typeIn(news.data)) : news.type);
    }
}

} // namespace tollgate::relay
