// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/jsontree.h"

#include "core/clients/textstyle.h"

namespace tollgate::clients {
namespace {

constexpr int deepest = 100; // no settings file nests deeper; a stack has an end

class Parser
{
public:
    explicit Parser(const QByteArray &text)
        : m_text(text)
    {
    }

    Result<JsonNode> document()
    {
        JsonNode root;
        if (!blank() || !value(root, 0) || !blank())
            return failed();
        if (m_at != m_text.size()) {
            m_problem = QStringLiteral("has something behind its end");
            return failed();
        }
        return root;
    }

private:
    tl::unexpected<Error> failed() const
    {
        return failure(ErrorKind::Unprocessable,
                       QStringLiteral("Line %1 %2.").arg(lineOf(m_text, m_at)).arg(m_problem));
    }
    bool wrong(const QString &problem)
    {
        m_problem = problem;
        return false;
    }
    [[nodiscard]] char here(qsizetype ahead = 0) const
    {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
    }

    bool blank()
    {
        for (;;) {
            const char c = here();
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                ++m_at;
            } else if (c == '/' && here(1) == '/') {
                const qsizetype end = m_text.indexOf('\n', m_at);
                m_at = end < 0 ? m_text.size() : end;
            } else if (c == '/' && here(1) == '*') {
                const qsizetype end = m_text.indexOf("*/", m_at + 2);
                if (end < 0)
                    return wrong(QStringLiteral("begins a comment that never ends"));
                m_at = end + 2;
            } else {
                return true;
            }
        }
    }

    bool value(JsonNode &node, int depth)
    {
        if (depth > deepest)
            return wrong(QStringLiteral("is nested too deeply"));
        node.begin = m_at;
        const char c = here();
        bool fine = false;
        if (c == '{') {
            node.kind = JsonNode::Kind::Object;
            fine = members(node, '}', depth);
        } else if (c == '[') {
            node.kind = JsonNode::Kind::Array;
            fine = members(node, ']', depth);
        } else if (c == '"') {
            node.kind = JsonNode::Kind::String;
            fine = string(nullptr);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            node.kind = JsonNode::Kind::Number;
            fine = number();
        } else {
            fine = word();
        }
        node.end = m_at;
        return fine;
    }

    bool members(JsonNode &node, char closing, int depth)
    {
        ++m_at;
        if (!blank())
            return false;
        while (here() != closing) {
            JsonMember member;
            member.begin = m_at;
            if (closing == '}') {
                if (here() != '"')
                    return wrong(QStringLiteral("has no \" where a name or } must stand"));
                if (!string(&member.key) || !blank())
                    return false;
                if (here() != ':')
                    return wrong(QStringLiteral("has no : behind a name"));
                ++m_at;
                if (!blank())
                    return false;
            }
            if (!value(member.value, depth + 1) || !blank())
                return false;
            const bool comma = here() == ',';
            if (comma)
                member.comma = m_at++;
            if (!blank())
                return false;
            node.members.push_back(std::move(member));
            if (!comma && here() != closing)
                return wrong(QStringLiteral("has no , or %1 where one must stand")
                                 .arg(QLatin1Char(closing)));
        }
        ++m_at;
        return true;
    }

    bool string(QString *out)
    {
        QByteArray bytes;
        for (++m_at; here() != '"'; ++m_at) {
            const char c = here();
            if (static_cast<unsigned char>(c) < 0x20)
                return wrong(QStringLiteral("has a text that is not closed"));
            if (c != '\\') {
                bytes += c;
                continue;
            }
            ++m_at;
            if (!escape(bytes))
                return false;
        }
        ++m_at;
        if (out != nullptr)
            *out = QString::fromUtf8(bytes);
        return true;
    }

    // Surrogate pairs are put together by QString, so that one half alone becomes U+FFFD.
    bool escape(QByteArray &bytes)
    {
        static constexpr char names[] = "\"\\/bfnrt";
        static constexpr char meant[] = "\"\\/\b\f\n\r\t";
        if (here() == 'u') {
            QString units;
            --m_at;
            while (here() == '\\' && here(1) == 'u') {
                bool hex = false;
                const uint unit = m_text.mid(m_at + 2, 4).toUInt(&hex, 16);
                if (!hex || m_at + 6 > m_text.size())
                    return wrong(QStringLiteral("has a \\u without four digits"));
                units += QChar(static_cast<char16_t>(unit));
                m_at += 6;
            }
            --m_at;
            bytes += units.toUtf8();
            return true;
        }
        for (int i = 0; names[i] != '\0'; ++i) {
            if (here() == names[i]) {
                bytes += meant[i];
                return true;
            }
        }
        return wrong(QStringLiteral("has a \\ before something that needs none"));
    }

    bool digits()
    {
        const qsizetype first = m_at;
        while (here() >= '0' && here() <= '9')
            ++m_at;
        return m_at > first || wrong(QStringLiteral("has a number without digits"));
    }

    bool number()
    {
        if (here() == '-')
            ++m_at;
        if (here() == '0')
            ++m_at;
        else if (!digits())
            return false;
        if (here() == '.') {
            ++m_at;
            if (!digits())
                return false;
        }
        if (here() == 'e' || here() == 'E') {
            ++m_at;
            if (here() == '+' || here() == '-')
                ++m_at;
            return digits();
        }
        return true;
    }

    bool word()
    {
        for (const QByteArrayView name : {"true", "false", "null"}) {
            if (QByteArrayView(m_text).sliced(m_at).startsWith(name)) {
                m_at += name.size();
                return true;
            }
        }
        return wrong(QStringLiteral("has no value where one must stand"));
    }

    const QByteArray &m_text;
    qsizetype m_at = 0;
    QString m_problem;

    friend QString stringAt(const QByteArray &text, qsizetype at);
};

QString stringAt(const QByteArray &text, qsizetype at)
{
    Parser parser(text);
    parser.m_at = at;
    QString out;
    return parser.string(&out) ? out : QString();
}

} // namespace

Result<JsonNode> parseJsonTree(const QByteArray &text)
{
    return Parser(text).document();
}

Value valueOf(const QByteArray &text, const JsonNode &node)
{
    Value value;
    const QByteArray raw = text.mid(node.begin, node.end - node.begin);
    switch (node.kind) {
    case JsonNode::Kind::String:
        return Value::string(stringAt(text, node.begin));
    case JsonNode::Kind::Number:
        value.kind = Value::Kind::Number;
        value.literal = raw;
        return value;
    case JsonNode::Kind::Literal:
        if (raw != "null") {
            value.kind = Value::Kind::Boolean;
            value.literal = raw;
        }
        return value;
    case JsonNode::Kind::Object:
    case JsonNode::Kind::Array:
        break;
    }
    value.kind = node.kind == JsonNode::Kind::Object ? Value::Kind::Map : Value::Kind::List;
    for (const JsonMember &member : node.members)
        value.items.emplace_back(member.key, valueOf(text, member.value));
    return value;
}

Result<Value> parseJson(const QByteArray &text)
{
    return parseJsonTree(text).map([&](const JsonNode &root) { return valueOf(text, root); });
}

} // namespace tollgate::clients
