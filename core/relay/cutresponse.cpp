// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/cutresponse.h"

#include "core/base/jsonwriter.h"
#include "core/codecs/responses/responses.h"
#include "core/relay/framing.h"

#include <algorithm>
#include <array>

namespace tollgate::relay {
namespace {

using namespace conversation;

// What the stream's first event said of an answer that had not begun.
void forgetBeginning(Native &native)
{
    constexpr std::array kSaid{QByteArrayView("status"), QByteArrayView("incomplete_details"),
                               QByteArrayView("completed_at")};
    std::erase_if(native, [&](const NativeMember &member) {
        return std::find(kSaid.begin(), kSaid.end(), member.name) != kSaid.end();
    });
}

void markCut(Part &part)
{
    std::erase_if(part.native, [](const NativeMember &member) { return member.name == "status"; });
    keep(part.native, Dialect::Responses, "status", "\"incomplete\"");
}

// The parts that began but for one are whole.
Response partial(QByteArrayView told)
{
    Framing framing(Dialect::Responses);
    const auto reader = codecs::responsesCodec().streamDecoder();
    Folder folder(Dialect::Responses);
    StreamEvents events;
    bool open = false;
    framing.append(told);
    for (;;) {
        const auto frame = framing.next();
        if (!frame || !*frame)
            break;
        reader->read((*frame)->type, (*frame)->data, events);
        for (const StreamEvent &event : events) {
            open = (open && !std::holds_alternative<PartEnd>(event))
                || std::holds_alternative<PartStart>(event);
            folder.add(event);
        }
        events.clear();
    }
    Response response = folder.take();
    if (response.candidates.empty())
        response.candidates.resize(1);
    std::vector<Part> &parts = response.candidates.front().message.parts;
    if (open && !parts.empty())
        markCut(parts.back());
    return response;
}

} // namespace

QByteArray cutResponse(QByteArrayView told, const AnswerStream::Cut &cut, std::int64_t sequence)
{
    Response response = partial(told);
    forgetBeginning(response.native);
    response.candidates.front().stop = {StopReason::MaxTokens, {}, "max_output_tokens"};
    Usage usage;
    usage.counts = cut.used;
    usage.estimated = true;
    response.usage = std::move(usage);
    AnswerContext context;
    context.model = response.model.isEmpty() ? cut.model : response.model;
    context.nowS = cut.createdS;
    JsonWriter json;
    json.beginObject().member("type", "response.incomplete").member("sequence_number", sequence);
    json.key("response").raw(codecs::responsesCodec().encodeResponse(response, context));
    json.endObject();
    return "event: response.incomplete\ndata: " + json.take() + "\n\n";
}

} // namespace tollgate::relay
