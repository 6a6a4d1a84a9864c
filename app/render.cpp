// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/render.h"

#include "app/clientviews.h"
#include "app/views.h"

#include <QJsonDocument>

#include <array>

namespace tollgate::app {
namespace {

struct View
{
    const char *words;
    QString (*text)(const QJsonObject &);
};

constexpr std::array kViews{
    View{"channel list", channelTable},
    View{"channel add", channelSheet},
    View{"channel show", channelSheet},
    View{"channel update", channelSheet},
    View{"channel enable", channelSheet},
    View{"channel disable", channelSheet},
    View{"channel pause", channelSheet},
    View{"channel resume", channelSheet},
    View{"channel restore", channelSheet},
    View{"channel duplicate", channelSheet},
    View{"channel key add", channelSheet},
    View{"channel key rm", channelSheet},
    View{"channel test", testReport},
    View{"channel models", modelLines},
    View{"channel preview", previewTable},
    View{"provider list", providerTable},
    View{"token add", tokenAdded},
    View{"token rotate", tokenAdded},
    View{"token reveal", [](const QJsonObject &answer) { return text(answer, "token") + u'\n'; }},
    View{"trash list", trashTable},
    View{"token list", tokenTable},
    View{"token show",
         [](const QJsonObject &answer) {
             return sheet(answer.value(QLatin1String("details")).toObject());
         }},
    View{"token update",
         [](const QJsonObject &answer) {
             return sheet(answer.value(QLatin1String("details")).toObject());
         }},
    View{"client list", clientTable},
    View{"client show", clientCard},
    View{"client preview", clientPreview},
    View{"client apply", clientStates},
    View{"client revert", clientReverted},
    View{"client status", clientStates},
    View{"log", requestLines},
    View{"usage", usageTable},
    View{"price list", priceTable},
    View{"settings list", settingTable},
    View{"settings get", [](const QJsonObject &answer) { return settingSheet(answer, false); }},
    View{"settings set", [](const QJsonObject &answer) { return settingSheet(answer, true); }},
    View{"settings unset", [](const QJsonObject &answer) { return settingSheet(answer, true); }},
    View{"status", statusSheet},
    View{"doctor", doctorReport},
    View{"check", checkReport},
    View{"audit", auditTable},
    View{"import", importReport},
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
