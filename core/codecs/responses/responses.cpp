// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/responses/responses.h"

#include "core/codecs/responses/wire.h"

namespace tollgate::codecs {
namespace {

using namespace conversation;

class ResponsesCodec final : public Codec
{
public:
    [[nodiscard]] Dialect dialect() const override { return Dialect::Responses; }
    [[nodiscard]] Result<Request> decodeRequest(QByteArrayView body) const override
    {
        return responses::readRequest(body);
    }
    [[nodiscard]] Result<EncodedRequest> encodeRequest(const Request &request,
                                                       const Target &target) const override
    {
        return responses::writeRequest(request, target);
    }
    [[nodiscard]] Result<Response> decodeResponse(QByteArrayView body) const override
    {
        return responses::readResponse(body);
    }
    [[nodiscard]] QByteArray encodeResponse(const Response &response,
                                            const AnswerContext &context) const override
    {
        return responses::writeResponse(response, context);
    }
    [[nodiscard]] AnswerPlaces answerPlaces(const AnswerContext &) const override
    {
        AnswerPlaces places;
        places.candidates = false;
        places.logprobs = AnswerPlaces::Logprobs::Content;
        places.media = AnswerPlaces::Images;
        return places;
    }
    [[nodiscard]] std::unique_ptr<StreamDecoder> streamDecoder() const override
    {
        return responses::streamReader();
    }
    [[nodiscard]] std::unique_ptr<StreamEncoder>
    streamEncoder(const AnswerContext &context) const override
    {
        return responses::streamWriter(context);
    }
};

} // namespace

const Codec &responsesCodec()
{
    static const ResponsesCodec codec;
    return codec;
}

} // namespace tollgate::codecs
