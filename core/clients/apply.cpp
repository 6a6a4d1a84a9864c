// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/clients.h"
#include "core/clients/files.h"
#include "core/clients/journal.h"

#include <QFile>
#include <QLockFile>

#include <algorithm>
#include <memory>

namespace tollgate::clients {
namespace {

Result<std::unique_ptr<QLockFile>> lockOf(const QString &profile)
{
    constexpr int patience = 2000;
    auto lock = std::make_unique<QLockFile>(profile + QStringLiteral("/clients.lock"));
    if (!lock->tryLock(patience))
        return failure(
            ErrorKind::Conflict,
            QStringLiteral("Another program is changing the settings of clients just now."));
    return lock;
}

Result<FileText> asPreviewed(const FilePlan &plan)
{
    auto file = readFile(plan.path);
    if (!file)
        return file;
    const QByteArray hash = file->exists ? hashOf(file->text) : QByteArray();
    if (hash != plan.before || file->target != plan.target)
        return failure(ErrorKind::Conflict,
                       QStringLiteral("%1 was changed since it was looked at. Look at it again.")
                           .arg(plan.path),
                       "changed_since");
    return file;
}

Result<JournalFile> entryOf(const FilePlan &plan, const QString &client, const FileText &current)
{
    const Editor &editor = editorFor(plan.format);
    JournalFile entry;
    entry.client = client;
    entry.path = plan.path;
    entry.target = plan.target;
    entry.format = plan.format;
    entry.before = plan.before;
    entry.after = hashOf(plan.text);
    entry.boxes = plan.boxes;
    for (const KeyChange &change : plan.keys) {
        const auto old = editor.find(current.text, change.path);
        const auto ours = editor.find(plan.text, change.path);
        if (!old || !ours || !*ours)
            return refused(QStringLiteral("%1 cannot be read.").arg(plan.path));
        JournalKey key{change.path, change.secret, old->has_value(), {}, hashOf((*ours)->meaning)};
        if (key.had && !key.secret)
            key.old = (*old)->raw;
        entry.keys.push_back(key);
    }
    return entry;
}

// A client that is connected for the second time goes back to where it was before the first.
void carryOver(JournalFile &entry, const JournalFile &first)
{
    entry.exact = first.exact && first.after == entry.before;
    entry.before = first.before;
    entry.backup = first.backup;
    entry.folders = first.folders;
    for (JournalKey &key : entry.keys) {
        for (const JournalKey &old : first.keys) {
            if (old.path == key.path) {
                key.had = old.had;
                key.old = old.old;
            }
        }
    }
    for (const JournalKey &old : first.keys) {
        const auto same = [&](const JournalKey &key) { return key.path == old.path; };
        if (std::none_of(entry.keys.begin(), entry.keys.end(), same))
            entry.keys.push_back(old);
    }
    std::vector<Path> boxes = first.boxes;
    for (const Path &box : entry.boxes) {
        if (std::find(boxes.begin(), boxes.end(), box) == boxes.end())
            boxes.push_back(box);
    }
    entry.boxes = boxes;
}

struct Step
{
    JournalFile entry;
    FileText before;
    QString ownBackup; // made by this step, taken away if it fails
    QStringList ownFolders;
};

class Applying
{
public:
    Applying(const Preview &preview, const QString &profile, const QDateTime &now)
        : m_preview(preview)
        , m_profile(profile)
        , m_now(now)
    {
    }

    Result<void> run(Journal &journal)
    {
        const Journal asItWas = journal;
        for (const FilePlan &plan : m_preview.files) {
            if (plan.keys.empty())
                continue;
            if (auto done = write(plan, journal); !done) {
                undo();
                // The first error is the one to tell; a stale entry is harmless, it leads to a file
                // that is as it was.
                const auto saved = asItWas.save(m_profile);
                return saved ? done : failure(done.error());
            }
        }
        return {};
    }

private:
    Result<void> write(const FilePlan &plan, Journal &journal)
    {
        auto current = asPreviewed(plan);
        if (!current)
            return failure(current.error());
        auto entry = entryOf(plan, m_preview.client, *current);
        if (!entry)
            return failure(entry.error());
        m_steps.push_back({*entry, *current, {}, {}});
        Step &step = m_steps.back();
        step.entry.at = m_now;
        const auto folders = makeFolders(plan.target);
        if (!folders)
            return failure(folders.error());
        step.ownFolders = *folders;
        step.entry.folders = *folders;
        const JournalFile *first = journal.of(m_preview.client, plan.target);
        if (first != nullptr)
            carryOver(step.entry, *first);
        const bool needed = first == nullptr || !step.entry.exact;
        if (current->exists && needed) {
            const auto copy = backUp(*current, m_now);
            if (!copy)
                return failure(copy.error());
            step.ownBackup = *copy;
            if (step.entry.backup.isEmpty() && first == nullptr)
                step.entry.backup = *copy;
        }
        journal.put(step.entry);
        if (auto saved = journal.save(m_profile); !saved)
            return saved;
        if (auto still = asPreviewed(plan); !still)
            return failure(still.error());
        if (auto written = replaceFile(plan.target, plan.text); !written)
            return written;
        m_written = m_steps.size();
        return {};
    }

    void undo()
    {
        for (std::size_t i = m_steps.size(); i-- > 0;) {
            const Step &step = m_steps[i];
            if (i < m_written) {
                if (!step.before.exists)
                    QFile::remove(step.entry.target);
                else if (!replaceFile(step.entry.target, step.before.text))
                    continue; // the copy beside it stays
            }
            if (!step.ownBackup.isEmpty())
                QFile::remove(step.ownBackup);
            removeFolders(step.ownFolders);
        }
    }

    const Preview &m_preview;
    const QString &m_profile;
    const QDateTime m_now;
    std::vector<Step> m_steps;
    std::size_t m_written = 0;
};

FileStatus statusOf(const JournalFile &entry)
{
    FileStatus out{entry.client, entry.path, entry.at, entry.backup, {}, {}, false};
    const auto file = readFile(entry.target);
    if (!file) {
        out.problem = file.error().message;
        return out;
    }
    out.untouched = file->exists && hashOf(file->text) == entry.after;
    for (const JournalKey &key : entry.keys) {
        KeyState state = KeyState::Ours;
        if (!out.untouched) {
            const auto found = editorFor(entry.format).find(file->text, key.path);
            if (!found) {
                out.problem = found.error().message;
                return out;
            }
            state = !*found                             ? KeyState::Gone
                : hashOf((*found)->meaning) == key.ours ? KeyState::Ours
                                                        : KeyState::Changed;
        }
        out.keys.push_back({key.path, state});
    }
    return out;
}

// The file as it was before, if its copy is still what it was.
std::optional<QByteArray> copyOf(const JournalFile &entry)
{
    if (entry.backup.isEmpty())
        return std::nullopt;
    const auto copy = readFile(entry.backup);
    if (!copy || !copy->exists || hashOf(copy->text) != entry.before)
        return std::nullopt;
    return copy->text;
}

Result<QByteArray> takenBack(const JournalFile &entry, const QByteArray &current, Reverted &report)
{
    const Editor &editor = editorFor(entry.format);
    const auto copy = copyOf(entry);
    QByteArray text = current;
    for (auto key = entry.keys.rbegin(); key != entry.keys.rend(); ++key) {
        const auto found = editor.find(text, key->path);
        if (!found)
            return failure(found.error());
        if (!*found)
            continue;
        if (hashOf((*found)->meaning) != key->ours) {
            report.kept.append(dotted(key->path));
            continue;
        }
        QByteArray old = key->old;
        if (key->had && key->secret && copy) {
            const auto before = editor.find(*copy, key->path);
            if (before && *before)
                old = (*before)->raw;
        }
        const auto changed = key->had && !old.isEmpty() ? editor.putBack(text, key->path, old)
                                                        : editor.erase(text, key->path);
        if (!changed)
            return failure(changed.error());
        text = *changed;
    }
    for (auto box = entry.boxes.rbegin(); box != entry.boxes.rend(); ++box) {
        const auto pruned = editor.prune(text, *box);
        if (!pruned)
            return failure(pruned.error());
        text = *pruned;
    }
    return text;
}

Result<Reverted> revertFile(const JournalFile &entry)
{
    Reverted report;
    report.path = entry.path;
    const auto file = readFile(entry.target);
    if (!file)
        return failure(file.error());
    if (!file->exists) {
        report.identical = entry.before.isEmpty();
        report.sentence = QStringLiteral("The file is gone already.");
        removeFolders(entry.folders);
        return report;
    }
    const bool untouched = entry.exact && hashOf(file->text) == entry.after;
    const auto copy = copyOf(entry);
    bool removes = entry.before.isEmpty() && untouched;
    QByteArray text;
    if (untouched && copy) {
        text = *copy;
        report.identical = true;
        report.sentence = QStringLiteral("The file is as it was before, byte for byte.");
    } else if (!removes) {
        const auto taken = takenBack(entry, file->text, report);
        if (!taken)
            return failure(taken.error());
        text = *taken;
        removes = entry.before.isEmpty() && editorFor(entry.format).saysNothing(text);
        report.sentence = QStringLiteral("The file was changed since; only what Tollgate wrote was "
                                         "taken back.");
        if (entry.exact && untouched)
            report.sentence
                = QStringLiteral("The copy of the file is gone; what Tollgate wrote was "
                                 "taken back.");
    }
    if (removes) {
        if (!QFile::remove(entry.target))
            return refused(QStringLiteral("%1 cannot be removed.").arg(entry.path));
        removeFolders(entry.folders);
        report.identical = true;
        report.sentence = QStringLiteral("The file was made by Tollgate and is removed.");
    } else if (text != file->text) {
        if (auto written = replaceFile(entry.target, text); !written)
            return failure(written.error());
    }
    if (report.identical && copy)
        QFile::remove(entry.backup);
    return report;
}

} // namespace

Result<std::vector<FileStatus>> apply(const Preview &preview, const QString &profile,
                                      const QDateTime &now)
{
    const auto lock = lockOf(profile);
    if (!lock)
        return failure(lock.error());
    auto journal = Journal::read(profile);
    if (!journal)
        return failure(journal.error());
    for (const FilePlan &plan : preview.files) {
        if (auto same = asPreviewed(plan); !same)
            return failure(same.error());
    }
    if (auto done = Applying(preview, profile, now).run(*journal); !done)
        return failure(done.error());
    std::vector<FileStatus> out;
    for (const JournalFile &entry : journal->files()) {
        if (entry.client == preview.client)
            out.push_back(statusOf(entry));
    }
    return out;
}

Result<std::vector<Reverted>> revert(const QString &client, const QString &profile)
{
    const auto lock = lockOf(profile);
    if (!lock)
        return failure(lock.error());
    auto journal = Journal::read(profile);
    if (!journal)
        return failure(journal.error());
    std::vector<Reverted> out;
    // Last first: the first file of a client made the folder that the others stand in.
    const std::vector<JournalFile> entries(journal->files().rbegin(), journal->files().rend());
    for (const JournalFile &entry : entries) {
        if (entry.client != client)
            continue;
        auto report = revertFile(entry);
        if (!report)
            return failure(report.error());
        journal->drop(client, entry.target);
        if (auto saved = journal->save(profile); !saved)
            return failure(saved.error());
        out.push_back(*report);
    }
    if (out.empty())
        return failure(ErrorKind::NotFound, QStringLiteral("This client is not connected."));
    return out;
}

Result<std::vector<FileStatus>> status(const QString &profile)
{
    const auto journal = Journal::read(profile);
    if (!journal)
        return failure(journal.error());
    std::vector<FileStatus> out;
    for (const JournalFile &entry : journal->files())
        out.push_back(statusOf(entry));
    return out;
}

} // namespace tollgate::clients
