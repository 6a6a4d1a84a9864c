// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/ollama/messages.h"
#include "core/conversation/customtools.h"
#include "core/conversation/toolpairs.h"

namespace tollgate::codecs::ollama {
namespace {

template <class... F> struct Cases : F...
{
    using F::operator()...;
};
template <class... F> Cases(F...) -> Cases<F...>;

QByteArray sealOwner(Sealed::Owner owner)
{
    switch (owner) {
    case Sealed::Owner::Anthropic:
    case Sealed::Owner::AnthropicRedacted:
        return QByteArrayLiteral("reasoning:anthropic");
    case Sealed::Owner::OpenAi:
        return QByteArrayLiteral("reasoning:openai");
    case Sealed::Owner::Gemini:
        return QByteArrayLiteral("reasoning:gemini");
    case Sealed::Owner::OpenRouter:
        return QByteArrayLiteral("reasoning:openrouter");
    }
    return {};
}

void noteSeal(const std::optional<Sealed> &sealed, Dropped &dropped)
{
    if (sealed)
        dropped.note(sealOwner(sealed->owner));
}

void noteForeign(const Native &bag, Dropped &dropped)
{
    for (const QByteArray &name : foreignNames(bag, Dialect::Ollama))
        dropped.note(name);
}

// What the user said stands in blocks of its own; what the model said was cut anywhere.
void addText(Said &said, const QByteArray &text, Role role)
{
    if (!said.content.isEmpty() && !text.isEmpty() && role != Role::Assistant)
        said.content += "\n\n";
    said.content += text;
}

// The text of a document that is text; nullopt: of any other.
std::optional<QByteArray> plainText(const Media &media)
{
    if (media.source == Media::Source::PlainText)
        return media.data;
    const bool text = media.mime.startsWith("text/") || media.mime == "application/json";
    if (media.source != Media::Source::Base64 || !text)
        return std::nullopt;
    QByteArray decoded = QByteArray::fromBase64(media.data);
    if (!decoded.isValidUtf8())
        return std::nullopt;
    return decoded;
}

Result<void> addMedia(Said &said, const Media &media, Role role, Dropped &dropped)
{
    if (!media.detail.isEmpty())
        dropped.note("detail");
    if (!media.filename.isEmpty() || !media.title.isEmpty() || !media.context.isEmpty())
        dropped.note("filename");
    if (media.kind == Media::Kind::Image && media.source == Media::Source::Base64) {
        said.images.append(media.data);
        return {};
    }
    if (const auto text = plainText(media)) {
        addText(said, *text, role);
        return {};
    }
    // The user asks about it, so that an answer without it would be about something else.
    if (role == Role::User)
        return refusal(QStringLiteral("Ollama's dialect carries pictures as base64 and text; this "
                                      "request holds other media or a reference to some."),
                       "messages");
    dropped.note("media");
    return {};
}

class MessageWriter
{
public:
    MessageWriter(JsonWriter &out, Dropped &dropped)
        : m_out(out)
        , m_dropped(dropped)
    {
    }

    Result<void> write(const Message &message)
    {
        if (!message.name.isEmpty())
            m_dropped.note("name");
        noteForeign(message.native, m_dropped);
        for (const Part &part : message.parts) {
            if (auto written = add(part, message); !written)
                return written;
        }
        // An empty message is one; one that held nothing but results is written already.
        if (m_begun || message.parts.empty())
            flush(message);
        return {};
    }

private:
    Result<void> add(const Part &part, const Message &message)
    {
        if (part.cache)
            m_dropped.note("cache_control");
        noteForeign(part.native, m_dropped);
        if (const auto *call = std::get_if<ToolCall>(&part.body)) {
            addCall(*call, part.native);
            return {};
        }
        if (const auto *result = std::get_if<ToolResult>(&part.body)) {
            if (m_begun)
                flush(message);
            return writeResult(*result, part.native);
        }
        m_begun = true;
        return say(m_said, part, message.role, m_dropped);
    }

    void addCall(const ToolCall &call, const Native &native)
    {
        noteSeal(call.sealed, m_dropped);
        if (call.kind == ToolCall::Kind::Hosted) {
            m_dropped.note("tool:" + call.hostedType);
            return;
        }
        m_begun = true;
        const QByteArray arguments = call.kind == ToolCall::Kind::Custom
            ? bridgeArguments(call.arguments)
            : argumentsObject(call.arguments);
        const bool made = call.callId == stableCallId(call.name, call.arguments, m_calls.count());
        m_calls.add(call.callId, call.name);
        if (made)
            m_made.append(call.callId);
        JsonWriter text;
        text.beginObject();
        if (!made)
            text.member("id", call.callId);
        text.key("function").beginObject().member("name", call.name).key("arguments");
        text.raw(arguments);
        writeNative(text, native, Dialect::Ollama);
        text.endObject().endObject();
        m_callList.append(text.take());
    }

    Result<void> writeResult(const ToolResult &result, const Native &native)
    {
        if (!result.hostedType.isEmpty()) {
            m_dropped.note("tool:" + result.hostedType);
            return {};
        }
        if (result.error)
            m_dropped.note("is_error"); // the text says it, in all likelihood
        const QByteArray name = result.name.isEmpty() ? m_calls.nameOf(result.callId) : result.name;
        // An id that was made up here need not be told, where the order says it too.
        const bool made = result.callId == m_calls.nextOf(name) && m_made.contains(result.callId);
        m_calls.answered(result.callId);
        Said said;
        for (const auto &part : result.parts) {
            Part whole;
            std::visit([&whole](const auto &body) { whole.body = body; }, part);
            if (auto added = say(said, whole, Role::User, m_dropped); !added)
                return added;
        }
        m_out.beginObject().member("role", "tool").member("content", said.content);
        writeImages(said.images);
        if (!name.isEmpty())
            m_out.member("tool_name", name);
        if (!made)
            m_out.member("tool_call_id", result.callId);
        writeNative(m_out, native, Dialect::Ollama);
        m_out.endObject();
        return {};
    }

    void writeImages(const QByteArrayList &images)
    {
        if (images.isEmpty())
            return;
        m_out.key("images").beginArray();
        for (const QByteArray &image : images)
            m_out.string(QByteArrayView(image));
        m_out.endArray();
    }

    void flush(const Message &message)
    {
        const char *const role = message.role == Role::Assistant ? "assistant"
            : message.role == Role::User                         ? "user"
                                                                 : "system";
        m_out.beginObject().member("role", role).member("content", m_said.content);
        if (!m_said.thinking.isEmpty())
            m_out.member("thinking", m_said.thinking);
        writeImages(m_said.images);
        if (!m_callList.isEmpty()) {
            m_out.key("tool_calls").beginArray();
            for (const QByteArray &call : m_callList)
                m_out.raw(call);
            m_out.endArray();
        }
        writeNative(m_out, message.native, Dialect::Ollama);
        m_out.endObject();
        m_said = {};
        m_callList.clear();
        m_begun = false;
    }

    JsonWriter &m_out;
    Dropped &m_dropped;
    OpenCalls m_calls;
    Said m_said;
    QByteArrayList m_callList;
    QByteArrayList m_made; // ids of calls that the client told without
    bool m_begun = false;
};

} // namespace

Result<void> say(Said &said, const Part &part, Role role, Dropped &dropped)
{
    noteSeal(part.sealed, dropped);
    return std::visit(Cases{
                          [&](const Text &text) -> Result<void> {
                              if (!text.citations.empty())
                                  dropped.note("citations");
                              addText(said, text.text, role);
                              return {};
                          },
                          [&](const Media &media) { return addMedia(said, media, role, dropped); },
                          [&](const Reasoning &reasoning) -> Result<void> {
                              noteSeal(reasoning.sealed, dropped);
                              if (!said.thinking.isEmpty() && !reasoning.text.isEmpty())
                                  said.thinking += "\n\n";
                              said.thinking += withParagraphs(reasoning);
                              return {};
                          },
                          [&](const Refusal &refused) -> Result<void> {
                              addText(said, refused.text, role);
                              return {};
                          },
                          [&](const Opaque &opaque) -> Result<void> {
                              dropped.note(opaque.type.isEmpty() ? "part" : opaque.type);
                              return {};
                          },
                          [](const auto &) -> Result<void> { return {}; },
                      },
                      part.body);
}

QByteArray argumentsObject(const QByteArray &arguments)
{
    if (arguments.trimmed().isEmpty())
        return QByteArrayLiteral("{}");
    const auto tree = protocol::JsonTree::parse(arguments);
    if (tree && tree->root().isObject())
        return arguments;
    JsonWriter out;
    out.beginObject().member("_raw", arguments).endObject();
    return out.take();
}

QByteArray withParagraphs(const Reasoning &reasoning)
{
    QByteArray out;
    qsizetype from = 0;
    for (const qsizetype at : reasoning.breaks) {
        if (at <= from || at >= reasoning.text.size())
            continue;
        out += QByteArrayView(reasoning.text).sliced(from, at - from);
        out += "\n\n";
        from = at;
    }
    out += QByteArrayView(reasoning.text).sliced(from);
    return out;
}

Result<void> writeMessages(JsonWriter &out, const std::vector<Message> &messages, Dropped &dropped)
{
    out.beginArray();
    MessageWriter writer(out, dropped);
    for (const Message &message : messages) {
        if (auto written = writer.write(message); !written)
            return written;
    }
    out.endArray();
    return {};
}

} // namespace tollgate::codecs::ollama
