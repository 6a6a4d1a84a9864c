// SPDX-License-Identifier: GPL-3.0-or-later
// generateContent requests: reading a client's, writing one for the vendor.
#pragma once

#include "core/codecs/gemini/wire.h"
#include "core/conversation/codec.h"

namespace tollgate::codecs::gemini {

[[nodiscard]] Result<conversation::Request> readRequest(QByteArrayView body);
[[nodiscard]] Result<conversation::EncodedRequest>
writeRequest(const conversation::Request &request, const conversation::Target &target);

// Its halves: see the files of their names.
void readTools(JsonValue root, conversation::Request &request);
[[nodiscard]] Result<void> readGenerationConfig(JsonValue config, conversation::Request &request);

// What a request says beside its messages, as Gemini wants it.
struct Plan
{
    const conversation::Request &request;
    const conversation::Target &target;
    bool own = false; // the client speaks Gemini too: nothing is rearranged
    std::vector<conversation::Tool> functions; // Custom ones bridged, choice applied
    std::vector<conversation::NativeMember> hosted; // name and value of further tools
    bool schemaInWords = false; // the output's form is told in the instruction
    conversation::Dropped dropped;
};

[[nodiscard]] Plan planOf(const conversation::Request &request, const conversation::Target &target);
[[nodiscard]] Result<void> writeTools(JsonWriter &out, Plan &plan);
void writeToolConfig(JsonWriter &out, Plan &plan);
[[nodiscard]] Result<void> writeGenerationConfig(JsonWriter &out, Plan &plan);
// systemInstruction and contents.
[[nodiscard]] Result<void> writeMessages(JsonWriter &out, Plan &plan);
// The sentence that asks for the output's form where the vendor cannot be told it.
[[nodiscard]] QByteArray formInWords(const conversation::OutputFormat &format);

} // namespace tollgate::codecs::gemini
