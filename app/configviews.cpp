// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/table.h"
#include "app/views.h"

namespace tollgate::app {
namespace {

QString valueOf(const QJsonObject &setting)
{
    const QJsonValue value = setting.value(QLatin1String("value"));
    QString shown = value.isArray() ? joined(value)
        : value.isBool()            ? yesNo(setting, "value")
        : value.isDouble()          ? QString::number(value.toInteger())
                                    : value.toString();
    const QString unit = text(setting, "unit");
    return unit.isEmpty() ? shown : shown + u' ' + unit;
}

} // namespace

QString priceTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("MODEL"), QStringLiteral("PROVIDER"), QStringLiteral(">INPUT"),
                 QStringLiteral(">OUTPUT"), QStringLiteral(">CACHE READ"),
                 QStringLiteral(">CACHE WRITE"), QStringLiteral(">REQUEST"),
                 QStringLiteral("SOURCE")});
    for (const QJsonValue &value : rows(answer, "prices")) {
        const QJsonObject row = value.toObject();
        table.add({text(row, "model"), orDash(text(row, "provider")), orDash(text(row, "input")),
                   orDash(text(row, "output")), orDash(text(row, "cache_read")),
                   orDash(text(row, "cache_write")), orDash(text(row, "request")),
                   text(row, "source")});
    }
    return table.isEmpty() ? QStringLiteral("No price fits; such a model is served as unpriced.\n")
                           : table.text();
}

QString settingTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("SETTING"), QStringLiteral("VALUE"), QStringLiteral("MEANING")});
    for (const QJsonValue &value : rows(answer, "settings")) {
        const QJsonObject row = value.toObject();
        const bool untouched = row.value(QLatin1String("is_default")).toBool();
        table.add({text(row, "name") + (untouched ? QString() : QStringLiteral(" *")),
                   orDash(valueOf(row)), text(row, "what")});
    }
    return table.text();
}

QString settingSheet(const QJsonObject &answer, bool changed)
{
    const QJsonObject row = answer.value(QLatin1String("setting")).toObject();
    QString out = plain(text(row, "name") + QStringLiteral(" = ") + valueOf(row)) + u'\n';
    if (changed && row.value(QLatin1String("restart")).toBool())
        out += QStringLiteral("A running daemon takes it over when it is started again.\n");
    return out;
}

QString importReport(const QJsonObject &answer)
{
    const bool dry = answer.value(QLatin1String("dry_run")).toBool();
    QString out;
    for (const QJsonValue &one : rows(answer, "added"))
        out += (dry ? QStringLiteral("would add  ") : QStringLiteral("added  "))
            + plain(one.toString()) + u'\n';
    for (const QJsonValue &one : rows(answer, "skipped"))
        out += QStringLiteral("kept   ") + plain(one.toString())
            + QStringLiteral(", which is here already\n");
    const QJsonObject tokens = answer.value(QLatin1String("tokens")).toObject();
    for (auto it = tokens.begin(); it != tokens.end(); ++it)
        out += QStringLiteral("token  ") + plain(it.key()) + QStringLiteral("  ")
            + it.value().toString() + u'\n';
    if (!tokens.isEmpty())
        out += QStringLiteral("These tokens are new, and are shown only now.\n");
    return out;
}

QString modelLines(const QJsonObject &answer)
{
    QString out;
    for (const QJsonValue &one : rows(answer, "models"))
        out += plain(one.toString()) + u'\n';
    return out;
}

} // namespace tollgate::app
