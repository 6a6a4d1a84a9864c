// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/modelnames.h"

#include "core/protocol/jsonreader.h"

#include <algorithm>

namespace tollgate::providers {

using protocol::JsonText;
using protocol::JsonType;

namespace {

// An element of the list: a name, or an object with one.
QByteArray readName(protocol::JsonReader &reader)
{
    QByteArray id;
    QByteArray name;
    JsonText text;
    if (reader.type() == JsonType::String) {
        if (reader.string(text))
            id = text.decoded();
    } else {
        reader.object([&](const JsonText &key) {
            if (key.is("id") && reader.string(text))
                id = text.decoded();
            else if (key.is("name") && reader.string(text))
                name = text.decoded();
        });
    }
    if (id.isEmpty())
        id = name;
    return id.startsWith("models/") ? id.sliced(7) : id;
}

} // namespace

Result<QByteArrayList> readModelNames(QByteArrayView body)
{
    QByteArrayList names;
    protocol::JsonReader reader(body);
    bool listed = false;
    const auto element = [&] {
        if (QByteArray name = readName(reader); !name.isEmpty())
            names.append(std::move(name));
    };
    if (reader.type() == JsonType::Array) {
        listed = reader.array(element);
    } else {
        reader.object([&](const JsonText &key) {
            if (key.is("data") || key.is("models"))
                listed = reader.array(element) || listed;
        });
    }
    if (!reader.atEnd() || !listed)
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The provider's answer is not a list of models."),
                       "unreadable_models");
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

} // namespace tollgate::providers
