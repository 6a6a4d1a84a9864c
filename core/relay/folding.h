// SPDX-License-Identifier: GPL-3.0-or-later
// An answer that its vendor gives as a stream, told whole to a client that asked for no stream.
// Internal to this room.
#pragma once

#include "core/conversation/codec.h"
#include "core/protocol/peek.h"
#include "core/relay/translator.h"

namespace tollgate::relay {

struct Call;
struct Attempt;

// Whether the vendor gives so long an answer of this model as a stream only. `maxOutput`: as far as
// it is said.
[[nodiscard]] bool mustStream(const conversation::Target &target,
                              std::optional<std::int64_t> maxOutput);

// The answer that a whole stream tells. UpstreamFailed where it tells a failure or ends too early.
[[nodiscard]] Result<conversation::Response> foldStream(const conversation::Codec &vendor,
                                                        QByteArrayView bytes);

// Asks in the client's own dialect, with the client's own bytes but for what asks for a stream.
class Folding final : public Translator
{
public:
    struct Asked
    {
        protocol::Endpoint endpoint;
        protocol::Peek peek;
        QByteArray body;
        bool takesIncludeUsage = true;
        QByteArray maxOutputName;
    };

    // `model`: the vendor's name of it. `context`: its request is the one beside it.
    Folding(Asked asked, QByteArray model, conversation::Request request,
            conversation::AnswerContext context);

    [[nodiscard]] const protocol::Endpoint &endpoint() const override { return m_endpoint; }
    [[nodiscard]] Result<QByteArray> requestBody(std::optional<std::int64_t> maxOutput) override;
    [[nodiscard]] const conversation::Dropped &dropped() const override { return m_dropped; }
    [[nodiscard]] Result<Whole> answer(QByteArrayView body) const override;
    [[nodiscard]] std::unique_ptr<AnswerStream> stream() const override { return nullptr; }

private:
    Asked m_asked;
    QByteArray m_model;
    const conversation::Codec *m_codec;
    conversation::Request m_request;
    conversation::AnswerContext m_context;
    protocol::Endpoint m_endpoint;
    conversation::Dropped m_dropped; // nothing
};

// For an attempt in the client's own dialect; nullptr where its vendor answers as it was asked.
[[nodiscard]] std::unique_ptr<Translator> foldingFor(const Call &call, Attempt &attempt);

} // namespace tollgate::relay
