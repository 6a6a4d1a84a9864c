// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/editors.h"
#include "core/clients/textstyle.h"
#include "core/clients/yamlscan.h"

#include <QRegularExpression>

#include <algorithm>

namespace tollgate::clients {
namespace {

using Lines = std::vector<YamlLine>;

// Lines [first, last); those at the end that say nothing belong to what follows.
struct Block
{
    std::size_t first = 0;
    std::size_t last = 0;
};

struct Sequence
{
    qsizetype indent = -1; // column of the dashes; -1 while there is none
    std::vector<Block> items;
};

QByteArray scalar(const Value &value)
{
    static const QRegularExpression plain(
        QStringLiteral("\\A[A-Za-z_/][A-Za-z0-9_./@-]*(?::[A-Za-z0-9_./@-]+)*\\z"));
    static const QRegularExpression word(
        QStringLiteral("\\A(?:y|n|yes|no|on|off|true|false|null)\\z"),
        QRegularExpression::CaseInsensitiveOption);
    if (value.kind != Value::Kind::String)
        return canonical(value);
    return plain.match(value.text).hasMatch() && !word.match(value.text).hasMatch()
        ? value.text.toUtf8()
        : jsonQuoted(value.text);
}

// Lines without line ends; the first goes behind what is already on its line.
QByteArrayList rendered(const Value &value, const QByteArray &indent)
{
    if (value.kind != Value::Kind::Map && value.kind != Value::Kind::List)
        return {scalar(value)};
    if (value.items.empty())
        return {value.kind == Value::Kind::Map ? "{}" : "[]"};
    QByteArrayList lines;
    for (const auto &[key, item] : value.items) {
        const bool map = value.kind == Value::Kind::Map;
        const QByteArray head = indent + (map ? scalar(Value::string(key)) + ':' : "-");
        const bool box = !item.items.empty();
        QByteArrayList inner = rendered(item, indent + "  ");
        if (!box) {
            lines.append(head + ' ' + inner.first());
            continue;
        }
        if (map) {
            lines.append(head);
        } else {
            inner.first() = head + inner.first().mid(indent.size() + 1);
        }
        lines += inner;
    }
    return lines;
}

QByteArray joined(const QByteArrayList &lines, const QByteArray &end)
{
    return lines.join(end) + end;
}

class Document
{
public:
    static Result<Document> read(const QByteArray &text)
    {
        auto lines = scanYaml(text);
        if (!lines)
            return failure(lines.error());
        Document document(text, std::move(*lines));
        if (auto fine = document.outline(); !fine)
            return failure(fine.error());
        return document;
    }

    [[nodiscard]] const Block *entry(const QString &key) const
    {
        const auto found = std::find_if(m_entries.begin(), m_entries.end(), [&](const Block &one) {
            return m_lines[one.first].key == key;
        });
        return found == m_entries.end() ? nullptr : &*found;
    }
    [[nodiscard]] const YamlLine &line(std::size_t index) const { return m_lines[index]; }
    [[nodiscard]] qsizetype begin(const Block &block) const { return m_lines[block.first].begin; }
    [[nodiscard]] qsizetype end(const Block &block) const { return m_lines[block.last - 1].end; }
    [[nodiscard]] QByteArray value(const YamlLine &line) const
    {
        return m_text.mid(line.valueBegin, line.valueEnd - line.valueBegin);
    }
    // What stands on the key's own line, without an anchor's name or a tag.
    [[nodiscard]] QByteArray ownValue(const Block &entry) const
    {
        return value(m_lines[entry.first]);
    }

    [[nodiscard]] Result<Sequence> sequence(const Block &entry) const
    {
        const QString &key = m_lines[entry.first].key;
        const QByteArray own = ownValue(entry);
        if (!own.isEmpty() && own != "[]")
            return refused(QStringLiteral("\"%1\" is not written as a list with dashes.").arg(key));
        Sequence found;
        for (std::size_t i = entry.first + 1; i < entry.last; ++i) {
            const YamlLine &one = m_lines[i];
            if (!one.says() || one.kind == YamlLine::Kind::Inside)
                continue;
            if (found.indent < 0)
                found.indent = one.dash;
            if (found.indent < 0 || one.indent < found.indent
                || (one.indent == found.indent && one.dash != found.indent))
                return refused(
                    QStringLiteral("Line %1 is not part of the list \"%2\".").arg(i + 1).arg(key));
            if (one.dash == found.indent)
                found.items.push_back({i, i + 1});
            else
                found.items.back().last = i + 1;
        }
        for (Block &item : found.items) {
            const std::size_t next = &item == &found.items.back() ? entry.last : (&item + 1)->first;
            item.last = said(item.first, next);
        }
        return found;
    }

    // The scalar member `name` of a list's element, if it has one in plain sight.
    [[nodiscard]] Result<std::optional<QString>> member(const Block &item,
                                                        const QString &name) const
    {
        qsizetype column = -1;
        std::optional<QString> found;
        for (std::size_t i = item.first; i < item.last; ++i) {
            const YamlLine &one = m_lines[i];
            if (one.kind != YamlLine::Kind::Key)
                continue;
            if (column < 0)
                column = one.keyColumn;
            if (one.keyColumn < column)
                return refused(QStringLiteral("Line %1 is indented too little.").arg(i + 1));
            const bool outer = i == item.first || one.dash < 0;
            if (outer && one.keyColumn == column && one.key == name && !one.open)
                found = yamlScalar(value(one));
        }
        return found;
    }

    // The element that `select` means; nothing if there is none.
    [[nodiscard]] Result<std::optional<Block>> chosen(const Sequence &sequence,
                                                      const Select &select) const
    {
        std::optional<Block> found;
        for (const Block &item : sequence.items) {
            const auto text = member(item, select.member);
            if (!text)
                return failure(text.error());
            if (*text != select.text)
                continue;
            if (found)
                return refused(QStringLiteral("\"%1\" stands there twice.").arg(select.text));
            found = item;
        }
        return found;
    }

private:
    Document(const QByteArray &text, Lines lines)
        : m_text(text)
        , m_lines(std::move(lines))
    {
    }

    Result<void> outline()
    {
        for (std::size_t i = 0; i < m_lines.size(); ++i) {
            const YamlLine &one = m_lines[i];
            if (!one.says() || one.indent > 0 || one.kind == YamlLine::Kind::Inside)
                continue;
            const bool key = one.kind == YamlLine::Kind::Key && one.dash < 0;
            if (!key
                && (one.dash != 0 || m_entries.empty() || !ownValue(m_entries.back()).isEmpty()))
                return refused(QStringLiteral("Line %1 is no key: value.").arg(i + 1));
            if (key && entry(one.key) != nullptr)
                return refused(QStringLiteral("\"%1\" stands there twice.").arg(one.key));
            if (key)
                m_entries.push_back({i, i + 1});
        }
        for (std::size_t i = 0; i < m_entries.size(); ++i) {
            const std::size_t next
                = i + 1 < m_entries.size() ? m_entries[i + 1].first : m_lines.size();
            m_entries[i].last = said(m_entries[i].first, next);
        }
        return {};
    }

    // Behind the last line of [first, next) that says something.
    [[nodiscard]] std::size_t said(std::size_t first, std::size_t next) const
    {
        while (next > first + 1 && !m_lines[next - 1].says())
            --next;
        return next;
    }

    QByteArray m_text;
    Lines m_lines;
    std::vector<Block> m_entries;
};

// Indentation and blank lines aside, two spellings of one element are the same.
QByteArray meaningOf(const QByteArray &raw)
{
    QByteArray out;
    const qsizetype indent = indentAt(raw, 0).size();
    for (const QByteArray &line : linesOf(raw)) {
        QByteArray bare = line;
        while (!bare.isEmpty() && isBlank(QByteArrayView(bare).last(1)))
            bare.chop(1);
        if (!bare.isEmpty())
            out += bare.mid(std::min(indent, indentAt(bare, 0).size())) + '\n';
    }
    return out;
}

struct Place
{
    const Block *entry = nullptr;
    std::optional<Select> select;
    Sequence sequence;
    std::optional<Block> item;
};

Result<Place> placeOf(const Document &document, const Path &path)
{
    Place place;
    if (path.size() == 2)
        place.select = selectOf(path[1]);
    if (path.isEmpty() || path.size() > 2 || (path.size() == 2 && !place.select))
        return refused(QStringLiteral("\"%1\" lies too deep for such a file.").arg(dotted(path)));
    place.entry = document.entry(path[0]);
    if (place.entry == nullptr || !place.select)
        return place;
    auto sequence = document.sequence(*place.entry);
    if (!sequence)
        return failure(sequence.error());
    place.sequence = *sequence;
    const auto item = document.chosen(place.sequence, *place.select);
    if (!item)
        return failure(item.error());
    place.item = *item;
    return place;
}

class YamlEditor final : public Editor
{
public:
    Result<std::optional<Found>> find(const QByteArray &text, const Path &path) const override
    {
        return at(text, path, [&](const Document &document, const Place &place) {
            std::optional<Found> found;
            if (place.item || (place.entry != nullptr && !place.select)) {
                const Block &block = place.item ? *place.item : *place.entry;
                const QByteArray raw = place.item || block.last > block.first + 1
                    ? text.mid(document.begin(block), document.end(block) - document.begin(block))
                    : document.ownValue(block);
                const bool one = !place.item && block.last == block.first + 1;
                found = Found{raw, one ? yamlScalar(raw).toUtf8() : meaningOf(raw)};
            }
            return Result<std::optional<Found>>(found);
        });
    }

    Result<QByteArray> write(const QByteArray &text, const Path &path,
                             const Value &value) const override
    {
        return at(text, path, [&](const Document &document, const Place &place) {
            return place.select ? writeItem(text, document, place, path, value)
                                : writeKey(text, document, place, path, value);
        });
    }

    Result<QByteArray> putBack(const QByteArray &text, const Path &path,
                               const QByteArray &raw) const override
    {
        return at(text, path, [&](const Document &document, const Place &place) {
            Result<QByteArray> out = text;
            if (place.item) {
                out = text.left(document.begin(*place.item)) + raw
                    + text.mid(document.end(*place.item));
            } else if (place.entry != nullptr && !place.select) {
                const YamlLine &line = document.line(place.entry->first);
                out = text.left(line.valueBegin) + raw + text.mid(line.valueEnd);
            }
            return out;
        });
    }

    Result<QByteArray> erase(const QByteArray &text, const Path &path) const override
    {
        return at(text, path, [&](const Document &document, const Place &place) {
            const bool whole = place.entry != nullptr && !place.select;
            if (!place.item && !whole)
                return Result<QByteArray>(text);
            const Block &block = whole ? *place.entry : *place.item;
            return Result<QByteArray>(text.left(document.begin(block))
                                      + text.mid(document.end(block)));
        });
    }

    Result<QByteArray> prune(const QByteArray &text, const Path &path) const override
    {
        return at(text, path, [&](const Document &document, const Place &place) {
            const bool bare = place.entry != nullptr && !place.select
                && place.entry->last == place.entry->first + 1
                && document.ownValue(*place.entry).isEmpty();
            return Result<QByteArray>(bare ? text.left(document.begin(*place.entry))
                                              + text.mid(document.end(*place.entry))
                                           : text);
        });
    }

    bool saysNothing(const QByteArray &text) const override { return isBlank(text); }

private:
    template <class Do>
    static auto at(const QByteArray &text, const Path &path, Do act)
        -> decltype(act(std::declval<const Document &>(), std::declval<const Place &>()))
    {
        const auto document = Document::read(text);
        if (!document)
            return failure(document.error());
        const auto place = placeOf(*document, path);
        if (!place)
            return failure(place.error());
        return act(*document, *place);
    }

    static QByteArray appended(const QByteArray &text, const QByteArrayList &lines)
    {
        const QByteArray end = lineEndOf(text);
        const bool open = !text.isEmpty() && !text.endsWith('\n');
        return text + (open ? end : QByteArray()) + joined(lines, end);
    }

    static Result<QByteArray> writeKey(const QByteArray &text, const Document &document,
                                       const Place &place, const Path &path, const Value &value)
    {
        Value map;
        map.kind = Value::Kind::Map;
        map.items.emplace_back(path[0], value);
        if (place.entry == nullptr)
            return appended(text, rendered(map, {}));
        const YamlLine &line = document.line(place.entry->first);
        if (place.entry->last != place.entry->first + 1 || line.open || !value.items.empty())
            return refused(QStringLiteral("\"%1\" takes more than one line there.").arg(path[0]));
        const QByteArray own = document.ownValue(*place.entry);
        if (!own.isEmpty() && yamlScalar(own).toUtf8() == yamlScalar(scalar(value)).toUtf8())
            return text;
        return text.left(line.valueBegin) + (own.isEmpty() ? " " : "") + scalar(value)
            + text.mid(line.valueEnd);
    }

    static Result<QByteArray> writeItem(const QByteArray &text, const Document &document,
                                        const Place &place, const Path &path, const Value &value)
    {
        Value list;
        list.kind = Value::Kind::List;
        list.items.emplace_back(QString(), value);
        const QByteArray end = lineEndOf(text);
        const QByteArray indent(place.sequence.indent < 0 ? 2 : place.sequence.indent, ' ');
        const QByteArray lines = joined(rendered(list, indent), end);
        if (place.item) {
            const qsizetype begin = document.begin(*place.item);
            const qsizetype behind = document.end(*place.item);
            if (meaningOf(text.mid(begin, behind - begin)) == meaningOf(lines))
                return text;
            return text.left(begin) + lines + text.mid(behind);
        }
        if (place.entry == nullptr)
            return appended(
                text, QByteArrayList{scalar(Value::string(path[0])) + ':'} + rendered(list, "  "));
        const YamlLine &key = document.line(place.entry->first);
        if (place.sequence.items.empty()) {
            QByteArray out = text;
            if (key.valueEnd == text.size() || !text.endsWith('\n'))
                out += end;
            out.insert(key.end == text.size() ? out.size() : key.end, lines);
            qsizetype from = key.valueBegin;
            while (key.valueEnd > key.valueBegin && out[from - 1] == ' ')
                --from;
            return out.remove(from, key.valueEnd - from);
        }
        const qsizetype at = document.end(place.sequence.items.back());
        const bool open = text[at - 1] != '\n';
        return text.left(at) + (open ? end : QByteArray()) + lines + text.mid(at);
    }
};

} // namespace

const Editor &yamlEditor()
{
    static const YamlEditor editor;
    return editor;
}

} // namespace tollgate::clients
