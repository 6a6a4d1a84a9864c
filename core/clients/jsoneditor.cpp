// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/editors.h"
#include "core/clients/jsontree.h"
#include "core/clients/textstyle.h"

namespace tollgate::clients {
namespace {

struct Layout
{
    QByteArray lineEnd;
    QByteArray unit; // one level of indentation
    QByteArray colon; // ":" or ": "
};

QByteArray rendered(const Value &value, const Layout &layout, const QByteArray &indent, bool lines)
{
    if (value.kind != Value::Kind::Map && value.kind != Value::Kind::List)
        return canonical(value);
    const bool map = value.kind == Value::Kind::Map;
    QByteArray out = map ? "{" : "[";
    const QByteArray inner = indent + layout.unit;
    const bool spaced = layout.colon.size() > 1;
    for (const auto &[key, item] : value.items) {
        if (out.size() > 1)
            out += lines || !spaced ? "," : ", ";
        if (lines)
            out += layout.lineEnd + inner;
        if (map)
            out += jsonQuoted(key) + layout.colon;
        out += rendered(item, layout, inner, lines);
    }
    if (lines && !value.items.empty())
        out += layout.lineEnd + indent;
    return out + (map ? '}' : ']');
}

bool startsItsLine(const QByteArray &text, qsizetype at)
{
    const qsizetype begin = lineBegin(text, at);
    return begin > 0 && isBlank(QByteArrayView(text).sliced(begin, at - begin));
}

Layout layoutOf(const QByteArray &text, const JsonNode &root)
{
    Layout layout{lineEndOf(text), "  ", ": "};
    if (root.members.empty())
        return layout;
    const JsonMember &first = root.members.front();
    if (startsItsLine(text, first.begin) && !indentAt(text, first.begin).isEmpty())
        layout.unit = indentAt(text, first.begin);
    if (root.kind == JsonNode::Kind::Object && text[first.value.begin - 1] == ':')
        layout.colon = ":";
    return layout;
}

bool holds(const JsonNode &element, const QByteArray &text, const Select &select)
{
    const Value value = valueOf(text, element);
    return value.textOf(select.member) == select.text && value.find(select.member) != nullptr;
}

// The way to a value as far as it exists.
struct Way
{
    std::vector<const JsonNode *> boxes; // what holds each step, from the root
    std::vector<std::size_t> places; // which member it is
    bool complete = false;

    [[nodiscard]] const JsonNode &box() const { return *boxes.back(); }
    [[nodiscard]] const JsonMember &member() const { return box().members[places.back()]; }
};

Result<Way> wayTo(const QByteArray &text, const JsonNode &root, const Path &path)
{
    Way way;
    const JsonNode *node = &root;
    for (qsizetype step = 0; step < path.size(); ++step) {
        const auto select = selectOf(path[step]);
        const auto wanted = select ? JsonNode::Kind::Array : JsonNode::Kind::Object;
        if (node->kind != wanted)
            return refused(
                QStringLiteral("\"%1\" is not %2 there.")
                    .arg(step == 0 ? QStringLiteral("The file") : dotted(path.first(step)),
                         select ? QStringLiteral("a list") : QStringLiteral("an object")));
        way.boxes.push_back(node);
        const JsonNode *next = nullptr;
        for (std::size_t i = 0; i < node->members.size(); ++i) {
            const JsonMember &member = node->members[i];
            if (select ? !holds(member.value, text, *select) : member.key != path[step])
                continue;
            if (next != nullptr)
                return refused(
                    QStringLiteral("\"%1\" stands there twice.").arg(dotted(path.first(step + 1))));
            next = &member.value;
            way.places.push_back(i);
        }
        if (next == nullptr)
            return way;
        node = next;
    }
    way.complete = true;
    return way;
}

// The value with all that is missing on its way around it.
Value wrapped(const Path &rest, const Value &value)
{
    Value inner = value;
    for (qsizetype i = rest.size() - 1; i >= 0; --i) {
        Value outer;
        if (const auto select = selectOf(rest[i])) {
            if (inner.kind == Value::Kind::Map && inner.find(select->member) == nullptr)
                inner.items.insert(inner.items.begin(),
                                   {select->member, Value::string(select->text)});
            outer.kind = Value::Kind::List;
            outer.items.emplace_back(QString(), inner);
        } else {
            outer.kind = Value::Kind::Map;
            outer.items.emplace_back(rest[i], inner);
        }
        inner = outer;
    }
    return inner;
}

QByteArray spliced(const QByteArray &text, qsizetype begin, qsizetype end, const QByteArray &with)
{
    return text.left(begin) + with + text.mid(end);
}

// Whether members of this box stand on lines of their own.
bool inLines(const QByteArray &text, const JsonNode &box, const JsonNode &root)
{
    if (box.members.empty())
        return &box == &root || text.mid(root.begin, root.end - root.begin).contains('\n');
    const auto feedIn
        = [&](qsizetype from, qsizetype to) { return text.mid(from, to - from).contains('\n'); };
    return feedIn(box.begin, box.members.front().begin)
        || feedIn(box.members.back().value.end, box.end);
}

QByteArray inserted(const QByteArray &text, const JsonNode &root, const JsonNode &box,
                    const QString &key, const Value &value)
{
    const Layout layout = layoutOf(text, root);
    const bool lines = inLines(text, box, root);
    const QByteArray outer = indentAt(text, box.begin);
    const bool listed = !box.members.empty() && startsItsLine(text, box.members.front().begin);
    const QByteArray indent
        = listed ? indentAt(text, box.members.front().begin) : outer + layout.unit;
    QByteArray member = box.kind == JsonNode::Kind::Object ? jsonQuoted(key) + layout.colon : "";
    member += rendered(value, layout, indent, lines);

    qsizetype at = box.end - 1;
    const bool trailing = !box.members.empty() && box.members.back().comma >= 0;
    if (!lines) {
        if (!box.members.empty())
            at = trailing ? box.members.back().comma + 1 : box.members.back().value.end;
        const QByteArray space = layout.colon.size() > 1 ? " " : "";
        const QByteArray before = box.members.empty() ? "" : trailing ? space : "," + space;
        return spliced(text, at, at, before + member);
    }
    while (at > box.begin + 1 && isBlank(QByteArrayView(text).sliced(at - 1, 1)))
        --at;
    QByteArray added = layout.lineEnd + indent + member;
    if (trailing)
        added += ',';
    if (!text.mid(at, box.end - 1 - at).contains('\n'))
        added += layout.lineEnd + outer;
    QByteArray out = spliced(text, at, at, added);
    if (!box.members.empty() && !trailing)
        out.insert(box.members.back().value.end, ',');
    return out;
}

// A member with its comma, and with its line where it has one to itself.
QByteArray removed(const QByteArray &text, const JsonNode &box, std::size_t place)
{
    const JsonMember &member = box.members[place];
    const bool last = place + 1 == box.members.size();
    qsizetype begin = member.begin;
    qsizetype end = member.comma >= 0 ? member.comma + 1 : member.value.end;
    const qsizetype line = lineEnd(text, end);
    if (startsItsLine(text, begin) && isBlank(QByteArrayView(text).sliced(end, line - end))) {
        begin = lineBegin(text, begin);
        end = line;
    } else if (!last) {
        while (end < text.size() && (text[end] == ' ' || text[end] == '\t'))
            ++end;
    } else {
        while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t'))
            --begin;
    }
    QByteArray out = spliced(text, begin, end, {});
    if (last && place > 0 && member.comma < 0)
        out.remove(box.members[place - 1].comma, 1);
    return out;
}

class JsonEditor final : public Editor
{
public:
    Result<std::optional<Found>> find(const QByteArray &text, const Path &path) const override
    {
        std::optional<Found> found;
        if (isBlank(text))
            return found;
        const auto root = parseJsonTree(text);
        if (!root)
            return failure(root.error());
        const auto way = wayTo(text, *root, path);
        if (!way)
            return failure(way.error());
        if (way->complete) {
            const JsonNode &node = path.isEmpty() ? *root : way->member().value;
            found = Found{text.mid(node.begin, node.end - node.begin),
                          canonical(valueOf(text, node))};
        }
        return found;
    }

    Result<QByteArray> write(const QByteArray &text, const Path &path,
                             const Value &value) const override
    {
        if (isBlank(text)) {
            const Layout layout{lineEndOf(text), "  ", ": "};
            return text + rendered(wrapped(path, value), layout, {}, true) + layout.lineEnd;
        }
        const auto root = parseJsonTree(text);
        if (!root)
            return failure(root.error());
        const auto way = wayTo(text, *root, path);
        if (!way)
            return failure(way.error());
        if (!way->complete) {
            const auto known = static_cast<qsizetype>(way->places.size());
            const Value rest = wrapped(path.sliced(known), value);
            return inserted(text, *root, way->box(), path[known], rest.items.front().second);
        }
        const JsonNode &node = way->member().value;
        if (canonical(valueOf(text, node)) == canonical(value))
            return text;
        const QByteArray raw = rendered(value, layoutOf(text, *root), indentAt(text, node.begin),
                                        inLines(text, way->box(), *root));
        return spliced(text, node.begin, node.end, raw);
    }

    Result<QByteArray> putBack(const QByteArray &text, const Path &path,
                               const QByteArray &raw) const override
    {
        return place(text, path, [&](const JsonNode &, const Way &way) {
            const JsonNode &node = way.member().value;
            return spliced(text, node.begin, node.end, raw);
        });
    }

    Result<QByteArray> erase(const QByteArray &text, const Path &path) const override
    {
        return place(text, path, [&](const JsonNode &, const Way &way) {
            return removed(text, way.box(), way.places.back());
        });
    }

    Result<QByteArray> prune(const QByteArray &text, const Path &path) const override
    {
        return place(text, path, [&](const JsonNode &, const Way &way) {
            const JsonNode &node = way.member().value;
            const bool bare
                = isBlank(QByteArrayView(text).sliced(node.begin + 1, node.end - node.begin - 2));
            const bool box
                = node.kind == JsonNode::Kind::Object || node.kind == JsonNode::Kind::Array;
            return box && bare ? removed(text, way.box(), way.places.back()) : text;
        });
    }

    bool saysNothing(const QByteArray &text) const override
    {
        const QByteArray bare = text.trimmed();
        return bare.isEmpty()
            || ((bare.startsWith('{') || bare.startsWith('[')) && bare.size() > 1
                && isBlank(QByteArrayView(bare).sliced(1, bare.size() - 2)));
    }

private:
    // `change` where the path leads to a value, the text as it is otherwise.
    template <class Change>
    static Result<QByteArray> place(const QByteArray &text, const Path &path, Change change)
    {
        if (isBlank(text))
            return text;
        const auto root = parseJsonTree(text);
        if (!root)
            return failure(root.error());
        const auto way = wayTo(text, *root, path);
        if (!way)
            return failure(way.error());
        return way->complete ? change(*root, *way) : text;
    }
};

} // namespace

const Editor &jsonEditor()
{
    static const JsonEditor editor;
    return editor;
}

} // namespace tollgate::clients
