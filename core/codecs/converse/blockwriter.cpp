// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/converse/blockwriter.h"

#include "core/codecs/messages/wire.h"
#include "core/conversation/customtools.h"

#include <QCryptographicHash>

#include <algorithm>

namespace tollgate::codecs::converse {
namespace {

constexpr QByteArrayView kNothing = "."; // a turn must say something
constexpr qsizetype kLongestId = 64; // and the longest name
constexpr qsizetype kShortId = 9;

bool isBlank(QByteArrayView text)
{
    return text.trimmed().isEmpty();
}

bool isWritten(const Part &part, const Family &family)
{
    if (const auto *text = std::get_if<Text>(&part.body))
        return !isBlank(text->text);
    if (std::holds_alternative<Reasoning>(part.body))
        return family.thinking == Family::Thinking::Claude;
    return true;
}

} // namespace

QByteArray BlockWriter::callId(const QByteArray &id) const
{
    if (!m_family.shortIds)
        return messages::wireId(id, kLongestId);
    const bool fits = id.size() == kShortId && messages::isPlainName(id, kShortId)
        && !id.contains('_') && !id.contains('-');
    return fits ? id
                : QCryptographicHash::hash(id, QCryptographicHash::Sha256).toHex().left(kShortId);
}

// Letters, digits, single spaces, hyphens, parentheses and brackets; each name once.
QByteArray BlockWriter::documentName(const Media &media)
{
    constexpr qsizetype kLongest = 150;
    const QByteArray &told = media.title.isEmpty() ? media.filename : media.title;
    QByteArray name;
    for (const char c : told.left(kLongest)) {
        const bool taken = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || QByteArrayView("-()[]").contains(c);
        if (taken)
            name += c;
        else if (!name.isEmpty() && !name.endsWith(' '))
            name += ' ';
    }
    name = name.trimmed();
    ++m_documents;
    if (name.isEmpty())
        return "document " + QByteArray::number(m_documents);
    return m_documents == 1 ? name : name + ' ' + QByteArray::number(m_documents);
}

void BlockWriter::cachePoint(const std::optional<CacheMark> &mark)
{
    constexpr int kFiveMinutes = 300;
    if (!mark)
        return;
    if (!m_family.cachePoints) {
        m_dropped.note("cache_control");
        return;
    }
    m_out.beginObject().key("cachePoint").beginObject().member("type", "default");
    if (mark->ttlS > kFiveMinutes)
        m_out.member("ttl", "1h");
    m_out.endObject().endObject();
}

void BlockWriter::writeText(QByteArrayView text)
{
    m_out.beginObject().member("text", text).endObject();
}

Result<void> BlockWriter::writeSource(const Media &media)
{
    m_out.key("source").beginObject();
    switch (media.source) {
    case Media::Source::Base64:
        m_out.member("bytes", media.data);
        break;
    case Media::Source::PlainText:
        m_out.member("bytes", media.data.toBase64());
        break;
    case Media::Source::Url:
        if (!media.data.startsWith("s3://"))
            return messages::refused(
                QStringLiteral("This provider fetches no URLs: send the file itself."), "messages");
        m_out.key("s3Location").beginObject().member("uri", media.data).endObject();
        break;
    case Media::Source::FileId:
        return messages::refused(
            QStringLiteral("A file uploaded to another provider cannot be sent to this one: send "
                           "the file itself."),
            "messages");
    }
    m_out.endObject();
    return {};
}

Result<void> BlockWriter::writeMedia(const Media &media)
{
    QByteArray mime = media.mime;
    if (media.source == Media::Source::Base64) {
        const QByteArray sniffed = sniffMime(media.data);
        if (mime.isEmpty() || (media.kind == Media::Kind::Image && !sniffed.isEmpty()))
            mime = sniffed;
    } else if (media.source == Media::Source::PlainText && mime.isEmpty()) {
        mime = "text/plain";
    }
    if (mime.isEmpty())
        mime = mimeOfExtension(media.filename.isEmpty() ? media.data : media.filename);
    const QByteArray format = formatOf(media.kind, mime);
    if (format.isEmpty())
        return messages::refused(
            QStringLiteral("This provider takes no %1.")
                .arg(QString::fromUtf8(mime.isEmpty() ? QByteArray("data of unknown type") : mime)),
            "messages");
    const bool document = media.kind == Media::Kind::Document;
    m_out.beginObject();
    m_out.key(document ? "document" : media.kind == Media::Kind::Image ? "image" : "video");
    m_out.beginObject().member("format", format);
    if (document) {
        m_out.member("name", documentName(media));
        if (!media.context.isEmpty())
            m_out.member("context", media.context);
    }
    if (auto written = writeSource(media); !written)
        return written;
    m_out.endObject().endObject();
    return {};
}

Result<void> BlockWriter::writeResult(const ToolResult &result)
{
    m_out.beginObject().key("toolResult").beginObject();
    m_out.member("toolUseId", callId(result.callId)).key("content").beginArray();
    bool said = false;
    for (const std::variant<Text, Media> &piece : result.parts) {
        const auto *text = std::get_if<Text>(&piece);
        if (text && isBlank(text->text))
            continue;
        said = true;
        if (text)
            writeText(text->text);
        else if (auto written = writeMedia(std::get<Media>(piece)); !written)
            return written;
    }
    if (!said)
        writeText(result.structured.isEmpty() ? kNothing : QByteArrayView(result.structured));
    m_out.endArray();
    if (result.error && m_family.resultStatus)
        m_out.member("status", "error");
    m_out.endObject().endObject();
    return {};
}

void BlockWriter::writeCall(const ToolCall &call)
{
    m_out.beginObject().key("toolUse").beginObject().member("toolUseId", callId(call.callId));
    m_out.member("name", messages::wireId(call.name, kLongestId)).key("input");
    m_out.raw(call.kind == ToolCall::Kind::Custom ? bridgeArguments(call.arguments)
                                                  : messages::argumentsObject(call.arguments));
    m_out.endObject().endObject();
}

void BlockWriter::writeReasoning(const Reasoning &reasoning)
{
    m_out.beginObject().key("reasoningContent").beginObject();
    if (reasoning.sealed->owner == Sealed::Owner::AnthropicRedacted)
        m_out.member("redactedContent", reasoning.sealed->data.toBase64());
    else
        m_out.key("reasoningText")
            .beginObject()
            .member("text", reasoning.text)
            .member("signature", reasoning.sealed->data)
            .endObject();
    m_out.endObject().endObject();
}

Result<void> BlockWriter::writePart(const Part &part)
{
    for (const QByteArray &name : foreignNames(part.native, Dialect::Converse))
        m_dropped.note(name);
    if (const auto *text = std::get_if<Text>(&part.body)) {
        if (!text->citations.empty())
            m_dropped.note("citations");
        writeText(text->text);
    } else if (const auto *media = std::get_if<Media>(&part.body)) {
        return writeMedia(*media);
    } else if (const auto *reasoning = std::get_if<Reasoning>(&part.body)) {
        writeReasoning(*reasoning);
    } else if (const auto *call = std::get_if<ToolCall>(&part.body)) {
        writeCall(*call);
    } else if (const auto *result = std::get_if<ToolResult>(&part.body)) {
        return writeResult(*result);
    } else if (const auto *opaque = std::get_if<Opaque>(&part.body)) {
        m_out.raw(opaque->json);
    }
    return {};
}

Result<void> BlockWriter::writeSystem(const std::vector<Part> &parts)
{
    const auto said = [this](const Part &part) { return isWritten(part, m_family); };
    if (std::none_of(parts.begin(), parts.end(), said))
        return {};
    m_out.key("system").beginArray();
    for (const Part &part : parts) {
        if (!said(part))
            continue;
        if (auto written = writePart(part); !written)
            return written;
        cachePoint(part.cache);
    }
    m_out.endArray();
    return {};
}

Result<void> BlockWriter::writeTurn(const Message &turn)
{
    m_out.beginObject().member("role", turn.role == Role::Assistant ? "assistant" : "user");
    m_out.key("content").beginArray();
    bool said = false;
    bool words = false;
    bool document = false;
    for (const Part &part : turn.parts) {
        if (!isWritten(part, m_family)) {
            if (std::holds_alternative<Reasoning>(part.body))
                m_dropped.note("reasoning:anthropic");
            continue;
        }
        said = true;
        words = words || std::holds_alternative<Text>(part.body);
        const auto *media = std::get_if<Media>(&part.body);
        document = document || (media && media->kind == Media::Kind::Document);
        if (auto written = writePart(part); !written)
            return written;
        cachePoint(part.cache);
    }
    // Documents are taken only with words beside them.
    if (!said || (document && !words))
        writeText(kNothing);
    m_out.endArray().endObject();
    return {};
}

Result<void> BlockWriter::writeTurns(const std::vector<Message> &turns)
{
    m_out.key("messages").beginArray();
    for (const Message &turn : turns) {
        if (auto written = writeTurn(turn); !written)
            return written;
    }
    m_out.endArray();
    return {};
}

} // namespace tollgate::codecs::converse
