// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/keptstate.h"

namespace tollgate::conversation {
namespace {

Error refusal(const QByteArray &param, const QString &message)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = message;
    error.param = param;
    return error;
}

bool refersToItems(const Message &message)
{
    for (const Part &part : message.parts) {
        const auto *opaque = std::get_if<Opaque>(&part.body);
        // A reference may leave its type out.
        if (opaque && opaque->owner == Dialect::Responses
            && (opaque->type == "item_reference" || opaque->type.isEmpty()))
            return true;
    }
    return false;
}

} // namespace

std::optional<Error> refersElsewhere(const Request &request)
{
    const auto set = [&](QByteArrayView name) {
        const QByteArray value = nativeOf(request.native, Dialect::Responses, name);
        return !value.isEmpty() && value != "null" && value != "false";
    };
    if (!request.previousResponseId.isEmpty())
        return refusal("previous_response_id",
                       QStringLiteral("previous_response_id names an answer that nobody has kept "
                                      "for this model; send the whole conversation in input."));
    if (set("conversation"))
        return refusal("conversation",
                       QStringLiteral("Conversations are not kept for this model; send the whole "
                                      "conversation in input."));
    if (set("prompt"))
        return refusal("prompt",
                       QStringLiteral("Stored prompts are not known to this model's provider; send "
                                      "instructions and input instead."));
    if (set("background"))
        return refusal("background",
                       QStringLiteral("This model's provider does not answer in the background."));
    for (const Message &message : request.messages) {
        if (refersToItems(message))
            return refusal("input",
                           QStringLiteral("An item_reference names an item that nobody has kept "
                                          "for this model; send the item itself."));
    }
    return {};
}

} // namespace tollgate::conversation
