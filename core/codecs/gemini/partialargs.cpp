// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/codecs/gemini/partialargs.h"

#include <algorithm>

namespace tollgate::codecs::gemini {
namespace {

constexpr qsizetype kMostNodes = 100'000;
constexpr int kDeepest = 64;

struct Step
{
    QByteArray name;
    qsizetype index = -1; // in an array
};

// ['name'] or ["name"], the bracket already read.
bool quotedStep(QByteArrayView path, qsizetype &at, Step &step)
{
    const char quote = path[at++];
    while (at < path.size() && path[at] != quote) {
        if (path[at] == '\\' && at + 1 < path.size())
            ++at;
        step.name += path[at++];
    }
    at += 2;
    return at <= path.size() && path[at - 1] == ']';
}

bool indexStep(QByteArrayView path, qsizetype &at, Step &step)
{
    const qsizetype close = path.indexOf(']', at);
    if (close < 0)
        return false;
    bool ok = false;
    step.index = path.sliced(at, close - at).toByteArray().toUInt(&ok);
    at = close + 1;
    return ok;
}

// Steps of "$.a.b[0]['c']"; nullopt for anything else.
std::optional<std::vector<Step>> stepsOf(QByteArrayView path)
{
    std::vector<Step> steps;
    if (!path.startsWith('$'))
        return {};
    qsizetype at = 1;
    while (at < path.size()) {
        Step step;
        if (path[at] == '.') {
            const qsizetype begin = ++at;
            while (at < path.size() && path[at] != '.' && path[at] != '[')
                ++at;
            step.name = path.sliced(begin, at - begin).toByteArray();
        } else if (path[at] == '[' && at + 1 < path.size()) {
            ++at;
            const bool quoted = path[at] == '\'' || path[at] == '"';
            if (!(quoted ? quotedStep(path, at, step) : indexStep(path, at, step)))
                return {};
        } else {
            return {};
        }
        steps.push_back(std::move(step));
        if (steps.size() > kDeepest)
            return {};
    }
    return steps;
}

} // namespace

PartialArgs::Node *PartialArgs::child(Node &node, const QByteArray &name)
{
    if (node.kind != Node::Kind::Object) {
        node = Node{Node::Kind::Object, {}, node.name, {}};
    }
    // What is told last is asked for again.
    const auto known = std::find_if(node.children.rbegin(), node.children.rend(),
                                    [&](const auto &one) { return one->name == name; });
    if (known != node.children.rend())
        return known->get();
    if (++m_nodes > kMostNodes)
        return nullptr;
    node.children.push_back(std::make_unique<Node>());
    node.children.back()->name = name;
    return node.children.back().get();
}

PartialArgs::Node *PartialArgs::element(Node &node, qsizetype index)
{
    if (node.kind != Node::Kind::Array) {
        node = Node{Node::Kind::Array, {}, node.name, {}};
    }
    if (index > kMostNodes)
        return nullptr;
    while (static_cast<qsizetype>(node.children.size()) <= index) {
        if (++m_nodes > kMostNodes)
            return nullptr;
        node.children.push_back(std::make_unique<Node>());
    }
    return node.children[static_cast<std::size_t>(index)].get();
}

PartialArgs::Node *PartialArgs::find(QByteArrayView path)
{
    const auto steps = stepsOf(path);
    if (!steps)
        return nullptr;
    if (!m_root) {
        m_root = std::make_unique<Node>();
        m_root->kind = Node::Kind::Object;
    }
    Node *at = m_root.get();
    for (const Step &step : *steps) {
        at = step.index >= 0 ? element(*at, step.index) : child(*at, step.name);
        if (!at)
            return nullptr;
    }
    return at;
}

void PartialArgs::add(JsonValue patch)
{
    const QByteArray path = member(patch, "jsonPath").string();
    JsonValue value;
    for (const QByteArrayView name : {"stringValue", "numberValue", "boolValue", "nullValue"}) {
        if (const JsonValue found = member(patch, name))
            value = found;
    }
    Node *node = value ? find(path) : nullptr;
    if (!node)
        return;
    if (member(patch, "nullValue")) {
        *node = Node{Node::Kind::Scalar, "null", node->name, {}};
    } else if (value.isString()) {
        if (node->kind != Node::Kind::Text) {
            *node = Node{Node::Kind::Text, {}, node->name, {}};
        }
        node->bytes += value.string();
    } else if (!value.isObject() && !value.isArray()) {
        *node = Node{Node::Kind::Scalar, value.json(), node->name, {}};
    }
}

void PartialArgs::write(JsonWriter &out, const Node &node)
{
    switch (node.kind) {
    case Node::Kind::Unset:
        out.null();
        break;
    case Node::Kind::Text:
        out.string(node.bytes);
        break;
    case Node::Kind::Scalar:
        out.raw(node.bytes);
        break;
    case Node::Kind::Object:
        out.beginObject();
        for (const auto &one : node.children) {
            out.key(one->name);
            write(out, *one);
        }
        out.endObject();
        break;
    case Node::Kind::Array:
        out.beginArray();
        for (const auto &one : node.children)
            write(out, *one);
        out.endArray();
        break;
    }
}

QByteArray PartialArgs::json() const
{
    if (!m_root)
        return "{}";
    JsonWriter out;
    write(out, *m_root);
    return out.take();
}

} // namespace tollgate::codecs::gemini
