// SPDX-License-Identifier: GPL-3.0-or-later
// libcurl's descriptors on the thread's event dispatcher. Watching for input stays on between two
// requests on a kept connection, where libcurl would have it off and on again each time.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

class QSocketNotifier;

namespace tollgate::upstream {

class SocketWatch
{
public:
    // `ready` gets CURL_CSELECT_* bits; it may change any watch, also the one that fired.
    explicit SocketWatch(std::function<void(curl_socket_t, int)> ready);
    ~SocketWatch();
    SocketWatch(const SocketWatch &) = delete;
    SocketWatch &operator=(const SocketWatch &) = delete;

    // What libcurl asks for: CURL_POLL_IN, OUT, INOUT, NONE or REMOVE.
    void want(curl_socket_t socket, int what);
    // A descriptor that libcurl opens and closes through us: open() before use, close() before the
    // descriptor is closed. Others are forgotten at CURL_POLL_REMOVE.
    void open(curl_socket_t socket);
    void close(curl_socket_t socket);

private:
    class Notifier;
    struct Watch
    {
        std::unique_ptr<Notifier> input;
        std::unique_ptr<Notifier> output;
        bool ours = false;
        bool wantInput = false;
    };
    void fired(curl_socket_t socket, bool input);
    void enable(std::unique_ptr<Notifier> &slot, curl_socket_t socket, bool input);
    void retire(std::unique_ptr<Notifier> &slot);
    void drop(std::unordered_map<curl_socket_t, Watch>::iterator watch);

    std::function<void(curl_socket_t, int)> m_ready;
    std::unordered_map<curl_socket_t, Watch> m_watches;
    std::vector<std::unique_ptr<Notifier>> m_spareInput; // may still be in their own event()
    std::vector<std::unique_ptr<Notifier>> m_spareOutput;
};

} // namespace tollgate::upstream
