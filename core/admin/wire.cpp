// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/wire.h"

#include <QJsonDocument>

namespace tollgate::admin::wire {
namespace {

QByteArray lineOf(const QJsonObject &object)
{
    return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
}

ErrorKind kindOf(const QByteArray &word)
{
    for (int i = 0; i <= static_cast<int>(ErrorKind::VersionUnsupported); ++i) {
        const auto kind = static_cast<ErrorKind>(i);
        if (slug(kind) == word)
            return kind;
    }
    return ErrorKind::Internal;
}

QJsonObject toJson(const Error &error)
{
    QJsonObject json{{QStringLiteral("kind"), QString::fromLatin1(slug(error.kind))},
                     {QStringLiteral("message"), error.message}};
    if (!error.code.isEmpty())
        json.insert(QStringLiteral("code"), QString::fromUtf8(error.code));
    if (!error.param.isEmpty())
        json.insert(QStringLiteral("param"), QString::fromUtf8(error.param));
    return json;
}

Error fromJson(const QJsonObject &json)
{
    Error error;
    error.kind = kindOf(json.value(QLatin1String("kind")).toString().toLatin1());
    error.message = json.value(QLatin1String("message")).toString();
    error.code = json.value(QLatin1String("code")).toString().toUtf8();
    error.param = json.value(QLatin1String("param")).toString().toUtf8();
    return error;
}

Result<QJsonObject> objectOf(const QByteArray &line)
{
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(line, &problem);
    if (problem.error != QJsonParseError::NoError || !document.isObject()) {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("A line on the management socket is not a JSON object."),
                       "bad_line");
    }
    return document.object();
}

} // namespace

QByteArray callLine(const QString &command, const QJsonObject &arguments)
{
    return lineOf({{QStringLiteral("command"), command}, {QStringLiteral("arguments"), arguments}});
}

QByteArray eventLine(const QJsonObject &event)
{
    return lineOf({{QStringLiteral("event"), event}});
}

QByteArray resultLine(const Result<QJsonObject> &result)
{
    if (result)
        return lineOf({{QStringLiteral("result"), *result}});
    return lineOf({{QStringLiteral("error"), toJson(result.error())}});
}

Result<Call> readCall(const QByteArray &line)
{
    const auto object = objectOf(line);
    if (!object)
        return failure(object.error());
    const QJsonValue command = object->value(QLatin1String("command"));
    const QJsonValue arguments = object->value(QLatin1String("arguments"));
    if (!command.isString() || !(arguments.isObject() || arguments.isUndefined())
        || object->size() > (arguments.isUndefined() ? 1 : 2)) {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("A management call has a \"command\" and \"arguments\", and "
                                      "nothing else."),
                       "bad_call");
    }
    return Call{command.toString(), arguments.toObject()};
}

Result<Answer> readAnswer(const QByteArray &line)
{
    const auto object = objectOf(line);
    if (!object)
        return failure(object.error());
    Answer answer;
    if (object->contains(QLatin1String("event"))) {
        answer.kind = Answer::Kind::Event;
        answer.value = object->value(QLatin1String("event")).toObject();
    } else if (object->contains(QLatin1String("error"))) {
        answer.kind = Answer::Kind::Error;
        answer.error = fromJson(object->value(QLatin1String("error")).toObject());
    } else {
        answer.value = object->value(QLatin1String("result")).toObject();
    }
    return answer;
}

} // namespace tollgate::admin::wire
