// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/responsehead.h"

#include "core/base/random.h"
#include "core/http/syntax.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace tollgate::http {
namespace {

constexpr QByteArrayView kSecurity = "X-Content-Type-Options: nosniff\r\n"
                                     "Cache-Control: no-store\r\n"
                                     "Referrer-Policy: no-referrer\r\n";
constexpr QByteArrayView kContentPolicy
    = "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
constexpr QByteArrayView kExposed = "x-request-id, request-id, retry-after, idempotency-replayed";

struct Reason
{
    int status;
    QByteArrayView phrase;
};

constexpr std::array kReasons{
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{206, "Partial Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{402, "Payment Required"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{406, "Not Acceptable"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{411, "Length Required"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{414, "URI Too Long"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{421, "Misdirected Request"},
    Reason{422, "Unprocessable Content"},
    Reason{424, "Failed Dependency"},
    Reason{426, "Upgrade Required"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
    Reason{505, "HTTP Version Not Supported"},
    Reason{529, "Site is overloaded"},
};

QByteArrayView reasonPhrase(int status)
{
    for (const Reason &reason : kReasons) {
        if (reason.status == status)
            return reason.phrase;
    }
    return "Status";
}

// Fields that this file writes itself, or that must never leave here.
bool isReserved(QByteArrayView name, int status)
{
    switch (syntax::lower(name.front())) {
    case 'a':
        return name.size() > 15 && syntax::same(name.first(15), "access-control-");
    case 'c':
        return syntax::same(name, "connection") || syntax::same(name, "content-length")
            || syntax::same(name, "cache-control");
    case 'd':
        return syntax::same(name, "date");
    case 'k':
        return syntax::same(name, "keep-alive");
    case 'p':
        return syntax::same(name, "proxy-connection");
    case 'r':
        return syntax::same(name, "referrer-policy");
    case 's':
        return syntax::same(name, "server");
    case 't':
        return syntax::same(name, "transfer-encoding") || syntax::same(name, "trailer")
            || syntax::same(name, "te");
    case 'u':
        return syntax::same(name, "upgrade") && status != 426;
    case 'v':
        return syntax::same(name, "vary");
    case 'x':
        return syntax::same(name, "x-content-type-options");
    default:
        return false;
    }
}

void appendField(QByteArray &out, QByteArrayView name, QByteArrayView value)
{
    out.append(name).append(": ").append(value).append("\r\n");
}

void appendFraming(QByteArray &out, const HeadOptions &options)
{
    switch (options.framing) {
    case Framing::Length:
        appendField(out, "Content-Length", QByteArray::number(options.length));
        return;
    case Framing::Chunked:
        out.append("Transfer-Encoding: chunked\r\n");
        return;
    case Framing::None:
    case Framing::UntilClose:
        return;
    }
}

void appendConnection(QByteArray &out, const HeadOptions &options, bool upgrade)
{
    if (!options.keepAlive)
        out.append(upgrade ? "Connection: close, upgrade\r\n" : "Connection: close\r\n");
    else if (upgrade)
        out.append("Connection: upgrade\r\n");
    else if (options.minorVersion == 0)
        out.append("Connection: keep-alive\r\n");
}

void appendCors(QByteArray &out, const HeadOptions &options)
{
    if (options.origin.isEmpty())
        return;
    appendField(out, "Access-Control-Allow-Origin", options.origin);
    if (!options.preflight) {
        appendField(out, "Access-Control-Expose-Headers", kExposed);
        return;
    }
    appendField(out, "Access-Control-Allow-Methods", kServedMethods);
    if (!options.allowHeaders.isEmpty())
        appendField(out, "Access-Control-Allow-Headers", options.allowHeaders);
    appendField(out, "Access-Control-Max-Age", "600");
}

} // namespace

bool statusHasBody(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

QByteArray responseHead(int status, const Headers &headers, const HeadOptions &options)
{
    QByteArray out;
    out.reserve(768);
    out.append("HTTP/1.1 ").append(QByteArray::number(status)).append(' ');
    out.append(reasonPhrase(status)).append("\r\n");
    bool requestId = false;
    bool contentPolicy = false;
    bool upgrade = false;
    QByteArray vary;
    for (const Header &field : headers) {
        if (!isHeaderName(field.name) || !syntax::all(field.value, syntax::Value))
            continue;
        if (syntax::same(field.name, "vary"))
            vary = field.value;
        if (isReserved(field.name, status))
            continue;
        requestId = requestId || syntax::same(field.name, "x-request-id");
        contentPolicy = contentPolicy || syntax::same(field.name, "content-security-policy");
        upgrade = upgrade || syntax::same(field.name, "upgrade");
        appendField(out, field.name, field.value);
    }
    if (!requestId)
        appendField(out, "x-request-id", randomId("req_"));
    appendField(out, "Date", options.date);
    out.append(kSecurity);
    if (!contentPolicy)
        out.append(kContentPolicy);
    if (options.varyOrigin)
        vary = vary.isEmpty() ? QByteArrayLiteral("Origin") : vary + ", Origin";
    if (!vary.isEmpty())
        appendField(out, "Vary", vary);
    appendCors(out, options);
    appendFraming(out, options);
    appendConnection(out, options, upgrade);
    out.append("\r\n");
    return out;
}

QByteArray httpDate(std::int64_t wallUs)
{
    using namespace std::chrono;
    constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const sys_seconds now{floor<seconds>(microseconds(wallUs))};
    const sys_days day = floor<days>(now);
    const year_month_day date(day);
    const hh_mm_ss time(now - day);
    std::array<char, 64> text{};
    const int size = std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                   kDays[weekday(day).c_encoding()], unsigned(date.day()),
                                   kMonths[unsigned(date.month()) - 1], int(date.year()),
                                   int(time.hours().count()), int(time.minutes().count()),
                                   int(time.seconds().count()));
    return QByteArray(text.data(), size);
}

} // namespace tollgate::http
