// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/http/testserver.h"

#include <QElapsedTimer>

namespace tollgate::http::test {

Admission TestHandler::admit(const RequestHead &head)
{
    ++admitted;
    return admission ? admission(head) : Admission{};
}

void TestHandler::handle(Request request, Out out)
{
    ++handled;
    const auto found = paths.find(request.head.path);
    if (found != paths.end())
        return found->second(std::move(request), std::move(out));
    Response response;
    response.headers.append("Content-Type", "text/plain");
    response.body = request.head.method + ' ' + request.head.target + '\n' + request.body;
    out->respond(std::move(response));
}

Response TestHandler::refuse(const QByteArray &path, const Error &error)
{
    ++refused;
    Response response;
    response.status = error.status();
    response.headers.append("Content-Type", "text/plain");
    response.body = path + '|' + error.message.toUtf8();
    return response;
}

TestServer::TestServer(ListenerOptions options, std::function<void(TestHandler &)> prepare,
                       Census *census)
    : m_census(census ? census : &m_ownCensus)
{
    if (prepare)
        prepare(m_handler);
    m_worker.moveToThread(&m_thread);
    m_thread.start();
    run([&] {
        auto opened = Listener::open(options, m_handler, *m_census);
        if (!opened) {
            m_error = opened.error();
            return;
        }
        m_listener = std::move(*opened);
        m_port = m_listener->port();
    });
}

TestServer::~TestServer()
{
    closeListener();
    m_thread.quit();
    m_thread.wait();
}

void TestServer::run(const std::function<void()> &work)
{
    QMetaObject::invokeMethod(&m_worker, work, Qt::BlockingQueuedConnection);
}

int TestServer::openConnections()
{
    int count = 0;
    run([&] { count = m_listener ? m_listener->openConnections() : 0; });
    return count;
}

void TestServer::drain()
{
    run([&] { m_listener->drain(); });
}

void TestServer::closeListener()
{
    run([&] { m_listener.reset(); });
}

void TestServer::runAndCloseListener(const std::function<void()> &work)
{
    run([&] {
        work();
        m_listener.reset();
    });
}

bool TestServer::waitForConnections(int count, int timeoutMs)
{
    return eventually([&] { return openConnections() == count; }, timeoutMs);
}

QByteArray TestServer::request(const QByteArray &method, const QByteArray &path,
                               const QByteArray &extra, const QByteArray &body) const
{
    QByteArray text = method + ' ' + path + " HTTP/1.1\r\nHost: " + host() + "\r\n" + extra;
    if (!body.isEmpty())
        text += "Content-Length: " + QByteArray::number(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

bool eventually(const std::function<bool()> &work, int timeoutMs)
{
    QElapsedTimer timer;
    timer.start();
    while (!work()) {
        if (timer.elapsed() > timeoutMs)
            return false;
        QThread::msleep(5);
    }
    return true;
}

} // namespace tollgate::http::test
