// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/matrix/traffic.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace tollgate::test {

using protocol::Dialect;

namespace {

QByteArray contents(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QByteArray compact(const QJsonValue &value)
{
    return QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact);
}

// The gateway asks for SSE where Gemini would give one array; the same chunks in that form.
QByteArray sseOf(const std::vector<WireEvent> &events)
{
    QByteArray bytes;
    for (const WireEvent &event : events)
        bytes += "data: " + event.data + "\r\n\r\n";
    return bytes;
}

void addConverse(std::vector<Exchange> &all, const QString &name, const QJsonObject &interaction)
{
    const QJsonObject request = interaction[u"request"].toObject();
    const QJsonObject response = interaction[u"response"].toObject();
    Exchange exchange;
    exchange.name = name;
    exchange.upstream = Dialect::Converse;
    exchange.request = compact(request[u"body_json"]);
    if (response.contains(u"body_base64")) {
        exchange.stream = true;
        exchange.body = QByteArray::fromBase64(response[u"body_base64"].toString().toLatin1());
        for (const QJsonValue event : response[u"decoded_events"].toArray()) {
            const QJsonObject headers = event[u"headers"].toObject();
            exchange.events.push_back(
                {headers[u":event-type"].toString().toUtf8(), compact(event[u"payload"])});
        }
    } else {
        exchange.body = compact(response[u"body_json"]);
    }
    exchange.told = response[u"status"].toInt() < 300;
    all.push_back(std::move(exchange));
}

void addOther(std::vector<Exchange> &all, const QJsonObject &entry)
{
    const QString name = entry[u"file"].toString();
    const QString api = entry[u"apis"].toArray()[0].toString();
    const bool cohere = api == u"cohere-chat";
    if (!cohere && !api.startsWith(u"bedrock-converse"))
        return;
    const QByteArray bytes = contents(fixtureFolder() + QStringLiteral("/recorded/") + name);
    const QString kind = entry[u"kind"].toString();
    if (kind == u"http-exchange") {
        int number = 0;
        for (const QJsonValue one : QJsonDocument::fromJson(bytes)[u"interactions"].toArray()) {
            const QString its = one[u"api"].toString();
            const QString numbered = name + u'#' + QString::number(number++);
            if (its.startsWith(u"bedrock-converse"))
                addConverse(all, numbered, one.toObject());
            if (its != u"cohere-chat")
                continue;
            Exchange exchange;
            exchange.name = numbered;
            exchange.upstream = Dialect::Cohere;
            exchange.request = compact(one[u"request"][u"body_json"]);
            exchange.body = compact(one[u"response"][u"body_json"]);
            exchange.told = one[u"response"][u"status"].toInt() < 300;
            all.push_back(std::move(exchange));
        }
        return;
    }
    Exchange exchange;
    exchange.name = name;
    exchange.upstream = cohere ? Dialect::Cohere : Dialect::Converse;
    if (kind == u"response-json") {
        exchange.body = bytes;
    } else if (kind == u"sse-data-lines") {
        exchange.stream = true;
        for (const QByteArray &line : bytes.split('\n')) {
            if (line.trimmed().isEmpty())
                continue;
            exchange.events.push_back({{}, line.trimmed()});
            if (cohere)
                exchange.body += "data: " + line.trimmed() + "\n\n";
        }
    } else {
        return;
    }
    all.push_back(std::move(exchange));
}

// The documentation's own examples of /api/chat.
void addOllama(std::vector<Exchange> &all)
{
    const QDir folder(fixtureFolder() + QStringLiteral("/specs/ollama/examples"));
    for (const QString &name : folder.entryList({QStringLiteral("*.json")}, QDir::Files)) {
        const QByteArray body = contents(folder.filePath(name));
        const QJsonObject object = QJsonDocument::fromJson(body).object();
        if (!object[u"message"].isObject() || !object[u"done"].toBool())
            continue;
        Exchange exchange;
        exchange.name = QStringLiteral("ollama/") + name;
        exchange.upstream = Dialect::Ollama;
        exchange.body = QJsonDocument(object).toJson(QJsonDocument::Compact);
        all.push_back(exchange);
        exchange.name += QStringLiteral(" streamed");
        exchange.stream = true;
        QJsonObject first = object;
        for (const QString &member : object.keys()) {
            if (member != u"model" && member != u"created_at" && member != u"message")
                first.remove(member);
        }
        first[u"done"] = false;
        QJsonObject last = object;
        last[u"message"] = QJsonObject{{QStringLiteral("role"), QStringLiteral("assistant")},
                                       {QStringLiteral("content"), QString()}};
        exchange.body = QJsonDocument(first).toJson(QJsonDocument::Compact) + '\n'
            + QJsonDocument(last).toJson(QJsonDocument::Compact) + '\n';
        exchange.events = wireEvents(exchange.body);
        all.push_back(std::move(exchange));
    }
}

} // namespace

std::vector<Exchange> allExchanges()
{
    std::vector<Exchange> all;
    for (Recorded &recorded : allRecorded()) {
        const Dialect dialect = recorded.endpoint.dialect;
        if (recorded.endpoint.operation != protocol::Operation::Generate
            || dialect == Dialect::Completions)
            continue;
        Exchange exchange;
        exchange.name = recorded.file;
        exchange.upstream = dialect;
        exchange.request = recorded.request;
        exchange.stream = recorded.stream;
        exchange.told = recorded.status < 300;
        exchange.body = recorded.body;
        if (exchange.stream) {
            exchange.events = wireEvents(recorded.body);
            if (recorded.body.trimmed().startsWith('['))
                exchange.body = sseOf(exchange.events);
        }
        all.push_back(std::move(exchange));
    }
    const QByteArray index = contents(fixtureFolder() + QStringLiteral("/recorded/index.json"));
    for (const QJsonValue entry : QJsonDocument::fromJson(index).array())
        addOther(all, entry.toObject());
    addOllama(all);
    return all;
}

} // namespace tollgate::test
