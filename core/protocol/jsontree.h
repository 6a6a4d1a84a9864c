// SPDX-License-Identifier: GPL-3.0-or-later
// A parsed JSON text that remembers how every value was spelt, for code that needs to look at a
// document in any order: the codecs. One flat vector of nodes over the text itself; numbers and
// sub-documents keep their own spelling. Read with JsonReader: as strict, as linear.
#pragma once

#include "core/base/result.h"
#include "core/protocol/jsonreader.h"

#include <optional>

namespace tollgate::protocol {

class JsonTree;

// A value in a tree, or none. Cheap to copy; valid while its tree and the text live. Asking a value
// for what it is not gives the empty answer, never an error.
class JsonValue
{
public:
    JsonValue() = default;

    [[nodiscard]] JsonType type() const;
    explicit operator bool() const { return m_tree != nullptr; } // it is there, null included
    [[nodiscard]] bool isObject() const { return type() == JsonType::Object; }
    [[nodiscard]] bool isArray() const { return type() == JsonType::Array; }
    [[nodiscard]] bool isString() const { return type() == JsonType::String; }
    [[nodiscard]] bool isNumber() const { return type() == JsonType::Number; }
    [[nodiscard]] bool isNull() const { return type() == JsonType::Null; }
    [[nodiscard]] bool isTrue() const { return type() == JsonType::True; }
    // There, and not null.
    [[nodiscard]] bool isSet() const { return m_tree != nullptr && !isNull(); }

    // The value as it is spelt in the text, quotes included.
    [[nodiscard]] QByteArrayView raw() const;
    [[nodiscard]] QByteArray json() const { return raw().toByteArray(); }
    // Of a string, decoded UTF-8; empty for anything else.
    [[nodiscard]] QByteArray string() const;
    [[nodiscard]] bool is(QByteArrayView text) const; // a string that says this
    // Of a number, as spelt; empty for anything else.
    [[nodiscard]] QByteArray digits() const;
    [[nodiscard]] std::optional<std::int64_t> integer() const; // also of 5.0 and 5e3
    [[nodiscard]] std::optional<bool> boolean() const;

    // Of an object: the member, or none. The last of several by one name counts.
    [[nodiscard]] JsonValue operator[](QByteArrayView name) const;
    // In an object: the name of this member.
    [[nodiscard]] QByteArray key() const;
    [[nodiscard]] bool keyIs(QByteArrayView name) const;

    // for (JsonValue child : value): elements of an array or members of an object, in order.
    class Iterator
    {
    public:
        Iterator(const JsonTree *tree, std::uint32_t node)
            : m_tree(tree)
            , m_node(node)
        {
        }
        JsonValue operator*() const { return {m_tree, m_node}; }
        Iterator &operator++();
        bool operator!=(const Iterator &other) const { return m_node != other.m_node; }

    private:
        const JsonTree *m_tree;
        std::uint32_t m_node;
    };
    [[nodiscard]] Iterator begin() const;
    [[nodiscard]] Iterator end() const;
    [[nodiscard]] qsizetype size() const; // counts the children

private:
    friend class JsonTree;
    JsonValue(const JsonTree *tree, std::uint32_t node)
        : m_tree(tree)
        , m_node(node)
    {
    }

    const JsonTree *m_tree = nullptr;
    std::uint32_t m_node = 0;
};

class JsonTree
{
public:
    // The text must outlive the tree and be shorter than 2 GiB. InvalidRequest where it is not
    // strict JSON or nested deeper than `depth`.
    [[nodiscard]] static Result<JsonTree> parse(QByteArrayView json, int depth = 256);

    [[nodiscard]] JsonValue root() const { return {this, 0}; }

    JsonTree(JsonTree &&) = default; // values point to the tree: take root() after the last move
    JsonTree &operator=(JsonTree &&) = default;
    JsonTree(const JsonTree &) = delete;
    JsonTree &operator=(const JsonTree &) = delete;

private:
    friend class JsonValue;
    struct Node
    {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        std::uint32_t keyBegin = 0;
        std::uint32_t keyEnd = 0;
        std::uint32_t next = 0; // the sibling behind; 0: the last
        std::uint32_t child = 0; // the first; 0: none
        JsonType type = JsonType::None;
        bool keyEscaped = false;
    };

    JsonTree() = default;
    void add(JsonReader &reader, std::uint32_t self);
    void addChild(JsonReader &reader, std::uint32_t parent, std::uint32_t &last,
                  const JsonText *key);

    QByteArrayView m_text;
    std::vector<Node> m_nodes;
};

} // namespace tollgate::protocol
