// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/eventfacts.h"

namespace tollgate::relay {
namespace {

using namespace conversation;

qsizetype bytesOf(const Part &part)
{
    if (const auto *text = std::get_if<Text>(&part.body))
        return text->text.size();
    if (const auto *thought = std::get_if<Reasoning>(&part.body))
        return thought->text.size();
    if (const auto *call = std::get_if<ToolCall>(&part.body))
        return call->name.size() + call->arguments.size();
    if (const auto *refusal = std::get_if<Refusal>(&part.body))
        return refusal->text.size();
    return 0;
}

// An answer may be without a word if its end explains that.
bool explains(StopReason reason)
{
    return reason != StopReason::None && reason != StopReason::End && reason != StopReason::Error
        && reason != StopReason::ToolUse;
}

} // namespace

void EventFacts::seen(const Part &part)
{
    m_facts.outputBytes += bytesOf(part);
    m_facts.empty = false;
    // An empty text has begun nothing yet; anything else is news to the client.
    const auto *text = std::get_if<Text>(&part.body);
    if (!text || !text->text.isEmpty())
        m_content = true;
}

void EventFacts::report(const Usage &usage)
{
    m_facts.usage = usage.counts;
    m_facts.usageSuspect = m_facts.usageSuspect || usage.suspect;
    if (usage.counts.totalOutput() > 0)
        m_facts.empty = false;
}

void EventFacts::add(const StreamEvent &event)
{
    if (const auto *delta = std::get_if<PartDelta>(&event)) {
        if (delta->kind != PartDelta::Kind::Media)
            m_facts.outputBytes += delta->bytes.size();
        m_content = m_content || !delta->bytes.isEmpty() || delta->sealed || delta->citation;
    } else if (const auto *part = std::get_if<PartStart>(&event)) {
        seen(part->part);
    } else if (const auto *start = std::get_if<StreamStart>(&event)) {
        m_facts.vendorId = start->id;
        m_facts.servedModel = start->model;
        if (start->usage)
            report(*start->usage);
    } else if (const auto *stop = std::get_if<CandidateStop>(&event)) {
        if (m_facts.finishReason.isEmpty())
            m_facts.finishReason = stop->stop.native;
        if (explains(stop->stop.reason))
            m_facts.empty = false;
    } else if (const auto *told = std::get_if<UsageReport>(&event)) {
        report(told->usage);
    } else if (const auto *failed = std::get_if<StreamFailure>(&event)) {
        m_facts.error = failed->error;
    } else if (const auto *end = std::get_if<StreamEnd>(&event)) {
        m_ended = true;
        if (!end->promptBlocked.isEmpty()) {
            m_facts.empty = false;
            if (m_facts.finishReason.isEmpty())
                m_facts.finishReason = end->promptBlocked;
        }
    }
}

protocol::AnswerFacts factsOf(const Response &response)
{
    EventFacts facts;
    for (const StreamEvent &event : unfold(response))
        facts.add(event);
    return facts.facts();
}

} // namespace tollgate::relay
