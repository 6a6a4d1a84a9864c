// SPDX-License-Identifier: GPL-3.0-or-later
// Arguments of a function call that arrive as values by JSON path, put together into the text of
// one object: in the order in which paths were first told.
#pragma once

#include "core/codecs/gemini/wire.h"

#include <memory>
#include <vector>

namespace tollgate::codecs::gemini {

class PartialArgs
{
public:
    // One element of partialArgs: strings append, other values are set. Paths that cannot be read
    // are ignored.
    void add(JsonValue patch);
    [[nodiscard]] bool empty() const { return !m_root; }
    [[nodiscard]] QByteArray json() const;

private:
    struct Node
    {
        enum class Kind { Unset, Text, Scalar, Object, Array };
        Kind kind = Kind::Unset;
        QByteArray bytes; // of a text, decoded; of a scalar, its JSON
        QByteArray name;
        std::vector<std::unique_ptr<Node>> children;
    };
    [[nodiscard]] Node *find(QByteArrayView path);
    [[nodiscard]] Node *child(Node &node, const QByteArray &name);
    [[nodiscard]] Node *element(Node &node, qsizetype index);
    static void write(JsonWriter &out, const Node &node);

    std::unique_ptr<Node> m_root;
    qsizetype m_nodes = 0;
};

} // namespace tollgate::codecs::gemini
