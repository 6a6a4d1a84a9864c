// SPDX-License-Identifier: GPL-3.0-or-later
// Stop sequences for a vendor that has none: the text is cut in front of the one that is complete
// first, and in a stream text that may become one is held back until it has or has not. Thoughts
// and tool calls are not looked at. Each part is looked at by itself.
#pragma once

#include "core/conversation/event.h"

#include <QByteArrayList>

namespace tollgate::conversation {

class StopCut
{
public:
    explicit StopCut(const QByteArrayList &sequences);

    // Appends what goes on of the event. Once a candidate has met a sequence it is told to have
    // stopped, and nothing more of it goes on; usage and the end of the stream still do.
    void filter(const StreamEvent &event, StreamEvents &out);
    // Every candidate told so far has met a sequence: what is still to come is only its price.
    [[nodiscard]] bool met() const;

private:
    struct Voice
    {
        std::int64_t candidate = 0;
        std::int64_t part = -1; // the text that grows
        QByteArray held; // of its end: may become a sequence
        bool stopped = false;
    };
    struct Hit
    {
        qsizetype at = -1;
        QByteArray sequence;
    };

    [[nodiscard]] Voice &voice(std::int64_t candidate);
    [[nodiscard]] Hit find(const QByteArray &text) const;
    [[nodiscard]] qsizetype doubtful(const QByteArray &text) const;
    void start(const PartStart &start, StreamEvents &out);
    void grow(Voice &voice, const QByteArray &bytes, StreamEvents &out);
    void release(Voice &voice, StreamEvents &out);
    void stop(Voice &voice, const QByteArray &sequence, StreamEvents &out);

    QByteArrayList m_sequences;
    std::vector<Voice> m_voices;
};

// The same for a whole answer: what folding the filtered events gives.
[[nodiscard]] Response cutAtStop(const Response &response, const QByteArrayList &sequences);

} // namespace tollgate::conversation
