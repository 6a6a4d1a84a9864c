// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/client.h"

#include "core/upstream/socketnames.h"
#include "core/upstream/socketwatch.h"
#include "core/upstream/transfer.h"

#include <QBasicTimer>
#include <QCoreApplication>
#include <QEvent>
#include <QObject>
#include <QTimerEvent>

#ifdef _WIN32
#include <winsock2.h>
#else
#include <sys/socket.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <mutex>
#include <set>

namespace tollgate::upstream {
namespace {

constexpr long kIdleConnections = 256;
constexpr std::size_t kWarmHandles = 128;
constexpr std::int64_t kUsPerMs = 1000;

QEvent::Type turnType()
{
    static const auto type = static_cast<QEvent::Type>(QEvent::registerEventType());
    return type;
}

void initCurlOnce()
{
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// Transfers in the order in which they were added; each is in it once.
template <Transfer::Links Transfer::*link> class TransferList
{
public:
    [[nodiscard]] Transfer *front() const { return m_first; }
    [[nodiscard]] static Transfer *after(const Transfer &transfer) { return (transfer.*link).next; }

    void add(Transfer &transfer)
    {
        Transfer::Links &own = transfer.*link;
        if (own.linked)
            return;
        own = {m_last, nullptr, true};
        (m_last ? (m_last->*link).next : m_first) = &transfer;
        m_last = &transfer;
        ++m_count;
    }

    void remove(Transfer &transfer)
    {
        Transfer::Links &own = transfer.*link;
        if (!own.linked)
            return;
        (own.previous ? (own.previous->*link).next : m_first) = own.next;
        (own.next ? (own.next->*link).previous : m_last) = own.previous;
        own = {};
        --m_count;
    }

    // As many as are in the list now; `visit` may add, remove and destroy any.
    template <class Visit> void drain(Visit visit)
    {
        for (std::size_t left = m_count; left > 0 && m_first; --left) {
            Transfer &transfer = *m_first;
            remove(transfer);
            visit(transfer);
        }
    }

private:
    Transfer *m_first = nullptr;
    Transfer *m_last = nullptr;
    std::size_t m_count = 0;
};

class CurlClient final : public QObject, public Client, public TransferHost, public CurlSockets
{
public:
    CurlClient(const Clock &clock, std::int64_t keptUs);
    ~CurlClient() override;

    std::unique_ptr<Exchange> start(Request request) override;
    int running() const override { return m_running; }

    std::int64_t nowUs() const override { return m_clock.monotonicUs(); }
    void changed(Transfer &transfer) override;
    QByteArray connected(const ConnectionEnds &ends) override { return m_sockets.name(ends); }
    void takesTurns(const QByteArray &name) override { m_sockets.takesTurns(name); }
    bool hasUnread(const ConnectionEnds &ends) const override { return m_sockets.hasUnread(ends); }
    void sending(Transfer &transfer) override { m_sending.add(transfer); }
    void startOver(Transfer &transfer) override;
    void rearm(Transfer &transfer) override;
    void resume(Transfer &transfer) override;
    void release(Transfer &transfer, std::unique_ptr<EasyHandle> handle) override;
    void forget(Transfer &transfer) override;

    curl_socket_t openSocket(const curl_sockaddr &address) override;
    void closeSocket(curl_socket_t socket) override;

protected:
    bool event(QEvent *event) override;
    void timerEvent(QTimerEvent *event) override;

private:
    enum class Wake { Now, Later };
    void turn();
    void act(curl_socket_t socket, int bits, Wake wake);
    void settle(Wake wake);
    void checkSending();
    void wakeChanged();
    void resumeAll();
    void expireDue();
    void openMulti();
    void letGoIfUnused();
    void postTurn();
    void disarm(Transfer &transfer);
    void armTimer();
    std::unique_ptr<EasyHandle> takeHandle();
    static int onSocket(CURL *, curl_socket_t socket, int what, void *self, void *);
    static int onTimer(CURLM *, long ms, void *self);

    const Clock &m_clock;
    const std::int64_t m_keptUs;
    CURLM *m_multi = nullptr;
    CURLSH *m_share = nullptr;
    SocketWatch m_watch;
    SocketNames m_sockets;
    std::vector<std::unique_ptr<EasyHandle>> m_warm;
    TransferList<&Transfer::dirty> m_dirty;
    TransferList<&Transfer::inSending> m_sending;
    TransferList<&Transfer::inResume> m_resume;
    std::set<std::pair<std::int64_t, Transfer *>> m_deadlines;
    QBasicTimer m_timer;
    std::int64_t m_timerAtUs = kNever; // when m_timer fires
    std::int64_t m_curlAtUs = kNever; // when libcurl wants to be called
    std::int64_t m_letGoAtUs = kNever; // when nothing has been asked for long enough
    int m_running = 0;
    int m_acting = 0; // inside act() or a turn: settle() will look after what changes
    bool m_turnPosted = false;
};

CurlClient::CurlClient(const Clock &clock, std::int64_t keptUs)
    : m_clock(clock)
    , m_keptUs(keptUs)
    , m_watch([this](curl_socket_t socket, int bits) { act(socket, bits, Wake::Now); })
{
    initCurlOnce();
    m_share = curl_share_init();
    curl_share_setopt(m_share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    openMulti();
}

void CurlClient::openMulti()
{
    m_multi = curl_multi_init();
    curl_multi_setopt(m_multi, CURLMOPT_SOCKETFUNCTION, &CurlClient::onSocket);
    curl_multi_setopt(m_multi, CURLMOPT_SOCKETDATA, static_cast<void *>(this));
    curl_multi_setopt(m_multi, CURLMOPT_TIMERFUNCTION, &CurlClient::onTimer);
    curl_multi_setopt(m_multi, CURLMOPT_TIMERDATA, static_cast<void *>(this));
    curl_multi_setopt(m_multi, CURLMOPT_MAXCONNECTS, kIdleConnections);
    curl_multi_setopt(m_multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX));
}

CurlClient::~CurlClient()
{
    Q_ASSERT(m_running == 0);
    m_warm.clear();
    curl_multi_cleanup(m_multi);
    curl_share_cleanup(m_share);
}

std::unique_ptr<Exchange> CurlClient::start(Request request)
{
    auto transfer = std::make_unique<Transfer>(*this, std::move(request));
    if (!transfer->check())
        return transfer;
    auto handle = takeHandle();
    if (!handle) {
        transfer->fail({FailureKind::Connect, QStringLiteral("Out of memory.")});
        return transfer;
    }
    transfer->attach(std::move(handle));
    ++m_running;
    m_letGoAtUs = kNever;
    rearm(*transfer);
    ++m_acting;
    curl_multi_add_handle(m_multi, transfer->handle()->curl());
    --m_acting;
    m_curlAtUs = kNever;
    act(CURL_SOCKET_TIMEOUT, 0, Wake::Later);
    return transfer;
}

std::unique_ptr<EasyHandle> CurlClient::takeHandle()
{
    if (m_warm.empty())
        return EasyHandle::create(*this, m_share);
    auto handle = std::move(m_warm.back());
    m_warm.pop_back();
    return handle;
}

void CurlClient::release(Transfer &transfer, std::unique_ptr<EasyHandle> handle)
{
    curl_multi_remove_handle(m_multi, handle->curl());
    if (--m_running == 0)
        m_letGoAtUs = nowUs() + m_keptUs;
    handle->detach();
    if (m_warm.size() < kWarmHandles)
        m_warm.push_back(std::move(handle));
    m_sending.remove(transfer);
    m_resume.remove(transfer);
    disarm(transfer);
}

void CurlClient::startOver(Transfer &transfer)
{
    curl_multi_remove_handle(m_multi, transfer.handle()->curl());
    curl_multi_add_handle(m_multi, transfer.handle()->curl());
}

void CurlClient::forget(Transfer &transfer)
{
    m_dirty.remove(transfer);
}

// Wakers run from the event loop only, so they see no half-done state and may start, cancel and
// destroy exchanges.
void CurlClient::changed(Transfer &transfer)
{
    m_dirty.add(transfer);
    if (m_acting == 0)
        postTurn();
}

void CurlClient::resume(Transfer &transfer)
{
    m_resume.add(transfer);
    if (m_acting == 0)
        postTurn();
}

void CurlClient::postTurn()
{
    if (std::exchange(m_turnPosted, true))
        return;
    QCoreApplication::postEvent(this, new QEvent(turnType()));
}

bool CurlClient::event(QEvent *event)
{
    if (event->type() != turnType())
        return QObject::event(event);
    m_turnPosted = false;
    turn();
    return true;
}

void CurlClient::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_timer.timerId())
        return QObject::timerEvent(event);
    m_timer.stop();
    m_timerAtUs = kNever;
    turn();
}

void CurlClient::turn()
{
    ++m_acting;
    resumeAll();
    expireDue();
    letGoIfUnused();
    --m_acting;
    if (m_curlAtUs <= nowUs()) {
        m_curlAtUs = kNever;
        act(CURL_SOCKET_TIMEOUT, 0, Wake::Now);
    } else {
        settle(Wake::Now);
    }
}

void CurlClient::act(curl_socket_t socket, int bits, Wake wake)
{
    int running = 0;
    ++m_acting;
    curl_multi_socket_action(m_multi, socket, bits, &running);
    --m_acting;
    settle(wake);
}

void CurlClient::settle(Wake wake)
{
    ++m_acting;
    int left = 0;
    while (const CURLMsg *message = curl_multi_info_read(m_multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        EasyHandle *handle = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &handle);
        const CURLcode code = message->data.result;
        static_cast<Transfer *>(handle->events())->finish(code);
    }
    checkSending();
    if (wake == Wake::Now)
        wakeChanged();
    --m_acting;
    if (m_dirty.front() || m_resume.front() || m_curlAtUs <= nowUs())
        postTurn();
    armTimer();
}

void CurlClient::checkSending()
{
    for (Transfer *transfer = m_sending.front(); transfer;) {
        Transfer *const next = m_sending.after(*transfer);
        if (transfer->checkSent())
            m_sending.remove(*transfer);
        transfer = next;
    }
}

void CurlClient::wakeChanged()
{
    m_dirty.drain([](Transfer &transfer) {
        if (transfer.wantsPause()) {
            transfer.setPaused(true);
            curl_easy_pause(transfer.handle()->curl(), CURLPAUSE_RECV);
        }
        transfer.wake();
    });
}

void CurlClient::resumeAll()
{
    m_resume.drain([this](Transfer &transfer) {
        transfer.setPaused(false);
        rearm(transfer);
        curl_easy_pause(transfer.handle()->curl(), CURLPAUSE_CONT);
        transfer.finishPending();
    });
}

void CurlClient::rearm(Transfer &transfer)
{
    const std::int64_t at = transfer.deadlineUs();
    if (at >= transfer.armedAtUs)
        return;
    disarm(transfer);
    transfer.armedAtUs = at;
    m_deadlines.emplace(at, &transfer);
}

void CurlClient::disarm(Transfer &transfer)
{
    if (transfer.armedAtUs != kNever)
        m_deadlines.erase({transfer.armedAtUs, &transfer});
    transfer.armedAtUs = kNever;
}

// A limit that moved on is noticed here, not each time a byte arrives.
void CurlClient::expireDue()
{
    const std::int64_t now = nowUs();
    while (!m_deadlines.empty() && m_deadlines.begin()->first <= now) {
        Transfer &transfer = *m_deadlines.begin()->second;
        disarm(transfer);
        if (transfer.deadlineUs() <= now)
            transfer.expire();
        else
            rearm(transfer);
    }
}

// libcurl looks after its idle connections only when it is asked for another.
void CurlClient::letGoIfUnused()
{
    if (m_running > 0 || m_letGoAtUs > nowUs())
        return;
    m_letGoAtUs = kNever;
    m_curlAtUs = kNever;
    m_warm.clear();
    curl_multi_cleanup(m_multi);
    openMulti();
}

// The timer is never pushed back, only forward: most of what it is set for is over when it fires.
void CurlClient::armTimer()
{
    const std::int64_t due = m_deadlines.empty() ? kNever : m_deadlines.begin()->first;
    const std::int64_t at = std::min({due, m_curlAtUs, m_letGoAtUs});
    if (at >= m_timerAtUs || m_turnPosted)
        return; // a turn ends here again
    constexpr std::int64_t kLongest = 3'600'000;
    const std::int64_t ms = (at - nowUs() + kUsPerMs - 1) / kUsPerMs;
    m_timerAtUs = at;
    m_timer.start(static_cast<int>(std::clamp<std::int64_t>(ms, 0, kLongest)), Qt::PreciseTimer,
                  this);
}

int CurlClient::onSocket(CURL *, curl_socket_t socket, int what, void *self, void *)
{
    static_cast<CurlClient *>(self)->m_watch.want(socket, what);
    return 0;
}

int CurlClient::onTimer(CURLM *, long ms, void *self)
{
    auto *client = static_cast<CurlClient *>(self);
    client->m_curlAtUs = ms < 0 ? kNever : client->nowUs() + ms * kUsPerMs;
    if (ms == 0 && client->m_acting == 0)
        client->postTurn();
    return 0;
}

curl_socket_t CurlClient::openSocket(const curl_sockaddr &address)
{
    int type = address.socktype;
#ifdef SOCK_CLOEXEC
    type |= SOCK_CLOEXEC;
#endif
    const curl_socket_t socket = ::socket(address.family, type, address.protocol);
    if (socket != CURL_SOCKET_BAD) {
        m_watch.open(socket);
        m_sockets.open(socket);
    }
    return socket;
}

void CurlClient::closeSocket(curl_socket_t socket)
{
    m_watch.close(socket);
    m_sockets.close(socket);
#ifdef _WIN32
    ::closesocket(socket);
#else
    ::close(socket);
#endif
}

} // namespace

std::unique_ptr<Client> Client::create(const Clock &clock, std::chrono::milliseconds kept)
{
    return std::make_unique<CurlClient>(clock, kept.count() * kUsPerMs);
}

} // namespace tollgate::upstream
