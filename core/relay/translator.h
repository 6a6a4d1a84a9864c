// SPDX-License-Identifier: GPL-3.0-or-later
// One attempt in another way than the client's: what the vendor is asked, and what the client is
// told of its answer. Internal to this room.
#pragma once

#include "core/conversation/dropped.h"
#include "core/protocol/endpoint.h"
#include "core/relay/answerstream.h"

#include <memory>
#include <optional>

namespace tollgate::relay {

class Translator
{
public:
    struct Whole
    {
        QByteArray body;
        protocol::AnswerFacts facts;
        conversation::Dropped untold; // of the vendor's answer
    };

    Translator() = default;
    virtual ~Translator() = default;
    Translator(const Translator &) = delete;
    Translator &operator=(const Translator &) = delete;

    // How the vendor is asked.
    [[nodiscard]] virtual const protocol::Endpoint &endpoint() const = 0;
    // `maxOutput`: lowers what the client asked for.
    [[nodiscard]] virtual Result<QByteArray> requestBody(std::optional<std::int64_t> maxOutput) = 0;
    // What the last body had no place for.
    [[nodiscard]] virtual const conversation::Dropped &dropped() const = 0;
    [[nodiscard]] virtual Result<Whole> answer(QByteArrayView body) const = 0;
    [[nodiscard]] virtual std::unique_ptr<AnswerStream> stream() const = 0;
};

} // namespace tollgate::relay
