// SPDX-License-Identifier: GPL-3.0-or-later
// What people write beside a logged request: a colour mark, tags, a comment. Gone with its request.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QHash>
#include <QString>
#include <QStringList>

#include <vector>

namespace tollgate::store {

class Database;

struct RequestNote
{
    int mark = 0; // 0: none; else a colour, 1 to 8
    QStringList tags;
    QString comment;
    [[nodiscard]] bool empty() const { return mark == 0 && tags.isEmpty() && comment.isEmpty(); }
};

// An empty note is removed. NotFound where there is no such request.
[[nodiscard]] Result<void> setRequestNote(Database &db, const QByteArray &id,
                                          const RequestNote &note);
[[nodiscard]] Result<QHash<QByteArray, RequestNote>>
requestNotes(Database &db, const std::vector<QByteArray> &ids);

} // namespace tollgate::store
