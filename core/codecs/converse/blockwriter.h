// SPDX-License-Identifier: GPL-3.0-or-later
// The system's words and the turns of a Converse request.
#pragma once

#include "core/codecs/converse/wire.h"

namespace tollgate::codecs::converse {

class BlockWriter
{
public:
    BlockWriter(JsonWriter &out, const Family &family, Dropped &dropped)
        : m_out(out)
        , m_family(family)
        , m_dropped(dropped)
    {
    }

    [[nodiscard]] Result<void> writeSystem(const std::vector<Part> &parts);
    [[nodiscard]] Result<void> writeTurns(const std::vector<Message> &turns);
    // Behind the block or tool it marks.
    void cachePoint(const std::optional<CacheMark> &mark);

private:
    [[nodiscard]] Result<void> writeTurn(const Message &turn);
    [[nodiscard]] Result<void> writePart(const Part &part);
    [[nodiscard]] Result<void> writeMedia(const Media &media);
    [[nodiscard]] Result<void> writeSource(const Media &media);
    [[nodiscard]] Result<void> writeResult(const ToolResult &result);
    void writeCall(const ToolCall &call);
    void writeReasoning(const Reasoning &reasoning);
    void writeText(QByteArrayView text);
    [[nodiscard]] QByteArray callId(const QByteArray &id) const;
    [[nodiscard]] QByteArray documentName(const Media &media);

    JsonWriter &m_out;
    const Family &m_family;
    Dropped &m_dropped;
    int m_documents = 0;
};

} // namespace tollgate::codecs::converse
