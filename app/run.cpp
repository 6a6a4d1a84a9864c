// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run.h"

#include "app/arguments.h"
#include "app/commandline.h"
#include "app/house.h"
#include "app/render.h"
#include "app/serve.h"
#include "app/table.h"
#include "app/terminal.h"
#include "core/admin/admin.h"
#include "core/admin/adminclient.h"
#include "core/admin/running.h"
#include "core/store/profile.h"

#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QSaveFile>

#include <cstdio>

namespace tollgate::app {
namespace {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;
constexpr qint64 kLongestBundle = 1 << 20;

void print(const QString &text)
{
    std::fputs(text.toUtf8().constData(), stdout);
    std::fflush(stdout);
}

// One plain sentence on stderr.
int complain(const Error &error)
{
    std::fputs((plain(error.message) + u'\n').toUtf8().constData(), stderr);
    return error.kind == ErrorKind::InvalidRequest ? kWrongUsage : kFailed;
}

tl::unexpected<Error> cannot(const QString &what, const QString &file, const QString &why)
{
    return failure(ErrorKind::Unavailable, QStringLiteral("%1 %2: %3.").arg(what, file, why));
}

Result<QJsonObject> readBundle(const QString &name)
{
    QFile file(name);
    const bool opened
        = name == u"-" ? file.open(stdin, QIODevice::ReadOnly) : file.open(QIODevice::ReadOnly);
    if (!opened)
        return cannot(QStringLiteral("Cannot read"), name, file.errorString());
    const QByteArray bytes = file.read(kLongestBundle + 1);
    if (bytes.size() > kLongestBundle)
        return cannot(QStringLiteral("Cannot read"), name,
                      QStringLiteral("it is larger than 1 MiB"));
    const QJsonDocument document = QJsonDocument::fromJson(bytes);
    if (!document.isObject())
        return cannot(QStringLiteral("Cannot read"), name,
                      QStringLiteral("it is no file of tollgated export"));
    return document.object();
}

Result<void> writeBundle(const QString &name, const QJsonObject &bundle)
{
    const QByteArray text = QJsonDocument(bundle).toJson(QJsonDocument::Indented);
    if (name == u"-") {
        print(QString::fromUtf8(text));
        return {};
    }
    QSaveFile file(name);
    file.setDirectWriteFallback(false);
    if (!file.open(QIODevice::WriteOnly))
        return cannot(QStringLiteral("Cannot write"), name, file.errorString());
    file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    file.write(text);
    if (!file.commit())
        return cannot(QStringLiteral("Cannot write"), name, file.errorString());
    return {};
}

// What the command line itself must fetch before the call can be made.
Result<void> complete(const Invocation &invocation, QJsonObject &arguments)
{
    const QString secret = secretField(invocation);
    if (invocation.is("import")) {
        const QString name = invocation.positionals.value(0);
        if (name == u"-" && !secret.isEmpty()) {
            return failure(
                ErrorKind::InvalidRequest,
                QStringLiteral("With --secrets standard input is the passphrase; name the "
                               "file."));
        }
        const auto bundle = readBundle(name);
        if (!bundle)
            return failure(bundle.error());
        arguments.insert(QStringLiteral("bundle"), *bundle);
    }
    if (secret.isEmpty())
        return {};
    const Secret given = readSecret(secret == u"key"         ? QStringLiteral("Provider key: ")
                                        : secret == u"token" ? QStringLiteral("Token: ")
                                                             : QStringLiteral("Passphrase: "));
    if (given.isEmpty()) {
        return failure(
            ErrorKind::InvalidRequest,
            QStringLiteral("Standard input is empty; the %1 was expected there.").arg(secret));
    }
    arguments.insert(secret, QString::fromUtf8(given.reveal()));
    return {};
}

Result<void> present(const Invocation &invocation, const QJsonObject &answer)
{
    if (invocation.is("export")) {
        const QString file = invocation.positionals.value(0);
        if (auto written = writeBundle(file, answer.value(QLatin1String("bundle")).toObject());
            !written)
            return written;
        if (file != u"-")
            print(invocation.json ? jsonLine({{QStringLiteral("file"), file}})
                                  : QStringLiteral("Done.\n"));
        return {};
    }
    print(render(invocation, answer));
    return {};
}

// Makes the call and waits for it in an event loop of the whole program.
Result<QJsonObject> await(admin::Calls &calls, const Invocation &invocation, QJsonObject arguments)
{
    const auto onEvent = [&invocation](const QJsonObject &event) {
        const QJsonValue request = event.value(QLatin1String("request"));
        if (request.isObject())
            print(renderRequest(invocation, request.toObject()));
        return std::ferror(stdout) == 0;
    };
    std::optional<Result<QJsonObject>> answer;
    const auto calling = [&]() -> Task<void> {
        Task<Result<QJsonObject>> call = calls.call(QString::fromLatin1(invocation.command->words),
                                                    std::move(arguments), onEvent);
        Result<QJsonObject> result = co_await call;
        answer.emplace(std::move(result));
        QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection);
    };
    const admin::Running running = admin::run(calling());
    if (!answer || !running.done())
        QCoreApplication::exec();
    if (!answer)
        return failure(ErrorKind::Unavailable, QStringLiteral("The command was interrupted."));
    return std::move(*answer);
}

// The vault must be open before a call may need it.
void openVault(House &house)
{
    bool waiting = true;
    house.openVault([&waiting](const Result<void> &opened) {
        if (!opened)
            std::fputs((plain(opened.error().message) + u'\n').toUtf8().constData(), stderr);
        waiting = false;
        QCoreApplication::quit();
    });
    if (waiting)
        QCoreApplication::exec();
}

int conclude(const Invocation &invocation, const Result<QJsonObject> &answer)
{
    if (!answer)
        return complain(answer.error());
    if (const auto shown = present(invocation, *answer); !shown)
        return complain(shown.error());
    return saysFailed(invocation, *answer) ? kFailed : kDone;
}

int runAlone(const Invocation &invocation, const admin::Profile &profile, QJsonObject arguments)
{
    if (invocation.has("follow")) {
        return complain(
            {.message = QStringLiteral("No daemon runs on this profile, so there is nothing "
                                       "to follow.")});
    }
    auto house = House::open(profile);
    if (!house)
        return complain(house.error());
    openVault(**house);
    admin::Admin admin((*house)->rooms());
    return conclude(invocation, await(admin, invocation, std::move(arguments)));
}

int migrate(const Invocation &invocation, const admin::Profile &profile)
{
    QJsonObject answer;
    if (invocation.has("set-aside")) {
        const auto aside = store::setDatabaseAside(profile.folder);
        if (!aside)
            return complain(aside.error());
        answer.insert(QStringLiteral("set_aside"), *aside);
    }
    auto house = House::open(profile, invocation.has("new") || invocation.has("set-aside"));
    if (!house)
        return complain(house.error());
    answer.insert(QStringLiteral("database"), (*house)->store().databasePath());
    if (invocation.json)
        print(jsonLine(answer));
    else
        print(QStringLiteral("The database %1 has the schema of this version.\n")
                  .arg(plain((*house)->store().databasePath())));
    return kDone;
}

int execute(const Invocation &invocation)
{
    auto arguments = argumentsOf(invocation);
    if (!arguments)
        return complain(arguments.error());
    const auto profile = admin::openProfile(invocation.profile);
    if (!profile)
        return complain(profile.error());
    if (invocation.is("serve")) {
        const auto code = serve(invocation, *profile);
        return code ? *code : complain(code.error());
    }
    auto client = admin::AdminClient::connectTo(profile->socketName());
    if (!client)
        return complain(client.error());
    if (invocation.is("migrate")) {
        if (!*client)
            return migrate(invocation, *profile);
        return complain(
            {.message = QStringLiteral("A daemon runs on this profile, so its database has "
                                       "this version's schema already.")});
    }
    if (const auto completed = complete(invocation, *arguments); !completed)
        return complain(completed.error());
    if (invocation.is("channel add") && !invocation.has("local")
        && arguments->contains(QLatin1String("local"))) {
        std::fputs("The address is on this machine, so the channel is marked as local.\n", stderr);
    }
    if (!*client)
        return runAlone(invocation, *profile, std::move(*arguments));
    return conclude(invocation, await(**client, invocation, std::move(*arguments)));
}

} // namespace

int run(const QStringList &arguments)
{
    const auto invocation = parseCommandLine(arguments);
    if (!invocation)
        return complain(invocation.error());
    if (invocation->version) {
        print(QStringLiteral("tollgated %1\n").arg(QLatin1String(TOLLGATE_VERSION)));
        return kDone;
    }
    if (invocation->help) {
        print(helpText(*invocation));
        return kDone;
    }
    return execute(*invocation);
}

} // namespace tollgate::app
