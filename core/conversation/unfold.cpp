// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/event.h"

#include <map>

namespace tollgate::conversation {
namespace {

// Of {"content":[…],"refusal":[…]}: the elements of one list, without brackets.
QByteArray elements(JsonValue list)
{
    if (!list.isArray() || list.size() == 0)
        return {};
    const QByteArrayView raw = list.raw();
    return raw.sliced(1, raw.size() - 2).toByteArray().trimmed();
}

} // namespace

StreamEvents unfold(const Response &response)
{
    StreamEvents events;
    StreamStart start{response.id,          response.model, response.createdS,
                      response.serviceTier, response.usage, response.native};
    events.emplace_back(std::move(start));
    std::map<std::int64_t, std::int64_t> next; // some vendors number two answers alike
    for (const Candidate &candidate : response.candidates) {
        std::int64_t &index = next[candidate.index];
        for (const Part &part : candidate.message.parts) {
            events.emplace_back(PartStart{candidate.index, index, part});
            events.emplace_back(PartEnd{candidate.index, index, {}});
            ++index;
        }
        if (!candidate.logprobs.isEmpty()) {
            if (const auto tree = protocol::JsonTree::parse(candidate.logprobs)) {
                events.emplace_back(LogprobsDelta{candidate.index,
                                                  elements(tree->root()["content"]),
                                                  elements(tree->root()["refusal"])});
            }
        }
        events.emplace_back(CandidateStop{candidate.index, candidate.stop, candidate.native});
    }
    if (response.usage)
        events.emplace_back(UsageReport{*response.usage});
    events.emplace_back(StreamEnd{response.promptBlocked, {}});
    return events;
}

} // namespace tollgate::conversation
