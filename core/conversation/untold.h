// SPDX-License-Identifier: GPL-3.0-or-later
// What of an answer has no place in the dialect that its client is told it in: calls of the
// vendor's own tools, further answers, citations, sound, verdicts on its safety … Nothing of an
// answer is lost without a note.
#pragma once

#include "core/conversation/dropped.h"
#include "core/conversation/event.h"

namespace tollgate::conversation {

// What a dialect's answers have a place for beside text. Said by its codec.
struct AnswerPlaces
{
    enum class Logprobs { None, Content, All };
    enum Media : unsigned { Images = 1, LinkedImages = 2, Audio = 4, Documents = 8, Video = 16 };

    bool candidates = true; // more than one
    Logprobs logprobs = Logprobs::All;
    bool citations = true; // of pages; places in documents are their owner's own
    bool reasoning = true;
    bool seals = true; // signatures of reasoning and calls, encrypted reasoning
    bool partSeals = true; // signatures of texts and media
    int calls = 1'000'000; // as many of the client's tools as one answer may call
    unsigned media = Images | LinkedImages | Audio | Documents | Video;
};

class Untold
{
public:
    // An answer told in the vendor's own dialect leaves nothing out.
    Untold(Dialect vendor, Dialect client, AnswerPlaces places)
        : m_vendor(vendor)
        , m_client(client)
        , m_places(places)
    {
    }

    void add(const StreamEvent &event);
    void add(const Response &response);
    // Each as "answer:" and its name in the vendor's words where it has one.
    [[nodiscard]] const Dropped &dropped() const { return m_dropped; }

private:
    void note(const QByteArray &what);
    void members(const Native &bag);
    void ofAnswer(const Native &bag);
    void begin(std::int64_t candidate, const Part &part);
    void go(const PartDelta &delta);
    void cite(const Citation &citation);
    void media(const conversation::Media &media);
    void call(const ToolCall &call);
    [[nodiscard]] bool heard(std::int64_t candidate);

    Dialect m_vendor;
    Dialect m_client;
    AnswerPlaces m_places;
    bool m_sealsWithPart = false; // the open part is a reasoning or a call
    int m_calls = 0;
    Dropped m_dropped;
};

} // namespace tollgate::conversation
