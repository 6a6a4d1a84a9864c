// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/editors.h"
#include "core/clients/textstyle.h"
#include "core/clients/tomltree.h"

#include <algorithm>

namespace tollgate::clients {
namespace {

bool isBelow(const Path &path, const Path &above)
{
    return path.size() >= above.size() && path.first(above.size()) == above;
}

QByteArray keyText(const QString &name)
{
    const bool bare = !name.isEmpty() && std::all_of(name.begin(), name.end(), [](QChar c) {
        return c.unicode() < 0x80 && (c.isLetterOrNumber() || c == u'_' || c == u'-');
    });
    return bare ? name.toLatin1() : jsonQuoted(name);
}

QByteArray keyText(const Path &path)
{
    QByteArrayList parts;
    for (const QString &name : path)
        parts.append(keyText(name));
    return parts.join('.');
}

QByteArray rendered(const Value &value)
{
    if (value.kind == Value::Kind::List) {
        QByteArrayList items;
        for (const auto &[key, item] : value.items)
            items.append(rendered(item));
        return '[' + items.join(", ") + ']';
    }
    if (value.kind == Value::Kind::Map) {
        QByteArrayList items;
        for (const auto &[key, item] : value.items)
            items.append(keyText(key) + " = " + rendered(item));
        return items.isEmpty() ? QByteArray("{}") : "{ " + items.join(", ") + " }";
    }
    return canonical(value);
}

// A place that holds a value: a line of its own, or an item of an inline table.
struct Place
{
    const TomlEntry *entry = nullptr;
    std::vector<const TomlNode *> tables; // inline tables on the way
    std::size_t item = 0; // which item of the last of them

    [[nodiscard]] const TomlNode &node() const
    {
        return tables.empty() ? entry->node : tables.back()->items[item].node;
    }
};

struct Search
{
    std::optional<Place> place;
    const TomlNode *box = nullptr; // the inline table a missing value would belong into
    qsizetype known = 0; // steps of the path up to that table
};

Result<Search> search(const TomlTree &tree, const Path &path)
{
    Search found;
    for (const TomlEntry &entry : tree.entries) {
        if (entry.inList || !isBelow(path, entry.path))
            continue;
        Place place{&entry, {}, 0};
        qsizetype known = entry.path.size();
        while (known < path.size()) {
            const TomlNode &node = place.node();
            if (node.kind != TomlNode::Kind::InlineTable)
                return refused(
                    QStringLiteral("\"%1\" is not a table there.").arg(dotted(path.first(known))));
            const auto item
                = std::find_if(node.items.begin(), node.items.end(), [&](const TomlItem &one) {
                      return isBelow(path.sliced(known), one.key);
                  });
            if (item == node.items.end()) {
                found.box = &node;
                found.known = known;
                return found;
            }
            known += item->key.size();
            place.item = static_cast<std::size_t>(item - node.items.begin());
            place.tables.push_back(&node);
        }
        found.place = place;
        return found;
    }
    return found;
}

// Whether something of the file lies below `path`, which is a table then.
bool isTable(const TomlTree &tree, const Path &path)
{
    const auto below = [&](const auto &one) { return isBelow(one.path, path); };
    return std::any_of(tree.headers.begin(), tree.headers.end(), below)
        || std::any_of(tree.entries.begin(), tree.entries.end(), below);
}

QByteArray withLine(const QByteArray &text, qsizetype at, const QByteArray &line)
{
    const QByteArray end = lineEndOf(text);
    const bool open = at > 0 && text[at - 1] != '\n';
    return text.left(at) + (open ? end : QByteArray()) + line + end + text.mid(at);
}

// Behind the last line under this header, blank lines and comments left below.
qsizetype endOfTable(const TomlTree &tree, int header)
{
    qsizetype end = header < 0 ? -1 : tree.headers[static_cast<std::size_t>(header)].end;
    for (const TomlEntry &entry : tree.entries) {
        if (entry.header == header)
            end = entry.end;
    }
    return end;
}

// Before the first header and the comment that belongs to it.
QByteArray withFirstLine(const QByteArray &text, const TomlTree &tree, const QByteArray &line)
{
    if (tree.headers.empty())
        return withLine(text, text.size(), line);
    qsizetype at = tree.headers.front().begin;
    while (at > 0) {
        const qsizetype above = lineBegin(text, at - 1);
        if (!text.mid(above, at - above).trimmed().startsWith('#'))
            break;
        at = above;
    }
    return withLine(text, at, line + lineEndOf(text));
}

QByteArray added(const QByteArray &text, const TomlTree &tree, const Path &path, const Value &value)
{
    const QByteArray assigned = " = " + rendered(value);
    const Path table = path.first(path.size() - 1);
    for (std::size_t i = 0; i < tree.headers.size(); ++i) {
        if (!tree.headers[i].inList && tree.headers[i].path == table) {
            const QByteArray indent = indentAt(text, tree.headers[i].begin);
            return withLine(text, endOfTable(tree, static_cast<int>(i)),
                            indent + keyText(path.last()) + assigned);
        }
    }
    // A table that dotted keys have made may not get a header of its own.
    for (auto entry = tree.entries.rbegin(); entry != tree.entries.rend(); ++entry) {
        const qsizetype above = entry->path.size() - entry->key.size();
        if (!entry->inList && entry->path.size() > table.size() && isBelow(entry->path, table)
            && above < table.size())
            return withLine(text, entry->end,
                            indentAt(text, entry->begin) + keyText(path.sliced(above)) + assigned);
    }
    if (table.isEmpty()) {
        const qsizetype end = endOfTable(tree, -1);
        return end >= 0 ? withLine(text, end, keyText(path) + assigned)
                        : withFirstLine(text, tree, keyText(path) + assigned);
    }
    const QByteArray end = lineEndOf(text);
    QByteArray out = text;
    if (!out.isEmpty() && !out.endsWith('\n'))
        out += end;
    if (!out.isEmpty())
        out += end;
    return out + '[' + keyText(table) + ']' + end + keyText(path.last()) + assigned + end;
}

QByteArray addedInline(const QByteArray &text, const TomlNode &box, const Path &rest,
                       const Value &value)
{
    const QByteArray item = keyText(rest) + " = " + rendered(value);
    if (box.items.empty())
        return text.left(box.begin) + "{ " + item + " }" + text.mid(box.end);
    const qsizetype at = box.items.back().node.end;
    return text.left(at) + ", " + item + text.mid(at);
}

QByteArray removedInline(const QByteArray &text, const TomlNode &box, std::size_t place)
{
    const TomlItem &item = box.items[place];
    if (place + 1 < box.items.size())
        return text.left(item.begin) + text.mid(box.items[place + 1].begin);
    const qsizetype begin = place > 0 ? box.items[place - 1].comma : item.begin;
    return text.left(begin) + text.mid(item.node.end);
}

class TomlEditor final : public Editor
{
public:
    Result<std::optional<Found>> find(const QByteArray &text, const Path &path) const override
    {
        const auto tree = parseToml(text);
        if (!tree)
            return failure(tree.error());
        const auto found = search(*tree, path);
        if (!found)
            return failure(found.error());
        if (!found->place)
            return isTable(*tree, path) ? std::optional<Found>(Found{}) : std::nullopt;
        const TomlNode &node = found->place->node();
        return std::optional<Found>(
            Found{text.mid(node.begin, node.end - node.begin), canonical(node.value)});
    }

    Result<QByteArray> write(const QByteArray &text, const Path &path,
                             const Value &value) const override
    {
        const auto tree = parseToml(text);
        if (!tree)
            return failure(tree.error());
        const auto found = search(*tree, path);
        if (!found)
            return failure(found.error());
        if (found->place) {
            const TomlNode &node = found->place->node();
            return canonical(node.value) == canonical(value)
                ? text
                : text.left(node.begin) + rendered(value) + text.mid(node.end);
        }
        if (found->box != nullptr)
            return addedInline(text, *found->box, path.sliced(found->known), value);
        if (isTable(*tree, path))
            return refused(QStringLiteral("\"%1\" is a table there.").arg(dotted(path)));
        for (const TomlHeader &header : tree->headers) {
            if (header.list && isBelow(path, header.path))
                return refused(QStringLiteral("\"%1\" is a list there.").arg(dotted(header.path)));
        }
        return added(text, *tree, path, value);
    }

    Result<QByteArray> putBack(const QByteArray &text, const Path &path,
                               const QByteArray &raw) const override
    {
        return change(text, path, [&](const Place &place) {
            return text.left(place.node().begin) + raw + text.mid(place.node().end);
        });
    }

    Result<QByteArray> erase(const QByteArray &text, const Path &path) const override
    {
        return change(text, path, [&](const Place &place) {
            return place.tables.empty() ? text.left(place.entry->begin) + text.mid(place.entry->end)
                                        : removedInline(text, *place.tables.back(), place.item);
        });
    }

    Result<QByteArray> prune(const QByteArray &text, const Path &path) const override
    {
        const auto tree = parseToml(text);
        if (!tree)
            return failure(tree.error());
        for (std::size_t i = 0; i < tree->headers.size(); ++i) {
            const TomlHeader &header = tree->headers[i];
            const qsizetype end
                = i + 1 < tree->headers.size() ? tree->headers[i + 1].begin : text.size();
            if (header.path != path || header.inList)
                continue;
            if (!isBlank(QByteArrayView(text).sliced(header.end, end - header.end)))
                return text;
            qsizetype begin = header.begin;
            if (begin > 0
                && isBlank(QByteArrayView(text).sliced(lineBegin(text, begin - 1),
                                                       begin - lineBegin(text, begin - 1))))
                begin = lineBegin(text, begin - 1);
            return text.left(begin) + text.mid(header.end);
        }
        return change(text, path, [&](const Place &place) {
            const TomlNode &node = place.node();
            if (node.kind != TomlNode::Kind::InlineTable || !node.items.empty())
                return text;
            return place.tables.empty() ? text.left(place.entry->begin) + text.mid(place.entry->end)
                                        : removedInline(text, *place.tables.back(), place.item);
        });
    }

    bool saysNothing(const QByteArray &text) const override { return isBlank(text); }

private:
    template <class Change>
    static Result<QByteArray> change(const QByteArray &text, const Path &path, Change change)
    {
        const auto tree = parseToml(text);
        if (!tree)
            return failure(tree.error());
        const auto found = search(*tree, path);
        if (!found)
            return failure(found.error());
        return found->place ? change(*found->place) : text;
    }
};

} // namespace

const Editor &tomlEditor()
{
    static const TomlEditor editor;
    return editor;
}

} // namespace tollgate::clients
