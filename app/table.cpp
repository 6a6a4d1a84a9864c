// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/table.h"

namespace tollgate::app {

QString plain(const QString &text)
{
    QString out;
    out.reserve(text.size());
    for (const QChar c : text) {
        const bool turning = (c >= QChar(0x202A) && c <= QChar(0x202E))
            || (c >= QChar(0x2066) && c <= QChar(0x2069)) || c == QChar(0x200E)
            || c == QChar(0x200F);
        const bool breaking = c == QChar(0x2028) || c == QChar(0x2029);
        if (c == u'\n' || c == u'\t' || c == u'\r' || breaking)
            out += u' ';
        else if (c.category() == QChar::Other_Control || turning)
            out += QChar(0xFFFD);
        else
            out += c;
    }
    return out;
}

Table::Table(const QStringList &titles)
{
    for (const QString &title : titles) {
        const bool right = title.startsWith(u'>');
        m_right.append(right);
        m_titles.append(right ? title.mid(1) : title);
    }
}

void Table::add(const QStringList &cells)
{
    QStringList row;
    for (const QString &cell : cells)
        row.append(plain(cell));
    m_rows.append(row);
}

QString Table::text() const
{
    QList<qsizetype> widths;
    for (qsizetype column = 0; column < m_titles.size(); ++column) {
        qsizetype width = m_titles.at(column).size();
        for (const QStringList &row : m_rows)
            width = std::max(width, row.value(column).size());
        widths.append(width);
    }
    const auto line = [&](const QStringList &cells) {
        QString text;
        for (qsizetype column = 0; column < m_titles.size(); ++column) {
            if (column > 0)
                text += QStringLiteral("  ");
            const QString cell = cells.value(column);
            text += m_right.at(column) ? cell.rightJustified(widths.at(column))
                                       : cell.leftJustified(widths.at(column));
        }
        while (text.endsWith(u' '))
            text.chop(1);
        return text + u'\n';
    };
    QString text = line(m_titles);
    for (const QStringList &row : m_rows)
        text += line(row);
    return text;
}

} // namespace tollgate::app
