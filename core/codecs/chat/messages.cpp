// SPDX-License-Identifier: GPL-3.0-or-later
// The messages of a request: roles, and tool messages as results.
#include "core/codecs/chat/content.h"
#include "core/conversation/media.h"

#include <QHash>

namespace tollgate::codecs::chat {
namespace {

tl::unexpected<Error> refused(const QString &message, qsizetype index)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.message = message;
    error.param = "messages." + QByteArray::number(index);
    return failure(std::move(error));
}

class Reader
{
public:
    Result<void> add(JsonValue source);
    std::vector<Message> messages;

private:
    void addPlain(JsonValue source, Role role);
    void addAssistant(JsonValue source);
    void addResult(JsonValue source);
    [[nodiscard]] QByteArray callIdFor(JsonValue source);

    qsizetype m_index = 0;
    bool m_results = false; // the last message holds results
};

void Reader::addPlain(JsonValue source, Role role)
{
    Message message;
    message.role = role;
    message.developer = source["role"].is("developer");
    message.name = source["name"].string();
    message.parts = readContent(source["content"]);
    for (const JsonValue member : source) {
        if (member.isSet() && !member.keyIs("role") && !member.keyIs("content")
            && !member.keyIs("name"))
            keep(message.native, Dialect::Chat, member.key(), member.json());
    }
    messages.push_back(std::move(message));
}

void Reader::addAssistant(JsonValue source)
{
    messages.push_back(readAssistant(source, QByteArray::number(m_index)));
}

// A vendor's client that was given no ids sends none back: the next call in order, by name if told.
QByteArray Reader::callIdFor(JsonValue source)
{
    if (QByteArray id = source["tool_call_id"].string(); !id.isEmpty())
        return id;
    const QByteArray name = source["name"].string();
    int answered = 0;
    if (m_results) {
        for (const Part &part : messages.back().parts)
            answered += std::get_if<ToolResult>(&part.body) ? 1 : 0;
    }
    const qsizetype at = static_cast<qsizetype>(messages.size()) - (m_results ? 2 : 1);
    if (at < 0)
        return name;
    int position = 0;
    for (const Part &part : messages[static_cast<std::size_t>(at)].parts) {
        const auto *call = std::get_if<ToolCall>(&part.body);
        if (call && position++ >= answered && (name.isEmpty() || call->name == name))
            return call->callId;
    }
    return name;
}

void Reader::addResult(JsonValue source)
{
    ToolResult result;
    result.callId = callIdFor(source);
    result.name = source["name"].string();
    Part part;
    for (Part &piece : readContent(source["content"])) {
        if (piece.cache) {
            part.cache = piece.cache;
            for (const NativeMember &member : piece.native)
                part.native.push_back(member);
        }
        if (auto *text = std::get_if<Text>(&piece.body))
            result.parts.emplace_back(std::move(*text));
        else if (auto *media = std::get_if<Media>(&piece.body))
            result.parts.emplace_back(std::move(*media));
        else if (auto *opaque = std::get_if<Opaque>(&piece.body))
            result.parts.emplace_back(Text{opaque->json, {}});
    }
    part.body = std::move(result);
    if (const auto mark = readCacheMark(source))
        part.cache = mark;
    for (const JsonValue member : source) {
        if (member.isSet() && !member.keyIs("role") && !member.keyIs("content")
            && !member.keyIs("name") && !member.keyIs("tool_call_id"))
            keep(part.native, Dialect::Chat, member.key(), member.json());
    }
    if (!m_results) {
        Message message;
        message.role = Role::User;
        messages.push_back(std::move(message));
    }
    messages.back().parts.push_back(std::move(part));
}

Result<void> Reader::add(JsonValue source)
{
    if (!source.isObject())
        return refused(QStringLiteral("A message must be an object."), m_index);
    const QByteArray role = source["role"].string();
    bool results = false;
    if (role == "system" || role == "developer") {
        addPlain(source, Role::System);
    } else if (role == "user") {
        addPlain(source, Role::User);
    } else if (role == "assistant") {
        addAssistant(source);
    } else if (role == "tool" || role == "function") {
        addResult(source);
        results = true;
    } else {
        return refused(QStringLiteral("The role \"%1\" is not known: use system, developer, user, "
                                      "assistant or tool.")
                           .arg(QString::fromUtf8(role)),
                       m_index);
    }
    m_results = results;
    ++m_index;
    return {};
}

} // namespace

Result<std::vector<Message>> readMessages(JsonValue messages)
{
    Reader reader;
    for (const JsonValue message : messages) {
        if (auto added = reader.add(message); !added)
            return failure(added.error());
    }
    return std::move(reader.messages);
}

} // namespace tollgate::codecs::chat
