// SPDX-License-Identifier: GPL-3.0-or-later
// What the tests of this room share: run an exchange to its end, and a program that runs on the
// gateway's own event dispatcher.
#pragma once

#include "core/base/epolldispatcher.h"
#include "core/upstream/upstream.h"

#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QEventLoop>
#include <QTest>
#include <QTimer>

namespace tollgate::upstream {

// Only what hangs takes longer, however busy the machine is.
constexpr int kPatienceMs = 60'000;

struct Fetched
{
    bool ended = false;
    int status = 0;
    Headers headers;
    QByteArray body;
    std::optional<Failure> failure;
    Timing timing;
    bool sent = false;

    [[nodiscard]] bool failedAs(FailureKind kind) const { return failure && failure->kind == kind; }
    [[nodiscard]] bool complete() const { return ended && !failure; }
};

inline Request post(const QByteArray &url, const QByteArray &body = "{\"model\":\"m\"}")
{
    Request request;
    request.url = url;
    request.local = true;
    request.body = body;
    request.headers.append("Content-Type", "application/json");
    return request;
}

inline Fetched run(Exchange &exchange, int timeoutMs = kPatienceMs)
{
    Fetched result;
    QEventLoop loop;
    QTimer::singleShot(timeoutMs, &loop, [&] { loop.quit(); });
    exchange.setWaker([&] {
        result.body += exchange.take();
        if (exchange.ended())
            loop.quit();
    });
    if (!exchange.ended())
        loop.exec();
    result.ended = exchange.ended();
    exchange.setWaker({});
    result.body += exchange.take();
    if (const Head *head = exchange.head()) {
        result.status = head->status;
        result.headers = head->headers;
    }
    result.failure = exchange.failed();
    result.timing = exchange.timing();
    result.sent = exchange.sent();
    return result;
}

inline Fetched fetch(Client &client, Request request, int timeoutMs = kPatienceMs)
{
    const auto exchange = client.start(std::move(request));
    return run(*exchange, timeoutMs);
}

template <class Test> int runOnGatewayDispatcher(int argc, char **argv)
{
    if (auto dispatcher = makeGatewayDispatcher())
        QCoreApplication::setEventDispatcher(dispatcher.release());
    QCoreApplication app(argc, argv);
    Test test;
    return QTest::qExec(&test, argc, argv);
}

} // namespace tollgate::upstream

#define TOLLGATE_GATEWAY_TEST(Test)                                                                \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return tollgate::upstream::runOnGatewayDispatcher<Test>(argc, argv);                       \
    }
