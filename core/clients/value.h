// SPDX-License-Identifier: GPL-3.0-or-later
// A JSON-like value that keeps the order of its members and the spelling of its numbers: what a
// recipe wants written, in whatever format the client's file has.
#pragma once

#include <QByteArray>
#include <QString>

#include <utility>
#include <vector>

namespace tollgate::clients {

struct Value
{
    enum class Kind { Null, Boolean, Number, String, List, Map };

    Kind kind = Kind::Null;
    QString text; // of a String
    QByteArray literal; // of a Number or Boolean, as it was spelled
    std::vector<std::pair<QString, Value>> items; // of a Map; those of a List have no names

    [[nodiscard]] static Value string(QString text);
    [[nodiscard]] const Value *find(QStringView name) const;
    // The text of the String member `name`; empty when there is none.
    [[nodiscard]] QString textOf(QStringView name) const;
    // The strings of the List member `name`; those that are none are left out.
    [[nodiscard]] QStringList textsOf(QStringView name) const;
    [[nodiscard]] bool isTrue(QStringView name) const;
};

[[nodiscard]] QByteArray jsonQuoted(const QString &text);
// Compact, members sorted: equal for two values that mean the same.
[[nodiscard]] QByteArray canonical(const Value &value);

} // namespace tollgate::clients
