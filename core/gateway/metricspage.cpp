// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/gateway/metricspage.h"

namespace tollgate::gateway {
namespace {

class Page
{
public:
    void metric(const char *name, const char *type, const char *help)
    {
        m_text.append("# HELP tollgate_").append(name).append(' ').append(help);
        m_text.append("\n# TYPE tollgate_").append(name).append(' ').append(type).append('\n');
    }
    void value(const char *name, const QByteArray &labels, std::int64_t number)
    {
        m_text.append("tollgate_").append(name);
        if (!labels.isEmpty())
            m_text.append('{').append(labels).append('}');
        m_text.append(' ').append(QByteArray::number(qlonglong(number))).append('\n');
    }
    void single(const char *name, const char *type, const char *help, std::int64_t number)
    {
        metric(name, type, help);
        value(name, {}, number);
    }
    [[nodiscard]] QByteArray take() { return std::exchange(m_text, {}); }

private:
    QByteArray m_text;
};

std::int64_t read(const std::atomic<std::int64_t> &counter)
{
    return counter.load(std::memory_order_relaxed);
}

void firstToken(Page &page, const relay::Counters &counters)
{
    page.metric("first_token_milliseconds", "histogram",
                "Time from a request's first byte to its first token.");
    std::int64_t below = 0;
    for (std::size_t i = 0; i < relay::Counters::kBoundsMs.size(); ++i) {
        below += read(counters.firstTokenMs[i]);
        page.value("first_token_milliseconds_bucket",
                   "le=\"" + QByteArray::number(qlonglong(relay::Counters::kBoundsMs[i])) + '"',
                   below);
    }
    below += read(counters.firstTokenMs.back());
    page.value("first_token_milliseconds_bucket", "le=\"+Inf\"", below);
    page.value("first_token_milliseconds_sum", {}, read(counters.firstTokenSumUs) / 1000);
    page.value("first_token_milliseconds_count", {}, below);
}

} // namespace

QByteArray metricsPage(const relay::Counters &counters, const http::Census &census,
                       const store::Health &store, bool paused)
{
    Page page;
    page.metric("requests_total", "counter", "Requests answered, by status class.");
    for (std::size_t i = 1; i < counters.byClass.size(); ++i) {
        page.value("requests_total", "class=\"" + QByteArray::number(int(i)) + "xx\"",
                   read(counters.byClass[i]));
    }
    page.single("requests_running", "gauge", "Requests under way.", read(counters.running));
    page.single("streams_running", "gauge", "Streams that have begun.", read(counters.streams));
    page.single("attempts_total", "counter", "Requests sent to providers.",
                read(counters.attempts));
    page.single("failovers_total", "counter", "Failed attempts followed by another.",
                read(counters.failovers));
    page.single("clients_left_total", "counter", "Clients that left before their answer ended.",
                read(counters.clientsLeft));
    page.single("input_tokens_total", "counter", "Tokens read by models.",
                read(counters.inputTokens));
    page.single("output_tokens_total", "counter", "Tokens written by models.",
                read(counters.outputTokens));
    page.single("charged_nanousd_total", "counter", "Charged to tokens, in 1e-9 US dollars.",
                read(counters.chargedNano));
    firstToken(page, counters);
    page.single("connections", "gauge", "Open client connections.",
                census.connections.load(std::memory_order_relaxed));
    page.single("connections_accepted_total", "counter", "Client connections accepted.",
                read(census.accepted));
    page.single("gate_refusals_total", "counter", "Requests refused before routing.",
                read(census.refused));
    page.single("paused", "gauge", "1 while new requests are turned away.", paused);
    page.single("store_writable", "gauge", "1 while the database takes writes.", store.writable);
    page.single("store_commits_total", "counter", "Transactions committed.",
                std::int64_t(store.commits));
    page.single("store_operations_total", "counter", "Operations written.",
                std::int64_t(store.operations));
    page.single("store_kept_writes", "gauge", "Settlements in memory that wait for the disk.",
                std::int64_t(store.keptWrites));
    return page.take();
}

} // namespace tollgate::gateway
