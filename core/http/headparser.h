// SPDX-License-Identifier: GPL-3.0-or-later
// The strict reader of a request line and header section (RFC 9112): fed with what has arrived so
// far, it looks at each byte once, holds every limit before anything is stored, and never guesses.
#pragma once

#include "core/http/fault.h"
#include "core/http/listener.h"
#include "core/http/message.h"
#include "core/http/syntax.h"

#include <vector>

namespace tollgate::http {

enum class Progress { NeedMore, Done, Failed };
enum class Coding { Identity, Gzip, Deflate, Unknown };

// What the gate itself must know of a head, beside the head that the handler sees.
struct ParsedHead
{
    RequestHead head;
    QByteArray host;
    QByteArray origin;
    QByteArray authority; // of an absolute-form target
    int hosts = 0;
    int origins = 0;
    bool absolute = false;
    bool keepAlive = true;
    bool expectContinue = false;
    bool expectOther = false;
    bool methodKnown = true; // one of those that a handler may see
    Coding coding = Coding::Identity;
};

class HeadParser
{
public:
    // `limits` outlives the parser.
    explicit HeadParser(const Limits &limits)
        : m_limits(limits)
    {
    }

    // `all`: everything from the first byte of this request on; grows from call to call. A verdict,
    // once given, stays until reset().
    [[nodiscard]] Progress feed(QByteArrayView all);
    [[nodiscard]] const Fault &fault() const { return m_fault; }
    // After Done: how much of `all` the head took.
    [[nodiscard]] qsizetype consumed() const { return m_lineStart; }
    // After Done, with the same bytes: the head, copied out.
    [[nodiscard]] ParsedHead take(QByteArrayView all);
    // The path of a request that failed, as far as it was read; for the shape of the error.
    [[nodiscard]] QByteArray pathSoFar(QByteArrayView all) const;
    void reset();

private:
    struct Slice
    {
        qsizetype nameAt = 0;
        qsizetype nameSize = 0;
        qsizetype valueAt = 0;
        qsizetype valueSize = 0;
    };
    struct Framing
    {
        std::int64_t length = 0;
        int lengths = 0;
        int codings = 0;
        bool chunked = false;
    };

    [[nodiscard]] Progress scan(QByteArrayView all);
    [[nodiscard]] Progress fail(ErrorKind kind, std::string_view message);
    [[nodiscard]] bool overLimit(qsizetype lineSize, qsizetype blockSize);
    [[nodiscard]] bool readRequestLine(QByteArrayView all, QByteArrayView line);
    [[nodiscard]] bool readField(QByteArrayView all, QByteArrayView line);
    [[nodiscard]] bool noteField(const syntax::Field &field);
    [[nodiscard]] bool noteTransferEncoding(QByteArrayView value);
    void noteContentEncoding(QByteArrayView value);
    [[nodiscard]] bool checkFraming();

    const Limits &m_limits;
    std::vector<Slice> m_fields;
    Slice m_methodAndTarget;
    ParsedHead m_parsed;
    Framing m_framing;
    Fault m_fault;
    qsizetype m_scanned = 0;
    qsizetype m_lineStart = 0;
    qsizetype m_blockStart = 0;
    Progress m_verdict = Progress::NeedMore;
    bool m_haveLine = false;
    bool m_skippedBlank = false;
    bool m_connectionClose = false;
    bool m_connectionKeepAlive = false;
};

} // namespace tollgate::http
