// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/converse/converse.h"

#include "core/codecs/converse/wire.h"

namespace tollgate::codecs {
namespace {

using namespace conversation;

class SilentEncoder final : public StreamEncoder
{
public:
    void write(const StreamEvent &, QByteArray &) override { }
};

class ConverseCodec final : public Codec
{
public:
    Dialect dialect() const override { return Dialect::Converse; }
    Result<Request> decodeRequest(QByteArrayView) const override
    {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("Converse is spoken to providers only."));
    }
    Result<EncodedRequest> encodeRequest(const Request &request,
                                         const Target &target) const override
    {
        return converse::writeRequest(request, target);
    }
    Result<Response> decodeResponse(QByteArrayView body) const override
    {
        return converse::readResponse(body);
    }
    QByteArray encodeResponse(const Response &, const AnswerContext &) const override { return {}; }
    std::unique_ptr<StreamDecoder> streamDecoder() const override
    {
        return converse::makeStreamReader();
    }
    std::unique_ptr<StreamEncoder> streamEncoder(const AnswerContext &) const override
    {
        return std::make_unique<SilentEncoder>();
    }
};

} // namespace

const Codec &converseCodec()
{
    static const ConverseCodec codec;
    return codec;
}

} // namespace tollgate::codecs
