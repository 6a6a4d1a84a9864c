// SPDX-License-Identifier: GPL-3.0-or-later
// Changes single keys of a settings file inside its text: comments, order, indentation, line ends
// and everything the caller did not name stay byte for byte. What cannot be read exactly is refused
// in one sentence, and nothing is changed. Pure functions of bytes.
#pragma once

#include "core/base/result.h"
#include "core/clients/value.h"

#include <QStringList>

#include <optional>

namespace tollgate::clients {

enum class Format {
    Json, // with comments and trailing commas, if the file has them
    Toml,
    Yaml, // a mapping in block style: its plain keys, and elements of its lists of mappings
    Dotenv,
};

// The names on the way to a value. A step "[name=Tollgate]" is the element of a list whose member
// "name" is "Tollgate".
using Path = QStringList;

struct Found
{
    QByteArray raw; // as it stands in the file, without its key
    QByteArray meaning; // equal for two spellings of one value
};

class Editor
{
public:
    Editor() = default;
    virtual ~Editor() = default;
    Editor(const Editor &) = delete;
    Editor &operator=(const Editor &) = delete;

    [[nodiscard]] virtual Result<std::optional<Found>> find(const QByteArray &text,
                                                            const Path &path) const
        = 0;
    // Adds or replaces one value; what holds it is made where it is missing. The text comes back as
    // it was if it says this already.
    [[nodiscard]] virtual Result<QByteArray> write(const QByteArray &text, const Path &path,
                                                   const Value &value) const
        = 0;
    // Replaces a value that is there by `raw`, which find() gave.
    [[nodiscard]] virtual Result<QByteArray> putBack(const QByteArray &text, const Path &path,
                                                     const QByteArray &raw) const
        = 0;
    // Removing what is not there changes nothing.
    [[nodiscard]] virtual Result<QByteArray> erase(const QByteArray &text, const Path &path) const
        = 0;
    // Removes what holds values at `path` if it holds none any more, nor a comment.
    [[nodiscard]] virtual Result<QByteArray> prune(const QByteArray &text, const Path &path) const
        = 0;
    // Whether the whole text says nothing: no value and no comment.
    [[nodiscard]] virtual bool saysNothing(const QByteArray &text) const = 0;
};

// Takes and gives texts with or without a byte order mark, and refuses what is not UTF-8.
[[nodiscard]] const Editor &editorFor(Format format);
[[nodiscard]] std::optional<Format> formatNamed(QStringView name);
// "env.ANTHROPIC_BASE_URL", for people.
[[nodiscard]] QString dotted(const Path &path);

struct Select
{
    QString member;
    QString text;
};
// What a step "[name=Tollgate]" means; nothing for the name of a member.
[[nodiscard]] std::optional<Select> selectOf(const QString &step);

[[nodiscard]] tl::unexpected<Error> refused(const QString &sentence);

} // namespace tollgate::clients
