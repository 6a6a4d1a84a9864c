// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/fuzz/targets.h"

#include <algorithm>

namespace tollgate::fuzz {

namespace {

using protocol::Dialect;

template <Dialect dialect> void codecFor(QByteArrayView input)
{
    codec(dialect, input);
}

constexpr Target kTargets[] = {
    {"chat", codecFor<Dialect::Chat>},
    {"completions", codecFor<Dialect::Completions>},
    {"responses", codecFor<Dialect::Responses>},
    {"messages", codecFor<Dialect::Messages>},
    {"gemini", codecFor<Dialect::Gemini>},
    {"ollama", codecFor<Dialect::Ollama>},
    {"converse", codecFor<Dialect::Converse>},
    {"cohere", codecFor<Dialect::Cohere>},
    {"framings", framings},
    {"json", json},
    {"http", http},
};

} // namespace

std::span<const Target> targets()
{
    return kTargets;
}

const Target *targetNamed(QByteArrayView name)
{
    const auto found = std::find_if(std::begin(kTargets), std::end(kTargets),
                                    [&](const Target &target) { return name == target.name; });
    return found == std::end(kTargets) ? nullptr : found;
}

} // namespace tollgate::fuzz
