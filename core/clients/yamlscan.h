// SPDX-License-Identifier: GPL-3.0-or-later
// The lines of a YAML text (https://yaml.org/spec/1.2.2/) and what each begins: enough to know
// where a key of the outermost mapping and an element of its list stand, without reading what is
// between.
#pragma once

#include "core/base/result.h"

#include <QString>

#include <vector>

namespace tollgate::clients {

struct YamlLine
{
    enum class Kind {
        Blank, // nothing, or a comment
        Inside, // goes on with a text or a bracket that an earlier line opened
        Key, // name: …, perhaps behind dashes
        Item, // - …, without a name
        Text, // goes on with a plain text
    };

    Kind kind = Kind::Blank;
    qsizetype begin = 0;
    qsizetype end = 0; // behind its line end
    qsizetype indent = 0;
    qsizetype dash = -1; // column of its first dash
    QString key;
    qsizetype keyColumn = -1;
    qsizetype valueBegin = 0; // equal to valueEnd where nothing stands behind the key
    qsizetype valueEnd = 0;
    bool open = false; // what it begins goes on in the next line

    [[nodiscard]] bool says() const { return kind != Kind::Blank; }
};

[[nodiscard]] Result<std::vector<YamlLine>> scanYaml(const QByteArray &text);
// What a scalar in one line says; "" and '' are taken off.
[[nodiscard]] QString yamlScalar(const QByteArray &raw);

} // namespace tollgate::clients
