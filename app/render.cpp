// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/render.h"

#include "app/table.h"
#include "core/base/money.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <array>

namespace tollgate::app {
namespace {

QString text(const QJsonObject &object, const char *name)
{
    return object.value(QLatin1String(name)).toString();
}

QString number(const QJsonObject &object, const char *name)
{
    return QString::number(object.value(QLatin1String(name)).toInteger());
}

QString usd(const QJsonObject &object, const char *name)
{
    return formatUsd(NanoUsd {object.value(QLatin1String(name)).toInteger()});
}

QString joined(const QJsonValue &list)
{
    QStringList texts;
    for (const QJsonValue &one : list.toArray())
        texts.append(one.isString() ? one.toString() : QString::number(one.toInteger()));
    return texts.join(u',');
}

QString joined(const QJsonObject &object, const char *name)
{
    return joined(object.value(QLatin1String(name)));
}

QString yesNo(const QJsonObject &object, const char *name)
{
    return object.value(QLatin1String(name)).toBool() ? QStringLiteral("yes") : QStringLiteral("no");
}

QString orDash(const QString &value)
{
    return value.isEmpty() || value == u"0" ? QStringLiteral("-") : value;
}

QString milliseconds(const QJsonValue &us)
{
    return us.isDouble() ? QString::number(us.toDouble() / 1000.0, 'f', 1) + QStringLiteral(" ms")
                         : QStringLiteral("-");
}

QJsonArray rows(const QJsonObject &answer, const char *name)
{
    return answer.value(QLatin1String(name)).toArray();
}

QString keysOf(const QJsonObject &channel)
{
    QStringList keys;
    for (const QJsonValue &key : rows(channel, "keys")) {
        const QString state = key[QLatin1String("state")].toString();
        keys.append(state == u"none" || state == u"unknown"
                        ? key[QLatin1String("hint")].toString()
                        : key[QLatin1String("hint")].toString() + QStringLiteral(" (") + state + u')');
    }
    keys.removeAll(QString());
    return keys.isEmpty() ? QStringLiteral("-") : keys.join(QStringLiteral(", "));
}

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

// Every member on a line of its own.
QString sheet(const QJsonObject &object, const QStringList &hidden = {})
{
    QString out;
    qsizetype width = 0;
    for (const QString &name : object.keys())
        width = std::max(width, name.size());
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (hidden.contains(it.key()))
            continue;
        QString value;
        if (it.value().isObject())
            value = QString::fromUtf8(QJsonDocument(it.value().toObject()).toJson(QJsonDocument::Compact));
        else if (it.value().isArray())
            value = joined(it.value());
        else if (it.value().isBool())
            value = it.value().toBool() ? QStringLiteral("yes") : QStringLiteral("no");
        else if (it.value().isDouble())
            value = QString::number(it.value().toInteger());
        else
            value = it.value().toString();
        QString name = it.key();
        if (name.endsWith(u"_nano_usd")) {
            name.replace(QStringLiteral("_nano_usd"), QStringLiteral("_usd"));
            value = formatUsd(NanoUsd {it.value().toInteger()});
        }
        out += name.leftJustified(width) + QStringLiteral("  ") + orDash(plain(value)) + u'\n';
    }
    return out;
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
        out += QStringLiteral("Its %1 key(s) were for the old address and are gone; give the key again "
                              "with \"tollgated channel key add\".\n")
                   .arg(removed);
    }
    return out;
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
    return table.isEmpty() ? QStringLiteral("There is no token; make one with \"tollgated token add "
                                            "NAME\".\n")
                           : table.text();
}

QString priced(const QJsonObject &row)
{
    const QString flags = joined(row, "flags");
    if (flags.contains(u"unpriced"))
        return QStringLiteral("unpriced");
    return usd(row, "cost_nano_usd") + (flags.contains(u"estimated") ? QStringLiteral("~") : QString());
}

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

// RFC 4180. A leading = + - @ would be a formula to a spreadsheet.
QString csvCell(QString cell)
{
    if (!cell.isEmpty() && QStringLiteral("=+-@").contains(cell.front()))
        cell.prepend(u'\'');
    if (!cell.contains(u',') && !cell.contains(u'"') && !cell.contains(u'\n') && !cell.contains(u'\r'))
        return cell;
    return u'"' + cell.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

QString usageCsv(const QJsonObject &answer)
{
    constexpr std::array kNumbers {"requests",         "failed",        "input_tokens",
                                   "cached_tokens",    "output_tokens", "reasoning_tokens",
                                   "cost_nano_usd",    "estimated",     "unpriced"};
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

QString priceTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("MODEL"), QStringLiteral("PROVIDER"), QStringLiteral(">INPUT"),
                 QStringLiteral(">OUTPUT"), QStringLiteral(">CACHE READ"),
                 QStringLiteral(">CACHE WRITE"), QStringLiteral(">REQUEST"), QStringLiteral("SOURCE")});
    for (const QJsonValue &value : rows(answer, "prices")) {
        const QJsonObject row = value.toObject();
        table.add({text(row, "model"), orDash(text(row, "provider")), orDash(text(row, "input")),
                   orDash(text(row, "output")), orDash(text(row, "cache_read")),
                   orDash(text(row, "cache_write")), orDash(text(row, "request")), text(row, "source")});
    }
    return table.isEmpty() ? QStringLiteral("No price fits; such a model is served as unpriced.\n")
                           : table.text();
}

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

QString statusSheet(const QJsonObject &answer)
{
    if (!answer.value(QLatin1String("serving")).toBool()) {
        return plain(QStringLiteral("No daemon runs on %1.").arg(text(answer, "profile"))) + u'\n';
    }
    return sheet(answer);
}

QString auditTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("TIME"), QStringLiteral("WHO"), QStringLiteral("WHAT"),
                 QStringLiteral("OBJECT"), QStringLiteral("DETAIL")});
    for (const QJsonValue &value : rows(answer, "entries")) {
        const QJsonObject row = value.toObject();
        const QJsonObject detail = row.value(QLatin1String("detail")).toObject();
        table.add({text(row, "time"), text(row, "actor"), text(row, "action"), text(row, "object"),
                   QString::fromUtf8(QJsonDocument(detail).toJson(QJsonDocument::Compact)).left(160)});
    }
    return table.text();
}

QString lines(const QJsonArray &array)
{
    QString out;
    for (const QJsonValue &one : array)
        out += plain(one.toString()) + u'\n';
    return out;
}

QString importReport(const QJsonObject &answer)
{
    const bool dry = answer.value(QLatin1String("dry_run")).toBool();
    QString out;
    for (const QJsonValue &one : rows(answer, "added"))
        out += (dry ? QStringLiteral("would add  ") : QStringLiteral("added  ")) + plain(one.toString()) + u'\n';
    for (const QJsonValue &one : rows(answer, "skipped"))
        out += QStringLiteral("kept   ") + plain(one.toString()) + QStringLiteral(", which is here already\n");
    const QJsonObject tokens = answer.value(QLatin1String("tokens")).toObject();
    for (auto it = tokens.begin(); it != tokens.end(); ++it)
        out += QStringLiteral("token  ") + plain(it.key()) + QStringLiteral("  ") + it.value().toString() + u'\n';
    if (!tokens.isEmpty())
        out += QStringLiteral("These tokens are new, and are shown only now.\n");
    return out;
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

QString previewTable(const QJsonObject &answer)
{
    Table table({QStringLiteral("DIALECT"), QStringLiteral("URL")});
    for (const QJsonValue &value : rows(answer, "urls"))
        table.add({value[QLatin1String("dialect")].toString(), value[QLatin1String("url")].toString()});
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

QString tokenAdded(const QJsonObject &answer)
{
    const QString name = text(answer.value(QLatin1String("details")).toObject(), "name");
    return text(answer, "token")
        + QStringLiteral("\nThis is the token \"%1\"; it is shown only now.\n").arg(plain(name));
}

QString requestLines(const QJsonObject &answer)
{
    QString out;
    for (const QJsonValue &row : rows(answer, "requests"))
        out += requestLine(row.toObject());
    return out;
}

struct View
{
    const char *words;
    QString (*text)(const QJsonObject &);
};

constexpr std::array kViews {
    View {"channel list", channelTable},
    View {"channel add", channelSheet},
    View {"channel show", channelSheet},
    View {"channel update", channelSheet},
    View {"channel enable", channelSheet},
    View {"channel disable", channelSheet},
    View {"channel key add", channelSheet},
    View {"channel key rm", channelSheet},
    View {"channel test", testReport},
    View {"channel models", [](const QJsonObject &answer) { return lines(rows(answer, "models")); }},
    View {"channel preview", previewTable},
    View {"provider list", providerTable},
    View {"token add", tokenAdded},
    View {"token list", tokenTable},
    View {"token show",
          [](const QJsonObject &answer) {
              return sheet(answer.value(QLatin1String("details")).toObject());
          }},
    View {"token update",
          [](const QJsonObject &answer) {
              return sheet(answer.value(QLatin1String("details")).toObject());
          }},
    View {"log", requestLines},
    View {"usage", usageTable},
    View {"price list", priceTable},
    View {"settings list", settingTable},
    View {"settings get", [](const QJsonObject &answer) { return settingSheet(answer, false); }},
    View {"settings set", [](const QJsonObject &answer) { return settingSheet(answer, true); }},
    View {"settings unset", [](const QJsonObject &answer) { return settingSheet(answer, true); }},
    View {"status", statusSheet},
    View {"doctor", doctorReport},
    View {"check", checkReport},
    View {"audit", auditTable},
    View {"import", importReport},
};

} // namespace

QString jsonLine(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact)) + u'\n';
}

QString render(const Invocation &invocation, const QJsonObject &answer)
{
    if (invocation.is("usage") && invocation.has("csv"))
        return usageCsv(answer);
    if (invocation.json) {
        if (!invocation.is("log"))
            return jsonLine(answer);
        QString out;
        for (const QJsonValue &row : rows(answer, "requests"))
            out += jsonLine(row.toObject());
        return out;
    }
    for (const View &view : kViews) {
        if (invocation.is(view.words))
            return view.text(answer);
    }
    return QStringLiteral("Done.\n");
}

QString renderRequest(const Invocation &invocation, const QJsonObject &request)
{
    return invocation.json ? jsonLine(request) : requestLine(request);
}

bool saysFailed(const Invocation &invocation, const QJsonObject &answer)
{
    const bool judges
        = invocation.is("doctor") || invocation.is("check") || invocation.is("channel test");
    return judges && !answer.value(QLatin1String("ok")).toBool();
}

} // namespace tollgate::app
