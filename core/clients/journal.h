// SPDX-License-Identifier: GPL-3.0-or-later
// What was written into whose file, so that it can be taken back: clients.json in the profile. It
// holds no token: what a secret was before is in the copy beside the file alone.
#pragma once

#include "core/clients/clients.h"

namespace tollgate::clients {

struct JournalKey
{
    Path path;
    bool secret = false;
    bool had = false; // there was a value before
    QByteArray old; // that value as it stood there; empty for a secret
    QByteArray ours; // SHA-256 in hex of what ours means
};

struct JournalFile
{
    QString client;
    QString path;
    QString target;
    Format format = Format::Json;
    QString backup; // empty: there was no file
    QDateTime at;
    QByteArray before; // SHA-256 in hex; empty: there was no file
    QByteArray after;
    bool exact = true; // `before` leads to `after` by our hand alone
    QStringList folders; // made for it
    std::vector<JournalKey> keys;
    std::vector<Path> boxes; // made for the keys, outermost first
};

class Journal
{
public:
    [[nodiscard]] static Result<Journal> read(const QString &profile);
    [[nodiscard]] Result<void> save(const QString &profile) const;

    [[nodiscard]] const std::vector<JournalFile> &files() const { return m_files; }
    [[nodiscard]] const JournalFile *of(const QString &client, const QString &target) const;
    void put(const JournalFile &file); // in the place of what it says of that file
    void drop(const QString &client, const QString &target);

private:
    std::vector<JournalFile> m_files;
};

} // namespace tollgate::clients
