// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the arguments of a management call member by member: each is named, typed and bounded, and
// whatever was not asked for is refused. The first thing wrong is what finish() tells.
#pragma once

#include "core/base/result.h"

#include <QByteArrayList>
#include <QJsonObject>
#include <QSet>
#include <QString>

#include <cstdint>
#include <optional>

namespace tollgate::admin {

class Fields
{
public:
    explicit Fields(const QJsonObject &object);

    [[nodiscard]] bool has(const char *name) const;
    // Absent and null are nullopt. Texts are valid, free of control characters and at most
    // `longest` UTF-8 bytes.
    std::optional<QString> text(const char *name, qsizetype longest = 256);
    // The same over several lines, as a file's is.
    std::optional<QString> lines(const char *name, qsizetype longest);
    QString requiredText(const char *name, qsizetype longest = 256);
    std::optional<std::int64_t> integer(const char *name, std::int64_t least, std::int64_t most);
    std::optional<bool> boolean(const char *name);
    std::optional<QByteArrayList> list(const char *name, qsizetype most = 1'000,
                                       qsizetype longest = 256);
    std::optional<QJsonObject> object(const char *name);
    std::optional<QJsonArray> array(const char *name, qsizetype most);

    // Marks the field as wrong unless something was wrong before.
    void refuse(const char *name, const QString &sentence);
    void refuse(const char *name, Error error);
    // Takes a parser's answer: its value, or nullopt and the field refused.
    template <class T> std::optional<T> take(const char *name, Result<T> parsed)
    {
        if (parsed)
            return std::move(*parsed);
        refuse(name, std::move(parsed.error()));
        return std::nullopt;
    }

    [[nodiscard]] bool good() const { return !m_error; }
    // An InvalidRequest that names the field, or nothing wrong and no unknown field.
    [[nodiscard]] Result<void> finish();

private:
    std::optional<QString> readText(const char *name, qsizetype longest, bool lines);
    QJsonValue member(const char *name);

    QJsonObject m_object;
    QSet<QString> m_known;
    std::optional<Error> m_error;
};

} // namespace tollgate::admin
