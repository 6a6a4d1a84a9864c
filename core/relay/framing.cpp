// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/framing.h"

namespace tollgate::relay {
namespace {

using protocol::Dialect;
using Reader
    = std::variant<upstream::SseReader, upstream::NdjsonReader, upstream::EventStreamReader>;

Reader readerFor(Dialect dialect)
{
    if (dialect == Dialect::Ollama)
        return upstream::NdjsonReader();
    if (dialect == Dialect::Converse)
        return upstream::EventStreamReader();
    return upstream::SseReader();
}

Result<std::optional<Frame>> nextOf(upstream::SseReader &reader)
{
    for (;;) {
        const auto event = reader.next();
        if (!event)
            return failure(event.error());
        if (!*event)
            return std::nullopt;
        if ((*event)->hasData)
            return Frame{(*event)->type, (*event)->data};
    }
}

Result<std::optional<Frame>> nextOf(upstream::NdjsonReader &reader)
{
    const auto line = reader.next();
    if (!line)
        return failure(line.error());
    if (!*line)
        return std::nullopt;
    return Frame{{}, **line};
}

Result<std::optional<Frame>> nextOf(upstream::EventStreamReader &reader)
{
    const auto message = reader.next();
    if (!message)
        return failure(message.error());
    if (!*message)
        return std::nullopt;
    return Frame{(*message)->type(), (*message)->payload};
}

} // namespace

Framing::Framing(Dialect dialect)
    : m_reader(readerFor(dialect))
{
}

void Framing::append(QByteArrayView bytes)
{
    std::visit([bytes](auto &reader) { reader.append(bytes); }, m_reader);
}

Result<std::optional<Frame>> Framing::next()
{
    return std::visit([](auto &reader) { return nextOf(reader); }, m_reader);
}

std::optional<Frame> Framing::last()
{
    if (auto *sse = std::get_if<upstream::SseReader>(&m_reader)) {
        if (const auto event = sse->last())
            return Frame{event->type, event->data};
    } else if (auto *lines = std::get_if<upstream::NdjsonReader>(&m_reader)) {
        if (const QByteArrayView line = lines->rest(); !line.isEmpty())
            return Frame{{}, line};
    }
    return std::nullopt;
}

} // namespace tollgate::relay
