// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/models.h"

#include "core/base/jsonwriter.h"

#include <QDateTime>
#include <QTimeZone>

namespace tollgate::protocol {
namespace {

void write(JsonWriter &json, Dialect dialect, const ModelInfo &model)
{
    json.beginObject();
    if (dialect == Dialect::Gemini) {
        json.member("name", "models/" + model.id)
            .member("version", "001")
            .member("displayName", model.id);
        json.key("supportedGenerationMethods").beginArray();
        for (const char *method : {"generateContent", "streamGenerateContent", "countTokens",
                                   "embedContent", "batchEmbedContents"})
            json.string(QByteArrayView(method));
        json.endArray();
    } else {
        const QDateTime created = QDateTime::fromSecsSinceEpoch(model.createdS, QTimeZone::utc());
        json.member("id", model.id)
            .member("object", "model")
            .member("created", model.createdS)
            .member("owned_by", model.owner)
            .member("type", "model")
            .member("display_name", model.id)
            .member("created_at", created.toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss'Z'")));
    }
    json.endObject();
}

} // namespace

QByteArray modelList(Dialect dialect, const std::vector<ModelInfo> &models)
{
    const bool gemini = dialect == Dialect::Gemini;
    JsonWriter json;
    json.beginObject();
    if (!gemini)
        json.member("object", "list");
    json.key(gemini ? "models" : "data").beginArray();
    for (const ModelInfo &model : models)
        write(json, dialect, model);
    json.endArray();
    if (!gemini) {
        json.member("has_more", false);
        for (const char *name : {"first_id", "last_id"}) {
            json.key(name);
            if (models.empty())
                json.null();
            else
                json.string(QByteArrayView(*name == 'f' ? models.front().id : models.back().id));
        }
    }
    json.endObject();
    return json.take();
}

QByteArray modelObject(Dialect dialect, const ModelInfo &model)
{
    JsonWriter json;
    write(json, dialect, model);
    return json.take();
}

} // namespace tollgate::protocol
