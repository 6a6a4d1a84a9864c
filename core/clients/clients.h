// SPDX-License-Identifier: GPL-3.0-or-later
// Connecting the programs that will ask Tollgate: what is installed, what would change in their
// settings, changing it, taking it back, and noticing when somebody else changed it. Only keys that
// the recipe names are touched, never without being asked, and never again by itself. Plain
// functions that read and write small files: call them on a worker thread. recipe.h has what is
// known of each client, editor.h how their files are changed.
#pragma once

#include "core/clients/recipe.h"

#include <QDateTime>

namespace tollgate::clients {

// Whose settings: everything the functions know of the machine.
struct Home
{
    QString folder;
    QHash<QString, QString> environment;
    Platform platform = Platform::Linux;

    [[nodiscard]] static Home ofThisProcess();
};

struct Detection
{
    QString binary; // empty: not on PATH
    QString version; // empty: unknown
    QStringList files; // settings files that exist
    bool fits = true; // the version is one the recipe is for, or unknown

    [[nodiscard]] bool found() const { return !binary.isEmpty() || !files.isEmpty(); }
};

struct KeyChange
{
    Path path;
    bool secret = false;
    bool replaces = false; // there is another value now
};

struct FilePlan
{
    QString path; // as the client names it
    QString target; // the file itself, behind any symbolic link
    Format format = Format::Json;
    bool exists = false;
    QByteArray before; // SHA-256 in hex of what is there; empty: nothing
    QByteArray text; // what will be there. Holds the token: never shown, never logged
    QString diff; // may be shown
    std::vector<KeyChange> keys; // none: it says all this already
    std::vector<Path> boxes; // what is made to hold them, outermost first
    bool othersMayRead = false; // other users of the machine can read the file
};

struct Conflict
{
    QString where; // "this process", "~/.zshrc, line 3", or a settings file
    QString sentence;
};

struct Preview
{
    QString client;
    std::vector<FilePlan> files;
    std::vector<Conflict> conflicts;
    QStringList notes;
};

enum class KeyState {
    Ours, // as we wrote it
    Changed, // somebody wrote another value
    Gone,
};

struct KeyStatus
{
    Path path;
    KeyState state = KeyState::Ours;
};

struct FileStatus
{
    QString client;
    QString path;
    QDateTime at; // when it was connected
    QString backup;
    QString problem; // why it cannot be read; empty: it can
    std::vector<KeyStatus> keys;
    bool untouched = false; // byte for byte as we left it
};

struct Reverted
{
    QString path;
    bool identical = false; // the bytes of before, or no file as before
    QStringList kept; // keys that somebody changed since: left as they are
    QString sentence; // what was done, for people
};

[[nodiscard]] Detection detect(const Recipe &recipe, const Home &home);

// Changes nothing. Refuses files it cannot read exactly, that are not writable or too large.
[[nodiscard]] Result<Preview> preview(const Recipe &recipe, const Home &home, const Wish &wish);

// Writes what `preview` showed, if the files are still as they were then: first a copy of each file
// beside it, then the journal, then the file in one step, with its permissions. All files or none.
[[nodiscard]] Result<std::vector<FileStatus>> apply(const Preview &preview, const QString &profile,
                                                    const QDateTime &now);

// The very bytes of before if nobody touched the file since, otherwise only our keys.
[[nodiscard]] Result<std::vector<Reverted>> revert(const QString &client, const QString &profile);

// Every file that is connected, and whether our keys are still as we wrote them.
[[nodiscard]] Result<std::vector<FileStatus>> status(const QString &profile);

} // namespace tollgate::clients
