// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/relay/upstreamerror.h"

#include <QDateTime>
#include <QLocale>
#include <QTimeZone>

#include <algorithm>
#include <array>

namespace tollgate::relay {
namespace {

constexpr int kMaxRetryAfterS = 3'600;
constexpr std::int64_t kUsPerS = 1'000'000;

Error make(ErrorKind kind, QString message, const char *code)
{
    Error error;
    error.kind = kind;
    error.message = std::move(message);
    error.code = code;
    return error;
}

} // namespace

Error errorOf(const upstream::Failure &failed, const QString &channel)
{
    using Kind = upstream::FailureKind;
    const QString what = QStringLiteral("Channel \u201c%1\u201d: %2").arg(channel, failed.message);
    switch (failed.kind) {
    case Kind::ConnectTimeout:
        return make(ErrorKind::UpstreamTimeout, what, "connect_timeout");
    case Kind::FirstByteTimeout:
        return make(ErrorKind::UpstreamTimeout, what, "first_byte_timeout");
    case Kind::IdleTimeout:
        return make(ErrorKind::UpstreamTimeout, what, "idle_timeout");
    case Kind::TotalTimeout:
        return make(ErrorKind::UpstreamTimeout, what, "total_timeout");
    case Kind::Denied:
        return make(ErrorKind::UpstreamFailed, what, "address_denied");
    case Kind::Resolve:
        return make(ErrorKind::UpstreamFailed, what, "resolve_failed");
    case Kind::Connect:
        return make(ErrorKind::UpstreamFailed, what, "connect_failed");
    case Kind::Tls:
        return make(ErrorKind::UpstreamFailed, what, "tls_failed");
    case Kind::Dropped:
        return make(ErrorKind::UpstreamFailed, what, "outcome_unknown");
    case Kind::Truncated:
        return make(ErrorKind::UpstreamFailed, what, "truncated");
    case Kind::TooLarge:
        return make(ErrorKind::UpstreamFailed, what, "answer_too_large");
    case Kind::Decode:
        return make(ErrorKind::UpstreamFailed, what, "bad_encoding");
    case Kind::Protocol:
        return make(ErrorKind::UpstreamFailed, what, "bad_answer");
    case Kind::Cancelled:
        return make(ErrorKind::ClientGone, what, "cancelled");
    }
    return make(ErrorKind::UpstreamFailed, what, "upstream_failed");
}

int retryAfterSeconds(QByteArrayView value, std::int64_t nowUs)
{
    value = value.trimmed();
    if (value.isEmpty())
        return -1;
    bool isNumber = false;
    const double seconds = value.toByteArray().toDouble(&isNumber);
    if (isNumber) {
        if (!(seconds >= 0))
            return -1;
        return static_cast<int>(std::min<double>(seconds + 0.999, kMaxRetryAfterS));
    }
    const QDateTime date = QLocale::c().toDateTime(
        QString::fromLatin1(value), QStringLiteral("ddd, dd MMM yyyy HH:mm:ss 'GMT'"));
    if (!date.isValid())
        return -1;
    QDateTime utc = date;
    utc.setTimeZone(QTimeZone::utc());
    const std::int64_t wait = utc.toSecsSinceEpoch() - nowUs / kUsPerS;
    return static_cast<int>(std::clamp<std::int64_t>(wait, 0, kMaxRetryAfterS));
}

Error errorOf(int status, const protocol::VendorError &vendor, QByteArrayView retryAfter,
              const QString &channel, std::int64_t nowUs)
{
    const QString said
        = vendor.message.isEmpty() ? QStringLiteral("no explanation given") : vendor.message;
    const QString what = QStringLiteral("Channel \u201c%1\u201d answered %2: %3")
                             .arg(channel, QString::number(status), said);
    Error error;
    switch (blamesChannel(vendor) && isClientsFault(status) ? 401 : status) {
    case 400:
    case 422:
        error = make(ErrorKind::InvalidRequest, what, "provider_refused");
        break;
    case 401:
    case 403:
        error = make(ErrorKind::UpstreamFailed, what, "provider_credential");
        break;
    case 404:
        error = make(ErrorKind::NotFound, what, "provider_not_found");
        break;
    case 408:
    case 504:
        error = make(ErrorKind::UpstreamTimeout, what, "provider_timeout");
        break;
    case 413:
        error = make(ErrorKind::TooLarge, what, "provider_refused");
        break;
    case 429:
        error = make(ErrorKind::RateLimited, what, "provider_rate_limited");
        break;
    case 503:
    case 529:
        error = make(ErrorKind::Unavailable, what, "provider_overloaded");
        break;
    default:
        error = make(ErrorKind::UpstreamFailed, what, "provider_failed");
    }
    if (error.kind == ErrorKind::RateLimited || error.kind == ErrorKind::Unavailable) {
        const int header = retryAfterSeconds(retryAfter, nowUs);
        error.retryAfterSeconds = header >= 0 ? header : vendor.retryAfterSeconds;
        error.retryAfterSeconds = std::min(error.retryAfterSeconds, kMaxRetryAfterS);
    }
    return error;
}

void noteFailure(routing::Health &health, std::int64_t keyId, const routing::AttemptFailure &failed,
                 int retryAfter)
{
    if (failed.status == 429)
        health.rateLimited(keyId, retryAfter);
    else if (failed.status == 401 || failed.status == 402 || failed.status == 403
             || failed.blamesChannel)
        health.rejected(keyId);
    else if (!failed.answered || failed.status >= 500 || failed.status < 300)
        health.failed(keyId);
}

bool blamesChannel(const protocol::VendorError &vendor)
{
    // Codes of OpenAI, Anthropic, Google and Alibaba.
    static constexpr std::array<QByteArrayView, 10> kCodes{
        "invalid_api_key",     "API_KEY_INVALID",    "authentication_error",
        "billing_error",       "insufficient_quota", "billing_hard_limit_reached",
        "account_deactivated", "billing_not_active", "Arrearage",
        "InvalidApiKey"};
    // From the beginning only: further on a message may quote what the client wrote.
    static constexpr std::array<QByteArrayView, 6> kBeginnings{
        "your credit balance is too low",
        "api key not valid",
        "api key expired",
        "this organization has been disabled",
        "your account is not active",
        "insufficient balance"};
    const auto among = [](const auto &list, const auto &test) {
        return std::any_of(list.begin(), list.end(), test);
    };
    const QByteArray said = vendor.message.toUtf8().toLower();
    return among(kCodes,
                 [&](QByteArrayView code) { return vendor.code == code || vendor.type == code; })
        || among(kBeginnings, [&](QByteArrayView words) { return said.startsWith(words); });
}

bool isClientsFault(int status)
{
    return status == 400 || status == 409 || status == 413 || status == 422;
}

} // namespace tollgate::relay
