// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of one client, as data: resources/clients/<id>.json, schema 1.
//
//   id, name, vendor, checked (the day its facts were looked up), sources (where)
//   way        oneclick: files can be patched · copy: values to copy · guided: steps by hand ·
//              impossible: it cannot use a local gateway, and notes say why
//   dialect    what it speaks: messages, responses, chat, gemini
//   versions   from, until: of the client, that the recipe fits; tried: the one it was tried with
//   detect     binaries on PATH; package: the npm package whose package.json has the version
//   files      format (jsonc, toml, yaml, dotenv), places by platform, edits, source.
//              A place may begin with ~ or with ${VARIABLE}; where a variable of any place is set,
//              only places with a variable count. The first that exists is taken, else the first.
//   edits      path and value; secret: the value is or holds the token; missing: only where the
//              key is not there yet
//   conflicts  variable or key or file that would get in the way, and what to say then
//   fields, snippets, notes, test (say, command, expects): shown on its card
//
// Texts may hold {{base}} {{port}} {{token}} {{model}} {{smallModel}}, and below "$models" (a map
// or list with one "each" for every model) {{id}} {{name}} {{context}} {{output}}. {"$number":
// text, "otherwise": n} is a number, left out where it is unknown; {"$flag": "images"} is true or
// false.
#pragma once

#include "core/base/result.h"
#include "core/clients/editor.h"

#include <QHash>

#include <array>

namespace tollgate::clients {

enum class Platform { Linux, MacOs, Windows };
enum class Way { OneClick, Copy, Guided, Impossible };

struct Edit
{
    Path path;
    Value value; // with its {{…}} still in it
    bool secret = false;
    bool onlyIfMissing = false;
};

struct RecipeFile
{
    Format format = Format::Json;
    std::array<QStringList, 3> places; // by Platform
    std::vector<Edit> edits;
    QString source;
};

struct ConflictRule
{
    QString variable;
    Path key; // in any of the recipe's files
    QString file;
    QString sentence;
};

struct Field
{
    QString label;
    QString value;
    bool secret = false;
};

struct Snippet
{
    QString id;
    QString label;
    QString language;
    QString text;
    bool secret = false;
};

struct Recipe
{
    QString id;
    QString name;
    QString vendor;
    Way way = Way::Copy;
    QString dialect;
    QString from;
    QString until;
    QString tried;
    QString checked;
    QStringList binaries;
    QString package;
    std::vector<RecipeFile> files;
    std::vector<ConflictRule> conflicts;
    std::vector<Field> fields;
    std::vector<Snippet> snippets;
    QStringList notes;
    QString testSentence;
    QString testCommand;
    QString testPath; // how the path of its first request begins
    QStringList sources;
};

struct ModelChoice
{
    QString id;
    QString name; // empty: the id
    qint64 context = 0; // tokens; 0: unknown
    qint64 output = 0;
    bool images = false;
};

struct Wish
{
    QString base; // http://127.0.0.1:4180, without a path
    QString token;
    QString model;
    QString smallModel; // for side jobs; empty: the model
    std::vector<ModelChoice> models; // for clients that do not ask; empty: the model alone
};

// The built-in ones: those that take one click first, then by name. Read once.
[[nodiscard]] const std::vector<Recipe> &recipes();
[[nodiscard]] Result<Recipe> recipeNamed(QStringView id);
[[nodiscard]] Result<Recipe> parseRecipe(const QByteArray &text);

[[nodiscard]] QString filled(const QString &text, const Wish &wish);
// Nothing where a {"$number"} is unknown.
[[nodiscard]] std::optional<Value> filled(const Value &value, const Wish &wish);
[[nodiscard]] QString wayName(Way way);

} // namespace tollgate::clients
