// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/recipe.h"

#include "core/clients/jsontree.h"

#include <QDir>
#include <QFile>
#include <QUrl>

#include <algorithm>

// The macro of a resource in a static library does not work inside a namespace.
static void initClientsResource()
{
    Q_INIT_RESOURCE(clients);
}

namespace tollgate::clients {
namespace {

using Words = QHash<QString, QString>;

QString replaced(QString text, const Words &words)
{
    for (auto word = words.begin(); word != words.end(); ++word)
        text.replace(QStringLiteral("{{%1}}").arg(word.key()), word.value());
    return text;
}

Words wordsOf(const Wish &wish)
{
    return {
        {QStringLiteral("base"), wish.base},
        {QStringLiteral("port"), QString::number(QUrl(wish.base).port(80))},
        {QStringLiteral("token"), wish.token},
        {QStringLiteral("model"), wish.model},
        {QStringLiteral("smallModel"), wish.smallModel.isEmpty() ? wish.model : wish.smallModel}};
}

struct Filling
{
    Words words;
    const Wish &wish;
    bool images = false;

    [[nodiscard]] std::optional<Value> operator()(const Value &value) const
    {
        if (value.kind == Value::Kind::String)
            return Value::string(replaced(value.text, words));
        if (value.find(u"$models") != nullptr)
            return models(value);
        if (const Value *number = value.find(u"$number"))
            return numberOf(*number, value.find(u"otherwise"));
        Value out = value;
        if (value.find(u"$flag") != nullptr) {
            out = Value();
            out.kind = Value::Kind::Boolean;
            out.literal = images ? "true" : "false";
            return out;
        }
        out.items.clear();
        for (const auto &[key, item] : value.items) {
            if (auto inner = (*this)(item))
                out.items.emplace_back(key, *inner);
        }
        // An object of unknown numbers says nothing.
        if (out.items.empty() && !value.items.empty())
            return std::nullopt;
        return out;
    }

private:
    [[nodiscard]] std::optional<Value> numberOf(const Value &text, const Value *otherwise) const
    {
        Value number;
        number.kind = Value::Kind::Number;
        number.literal = replaced(text.text, words).toLatin1();
        if (number.literal.toLongLong() > 0)
            return number;
        return otherwise != nullptr ? std::optional(*otherwise) : std::nullopt;
    }

    [[nodiscard]] Value models(const Value &value) const
    {
        const bool map = value.textOf(u"$models") == u"map";
        Value out;
        out.kind = map ? Value::Kind::Map : Value::Kind::List;
        std::vector<ModelChoice> choices = wish.models;
        if (choices.empty())
            choices.push_back({wish.model});
        for (const ModelChoice &model : choices) {
            Filling inner{words, wish, model.images};
            inner.words.insert(QStringLiteral("id"), model.id);
            inner.words.insert(QStringLiteral("name"),
                               model.name.isEmpty() ? model.id : model.name);
            inner.words.insert(QStringLiteral("context"), QString::number(model.context));
            inner.words.insert(QStringLiteral("output"), QString::number(model.output));
            if (const Value *each = value.find(u"each")) {
                if (auto filledOne = inner(*each))
                    out.items.emplace_back(
                        map ? replaced(value.textOf(u"key"), inner.words) : QString(), *filledOne);
            }
        }
        return out;
    }
};

std::optional<Way> wayNamed(const QString &name)
{
    for (const Way way : {Way::OneClick, Way::Copy, Way::Guided, Way::Impossible}) {
        if (wayName(way) == name)
            return way;
    }
    return std::nullopt;
}

const std::vector<std::pair<QString, Value>> &listOf(const Value &value, QStringView name)
{
    static const std::vector<std::pair<QString, Value>> none;
    const Value *list = value.find(name);
    return list != nullptr ? list->items : none;
}

Result<RecipeFile> fileOf(const Value &value)
{
    RecipeFile file;
    const auto format = formatNamed(value.textOf(u"format"));
    const Value *places = value.find(u"places");
    if (!format || places == nullptr)
        return refused(QStringLiteral("A file of the recipe has no format or no places."));
    file.format = *format;
    file.places
        = {places->textsOf(u"linux"), places->textsOf(u"macos"), places->textsOf(u"windows")};
    file.source = value.textOf(u"source");
    for (const auto &[key, one] : listOf(value, u"edits")) {
        const Value *wanted = one.find(u"value");
        Edit edit{one.textsOf(u"path"), {}, one.isTrue(u"secret"), one.isTrue(u"missing")};
        if (edit.path.isEmpty() || wanted == nullptr)
            return refused(QStringLiteral("An edit of the recipe has no path or no value."));
        edit.value = *wanted;
        file.edits.push_back(edit);
    }
    return file;
}

} // namespace

QString wayName(Way way)
{
    switch (way) {
    case Way::OneClick:
        return QStringLiteral("oneclick");
    case Way::Copy:
        return QStringLiteral("copy");
    case Way::Guided:
        return QStringLiteral("guided");
    case Way::Impossible:
        break;
    }
    return QStringLiteral("impossible");
}

Result<Recipe> parseRecipe(const QByteArray &text)
{
    const auto read = parseJson(text);
    if (!read)
        return failure(read.error());
    const Value &data = *read;
    Recipe recipe;
    const auto way = wayNamed(data.textOf(u"way"));
    const Value *schema = data.find(u"schema");
    recipe.id = data.textOf(u"id");
    if (recipe.id.isEmpty() || !way || schema == nullptr || schema->literal != "1")
        return refused(QStringLiteral("The recipe has no id, no way or another schema than 1."));
    recipe.way = *way;
    recipe.name = data.textOf(u"name");
    recipe.vendor = data.textOf(u"vendor");
    recipe.dialect = data.textOf(u"dialect");
    recipe.checked = data.textOf(u"checked");
    recipe.notes = data.textsOf(u"notes");
    recipe.sources = data.textsOf(u"sources");
    if (const Value *versions = data.find(u"versions")) {
        recipe.from = versions->textOf(u"from");
        recipe.until = versions->textOf(u"until");
        recipe.tried = versions->textOf(u"tried");
    }
    if (const Value *detect = data.find(u"detect")) {
        recipe.binaries = detect->textsOf(u"binaries");
        recipe.package = detect->textOf(u"package");
    }
    if (const Value *test = data.find(u"test")) {
        recipe.testSentence = test->textOf(u"say");
        recipe.testCommand = test->textOf(u"command");
        recipe.testPath = test->textOf(u"expects");
    }
    for (const auto &[key, one] : listOf(data, u"files")) {
        auto file = fileOf(one);
        if (!file)
            return failure(file.error());
        recipe.files.push_back(*file);
    }
    for (const auto &[key, one] : listOf(data, u"conflicts"))
        recipe.conflicts.push_back({one.textOf(u"variable"), one.textsOf(u"key"),
                                    one.textOf(u"file"), one.textOf(u"says")});
    for (const auto &[key, one] : listOf(data, u"fields"))
        recipe.fields.push_back(
            {one.textOf(u"label"), one.textOf(u"value"), one.isTrue(u"secret")});
    for (const auto &[key, one] : listOf(data, u"snippets"))
        recipe.snippets.push_back({one.textOf(u"id"), one.textOf(u"label"), one.textOf(u"language"),
                                   one.textOf(u"text"), one.isTrue(u"secret")});
    return recipe;
}

const std::vector<Recipe> &recipes()
{
    static const std::vector<Recipe> all = [] {
        initClientsResource();
        std::vector<Recipe> read;
        const QDir folder(QStringLiteral(":/tollgate/clients"));
        const QStringList names = folder.entryList(QDir::Files, QDir::Name);
        for (const QString &name : names) {
            QFile file(folder.filePath(name));
            if (!file.open(QIODevice::ReadOnly))
                continue;
            if (auto recipe = parseRecipe(file.readAll()))
                read.push_back(*recipe);
        }
        std::stable_sort(read.begin(), read.end(), [](const Recipe &a, const Recipe &b) {
            return (a.way == Way::OneClick) > (b.way == Way::OneClick);
        });
        return read;
    }();
    return all;
}

Result<Recipe> recipeNamed(QStringView id)
{
    for (const Recipe &recipe : recipes()) {
        if (recipe.id == id)
            return recipe;
    }
    return failure(
        ErrorKind::NotFound,
        QStringLiteral("There is no client \"%1\". \"tollgated client list\" names them.").arg(id));
}

QString filled(const QString &text, const Wish &wish)
{
    return replaced(text, wordsOf(wish));
}

std::optional<Value> filled(const Value &value, const Wish &wish)
{
    return Filling{wordsOf(wish), wish, false}(value);
}

} // namespace tollgate::clients
