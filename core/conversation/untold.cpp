// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/untold.h"

#include <algorithm>
#include <array>

namespace tollgate::conversation {
namespace {

template <class... F> struct Cases : F...
{
    using F::operator()...;
};
template <class... F> Cases(F...) -> Cases<F...>;

// Says nothing: nobody misses it.
bool isNothing(QByteArrayView json)
{
    constexpr std::array kNothing{
        QByteArrayView("null"), QByteArrayView("[]"), QByteArrayView("{}"),
        QByteArrayView("\"\""), QByteArrayView("0"),  QByteArrayView("false"),
    };
    return json.isEmpty() || std::find(kNothing.begin(), kNothing.end(), json) != kNothing.end();
}

// Tells of the answer's making, not of what it says.
bool isBookkeeping(QByteArrayView name)
{
    constexpr std::array kBookkeeping{
        QByteArrayView("object"),       QByteArrayView("status"),
        QByteArrayView("type"),         QByteArrayView("role"),
        QByteArrayView("index"),        QByteArrayView("provider"),
        QByteArrayView("x_groq"),       QByteArrayView("system_fingerprint"),
        QByteArrayView("time_info"),    QByteArrayView("metrics"),
        QByteArrayView("createTime"),   QByteArrayView("responseId"),
        QByteArrayView("service_tier"), QByteArrayView("native_finish_reason"),
        QByteArrayView("modelVersion"),
    };
    return std::find(kBookkeeping.begin(), kBookkeeping.end(), name) != kBookkeeping.end();
}

AnswerPlaces::Media bitOf(const Media &media)
{
    switch (media.kind) {
    case Media::Kind::Audio:
        return AnswerPlaces::Audio;
    case Media::Kind::Video:
        return AnswerPlaces::Video;
    case Media::Kind::Document:
        return AnswerPlaces::Documents;
    case Media::Kind::Image:
        break;
    }
    return media.source == Media::Source::Base64 ? AnswerPlaces::Images
                                                 : AnswerPlaces::LinkedImages;
}

QByteArray nameOf(Media::Kind kind)
{
    switch (kind) {
    case Media::Kind::Audio:
        return "audio";
    case Media::Kind::Video:
        return "video";
    case Media::Kind::Document:
        return "document";
    case Media::Kind::Image:
        break;
    }
    return "image";
}

} // namespace

void Untold::note(const QByteArray &what)
{
    m_dropped.note("answer:" + what);
}

void Untold::members(const Native &bag)
{
    for (const NativeMember &member : bag) {
        if (member.owner != m_client && !member.name.startsWith('.') && !isBookkeeping(member.name)
            && !isNothing(member.json))
            note(member.name);
    }
}

// Responses repeats the request beside its answer.
void Untold::ofAnswer(const Native &bag)
{
    if (m_vendor != Dialect::Responses)
        members(bag);
}

bool Untold::heard(std::int64_t candidate)
{
    if (candidate == 0 || m_places.candidates)
        return true;
    note("candidates");
    return false;
}

void Untold::cite(const Citation &citation)
{
    if (!m_places.citations || (citation.url.isEmpty() && citation.owner != m_client))
        note("citations");
}

void Untold::media(const Media &media)
{
    if (!(m_places.media & bitOf(media)))
        note(nameOf(media.kind));
}

void Untold::call(const ToolCall &call)
{
    if (call.kind == ToolCall::Kind::Hosted)
        note(call.hostedType.isEmpty() ? call.name : call.hostedType);
    else if (++m_calls > m_places.calls)
        note("tool_calls");
    else if (call.sealed && !m_places.seals)
        note("signature");
}

void Untold::begin(std::int64_t candidate, const Part &part)
{
    if (!heard(candidate))
        return;
    m_sealsWithPart = false;
    if (const auto *text = std::get_if<Text>(&part.body)) {
        for (const Citation &citation : text->citations)
            cite(citation);
    } else if (const auto *reasoning = std::get_if<Reasoning>(&part.body)) {
        m_sealsWithPart = true;
        if (!m_places.reasoning)
            note("reasoning");
        else if (reasoning->sealed && !m_places.seals)
            note("signature");
    } else if (const auto *made = std::get_if<ToolCall>(&part.body)) {
        m_sealsWithPart = true;
        call(*made);
    } else if (const auto *shown = std::get_if<Media>(&part.body)) {
        media(*shown);
    } else if (const auto *result = std::get_if<ToolResult>(&part.body)) {
        note(result->hostedType.isEmpty() ? QByteArray("tool_result") : result->hostedType);
    } else if (const auto *opaque = std::get_if<Opaque>(&part.body);
               opaque && opaque->owner != m_client) {
        note(opaque->type.isEmpty() ? QByteArray("part") : opaque->type);
    }
    if (part.sealed && !m_places.partSeals)
        note("signature");
    members(part.native);
}

void Untold::go(const PartDelta &delta)
{
    switch (delta.kind) {
    case PartDelta::Kind::Seal:
        if (delta.sealed && !(m_sealsWithPart ? m_places.seals : m_places.partSeals))
            note("signature");
        break;
    case PartDelta::Kind::Citation:
        if (delta.citation)
            cite(*delta.citation);
        break;
    case PartDelta::Kind::Text:
    case PartDelta::Kind::Break:
    case PartDelta::Kind::Arguments:
    case PartDelta::Kind::Media:
        break;
    }
}

void Untold::add(const StreamEvent &event)
{
    if (m_vendor == m_client)
        return;
    std::visit(
        Cases{
            [this](const StreamStart &start) { ofAnswer(start.native); },
            [this](const PartStart &start) { begin(start.candidate, start.part); },
            [this](const PartDelta &delta) {
                if (delta.candidate == 0 || m_places.candidates)
                    go(delta);
            },
            [this](const PartEnd &end) { members(end.native); },
            [this](const LogprobsDelta &told) {
                const auto place = m_places.logprobs;
                if (heard(told.candidate)
                    && ((place == AnswerPlaces::Logprobs::None && !told.content.isEmpty())
                        || (place != AnswerPlaces::Logprobs::All && !told.refusal.isEmpty())))
                    note("logprobs");
            },
            [this](const CandidateStop &stop) {
                if (heard(stop.candidate))
                    members(stop.native);
            },
            [this](const StreamEnd &end) { ofAnswer(end.native); },
            // What it cost is in the record, in the words of bills.
            [](const UsageReport &) {},
            [](const StreamPing &) {},
            [](const StreamFailure &) {},
        },
        event);
}

void Untold::add(const Response &response)
{
    if (m_vendor == m_client)
        return;
    for (const Candidate &candidate : response.candidates)
        members(candidate.message.native);
    for (const StreamEvent &event : unfold(response))
        add(event);
}

} // namespace tollgate::conversation
