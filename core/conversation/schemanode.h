// SPDX-License-Identifier: GPL-3.0-or-later
// A schema while it is being rewritten: a small tree that keeps the order of members and the
// spelling of scalars. For schema*.cpp alone.
#pragma once

#include "core/protocol/jsontree.h"

#include <QByteArray>

#include <initializer_list>
#include <optional>
#include <vector>

namespace tollgate::conversation {

struct SchemaNode
{
    protocol::JsonType type = protocol::JsonType::None;
    QByteArray key; // in an object: its member's name
    QByteArray text; // of a scalar: as spelt
    std::vector<SchemaNode> children;

    [[nodiscard]] static SchemaNode object() { return {protocol::JsonType::Object}; }
    [[nodiscard]] static SchemaNode array() { return {protocol::JsonType::Array}; }
    [[nodiscard]] static SchemaNode string(QByteArrayView utf8);
    [[nodiscard]] static SchemaNode number(std::int64_t value);
    [[nodiscard]] static SchemaNode boolean(bool value);
    [[nodiscard]] static SchemaNode null();
    [[nodiscard]] static SchemaNode ofType(QByteArrayView name); // {"type": name}

    [[nodiscard]] bool isObject() const { return type == protocol::JsonType::Object; }
    [[nodiscard]] bool isArray() const { return type == protocol::JsonType::Array; }
    [[nodiscard]] bool isString() const { return type == protocol::JsonType::String; }
    [[nodiscard]] bool isNumber() const { return type == protocol::JsonType::Number; }
    [[nodiscard]] bool isNull() const { return type == protocol::JsonType::Null; }
    [[nodiscard]] bool isTrue() const { return type == protocol::JsonType::True; }
    [[nodiscard]] bool isFalse() const { return type == protocol::JsonType::False; }
    [[nodiscard]] bool isBoolean() const { return isTrue() || isFalse(); }
    [[nodiscard]] QByteArray utf8() const; // of a string

    [[nodiscard]] const SchemaNode *find(QByteArrayView name) const;
    [[nodiscard]] SchemaNode *find(QByteArrayView name);
    [[nodiscard]] bool has(QByteArrayView name) const { return find(name) != nullptr; }
    // The member, whose place among the others stays if it was there.
    SchemaNode &set(QByteArrayView name, SchemaNode value);
    [[nodiscard]] std::optional<SchemaNode> take(QByteArrayView name);
    void erase(QByteArrayView name);
    void keepOnly(std::initializer_list<QByteArrayView> names);
};

// Of several members by one name the last counts.
[[nodiscard]] SchemaNode schemaNode(protocol::JsonValue value);
[[nodiscard]] QByteArray schemaText(const SchemaNode &node);
[[nodiscard]] qsizetype schemaSize(const SchemaNode &node);

} // namespace tollgate::conversation
