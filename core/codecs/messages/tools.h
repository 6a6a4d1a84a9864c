// SPDX-License-Identifier: GPL-3.0-or-later
// Tools and the choice among them.
#pragma once

#include "core/codecs/messages/wire.h"

namespace tollgate::codecs::messages {

[[nodiscard]] Result<void> readTools(JsonValue request, Request &into);
[[nodiscard]] Result<void> readToolChoice(JsonValue request, Request &into);

// The request's tools as this vendor can have them.
struct OfferedTools
{
    std::vector<Tool> tools; // Function, and Hosted ones of this dialect
    ToolChoice choice; // what is left of it
    QByteArray instruction; // for the system, where words must do
    bool answerTool = false; // an output schema is asked for through a tool: see kAnswerTool

    [[nodiscard]] bool forced() const
    {
        return !tools.empty()
            && (choice.mode == ToolChoice::Mode::Required
                || choice.mode == ToolChoice::Mode::Named);
    }
};
[[nodiscard]] Result<OfferedTools> offerTools(const Request &request, const Target &target,
                                              Dialect dialect, Dropped &dropped);
// The parameters of a function, or the schema of an answer, fit for the vendor.
[[nodiscard]] Result<QByteArray> toolSchema(const Tool &tool, bool own, bool strict);

[[nodiscard]] Result<void> writeTools(JsonWriter &out, const OfferedTools &offered, bool own);
void writeToolChoice(JsonWriter &out, const OfferedTools &offered, const Native &bag);

} // namespace tollgate::codecs::messages
