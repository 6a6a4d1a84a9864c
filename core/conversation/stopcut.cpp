// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/stopcut.h"

#include <algorithm>

namespace tollgate::conversation {
namespace {

PartDelta textDelta(std::int64_t candidate, std::int64_t part, const QByteArray &bytes)
{
    PartDelta delta;
    delta.candidate = candidate;
    delta.index = part;
    delta.bytes = bytes;
    return delta;
}

std::int64_t codePoints(const QByteArray &utf8)
{
    return std::count_if(utf8.begin(), utf8.end(),
                         [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

std::int64_t candidateOf(const StreamEvent &event)
{
    if (const auto *start = std::get_if<PartStart>(&event))
        return start->candidate;
    if (const auto *delta = std::get_if<PartDelta>(&event))
        return delta->candidate;
    if (const auto *end = std::get_if<PartEnd>(&event))
        return end->candidate;
    if (const auto *logprobs = std::get_if<LogprobsDelta>(&event))
        return logprobs->candidate;
    const auto *stop = std::get_if<CandidateStop>(&event);
    return stop ? stop->candidate : -1;
}

} // namespace

StopCut::StopCut(const QByteArrayList &sequences)
{
    for (const QByteArray &sequence : sequences) {
        if (!sequence.isEmpty())
            m_sequences.append(sequence);
    }
}

bool StopCut::met() const
{
    return !m_voices.empty()
        && std::all_of(m_voices.begin(), m_voices.end(),
                       [](const Voice &voice) { return voice.stopped; });
}

StopCut::Voice &StopCut::voice(std::int64_t candidate)
{
    for (Voice &known : m_voices) {
        if (known.candidate == candidate)
            return known;
    }
    Voice fresh;
    fresh.candidate = candidate;
    m_voices.push_back(std::move(fresh));
    return m_voices.back();
}

// The sequence that is complete first, as a model that stops would have met it; of two that are so
// at once the longer.
StopCut::Hit StopCut::find(const QByteArray &text) const
{
    Hit first;
    for (const QByteArray &sequence : m_sequences) {
        const qsizetype at = text.indexOf(sequence);
        if (at < 0)
            continue;
        const qsizetype end = at + sequence.size();
        const qsizetype known = first.at + first.sequence.size();
        if (first.at < 0 || end < known || (end == known && at < first.at))
            first = {at, sequence};
    }
    return first;
}

// Bytes at the end that may be the beginning of a sequence.
qsizetype StopCut::doubtful(const QByteArray &text) const
{
    qsizetype most = 0;
    for (const QByteArray &sequence : m_sequences) {
        for (qsizetype size = std::min(sequence.size() - 1, text.size()); size > most; --size) {
            if (text.endsWith(QByteArrayView(sequence).first(size))) {
                most = size;
                break;
            }
        }
    }
    return most;
}

void StopCut::stop(Voice &voice, const QByteArray &sequence, StreamEvents &out)
{
    out.emplace_back(PartEnd{voice.candidate, voice.part, {}});
    CandidateStop told;
    told.candidate = voice.candidate;
    told.stop = {StopReason::StopSequence, sequence, {}};
    out.emplace_back(std::move(told));
    voice.stopped = true;
    voice.held.clear();
}

void StopCut::grow(Voice &voice, const QByteArray &bytes, StreamEvents &out)
{
    voice.held += bytes;
    const Hit hit = find(voice.held);
    const qsizetype safe = hit.at >= 0 ? hit.at : voice.held.size() - doubtful(voice.held);
    if (safe > 0)
        out.emplace_back(textDelta(voice.candidate, voice.part, voice.held.first(safe)));
    if (hit.at >= 0)
        stop(voice, hit.sequence, out);
    else
        voice.held.remove(0, safe);
}

void StopCut::release(Voice &voice, StreamEvents &out)
{
    if (!voice.held.isEmpty())
        out.emplace_back(textDelta(voice.candidate, voice.part, std::exchange(voice.held, {})));
    voice.part = -1;
}

void StopCut::start(const PartStart &start, StreamEvents &out)
{
    Voice &speaker = voice(start.candidate);
    const auto *text = std::get_if<Text>(&start.part.body);
    if (!text) {
        out.emplace_back(start);
        return;
    }
    speaker.part = start.index;
    const Hit hit = find(text->text);
    const qsizetype safe = hit.at >= 0 ? hit.at : text->text.size() - doubtful(text->text);
    PartStart begun = start;
    auto &kept = std::get<Text>(begun.part.body);
    kept.text = text->text.first(safe);
    if (hit.at >= 0) {
        const std::int64_t length = codePoints(kept.text);
        kept.citations.erase(
            std::remove_if(kept.citations.begin(), kept.citations.end(),
                           [length](const Citation &citation) { return citation.end > length; }),
            kept.citations.end());
    }
    out.emplace_back(std::move(begun));
    if (hit.at >= 0)
        stop(speaker, hit.sequence, out);
    else
        speaker.held = text->text.mid(safe);
}

void StopCut::filter(const StreamEvent &event, StreamEvents &out)
{
    const std::int64_t candidate = candidateOf(event);
    if (candidate < 0 || m_sequences.isEmpty()) {
        out.push_back(event);
        return;
    }
    Voice &speaker = voice(candidate);
    if (speaker.stopped)
        return;
    if (const auto *begun = std::get_if<PartStart>(&event)) {
        start(*begun, out);
        return;
    }
    const auto *delta = std::get_if<PartDelta>(&event);
    if (delta && delta->kind == PartDelta::Kind::Text && delta->index == speaker.part) {
        grow(speaker, delta->bytes, out);
        return;
    }
    if (const auto *end = std::get_if<PartEnd>(&event); end && end->index == speaker.part)
        release(speaker, out);
    out.push_back(event);
}

Response cutAtStop(const Response &response, const QByteArrayList &sequences)
{
    StopCut cut(sequences);
    StreamEvents events;
    for (const StreamEvent &event : unfold(response))
        cut.filter(event, events);
    Folder folder(response.source);
    for (const StreamEvent &event : events)
        folder.add(event);
    return folder.take();
}

} // namespace tollgate::conversation
