// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/gemini.h"

#include "core/codecs/gemini/answer.h"
#include "core/codecs/gemini/request.h"

namespace tollgate::codecs {

using namespace conversation;

namespace {

class GeminiCodec : public Codec
{
public:
    Dialect dialect() const override { return Dialect::Gemini; }
    Result<Request> decodeRequest(QByteArrayView body) const override
    {
        return gemini::readRequest(body);
    }
    Result<EncodedRequest> encodeRequest(const Request &request,
                                         const Target &target) const override
    {
        return gemini::writeRequest(request, target);
    }
    Result<Response> decodeResponse(QByteArrayView body) const override
    {
        return gemini::readResponse(body);
    }
    QByteArray encodeResponse(const Response &response, const AnswerContext &context) const override
    {
        return gemini::writeResponse(response, context);
    }
    AnswerPlaces answerPlaces(const AnswerContext &) const override
    {
        AnswerPlaces places;
        places.logprobs = AnswerPlaces::Logprobs::Content;
        return places;
    }
    std::unique_ptr<StreamDecoder> streamDecoder() const override
    {
        return gemini::makeStreamReader();
    }
    std::unique_ptr<StreamEncoder> streamEncoder(const AnswerContext &context) const override
    {
        return gemini::makeStreamWriter(context);
    }
};

} // namespace

const Codec &geminiCodec()
{
    static const GeminiCodec codec;
    return codec;
}

} // namespace tollgate::codecs
