// SPDX-License-Identifier: GPL-3.0-or-later
// A provider's stream on its way to a client: cut into events, metered, and given on, as it is or
// in another dialect. Pure.
#pragma once

#include "core/base/result.h"
#include "core/conversation/dropped.h"
#include "core/protocol/answerfacts.h"

#include <QByteArray>

#include <optional>

namespace tollgate::relay {

class AnswerStream
{
public:
    AnswerStream() = default;
    virtual ~AnswerStream() = default;
    AnswerStream(const AnswerStream &) = delete;
    AnswerStream &operator=(const AnswerStream &) = delete;

    // Appends to `passing` what the client gets for every complete event, up to and without the
    // terminal one. Fails where an event is beyond all limits.
    [[nodiscard]] virtual Result<void> cut(QByteArrayView bytes, QByteArray &passing) = 0;
    // The provider has ended its answer cleanly: what was held back for want of an end counts too.
    virtual void close(QByteArray &passing) = 0;

    [[nodiscard]] virtual bool contentSeen() const = 0;
    [[nodiscard]] virtual bool final() const = 0; // the terminal event came
    [[nodiscard]] virtual const std::optional<Error> &error() const = 0; // told in the stream
    [[nodiscard]] virtual bool complete() const = 0; // it ended as its dialect says it must
    [[nodiscard]] virtual const protocol::AnswerFacts &facts() const = 0;
    // What of the vendor's answer the client has not been told, so far.
    [[nodiscard]] virtual const conversation::Dropped &untold() const
    {
        static const conversation::Dropped nothing;
        return nothing;
    }
    // What ends the client's stream: the terminal (or error) event and what followed it.
    [[nodiscard]] virtual const QByteArray &tail() const = 0;
    // What ends the client's stream after a failure that the provider did not tell.
    [[nodiscard]] virtual QByteArray failed(const Error &error) = 0;
    // What ends the client's stream where we stop it: an answer that was cut at its maximum length.
    struct Cut
    {
        TokenCounts used;
        QByteArray model; // where the provider has named none
        std::int64_t createdS = 0;
    };
    [[nodiscard]] virtual QByteArray cutShort(const Cut &cut) = 0;
};

} // namespace tollgate::relay
