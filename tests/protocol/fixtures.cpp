// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/protocol/fixtures.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QUrl>
#include <QUrlQuery>

#include <optional>

namespace tollgate::test {

using protocol::Dialect;
using protocol::Endpoint;
using protocol::Operation;

namespace {

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

Endpoint made(Operation operation, Dialect dialect)
{
    Endpoint endpoint;
    endpoint.operation = operation;
    endpoint.dialect = dialect;
    return endpoint;
}

std::optional<Endpoint> endpointOf(const QString &api)
{
    if (api == u"openai-chat")
        return made(Operation::Generate, Dialect::Chat);
    if (api == u"openai-completions")
        return made(Operation::Generate, Dialect::Completions);
    if (api == u"openai-responses")
        return made(Operation::Generate, Dialect::Responses);
    if (api == u"openai-embeddings")
        return made(Operation::Embed, Dialect::Embeddings);
    if (api == u"anthropic-messages")
        return made(Operation::Generate, Dialect::Messages);
    if (api == u"anthropic-count-tokens")
        return made(Operation::CountTokens, Dialect::Messages);
    if (api == u"gemini-generate" || api == u"gemini-stream")
        return made(Operation::Generate, Dialect::Gemini);
    if (api == u"gemini-embed")
        return made(Operation::Embed, Dialect::Gemini);
    if (api == u"gemini-count-tokens")
        return made(Operation::CountTokens, Dialect::Gemini);
    return std::nullopt;
}

// The calls that this room serves: recordings hold their neighbours too (GET of a stored response,
// compaction, Vertex' :predict).
bool isOurs(const QString &method, const QString &path)
{
    static const QStringList ends{
        QStringLiteral("/chat/completions"), QStringLiteral("/completions"),
        QStringLiteral("/responses"),        QStringLiteral("/embeddings"),
        QStringLiteral("/messages"),         QStringLiteral("/messages/count_tokens"),
        QStringLiteral(":generateContent"),  QStringLiteral(":streamGenerateContent"),
        QStringLiteral(":embedContent"),     QStringLiteral(":batchEmbedContents"),
        QStringLiteral(":countTokens")};
    return method == u"POST" && std::any_of(ends.begin(), ends.end(), [&](const QString &end) {
               return path.endsWith(end);
           });
}

QByteArray bodyOf(const QJsonObject &side)
{
    if (side.contains(u"body_text"))
        return side[u"body_text"].toString().toUtf8();
    const QJsonValue json = side[u"body_json"];
    if (json.isArray())
        return QJsonDocument(json.toArray()).toJson(QJsonDocument::Compact);
    if (json.isObject())
        return QJsonDocument(json.toObject()).toJson(QJsonDocument::Compact);
    return {};
}

void addExchanges(std::vector<Recorded> &all, const QString &name, const QByteArray &text)
{
    const QJsonArray interactions
        = QJsonDocument::fromJson(text).object()[u"interactions"].toArray();
    for (qsizetype i = 0; i < interactions.size(); ++i) {
        const QJsonObject exchange = interactions[i].toObject();
        const QJsonObject request = exchange[u"request"].toObject();
        const QJsonObject response = exchange[u"response"].toObject();
        auto endpoint = endpointOf(exchange[u"api"].toString());
        const QUrl url(request[u"url"].toString());
        if (!endpoint || !isOurs(request[u"method"].toString(), url.path()))
            continue;
        Recorded recorded;
        recorded.file = name + u'#' + QString::number(i);
        recorded.status = response[u"status"].toInt();
        recorded.body = bodyOf(response);
        recorded.request = bodyOf(request);
        const QJsonObject headers = response[u"headers"].toObject();
        bool sse = false;
        for (auto header = headers.begin(); header != headers.end(); ++header)
            sse = sse
                || (header.key().compare(u"content-type", Qt::CaseInsensitive) == 0
                    && QJsonDocument(QJsonArray{header.value()})
                           .toJson()
                           .contains("text/event-stream"));
        const bool array = url.path().endsWith(u":streamGenerateContent") && !sse;
        endpoint->stream = url.path().endsWith(u":streamGenerateContent");
        endpoint->sse = !array;
        endpoint->model = QByteArrayLiteral("m");
        recorded.endpoint = *endpoint;
        recorded.stream = (sse || array) && recorded.status < 300;
        if (!recorded.body.isEmpty())
            all.push_back(std::move(recorded));
    }
}

QByteArray sseOf(const Endpoint &endpoint, const QByteArray &type, const QByteArray &data)
{
    const QByteArray end = endpoint.dialect == Dialect::Gemini ? "\r\n" : "\n";
    return (type.isEmpty() ? QByteArray() : "event: " + type + end) + "data: " + data + end + end;
}

void addStream(std::vector<Recorded> &all, const QString &name, const QString &kind,
               const Endpoint &endpoint, const QByteArray &text)
{
    Recorded recorded;
    recorded.file = name;
    recorded.endpoint = endpoint;
    recorded.stream = true;
    const bool typed
        = endpoint.dialect == Dialect::Responses || endpoint.dialect == Dialect::Messages;
    for (const QByteArray &line : text.split('\n')) {
        if (line.trimmed().isEmpty())
            continue;
        const QJsonObject json = QJsonDocument::fromJson(line).object();
        if (kind == u"sse-event-lines")
            recorded.body += sseOf(endpoint, json[u"Type"].toString().toUtf8(),
                                   json[u"Data"].toString().toUtf8());
        else
            recorded.body += sseOf(
                endpoint, typed ? json[u"type"].toString().toUtf8() : QByteArray(), line.trimmed());
    }
    if (kind == u"sse-data-lines"
        && (endpoint.dialect == Dialect::Chat || endpoint.dialect == Dialect::Completions))
        recorded.body += "data: [DONE]\n\n";
    all.push_back(std::move(recorded));
}

} // namespace

QString fixtureFolder()
{
    return qEnvironmentVariable("TOLLGATE_FIXTURES");
}

std::vector<Recorded> allRecorded()
{
    std::vector<Recorded> all;
    const QString folder = fixtureFolder() + QStringLiteral("/recorded/");
    const QJsonArray index
        = QJsonDocument::fromJson(contents(folder + QStringLiteral("index.json"))).array();
    for (const QJsonValue &value : index) {
        const QJsonObject entry = value.toObject();
        const QString name = entry[u"file"].toString();
        const QString kind = entry[u"kind"].toString();
        const QByteArray text = contents(folder + name);
        if (kind == u"http-exchange") {
            addExchanges(all, name, text);
            continue;
        }
        const auto endpoint = endpointOf(entry[u"apis"].toArray()[0].toString());
        if (!endpoint)
            continue;
        if (kind == u"response-json") {
            Recorded recorded;
            recorded.file = name;
            recorded.endpoint = *endpoint;
            recorded.body = text;
            all.push_back(std::move(recorded));
        } else if (kind == u"sse-raw") {
            Recorded recorded;
            recorded.file = name;
            recorded.endpoint = *endpoint;
            recorded.stream = true;
            recorded.body = text;
            all.push_back(std::move(recorded));
        } else if (kind == u"sse-data-lines" || kind == u"sse-event-lines") {
            addStream(all, name, kind, *endpoint, text);
        }
    }
    return all;
}

} // namespace tollgate::test
