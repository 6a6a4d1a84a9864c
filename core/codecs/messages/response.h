// SPDX-License-Identifier: GPL-3.0-or-later
// An answer, whole or streamed.
#pragma once

#include "core/codecs/messages/wire.h"

namespace tollgate::codecs::messages {

[[nodiscard]] Result<Response> readResponse(QByteArrayView body);
[[nodiscard]] QByteArray writeResponse(const Response &response, const AnswerContext &context);
[[nodiscard]] std::unique_ptr<StreamDecoder> makeStreamReader();
[[nodiscard]] std::unique_ptr<StreamEncoder> makeStreamWriter(const AnswerContext &context);

// What of the model's reasoning the client is to see. A client that did not ask for thinking does
// not expect its blocks: they would stand where it looks for the text.
struct ThinkingShown
{
    bool blocks = true;
    bool text = true;
};
[[nodiscard]] ThinkingShown thinkingShown(const AnswerContext &context);

[[nodiscard]] QByteArray answerId(const QByteArray &id, Dialect source,
                                  const AnswerContext &context);
// The text of a reasoning with its paragraphs set apart.
[[nodiscard]] QByteArray paragraphs(const Reasoning &reasoning);
// What a stop means, knowing the parts it ends.
// `called`: the last of them is a call, so that the client is waited for.
void judgeStop(Stop &stop, bool called, bool answeredByTool);
[[nodiscard]] bool endsWithCall(const std::vector<Part> &parts);

} // namespace tollgate::codecs::messages
