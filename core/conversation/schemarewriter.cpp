// SPDX-License-Identifier: GPL-3.0-or-later
// References, unions and tuples: the walk over a schema that every flavour shares.
#include "core/conversation/schemarules.h"

#include <algorithm>

namespace tollgate::conversation {
namespace {

constexpr int kDeepest = 96; // levels, inlined ones included
constexpr qsizetype kMostCopied = 1 << 20;
constexpr int kMostWalks = 64; // pointers to places other than definitions

bool isNullBranch(const SchemaNode &branch)
{
    return typesOf(branch) == QByteArrayList{"null"};
}

QByteArray unescaped(QByteArray step)
{
    return QByteArray::fromPercentEncoding(step).replace("~1", "/").replace("~0", "~");
}

const SchemaNode *walk(const SchemaNode &root, const QByteArray &pointer)
{
    const SchemaNode *at = &root;
    for (const QByteArray &step : pointer.split('/').mid(1)) {
        if (at->isArray()) {
            bool ok = false;
            const uint index = step.toUInt(&ok);
            at = ok && index < at->children.size() ? &at->children[index] : nullptr;
        } else {
            at = at->find(unescaped(step));
        }
        if (!at)
            return nullptr;
    }
    return at;
}

// The branch that is left once null is taken out of a union, where there is just one.
std::optional<SchemaNode> onlyBranch(SchemaNode &schema, bool &nullable)
{
    for (const QByteArrayView name : {"anyOf", "oneOf"}) {
        SchemaNode *list = schema.find(name);
        if (!list)
            continue;
        if (std::erase_if(list->children, isNullBranch) > 0)
            nullable = true;
        if (list->children.size() == 1) {
            SchemaNode only = std::move(list->children.front());
            schema.erase(name);
            return only;
        }
        if (list->children.empty())
            schema.erase(name);
    }
    return {};
}

} // namespace

SchemaRewriter::SchemaRewriter(const SchemaNode &root, SchemaFlavour flavour)
    : m_root(root)
    , m_flavour(flavour)
    , m_inlines(flavour == SchemaFlavour::GeminiOpenApi
                || flavour == SchemaFlavour::AnthropicStrict)
{
    for (const char *place : {"definitions", "$defs"}) {
        if (const SchemaNode *definitions = root.find(place)) {
            for (const SchemaNode &one : definitions->children) {
                m_targets.insert("#/" + QByteArray(place) + '/' + one.key, &one);
                if (const SchemaNode *anchor = one.find("$anchor"))
                    m_targets.insert('#' + anchor->utf8(), &one);
            }
        }
    }
    m_targets.insert("#", &root);
}

Result<SchemaNode> SchemaRewriter::run()
{
    SchemaNode definitions = SchemaNode::object();
    SchemaNode root = m_root;
    std::optional<SchemaNode> modern = root.take("$defs");
    std::optional<SchemaNode> old = root.take("definitions");
    SchemaNode done = rewrite(std::move(root), 0);
    if (!m_inlines) {
        QSet<QByteArray> seen;
        for (std::optional<SchemaNode> *source : {&modern, &old}) {
            if (!*source)
                continue;
            for (SchemaNode &one : (*source)->children) {
                const QByteArray name = one.key;
                if (!seen.contains(name)) {
                    seen.insert(name);
                    definitions.children.push_back(rewrite(std::move(one), 1));
                    definitions.children.back().key = name;
                }
            }
        }
        if (!definitions.children.empty())
            done.set("$defs", std::move(definitions));
    }
    if (m_error)
        return failure(*m_error);
    return done;
}

void SchemaRewriter::fail(const QString &why)
{
    if (!m_error)
        m_error = Error{ErrorKind::InvalidRequest, why, "invalid_schema"};
}

const SchemaNode *SchemaRewriter::target(const QByteArray &reference)
{
    if (const auto known = m_targets.constFind(reference); known != m_targets.constEnd())
        return *known;
    const QByteArray plain = unescaped(reference);
    if (const auto known = m_targets.constFind(plain); known != m_targets.constEnd())
        return *known;
    if (!reference.startsWith("#/") || ++m_walks > kMostWalks)
        return nullptr;
    const SchemaNode *found = walk(m_root, reference);
    if (found && !found->isObject())
        found = nullptr;
    m_targets.insert(reference, found);
    return found;
}

std::optional<QByteArray> SchemaRewriter::keptReference(const QByteArray &reference)
{
    if (m_inlines)
        return {};
    if (reference == "#")
        return reference;
    for (const QByteArrayView place : {"#/$defs/", "#/definitions/"}) {
        if (reference.startsWith(place) && reference.indexOf('/', place.size()) < 0
            && target(reference))
            return "#/$defs/" + reference.mid(place.size());
    }
    return {};
}

SchemaNode SchemaRewriter::copy(const SchemaNode &schema)
{
    m_copied += schemaSize(schema);
    if (m_copied > kMostCopied) {
        fail(QStringLiteral("A JSON schema grows too large once its references are inlined."));
        return SchemaNode::object();
    }
    return schema;
}

// Everything the schema says through references and allOf, said in the schema itself. References
// that were followed are told in `entered`.
void SchemaRewriter::expand(SchemaNode &schema, QByteArrayList &entered)
{
    std::vector<SchemaNode> waiting;
    bool nullable = false;
    const auto gather = [&](SchemaNode &from) {
        if (const std::optional<SchemaNode> ref = from.take("$ref")) {
            const QByteArray name = ref->utf8();
            if (m_active.contains(name)) {
                mergeSchema(schema, SchemaNode::ofType("object"));
            } else if (const SchemaNode *found = target(name)) {
                m_active.insert(name);
                entered << name;
                waiting.push_back(copy(*found));
            }
        }
        if (std::optional<SchemaNode> all = from.take("allOf")) {
            for (SchemaNode &branch : all->children)
                waiting.push_back(std::move(branch));
        }
        if (m_flavour == SchemaFlavour::GeminiOpenApi) {
            if (std::optional<SchemaNode> only = onlyBranch(from, nullable))
                waiting.push_back(std::move(*only));
        }
    };
    gather(schema);
    for (std::size_t i = 0; i < waiting.size() && !m_error; ++i) {
        SchemaNode branch = std::move(waiting[i]);
        gather(branch);
        mergeSchema(schema, std::move(branch));
        gather(schema);
    }
    if (nullable)
        schema.set("nullable", SchemaNode::boolean(true));
}

SchemaNode SchemaRewriter::rewrite(SchemaNode schema, int depth)
{
    if (m_error || !schema.isObject())
        return SchemaNode::object();
    if (depth > kDeepest) {
        fail(QStringLiteral("A JSON schema is nested too deeply."));
        return SchemaNode::object();
    }
    // A lone allOf around a reference is how some generators put a description beside it.
    if (const SchemaNode *all = schema.find("allOf");
        all && all->children.size() == 1 && !schema.has("$ref") && !schema.has("properties")) {
        if (const SchemaNode *ref = all->children.front().find("$ref");
            ref && keptReference(ref->utf8())) {
            SchemaNode named = *ref;
            schema.erase("allOf");
            schema.set("$ref", std::move(named));
        }
    }
    if (const SchemaNode *ref = schema.find("$ref"); ref && !schema.has("allOf")) {
        if (const std::optional<QByteArray> kept = keptReference(ref->utf8())) {
            SchemaNode pointing = SchemaNode::object();
            pointing.set("$ref", SchemaNode::string(*kept));
            return pointing;
        }
    }
    QByteArrayList entered;
    expand(schema, entered);
    SchemaNode done = rewriteResolved(std::move(schema), depth);
    for (const QByteArray &name : std::as_const(entered))
        m_active.remove(name);
    return done;
}

// Where a vendor knows no tuples: any of their types, and as many.
void SchemaRewriter::tuples(SchemaNode &schema)
{
    std::optional<SchemaNode> tuple = schema.take("prefixItems");
    if (!tuple)
        return;
    const auto length = static_cast<std::int64_t>(tuple->children.size());
    SchemaNode kinds = SchemaNode::array();
    QSet<QByteArray> seen;
    for (SchemaNode &one : tuple->children) {
        const QByteArray text = schemaText(one);
        if (!seen.contains(text)) {
            seen.insert(text);
            kinds.children.push_back(std::move(one));
        }
    }
    const SchemaNode *rest = schema.find("items");
    const bool open = rest && rest->isObject();
    if (open)
        kinds.children.push_back(*rest);
    if (!schema.has("minItems"))
        schema.set("minItems", SchemaNode::number(length));
    if (!open && !schema.has("maxItems"))
        schema.set("maxItems", SchemaNode::number(length));
    SchemaNode items = SchemaNode::object();
    if (kinds.children.size() == 1)
        items = std::move(kinds.children.front());
    else if (!kinds.children.empty())
        items.set("anyOf", std::move(kinds));
    schema.set("items", std::move(items));
}

SchemaNode SchemaRewriter::rewriteResolved(SchemaNode schema, int depth)
{
    if (m_flavour != SchemaFlavour::GeminiJson) {
        if (std::optional<SchemaNode> one = schema.take("oneOf"); one && !schema.has("anyOf"))
            schema.set("anyOf", std::move(*one));
        tuples(schema);
    }
    if (m_flavour == SchemaFlavour::GeminiOpenApi || m_flavour == SchemaFlavour::OpenAiStrict) {
        if (schema.has("properties") || (depth == 0 && schema.has("anyOf"))) {
            if (std::optional<SchemaNode> any = schema.take("anyOf")) {
                for (SchemaNode &branch : any->children) {
                    const SchemaNode *ref = branch.find("$ref");
                    const SchemaNode *found = ref ? target(ref->utf8()) : nullptr;
                    if (found)
                        mergeSchema(branch, copy(*found));
                }
                mergeBranches(schema, std::move(*any));
            }
        }
    }
    fit(schema);
    rewriteChildren(schema, depth);
    finish(schema, depth == 0);
    return schema;
}

void SchemaRewriter::rewriteChildren(SchemaNode &schema, int depth)
{
    const auto renew = [&](SchemaNode &child) {
        QByteArray key = std::move(child.key);
        child = rewrite(std::move(child), depth + 1);
        child.key = std::move(key);
    };
    for (SchemaNode &member : schema.children) {
        if (member.key == "properties" || member.key == "anyOf" || member.key == "oneOf"
            || member.key == "prefixItems") {
            for (SchemaNode &child : member.children)
                renew(child);
        } else if ((member.key == "items" || member.key == "additionalProperties")
                   && member.isObject()) {
            renew(member);
        }
    }
}

} // namespace tollgate::conversation
