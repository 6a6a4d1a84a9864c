// SPDX-License-Identifier: GPL-3.0-or-later
// Every recorded request, written for every vendor: what was said, the calls, their arguments and
// the tools arrive, or the request is refused with a reason.
#include "core/codecs/codecs.h"
#include "tests/matrix/traffic.h"

#include <QtTest>

#include <iostream>
#include <map>

using namespace tollgate;
using namespace tollgate::conversation;
using namespace tollgate::test;

namespace {

constexpr Dialect kVendors[]
    = {Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini};

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

} // namespace

class TestMatrixRequests final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requestsReachEveryVendor();
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

QTEST_APPLESS_MAIN(TestMatrixRequests)
#include "test_matrix_requests.moc"
