// SPDX-License-Identifier: GPL-3.0-or-later
// The usage object: any compatible vendor's read, OpenAI's written.
#pragma once

#include "core/conversation/response.h"
#include "core/protocol/usage.h"

namespace tollgate::codecs::chat {

using namespace conversation;

// Gathers the reports of one answer, which vendors put into several places and repeat.
class UsageReader
{
public:
    // The usage object of a completion or chunk, wherever it stands in it. True if one was there.
    bool read(JsonValue completion);
    [[nodiscard]] bool reported() const { return m_figures.reported(); }
    [[nodiscard]] Usage usage();

private:
    void take(JsonValue usage);

    protocol::UsageFigures m_figures;
    Native m_native;
};

void writeUsage(JsonWriter &out, const Usage &usage);

} // namespace tollgate::codecs::chat
