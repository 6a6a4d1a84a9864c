// SPDX-License-Identifier: GPL-3.0-or-later
// Tools and the choice among them.
#pragma once

#include "core/codecs/chat/chat.h"
#include "core/codecs/chat/names.h"

namespace tollgate::codecs::chat {

[[nodiscard]] std::vector<Tool> readTools(JsonValue tools, JsonValue legacyFunctions);
[[nodiscard]] ToolChoice readToolChoice(JsonValue choice, JsonValue legacyChoice);

struct ToolsWriter
{
    JsonWriter &out;
    const Target &target;
    const ReasoningStyle &style;
    const Request &request;
    Dropped &dropped;

    // tools, tool_choice and parallel_tool_calls. Gives the instruction that stands for a choice
    // which the target does not take.
    [[nodiscard]] Result<QByteArray> write();

private:
    [[nodiscard]] Result<void> writeTool(const Tool &tool);
    [[nodiscard]] Result<void> writeFunction(const Tool &tool);
    [[nodiscard]] QByteArray writeChoice(bool onlyAllowed);
};

} // namespace tollgate::codecs::chat
