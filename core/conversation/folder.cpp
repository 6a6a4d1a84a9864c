// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/event.h"

#include <algorithm>

namespace tollgate::conversation {
namespace {

template <class... F> struct Cases : F...
{
    using F::operator()...;
};
template <class... F> Cases(F...) -> Cases<F...>;

void append(Native &bag, const Native &more)
{
    bag.insert(bag.end(), more.begin(), more.end());
}

QByteArray logprobsObject(const QByteArray &content, const QByteArray &refusal)
{
    const auto list
        = [](const QByteArray &items) { return items.isEmpty() ? "null" : '[' + items + ']'; };
    return "{\"content\":" + list(content) + ",\"refusal\":" + list(refusal) + '}';
}

void appendItems(QByteArray &items, const QByteArray &more)
{
    if (more.isEmpty())
        return;
    if (!items.isEmpty())
        items += ',';
    items += more;
}

} // namespace

Candidate &Folder::candidate(std::int64_t index)
{
    auto &all = m_response.candidates;
    const auto at = std::find_if(all.begin(), all.end(),
                                 [index](const Candidate &c) { return c.index >= index; });
    if (at != all.end() && at->index == index)
        return *at;
    m_logprobs.insert(m_logprobs.begin() + (at - all.begin()), Logprobs{});
    Candidate fresh;
    fresh.index = index;
    return *all.insert(at, std::move(fresh));
}

Part *Folder::part(std::int64_t index, std::int64_t part)
{
    std::vector<Part> &parts = candidate(index).message.parts;
    const auto at = static_cast<std::size_t>(part);
    return part >= 0 && at < parts.size() ? &parts[at] : nullptr;
}

void Folder::change(const PartDelta &delta)
{
    Part *target = part(delta.candidate, delta.index);
    if (!target)
        return;
    switch (delta.kind) {
    case PartDelta::Kind::Text:
        std::visit(Cases{[&](Text &text) { text.text += delta.bytes; },
                         [&](Refusal &refusal) { refusal.text += delta.bytes; },
                         [&](Reasoning &reasoning) { reasoning.text += delta.bytes; },
                         [](auto &) {}},
                   target->body);
        break;
    case PartDelta::Kind::Break:
        if (auto *reasoning = std::get_if<Reasoning>(&target->body))
            reasoning->breaks.push_back(reasoning->text.size());
        break;
    case PartDelta::Kind::Arguments:
        if (auto *call = std::get_if<ToolCall>(&target->body))
            call->arguments += delta.bytes;
        break;
    case PartDelta::Kind::Seal:
        if (auto *reasoning = std::get_if<Reasoning>(&target->body))
            reasoning->sealed = delta.sealed;
        else if (auto *call = std::get_if<ToolCall>(&target->body))
            call->sealed = delta.sealed;
        else
            target->sealed = delta.sealed;
        break;
    case PartDelta::Kind::Citation:
        if (auto *text = std::get_if<Text>(&target->body); text && delta.citation)
            text->citations.push_back(*delta.citation);
        break;
    case PartDelta::Kind::Media:
        if (auto *media = std::get_if<Media>(&target->body))
            media->data += delta.bytes;
        break;
    }
}

void Folder::add(const StreamEvent &event)
{
    std::visit(
        Cases{
            [this](const StreamStart &start) {
                m_response.id = start.id;
                m_response.model = start.model;
                m_response.createdS = start.createdS;
                m_response.serviceTier = start.serviceTier;
                if (start.usage)
                    m_response.usage = start.usage;
                append(m_response.native, start.native);
            },
            [this](const PartStart &start) {
                std::vector<Part> &parts = candidate(start.candidate).message.parts;
                if (start.index == static_cast<std::int64_t>(parts.size()))
                    parts.push_back(start.part);
            },
            [this](const PartDelta &delta) { change(delta); },
            [this](const PartEnd &end) {
                if (Part *target = part(end.candidate, end.index))
                    append(target->native, end.native);
            },
            [this](const LogprobsDelta &delta) {
                Candidate &told = candidate(delta.candidate);
                Logprobs &sum
                    = m_logprobs[static_cast<std::size_t>(&told - m_response.candidates.data())];
                appendItems(sum.content, delta.content);
                appendItems(sum.refusal, delta.refusal);
                told.logprobs = logprobsObject(sum.content, sum.refusal);
            },
            [this](const CandidateStop &stop) {
                Candidate &told = candidate(stop.candidate);
                told.stop = stop.stop;
                append(told.native, stop.native);
            },
            [this](const UsageReport &report) { m_response.usage = report.usage; },
            [](const StreamPing &) {},
            [this](const StreamFailure &failed) { m_failed = failed.error; },
            [this](const StreamEnd &end) {
                m_response.promptBlocked = end.promptBlocked;
                append(m_response.native, end.native);
                if (!end.serviceTier.isEmpty())
                    m_response.serviceTier = end.serviceTier;
                m_ended = true;
            },
        },
        event);
}

} // namespace tollgate::conversation
