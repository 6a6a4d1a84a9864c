// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/socketwatch.h"

#include <QEvent>
#include <QSocketNotifier>

#include <utility>

namespace tollgate::upstream {

class SocketWatch::Notifier final : public QSocketNotifier
{
public:
    Notifier(SocketWatch &watch, curl_socket_t socket, bool input)
        : QSocketNotifier(static_cast<qintptr>(socket), input ? Read : Write)
        , m_watch(watch)
    {
    }

protected:
    // Straight from the dispatcher, without a signal.
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::SockAct && event->type() != QEvent::SockClose)
            return QSocketNotifier::event(event);
        m_watch.fired(static_cast<curl_socket_t>(socket()), type() == Read);
        return true;
    }

private:
    SocketWatch &m_watch;
};

SocketWatch::SocketWatch(std::function<void(curl_socket_t, int)> ready)
    : m_ready(std::move(ready))
{
}

SocketWatch::~SocketWatch() = default;

void SocketWatch::enable(std::unique_ptr<Notifier> &slot, curl_socket_t socket, bool input)
{
    if (!slot) {
        auto &spare = input ? m_spareInput : m_spareOutput;
        if (spare.empty()) {
            slot = std::make_unique<Notifier>(*this, socket, input);
            return;
        }
        slot = std::move(spare.back());
        spare.pop_back();
        slot->setSocket(static_cast<qintptr>(socket));
    }
    if (!slot->isEnabled())
        slot->setEnabled(true);
}

void SocketWatch::retire(std::unique_ptr<Notifier> &slot)
{
    if (!slot)
        return;
    slot->setEnabled(false);
    (slot->type() == QSocketNotifier::Read ? m_spareInput : m_spareOutput)
        .push_back(std::move(slot));
}

void SocketWatch::want(curl_socket_t socket, int what)
{
    if (what == CURL_POLL_REMOVE) {
        const auto found = m_watches.find(socket);
        if (found == m_watches.end())
            return;
        found->second.wantInput = false;
        retire(found->second.output);
        if (!found->second.ours)
            drop(found);
        return;
    }
    Watch &watch = m_watches[socket];
    watch.wantInput = (what & CURL_POLL_IN) != 0;
    if (watch.wantInput)
        enable(watch.input, socket, true);
    if ((what & CURL_POLL_OUT) != 0)
        enable(watch.output, socket, false);
    else
        retire(watch.output);
}

void SocketWatch::open(curl_socket_t socket)
{
    m_watches[socket].ours = true;
}

void SocketWatch::close(curl_socket_t socket)
{
    const auto found = m_watches.find(socket);
    if (found != m_watches.end())
        drop(found);
}

void SocketWatch::drop(std::unordered_map<curl_socket_t, Watch>::iterator watch)
{
    retire(watch->second.input);
    retire(watch->second.output);
    m_watches.erase(watch);
}

void SocketWatch::fired(curl_socket_t socket, bool input)
{
    const auto found = m_watches.find(socket);
    if (found == m_watches.end())
        return;
    if (input && !found->second.wantInput) {
        // Input nobody asked for: a paused answer, or the peer closing an idle connection.
        found->second.input->setEnabled(false);
        return;
    }
    m_ready(socket, input ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
}

} // namespace tollgate::upstream
