// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/yamlscan.h"

#include "core/clients/editor.h"
#include "core/clients/jsontree.h"
#include "core/clients/textstyle.h"

namespace tollgate::clients {
namespace {

class Scanner
{
public:
    explicit Scanner(const QByteArray &text)
        : m_text(text)
    {
    }

    Result<std::vector<YamlLine>> scan()
    {
        for (qsizetype at = 0; at < m_text.size();) {
            YamlLine line;
            line.begin = at;
            line.end = lineEnd(m_text, at);
            at = line.end;
            if (!take(line))
                return refused(
                    QStringLiteral("Line %1 %2.").arg(lineOf(m_text, line.begin)).arg(m_problem));
            m_lines.push_back(line);
        }
        if (m_quote != '\0' || m_depth > 0)
            return refused(QStringLiteral("A quote or bracket is never closed."));
        return std::move(m_lines);
    }

private:
    bool wrong(const QString &problem)
    {
        m_problem = problem;
        return false;
    }

    bool take(YamlLine &line)
    {
        qsizetype end = line.end;
        while (end > line.begin && (m_text[end - 1] == '\n' || m_text[end - 1] == '\r'))
            --end;
        m_end = end;
        m_at = line.begin;
        while (m_at < end && m_text[m_at] == ' ')
            ++m_at;
        line.indent = m_at - line.begin;
        if (m_quote != '\0' || m_depth > 0) {
            line.kind = YamlLine::Kind::Inside;
            return rest(line);
        }
        if (m_block >= 0) {
            if (m_at == end || line.indent > m_block) {
                line.kind = m_at == end ? YamlLine::Kind::Blank : YamlLine::Kind::Inside;
                return true;
            }
            m_block = -1;
        }
        if (m_at == end || m_text[m_at] == '#')
            return true;
        if (m_text[m_at] == '\t')
            return isBlank(QByteArrayView(m_text).sliced(m_at, end - m_at))
                || wrong(QStringLiteral("is indented by a tab"));
        return structure(line);
    }

    bool structure(YamlLine &line)
    {
        const QByteArray content = m_text.mid(m_at, m_end - m_at);
        if (line.indent == 0 && (content == "---" || content.startsWith("--- "))) {
            return (content == "---" && !m_begun)
                || wrong(QStringLiteral("begins another document"));
        }
        if (line.indent == 0 && (content.startsWith("...") || content.startsWith('%')))
            return wrong(QStringLiteral("has a mark that is not understood here"));
        m_begun = true;
        while (isDash()) {
            if (line.dash < 0)
                line.dash = m_at - line.begin;
            m_inner = m_at - line.begin;
            ++m_at;
            spaces();
        }
        if (line.dash < 0)
            m_inner = line.indent;
        if (m_text[m_at] == '?' && (m_at + 1 == m_end || m_text[m_at + 1] == ' '))
            return wrong(QStringLiteral("has a ? key, which is not understood here"));
        properties();
        if (key(line))
            line.kind = YamlLine::Kind::Key;
        else
            line.kind = line.dash >= 0 ? YamlLine::Kind::Item : YamlLine::Kind::Text;
        line.valueBegin = m_at;
        return value(line);
    }

    [[nodiscard]] bool isDash() const
    {
        return m_at < m_end && m_text[m_at] == '-'
            && (m_at + 1 == m_end || m_text[m_at + 1] == ' ');
    }
    void spaces()
    {
        while (m_at < m_end && (m_text[m_at] == ' ' || m_text[m_at] == '\t'))
            ++m_at;
    }
    // Anchors and tags before a key or a value; they stay where they are.
    void properties()
    {
        while (m_at < m_end && (m_text[m_at] == '&' || m_text[m_at] == '!')) {
            while (m_at < m_end && m_text[m_at] != ' ')
                ++m_at;
            spaces();
        }
    }

    bool key(YamlLine &line)
    {
        const qsizetype begin = m_at;
        qsizetype at = m_at;
        if (at < m_end && (m_text[at] == '"' || m_text[at] == '\'')) {
            at = m_text.indexOf(m_text[at], at + 1);
            if (at < 0 || at >= m_end)
                return false;
            ++at;
        } else if (at < m_end && QByteArrayView("[{|>").contains(m_text[at])) {
            return false;
        } else {
            while (at < m_end && m_text[at] != ':' && !(m_text[at] == '#' && m_text[at - 1] == ' '))
                ++at;
            while (at + 1 < m_end && m_text[at] == ':' && m_text[at + 1] != ' ') {
                ++at; // a colon inside a plain word, as in a URL
                while (at < m_end && m_text[at] != ':')
                    ++at;
            }
        }
        while (at < m_end && m_text[at] == ' ')
            ++at;
        if (at >= m_end || m_text[at] != ':' || (at + 1 < m_end && m_text[at + 1] != ' '))
            return false;
        line.key = yamlScalar(m_text.mid(begin, at - begin).trimmed());
        line.keyColumn = begin - line.begin;
        m_inner = line.keyColumn;
        m_at = at + 1;
        spaces();
        properties();
        return true;
    }

    bool value(YamlLine &line)
    {
        if (m_at < m_end && (m_text[m_at] == '|' || m_text[m_at] == '>')) {
            line.valueEnd = m_end;
            line.open = true;
            m_block = m_inner;
            return true;
        }
        return rest(line);
    }

    // Scans to the end of the line, minding quotes, brackets and comments.
    bool rest(YamlLine &line)
    {
        const bool plain = m_quote == '\0' && m_depth == 0 && m_at < m_end
            && !QByteArrayView("\"'[{").contains(m_text[m_at]);
        line.valueEnd = m_at;
        for (; m_at < m_end; ++m_at) {
            const char c = m_text[m_at];
            const bool spaced
                = m_at == line.begin || m_text[m_at - 1] == ' ' || m_text[m_at - 1] == '\t';
            if (m_quote != '\0') {
                quoted(c);
            } else if (c == '#' && spaced) {
                break;
            } else if (!plain && (c == '"' || c == '\'')) {
                m_quote = c;
            } else if (!plain && (c == '[' || c == '{')) {
                ++m_depth;
            } else if (!plain && (c == ']' || c == '}')) {
                if (--m_depth < 0)
                    return wrong(QStringLiteral("closes a bracket that is not open"));
            } else if (plain && c == ':' && (m_at + 1 == m_end || m_text[m_at + 1] == ' ')) {
                return wrong(QStringLiteral("has a second : in one value"));
            }
            if (c != ' ' && c != '\t')
                line.valueEnd = m_at + 1;
        }
        line.valueEnd = std::min(line.valueEnd, m_end);
        line.open = m_quote != '\0' || m_depth > 0;
        return true;
    }

    void quoted(char c)
    {
        const bool twice = m_at + 1 < m_end && m_text[m_at + 1] == '\'';
        if ((c == '\\' && m_quote == '"') || (c == '\'' && m_quote == '\'' && twice))
            ++m_at;
        else if (c == m_quote)
            m_quote = '\0';
    }

    const QByteArray &m_text;
    std::vector<YamlLine> m_lines;
    QString m_problem;
    qsizetype m_at = 0;
    qsizetype m_end = 0;
    qsizetype m_inner = 0; // column of the innermost key or dash of the line
    qsizetype m_block = -1; // a literal text is open, indented deeper than this
    char m_quote = '\0';
    int m_depth = 0;
    bool m_begun = false;
};

} // namespace

Result<std::vector<YamlLine>> scanYaml(const QByteArray &text)
{
    return Scanner(text).scan();
}

QString yamlScalar(const QByteArray &raw)
{
    if (raw.size() > 1 && raw.startsWith('\'') && raw.endsWith('\''))
        return QString::fromUtf8(raw.mid(1, raw.size() - 2).replace("''", "'"));
    if (raw.size() > 1 && raw.startsWith('"') && raw.endsWith('"')) {
        // Its escapes are JSON's and some more; those stay as they are spelled.
        const auto value = parseJson(raw);
        return value ? value->text : QString::fromUtf8(raw.mid(1, raw.size() - 2));
    }
    return QString::fromUtf8(raw);
}

} // namespace tollgate::clients
