// SPDX-License-Identifier: GPL-3.0-or-later
// Every recorded request, written for every vendor: what was said, the calls, their arguments and
// the tools arrive, or the request is refused with a reason.
#include "core/codecs/codecs.h"
#include "tests/matrix/requestlosses.h"
#include "tests/matrix/rules.h"
#include "tests/matrix/traffic.h"

#include <QtTest>

#include <algorithm>
#include <iostream>
#include <map>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

constexpr Dialect kVendors[]
    = {Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini};
// Those whose own codec reads what was written for them.
constexpr Dialect kReaders[]
    = {Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini, Dialect::Ollama};

// Differences that no row explains yet, at most; each is printed. May only become fewer.
constexpr qsizetype kUnexplained = 40;
constexpr qsizetype kUnruled = 1;

// All the words that people said.
QByteArrayList wordsOf(const Request &request)
{
    QByteArrayList words;
    for (const Message &message : request.messages) {
        if (message.role != Role::User)
            continue;
        for (const Part &part : message.parts) {
            if (const auto *text = std::get_if<Text>(&part.body); text && !text->text.isEmpty())
                words += text->text;
        }
    }
    return words;
}

// The client's own tools that were called, in order, with how many arguments each.
QByteArrayList callsOf(const Request &request)
{
    QByteArrayList calls;
    for (const Message &message : request.messages) {
        for (const Part &part : message.parts) {
            const auto *call = std::get_if<ToolCall>(&part.body);
            if (!call || call->kind != ToolCall::Kind::Function)
                continue;
            const QByteArray arguments = call->arguments.isEmpty() ? "{}" : call->arguments;
            const auto tree = protocol::JsonTree::parse(arguments);
            calls += call->name + ' ' + QByteArray::number(tree ? tree->root().size() : -1);
        }
    }
    return calls;
}

// Messages cannot choose among tools: it is told of those alone that may be called.
QByteArrayList toolsOf(const Request &request, bool onlyAllowed = false)
{
    const QByteArrayList &allowed = request.toolChoice.allowed;
    QByteArrayList names;
    for (const Tool &tool : request.tools) {
        const bool told = !onlyAllowed || allowed.isEmpty() || allowed.contains(tool.name);
        if (tool.kind == Tool::Kind::Function && told)
            names += tool.name;
    }
    return names;
}

// Members of other dialects that neither the vendor nor the notes know.
QStringList unnoted(const Request &request, Dialect vendor, const Dropped &dropped)
{
    QStringList silent;
    const auto look = [&](const Native &bag, const char *where) {
        for (const QByteArray &name : foreignNames(bag, vendor)) {
            const bool told = std::any_of(dropped.members().begin(), dropped.members().end(),
                                          [&](const QByteArray &member) {
                                              return member == name || member.endsWith('.' + name);
                                          });
            if (!told)
                silent += QString::fromUtf8(where + QByteArray("'s member ") + name);
        }
    };
    look(request.native, "request");
    for (const Tool &tool : request.tools)
        look(tool.native, "tool");
    for (const Message &message : request.messages) {
        look(message.native, "message");
        for (const Part &part : message.parts)
            look(part.native, "part");
    }
    silent.removeDuplicates();
    return silent;
}

} // namespace

class TestMatrixRequests final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requestsReachEveryVendor();
    void nothingIsLostSilently();
    void bedrockAndCohereAreAskedByTheirRules();
};

void TestMatrixRequests::requestsReachEveryVendor()
{
    if (fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES is not set: there are no recorded requests.");
    QStringList wrong;
    std::map<Dialect, int> written;
    std::map<Dialect, int> refused;
    for (const Exchange &exchange : allExchanges()) {
        if (exchange.request.isEmpty())
            continue;
        const auto request = codecs::codecOf(exchange.upstream)->decodeRequest(exchange.request);
        if (!request)
            continue;
        for (const Dialect vendor : kVendors) {
            Target target;
            target.model = "m";
            const QString where = QString::fromUtf8(protocol::dialectName(vendor)) + u' '
                + exchange.name + QStringLiteral(": ");
            const auto body = codecs::codecOf(vendor)->encodeRequest(*request, target);
            if (!body) {
                ++refused[vendor];
                if (body.error().message.isEmpty())
                    wrong += where + QStringLiteral("refused without a reason");
                continue;
            }
            ++written[vendor];
            const auto again = codecs::codecOf(vendor)->decodeRequest(body->body);
            if (!again) {
                wrong += where + again.error().message;
                continue;
            }
            const QByteArray told = wordsOf(*again).join('\n');
            for (const QByteArray &words : wordsOf(*request)) {
                if (!told.contains(words))
                    wrong += where + QStringLiteral("unsaid: ") + QString::fromUtf8(words.left(60));
            }
            if (callsOf(*again) != callsOf(*request))
                wrong += where
                    + QString::fromUtf8(callsOf(*request).join(',') + " became "
                                        + callsOf(*again).join(','));
            const QByteArrayList expected = toolsOf(*request, vendor == Dialect::Messages);
            if (toolsOf(*again) != expected)
                wrong += where
                    + QString::fromUtf8(expected.join(',') + " became "
                                        + toolsOf(*again).join(','));
        }
    }
    for (const Dialect vendor : kVendors)
        std::cout << protocol::dialectName(vendor).constData() << ": " << written[vendor]
                  << " requests written, " << refused[vendor] << " refused\n";
    for (const QString &line : wrong)
        std::cout << "wrong: " << qPrintable(line) << '\n';
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.mid(0, 5).join(u'\n')));
    QVERIFY(written[Dialect::Chat] > 300);
}

// The whole value that the vendor's own codec reads again is the client's, but for what the notes
// name and the mappings that requestlosses.cpp lists.
void TestMatrixRequests::nothingIsLostSilently()
{
    if (fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES is not set: there are no recorded requests.");
    std::vector<int> used(requestRows().size());
    QStringList wrong;
    int compared = 0;
    for (const Exchange &exchange : allExchanges()) {
        if (exchange.request.isEmpty())
            continue;
        const auto request = codecs::codecOf(exchange.upstream)->decodeRequest(exchange.request);
        if (!request)
            continue;
        for (const Dialect vendor : kReaders) {
            if (vendor == exchange.upstream)
                continue;
            Target target;
            target.model = "m";
            const Codec &codec = *codecs::codecOf(vendor);
            const auto body = codec.encodeRequest(*request, target);
            if (!body)
                continue;
            const auto again = codec.decodeRequest(body->body);
            if (!again)
                continue; // the test above complains
            ++compared;
            QStringList silent{untold(*request, *again, vendor, body->dropped, used)};
            silent += unnoted(*request, vendor, body->dropped);
            for (const QString &one : silent) {
                if (!one.isEmpty())
                    wrong += QStringLiteral("%1 > %2 %3: %4")
                                 .arg(QString::fromUtf8(protocol::dialectName(exchange.upstream)),
                                      QString::fromUtf8(protocol::dialectName(vendor)),
                                      exchange.name, one);
            }
        }
    }
    std::size_t row = 0;
    for (const RequestRow &one : requestRows())
        std::cout << "row: " << one.name << " (" << used[row++] << " requests)\n";
    std::cout << compared << " requests compared\n";
    for (const QString &line : wrong)
        std::cout << "silent: " << qPrintable(line) << '\n';
    QVERIFY2(wrong.size() <= kUnexplained, qPrintable(wrong.mid(0, 5).join(u'\n')));
    QVERIFY(compared > 1000);
}

void TestMatrixRequests::bedrockAndCohereAreAskedByTheirRules()
{
    if (fixtureFolder().isEmpty())
        QSKIP("TOLLGATE_FIXTURES is not set: there are no recorded requests.");
    QStringList wrong;
    int written = 0;
    int refused = 0;
    for (const Exchange &exchange : allExchanges()) {
        if (exchange.request.isEmpty() || !exchange.told) // what its own vendor refused
            continue;
        const auto request = codecs::codecOf(exchange.upstream)->decodeRequest(exchange.request);
        if (!request)
            continue;
        Target target;
        target.model = "m";
        for (const Dialect vendor : {Dialect::Converse, Dialect::Cohere}) {
            const auto body = codecs::codecOf(vendor)->encodeRequest(*request, target);
            if (!body) {
                ++refused;
                continue;
            }
            ++written;
            QStringList told{vendor == Dialect::Cohere ? cohereRequest(body->body)
                                                       : converseRequest(body->body)};
            told += unnoted(*request, vendor, body->dropped);
            for (const QByteArray &words : wordsOf(*request)) {
                QByteArray spelt = JsonWriter().string(QByteArrayView(words)).take();
                spelt = spelt.mid(1, spelt.size() - 2);
                if (!body->body.contains(spelt.trimmed()))
                    told += QStringLiteral("unsaid: ") + QString::fromUtf8(words.left(60));
            }
            for (const QString &one : told) {
                if (!one.isEmpty())
                    wrong += QString::fromUtf8(protocol::dialectName(vendor)) + u' ' + exchange.name
                        + QStringLiteral(": ") + one;
            }
        }
    }
    std::cout << written << " requests written to Bedrock and Cohere, " << refused << " refused\n";
    for (const QString &line : wrong)
        std::cout << "ruled: " << qPrintable(line) << '\n';
    QVERIFY2(wrong.size() <= kUnruled, qPrintable(wrong.mid(0, 5).join(u'\n')));
    QVERIFY(written > 800);
}

QTEST_APPLESS_MAIN(TestMatrixRequests)
#include "test_matrix_requests.moc"
