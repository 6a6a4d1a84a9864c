// SPDX-License-Identifier: GPL-3.0-or-later
// Which descriptor a connection of libcurl has, so that one can look at it before it is used again.
#pragma once

#include "core/upstream/easyhandle.h"

#include <QByteArray>
#include <QHash>

#include <vector>

namespace tollgate::upstream {

class SocketNames
{
public:
    void open(curl_socket_t socket);
    void close(curl_socket_t socket);
    // One of the open descriptors is connected so: its name.
    QByteArray name(const ConnectionEnds &ends);
    // It speaks HTTP/1: between two answers there is nothing to say. Streams of HTTP/2 come at any
    // time, and are told apart by their numbers.
    void takesTurns(const QByteArray &name);
    // Bytes or an end of file wait on a connection that takes turns.
    [[nodiscard]] bool hasUnread(const ConnectionEnds &ends) const;

private:
    struct Named
    {
        curl_socket_t socket;
        bool takesTurns;
    };
    QHash<QByteArray, Named> m_named;
    QHash<curl_socket_t, QByteArray> m_names;
    std::vector<curl_socket_t> m_nameless; // not connected yet
};

} // namespace tollgate::upstream
