// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/requestnotes.h"

#include "core/store/attempts.h"
#include "core/store/database.h"

namespace tollgate::store {

Result<void> setRequestNote(Database &db, const QByteArray &id, const RequestNote &note)
{
    auto there = hasRequest(db, id);
    if (!there)
        return failure(there.error());
    if (!*there)
        return failure(ErrorKind::NotFound, QStringLiteral("There is no such request in the log."),
                       "request_not_found");
    // With a comma at both ends, so that each tag is found whole.
    const QString tags = note.tags.isEmpty() ? QString() : u',' + note.tags.join(u',') + u',';
    auto done = note.empty()
        ? db.run("DELETE FROM request_notes WHERE request_id = ?", id)
        : db.run("INSERT INTO request_notes(request_id, mark, tags, comment) VALUES(?,?,?,?) "
                 "ON CONFLICT(request_id) DO UPDATE SET mark = excluded.mark, "
                 "tags = excluded.tags, comment = excluded.comment",
                 id, note.mark, tags, note.comment);
    if (!done)
        return failure(done.error());
    return {};
}

Result<QHash<QByteArray, RequestNote>> requestNotes(Database &db,
                                                    const std::vector<QByteArray> &ids)
{
    QHash<QByteArray, RequestNote> notes;
    for (const QByteArray &id : ids) {
        auto done = db.each(
            "SELECT mark, tags, comment FROM request_notes WHERE request_id = ?",
            [&](const Row &row) {
                notes.insert(
                    id,
                    {row.number(0), row.string(1).split(u',', Qt::SkipEmptyParts), row.string(2)});
            },
            id);
        if (!done)
            return failure(done.error());
    }
    return notes;
}

} // namespace tollgate::store
