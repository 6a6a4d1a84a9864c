// SPDX-License-Identifier: GPL-3.0-or-later
// What vendors write when they refuse: some twenty shapes, prose, and pages of HTML.
#include "core/protocol/errors.h"
#include "core/protocol/jsonreader.h"

#include <QRegularExpression>

#include <algorithm>
#include <array>
#include <cmath>

namespace tollgate::protocol {
namespace {

constexpr qsizetype kReadAtMost = 64 * 1024;
constexpr qsizetype kLongestMessage = 1024;
constexpr qsizetype kLongestWord = 128;
constexpr int kLongestWait = 86'400;
constexpr int kDeepestError = 6;

// Gathers from the objects in which vendors put errors; the first word of each kind stays.
class ErrorReader
{
public:
    explicit ErrorReader(JsonReader &reader)
        : m_reader(reader)
    {
    }

    void read(int level = 0);

    QByteArray message;
    QByteArray type;
    QByteArray code;
    QByteArray param;
    QByteArray delay;

private:
    void word(QByteArray &into);

    JsonReader &m_reader;
};

void ErrorReader::word(QByteArray &into)
{
    JsonText text;
    QByteArrayView digits;
    QByteArray found;
    if (m_reader.type() == JsonType::String && m_reader.string(text))
        found = text.decoded();
    else if (m_reader.type() == JsonType::Number && m_reader.number(digits))
        found = digits.toByteArray();
    if (into.isEmpty())
        into = found;
}

void ErrorReader::read(int level)
{
    if (level > kDeepestError)
        return;
    if (m_reader.type() == JsonType::Array) {
        m_reader.array([&] { read(level + 1); });
        return;
    }
    m_reader.object([&](const JsonText &key) {
        const QByteArray name = key.decoded();
        const JsonType found = m_reader.type();
        const bool nested = found == JsonType::Object || found == JsonType::Array;
        static constexpr std::array kNests{"error",     "errors", "Error",   "Response", "response",
                                           "base_resp", "detail", "message", "header",   "details"};
        static constexpr std::array kMessages{"message",   "error",      "detail",  "msg",  "err",
                                              "error_msg", "status_msg", "Message", "title"};
        static constexpr std::array kCodes{"code", "error_code", "status_code", "Code"};
        const auto isIn = [&](const auto &names) {
            return std::any_of(names.begin(), names.end(),
                               [&](const char *other) { return name == other; });
        };
        if (nested && isIn(kNests))
            read(level + 1);
        else if (nested)
            return;
        else if (isIn(kMessages))
            word(message);
        else if (isIn(kCodes))
            word(code);
        else if (name == "retryDelay")
            word(delay);
        else if (name == "param")
            word(param);
        else if (name == "type" || (name == "status" && found == JsonType::String))
            word(type);
        if (type == "error") // the envelope's, not the error's
            type.clear();
    });
}

bool looksLikeHtml(QByteArrayView body)
{
    const QByteArray head
        = body.first(std::min<qsizetype>(body.size(), 64)).toByteArray().toLower();
    return head.startsWith("<!doctype") || head.startsWith("<html") || head.startsWith("<head")
        || head.startsWith("<?xml");
}

QByteArray firstLine(QByteArrayView body)
{
    if (looksLikeHtml(body)) {
        const QByteArray page = body.toByteArray();
        const QByteArray lower = page.toLower();
        const qsizetype from = lower.indexOf("<title>");
        const qsizetype to = from < 0 ? -1 : lower.indexOf("</title>", from);
        return to < 0 ? QByteArrayLiteral("an HTML page")
                      : page.mid(from + 7, to - from - 7).trimmed();
    }
    const qsizetype end = body.indexOf('\n');
    return (end < 0 ? body : body.first(end)).toByteArray();
}

// Some vendors repeat the key they refuse.
QString maskKeys(QString text)
{
    static const QRegularExpression kKey(
        QStringLiteral("\\b((?:sk|pk|rk|gsk|xai|hf|r8|tg|key)[-_]|AIza|Bearer )"
                       "[A-Za-z0-9_\\-.*]{6,}"));
    return text.replace(kKey, QStringLiteral("\\1\u2026"));
}

QString plain(QByteArrayView utf8)
{
    QString text = QString::fromUtf8(utf8.first(std::min(utf8.size(), kReadAtMost)));
    for (QChar &c : text) {
        if (c.category() == QChar::Other_Control)
            c = QLatin1Char(' ');
    }
    text = maskKeys(text.simplified());
    while (text.toUtf8().size() > kLongestMessage)
        text.chop(std::max<qsizetype>(1, (text.toUtf8().size() - kLongestMessage) / 4));
    return text;
}

// "34.4s", "1m30s", "250ms", "12 seconds"; -1 where there is none.
int waitIn(const QString &text)
{
    static const QRegularExpression kPart(
        QStringLiteral("\\G\\s*(\\d{1,9}(?:\\.\\d{1,9})?)\\s*(ms|milliseconds?|h(?:ours?)?|"
                       "m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)(?![a-z])"),
        QRegularExpression::CaseInsensitiveOption);
    double seconds = 0;
    qsizetype at = 0;
    bool found = false;
    for (;;) {
        const auto part = kPart.match(text, at);
        if (!part.hasMatch())
            break;
        // "6m0s": the lookahead wants no letter behind a unit, digits may follow.
        found = true;
        at = part.capturedEnd();
        const QString unit = part.captured(2).toLower();
        const double factor
            = unit.startsWith(QLatin1String("ms")) || unit.startsWith(QLatin1String("milli"))
            ? 0.001
            : (unit.startsWith(QLatin1Char('h')) ? 3600
                                                 : (unit.startsWith(QLatin1Char('m')) ? 60 : 1));
        seconds += part.captured(1).toDouble() * factor;
    }
    return found ? static_cast<int>(std::min(std::ceil(seconds), double(kLongestWait))) : -1;
}

int waitInProse(const QString &message)
{
    static const QRegularExpression kAgain(
        QStringLiteral("(?:try again|retry|retry after)(?: in| after)?[: ]+"),
        QRegularExpression::CaseInsensitiveOption);
    auto matches = kAgain.globalMatch(message);
    while (matches.hasNext()) {
        const int wait = waitIn(message.mid(matches.next().capturedEnd()));
        if (wait >= 0)
            return wait;
    }
    return -1;
}

bool mentions(const VendorError &said, std::initializer_list<const char *> words)
{
    return std::any_of(words.begin(), words.end(), [&](const char *word) {
        return said.type.contains(word) || said.code.contains(word);
    });
}

// The status that a vendor would have sent had it not begun with a 200.
int impliedStatus(const VendorError &said)
{
    bool number = false;
    const int code = said.code.toInt(&number);
    if (number && code >= 400 && code < 600)
        return code;
    if (mentions(said, {"insufficient_quota", "billing"}))
        return 402;
    if (mentions(said, {"rate_limit", "RESOURCE_EXHAUSTED", "too_many"}))
        return 429;
    if (mentions(said, {"overloaded", "UNAVAILABLE", "unavailable"}))
        return 503;
    if (mentions(said, {"timeout", "DEADLINE"}))
        return 504;
    if (mentions(said, {"authentication", "invalid_api_key", "permission", "UNAUTHENTICATED"}))
        return 401;
    if (mentions(said,
                 {"invalid_request", "INVALID_ARGUMENT", "invalid_prompt", "tool_use_failed"}))
        return 400;
    return 502;
}

ErrorKind kindFor(int status)
{
    switch (status) {
    case 400:
        return ErrorKind::InvalidRequest;
    case 404:
        return ErrorKind::NotFound;
    case 409:
        return ErrorKind::Conflict;
    case 413:
        return ErrorKind::TooLarge;
    case 415:
        return ErrorKind::UnsupportedMedia;
    case 422:
        return ErrorKind::Unprocessable;
    case 429:
        return ErrorKind::RateLimited;
    case 408:
    case 504:
    case 524:
        return ErrorKind::UpstreamTimeout;
    case 503:
    case 529:
        return ErrorKind::Unavailable;
    default:
        return ErrorKind::UpstreamFailed;
    }
}

} // namespace

VendorError readVendorError(QByteArrayView body)
{
    const QByteArrayView head = body.first(std::min<qsizetype>(body.size(), kReadAtMost)).trimmed();
    JsonReader reader(head);
    ErrorReader found(reader);
    VendorError error;
    const JsonType type = reader.type();
    if (type == JsonType::Object || type == JsonType::Array) {
        found.read();
        error.type = found.type.left(kLongestWord);
        error.code = found.code.left(kLongestWord);
        error.param = found.param.left(kLongestWord);
        error.message = plain(found.message);
    }
    if (error.message.isEmpty() && error.type.isEmpty() && error.code.isEmpty())
        error.message = plain(firstLine(head));
    error.retryAfterSeconds = waitIn(QString::fromUtf8(found.delay.left(kLongestWord)));
    if (error.retryAfterSeconds < 0)
        error.retryAfterSeconds = waitInProse(error.message);
    return error;
}

Error vendorFailure(int status, const VendorError &said)
{
    const int meant = status >= 300 ? status : impliedStatus(said);
    const QString words
        = said.message.isEmpty() ? QStringLiteral("it gave no reason") : said.message;
    Error error;
    error.kind = kindFor(meant);
    error.code = said.code;
    if (meant == 401 || meant == 403) {
        error.code = QByteArrayLiteral("provider_credential");
        error.message
            = QStringLiteral("The provider refused the channel's credential: %1").arg(words);
    } else if (meant == 402 || mentions(said, {"insufficient_quota", "billing"})) {
        error.kind = ErrorKind::UpstreamFailed;
        error.code = QByteArrayLiteral("provider_quota");
        error.message
            = QStringLiteral("The channel's account at the provider has no credit left: %1")
                  .arg(words);
    } else if (error.kind == ErrorKind::UpstreamFailed && meant < 400) {
        error.code = QByteArrayLiteral("provider_redirect");
        error.message
            = QStringLiteral("The provider answered with a redirect, which is not followed.");
    } else {
        error.message = QStringLiteral("The provider refused or failed: %1").arg(words);
        error.param = said.param;
    }
    if (error.kind == ErrorKind::RateLimited || error.kind == ErrorKind::Unavailable)
        error.retryAfterSeconds = said.retryAfterSeconds;
    return error;
}

} // namespace tollgate::protocol
