// SPDX-License-Identifier: GPL-3.0-or-later
// What a model call used besides tokens: what vendors bill by the piece, by time or by length.
#pragma once

#include <QByteArray>

#include <cstdint>

namespace tollgate {

struct UnitCounts
{
    std::int64_t images = 0; // made
    std::int64_t audioInputMs = 0; // listened to
    std::int64_t audioOutputMs = 0; // spoken
    std::int64_t characters = 0; // read aloud, in code points
    std::int64_t searches = 0; // what a ranking is billed in: Cohere's search units
    // What the price of a picture depends on: "hd/1024x1792", "1024x1024", "hd"; empty: unknown.
    QByteArray imageClass;

    [[nodiscard]] bool empty() const
    {
        return (images | audioInputMs | audioOutputMs | characters | searches) == 0;
    }
    void add(const UnitCounts &more)
    {
        images += more.images;
        audioInputMs += more.audioInputMs;
        audioOutputMs += more.audioOutputMs;
        characters += more.characters;
        searches += more.searches;
    }
    bool operator==(const UnitCounts &) const = default;
};

} // namespace tollgate
