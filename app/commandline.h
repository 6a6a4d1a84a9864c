// SPDX-License-Identifier: GPL-3.0-or-later
// The command line as a table: which commands there are, what each takes, and what a given argument
// list means. Pure.
#pragma once

#include "core/base/result.h"

#include <QHash>
#include <QStringList>

#include <span>

namespace tollgate::app {

// How an option's text becomes a member of the management call.
enum class Kind {
    Here, // not sent: the command line itself acts on it
    Text,
    Integer,
    List, // a,b
    Map, // a=b,c=d
    Header, // "Name: value"; may be given several times
    On, // a switch: true
    Off, // a switch: false
    YesNo,
};

struct OptionSpec
{
    const char *name = nullptr; // without the dashes
    const char *value = nullptr; // placeholder; nullptr: a switch
    const char *help = "";
    const char *field = ""; // member of the call
    Kind kind = Kind::Here;
};

struct CommandSpec
{
    const char *words = nullptr; // "channel add"; also the name of the management call
    const char *positionals = ""; // "NAME", "[NAME]", "[FILTER]..." parted by blanks
    const char *fields = ""; // the members that these become, parted by blanks
    const char *summary = "";
    std::span<const OptionSpec> options;
    const char *more = ""; // further help, a few lines
};

struct Invocation
{
    const CommandSpec *command = nullptr; // nullptr: help or version only
    QStringList positionals;
    QHash<QString, QStringList> options;
    QString profile;
    bool json = false;
    bool help = false;
    bool version = false;
    QString helpFor; // "channel": help on a group of commands

    [[nodiscard]] bool has(const char *option) const
    {
        return options.contains(QString::fromLatin1(option));
    }
    [[nodiscard]] QString value(const char *option) const
    {
        return options.value(QString::fromLatin1(option)).value(0);
    }
    [[nodiscard]] bool is(const char *words) const;
};

[[nodiscard]] std::span<const CommandSpec> commands();

// `arguments` without the program's name. InvalidRequest never repeats a value: it may be a secret.
[[nodiscard]] Result<Invocation> parseCommandLine(const QStringList &arguments);

[[nodiscard]] QString helpText(const Invocation &invocation);

} // namespace tollgate::app
