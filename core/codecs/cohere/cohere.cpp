// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/cohere/cohere.h"

#include "core/codecs/cohere/wire.h"

namespace tollgate::codecs {

using namespace conversation;

namespace {

class NoEncoder : public StreamEncoder
{
public:
    void write(const StreamEvent &, QByteArray &) override { }
};

class CohereCodec : public Codec
{
public:
    Dialect dialect() const override { return Dialect::Cohere; }
    Result<Request> decodeRequest(QByteArrayView) const override
    {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("Cohere's API is not served here: ask in another dialect."),
                       "dialect_not_served");
    }
    Result<EncodedRequest> encodeRequest(const Request &request,
                                         const Target &target) const override
    {
        return cohere::writeRequest(request, target);
    }
    Result<Response> decodeResponse(QByteArrayView body) const override
    {
        return cohere::readResponse(body);
    }
    QByteArray encodeResponse(const Response &, const AnswerContext &) const override { return {}; }
    std::unique_ptr<StreamDecoder> streamDecoder() const override
    {
        return cohere::makeStreamReader();
    }
    std::unique_ptr<StreamEncoder> streamEncoder(const AnswerContext &) const override
    {
        return std::make_unique<NoEncoder>();
    }
};

} // namespace

const Codec &cohereCodec()
{
    static const CohereCodec codec;
    return codec;
}

} // namespace tollgate::codecs
