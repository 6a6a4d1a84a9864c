// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/messages/messages.h"

#include "core/codecs/messages/request.h"
#include "core/codecs/messages/response.h"

namespace tollgate::codecs {
namespace {

using namespace conversation;

class MessagesCodec final : public Codec
{
public:
    Dialect dialect() const override { return Dialect::Messages; }
    Result<Request> decodeRequest(QByteArrayView body) const override
    {
        return messages::readRequest(body);
    }
    Result<EncodedRequest> encodeRequest(const Request &request,
                                         const Target &target) const override
    {
        return messages::writeRequest(request, target);
    }
    Result<Response> decodeResponse(QByteArrayView body) const override
    {
        return messages::readResponse(body);
    }
    QByteArray encodeResponse(const Response &response, const AnswerContext &context) const override
    {
        return messages::writeResponse(response, context);
    }
    AnswerPlaces answerPlaces(const AnswerContext &context) const override
    {
        AnswerPlaces places;
        places.candidates = false;
        places.logprobs = AnswerPlaces::Logprobs::None;
        places.partSeals = messages::thinkingShown(context).blocks; // in blocks of their own
        places.media = AnswerPlaces::Images | AnswerPlaces::LinkedImages | AnswerPlaces::Documents;
        return places;
    }
    std::unique_ptr<StreamDecoder> streamDecoder() const override
    {
        return messages::makeStreamReader();
    }
    std::unique_ptr<StreamEncoder> streamEncoder(const AnswerContext &context) const override
    {
        return messages::makeStreamWriter(context);
    }
};

} // namespace

const Codec &messagesCodec()
{
    static const MessagesCodec codec;
    return codec;
}

} // namespace tollgate::codecs
