// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/tomltree.h"

#include "core/clients/textstyle.h"

#include <QRegularExpression>
#include <QSet>

#include <optional>

namespace tollgate::clients {
namespace {

constexpr int deepest = 50;

std::optional<Value> wordOf(const QString &word)
{
    static const QRegularExpression number(QStringLiteral(
        "\\A(?:[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?"
        "|[+-]?(?:inf|nan)|0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*)"
        "\\z"));
    static const QRegularExpression date(QStringLiteral(
        "\\A(?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?"
        "(?:[Zz]|[+-][0-9]{2}:[0-9]{2})?)?|[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?)\\z"));
    Value value;
    value.literal = word.toLatin1();
    if (word == u"true" || word == u"false") {
        value.kind = Value::Kind::Boolean;
    } else if (number.match(word).hasMatch()) {
        value.kind = Value::Kind::Number;
        value.literal.replace("_", "");
    } else if (date.match(word).hasMatch()) {
        value.kind = Value::Kind::Number;
    } else {
        return std::nullopt;
    }
    return value;
}

bool isBareKey(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'
        || c == '-';
}

class Parser
{
public:
    explicit Parser(const QByteArray &text)
        : m_text(text)
    {
    }

    Result<TomlTree> document()
    {
        while (m_at < m_text.size()) {
            if (!line())
                return failure(
                    ErrorKind::Unprocessable,
                    QStringLiteral("Line %1 %2.").arg(lineOf(m_text, m_at)).arg(m_problem));
        }
        return std::move(m_tree);
    }

private:
    bool wrong(const QString &problem)
    {
        m_problem = problem;
        return false;
    }
    [[nodiscard]] char here(qsizetype ahead = 0) const
    {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
    }
    [[nodiscard]] bool at(QByteArrayView word) const
    {
        return QByteArrayView(m_text).sliced(m_at).startsWith(word);
    }
    void spaces()
    {
        while (here() == ' ' || here() == '\t')
            ++m_at;
    }
    // What may stand behind a value or a header: a comment, and the end of the line.
    bool restOfLine()
    {
        spaces();
        if (here() == '#') {
            while (m_at < m_text.size() && here() != '\n')
                ++m_at;
        }
        if (m_at == m_text.size())
            return true;
        if (here() == '\r')
            ++m_at;
        if (here() != '\n')
            return wrong(QStringLiteral("goes on where it should end"));
        ++m_at;
        return true;
    }

    bool line()
    {
        const qsizetype begin = m_at;
        spaces();
        const char c = here();
        if (m_at == m_text.size() || c == '#' || c == '\n' || (c == '\r' && here(1) == '\n'))
            return restOfLine();
        return c == '[' ? header(begin) : entry(begin);
    }

    bool header(qsizetype begin)
    {
        TomlHeader found;
        found.list = at("[[");
        m_at += found.list ? 2 : 1;
        const QByteArrayView closing = found.list ? "]]" : "]";
        if (!key(found.path))
            return false;
        if (!at(closing))
            return wrong(QStringLiteral("does not close its ["));
        m_at += closing.size();
        if (!restOfLine())
            return false;
        if (found.list)
            m_lists.insert(found.path);
        for (qsizetype i = 1; i <= found.path.size(); ++i)
            found.inList = found.inList || m_lists.contains(found.path.first(i));
        if (!found.inList && !isNew(found.path, m_tables))
            return wrong(QStringLiteral("names a table for the second time"));
        found.begin = begin;
        found.end = m_at;
        m_tree.headers.push_back(found);
        return true;
    }

    bool entry(qsizetype begin)
    {
        TomlEntry found;
        found.header = static_cast<int>(m_tree.headers.size()) - 1;
        if (!key(found.key))
            return false;
        if (here() != '=')
            return wrong(QStringLiteral("has no = behind its name"));
        ++m_at;
        spaces();
        if (!value(found.node, 0) || !restOfLine())
            return false;
        found.path = found.key;
        if (found.header >= 0) {
            found.path = m_tree.headers.back().path + found.key;
            found.inList = m_tree.headers.back().inList;
        }
        if (!found.inList && !isNew(found.path, m_keys))
            return wrong(QStringLiteral("names a key for the second time"));
        found.begin = begin;
        found.end = m_at;
        m_tree.entries.push_back(std::move(found));
        return true;
    }

    static bool isNew(const QStringList &path, QSet<QStringList> &known)
    {
        if (known.contains(path))
            return false;
        known.insert(path);
        return true;
    }

    bool key(QStringList &path)
    {
        for (;;) {
            spaces();
            QString part;
            if (here() == '"' || here() == '\'') {
                if (!string(part))
                    return false;
            } else {
                const qsizetype begin = m_at;
                while (isBareKey(here()))
                    ++m_at;
                if (m_at == begin)
                    return wrong(QStringLiteral("has no name where one must stand"));
                part = QString::fromLatin1(m_text.mid(begin, m_at - begin));
            }
            path.append(part);
            spaces();
            if (here() != '.')
                return true;
            ++m_at;
        }
    }

    bool value(TomlNode &node, int depth)
    {
        if (depth > deepest)
            return wrong(QStringLiteral("is nested too deeply"));
        node.begin = m_at;
        bool fine = true;
        if (here() == '"' || here() == '\'') {
            node.value.kind = Value::Kind::String;
            fine
                = at("\"\"\"") || at("'''") ? longString(node.value.text) : string(node.value.text);
        } else if (here() == '[') {
            fine = list(node, depth);
        } else if (here() == '{') {
            fine = inlineTable(node, depth);
        } else {
            fine = word(node.value);
        }
        node.end = m_at;
        return fine;
    }

    bool word(Value &value)
    {
        const qsizetype begin = m_at;
        const auto part = [](char c) { return isBareKey(c) || c == '+' || c == '.' || c == ':'; };
        while (part(here()))
            ++m_at;
        if (m_at - begin == 10 && here() == ' ' && here(1) >= '0' && here(1) <= '9') {
            ++m_at; // a date and a time may have a space between them
            while (part(here()))
                ++m_at;
        }
        const auto read = wordOf(QString::fromLatin1(m_text.mid(begin, m_at - begin)));
        if (!read) {
            m_at = begin;
            return wrong(QStringLiteral("has no value where one must stand"));
        }
        value = *read;
        return true;
    }

    bool string(QString &out)
    {
        const char quote = here();
        QByteArray bytes;
        for (++m_at; here() != quote; ++m_at) {
            const auto c = static_cast<unsigned char>(here());
            if ((c < 0x20 && c != '\t') || c == 0x7f)
                return wrong(QStringLiteral("has a text that is not closed"));
            if (here() != '\\' || quote == '\'')
                bytes += here();
            else if (!escape(bytes))
                return false;
        }
        ++m_at;
        out = QString::fromUtf8(bytes);
        return true;
    }

    bool longString(QString &out)
    {
        const char quote = here();
        const QByteArray fence(3, quote);
        m_at += 3;
        if (at("\r\n"))
            m_at += 2;
        else if (at("\n"))
            ++m_at;
        QByteArray bytes;
        while (!at(fence)) {
            if (m_at >= m_text.size())
                return wrong(QStringLiteral("is behind a text that is never closed"));
            if (here() == '\\' && quote == '"') {
                qsizetype next = m_at + 1;
                while (next < m_text.size() && isBlank(QByteArrayView(m_text).sliced(next, 1)))
                    ++next;
                if (m_text.mid(m_at + 1, next - m_at - 1).contains('\n')) {
                    m_at = next; // a \ at the end of a line takes the blanks behind it away
                    continue;
                }
                if (!escape(bytes))
                    return false;
            } else {
                bytes += here();
            }
            ++m_at;
        }
        m_at += 3;
        for (int more = 0; more < 2 && here() == quote; ++more, ++m_at)
            bytes += quote; // up to two quotes may stand before the closing ones
        out = QString::fromUtf8(bytes);
        return true;
    }

    // Leaves the position at the last character of the escape.
    bool escape(QByteArray &bytes)
    {
        static constexpr char names[] = "btnfr\"\\";
        static constexpr char meant[] = "\b\t\n\f\r\"\\";
        ++m_at;
        const int digits = here() == 'u' ? 4 : here() == 'U' ? 8 : 0;
        if (digits > 0) {
            bool hex = false;
            const uint point = m_text.mid(m_at + 1, digits).toUInt(&hex, 16);
            if (!hex || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
                return wrong(QStringLiteral("has a \\u that names no character"));
            const auto ucs4 = static_cast<char32_t>(point);
            bytes += QString::fromUcs4(&ucs4, 1).toUtf8();
            m_at += digits;
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

    // Blanks, line ends and comments, as they may stand inside a list.
    void listBlank()
    {
        for (;;) {
            if (here() == '#') {
                while (m_at < m_text.size() && here() != '\n')
                    ++m_at;
            } else if (m_at < m_text.size() && isBlank(QByteArrayView(m_text).sliced(m_at, 1))) {
                ++m_at;
            } else {
                return;
            }
        }
    }

    bool list(TomlNode &node, int depth)
    {
        node.value.kind = Value::Kind::List;
        ++m_at;
        listBlank();
        while (here() != ']') {
            TomlNode element;
            if (!value(element, depth + 1))
                return false;
            node.value.items.emplace_back(QString(), element.value);
            listBlank();
            if (here() == ',') {
                ++m_at;
                listBlank();
            } else if (here() != ']') {
                return wrong(QStringLiteral("has no , or ] where one must stand"));
            }
        }
        ++m_at;
        return true;
    }

    bool inlineTable(TomlNode &node, int depth)
    {
        node.kind = TomlNode::Kind::InlineTable;
        node.value.kind = Value::Kind::Map;
        ++m_at;
        spaces();
        while (here() != '}') {
            TomlItem item;
            item.begin = m_at;
            if (!key(item.key))
                return false;
            if (here() != '=')
                return wrong(QStringLiteral("has no = behind a name"));
            ++m_at;
            spaces();
            if (!value(item.node, depth + 1))
                return false;
            spaces();
            if (here() == ',') {
                item.comma = m_at++;
                spaces();
                if (here() == '}')
                    return wrong(QStringLiteral("has a , before a }"));
            } else if (here() != '}') {
                return wrong(QStringLiteral("has no , or } where one must stand"));
            }
            node.value.items.emplace_back(item.key.join(QLatin1Char('.')), item.node.value);
            node.items.push_back(std::move(item));
        }
        ++m_at;
        return true;
    }

    const QByteArray &m_text;
    qsizetype m_at = 0;
    QString m_problem;
    TomlTree m_tree;
    QSet<QStringList> m_lists;
    QSet<QStringList> m_tables;
    QSet<QStringList> m_keys;
};

} // namespace

Result<TomlTree> parseToml(const QByteArray &text)
{
    return Parser(text).document();
}

} // namespace tollgate::clients
