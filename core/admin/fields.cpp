// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/fields.h"

#include <QJsonArray>

#include <cmath>

namespace tollgate::admin {
namespace {

bool isClean(const QString &text, bool lines = false)
{
    for (const QChar c : text) {
        const bool breaks = lines && (c == u'\n' || c == u'\r' || c == u'\t');
        if (c.category() == QChar::Other_Control && !breaks)
            return false;
    }
    return text.isValidUtf16();
}

} // namespace

Fields::Fields(const QJsonObject &object)
    : m_object(object)
{
}

bool Fields::has(const char *name) const
{
    const QJsonValue value = m_object.value(QLatin1String(name));
    return !value.isUndefined() && !value.isNull();
}

QJsonValue Fields::member(const char *name)
{
    const QString key = QString::fromLatin1(name);
    m_known.insert(key);
    const QJsonValue value = m_object.value(key);
    return value.isNull() ? QJsonValue(QJsonValue::Undefined) : value;
}

std::optional<QString> Fields::text(const char *name, qsizetype longest)
{
    return readText(name, longest, false);
}

std::optional<QString> Fields::lines(const char *name, qsizetype longest)
{
    return readText(name, longest, true);
}

std::optional<QString> Fields::readText(const char *name, qsizetype longest, bool lines)
{
    const QJsonValue value = member(name);
    if (value.isUndefined())
        return std::nullopt;
    if (!value.isString()) {
        refuse(name, QStringLiteral("must be a text"));
        return std::nullopt;
    }
    QString text = value.toString();
    if (text.toUtf8().size() > longest) {
        refuse(name, QStringLiteral("is longer than %1 bytes").arg(longest));
        return std::nullopt;
    }
    if (!isClean(text, lines)) {
        refuse(name, QStringLiteral("contains control characters"));
        return std::nullopt;
    }
    return text;
}

QString Fields::requiredText(const char *name, qsizetype longest)
{
    if (!has(name)) {
        member(name);
        refuse(name, QStringLiteral("is missing"));
        return {};
    }
    QString value = text(name, longest).value_or(QString());
    if (value.isEmpty())
        refuse(name, QStringLiteral("is empty"));
    return value;
}

std::optional<std::int64_t> Fields::integer(const char *name, std::int64_t least, std::int64_t most)
{
    const QJsonValue value = member(name);
    if (value.isUndefined())
        return std::nullopt;
    // Whole numbers only, and none that a double cannot carry exactly.
    constexpr double kExact = 9007199254740992.0;
    const double number = value.toDouble(std::nan(""));
    if (!value.isDouble() || number != std::floor(number) || std::abs(number) > kExact) {
        refuse(name, QStringLiteral("must be a whole number"));
        return std::nullopt;
    }
    const auto integer = value.toInteger();
    if (integer < least || integer > most) {
        refuse(name, QStringLiteral("must be between %1 and %2").arg(least).arg(most));
        return std::nullopt;
    }
    return integer;
}

std::optional<bool> Fields::boolean(const char *name)
{
    const QJsonValue value = member(name);
    if (value.isUndefined())
        return std::nullopt;
    if (!value.isBool()) {
        refuse(name, QStringLiteral("must be true or false"));
        return std::nullopt;
    }
    return value.toBool();
}

std::optional<QByteArrayList> Fields::list(const char *name, qsizetype most, qsizetype longest)
{
    const auto values = array(name, most);
    if (!values)
        return std::nullopt;
    QByteArrayList texts;
    for (const QJsonValue &value : *values) {
        const QByteArray text = value.toString().toUtf8();
        if (!value.isString() || text.isEmpty() || text.size() > longest
            || !isClean(value.toString())) {
            refuse(name, QStringLiteral("must hold texts of 1 to %1 bytes").arg(longest));
            return std::nullopt;
        }
        if (!texts.contains(text))
            texts.append(text);
    }
    return texts;
}

std::optional<QJsonObject> Fields::object(const char *name)
{
    const QJsonValue value = member(name);
    if (value.isUndefined())
        return std::nullopt;
    if (!value.isObject()) {
        refuse(name, QStringLiteral("must be an object"));
        return std::nullopt;
    }
    return value.toObject();
}

std::optional<QJsonArray> Fields::array(const char *name, qsizetype most)
{
    const QJsonValue value = member(name);
    if (value.isUndefined())
        return std::nullopt;
    if (!value.isArray()) {
        refuse(name, QStringLiteral("must be a list"));
        return std::nullopt;
    }
    if (value.toArray().size() > most) {
        refuse(name, QStringLiteral("holds more than %1 entries").arg(most));
        return std::nullopt;
    }
    return value.toArray();
}

void Fields::refuse(const char *name, const QString &sentence)
{
    if (m_error)
        return;
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.code = "invalid_value";
    error.param = name;
    error.message = QStringLiteral("\"%1\" %2.").arg(QLatin1String(name), sentence);
    m_error = std::move(error);
}

void Fields::refuse(const char *name, Error error)
{
    if (m_error)
        return;
    error.param = name;
    m_error = std::move(error);
}

Result<void> Fields::finish()
{
    if (m_error)
        return failure(*m_error);
    for (auto it = m_object.begin(); it != m_object.end(); ++it) {
        if (m_known.contains(it.key()))
            continue;
        Error error;
        error.kind = ErrorKind::InvalidRequest;
        error.code = "unknown_field";
        error.param = it.key().left(64).toUtf8();
        error.message
            = QStringLiteral("This command knows no field \"%1\".").arg(it.key().left(64));
        return failure(std::move(error));
    }
    return {};
}

} // namespace tollgate::admin
