// SPDX-License-Identifier: GPL-3.0-or-later
// What the files of this codec share.
#pragma once

#include "core/conversation/codec.h"

#include <QString>

#include <memory>

namespace tollgate::codecs::ollama {

using namespace conversation;

enum class Form { Chat, Generate };

[[nodiscard]] Result<Request> readRequest(Form form, QByteArrayView body);
[[nodiscard]] Result<EncodedRequest> writeRequest(Form form, const Request &request,
                                                  const Target &target);
[[nodiscard]] Result<Response> readAnswer(Form form, QByteArrayView body);
[[nodiscard]] QByteArray writeAnswer(Form form, const Response &response,
                                     const AnswerContext &context);
[[nodiscard]] std::unique_ptr<StreamDecoder> makeDecoder(Form form);
[[nodiscard]] std::unique_ptr<StreamEncoder> makeEncoder(Form form, const AnswerContext &context);

[[nodiscard]] tl::unexpected<Error> refusal(QString message, QByteArray param);

// Members of `options` without a canonical place are kept natively under "options." and their name.
inline constexpr QByteArrayView kOptions = "options.";

// Which calls still wait for a result. Ollama's results used to name the tool alone, and may name
// nothing: then they answer in the order of the calls.
class OpenCalls
{
public:
    void add(QByteArray id, QByteArray name);
    // The id of the call that a result of this tool answers; empty: there is none.
    [[nodiscard]] QByteArray nextOf(QByteArrayView name) const;
    void answered(QByteArrayView id);
    [[nodiscard]] QByteArray nameOf(QByteArrayView id) const;
    [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(m_calls.size()); }

private:
    struct Call
    {
        QByteArray id;
        QByteArray name;
        bool open = true;
    };
    std::vector<Call> m_calls;
};

} // namespace tollgate::codecs::ollama
