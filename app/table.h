// SPDX-License-Identifier: GPL-3.0-or-later
// Text for people: aligned columns, and foreign text made harmless to a terminal.
#pragma once

#include <QList>
#include <QStringList>

namespace tollgate::app {

// Without control characters and without those that turn the direction of writing.
[[nodiscard]] QString plain(const QString &text);

class Table
{
public:
    // A title that begins with '>' is of a column of numbers, set flush right.
    explicit Table(const QStringList &titles);
    void add(const QStringList &cells);
    [[nodiscard]] bool isEmpty() const { return m_rows.isEmpty(); }
    [[nodiscard]] QString text() const;

private:
    QStringList m_titles;
    QList<bool> m_right;
    QList<QStringList> m_rows;
};

} // namespace tollgate::app
