// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/streamtranslator.h"

namespace tollgate::relay {

using namespace conversation;

StreamTranslator::StreamTranslator(Framing framing, std::unique_ptr<StreamDecoder> reader,
                                   std::unique_ptr<StreamEncoder> writer, Untold untold,
                                   Filter filter)
    : m_framing(std::move(framing))
    , m_reader(std::move(reader))
    , m_writer(std::move(writer))
    , m_filter(std::move(filter))
    , m_untold(std::move(untold))
{
}

Result<void> StreamTranslator::cut(QByteArrayView bytes, QByteArray &passing)
{
    m_framing.append(bytes);
    StreamEvents events;
    while (!final() && !error()) {
        const Result<std::optional<Frame>> frame = m_framing.next();
        if (!frame)
            return failure(frame.error());
        if (!*frame)
            return {};
        m_reader->read((*frame)->type, (*frame)->data, events);
        tell(events, passing);
    }
    return {};
}

void StreamTranslator::close(QByteArray &passing)
{
    if (final() || error())
        return;
    StreamEvents events;
    if (const std::optional<Frame> frame = m_framing.last())
        m_reader->read(frame->type, frame->data, events);
    tell(events, passing);
    if (final() || error())
        return;
    m_reader->finish(events);
    tell(events, passing);
}

void StreamTranslator::tell(StreamEvents &events, QByteArray &passing)
{
    if (m_filter && !events.empty())
        m_filter(events);
    for (const StreamEvent &event : events) {
        if (final() || error())
            break;
        m_facts.add(event);
        m_untold.add(event);
        follow(event);
        m_writer->write(event, final() || error() ? m_tail : passing);
    }
    events.clear();
}

void StreamTranslator::follow(const StreamEvent &event)
{
    if (const auto *start = std::get_if<PartStart>(&event))
        m_open[start->candidate].part = start->index;
    else if (const auto *end = std::get_if<PartEnd>(&event))
        m_open[end->candidate].part = -1;
    else if (const auto *stop = std::get_if<CandidateStop>(&event))
        m_open[stop->candidate].stopped = true;
}

QByteArray StreamTranslator::cutShort(const Cut &cut)
{
    StreamEvents events;
    for (const auto &[candidate, open] : m_open) {
        if (open.part >= 0)
            events.emplace_back(PartEnd{candidate, open.part, {}});
        if (!open.stopped)
            events.emplace_back(
                CandidateStop{candidate, {StopReason::MaxTokens, {}, "length"}, {}});
    }
    Usage usage;
    usage.counts = cut.used;
    usage.estimated = true;
    events.emplace_back(UsageReport{std::move(usage)});
    events.emplace_back(StreamEnd{});
    QByteArray words;
    for (const StreamEvent &event : events)
        m_writer->write(event, words);
    return words;
}

QByteArray StreamTranslator::failed(const Error &error)
{
    QByteArray words;
    m_writer->write(StreamFailure{error}, words);
    return words;
}

} // namespace tollgate::relay
