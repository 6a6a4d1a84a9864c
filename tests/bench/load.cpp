// SPDX-License-Identifier: GPL-3.0-or-later
// A load generator for the bench: one thread, epoll, keep-alive. Prints one JSON object.
//
//     load closed  --port P --answer A [--token T] [--connections N] [--seconds S] [--body-bytes B]
//                  [--stream] [--idle K]
//         N connections, each asks again as soon as it has its answer; K more stay open unused.
//     load paced   --port P --streams N --rate R --events E [--token T]
//         N streams; checks each event's number, its distance from the last and its age.
//     load mixed   --port P --requests N [--token T] [--connections N]
//         small answers, streams and failures in turn; for leaks.
//
// --answer is what the mock shall do (mock.cpp), --model a model with a price (gpt-4o).
#include "net.h"
#include "talk.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bench {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kGiveUpNs = 30 * kSecondNs; // of silence from everybody

struct Options
{
    std::string mode;
    std::uint16_t port = 0;
    std::string path = "/v1/chat/completions";
    std::string token = "none";
    std::string model = "gpt-4o";
    std::string answer = "bench-json-1024";
    int connections = 32;
    double seconds = 3;
    std::size_t bodyBytes = 1024;
    bool stream = false;
    int idle = 0;
    int streams = 100;
    int rate = 20;
    int events = 100;
    long requests = 20'000;
};

bool asksMessages(const Options &options)
{
    return options.path == "/v1/messages";
}

std::string bodyOf(const Options &options, const std::string &answer, bool stream)
{
    const Talk talk{options.model, answer, options.bodyBytes, stream};
    return asksMessages(options) ? messagesBody(talk) : chatBody(talk);
}

std::string requestOf(const Options &options, const std::string &body)
{
    return "POST " + options.path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port)
        + "\r\nAuthorization: Bearer " + options.token
        + "\r\nContent-Type: application/json\r\nAccept: */*\r\nContent-Length: "
        + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// One connection: sends a request when told to, and hands over the answer as it comes.
class Client
{
public:
    enum class State { Closed, Idle, Busy };
    enum class Event { Nothing, Finished, Failed };

    bool open(int epoll, std::uint16_t port);
    void close();
    void ask(const std::string &request);
    Event onReady(std::uint32_t events, std::vector<char> &buffer);

    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] int status() const { return m_status; }
    [[nodiscard]] std::int64_t askedAtNs() const { return m_askedAtNs; }
    std::string body; // decoded; the user may take from it while it grows
    std::size_t bodyBytes = 0; // of answers with a length, which are counted and not kept

private:
    bool flush();
    Event take(std::string_view text);
    bool readHead();

    int m_epoll = -1;
    int m_fd = -1;
    State m_state = State::Closed;
    bool m_wantsRoom = false;
    const std::string *m_request = nullptr;
    std::size_t m_written = 0;
    std::int64_t m_askedAtNs = 0;
    std::string m_head;
    bool m_headDone = false;
    bool m_closes = false;
    int m_status = 0;
    bool m_chunked = false;
    std::uint64_t m_left = 0;
    Dechunker m_dechunker;
};

bool Client::open(int epoll, std::uint16_t port)
{
    m_epoll = epoll;
    m_fd = connectTo(port);
    if (m_fd < 0)
        return false;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    event.data.ptr = this;
    m_wantsRoom = true;
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_fd, &event);
    m_state = State::Idle;
    return true;
}

void Client::close()
{
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
    m_state = State::Closed;
}

void Client::ask(const std::string &request)
{
    m_request = &request;
    m_written = 0;
    m_head.clear();
    m_headDone = false;
    m_dechunker.reset();
    body.clear();
    bodyBytes = 0;
    m_state = State::Busy;
    m_askedAtNs = nowNs();
    if (!m_wantsRoom)
        flush();
}

bool Client::flush()
{
    while (m_request && m_written < m_request->size()) {
        const ssize_t sent = ::send(m_fd, m_request->data() + m_written,
                                    m_request->size() - m_written, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != ENOTCONN)
            return false;
        if (sent < 0)
            break;
        m_written += static_cast<std::size_t>(sent);
    }
    const bool wants = m_request && m_written < m_request->size();
    if (wants != m_wantsRoom) {
        m_wantsRoom = wants;
        epoll_event event{};
        event.events = EPOLLIN | (wants ? EPOLLOUT : 0U);
        event.data.ptr = this;
        ::epoll_ctl(m_epoll, EPOLL_CTL_MOD, m_fd, &event);
    }
    return true;
}

Client::Event Client::onReady(std::uint32_t events, std::vector<char> &buffer)
{
    if ((events & EPOLLOUT) != 0 && !flush())
        return Event::Failed;
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
        return Event::Nothing;
    const ssize_t got = ::recv(m_fd, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EAGAIN)
        return Event::Nothing;
    if (got <= 0 || m_state != State::Busy)
        return Event::Failed;
    return take({buffer.data(), static_cast<std::size_t>(got)});
}

Client::Event Client::take(std::string_view text)
{
    if (!m_headDone) {
        const std::size_t before = m_head.size();
        m_head += text;
        const std::size_t end = m_head.find("\r\n\r\n", before > 3 ? before - 3 : 0);
        if (end == std::string::npos)
            return m_head.size() > 65536 ? Event::Failed : Event::Nothing;
        text = text.substr(end + 4 - before);
        m_head.resize(end + 2);
        if (!readHead())
            return Event::Failed;
    }
    bool done = false;
    if (m_chunked) {
        const std::size_t used = m_dechunker.feed(text, body);
        if (m_dechunker.broken() || (m_dechunker.done() && used != text.size()))
            return Event::Failed;
        done = m_dechunker.done();
    } else {
        if (text.size() > m_left)
            return Event::Failed;
        m_left -= text.size();
        bodyBytes += text.size();
        done = m_left == 0;
    }
    if (!done)
        return Event::Nothing;
    m_state = State::Idle;
    if (m_closes)
        close();
    return Event::Finished;
}

bool Client::readHead()
{
    m_headDone = true;
    if (!m_head.starts_with("HTTP/1.1 ") || m_head.size() < 14)
        return false;
    std::from_chars(m_head.data() + 9, m_head.data() + 12, m_status);
    const auto connection = headerValue(m_head, "Connection");
    m_closes = connection && ::strncasecmp(connection->data(), "close", 5) == 0;
    m_chunked = headerValue(m_head, "Transfer-Encoding").has_value();
    const auto length = headerValue(m_head, "Content-Length");
    m_left = 0;
    if (length)
        std::from_chars(length->data(), length->data() + length->size(), m_left);
    return m_chunked != length.has_value();
}

class Percentiles
{
public:
    void reserve(std::size_t count) { m_values.reserve(count); }
    void add(std::int64_t value) { m_values.push_back(value); }
    [[nodiscard]] double us(double share)
    {
        if (m_values.empty())
            return 0;
        const auto at
            = static_cast<std::ptrdiff_t>(std::min(static_cast<double>(m_values.size() - 1),
                                                   share * static_cast<double>(m_values.size())));
        std::nth_element(m_values.begin(), m_values.begin() + at, m_values.end());
        return static_cast<double>(m_values[static_cast<std::size_t>(at)]) / 1000.0;
    }

private:
    std::vector<std::int64_t> m_values;
};

std::size_t occurrences(std::string_view text, std::string_view word)
{
    std::size_t count = 0;
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + word.size()))
        ++count;
    return count;
}

// What all three modes do alike: connections, the loop, giving up.
class Run
{
public:
    explicit Run(const Options &options)
        : m_options(options)
        , m_epoll(::epoll_create1(EPOLL_CLOEXEC))
    {
    }
    virtual ~Run() = default;

    int work()
    {
        start();
        std::array<epoll_event, 512> events{};
        m_lastNewsNs = nowNs();
        while (!over()) {
            const int count = ::epoll_wait(m_epoll, events.data(), events.size(), 20);
            const std::int64_t now = nowNs();
            if (count > 0)
                m_lastNewsNs = now;
            if (now - m_lastNewsNs > kGiveUpNs) {
                std::fprintf(stderr, "load: nothing has come for 30 s\n");
                return 1;
            }
            for (int i = 0; i < count; ++i) {
                const epoll_event &event = events[static_cast<std::size_t>(i)];
                auto *client = static_cast<Client *>(event.data.ptr);
                on(*client, client->onReady(event.events, m_buffer));
            }
        }
        report();
        return 0;
    }

protected:
    virtual void start() = 0;
    virtual void on(Client &client, Client::Event event) = 0;
    virtual bool over() = 0;
    virtual void report() = 0;

    Client &add()
    {
        m_clients.push_back(std::make_unique<Client>());
        return *m_clients.back();
    }
    void reopen(Client &client)
    {
        client.close();
        if (!client.open(m_epoll, m_options.port)) {
            std::perror("load: cannot connect");
            std::exit(1);
        }
    }

    Options m_options;
    int m_epoll;
    std::vector<std::unique_ptr<Client>> m_clients;

private:
    std::vector<char> m_buffer = std::vector<char>(256 * 1024);
    std::int64_t m_lastNewsNs = 0;
};

class Closed : public Run
{
public:
    using Run::Run;

protected:
    void start() override
    {
        m_request = requestOf(m_options, bodyOf(m_options, m_options.answer, m_options.stream));
        m_latency.reserve(4'000'000);
        // The idle ones first, a few at a time; each has been used once.
        m_unusedIdle = m_options.idle;
        m_busyIdle = 0;
        while (m_busyIdle < 64 && m_unusedIdle > 0)
            useIdle();
        if (m_options.idle == 0)
            begin();
    }

    void on(Client &client, Client::Event event) override
    {
        const bool idle = m_idleSet.contains(&client);
        if (event == Client::Event::Nothing)
            return;
        if (idle) {
            onIdle(client, event);
            return;
        }
        const std::int64_t now = nowNs();
        if (event == Client::Event::Failed) {
            ++m_failed;
            reopen(client);
        } else if (client.status() != 200) {
            ++m_refused;
            m_lastStatus = client.status();
        } else {
            ++m_answers;
            m_latency.add(now - client.askedAtNs());
            if (m_options.stream)
                count(client.body);
        }
        if (client.state() == Client::State::Closed)
            reopen(client);
        if (now < m_endNs)
            client.ask(m_request);
        else
            --m_active;
    }

    // Nobody is cut off: that would be another measurement.
    bool over() override { return m_endNs != 0 && m_active == 0; }

    void report() override
    {
        const double seconds = static_cast<double>(nowNs() - m_beginNs) / kSecondNs;
        const double answers = static_cast<double>(m_answers);
        std::printf("{\"answers\":%ld,\"per_second\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
                    "\"max_us\":%.1f,\"failed\":%ld,\"refused\":%ld,\"last_status\":%d,"
                    "\"events\":%zu,\"events_per_second\":%.0f,\"wrong_streams\":%ld,"
                    "\"idle_lost\":%ld}\n",
                    m_answers, answers / seconds, m_latency.us(0.5), m_latency.us(0.99),
                    m_latency.us(1.0), m_failed, m_refused, m_lastStatus, m_events,
                    static_cast<double>(m_events) / seconds, m_wrong, m_idleLost);
    }

private:
    void begin()
    {
        m_beginNs = nowNs();
        m_endNs = m_beginNs + static_cast<std::int64_t>(m_options.seconds * kSecondNs);
        for (int i = 0; i < m_options.connections; ++i) {
            Client &client = add();
            reopen(client);
            client.ask(m_request);
            ++m_active;
        }
    }

    void useIdle()
    {
        --m_unusedIdle;
        ++m_busyIdle;
        Client &client = add();
        m_idleSet[&client] = true;
        reopen(client);
        client.ask(m_request);
    }

    void onIdle(Client &client, Client::Event event)
    {
        const bool wasBusy = m_idleSet[&client];
        m_idleSet[&client] = false;
        if (event == Client::Event::Failed || client.state() == Client::State::Closed) {
            ++m_idleLost;
            client.close();
        }
        if (!wasBusy)
            return;
        --m_busyIdle;
        if (m_unusedIdle > 0)
            useIdle();
        else if (m_busyIdle == 0)
            begin();
    }

    void count(std::string_view body)
    {
        const std::size_t events = occurrences(body, "data: ");
        m_events += events;
        if (m_eventsEach == 0)
            m_eventsEach = events;
        const std::string_view end = asksMessages(m_options)
            ? "data: {\"type\":\"message_stop\"}\n\n"
            : "data: [DONE]\n\n";
        if (events != m_eventsEach || !body.ends_with(end))
            ++m_wrong;
    }

    std::string m_request;
    Percentiles m_latency;
    std::map<Client *, bool> m_idleSet; // true: its one request is under way
    int m_unusedIdle = 0;
    int m_busyIdle = 0;
    std::int64_t m_beginNs = 0;
    std::int64_t m_endNs = 0;
    int m_active = 0;
    long m_answers = 0;
    long m_failed = 0;
    long m_refused = 0;
    long m_wrong = 0;
    long m_idleLost = 0;
    int m_lastStatus = 0;
    std::size_t m_events = 0;
    std::size_t m_eventsEach = 0;
};

class Paced : public Run
{
public:
    using Run::Run;

protected:
    struct Stream
    {
        int expected = 0;
        std::int64_t lastNs = 0;
        bool done = false;
    };

    void start() override
    {
        const std::string answer = "bench-paced-" + std::to_string(m_options.rate) + '-'
            + std::to_string(m_options.events);
        m_request = requestOf(m_options, bodyOf(m_options, answer, true));
        m_beginNs = nowNs();
        const auto all = static_cast<std::size_t>(m_options.streams)
            * static_cast<std::size_t>(m_options.events);
        m_gaps.reserve(all);
        m_ages.reserve(all);
        openSome();
    }

    void on(Client &client, Client::Event event) override
    {
        Stream &stream = m_streams[&client];
        if (event == Client::Event::Failed) {
            if (!stream.done)
                ++m_failed;
            finish(stream);
            client.close();
            return;
        }
        if (stream.done)
            return;
        takeEvents(client, stream);
        if (event == Client::Event::Finished) {
            if (client.status() != 200)
                ++m_failed;
            else if (!m_sawEnd.contains(&client))
                ++m_unfinished;
            m_lost += client.status() == 200 ? m_options.events - stream.expected : 0;
            finish(stream);
        }
    }

    bool over() override
    {
        openSome();
        return m_finished == m_options.streams;
    }

    void report() override
    {
        std::printf(
            "{\"streams\":%d,\"events\":%ld,\"failed\":%ld,\"unfinished\":%ld,\"lost\":%ld,"
            "\"reordered\":%ld,\"merged\":%ld,\"gap_p50_us\":%.0f,\"gap_p99_us\":%.0f,"
            "\"gap_max_us\":%.0f,\"age_p50_us\":%.0f,\"age_p99_us\":%.0f,\"seconds\":%.2f}\n",
            m_options.streams, m_events, m_failed, m_unfinished, m_lost, m_reordered, m_merged,
            m_gaps.us(0.5), m_gaps.us(0.99), m_gaps.us(1.0), m_ages.us(0.5), m_ages.us(0.99),
            static_cast<double>(nowNs() - m_beginNs) / kSecondNs);
    }

private:
    // Spread over one second, so that neither side measures a stampede.
    void openSome()
    {
        const double sinceS = static_cast<double>(nowNs() - m_beginNs) / kSecondNs;
        const int wanted
            = std::min(m_options.streams, 1 + static_cast<int>(sinceS * m_options.streams));
        while (static_cast<int>(m_clients.size()) < wanted) {
            Client &client = add();
            reopen(client);
            m_streams[&client] = {};
            client.ask(m_request);
        }
        if (m_allOpenNs == 0 && wanted == m_options.streams)
            m_allOpenNs = nowNs();
    }

    void finish(Stream &stream)
    {
        if (!stream.done)
            ++m_finished;
        stream.done = true;
    }

    void takeEvents(Client &client, Stream &stream)
    {
        std::size_t from = 0;
        const std::int64_t now = nowNs();
        for (std::size_t end = client.body.find("\n\n"); end != std::string::npos;
             end = client.body.find("\n\n", from)) {
            takeEvent(std::string_view(client.body).substr(from, end - from), client, stream, now);
            from = end + 2;
        }
        client.body.erase(0, from);
    }

    void takeEvent(std::string_view event, Client &client, Stream &stream, std::int64_t now)
    {
        if (event.starts_with(':'))
            return;
        const std::size_t lines = occurrences(event, "data:");
        if (lines != 1 || occurrences(event, "\"s=") > 1)
            ++m_merged;
        if (event == "data: [DONE]")
            m_sawEnd[&client] = true;
        const std::size_t at = event.find("\"s=");
        if (at == std::string_view::npos)
            return;
        int number = -1;
        std::int64_t sentNs = 0;
        const char *const end = event.data() + event.size();
        const char *const stop = std::from_chars(event.data() + at + 3, end, number).ptr;
        if (end - stop > 3)
            std::from_chars(stop + 3, end, sentNs);
        if (number != stream.expected)
            ++m_reordered;
        stream.expected = number + 1;
        ++m_events;
        const bool steady = m_allOpenNs != 0 && sentNs > m_allOpenNs;
        if (steady && stream.lastNs != 0)
            m_gaps.add(now - stream.lastNs);
        if (steady)
            m_ages.add(now - sentNs);
        stream.lastNs = now;
    }

    std::string m_request;
    std::map<Client *, Stream> m_streams;
    std::map<Client *, bool> m_sawEnd;
    Percentiles m_gaps;
    Percentiles m_ages;
    std::int64_t m_beginNs = 0;
    std::int64_t m_allOpenNs = 0;
    int m_finished = 0;
    long m_events = 0;
    long m_failed = 0;
    long m_unfinished = 0;
    long m_lost = 0;
    long m_reordered = 0;
    long m_merged = 0;
};

class Mixed : public Run
{
public:
    using Run::Run;

protected:
    void start() override
    {
        const auto request = [this](const char *answer, bool stream) {
            m_requests.push_back(requestOf(m_options, bodyOf(m_options, answer, stream)));
        };
        // Six small, three streams and one failure in ten, the failures in turn.
        for (const char *failure :
             {"bench-fail-500", "bench-fail-close", "bench-fail-cut", "bench-fail-429"}) {
            for (int i = 0; i < 3; ++i) {
                request("bench-json-700", false);
                request("bench-burst-20", true);
                request("bench-json-3000", false);
            }
            request(failure, false);
        }
        for (int i = 0; i < m_options.connections; ++i) {
            Client &client = add();
            reopen(client);
            next(client);
        }
    }

    void on(Client &client, Client::Event event) override
    {
        if (event == Client::Event::Nothing)
            return;
        if (client.state() != Client::State::Busy && event == Client::Event::Failed) {
            client.close(); // after its last request
            return;
        }
        ++m_done;
        if (event == Client::Event::Failed)
            ++m_cut;
        else
            ++m_statuses[client.status()];
        if (event == Client::Event::Failed || client.state() == Client::State::Closed)
            reopen(client);
        if (m_asked < m_options.requests)
            next(client);
    }

    bool over() override { return m_done >= m_options.requests; }

    void report() override
    {
        std::printf("{\"done\":%ld,\"cut\":%ld,\"statuses\":{", m_done, m_cut);
        const char *comma = "";
        for (const auto &[status, count] : m_statuses) {
            std::printf("%s\"%d\":%ld", comma, status, count);
            comma = ",";
        }
        std::printf("}}\n");
    }

private:
    void next(Client &client)
    {
        client.ask(m_requests[static_cast<std::size_t>(m_asked++) % m_requests.size()]);
    }

    std::vector<std::string> m_requests;
    long m_asked = 0;
    long m_done = 0;
    long m_cut = 0;
    std::map<int, long> m_statuses;
};

bool parse(int argc, char **argv, Options &options)
{
    if (argc < 2)
        return false;
    options.mode = argv[1];
    for (int i = 2; i < argc; ++i) {
        const std::string_view name = argv[i];
        if (name == "--stream") {
            options.stream = true;
            continue;
        }
        if (++i == argc)
            return false;
        const char *value = argv[i];
        if (name == "--port")
            options.port = static_cast<std::uint16_t>(std::atoi(value));
        else if (name == "--path")
            options.path = value;
        else if (name == "--token")
            options.token = value;
        else if (name == "--model")
            options.model = value;
        else if (name == "--answer")
            options.answer = value;
        else if (name == "--connections")
            options.connections = std::atoi(value);
        else if (name == "--seconds")
            options.seconds = std::atof(value);
        else if (name == "--body-bytes")
            options.bodyBytes = static_cast<std::size_t>(std::atol(value));
        else if (name == "--idle")
            options.idle = std::atoi(value);
        else if (name == "--streams")
            options.streams = std::atoi(value);
        else if (name == "--rate")
            options.rate = std::atoi(value);
        else if (name == "--events")
            options.events = std::atoi(value);
        else if (name == "--requests")
            options.requests = std::atol(value);
        else
            return false;
    }
    return options.port != 0;
}

} // namespace
} // namespace bench

int main(int argc, char **argv)
{
    std::signal(SIGPIPE, SIG_IGN);
    bench::raiseFileLimit();
    bench::Options options;
    std::unique_ptr<bench::Run> run;
    if (bench::parse(argc, argv, options)) {
        if (options.mode == "closed")
            run = std::make_unique<bench::Closed>(options);
        else if (options.mode == "paced")
            run = std::make_unique<bench::Paced>(options);
        else if (options.mode == "mixed")
            run = std::make_unique<bench::Mixed>(options);
    }
    if (!run) {
        std::fprintf(stderr, "usage: load closed|paced|mixed --port P [options]; see load.cpp\n");
        return 2;
    }
    return run->work();
}
