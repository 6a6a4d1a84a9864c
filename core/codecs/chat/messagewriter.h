// SPDX-License-Identifier: GPL-3.0-or-later
// A request's messages written.
#pragma once

#include "core/codecs/chat/chat.h"
#include "core/codecs/chat/names.h"

namespace tollgate::codecs::chat {

class MessageWriter
{
public:
    MessageWriter(JsonWriter &out, const Request &request, const Target &target,
                  const ReasoningStyle &style, Dropped &dropped)
        : m_out(out)
        , m_request(request)
        , m_target(target)
        , m_style(style)
        , m_dropped(dropped)
    {
    }
    // The array; `hints` are instructions that stand for what the target does not take.
    [[nodiscard]] Result<void> write(const QByteArrayList &hints);

private:
    void writeMessage(const Message &message);
    void writeUser(const Message &message);
    void writeAssistant(const Message &message);
    void writeResult(const Part &part);
    void writeHints(const QByteArrayList &hints);
    void writeContent(const std::vector<const Part *> &parts, bool assistant);
    void noteUnwritten(const Part &part);
    void writePart(const Part &part);
    void writeMedia(const Media &media, const Part &part);
    void writeThoughts(const Message &message);
    void writeCalls(const Message &message);
    void writeCall(const Part &part, const ToolCall &call);
    void writeNatives(const Native &bag, std::initializer_list<QByteArrayView> except = {});
    [[nodiscard]] bool isPlain(const Part &part) const;
    [[nodiscard]] bool writable(const Part &part);
    void refuse(const char *param, const QString &message);

    JsonWriter &m_out;
    const Request &m_request;
    const Target &m_target;
    const ReasoningStyle &m_style;
    Dropped &m_dropped;
    std::optional<Error> m_failed;
};

// One element of a message's or delta's tool_calls, with the object open: all but its index.
void writeCallMembers(JsonWriter &out, const ToolCall &call);

} // namespace tollgate::codecs::chat
