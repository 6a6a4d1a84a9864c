// SPDX-License-Identifier: GPL-3.0-or-later
// Prints everything that the matrix writes in a dialect with an official description, one JSON
// document a line behind "KIND DIALECT NAME": requests to vendors, answers and events to clients.
// What looks alike but for its texts and numbers is printed once.
#include "core/codecs/codecs.h"
#include "tests/matrix/traffic.h"

#include <QCryptographicHash>
#include <QSet>

#include <iostream>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

constexpr Dialect kDescribed[] = {Dialect::Chat, Dialect::Responses, Dialect::Ollama};

// Names, kinds and the values of a few members; no other text.
QByteArray shapeOf(protocol::JsonValue value)
{
    QByteArray shape;
    if (value.isObject()) {
        for (const protocol::JsonValue member : value) {
            const QByteArray key = member.key();
            const bool tells = key == "type" || key == "role" || key == "status"
                || key == "finish_reason" || key == "object" || key == "effort";
            shape += key + (tells ? member.json() : shapeOf(member)) + ',';
        }
        return '{' + shape + '}';
    }
    if (value.isArray()) {
        QSet<QByteArray> seen;
        for (const protocol::JsonValue element : value) {
            const QByteArray one = shapeOf(element);
            if (!seen.contains(one))
                shape += one + ',';
            seen.insert(one);
        }
        return '[' + shape + ']';
    }
    return QByteArray::number(int(value.type()));
}

QByteArray oneLine(const QByteArray &json)
{
    // Between values only: inside of texts line ends are escaped.
    QByteArray line = json;
    return line.replace('\n', ' ').replace('\r', ' ');
}

class Printer
{
public:
    void print(const char *kind, Dialect dialect, const QString &name, const QByteArray &json)
    {
        const QByteArray head = QByteArray(kind) + ' ' + protocol::dialectName(dialect) + ' ';
        const auto tree = protocol::JsonTree::parse(json);
        const QByteArray shape = tree ? head + shapeOf(tree->root()) : head + json;
        const QByteArray hash = QCryptographicHash::hash(shape, QCryptographicHash::Md5);
        if (m_seen.contains(hash))
            return;
        m_seen.insert(hash);
        std::cout << head.constData() << name.toUtf8().replace(' ', '_').constData() << ' '
                  << oneLine(json).constData() << '\n';
    }

private:
    QSet<QByteArray> m_seen;
};

AnswerContext contextFor(const Request *request)
{
    AnswerContext context;
    context.requestId = "req_1";
    context.model = "m";
    context.nowS = 1;
    context.includeUsage = true;
    context.request = request;
    return context;
}

void printRequest(Printer &printer, const Exchange &exchange, const Request &request)
{
    Target target;
    target.model = "m";
    for (const Dialect vendor : kDescribed) {
        if (vendor == exchange.upstream)
            continue; // as the client wrote it
        if (const auto body = codecs::codecOf(vendor)->encodeRequest(request, target))
            printer.print("request", vendor, exchange.name, body->body);
    }
}

void printAnswer(Printer &printer, const Exchange &exchange, const Request &request)
{
    const Codec &codec = *codecs::codecOf(exchange.upstream);
    const AnswerContext context = contextFor(&request);
    StreamEvents events;
    if (exchange.stream) {
        events = decodeStream(codec, exchange.events);
    } else if (const auto whole = codec.decodeResponse(exchange.body)) {
        events = unfold(*whole);
        for (const Dialect client : kDescribed) {
            if (client != exchange.upstream)
                printer.print("answer", client, exchange.name,
                              codecs::codecOf(client)->encodeResponse(*whole, context));
        }
    }
    for (const Dialect client : kDescribed) {
        if (client == exchange.upstream)
            continue;
        const QByteArray bytes = encodeStream(*codecs::codecOf(client), events, context);
        for (const WireEvent &event : wireEvents(bytes)) {
            if (event.data != "[DONE]")
                printer.print("event", client, exchange.name, event.data);
        }
    }
}

} // namespace

int main()
{
    std::vector<Exchange> exchanges;
    if (!fixtureFolder().isEmpty())
        exchanges = allExchanges();
    for (Exchange &made : madeExchanges())
        exchanges.push_back(std::move(made));
    Printer printer;
    for (const Exchange &exchange : exchanges) {
        Request request;
        if (!exchange.request.isEmpty()) {
            if (auto read = codecs::codecOf(exchange.upstream)->decodeRequest(exchange.request)) {
                request = *std::move(read);
                printRequest(printer, exchange, request);
            }
        }
        if (exchange.told && (!exchange.body.isEmpty() || !exchange.events.empty()))
            printAnswer(printer, exchange, request);
    }
    return 0;
}
