// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/ollama.h"

#include "core/codecs/ollama/wire.h"

#include <algorithm>

namespace tollgate::codecs {
namespace {

using namespace conversation;

class OllamaCodec final : public Codec
{
public:
    explicit OllamaCodec(ollama::Form form)
        : m_form(form)
    {
    }

    Dialect dialect() const override { return Dialect::Ollama; }
    Result<Request> decodeRequest(QByteArrayView body) const override
    {
        return ollama::readRequest(m_form, body);
    }
    Result<EncodedRequest> encodeRequest(const Request &request,
                                         const Target &target) const override
    {
        return ollama::writeRequest(m_form, request, target);
    }
    Result<Response> decodeResponse(QByteArrayView body) const override
    {
        return ollama::readAnswer(m_form, body);
    }
    QByteArray encodeResponse(const Response &response, const AnswerContext &context) const override
    {
        return ollama::writeAnswer(m_form, response, context);
    }
    AnswerPlaces answerPlaces(const AnswerContext &) const override
    {
        AnswerPlaces places;
        places.candidates = false;
        places.logprobs = AnswerPlaces::Logprobs::Content;
        places.citations = places.seals = places.partSeals = false;
        places.media = AnswerPlaces::LinkedImages; // as a link in the text
        if (m_form == ollama::Form::Chat)
            places.media |= AnswerPlaces::Images;
        return places;
    }
    std::unique_ptr<StreamDecoder> streamDecoder() const override
    {
        return ollama::makeDecoder(m_form);
    }
    std::unique_ptr<StreamEncoder> streamEncoder(const AnswerContext &context) const override
    {
        return ollama::makeEncoder(m_form, context);
    }

private:
    ollama::Form m_form;
};

} // namespace

std::optional<Error> onlyOllamas(const Request &request)
{
    const QByteArray suffix = nativeOf(request.native, Dialect::Ollama, "suffix");
    if (!suffix.isEmpty() && suffix != "null" && suffix != "\"\"")
        return ollama::refusal(QStringLiteral("This model's provider cannot fill in text before a "
                                              "\"suffix\"; send the prompt alone."),
                               "suffix")
            .value();
    if (nativeOf(request.native, Dialect::Ollama, "raw") == "true")
        return ollama::refusal(QStringLiteral("This model's provider puts each prompt into its "
                                              "own template; leave \"raw\" out."),
                               "raw")
            .value();
    return {};
}

namespace ollama {

tl::unexpected<Error> refusal(QString message, QByteArray param)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = std::move(message);
    error.param = std::move(param);
    return failure(std::move(error));
}

void OpenCalls::add(QByteArray id, QByteArray name)
{
    m_calls.push_back({std::move(id), std::move(name)});
}

QByteArray OpenCalls::nextOf(QByteArrayView name) const
{
    for (const Call &call : m_calls) {
        if (call.open && (name.isEmpty() || call.name == name))
            return call.id;
    }
    return {};
}

void OpenCalls::answered(QByteArrayView id)
{
    for (Call &call : m_calls) {
        if (call.open && call.id == id) {
            call.open = false;
            return;
        }
    }
}

QByteArray OpenCalls::nameOf(QByteArrayView id) const
{
    for (const Call &call : m_calls) {
        if (call.id == id)
            return call.name;
    }
    return {};
}

} // namespace ollama

const Codec &ollamaCodec()
{
    static const OllamaCodec codec(ollama::Form::Chat);
    return codec;
}

const Codec &ollamaGenerateCodec()
{
    static const OllamaCodec codec(ollama::Form::Generate);
    return codec;
}

bool asksOllamaToLoad(bool generate, const Request &request)
{
    if (!generate)
        return request.messages.empty();
    return std::all_of(request.messages.begin(), request.messages.end(),
                       [](const Message &message) { return message.role == Role::System; });
}

QByteArray ollamaLoadAnswer(bool generate, const Request &request, const AnswerContext &context)
{
    const QByteArray keepAlive = nativeOf(request.native, Dialect::Ollama, "keep_alive");
    const bool unload = keepAlive == "0" || keepAlive == "\"0\"" || keepAlive == "\"0s\"";
    Response response;
    response.source = Dialect::Ollama;
    Candidate candidate;
    candidate.stop = {StopReason::Other, {}, unload ? "unload" : "load"};
    response.candidates.push_back(std::move(candidate));
    return ollama::writeAnswer(generate ? ollama::Form::Generate : ollama::Form::Chat, response,
                               context);
}

} // namespace tollgate::codecs
