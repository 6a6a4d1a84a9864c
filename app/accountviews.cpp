// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/table.h"
#include "app/views.h"
#include "core/admin/units.h"

namespace tollgate::app {
namespace {

QString keysOf(const QJsonObject &channel)
{
    QStringList keys;
    for (const QJsonValue &key : rows(channel, "keys")) {
        const QString state = key[QLatin1String("state")].toString();
        keys.append(state == u"none" || state == u"unknown" ? key[QLatin1String("hint")].toString()
                                                            : key[QLatin1String("hint")].toString()
                            + QStringLiteral(" (") + state + u')');
    }
    keys.removeAll(QString());
    return keys.isEmpty() ? QStringLiteral("-") : keys.join(QStringLiteral(", "));
}

} // namespace

QString channelTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("NAME"), QStringLiteral("PROVIDER"), QStringLiteral("STATE"),
                 QStringLiteral(">PRIORITY"), QStringLiteral(">WEIGHT"), QStringLiteral(">MODELS"),
                 QStringLiteral("KEYS")});
    for (const QJsonValue &value : rows(answer, "channels")) {
        const QJsonObject row = value.toObject();
        table.add({text(row, "name"), text(row, "provider"),
                   row.value(QLatin1String("enabled")).toBool() ? QStringLiteral("enabled")
                                                                : QStringLiteral("disabled"),
                   number(row, "priority"), number(row, "weight"),
                   QString::number(rows(row, "models").size()), keysOf(row)});
    }
    if (table.isEmpty()) {
        return QStringLiteral("There is no channel; the built-in demo/echo answers until there is "
                              "one.\n");
    }
    return table.text();
}

QString channelSheet(const QJsonObject &answer)
{
    const QJsonObject channel = answer.value(QLatin1String("channel")).toObject();
    QString out = sheet(channel, {QStringLiteral("keys"), QStringLiteral("headers")});
    for (const QJsonValue &value : rows(channel, "headers")) {
        out += plain(QStringLiteral("header  ") + value[QLatin1String("name")].toString()
                     + QStringLiteral(": ") + value[QLatin1String("value")].toString())
            + u'\n';
    }
    for (const QJsonValue &value : rows(channel, "keys")) {
        const QJsonObject key = value.toObject();
        out += plain(QStringLiteral("key %1  %2 %3, %4, for %5")
                         .arg(number(key, "id"), text(key, "source"), text(key, "hint"),
                              text(key, "state"), text(key, "bound_to")))
            + u'\n';
    }
    const auto removed = answer.value(QLatin1String("keys_removed")).toInteger();
    if (removed > 0) {
        out += QStringLiteral(
                   "Its %1 key(s) were for the old address and are gone; give the key again "
                   "with \"tollgated channel key add\".\n")
                   .arg(removed);
    }
    return out;
}

QString testReport(const QJsonObject &answer)
{
    QString out;
    for (const QJsonValue &value : rows(answer, "steps")) {
        const QJsonObject row = value.toObject();
        const bool ok = row.value(QLatin1String("ok")).toBool();
        out += (ok ? QStringLiteral("ok      ") : QStringLiteral("failed  ")) + text(row, "step");
        if (row.contains(QLatin1String("us")))
            out += QStringLiteral("  ") + milliseconds(row.value(QLatin1String("us")));
        out += u'\n';
    }
    for (const char *name : {"message", "hint"}) {
        if (const QString line = text(answer, name); !line.isEmpty())
            out += plain(line) + u'\n';
    }
    return out;
}

QString previewTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("DIALECT"), QStringLiteral("URL")});
    for (const QJsonValue &value : rows(answer, "urls"))
        table.add(
            {value[QLatin1String("dialect")].toString(), value[QLatin1String("url")].toString()});
    return table.text();
}

QString providerTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("ID"), QStringLiteral("NAME"), QStringLiteral("BASE URL")});
    for (const QJsonValue &value : rows(answer, "providers")) {
        const QJsonObject row = value.toObject();
        table.add({text(row, "id"), text(row, "name"), orDash(text(row, "base_url"))});
    }
    return table.text();
}

QString tokenTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("NAME"), QStringLiteral("TOKEN"), QStringLiteral("STATE"),
                 QStringLiteral("EXPIRES"), QStringLiteral(">BUDGET USD"), QStringLiteral(">SPENT"),
                 QStringLiteral(">LEFT"), QStringLiteral("MODELS"), QStringLiteral("LAST USED")});
    for (const QJsonValue &value : rows(answer, "tokens")) {
        const QJsonObject row = value.toObject();
        const bool counted = row.contains(QLatin1String("spent_nano_usd"));
        table.add({text(row, "name"), text(row, "prefix") + QChar(0x2026), text(row, "state"),
                   orDash(text(row, "expires")), orDash(text(row, "budget")),
                   counted ? usd(row, "spent_nano_usd") : QStringLiteral("-"),
                   counted ? usd(row, "left_nano_usd") : QStringLiteral("-"),
                   orDash(joined(row, "models")), orDash(text(row, "last_used"))});
    }
    return table.isEmpty()
        ? QStringLiteral("There is no token; make one with \"tollgated token add "
                         "NAME\".\n")
        : table.text();
}

QString trashTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("KIND"), QStringLiteral("NAME"), QStringLiteral("REMOVED")});
    for (const QJsonValue &value : rows(answer, "trash")) {
        const QJsonObject row = value.toObject();
        const std::int64_t atUs = row.value(QLatin1String("removed_us")).toInteger();
        table.add({text(row, "kind"), text(row, "name"), admin::formatTime(atUs)});
    }
    return table.isEmpty() ? QStringLiteral("The trash is empty.\n") : table.text();
}

QString tokenAdded(const QJsonObject &answer)
{
    const QString name = text(answer.value(QLatin1String("details")).toObject(), "name");
    return text(answer, "token")
        + QStringLiteral("\nThis is the token \"%1\"; it is shown only now.\n").arg(plain(name));
}

} // namespace tollgate::app
