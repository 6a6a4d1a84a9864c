// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/table.h"
#include "app/views.h"

#include <QJsonDocument>

#include <array>

namespace tollgate::app {
namespace {

QString priced(const QJsonObject &row)
{
    const QString flags = joined(row, "flags");
    if (flags.contains(u"unpriced"))
        return QStringLiteral("unpriced");
    return usd(row, "cost_nano_usd")
        + (flags.contains(u"estimated") ? QStringLiteral("~") : QString());
}

// RFC 4180. A leading = + - @ would be a formula to a spreadsheet.
QString csvCell(QString cell)
{
    if (!cell.isEmpty() && QStringLiteral("=+-@").contains(cell.front()))
        cell.prepend(u'\'');
    if (!cell.contains(u',') && !cell.contains(u'"') && !cell.contains(u'\n')
        && !cell.contains(u'\r'))
        return cell;
    return u'"' + cell.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

} // namespace

QString requestLine(const QJsonObject &row)
{
    const QString error = text(row, "error");
    QString line = QStringLiteral("%1  %2  %3  %4  %5  %6 in  %7 out  %8 USD  %9")
                       .arg(text(row, "time"), number(row, "status"), orDash(text(row, "token")),
                            orDash(text(row, "channel")), orDash(text(row, "model")),
                            number(row, "input_tokens"), number(row, "output_tokens"), priced(row),
                            milliseconds(row.value(QLatin1String("end_us"))));
    if (!error.isEmpty())
        line += QStringLiteral("  ") + error + QStringLiteral(": ") + text(row, "error_text");
    return plain(line) + u'\n';
}

QString requestLines(const QJsonObject &answer)
{
    QString out;
    for (const QJsonValue &row : rows(answer, "requests"))
        out += requestLine(row.toObject());
    return out;
}

QString usageTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("KEY"), QStringLiteral(">REQUESTS"), QStringLiteral(">FAILED"),
                 QStringLiteral(">INPUT"), QStringLiteral(">CACHED"), QStringLiteral(">OUTPUT"),
                 QStringLiteral(">REASONING"), QStringLiteral(">COST USD"),
                 QStringLiteral(">ESTIMATED"), QStringLiteral(">UNPRICED")});
    for (const QJsonValue &value : rows(answer, "rows")) {
        const QJsonObject row = value.toObject();
        table.add({orDash(text(row, "key")), number(row, "requests"), number(row, "failed"),
                   number(row, "input_tokens"), number(row, "cached_tokens"),
                   number(row, "output_tokens"), number(row, "reasoning_tokens"),
                   usd(row, "cost_nano_usd"), number(row, "estimated"), number(row, "unpriced")});
    }
    return table.text();
}

QString usageCsv(const QJsonObject &answer)
{
    constexpr std::array kNumbers{"requests",      "failed",        "input_tokens",
                                  "cached_tokens", "output_tokens", "reasoning_tokens",
                                  "cost_nano_usd", "estimated",     "unpriced"};
    QString out = QStringLiteral("key");
    for (const char *name : kNumbers)
        out += u',' + QString::fromLatin1(name);
    out += QStringLiteral("\r\n");
    for (const QJsonValue &value : rows(answer, "rows")) {
        const QJsonObject row = value.toObject();
        out += csvCell(text(row, "key"));
        for (const char *name : kNumbers)
            out += u',' + number(row, name);
        out += QStringLiteral("\r\n");
    }
    return out;
}

QString auditTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("TIME"), QStringLiteral("WHO"), QStringLiteral("WHAT"),
                 QStringLiteral("OBJECT"), QStringLiteral("DETAIL")});
    for (const QJsonValue &value : rows(answer, "entries")) {
        const QJsonObject row = value.toObject();
        const QJsonObject detail = row.value(QLatin1String("detail")).toObject();
        table.add(
            {text(row, "time"), text(row, "actor"), text(row, "action"), text(row, "object"),
             QString::fromUtf8(QJsonDocument(detail).toJson(QJsonDocument::Compact)).left(160)});
    }
    return table.text();
}

QString checkReport(const QJsonObject &answer)
{
    QString out;
    for (const QJsonValue &value : rows(answer, "violations")) {
        out += plain(value[QLatin1String("invariant")].toString() + QStringLiteral(": ")
                     + value[QLatin1String("detail")].toString())
            + u'\n';
    }
    return out.isEmpty() ? QStringLiteral("Every invariant of the ledger holds.\n") : out;
}

QString doctorReport(const QJsonObject &answer)
{
    QString out;
    for (const QJsonValue &value : rows(answer, "checks")) {
        const QJsonObject row = value.toObject();
        const QString state = text(row, "state");
        out += plain(state.leftJustified(8) + text(row, "check") + QStringLiteral(": ")
                     + text(row, "message"))
            + u'\n';
        if (const QString remedy = text(row, "remedy"); !remedy.isEmpty())
            out += QStringLiteral("        -> ") + plain(remedy) + u'\n';
    }
    return out;
}

QString statusSheet(const QJsonObject &answer)
{
    if (!answer.value(QLatin1String("serving")).toBool()) {
        return plain(QStringLiteral("No daemon runs on %1.").arg(text(answer, "profile"))) + u'\n';
    }
    return sheet(answer);
}

} // namespace tollgate::app
