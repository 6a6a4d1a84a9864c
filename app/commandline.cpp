// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/commandline.h"

namespace tollgate::app {
namespace {

tl::unexpected<Error> usage(const QString &sentence)
{
    return failure(ErrorKind::InvalidRequest, sentence, "usage");
}

QString programHelp(const CommandSpec *command)
{
    return command ? QStringLiteral("tollgated %1 --help").arg(QLatin1String(command->words))
                   : QStringLiteral("tollgated --help");
}

struct Positionals
{
    qsizetype least = 0;
    qsizetype most = 0; // -1: any number
};

Positionals countOf(const CommandSpec &command)
{
    Positionals count;
    const QStringList words
        = QString::fromLatin1(command.positionals).split(u' ', Qt::SkipEmptyParts);
    for (const QString &word : words) {
        if (word.endsWith(u"..."))
            count.most = -1;
        else if (count.most >= 0)
            ++count.most;
        if (!word.startsWith(u'['))
            ++count.least;
    }
    return count;
}

const OptionSpec *findOption(const CommandSpec &command, QStringView name)
{
    for (const OptionSpec &option : command.options) {
        if (name == QLatin1String(option.name))
            return &option;
    }
    return nullptr;
}

// The longest command whose words the list begins with; how many words it took.
std::pair<const CommandSpec *, qsizetype> findCommand(const QStringList &words)
{
    std::pair<const CommandSpec *, qsizetype> found{nullptr, 0};
    for (const CommandSpec &command : commands()) {
        const QStringList own = QString::fromLatin1(command.words).split(u' ');
        if (own.size() > found.second && own.size() <= words.size()
            && words.first(own.size()) == own)
            found = {&command, own.size()};
    }
    return found;
}

bool isGroup(const QString &word)
{
    for (const CommandSpec &command : commands()) {
        if (QString::fromLatin1(command.words).startsWith(word + u' '))
            return true;
    }
    return false;
}

// Global options may stand anywhere; they are taken out first.
Result<QStringList> takeGlobals(const QStringList &arguments, Invocation &invocation)
{
    QStringList rest;
    bool open = true;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const QString &argument = arguments.at(i);
        if (open && argument == u"--") {
            open = false;
            rest.append(argument);
        } else if (open && argument == u"--json") {
            invocation.json = true;
        } else if (open && (argument == u"--help" || argument == u"-h")) {
            invocation.help = true;
        } else if (open && argument == u"--version") {
            invocation.version = true;
        } else if (open && argument.startsWith(u"--profile=")) {
            invocation.profile = argument.mid(10);
        } else if (open && argument == u"--profile") {
            if (++i == arguments.size())
                return usage(QStringLiteral("--profile needs a folder."));
            invocation.profile = arguments.at(i);
        } else {
            rest.append(argument);
        }
    }
    return rest;
}

Result<void> readOption(Invocation &invocation, const QStringList &arguments, qsizetype &at)
{
    const QString &argument = arguments.at(at);
    const auto equals = argument.indexOf(u'=');
    const QString name = argument.mid(2, equals < 0 ? -1 : equals - 2);
    const OptionSpec *option = findOption(*invocation.command, name);
    if (!option) {
        if (name == u"key" || name == u"passphrase" || name == u"password") {
            return usage(QStringLiteral("There is no --%1, because others can read a command line; "
                                        "pass the secret on standard input (see %2).")
                             .arg(name, programHelp(invocation.command)));
        }
        return usage(QStringLiteral("\"%1\" has no option --%2; see %3.")
                         .arg(QLatin1String(invocation.command->words), name.left(40),
                              programHelp(invocation.command)));
    }
    if (invocation.options.contains(name) && option->kind != Kind::Header)
        return usage(QStringLiteral("--%1 was given twice.").arg(name));
    if (!option->value) {
        if (equals >= 0)
            return usage(QStringLiteral("--%1 takes no value.").arg(name));
        invocation.options.insert(name, {QString()});
        return {};
    }
    if (equals < 0 && at + 1 == arguments.size())
        return usage(
            QStringLiteral("--%1 needs a value (%2).").arg(name, QLatin1String(option->value)));
    invocation.options[name].append(equals < 0 ? arguments.at(++at) : argument.mid(equals + 1));
    return {};
}

Result<void> readRest(Invocation &invocation, const QStringList &arguments)
{
    bool open = true;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const QString &argument = arguments.at(i);
        if (open && argument == u"--") {
            open = false;
        } else if (open && argument.startsWith(u"--")) {
            if (auto read = readOption(invocation, arguments, i); !read)
                return read;
        } else if (open && argument.size() > 1 && argument.startsWith(u'-')) {
            return usage(QStringLiteral("There are no short options but -h; see %1.")
                             .arg(programHelp(invocation.command)));
        } else {
            invocation.positionals.append(argument);
        }
    }
    const Positionals count = countOf(*invocation.command);
    if (invocation.positionals.size() < count.least
        || (count.most >= 0 && invocation.positionals.size() > count.most)) {
        return usage(QStringLiteral("\"%1\" takes %2; see %3.")
                         .arg(QLatin1String(invocation.command->words),
                              *invocation.command->positionals
                                  ? QString::fromLatin1(invocation.command->positionals)
                                  : QStringLiteral("no further words"),
                              programHelp(invocation.command)));
    }
    return {};
}

QString commandLines(const QString &group)
{
    QString text;
    for (const CommandSpec &command : commands()) {
        const QString words = QString::fromLatin1(command.words);
        if (!group.isEmpty() && !words.startsWith(group + u' '))
            continue;
        const QString left = words + u' ' + QLatin1String(command.positionals);
        text += QStringLiteral("  ") + left.trimmed().leftJustified(26) + u' '
            + QLatin1String(command.summary) + u'\n';
    }
    return text;
}

QString commandHelp(const CommandSpec &command)
{
    QString text = QStringLiteral("tollgated ") + QLatin1String(command.words);
    if (*command.positionals)
        text += u' ' + QString::fromLatin1(command.positionals);
    text += command.options.empty() ? QStringLiteral(" [--json] [--profile DIR]\n")
                                    : QStringLiteral(" [OPTIONS]\n");
    text += QStringLiteral("\n  ") + QLatin1String(command.summary) + u'\n';
    if (*command.more) {
        text += u'\n';
        for (const QString &line : QString::fromUtf8(command.more).split(u'\n'))
            text += QStringLiteral("  ") + line + u'\n';
    }
    text += u'\n';
    const auto line = [&](const QString &option, const QString &help) {
        text += QStringLiteral("  --") + option.leftJustified(26) + u' ' + help + u'\n';
    };
    for (const OptionSpec &option : command.options) {
        QString left = QString::fromLatin1(option.name);
        if (option.value)
            left += u' ' + QString::fromLatin1(option.value);
        line(left, QString::fromUtf8(option.help));
    }
    line(QStringLiteral("json"), QStringLiteral("answer in JSON"));
    line(QStringLiteral("profile DIR"),
         QStringLiteral("the profile's folder; default: TOLLGATE_PROFILE, "
                        "else the platform's"));
    return text;
}

} // namespace

bool Invocation::is(const char *words) const
{
    return command && QLatin1String(command->words) == QLatin1String(words);
}

Result<Invocation> parseCommandLine(const QStringList &arguments)
{
    Invocation invocation;
    auto rest = takeGlobals(arguments, invocation);
    if (!rest)
        return failure(rest.error());
    if (!rest->isEmpty() && rest->first() == u"help") {
        invocation.help = true;
        rest->removeFirst();
    }
    if (rest->isEmpty()) {
        if (!invocation.help && !invocation.version)
            return usage(QStringLiteral("Say what to do; see tollgated --help."));
        return invocation;
    }
    const auto [command, taken] = findCommand(*rest);
    if (!command) {
        if (isGroup(rest->first())) {
            if (!invocation.help) {
                return usage(
                    QStringLiteral("\"%1\" needs one of its commands; see tollgated %1 --help.")
                        .arg(rest->first()));
            }
            invocation.helpFor = rest->first();
            return invocation;
        }
        return usage(QStringLiteral("There is no such command; see tollgated --help."));
    }
    invocation.command = command;
    if (invocation.help || invocation.version)
        return invocation;
    if (auto read = readRest(invocation, rest->mid(taken)); !read)
        return failure(read.error());
    return invocation;
}

QString helpText(const Invocation &invocation)
{
    if (invocation.command)
        return commandHelp(*invocation.command);
    QString text = QStringLiteral("tollgated COMMAND [OPTIONS]\n\n");
    text += commandLines(invocation.helpFor);
    text += QStringLiteral(
        "\nEvery command takes --help, --json and --profile DIR. Exit codes: 0 done, "
        "1 failed, 2 wrong usage.\n");
    return text;
}

} // namespace tollgate::app
