// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/clients.h"
#include "core/clients/diff.h"
#include "core/clients/files.h"
#include "core/clients/places.h"

#include <QFileInfo>

#include <algorithm>

namespace tollgate::clients {
namespace {

// The sentence of an editor, with the file it is about.
tl::unexpected<Error> about(const QString &name, Error error)
{
    error.message
        = QStringLiteral("Tollgate cannot change %1 without risk: %2").arg(name, error.message);
    return failure(std::move(error));
}

Result<void> plan(FilePlan &file, const Edit &edit, const Value &value)
{
    const Editor &editor = editorFor(file.format);
    const auto old = editor.find(file.text, edit.path);
    if (!old)
        return failure(old.error());
    if (edit.onlyIfMissing && *old)
        return {};
    for (qsizetype steps = 1; steps < edit.path.size(); ++steps) {
        const Path box = edit.path.first(steps);
        const auto there = editor.find(file.text, box);
        if (!there)
            return failure(there.error());
        if (!*there && std::find(file.boxes.begin(), file.boxes.end(), box) == file.boxes.end())
            file.boxes.push_back(box);
    }
    const auto text = editor.write(file.text, edit.path, value);
    if (!text)
        return failure(text.error());
    const auto again = editor.find(*text, edit.path);
    // What cannot be read back exactly would be written blindly.
    if (!again || !*again)
        return refused(QStringLiteral("\"%1\" could not be read back.").arg(dotted(edit.path)));
    if (*text != file.text)
        file.keys.push_back({edit.path, edit.secret, old->has_value()});
    file.text = *text;
    return {};
}

Result<FilePlan> planOf(const RecipeFile &recipe, const Home &home, const Wish &wish)
{
    FilePlan file;
    file.path = placeOf(recipe, home);
    file.format = recipe.format;
    if (file.path.isEmpty())
        return refused(QStringLiteral("Where this client keeps its settings here is not known."));
    const auto current = readFile(file.path);
    if (!current)
        return failure(current.error());
    file.target = current->target;
    file.exists = current->exists;
    file.before = current->exists ? hashOf(current->text) : QByteArray();
    file.text = current->text;
    file.othersMayRead = static_cast<bool>(current->permissions
                                           & (QFileDevice::ReadGroup | QFileDevice::ReadOther));
    const QString name = shortened(file.path, home);
    for (const Edit &edit : recipe.edits) {
        const auto value = filled(edit.value, wish);
        if (!value)
            continue;
        if (auto planned = plan(file, edit, *value); !planned)
            return about(name, planned.error());
    }
    file.diff = unifiedDiff(name, current->text, file.text, wish.token.toUtf8());
    return file;
}

void look(const ConflictRule &rule, const Home &home, Preview &preview)
{
    if (!rule.variable.isEmpty()) {
        const QStringList places = settersOf(rule.variable, home);
        for (const QString &where : places)
            preview.conflicts.push_back({where, rule.sentence});
    }
    if (!rule.file.isEmpty() && QFileInfo::exists(expanded(rule.file, home)))
        preview.conflicts.push_back({rule.file, rule.sentence});
    if (rule.key.isEmpty())
        return;
    for (const FilePlan &file : preview.files) {
        const auto found = editorFor(file.format).find(file.text, rule.key);
        if (found && *found)
            preview.conflicts.push_back({shortened(file.path, home), rule.sentence});
    }
}

} // namespace

Result<Preview> preview(const Recipe &recipe, const Home &home, const Wish &wish)
{
    if (recipe.way != Way::OneClick)
        return failure(ErrorKind::Unprocessable,
                       QStringLiteral("%1 has no settings file that Tollgate could write; its card "
                                      "says what to do by hand.")
                           .arg(recipe.name),
                       "by_hand");
    if (wish.base.isEmpty() || wish.token.isEmpty() || wish.model.isEmpty())
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("A client needs an address, a token and a model."));
    Preview out;
    out.client = recipe.id;
    out.notes = recipe.notes;
    for (const RecipeFile &file : recipe.files) {
        auto planned = planOf(file, home, wish);
        if (!planned)
            return failure(planned.error());
        if (planned->othersMayRead
            && std::any_of(planned->keys.begin(), planned->keys.end(),
                           [](const KeyChange &key) { return key.secret; }))
            out.notes.append(QStringLiteral("Other users of this computer can read %1, and so the "
                                            "token in it.")
                                 .arg(shortened(planned->path, home)));
        out.files.push_back(std::move(*planned));
    }
    for (const ConflictRule &rule : recipe.conflicts)
        look(rule, home, out);
    const Detection found = detect(recipe, home);
    if (!found.fits)
        out.notes.append(QStringLiteral("This was made for %1 from version %2; here is %3.")
                             .arg(recipe.name, recipe.from, found.version));
    return out;
}

} // namespace tollgate::clients
