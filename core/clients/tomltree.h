// SPDX-License-Identifier: GPL-3.0-or-later
// Where each key of a TOML 1.0 text stands (https://toml.io/en/v1.0.0).
#pragma once

#include "core/base/result.h"
#include "core/clients/value.h"

#include <QStringList>

#include <vector>

namespace tollgate::clients {

struct TomlItem;

struct TomlNode
{
    enum class Kind { Plain, InlineTable };

    Kind kind = Kind::Plain;
    qsizetype begin = 0;
    qsizetype end = 0;
    Value value;
    std::vector<TomlItem> items; // of an inline table
};

struct TomlItem
{
    QStringList key;
    qsizetype begin = 0;
    qsizetype comma = -1;
    TomlNode node;
};

struct TomlHeader
{
    QStringList path;
    bool list = false; // [[…]]
    bool inList = false; // itself or above it
    qsizetype begin = 0; // of its line
    qsizetype end = 0; // behind its line
};

struct TomlEntry
{
    int header = -1; // which one it stands under; -1 before the first
    QStringList key; // as it is written there
    QStringList path; // from the root
    bool inList = false;
    qsizetype begin = 0; // of its first line
    qsizetype end = 0; // behind its last line
    TomlNode node;
};

struct TomlTree
{
    std::vector<TomlHeader> headers;
    std::vector<TomlEntry> entries;
};

[[nodiscard]] Result<TomlTree> parseToml(const QByteArray &text);

} // namespace tollgate::clients
