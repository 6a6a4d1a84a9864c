// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/headparser.h"

#include "core/http/headernames.h"
#include "core/http/target.h"

#include <array>
#include <cstring>

namespace tollgate::http {
namespace {

constexpr std::array<QByteArrayView, 7> kServed{"GET",   "HEAD",   "POST",   "PUT",
                                                "PATCH", "DELETE", "OPTIONS"};
// Registered methods (RFC 9110 16.1, WebDAV and friends) that nothing here serves: 405. Any other
// word in front is no HTTP request that we know: 400.
constexpr std::array<QByteArrayView, 33> kRegistered{"ACL",
                                                     "BASELINE-CONTROL",
                                                     "BIND",
                                                     "CHECKIN",
                                                     "CHECKOUT",
                                                     "COPY",
                                                     "LABEL",
                                                     "LINK",
                                                     "LOCK",
                                                     "M-SEARCH",
                                                     "MERGE",
                                                     "MKACTIVITY",
                                                     "MKCALENDAR",
                                                     "MKCOL",
                                                     "MOVE",
                                                     "NOTIFY",
                                                     "ORDERPATCH",
                                                     "PROPFIND",
                                                     "PROPPATCH",
                                                     "PURGE",
                                                     "QUERY",
                                                     "REBIND",
                                                     "REPORT",
                                                     "SEARCH",
                                                     "SUBSCRIBE",
                                                     "TRACE",
                                                     "UNBIND",
                                                     "UNCHECKOUT",
                                                     "UNLINK",
                                                     "UNLOCK",
                                                     "UNSUBSCRIBE",
                                                     "UPDATE",
                                                     "VERSION-CONTROL"};

template <std::size_t N>
bool contains(const std::array<QByteArrayView, N> &list, QByteArrayView word)
{
    for (const QByteArrayView entry : list) {
        if (entry == word)
            return true;
    }
    return false;
}

QByteArray methodName(QByteArrayView method)
{
    if (method == "GET")
        return QByteArrayLiteral("GET");
    if (method == "POST")
        return QByteArrayLiteral("POST");
    return method.toByteArray();
}

} // namespace

void HeadParser::reset()
{
    m_fields.clear();
    m_parsed = {};
    m_framing = {};
    m_fault = {};
    m_verdict = Progress::NeedMore;
    m_scanned = 0;
    m_lineStart = 0;
    m_blockStart = 0;
    m_haveLine = false;
    m_skippedBlank = false;
    m_connectionClose = false;
    m_connectionKeepAlive = false;
}

Progress HeadParser::fail(ErrorKind kind, std::string_view message)
{
    m_fault = {kind, message, 0};
    return Progress::Failed;
}

bool HeadParser::overLimit(qsizetype lineSize, qsizetype blockSize)
{
    if (!m_haveLine) {
        if (lineSize <= m_limits.requestLine)
            return false;
        m_fault = {ErrorKind::UriTooLong, "The request line is too long.", 0};
        return true;
    }
    if (lineSize > m_limits.headerField) {
        m_fault = {ErrorKind::HeadersTooLarge, "A header field is too long.", 0};
        return true;
    }
    if (blockSize > m_limits.headerBlock) {
        m_fault = {ErrorKind::HeadersTooLarge, "The header section is too long.", 0};
        return true;
    }
    return false;
}

Progress HeadParser::feed(QByteArrayView all)
{
    if (m_verdict == Progress::NeedMore)
        m_verdict = scan(all);
    return m_verdict;
}

Progress HeadParser::scan(QByteArrayView all)
{
    for (;;) {
        const char *from = all.data() + m_scanned;
        const auto left = static_cast<std::size_t>(all.size() - m_scanned);
        const void *found = left > 0 ? std::memchr(from, '\n', left) : nullptr;
        if (!found) {
            m_scanned = all.size();
            // One byte of grace: it may be the CR of the line's end.
            const qsizetype partial = std::max<qsizetype>(0, all.size() - m_lineStart - 1);
            return overLimit(partial, all.size() - m_blockStart) ? Progress::Failed
                                                                 : Progress::NeedMore;
        }
        const qsizetype end = static_cast<const char *>(found) - all.data();
        m_scanned = end + 1;
        if (end == m_lineStart || all[end - 1] != '\r')
            return fail(ErrorKind::InvalidRequest, "A line does not end in CR LF.");
        const QByteArrayView line = all.sliced(m_lineStart, end - 1 - m_lineStart);
        if (overLimit(line.size(), m_scanned - m_blockStart))
            return Progress::Failed;
        const bool hadLine = m_haveLine;
        if (line.isEmpty() && !m_haveLine) {
            // RFC 9112 2.2 lets one empty line stand before a request line.
            if (m_skippedBlank)
                return fail(ErrorKind::InvalidRequest, "The request begins with empty lines.");
            m_skippedBlank = true;
        } else if (line.isEmpty()) {
            m_lineStart = m_scanned;
            return checkFraming() ? Progress::Done : Progress::Failed;
        } else if (!(m_haveLine ? readField(all, line) : readRequestLine(all, line))) {
            return Progress::Failed;
        }
        m_lineStart = m_scanned;
        if (!hadLine)
            m_blockStart = m_scanned;
    }
}

bool HeadParser::readRequestLine(QByteArrayView all, QByteArrayView line)
{
    const auto bad = [this](std::string_view message) {
        m_fault = {ErrorKind::InvalidRequest, message, 0};
        return false;
    };
    const qsizetype first = line.indexOf(' ');
    const qsizetype last = line.lastIndexOf(' ');
    if (first <= 0 || last <= first + 1)
        return bad("The request line is not \"method target HTTP/1.1\".");
    const QByteArrayView method = line.first(first);
    const QByteArrayView raw = line.sliced(first + 1, last - first - 1);
    const QByteArrayView version = line.sliced(last + 1);
    if (!contains(kServed, method)) {
        if (!contains(kRegistered, method))
            return bad("The request method is unknown.");
        m_parsed.methodKnown = false;
    }
    if (version.size() != 8 || !version.startsWith("HTTP/") || version[6] != '.' || version[5] < '0'
        || version[5] > '9' || version[7] < '0' || version[7] > '9')
        return bad("The protocol of the request line is not HTTP.");
    if (version[5] != '1' || version[7] > '1') {
        m_fault = {ErrorKind::VersionUnsupported, "Only HTTP/1.1 and HTTP/1.0 are spoken here.", 0};
        return false;
    }
    m_parsed.head.minorVersion = version[7] - '0';
    if (!parseTarget(method, raw) && (m_parsed.methodKnown || raw != "*"))
        return bad("The request target is malformed.");
    const qsizetype lineAt = line.data() - all.data();
    m_methodAndTarget = {lineAt, first, lineAt + first + 1, raw.size()};
    m_haveLine = true;
    return true;
}

bool HeadParser::readField(QByteArrayView all, QByteArrayView line)
{
    const std::optional<syntax::Field> field = syntax::fieldLine(line);
    if (!field) {
        m_fault = {ErrorKind::InvalidRequest, "A header field is malformed.", 0};
        return false;
    }
    if (m_fields.size() >= static_cast<std::size_t>(std::max(0, m_limits.headerCount))) {
        m_fault = {ErrorKind::HeadersTooLarge, "There are too many header fields.", 0};
        return false;
    }
    m_fields.push_back({field->name.data() - all.data(), field->name.size(),
                        field->value.data() - all.data(), field->value.size()});
    return noteField(*field);
}

bool HeadParser::noteField(const syntax::Field &field)
{
    const auto named = [&](QByteArrayView name) { return syntax::same(field.name, name); };
    switch (field.name.size()) {
    case 4:
        if (named("host")) {
            ++m_parsed.hosts;
            m_parsed.host = field.value.toByteArray();
        }
        return true;
    case 6:
        if (named("origin")) {
            ++m_parsed.origins;
            m_parsed.origin = field.value.toByteArray();
        } else if (named("expect")) {
            const bool known = syntax::same(field.value, "100-continue");
            m_parsed.expectContinue = m_parsed.expectContinue || known;
            m_parsed.expectOther = m_parsed.expectOther || !known;
        }
        return true;
    case 10:
        if (named("connection")) {
            syntax::forEachMember(field.value, [this](QByteArrayView option) {
                m_connectionClose = m_connectionClose || syntax::same(option, "close");
                m_connectionKeepAlive = m_connectionKeepAlive || syntax::same(option, "keep-alive");
            });
        }
        return true;
    case 14:
        if (named("content-length")) {
            const std::optional<std::int64_t> length = syntax::contentLength(field.value);
            if (!length || ++m_framing.lengths > 1) {
                m_fault = {ErrorKind::InvalidRequest, "Content-Length is not one number.", 0};
                return false;
            }
            m_framing.length = *length;
        }
        return true;
    case 16:
        if (named("content-encoding"))
            noteContentEncoding(field.value);
        return true;
    case 17:
        return !named("transfer-encoding") || noteTransferEncoding(field.value);
    default:
        return true;
    }
}

bool HeadParser::noteTransferEncoding(QByteArrayView value)
{
    ++m_framing.codings;
    m_framing.chunked = syntax::same(value, "chunked");
    if (m_framing.codings == 1 && m_framing.chunked)
        return true;
    m_fault = {ErrorKind::InvalidRequest, "Transfer-Encoding is not exactly \"chunked\".", 0};
    return false;
}

void HeadParser::noteContentEncoding(QByteArrayView value)
{
    syntax::forEachMember(value, [this](QByteArrayView name) {
        Coding coding = Coding::Unknown;
        if (syntax::same(name, "identity"))
            return;
        if (syntax::same(name, "gzip") || syntax::same(name, "x-gzip"))
            coding = Coding::Gzip;
        else if (syntax::same(name, "deflate"))
            coding = Coding::Deflate;
        m_parsed.coding = m_parsed.coding == Coding::Identity ? coding : Coding::Unknown;
    });
}

bool HeadParser::checkFraming()
{
    RequestHead &head = m_parsed.head;
    if (m_framing.codings > 0 && m_framing.lengths > 0) {
        m_fault = {ErrorKind::InvalidRequest,
                   "Content-Length and Transfer-Encoding must not be sent together.", 0};
        return false;
    }
    if (m_framing.codings > 0 && head.minorVersion == 0) {
        m_fault = {ErrorKind::InvalidRequest, "HTTP/1.0 has no Transfer-Encoding.", 0};
        return false;
    }
    head.bodyLength = m_framing.chunked ? -1 : m_framing.length;
    m_parsed.keepAlive = !m_connectionClose && (head.minorVersion == 1 || m_connectionKeepAlive);
    if (head.minorVersion == 0)
        m_parsed.expectContinue = m_parsed.expectOther = false; // RFC 9110 10.1.1
    return true;
}

ParsedHead HeadParser::take(QByteArrayView all)
{
    RequestHead &head = m_parsed.head;
    const QByteArrayView method = all.sliced(m_methodAndTarget.nameAt, m_methodAndTarget.nameSize);
    const QByteArrayView raw = all.sliced(m_methodAndTarget.valueAt, m_methodAndTarget.valueSize);
    head.method = methodName(method);
    if (const std::optional<Target> target = parseTarget(method, raw)) {
        head.path = target->path.toByteArray();
        head.target = head.path;
        if (target->hasQuery) {
            head.query = target->query.toByteArray();
            head.target = target->absolute ? head.path + '?' + head.query : raw.toByteArray();
        }
        m_parsed.absolute = target->absolute;
        m_parsed.authority = target->authority.toByteArray();
    } else {
        head.path = head.target = raw.toByteArray();
    }
    head.headers.reserve(m_fields.size());
    for (const Slice &field : m_fields) {
        head.headers.append(internedName(all.sliced(field.nameAt, field.nameSize)),
                            all.sliced(field.valueAt, field.valueSize).toByteArray());
    }
    return std::move(m_parsed);
}

QByteArray HeadParser::pathSoFar(QByteArrayView all) const
{
    if (!m_haveLine)
        return {};
    const QByteArrayView raw = all.sliced(m_methodAndTarget.valueAt, m_methodAndTarget.valueSize);
    const std::optional<Target> target
        = parseTarget(all.sliced(m_methodAndTarget.nameAt, m_methodAndTarget.nameSize), raw);
    return target ? target->path.toByteArray() : QByteArray();
}

} // namespace tollgate::http
