// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/arguments.h"

#include "core/admin/baseurl.h"

#include <QDir>
#include <QJsonArray>

namespace tollgate::app {
namespace {

tl::unexpected<Error> usage(const QString &sentence)
{
    return failure(ErrorKind::InvalidRequest, sentence, "usage");
}

Result<QJsonValue> numberOf(const QString &name, const QString &text)
{
    bool whole = false;
    const qlonglong number = text.toLatin1().toLongLong(&whole);
    if (!whole)
        return usage(QStringLiteral("%1 takes a whole number.").arg(name));
    return QJsonValue(number);
}

QJsonArray listOf(const QString &text)
{
    QJsonArray list;
    for (const QString &entry : text.split(u',', Qt::SkipEmptyParts)) {
        if (!entry.trimmed().isEmpty())
            list.append(entry.trimmed());
    }
    return list;
}

Result<QJsonValue> mapOf(const QString &name, const QString &text)
{
    QJsonObject map;
    for (const QString &entry : text.split(u',', Qt::SkipEmptyParts)) {
        const auto equals = entry.indexOf(u'=');
        if (equals <= 0)
            return usage(QStringLiteral("%1 is written a=b, parted by commas.").arg(name));
        map.insert(entry.left(equals).trimmed(), entry.mid(equals + 1).trimmed());
    }
    return QJsonValue(map);
}

Result<QJsonValue> headersOf(const QString &name, const QStringList &texts)
{
    QJsonArray headers;
    for (const QString &text : texts) {
        const auto colon = text.indexOf(u':');
        if (colon <= 0)
            return usage(QStringLiteral("%1 is written \"Name: value\".").arg(name));
        headers.append(QJsonObject{{QStringLiteral("name"), text.left(colon).trimmed()},
                                   {QStringLiteral("value"), text.mid(colon + 1).trimmed()}});
    }
    return QJsonValue(headers);
}

Result<QJsonValue> valueOf(const OptionSpec &option, const QStringList &texts)
{
    const QString name = QStringLiteral("--") + QLatin1String(option.name);
    const QString text = texts.value(0);
    switch (option.kind) {
    case Kind::Integer:
        return numberOf(name, text);
    case Kind::List:
        return QJsonValue(listOf(text));
    case Kind::Map:
        return mapOf(name, text);
    case Kind::Header:
        return headersOf(name, texts);
    case Kind::On:
        return QJsonValue(true);
    case Kind::Off:
        return QJsonValue(false);
    case Kind::YesNo:
        if (text != u"yes" && text != u"no")
            return usage(QStringLiteral("%1 is yes or no.").arg(name));
        return QJsonValue(text == u"yes");
    case Kind::Text:
    case Kind::Here:
        break;
    }
    return QJsonValue(text);
}

Result<void> addPositionals(const Invocation &invocation, QJsonObject &arguments)
{
    const QStringList fields
        = QString::fromLatin1(invocation.command->fields).split(u' ', Qt::SkipEmptyParts);
    for (qsizetype i = 0; i < fields.size() && i < invocation.positionals.size(); ++i) {
        const QString &field = fields.at(i);
        const QString &text = invocation.positionals.at(i);
        if (field != u"key") {
            arguments.insert(field, text);
            continue;
        }
        const auto number = numberOf(QStringLiteral("KEY"), text);
        if (!number)
            return failure(number.error());
        arguments.insert(field, *number);
    }
    return {};
}

Result<void> checkKeyOptions(const Invocation &invocation)
{
    int given = 0;
    for (const char *option : {"key-stdin", "key-vault", "key-env"})
        given += invocation.has(option) ? 1 : 0;
    if (given > 1)
        return usage(QStringLiteral("Give only one of --key-stdin, --key-vault and --key-env."));
    return {};
}

} // namespace

Result<QJsonObject> argumentsOf(const Invocation &invocation)
{
    QJsonObject arguments;
    if (auto added = addPositionals(invocation, arguments); !added)
        return failure(added.error());
    if (auto checked = checkKeyOptions(invocation); !checked)
        return failure(checked.error());
    for (const OptionSpec &option : invocation.command->options) {
        if (!*option.field || !invocation.has(option.name))
            continue;
        const auto value
            = valueOf(option, invocation.options.value(QString::fromLatin1(option.name)));
        if (!value)
            return failure(value.error());
        arguments.insert(QString::fromLatin1(option.field), *value);
    }
    if (invocation.has("key-vault"))
        arguments.insert(QStringLiteral("key_store"), QStringLiteral("vault"));
    if (invocation.is("log") && !invocation.positionals.isEmpty()) {
        QStringList words;
        for (const QString &word : invocation.positionals)
            words.append(word.contains(u' ') ? u'"' + word + u'"' : word);
        arguments.insert(QStringLiteral("filter"), words.join(u' '));
    }
    if (invocation.is("backup")) {
        arguments.insert(
            QStringLiteral("file"),
            QDir::cleanPath(QDir::current().absoluteFilePath(invocation.positionals.value(0))));
    }
    // What stands on this machine may be dialled without saying so twice.
    if (invocation.is("channel add") && !invocation.has("local")
        && admin::isLoopbackUrl(invocation.value("base-url")))
        arguments.insert(QStringLiteral("local"), true);
    return arguments;
}

QString secretField(const Invocation &invocation)
{
    if (invocation.has("key-stdin") || invocation.has("key-vault"))
        return QStringLiteral("key");
    if (invocation.has("secrets") || invocation.is("vault create") || invocation.is("vault unlock"))
        return QStringLiteral("passphrase");
    if (invocation.is("client preview") || invocation.is("client apply"))
        return QStringLiteral("token");
    return {};
}

} // namespace tollgate::app
