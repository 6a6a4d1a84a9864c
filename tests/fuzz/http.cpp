// SPDX-License-Identifier: GPL-3.0-or-later
// What arrives from strangers: heads, chunked and compressed bodies, forms.
#include "core/http/bodyreader.h"
#include "core/http/headparser.h"
#include "core/protocol/formpeek.h"
#include "tests/fuzz/claims.h"
#include "tests/fuzz/targets.h"

#include <algorithm>

namespace tollgate::fuzz {

using namespace http;

namespace {

Limits smallLimits()
{
    Limits limits;
    limits.requestLine = 512;
    limits.headerBlock = 2048;
    limits.headerField = 1024;
    limits.headerCount = 20;
    return limits;
}

struct Head
{
    Progress progress = Progress::NeedMore;
    qsizetype consumed = 0;
    int status = 0;
};

Head readHead(HeadParser &parser, QByteArrayView bytes, qsizetype piece)
{
    Head head;
    for (qsizetype at = 0; at < bytes.size() && head.progress == Progress::NeedMore;) {
        at = std::min(at + piece, bytes.size());
        head.progress = parser.feed(bytes.first(at));
    }
    if (head.progress == Progress::Done)
        head.consumed = parser.consumed();
    if (head.progress == Progress::Failed)
        head.status = parser.fault().answerStatus();
    return head;
}

void head(QByteArrayView bytes)
{
    const Limits limits = smallLimits();
    HeadParser parser(limits);
    const Head whole = readHead(parser, bytes, std::max(bytes.size(), qsizetype(1)));
    for (const qsizetype piece : {qsizetype(1), qsizetype(7)}) {
        HeadParser other(limits);
        const Head again = readHead(other, bytes, piece);
        // Which of several wrongs is told may depend on how much of the head is there.
        claim(again.progress == whole.progress && again.consumed == whole.consumed,
              "cut otherwise it is another head", bytes);
        claim(again.progress != Progress::Failed || again.status >= 400, "refused without a status",
              bytes);
    }
    if (whole.progress == Progress::Failed)
        claim(whole.status >= 400, "refused without a status", bytes);
    if (whole.progress != Progress::Done)
        return;
    const ParsedHead parsed = parser.take(bytes);
    claim(!parsed.head.method.isEmpty() && !parsed.head.path.isEmpty(), "a head without a path",
          bytes);
    for (const char bad : {'\r', '\n', '\0'})
        claim(!parsed.head.target.contains(bad), "a line end in a target", bytes);
    claim(whole.consumed <= limits.headerBlock + limits.requestLine + 8, "beyond the limits",
          bytes);
    claim(parsed.head.bodyLength >= -1, "a negative length", bytes);
}

struct Body
{
    Progress progress = Progress::NeedMore;
    QByteArray body;
    std::int64_t received = 0;
    bool operator==(const Body &) const = default;
};

constexpr std::int64_t kBodyLimit = 20'000;

Body readBody(QByteArrayView bytes, qsizetype piece, std::int64_t length, Coding coding)
{
    const Limits limits = smallLimits();
    BodyReader reader(limits);
    reader.start(length, kBodyLimit, coding);
    Body body;
    for (qsizetype at = 0; at < bytes.size() && body.progress == Progress::NeedMore; at += piece) {
        QByteArrayView part = bytes.sliced(at, std::min(piece, bytes.size() - at));
        body.progress = reader.feed(part);
        claim(body.progress != Progress::NeedMore || part.isEmpty(), "bytes are left", bytes);
    }
    if (body.progress == Progress::Done) {
        body.received = reader.received();
        body.body = reader.take();
        claim(body.body.size() <= kBodyLimit, "a body beyond its limit", bytes);
    }
    return body;
}

void body(QByteArrayView bytes, std::int64_t length, Coding coding)
{
    if (bytes.isEmpty())
        return;
    const Body whole = readBody(bytes, bytes.size(), length, coding);
    for (const qsizetype piece : {qsizetype(1), qsizetype(5)})
        claim(readBody(bytes, piece, length, coding) == whole, "cut otherwise it is another body",
              bytes);
}

void form(QByteArrayView bytes)
{
    const QByteArrayView type = "multipart/form-data; boundary=cut";
    const auto seen = protocol::peekForm(type, bytes);
    if (!seen)
        return claim(!seen.error().message.isEmpty(), "refused without a reason", bytes);
    claim(seen->modelValue.at >= 0 && seen->modelValue.length >= 0
              && seen->modelValue.at + seen->modelValue.length <= bytes.size(),
          "the model stands outside", bytes);
    claim(bytes.sliced(seen->modelValue.at, seen->modelValue.length) == seen->model,
          "the model stands elsewhere", bytes);
    protocol::Endpoint endpoint;
    endpoint.form = true;
    protocol::Edits edits;
    edits.model = "vendors-name";
    const QByteArray edited = protocol::applyEdits(bytes.toByteArray(), endpoint, *seen, edits);
    const auto again = protocol::peekForm(type, edited);
    claim(again && again->model == "vendors-name", "the model was not edited", edited);
}

} // namespace

void http(QByteArrayView input)
{
    if (input.isEmpty())
        return;
    const QByteArrayView bytes = input.sliced(1);
    switch (input[0]) {
    case 'h':
        return head(bytes);
    case 'b':
        return body(bytes, -1, Coding::Identity);
    case 'z':
        body(bytes, bytes.size(), Coding::Gzip);
        return body(bytes, bytes.size(), Coding::Deflate);
    case 'c':
        return body(bytes, -1, Coding::Gzip);
    case 'f':
        return form(bytes);
    default:
        break;
    }
}

} // namespace tollgate::fuzz
