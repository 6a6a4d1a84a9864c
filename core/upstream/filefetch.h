// SPDX-License-Identifier: GPL-3.0-or-later
// Fetches a file that a request names by its URL, through the dialler's guard: no private address,
// no key, no cookie, few redirects, each of them looked at anew, and an end to size and time.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/upstream/client.h"

#include <QByteArrayList>

#include <functional>
#include <memory>
#include <optional>

namespace tollgate::upstream {

struct FileRules
{
    std::int64_t largest = 20 << 20; // bytes, after decompression
    int totalMs = 15'000; // redirects included
    int redirects = 3;
    // "host" or "host:port" as the URL spells them; these alone may stand in private networks.
    QByteArrayList localHosts;
    QByteArray caFile;
};

struct FetchedFile
{
    QByteArray bytes;
    QByteArray type; // what the server calls it; without parameters, lower case, may be empty
};

// The host that a URL names, for records; empty where it names none.
[[nodiscard]] QByteArray hostOf(QByteArrayView url);
// Whether the user put this host, or this host and port, on the list.
[[nodiscard]] bool isListed(const QByteArrayList &hosts, QByteArrayView url);
// Where an answer sends whoever asked for `from`. InvalidRequest: nowhere that may be gone to.
[[nodiscard]] Result<QByteArray> redirectTarget(const QByteArray &from, QByteArrayView location);

class FileFetch
{
public:
    // The client, whose thread this is, and the clock outlive it. `waker` is called from the event
    // loop each time something may have changed, never from inside the constructor.
    FileFetch(Client &client, const QByteArray &url, FileRules rules, std::function<void()> waker,
              const Clock &clock = Clock::system());
    ~FileFetch(); // cancels
    FileFetch(const FileFetch &) = delete;
    FileFetch &operator=(const FileFetch &) = delete;

    [[nodiscard]] bool ended() const { return m_result.has_value(); }
    [[nodiscard]] std::int64_t received() const { return m_file.bytes.size(); }
    // Once, after ended(). The error's sentence says why, and names neither host nor path.
    [[nodiscard]] Result<FetchedFile> take();

private:
    void go(const QByteArray &url);
    void look();
    void lookAtHead(const Head &head);
    void end(Result<void> result);

    Client &m_client;
    const Clock &m_clock;
    FileRules m_rules;
    std::function<void()> m_waker;
    std::int64_t m_deadlineUs;
    QByteArray m_url;
    int m_redirects = 0;
    bool m_reading = false; // the body of a 200
    FetchedFile m_file;
    std::optional<Result<void>> m_result;
    std::unique_ptr<Exchange> m_exchange;
};

} // namespace tollgate::upstream
