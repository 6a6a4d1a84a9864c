// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/clientviews.h"

#include "app/table.h"
#include "app/views.h"
#include "core/admin/units.h"

namespace tollgate::app {
namespace {

// Snippets and diffs keep their lines; each is made harmless by itself.
QString plainLines(const QString &text)
{
    QStringList lines = text.split(u'\n');
    for (QString &line : lines)
        line = plain(line.replace(u'\t', QStringLiteral("    ")));
    return lines.join(u'\n');
}

QString notesOf(const QJsonObject &object)
{
    QString out;
    for (const QJsonValue &note : rows(object, "notes"))
        out += QStringLiteral("* ") + plain(note.toString()) + u'\n';
    return out;
}

} // namespace

QString clientTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("CLIENT"), QStringLiteral("NAME"), QStringLiteral("HOW"),
                 QStringLiteral("HERE"), QStringLiteral("VERSION"), QStringLiteral("CONNECTED")});
    for (const QJsonValue &value : rows(answer, "clients")) {
        const QJsonObject row = value.toObject();
        table.add({text(row, "id"), text(row, "name"), text(row, "way"), yesNo(row, "found"),
                   orDash(text(row, "version")), yesNo(row, "connected")});
    }
    return table.text();
}

QString clientCard(const QJsonObject &answer)
{
    const QJsonObject card = answer.value(QLatin1String("client")).toObject();
    QString out = plain(text(card, "name")) + u'\n' + notesOf(card);
    for (const QJsonValue &value : rows(card, "fields")) {
        const QJsonObject field = value.toObject();
        out += QStringLiteral("%1: %2\n")
                   .arg(plain(text(field, "label")), plain(text(field, "value")));
    }
    for (const QJsonValue &value : rows(card, "snippets")) {
        const QJsonObject snippet = value.toObject();
        out += QStringLiteral("\n%1:\n%2")
                   .arg(plain(text(snippet, "label")), plainLines(text(snippet, "text")));
    }
    const QString test = text(card.value(QLatin1String("test")).toObject(), "say");
    return test.isEmpty() ? out : out + u'\n' + plain(test) + u'\n';
}

QString clientPreview(const QJsonObject &answer)
{
    QString out;
    for (const QJsonValue &value : rows(answer, "files")) {
        const QJsonObject file = value.toObject();
        out += file.value(QLatin1String("changes")).toBool()
            ? plainLines(text(file, "diff"))
            : QStringLiteral("%1 says all this already.\n").arg(plain(text(file, "path")));
    }
    for (const QJsonValue &value : rows(answer, "conflicts")) {
        const QJsonObject conflict = value.toObject();
        out += QStringLiteral("! %1: %2\n")
                   .arg(plain(text(conflict, "where")), plain(text(conflict, "sentence")));
    }
    return out + notesOf(answer);
}

QString clientStates(const QJsonObject &answer)
{
    QString out;
    for (const QJsonValue &value : rows(answer, "files")) {
        const QJsonObject file = value.toObject();
        out += QStringLiteral("%1  %2  %3  since %4\n")
                   .arg(plain(text(file, "client")), plain(text(file, "path")), text(file, "state"),
                        admin::formatTime(file.value(QLatin1String("at_us")).toInteger()));
        if (!text(file, "problem").isEmpty())
            out += QStringLiteral("    ") + plain(text(file, "problem")) + u'\n';
        for (const QJsonValue &one : rows(file, "keys")) {
            const QJsonObject key = one.toObject();
            if (text(key, "state") != u"ours")
                out += QStringLiteral("    %1: %2\n")
                           .arg(plain(text(key, "key")), text(key, "state"));
        }
    }
    return out.isEmpty() ? QStringLiteral("No client is connected.\n") : out;
}

QString clientReverted(const QJsonObject &answer)
{
    QString out;
    for (const QJsonValue &value : rows(answer, "files")) {
        const QJsonObject file = value.toObject();
        out += QStringLiteral("%1: %2\n")
                   .arg(plain(text(file, "path")), plain(text(file, "sentence")));
        for (const QJsonValue &key : rows(file, "kept"))
            out += QStringLiteral("    %1 was changed by somebody else and left as it is.\n")
                       .arg(plain(key.toString()));
    }
    return out;
}

} // namespace tollgate::app
