// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/clientcalls.h"

#include "core/admin/fields.h"
#include "core/clients/clients.h"
#include "core/ledger/modelfacts.h"
#include "core/store/settings.h"

#include <QFileInfo>

#include <thread>

namespace tollgate::admin {
namespace {

constexpr qsizetype kLongestToken = 512;

QString key(const char *name)
{
    return QString::fromLatin1(name);
}

// The thread is joined with the frame, so a call that is abandoned leaves none behind.
template <class T> Task<Result<T>> apart(Desk &desk, std::function<Result<T>()> work)
{
    OneShot<Result<T>> done;
    const std::jthread worker([&mailbox = desk.mailbox, work = std::move(work), done] {
        auto result = std::make_shared<Result<T>>(work());
        mailbox.post([done, result] { done.set(std::move(*result)); });
    });
    Result<T> result = co_await done;
    co_return result;
}

QString profileOf(const Desk &desk)
{
    return QFileInfo(desk.rooms.store->databasePath()).absolutePath();
}

QString baseOf(const Desk &desk)
{
    const QJsonObject status = desk.rooms.engine ? desk.rooms.engine->status() : QJsonObject();
    const QString url = status.value(QLatin1String("urls")).toArray().first().toString();
    return url.isEmpty() ? key("http://127.0.0.1:4180") : url;
}

clients::ModelChoice choiceOf(const QString &id)
{
    clients::ModelChoice choice;
    choice.id = id;
    if (const ledger::CatalogueEntry *facts = ledger::modelFacts({}, id.toUtf8())) {
        choice.context = facts->contextTokens;
        choice.images = (facts->capabilities & ledger::ImageInput) != 0;
    }
    return choice;
}

struct Request
{
    clients::Recipe recipe;
    clients::Wish wish;
};

Result<Request> requestOf(const Desk &desk, Fields &fields, bool whole)
{
    const QString client = fields.requiredText("client");
    const auto optional = [&](const char *name, const QString &otherwise, qsizetype longest) {
        return fields.text(name, longest).value_or(otherwise);
    };
    Request request;
    clients::Wish &wish = request.wish;
    wish.base = optional("base_url", baseOf(desk), 1'024);
    wish.token = whole ? fields.requiredText("token", kLongestToken)
                       : optional("token", key("YOUR-TOKEN"), kLongestToken);
    wish.model = whole ? fields.requiredText("model") : optional("model", key("YOUR-MODEL"), 256);
    wish.smallModel = optional("small_model", wish.model, 256);
    QByteArrayList models = fields.list("models").value_or(QByteArrayList());
    if (!models.contains(wish.model.toUtf8()))
        models.prepend(wish.model.toUtf8());
    for (const QByteArray &model : models)
        wish.models.push_back(choiceOf(QString::fromUtf8(model)));
    while (wish.base.endsWith(u'/'))
        wish.base.chop(1);
    if (wish.base.endsWith(QLatin1String("/v1")))
        wish.base.chop(3);
    if (!wish.base.startsWith(QLatin1String("http://"))
        && !wish.base.startsWith(QLatin1String("https://")))
        fields.refuse("base_url", QStringLiteral("A base URL begins with http:// or https://."));
    if (!fields.good())
        return request; // finish() tells
    auto recipe = clients::recipeNamed(client);
    if (!recipe)
        return failure(recipe.error());
    request.recipe = std::move(*recipe);
    return request;
}

QJsonObject cardOf(const clients::Recipe &recipe, const clients::Home &home)
{
    const clients::Detection found = clients::detect(recipe, home);
    return {
        {key("id"), recipe.id},           {key("name"), recipe.name},
        {key("vendor"), recipe.vendor},   {key("way"), clients::wayName(recipe.way)},
        {key("dialect"), recipe.dialect}, {key("found"), found.found()},
        {key("binary"), found.binary},    {key("version"), found.version},
        {key("fits"), found.fits},        {key("files"), QJsonArray::fromStringList(found.files)}};
}

QString stateName(clients::KeyState state)
{
    switch (state) {
    case clients::KeyState::Ours:
        return key("ours");
    case clients::KeyState::Changed:
        return key("changed");
    case clients::KeyState::Gone:
        break;
    }
    return key("gone");
}

QJsonArray statusOf(const std::vector<clients::FileStatus> &files)
{
    QJsonArray out;
    for (const clients::FileStatus &file : files) {
        QJsonArray keys;
        bool ours = true;
        for (const clients::KeyStatus &one : file.keys) {
            ours = ours && one.state == clients::KeyState::Ours;
            keys.append(QJsonObject{{key("key"), clients::dotted(one.path)},
                                    {key("state"), stateName(one.state)}});
        }
        const char *state = !file.problem.isEmpty() ? "unreadable" : ours ? "ours" : "changed";
        out.append(QJsonObject{{key("client"), file.client},
                               {key("path"), file.path},
                               {key("at_us"), file.at.toMSecsSinceEpoch() * 1'000},
                               {key("backup"), file.backup},
                               {key("state"), key(state)},
                               {key("problem"), file.problem},
                               {key("keys"), keys}});
    }
    return out;
}

// What a preview tells of the file it looked at, for "seen".
QByteArray seenOf(const clients::FilePlan &file)
{
    return file.exists ? file.before : QByteArray("none");
}

QJsonObject previewOf(const clients::Preview &preview)
{
    QJsonArray files;
    for (const clients::FilePlan &file : preview.files) {
        QStringList keys;
        for (const clients::KeyChange &one : file.keys)
            keys.append(clients::dotted(one.path));
        files.append(QJsonObject{{key("path"), file.path},
                                 {key("exists"), file.exists},
                                 {key("before"), QString::fromLatin1(seenOf(file))},
                                 {key("changes"), !file.keys.empty()},
                                 {key("keys"), QJsonArray::fromStringList(keys)},
                                 {key("diff"), file.diff}});
    }
    QJsonArray conflicts;
    for (const clients::Conflict &one : preview.conflicts)
        conflicts.append(QJsonObject{{key("where"), one.where}, {key("sentence"), one.sentence}});
    return {{key("client"), preview.client},
            {key("files"), files},
            {key("conflicts"), conflicts},
            {key("notes"), QJsonArray::fromStringList(preview.notes)}};
}

QJsonObject showOf(const Request &request, const clients::Home &home)
{
    const clients::Recipe &recipe = request.recipe;
    QJsonObject card = cardOf(recipe, home);
    QJsonArray fields;
    for (const clients::Field &field : recipe.fields)
        fields.append(QJsonObject{{key("label"), field.label},
                                  {key("value"), clients::filled(field.value, request.wish)},
                                  {key("secret"), field.secret}});
    QJsonArray snippets;
    for (const clients::Snippet &one : recipe.snippets)
        snippets.append(QJsonObject{{key("id"), one.id},
                                    {key("label"), one.label},
                                    {key("language"), one.language},
                                    {key("text"), clients::filled(one.text, request.wish)},
                                    {key("secret"), one.secret}});
    card.insert(key("checked"), recipe.checked);
    card.insert(key("tried"), recipe.tried);
    card.insert(key("notes"), QJsonArray::fromStringList(recipe.notes));
    card.insert(key("sources"), QJsonArray::fromStringList(recipe.sources));
    card.insert(key("test"),
                QJsonObject{{key("say"), recipe.testSentence},
                            {key("command"), recipe.testCommand},
                            {key("expects"), recipe.testPath}});
    card.insert(key("fields"), fields);
    card.insert(key("snippets"), snippets);
    return {{key("client"), card}};
}

// The answer of `work`, once the audit trail names what was done.
Answer audited(Desk &desk, const char *action, QString client,
               std::function<Result<QJsonObject>()> work)
{
    auto working = apart<QJsonObject>(desk, std::move(work));
    Result<QJsonObject> answer = co_await working;
    if (!answer)
        co_return answer;
    const store::AuditRow trail = desk.auditRow(action, client.toUtf8(), {});
    const auto writing
        = desk.write([trail](store::Database &db) { return store::audit(db, trail); });
    const Result<void> written = co_await writing;
    if (!written)
        co_return failure(written.error());
    co_return answer;
}

} // namespace

Answer clientList(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    auto working = apart<QJsonObject>(desk, [profile = profileOf(desk)]() -> Result<QJsonObject> {
        const auto connected = clients::status(profile);
        if (!connected)
            return failure(connected.error());
        const clients::Home home = clients::Home::ofThisProcess();
        QJsonArray rows;
        for (const clients::Recipe &recipe : clients::recipes()) {
            QJsonObject row = cardOf(recipe, home);
            bool ours = false;
            for (const clients::FileStatus &file : *connected)
                ours = ours || file.client == recipe.id;
            row.insert(key("connected"), ours);
            rows.append(row);
        }
        return QJsonObject{{key("clients"), rows}};
    });
    Result<QJsonObject> answer = co_await working;
    co_return answer;
}

Answer clientShow(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    auto request = requestOf(desk, fields, false);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (!request)
        co_return failure(request.error());
    auto working = apart<QJsonObject>(desk, [request = *request]() -> Result<QJsonObject> {
        return showOf(request, clients::Home::ofThisProcess());
    });
    Result<QJsonObject> answer = co_await working;
    co_return answer;
}

Answer clientPreview(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    auto request = requestOf(desk, fields, true);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (!request)
        co_return failure(request.error());
    auto working = apart<QJsonObject>(desk, [request = *request]() -> Result<QJsonObject> {
        return clients::preview(request.recipe, clients::Home::ofThisProcess(), request.wish)
            .map(previewOf);
    });
    Result<QJsonObject> answer = co_await working;
    co_return answer;
}

Answer clientApply(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    auto request = requestOf(desk, fields, true);
    const auto seen = fields.list("seen", 16);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    if (!request)
        co_return failure(request.error());
    const QDateTime now = QDateTime::fromMSecsSinceEpoch(desk.nowUs() / 1'000);
    auto work
        = [request = *request, seen, now, profile = profileOf(desk)]() -> Result<QJsonObject> {
        const auto shown
            = clients::preview(request.recipe, clients::Home::ofThisProcess(), request.wish);
        if (!shown)
            return failure(shown.error());
        QByteArrayList before;
        for (const clients::FilePlan &file : shown->files)
            before.append(seenOf(file));
        if (seen && *seen != before)
            return failure(ErrorKind::Conflict,
                           QStringLiteral("The settings were changed since they were looked at. "
                                          "Look at them again."),
                           "changed_since");
        return clients::apply(*shown, profile, now).map([&](const auto &files) {
            return QJsonObject{{key("client"), request.recipe.id}, {key("files"), statusOf(files)}};
        });
    };
    Answer working = audited(desk, "client.connect", request->recipe.id, std::move(work));
    Result<QJsonObject> answer = co_await working;
    co_return answer;
}

Answer clientRevert(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    const QString client = fields.requiredText("client");
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    auto work = [client, profile = profileOf(desk)]() -> Result<QJsonObject> {
        return clients::revert(client, profile).map([&](const auto &files) {
            QJsonArray rows;
            for (const clients::Reverted &file : files)
                rows.append(QJsonObject{{key("path"), file.path},
                                        {key("identical"), file.identical},
                                        {key("kept"), QJsonArray::fromStringList(file.kept)},
                                        {key("sentence"), file.sentence}});
            return QJsonObject{{key("client"), client}, {key("files"), rows}};
        });
    };
    Answer working = audited(desk, "client.disconnect", client, std::move(work));
    Result<QJsonObject> answer = co_await working;
    co_return answer;
}

Answer clientStatus(Desk &desk, QJsonObject arguments, OnEvent)
{
    Fields fields(arguments);
    if (const auto good = fields.finish(); !good)
        co_return failure(good.error());
    auto working = apart<QJsonObject>(desk, [profile = profileOf(desk)]() -> Result<QJsonObject> {
        return clients::status(profile).map([](const auto &files) {
            return QJsonObject{{key("files"), statusOf(files)}};
        });
    });
    Result<QJsonObject> answer = co_await working;
    co_return answer;
}

} // namespace tollgate::admin
