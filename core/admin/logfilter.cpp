// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/logfilter.h"

#include "core/admin/logfiltervalues.h"
#include "core/admin/logfilterwords.h"

#include <array>

namespace tollgate::admin {
namespace {

using store::LogExpression;
using store::LogField;
using store::LogMatch;
using store::LogState;
using store::LogTerm;
using namespace filterwords;

constexpr int kDeepest = 32;
constexpr int kMostTerms = 100;
constexpr qsizetype kLongest = 4'096;

LogExpression termOf(LogTerm term)
{
    LogExpression expression;
    expression.kind = LogExpression::Kind::Term;
    expression.term = std::move(term);
    return expression;
}

LogExpression combined(LogExpression::Kind kind, std::vector<LogExpression> parts)
{
    if (parts.size() == 1)
        return std::move(parts.front());
    LogExpression expression;
    expression.kind = kind;
    expression.parts = std::move(parts);
    return expression;
}

LogExpression notThat(LogExpression part)
{
    LogExpression expression;
    expression.kind = LogExpression::Kind::Not;
    expression.parts.push_back(std::move(part));
    return expression;
}

// One value behind a field's colon, as it stands in the text.
struct Item
{
    qsizetype at = 0;
    qsizetype length = 0;
    LogMatch compare = LogMatch::Equal;
    bool compared = false; // an operator was written
    bool quoted = false;
    QString text;
};

class Parser
{
public:
    Parser(const QString &text, std::int64_t nowUs, const QTimeZone &zone)
        : m_text(text)
        , m_nowUs(nowUs)
        , m_zone(zone)
    {
    }

    ParsedFilter parse()
    {
        ParsedFilter parsed;
        if (m_text.size() > kLongest) {
            fail(kLongest, m_text.size() - kLongest, QStringLiteral("This filter is too long."),
                 QStringLiteral("Leave something out."));
        } else if (skipSpace(); m_at < m_text.size()) {
            parsed.expression = any(0);
            if (!m_fault && m_at < m_text.size()) // a closing parenthesis too many
                fail(m_at, 1, QStringLiteral("No parenthesis is open here."),
                     QStringLiteral("Remove “)” or write “(” before it."));
        }
        if (!m_bodies.isEmpty() && m_alternatives) {
            fail(m_body.at, m_body.length,
                 QStringLiteral("“body:” searches files; it cannot stand beside OR."),
                 QStringLiteral("Write it in a filter without OR."));
        }
        parsed.bodies = m_bodies;
        if (m_fault)
            return {{}, {}, m_fault};
        return parsed;
    }

private:
    // What follows a fault is not looked at; expressions of it are thrown away.
    void fail(qsizetype at, qsizetype length, QString message, QString hint)
    {
        if (!m_fault)
            m_fault = FilterFault{at, length, std::move(message), std::move(hint)};
        m_at = m_text.size();
    }
    void skipSpace()
    {
        while (m_at < m_text.size() && m_text.at(m_at).isSpace())
            ++m_at;
    }
    [[nodiscard]] QChar here() const { return m_at < m_text.size() ? m_text.at(m_at) : QChar(); }
    [[nodiscard]] static bool endsWord(QChar c)
    {
        return c.isNull() || c.isSpace() || c == u'(' || c == u')';
    }
    // The word stands here by itself.
    [[nodiscard]] bool atWord(QLatin1String word) const
    {
        const qsizetype end = m_at + word.size();
        return QStringView(m_text).mid(m_at, word.size()).compare(word, Qt::CaseInsensitive) == 0
            && (end >= m_text.size() || endsWord(m_text.at(end)));
    }

    LogExpression any(int depth)
    {
        std::vector<LogExpression> parts;
        parts.push_back(all(depth));
        while (!m_fault && atWord(QLatin1String("or"))) {
            const qsizetype at = m_at;
            m_at += 2;
            skipSpace();
            if (m_at >= m_text.size() || here() == u')' || atWord(QLatin1String("or"))) {
                fail(
                    at, 2, QStringLiteral("Something is missing after OR."),
                    QStringLiteral("Write another condition, or quote “or” to look for the word."));
                break;
            }
            m_alternatives = true;
            parts.push_back(all(depth));
        }
        return combined(LogExpression::Kind::Or, std::move(parts));
    }

    LogExpression all(int depth)
    {
        std::vector<LogExpression> parts;
        for (;;) {
            skipSpace();
            if (m_at >= m_text.size() || here() == u')' || atWord(QLatin1String("or")))
                break;
            if (atWord(QLatin1String("and"))) {
                m_at += 3;
                continue;
            }
            parts.push_back(one(depth));
        }
        if (parts.empty() && !m_fault) {
            fail(m_at, m_at < m_text.size() ? 1 : 0, QStringLiteral("A condition is missing here."),
                 QStringLiteral("Write one such as status:failed."));
        }
        return parts.empty() ? LogExpression()
                             : combined(LogExpression::Kind::And, std::move(parts));
    }

    LogExpression one(int depth)
    {
        const qsizetype start = m_at;
        if (depth > kDeepest || ++m_terms > kMostTerms) {
            fail(start, 1, QStringLiteral("This filter has too many parts."),
                 QStringLiteral("Leave something out."));
            return {};
        }
        if (here() == u'-') {
            ++m_at;
            if (endsWord(here()) && here() != u'(') {
                fail(start, 1, QStringLiteral("Something is missing after “-”."),
                     QStringLiteral("Write -model:gpt-5, or quote the dash to look for it."));
                return {};
            }
            ++m_negated;
            LogExpression part = one(depth + 1);
            --m_negated;
            return notThat(std::move(part));
        }
        if (here() == u'(') {
            ++m_at;
            LogExpression inner = any(depth + 1);
            if (here() != u')') {
                fail(start, 1, QStringLiteral("This parenthesis is not closed."),
                     QStringLiteral("Write “)” where it ends."));
                return {};
            }
            ++m_at;
            return inner;
        }
        return fieldOrText();
    }

    LogExpression fieldOrText()
    {
        const qsizetype start = m_at;
        qsizetype end = start;
        while (end < m_text.size() && (m_text.at(end).isLetter() || m_text.at(end) == u'_'))
            ++end;
        if (end > start && end < m_text.size() && m_text.at(end) == u':') {
            const QString name = m_text.mid(start, end - start).toLower();
            m_at = end + 1;
            return field(name, start, end - start);
        }
        Item item = value(false);
        LogTerm term;
        term.match = LogMatch::Contains;
        term.text = item.text;
        return termOf(std::move(term));
    }

    // Quoted, or up to a space, a parenthesis and, in a list, a comma.
    Item value(bool inList)
    {
        Item item;
        item.at = m_at;
        if (here() == u'"') {
            ++m_at;
            item.quoted = true;
            while (m_at < m_text.size() && here() != u'"') {
                if (here() == u'\\' && m_at + 1 < m_text.size())
                    ++m_at;
                item.text += here();
                ++m_at;
            }
            if (m_at >= m_text.size())
                fail(item.at, 1, QStringLiteral("This quotation is not closed."),
                     QStringLiteral("Write another \" where it ends."));
            else
                ++m_at;
        } else {
            while (!endsWord(here()) && !(inList && here() == u','))
                item.text += m_text.at(m_at++);
        }
        item.length = m_at - item.at;
        return item;
    }

    Item compared()
    {
        struct Sign
        {
            const char *text;
            LogMatch match;
        };
        static constexpr std::array kSigns{
            Sign{">=", LogMatch::AtLeast}, Sign{"<=", LogMatch::AtMost}, Sign{">", LogMatch::More},
            Sign{"<", LogMatch::Less},     Sign{"=", LogMatch::Equal},
        };
        const qsizetype start = m_at;
        LogMatch match = LogMatch::Equal;
        bool found = false;
        for (const Sign &sign : kSigns) {
            const QLatin1String text(sign.text);
            if (QStringView(m_text).mid(m_at).startsWith(text)) {
                m_at += text.size();
                match = sign.match;
                found = true;
                break;
            }
        }
        Item item = value(true);
        item.at = start;
        item.length = m_at - start;
        item.compare = match;
        item.compared = found;
        return item;
    }

    LogExpression field(const QString &name, qsizetype at, qsizetype length)
    {
        const Field *known = nullptr;
        for (const Field &one : kFields) {
            if (name == QLatin1String(one.name))
                known = &one;
        }
        if (known == nullptr) {
            const bool people = name == u"user" || name == u"team" || name == u"project";
            fail(
                at, length,
                people ? QStringLiteral("This Tollgate has tokens, but no users, teams or "
                                        "projects yet.")
                       : QStringLiteral("There is no field “%1”.").arg(name),
                people
                    ? QStringLiteral("Use token:…")
                    : QStringLiteral("Fields are %1; quote what is plain text.").arg(fieldNames()));
            return {};
        }
        std::vector<LogExpression> parts;
        do {
            if (!parts.empty())
                ++m_at; // the comma
            const Item item = compared();
            if (item.text.isEmpty() && !m_fault) {
                fail(m_at, 0, QStringLiteral("“%1:” wants a value.").arg(name),
                     QStringLiteral("Such as %1").arg(QString::fromUtf8(known->example)));
            }
            if (m_fault)
                return {};
            parts.push_back(term(*known, item));
        } while (!m_fault && here() == u',');
        return combined(LogExpression::Kind::Or, std::move(parts));
    }

    LogExpression wrong(const Field &field, const Item &item, const QString &message)
    {
        fail(item.at, item.length, message,
             QStringLiteral("Such as %1").arg(QString::fromUtf8(field.example)));
        return {};
    }

    LogExpression term(const Field &field, const Item &item)
    {
        switch (field.kind) {
        case Kind::Text:
            return textTerm(field, item);
        case Kind::Status:
            return status(field, item);
        case Kind::Is:
            return word(field, item, kFlags);
        case Kind::Body:
            return body(field, item);
        case Kind::Since:
        case Kind::Until:
            return time(field, item);
        default:
            return number(field, item);
        }
    }

    LogExpression textTerm(const Field &field, const Item &item)
    {
        if (item.compared && item.compare != LogMatch::Equal)
            return wrong(field, item,
                         QStringLiteral("“%1” is a text; it is not more or less than another.")
                             .arg(QLatin1String(field.name)));
        LogTerm term;
        term.field = field.field;
        term.text = item.text;
        const bool within = field.field == LogField::Error;
        if (!item.quoted && item.text.contains(u'*'))
            term.match = LogMatch::Glob;
        else if (within && !item.compared)
            term.match = LogMatch::Contains;
        return termOf(std::move(term));
    }

    template <std::size_t N>
    LogExpression word(const Field &field, const Item &item, const std::array<Word, N> &words)
    {
        for (const Word &known : words) {
            if (item.text.compare(QLatin1String(known.name), Qt::CaseInsensitive) == 0) {
                LogTerm term;
                term.field = known.field;
                term.number = known.number;
                return termOf(std::move(term));
            }
        }
        fail(item.at, item.length,
             QStringLiteral("“%1:%2” means nothing.").arg(QLatin1String(field.name), item.text),
             QStringLiteral("One of %1").arg(wordsOf(words)));
        return {};
    }

    LogExpression status(const Field &field, const Item &item)
    {
        const auto code = [&](LogMatch match, std::int64_t number) {
            LogTerm term;
            term.field = LogField::Status;
            term.match = match;
            term.number = number;
            return termOf(std::move(term));
        };
        const QString text = item.text.toLower();
        if (text == u"ok") { // also where it took a second attempt
            LogTerm ok;
            ok.field = LogField::State;
            ok.number = std::int64_t(LogState::Ok);
            LogTerm again = ok;
            again.number = std::int64_t(LogState::Retried);
            return combined(LogExpression::Kind::Or, {termOf(ok), termOf(again)});
        }
        if (text.size() == 3 && text.at(0) >= u'1' && text.at(0) <= u'5') {
            const std::int64_t hundreds = text.at(0).digitValue() * 100;
            if (text.endsWith(u"xx")) {
                return combined(
                    LogExpression::Kind::And,
                    {code(LogMatch::AtLeast, hundreds), code(LogMatch::Less, hundreds + 100)});
            }
            if (const auto number = countValue(text))
                return code(item.compare, *number);
        }
        if (text.isEmpty() || text.at(0).isDigit())
            return wrong(field, item, QStringLiteral("“%1” is no HTTP status.").arg(item.text));
        return word(field, item, kStates);
    }

    LogExpression body(const Field &field, const Item &item)
    {
        if (m_negated > 0) {
            return wrong(field, item,
                         QStringLiteral("“body:” searches files; it cannot stand under “-”."));
        }
        m_body = item;
        m_bodies.append(item.text);
        return {};
    }

    LogExpression time(const Field &field, const Item &item)
    {
        const auto moment = timeValue(item.text, m_nowUs, m_zone);
        if (!moment || item.compared) {
            return wrong(field, item,
                         QStringLiteral("“%1” is no time: write 14:00, 2h, today, 2026-11-22 or "
                                        "2026-11-22T14:00.")
                             .arg(item.text));
        }
        LogTerm term;
        term.field = LogField::Time;
        term.match = field.kind == Kind::Since ? LogMatch::AtLeast : LogMatch::Less;
        term.number = *moment;
        return termOf(std::move(term));
    }

    [[nodiscard]] static std::optional<std::int64_t> numberOf(Kind kind, QStringView text)
    {
        switch (kind) {
        case Kind::Money:
            return moneyValue(text);
        case Kind::Duration:
            return durationValue(text);
        case Kind::Percent:
            return percentValue(text);
        default:
            return countValue(text);
        }
    }

    LogExpression number(const Field &field, const Item &item)
    {
        const auto compare = [&](LogMatch match, std::int64_t number) {
            LogTerm term;
            term.field = field.field;
            term.match = match;
            term.number = number;
            return termOf(std::move(term));
        };
        if (const qsizetype dots = item.text.indexOf(QLatin1String(".."));
            dots >= 0 && !item.compared) {
            const auto from = numberOf(field.kind, QStringView(item.text).left(dots));
            const auto to = numberOf(field.kind, QStringView(item.text).mid(dots + 2));
            if (from && to && *from <= *to)
                return combined(
                    LogExpression::Kind::And,
                    {compare(LogMatch::AtLeast, *from), compare(LogMatch::AtMost, *to)});
            return wrong(field, item, QStringLiteral("“%1” is no range.").arg(item.text));
        }
        const auto single = numberOf(field.kind, item.text);
        if (!single)
            return wrong(field, item, QStringLiteral("“%1” is no number here.").arg(item.text));
        return compare(item.compare, *single);
    }

    [[nodiscard]] static QString fieldNames()
    {
        QStringList names;
        for (const Field &field : kFields)
            names.append(QLatin1String(field.name));
        return names.join(QStringLiteral(", "));
    }

    const QString &m_text;
    const std::int64_t m_nowUs;
    const QTimeZone m_zone;
    qsizetype m_at = 0;
    int m_terms = 0;
    int m_negated = 0;
    bool m_alternatives = false;
    QStringList m_bodies;
    Item m_body;
    std::optional<FilterFault> m_fault;
};

} // namespace

ParsedFilter parseFilter(const QString &text, std::int64_t nowUs, const QTimeZone &zone)
{
    return Parser(text, nowUs, zone).parse();
}

std::vector<FilterField> filterFields()
{
    std::vector<FilterField> fields;
    for (const Field &field : kFields)
        fields.push_back({field.name, field.field, field.example});
    return fields;
}

} // namespace tollgate::admin
