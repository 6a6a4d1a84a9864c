// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/clients/journal.h"

#include "core/clients/files.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace tollgate::clients {
namespace {

constexpr int version = 1;

QString fileName(const QString &profile)
{
    return profile + QStringLiteral("/clients.json");
}

QString formatName(Format format)
{
    switch (format) {
    case Format::Json:
        return QStringLiteral("json");
    case Format::Toml:
        return QStringLiteral("toml");
    case Format::Yaml:
        return QStringLiteral("yaml");
    case Format::Dotenv:
        break;
    }
    return QStringLiteral("dotenv");
}

QStringList texts(const QJsonValue &value)
{
    QStringList out;
    const QJsonArray array = value.toArray();
    for (const QJsonValue &one : array)
        out.append(one.toString());
    return out;
}

QJsonObject written(const JournalKey &key)
{
    QJsonObject out{{QStringLiteral("path"), QJsonArray::fromStringList(key.path)},
                    {QStringLiteral("ours"), QString::fromLatin1(key.ours)},
                    {QStringLiteral("had"), key.had}};
    if (key.secret)
        out.insert(QStringLiteral("secret"), true);
    else if (key.had)
        out.insert(QStringLiteral("old"), QString::fromUtf8(key.old));
    return out;
}

JournalKey readKey(const QJsonObject &object)
{
    return {texts(object.value(u"path")), object.value(u"secret").toBool(),
            object.value(u"had").toBool(), object.value(u"old").toString().toUtf8(),
            object.value(u"ours").toString().toLatin1()};
}

QJsonObject written(const JournalFile &file)
{
    QJsonArray keys;
    for (const JournalKey &key : file.keys)
        keys.append(written(key));
    QJsonArray boxes;
    for (const Path &box : file.boxes)
        boxes.append(QJsonArray::fromStringList(box));
    return {{QStringLiteral("client"), file.client},
            {QStringLiteral("path"), file.path},
            {QStringLiteral("target"), file.target},
            {QStringLiteral("format"), formatName(file.format)},
            {QStringLiteral("backup"), file.backup},
            {QStringLiteral("at"), file.at.toUTC().toString(Qt::ISODate)},
            {QStringLiteral("before"), QString::fromLatin1(file.before)},
            {QStringLiteral("after"), QString::fromLatin1(file.after)},
            {QStringLiteral("exact"), file.exact},
            {QStringLiteral("folders"), QJsonArray::fromStringList(file.folders)},
            {QStringLiteral("keys"), keys},
            {QStringLiteral("boxes"), boxes}};
}

std::optional<JournalFile> readEntry(const QJsonObject &object)
{
    JournalFile file;
    const auto format = formatNamed(object.value(u"format").toString());
    file.client = object.value(u"client").toString();
    file.path = object.value(u"path").toString();
    file.target = object.value(u"target").toString();
    if (!format || file.client.isEmpty() || file.target.isEmpty())
        return std::nullopt;
    file.format = *format;
    file.backup = object.value(u"backup").toString();
    file.at = QDateTime::fromString(object.value(u"at").toString(), Qt::ISODate);
    file.before = object.value(u"before").toString().toLatin1();
    file.after = object.value(u"after").toString().toLatin1();
    file.exact = object.value(u"exact").toBool();
    file.folders = texts(object.value(u"folders"));
    const QJsonArray keys = object.value(u"keys").toArray();
    for (const QJsonValue &key : keys)
        file.keys.push_back(readKey(key.toObject()));
    const QJsonArray boxes = object.value(u"boxes").toArray();
    for (const QJsonValue &box : boxes)
        file.boxes.push_back(texts(box));
    return file;
}

} // namespace

Result<Journal> Journal::read(const QString &profile)
{
    Journal journal;
    const auto file = readFile(fileName(profile));
    if (!file)
        return failure(file.error());
    if (!file->exists)
        return journal;
    const QJsonObject root = QJsonDocument::fromJson(file->text).object();
    if (root.value(u"version").toInt() != version)
        return refused(
            QStringLiteral("%1 is damaged or of a newer version. Without it Tollgate does "
                           "not know which settings are its own.")
                .arg(fileName(profile)));
    const QJsonArray files = root.value(u"files").toArray();
    for (const QJsonValue &one : files) {
        if (auto entry = readEntry(one.toObject()))
            journal.m_files.push_back(*entry);
    }
    return journal;
}

Result<void> Journal::save(const QString &profile) const
{
    QJsonArray files;
    for (const JournalFile &file : m_files)
        files.append(written(file));
    const QJsonObject root{{QStringLiteral("version"), version}, {QStringLiteral("files"), files}};
    return replaceFile(fileName(profile), QJsonDocument(root).toJson());
}

const JournalFile *Journal::of(const QString &client, const QString &target) const
{
    const auto found = std::find_if(m_files.begin(), m_files.end(), [&](const JournalFile &file) {
        return file.client == client && file.target == target;
    });
    return found == m_files.end() ? nullptr : &*found;
}

void Journal::put(const JournalFile &file)
{
    drop(file.client, file.target);
    m_files.push_back(file);
}

void Journal::drop(const QString &client, const QString &target)
{
    m_files.erase(std::remove_if(m_files.begin(), m_files.end(),
                                 [&](const JournalFile &file) {
                                     return file.client == client && file.target == target;
                                 }),
                  m_files.end());
}

} // namespace tollgate::clients
