// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/namedmodels.h"

#include "core/protocol/jsonreader.h"

namespace tollgate::providers {

Result<QByteArrayList> namedModels(QByteArrayView body)
{
    QByteArrayList names;
    bool listed = false;
    protocol::JsonReader reader(body);
    reader.object([&](const protocol::JsonText &key) {
        if (!key.is("models"))
            return;
        listed = reader.array([&] {
            reader.object([&](const protocol::JsonText &member) {
                protocol::JsonText text;
                if (member.is("name") && reader.string(text))
                    names.append(text.decoded());
            });
        });
    });
    if (!listed || !reader.atEnd())
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The answer is no list of models."), "bad_answer");
    return names;
}

} // namespace tollgate::providers
