// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/protocol/models.h"

#include "core/base/jsonwriter.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QTimeZone>

namespace tollgate::protocol {
namespace {

// The release of Ollama whose API this is: plugins ask for 0.6.4 and newer, number by number.
constexpr char kOllamaVersion[] = "0.20.0";

QByteArray timeOf(const ModelInfo &model)
{
    return QDateTime::fromSecsSinceEpoch(model.createdS, QTimeZone::utc())
        .toString(QStringLiteral("yyyy-MM-ddTHH:mm:ss'Z'"))
        .toUtf8();
}

// Weights are not kept here: what tells about a file is empty, the digest only tells models apart.
void writeDetails(JsonWriter &json, const ModelInfo &model)
{
    json.key("details").beginObject();
    json.member("parent_model", "").member("format", "").member("family", model.owner);
    json.key("families").beginArray().string(QByteArrayView(model.owner)).endArray();
    json.member("parameter_size", "").member("quantization_level", "").endObject();
}

void writeTag(JsonWriter &json, const ModelInfo &model)
{
    const QByteArray digest
        = QCryptographicHash::hash(model.id, QCryptographicHash::Sha256).toHex();
    json.beginObject().member("name", model.id).member("model", model.id);
    json.member("modified_at", timeOf(model)).member("size", 0).member("digest", digest);
    writeDetails(json, model);
    json.endObject();
}

// What /api/show says. Clients look for the context under the name of the architecture.
QByteArray shownModel(const ModelInfo &model)
{
    JsonWriter json;
    json.beginObject();
    for (const char *name : {"license", "modelfile", "parameters", "template"})
        json.member(name, "");
    writeDetails(json, model);
    json.key("model_info").beginObject();
    json.member("general.architecture", model.owner).member("general.basename", model.id);
    if (model.contextTokens > 0)
        json.member(model.owner + ".context_length", model.contextTokens);
    json.endObject().key("capabilities").beginArray();
    for (const QByteArray &capability : model.capabilities)
        json.string(QByteArrayView(capability));
    json.endArray().member("modified_at", timeOf(model)).endObject();
    return json.take();
}

void write(JsonWriter &json, Dialect dialect, const ModelInfo &model)
{
    if (dialect == Dialect::Ollama)
        return writeTag(json, model);
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
        json.member("id", model.id)
            .member("object", "model")
            .member("created", model.createdS)
            .member("owned_by", model.owner)
            .member("type", "model")
            .member("display_name", model.id)
            .member("created_at", timeOf(model));
    }
    json.endObject();
}

} // namespace

QByteArray modelList(Dialect dialect, const std::vector<ModelInfo> &models)
{
    const bool merged = dialect != Dialect::Gemini && dialect != Dialect::Ollama;
    JsonWriter json;
    json.beginObject();
    if (merged)
        json.member("object", "list");
    json.key(merged ? "data" : "models").beginArray();
    for (const ModelInfo &model : models)
        write(json, dialect, model);
    json.endArray();
    if (merged) {
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
    if (dialect == Dialect::Ollama)
        return shownModel(model);
    JsonWriter json;
    write(json, dialect, model);
    return json.take();
}

QByteArray runningModels()
{
    return QByteArrayLiteral("{\"models\":[]}");
}

QByteArray ollamaVersion()
{
    JsonWriter json;
    json.beginObject().member("version", kOllamaVersion).endObject();
    return json.take();
}

} // namespace tollgate::protocol
