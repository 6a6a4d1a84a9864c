// SPDX-License-Identifier: GPL-3.0-or-later
// The lines that command line and daemon exchange over the profile's socket: one JSON object a
// line.
//   -> {"command":"channel list","arguments":{}}
//   <- {"event":{...}}            any number, from a call that runs on
//   <- {"result":{...}}           or {"error":{"kind","message","code","param"}}
#pragma once

#include "core/base/result.h"

#include <QJsonObject>

namespace tollgate::admin::wire {

constexpr qsizetype kRequestLimit = 1 << 20;
constexpr qsizetype kAnswerLimit = 64 << 20;

struct Call
{
    QString command;
    QJsonObject arguments;
};

struct Answer
{
    enum class Kind { Event, Result, Error };
    Kind kind = Kind::Result;
    QJsonObject value; // event or result
    tollgate::Error error;
};

// Each ends with LF.
[[nodiscard]] QByteArray callLine(const QString &command, const QJsonObject &arguments);
[[nodiscard]] QByteArray eventLine(const QJsonObject &event);
[[nodiscard]] QByteArray resultLine(const Result<QJsonObject> &result);

// InvalidRequest where the line is no such object.
[[nodiscard]] Result<Call> readCall(const QByteArray &line);
[[nodiscard]] Result<Answer> readAnswer(const QByteArray &line);

} // namespace tollgate::admin::wire
