// SPDX-License-Identifier: GPL-3.0-or-later
// Usage as this dialect tells it: input without what the cache had, output with the thoughts.
#pragma once

#include "core/codecs/messages/wire.h"
#include "core/protocol/usage.h"

namespace tollgate::codecs::messages {

// Reports of one answer, the later added to the earlier.
class UsageTally
{
public:
    void read(JsonValue usage);
    [[nodiscard]] bool reported() const { return m_reported; }
    [[nodiscard]] Usage usage();
    [[nodiscard]] const QByteArray &serviceTier() const { return m_serviceTier; }

private:
    protocol::UsageFigures m_figures;
    Native m_native;
    QByteArray m_serviceTier;
    bool m_reported = false;
};

// The value of "usage"; zeros where nothing is known.
void writeUsage(JsonWriter &out, const std::optional<Usage> &usage, const QByteArray &serviceTier);

} // namespace tollgate::codecs::messages
