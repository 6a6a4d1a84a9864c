// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/jsontree.h"

namespace tollgate::protocol {
namespace {

JsonText textBetween(QByteArrayView raw)
{
    return {raw, raw.contains('\\'), raw.size()};
}

} // namespace

Result<JsonTree> JsonTree::parse(QByteArrayView json, int depth)
{
    if (json.size() > std::numeric_limits<std::int32_t>::max())
        return failure(ErrorKind::TooLarge, QStringLiteral("This JSON text is too long to read."));
    JsonTree tree;
    tree.m_text = json;
    tree.m_nodes.reserve(static_cast<std::size_t>(json.size()) / 24 + 8);
    JsonReader reader(json, depth);
    tree.m_nodes.emplace_back();
    tree.add(reader, 0);
    if (reader.failed() || !reader.atEnd()) {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("This is not valid JSON: %1 at byte %2.")
                           .arg(QLatin1String(reader.failed() ? reader.reason()
                                                              : "something follows the value"))
                           .arg(reader.position()),
                       "invalid_json");
    }
    return tree;
}

void JsonTree::add(JsonReader &reader, std::uint32_t self)
{
    const JsonType type = reader.type();
    m_nodes[self].type = type;
    m_nodes[self].begin = static_cast<std::uint32_t>(reader.position());
    std::uint32_t last = 0;
    if (type == JsonType::Object)
        reader.object([&](const JsonText &key) { addChild(reader, self, last, &key); });
    else if (type == JsonType::Array)
        reader.array([&] { addChild(reader, self, last, nullptr); });
    else
        reader.skip();
    m_nodes[self].end = static_cast<std::uint32_t>(reader.position());
}

void JsonTree::addChild(JsonReader &reader, std::uint32_t parent, std::uint32_t &last,
                        const JsonText *key)
{
    const auto self = static_cast<std::uint32_t>(m_nodes.size());
    Node node;
    if (key) {
        node.keyBegin = static_cast<std::uint32_t>(key->raw.data() - m_text.data());
        node.keyEnd = node.keyBegin + static_cast<std::uint32_t>(key->raw.size());
        node.keyEscaped = key->escaped;
    }
    m_nodes.push_back(node);
    if (last == 0)
        m_nodes[parent].child = self;
    else
        m_nodes[last].next = self;
    last = self;
    add(reader, self);
}

JsonType JsonValue::type() const
{
    return m_tree ? m_tree->m_nodes[m_node].type : JsonType::None;
}

QByteArrayView JsonValue::raw() const
{
    if (!m_tree)
        return {};
    const JsonTree::Node &node = m_tree->m_nodes[m_node];
    return m_tree->m_text.sliced(node.begin, node.end - node.begin);
}

QByteArray JsonValue::string() const
{
    if (!isString())
        return {};
    const QByteArrayView quoted = raw();
    return textBetween(quoted.sliced(1, quoted.size() - 2)).decoded();
}

bool JsonValue::is(QByteArrayView text) const
{
    if (!isString())
        return false;
    const QByteArrayView quoted = raw();
    return textBetween(quoted.sliced(1, quoted.size() - 2)) == text;
}

QByteArray JsonValue::digits() const
{
    return isNumber() ? json() : QByteArray();
}

std::optional<std::int64_t> JsonValue::integer() const
{
    if (!isNumber())
        return {};
    std::int64_t value = 0;
    if (toInteger(raw(), value))
        return value;
    bool ok = false;
    const double number = raw().toByteArray().toDouble(&ok);
    constexpr double kExact = 9007199254740992.0; // 2^53
    if (!ok || !(number >= -kExact && number <= kExact))
        return {};
    value = static_cast<std::int64_t>(number);
    if (static_cast<double>(value) != number)
        return {};
    return value;
}

std::optional<bool> JsonValue::boolean() const
{
    if (type() == JsonType::True)
        return true;
    if (type() == JsonType::False)
        return false;
    return {};
}

JsonValue JsonValue::operator[](QByteArrayView name) const
{
    JsonValue found;
    if (isObject()) {
        for (const JsonValue member : *this) {
            if (member.keyIs(name))
                found = member;
        }
    }
    return found;
}

QByteArray JsonValue::key() const
{
    if (!m_tree)
        return {};
    const JsonTree::Node &node = m_tree->m_nodes[m_node];
    return textBetween(m_tree->m_text.sliced(node.keyBegin, node.keyEnd - node.keyBegin)).decoded();
}

bool JsonValue::keyIs(QByteArrayView name) const
{
    if (!m_tree)
        return false;
    const JsonTree::Node &node = m_tree->m_nodes[m_node];
    if (node.keyEscaped)
        return key() == name;
    return m_tree->m_text.sliced(node.keyBegin, node.keyEnd - node.keyBegin) == name;
}

JsonValue::Iterator &JsonValue::Iterator::operator++()
{
    m_node = m_tree->m_nodes[m_node].next;
    return *this;
}

JsonValue::Iterator JsonValue::begin() const
{
    return {m_tree, m_tree ? m_tree->m_nodes[m_node].child : 0};
}

JsonValue::Iterator JsonValue::end() const
{
    return {m_tree, 0};
}

qsizetype JsonValue::size() const
{
    qsizetype count = 0;
    for (Iterator at = begin(); at != end(); ++at)
        ++count;
    return count;
}

} // namespace tollgate::protocol
