// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views.h"

#include "app/table.h"
#include "core/base/money.h"

#include <QJsonDocument>

namespace tollgate::app {

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
    return formatUsd(NanoUsd{object.value(QLatin1String(name)).toInteger()});
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
    return object.value(QLatin1String(name)).toBool() ? QStringLiteral("yes")
                                                      : QStringLiteral("no");
}

QString orDash(const QString &value)
{
    return value.isEmpty() ? QStringLiteral("-") : value;
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

// Every member on a line of its own.
QString sheet(const QJsonObject &object, const QStringList &hidden)
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
            value = QString::fromUtf8(
                QJsonDocument(it.value().toObject()).toJson(QJsonDocument::Compact));
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
            value = formatUsd(NanoUsd{it.value().toInteger()});
        }
        out += name.leftJustified(width) + QStringLiteral("  ") + orDash(plain(value)) + u'\n';
    }
    return out;
}

} // namespace tollgate::app
