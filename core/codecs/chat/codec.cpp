// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/chat/answers.h"
#include "core/codecs/chat/chat.h"
#include "core/codecs/chat/requests.h"
#include "core/codecs/chat/streams.h"

namespace tollgate::codecs {
namespace {

using namespace conversation;

class ChatCodec final : public Codec
{
public:
    explicit ChatCodec(bool thinkTags)
        : m_thinkTags(thinkTags)
    {
    }
    [[nodiscard]] Dialect dialect() const override { return Dialect::Chat; }
    [[nodiscard]] Result<Request> decodeRequest(QByteArrayView body) const override
    {
        return chat::readRequest(body);
    }
    [[nodiscard]] Result<EncodedRequest> encodeRequest(const Request &request,
                                                       const Target &target) const override
    {
        return chat::writeRequest(request, target);
    }
    [[nodiscard]] Result<Response> decodeResponse(QByteArrayView body) const override
    {
        return chat::readAnswer(body, m_thinkTags);
    }
    [[nodiscard]] QByteArray encodeResponse(const Response &response,
                                            const AnswerContext &context) const override
    {
        return chat::writeAnswer(response, context);
    }
    [[nodiscard]] AnswerPlaces answerPlaces(const AnswerContext &context) const override
    {
        AnswerPlaces places;
        places.partSeals = false;
        places.media = AnswerPlaces::Images | AnswerPlaces::LinkedImages | AnswerPlaces::Audio;
        if (chat::asksForFunctionCall(context))
            places.calls = 1;
        return places;
    }
    [[nodiscard]] std::unique_ptr<StreamDecoder> streamDecoder() const override
    {
        return chat::streamDecoder(m_thinkTags);
    }
    [[nodiscard]] std::unique_ptr<StreamEncoder>
    streamEncoder(const AnswerContext &context) const override
    {
        return chat::streamEncoder(context);
    }

private:
    bool m_thinkTags;
};

} // namespace

const Codec &chatCodec()
{
    static const ChatCodec codec(false);
    return codec;
}

const Codec &chatThinkTagsCodec()
{
    static const ChatCodec codec(true);
    return codec;
}

} // namespace tollgate::codecs
