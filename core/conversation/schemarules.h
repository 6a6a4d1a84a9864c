// SPDX-License-Identifier: GPL-3.0-or-later
// The steps that fit a schema to a flavour. For schema*.cpp alone.
#pragma once

#include "core/conversation/schema.h"
#include "core/conversation/schemanode.h"

#include <QHash>
#include <QSet>

namespace tollgate::conversation {

// Valid JSON Schema of whatever was meant: OpenAPI's upper-case types and "nullable", boolean
// schemas, tuples in "items".
void standardise(SchemaNode &schema);

// Appends "Label: value." to the description and takes the keyword out.
void describe(SchemaNode &schema, QByteArrayView keyword, QByteArrayView label);
void appendDescription(SchemaNode &schema, const QByteArray &sentence);

// All of `more` that the schema does not say itself; properties and required are united.
void mergeSchema(SchemaNode &into, SchemaNode more);
// The properties of all branches beside those of the schema; only its own are required.
void mergeBranches(SchemaNode &into, SchemaNode branches);
// Adds null to what the schema accepts.
void acceptNull(SchemaNode &schema);
// What "type" says: one name, or several.
[[nodiscard]] QByteArrayList typesOf(const SchemaNode &schema);
void setTypes(SchemaNode &schema, const QByteArrayList &types);
// A type the other keywords imply; empty: none.
[[nodiscard]] QByteArray impliedType(const SchemaNode &schema);

class SchemaRewriter
{
public:
    SchemaRewriter(const SchemaNode &root, SchemaFlavour flavour);
    [[nodiscard]] Result<SchemaNode> run();

private:
    [[nodiscard]] SchemaNode rewrite(SchemaNode schema, int depth);
    [[nodiscard]] SchemaNode rewriteResolved(SchemaNode schema, int depth);
    void rewriteChildren(SchemaNode &schema, int depth);
    [[nodiscard]] const SchemaNode *target(const QByteArray &reference);
    [[nodiscard]] std::optional<QByteArray> keptReference(const QByteArray &reference);
    [[nodiscard]] SchemaNode copy(const SchemaNode &schema);
    void expand(SchemaNode &schema, QByteArrayList &entered);
    void tuples(SchemaNode &schema);
    void fit(SchemaNode &schema);
    void fitGeminiOpenApi(SchemaNode &schema);
    void fitGeminiJson(SchemaNode &schema);
    void fitOpenAiStrict(SchemaNode &schema);
    void fitAnthropicStrict(SchemaNode &schema);
    void finish(SchemaNode &schema, bool root);
    void fail(const QString &why);

    const SchemaNode &m_root;
    SchemaFlavour m_flavour;
    bool m_inlines;
    QHash<QByteArray, const SchemaNode *> m_targets;
    QSet<QByteArray> m_active; // references being inlined around the schema at hand
    int m_walks = 0;
    qsizetype m_copied = 0;
    std::optional<Error> m_error;
};

} // namespace tollgate::conversation
