// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/conversation/customtools.h"

#include "core/protocol/jsontree.h"

#include <QString>

#include <algorithm>
#include <array>

namespace tollgate::conversation {
namespace {

constexpr QByteArrayView kParameter = "input";

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Bytes at the end that begin a character which is not all there.
qsizetype unfinished(QByteArrayView utf8)
{
    const qsizetype most = std::min<qsizetype>(3, utf8.size());
    for (qsizetype back = 1; back <= most; ++back) {
        const auto byte = static_cast<unsigned char>(utf8[utf8.size() - back]);
        if ((byte & 0xc0) == 0x80)
            continue;
        const int length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

// The text in arguments of any other form than the one asked for.
QByteArray bestText(const QByteArray &arguments)
{
    const auto tree = protocol::JsonTree::parse(arguments);
    if (!tree)
        return arguments;
    const JsonValue root = tree->root();
    if (root.isString())
        return root.string();
    if (const JsonValue input = root[kParameter]; input.isString())
        return input.string();
    if (root.isObject() && root.size() == 0)
        return {};
    if (root.isObject() && root.size() == 1 && (*root.begin()).isString())
        return (*root.begin()).string();
    return arguments;
}

QByteArray grammarWords(const QByteArray &format)
{
    const auto tree = protocol::JsonTree::parse(format);
    if (!tree)
        return {};
    // Chat nests the grammar, Responses does not.
    const JsonValue root = tree->root();
    const JsonValue grammar = root["grammar"].isObject() ? root["grammar"] : root;
    const QByteArray definition = grammar["definition"].string();
    if (definition.isEmpty())
        return {};
    return "The text must match this " + grammar["syntax"].string() + " grammar:\n" + definition;
}

} // namespace

Tool bridgeTool(const Tool &tool)
{
    if (tool.kind != Tool::Kind::Custom)
        return tool;
    Tool function = tool;
    function.kind = Tool::Kind::Function;
    function.format.clear();
    const QByteArray grammar = tool.format.isEmpty() ? QByteArray() : grammarWords(tool.format);
    if (!grammar.isEmpty())
        function.description += (function.description.isEmpty() ? "" : "\n\n") + grammar;
    JsonWriter schema;
    schema.beginObject().member("type", "object").key("properties").beginObject();
    schema.key(kParameter).beginObject().member("type", "string");
    schema.member("description", "The tool's whole input, as plain text.").endObject().endObject();
    schema.key("required").beginArray().string(kParameter).endArray();
    schema.member("additionalProperties", false).endObject();
    function.schema = schema.take();
    return function;
}

QByteArray bridgeArguments(QByteArrayView text)
{
    JsonWriter out;
    out.beginObject().member(kParameter, text).endObject();
    return out.take();
}

bool isCustomTool(QByteArrayView name, const Request *request)
{
    return request
        && std::any_of(request->tools.begin(), request->tools.end(), [name](const Tool &tool) {
               return tool.kind == Tool::Kind::Custom && tool.name == name;
           });
}

std::optional<QByteArray> unbridge(QByteArrayView name, QByteArrayView arguments,
                                   const Request *request)
{
    if (!isCustomTool(name, request))
        return {};
    CustomInput input;
    QByteArray text = input.feed(arguments);
    return text + input.finish();
}

QByteArray CustomInput::feed(QByteArrayView arguments)
{
    QByteArray out;
    if (m_state == State::Done)
        return out;
    m_held += arguments;
    if (m_state == State::Lead)
        leadIn();
    if (m_state == State::Text)
        text(out, false);
    return out;
}

QByteArray CustomInput::finish()
{
    QByteArray out;
    if (m_state == State::Text)
        text(out, true);
    else if (m_state != State::Done)
        out = bestText(m_held);
    m_state = State::Done;
    m_held.clear();
    return out;
}

// {"input": " with whitespace wherever JSON allows it; anything else is read at the end, whole.
void CustomInput::leadIn()
{
    constexpr std::array<QByteArrayView, 4> kTokens{"{", "\"input\"", ":", "\""};
    qsizetype at = 0;
    for (const QByteArrayView token : kTokens) {
        while (at < m_held.size() && isSpace(m_held[at]))
            ++at;
        const QByteArrayView rest = QByteArrayView(m_held).sliced(at);
        if (rest.size() < token.size()) {
            if (!token.startsWith(rest))
                m_state = State::Whole;
            return;
        }
        if (!rest.startsWith(token)) {
            m_state = State::Whole;
            return;
        }
        at += token.size();
    }
    m_held.remove(0, at);
    m_state = State::Text;
}

void CustomInput::flushHigh(QByteArray &out)
{
    if (m_high)
        out += "\xef\xbf\xbd";
    m_high = 0;
}

void CustomInput::unit(QByteArray &out, char16_t unit)
{
    if (QChar::isLowSurrogate(unit) && m_high) {
        const char32_t point = QChar::surrogateToUcs4(m_high, unit);
        m_high = 0;
        out += QString::fromUcs4(&point, 1).toUtf8();
        return;
    }
    flushHigh(out);
    if (QChar::isHighSurrogate(unit))
        m_high = unit;
    else if (QChar::isLowSurrogate(unit))
        out += "\xef\xbf\xbd";
    else
        out += QString(QChar(unit)).toUtf8();
}

// The escape at `at`; false where it is not all there yet. A broken one stands for itself.
bool CustomInput::escape(QByteArray &out, qsizetype &at, bool last)
{
    constexpr QByteArrayView kNames = "\"\\/bfnrt";
    constexpr QByteArrayView kMeanings = "\"\\/\b\f\n\r\t";
    const qsizetype left = m_held.size() - at;
    if (left < 2 || (m_held[at + 1] == 'u' && left < 6 && !last))
        return last ? (++at, true) : false;
    const char name = m_held[at + 1];
    if (name == 'u') {
        bool valid = false;
        const ushort code = left < 6 ? ushort(0) : m_held.mid(at + 2, 4).toUShort(&valid, 16);
        if (!valid) {
            flushHigh(out);
            out += m_held.mid(at, 2);
            at += 2;
            return true;
        }
        unit(out, char16_t(code));
        at += 6;
        return true;
    }
    flushHigh(out);
    const qsizetype known = kNames.indexOf(name);
    if (known >= 0) {
        out += kMeanings[known];
        at += 2;
    } else {
        out += '\\';
        ++at;
    }
    return true;
}

void CustomInput::text(QByteArray &out, bool last)
{
    qsizetype at = 0;
    while (at < m_held.size()) {
        const char c = m_held[at];
        if (c == '"') {
            m_state = State::Done;
            break;
        }
        if (c == '\\') {
            if (!escape(out, at, last))
                break;
            continue;
        }
        qsizetype end = at;
        while (end < m_held.size() && m_held[end] != '"' && m_held[end] != '\\')
            ++end;
        QByteArrayView plain = QByteArrayView(m_held).sliced(at, end - at);
        if (end == m_held.size() && !last)
            plain.chop(unfinished(plain));
        if (plain.isEmpty())
            break;
        flushHigh(out);
        out += plain;
        at += plain.size();
    }
    if (m_state == State::Done || last)
        flushHigh(out);
    m_held.remove(0, m_state == State::Done ? m_held.size() : at);
}

} // namespace tollgate::conversation
