// SPDX-License-Identifier: GPL-3.0-or-later
// What every codec must keep, checked on recorded traffic: nothing lost on the way through the
// canonical form, a folded stream equal to the whole answer, the same for any cut of the stream.
// Each check gives an empty text, or what is wrong.
#pragma once

#include "core/conversation/codec.h"
#include "tests/protocol/fixtures.h"

#include <QStringList>

namespace tollgate::test {

struct WireEvent
{
    QByteArray type;
    QByteArray data;
};

// Recorded generations in a dialect; `request` or `body` may be empty. Empty without
// TOLLGATE_FIXTURES.
[[nodiscard]] std::vector<Recorded> recordedIn(protocol::Dialect dialect);

// The events of an SSE body, of Gemini's array of chunks, or of NDJSON.
[[nodiscard]] std::vector<WireEvent> wireEvents(QByteArrayView body);

// Where `again` lacks a member or element of `original`, or tells another value, as "a.b[].c: …".
// Null and what is empty count as absent, numbers are compared by value, one plain text part is a
// text. An exception is such a path, "[]" for any
// index; with ".*" behind it, all that is under it, and "*." before it, at any depth.
[[nodiscard]] QStringList uncovered(QByteArrayView original, QByteArrayView again,
                                    const QStringList &exceptions = {});

// One line a fact; two values are equal where these are.
[[nodiscard]] QByteArrayList describe(const conversation::Request &request);
[[nodiscard]] QByteArrayList describe(const conversation::Response &response);
[[nodiscard]] QByteArrayList describe(const conversation::StreamEvents &events);
// The first lines that differ.
[[nodiscard]] QString difference(const QByteArrayList &left, const QByteArrayList &right);

// The canonical events of a stream, finish() included.
[[nodiscard]] conversation::StreamEvents decodeStream(const conversation::Codec &codec,
                                                      const std::vector<WireEvent> &wire);
[[nodiscard]] conversation::Response foldEvents(const conversation::Codec &codec,
                                                const conversation::StreamEvents &events);
[[nodiscard]] QByteArray encodeStream(const conversation::Codec &codec,
                                      const conversation::StreamEvents &events,
                                      const conversation::AnswerContext &context);
// The same events with each text, refusal, reasoning and arguments delta cut into pieces of at most
// `bytes`, never inside a character.
[[nodiscard]] conversation::StreamEvents shattered(const conversation::StreamEvents &events,
                                                   qsizetype bytes);

// decode, encode, decode: every member is found again, the canonical value is the same, the same
// bytes come out each time.
[[nodiscard]] QString requestSurvives(const conversation::Codec &codec, QByteArrayView body,
                                      const conversation::Target &target,
                                      const QStringList &exceptions = {});
[[nodiscard]] QString responseSurvives(const conversation::Codec &codec, QByteArrayView body,
                                       const conversation::AnswerContext &context,
                                       const QStringList &exceptions = {});
// decode, encode, decode: the same folded answer, also where the deltas are cut into small pieces.
[[nodiscard]] QString streamSurvives(const conversation::Codec &codec,
                                     const std::vector<WireEvent> &wire,
                                     const conversation::AnswerContext &context);
// The order that event.h promises: one start, dense parts that do not overlap, one end at most.
[[nodiscard]] QString grammarOf(const conversation::StreamEvents &events);
// Whatever number of events arrives: the grammar holds and the end is told exactly once.
[[nodiscard]] QString cutsAreTold(const conversation::Codec &codec,
                                  const std::vector<WireEvent> &wire);

} // namespace tollgate::test
