// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/upstream/failure.h"

namespace tollgate::upstream {
namespace {

Failure because(FailureKind kind, const QString &what, const char *detail)
{
    QString sentence = what;
    const QString reason = QString::fromUtf8(detail).trimmed();
    if (!reason.isEmpty())
        sentence += QStringLiteral(": ") + reason;
    if (!sentence.endsWith(u'.'))
        sentence += u'.';
    return {kind, sentence};
}

bool isTls(CURLcode code)
{
    switch (code) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_CLIENTCERT:
        return true;
    default:
        return false;
    }
}

Failure beforeConnected(CURLcode code, const char *detail)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return because(FailureKind::Resolve,
                       QStringLiteral("The provider's name could not be resolved"), detail);
    case CURLE_COULDNT_RESOLVE_PROXY:
        return because(FailureKind::Resolve,
                       QStringLiteral("The proxy's name could not be resolved"), detail);
    case CURLE_OPERATION_TIMEDOUT:
        return timedOut(FailureKind::ConnectTimeout);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
        return {FailureKind::Denied, QStringLiteral("The channel's URL cannot be used.")};
    default:
        break;
    }
    if (isTls(code))
        return because(FailureKind::Tls,
                       QStringLiteral("No trusted TLS connection to the provider"), detail);
    return because(FailureKind::Connect, QStringLiteral("The connection to the provider failed"),
                   detail);
}

bool isNotHttp(CURLcode code)
{
    if (code == CURLE_OUT_OF_MEMORY) // also what libcurl calls a header line beyond its own cap
        return true;
    return code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UNSUPPORTED_PROTOCOL;
}

} // namespace

std::optional<Failure> explain(CURLcode code, Stage stage, const char *detail)
{
    if (stage == Stage::Connecting)
        return beforeConnected(code, detail);
    if (code == CURLE_BAD_CONTENT_ENCODING)
        return Failure{FailureKind::Decode,
                       QStringLiteral("The provider's answer is compressed in a broken or unknown "
                                      "way.")};
    if (stage == Stage::Waiting) {
        if (isNotHttp(code))
            return Failure{FailureKind::Protocol,
                           QStringLiteral("The provider's answer is not valid HTTP.")};
        return Failure{FailureKind::Dropped,
                       QStringLiteral("The provider closed the connection before answering.")};
    }
    if (code == CURLE_OK)
        return std::nullopt;
    if (isNotHttp(code))
        return Failure{FailureKind::Protocol,
                       QStringLiteral("The provider's answer is not valid HTTP.")};
    return Failure{FailureKind::Truncated,
                   QStringLiteral("The provider's answer broke off before its end.")};
}

Failure timedOut(FailureKind kind)
{
    switch (kind) {
    case FailureKind::ConnectTimeout:
        return {kind, QStringLiteral("No connection to the provider in time.")};
    case FailureKind::FirstByteTimeout:
        return {kind, QStringLiteral("The provider did not begin to answer in time.")};
    case FailureKind::IdleTimeout:
        return {kind, QStringLiteral("The provider fell silent in the middle of its answer.")};
    default:
        return {FailureKind::TotalTimeout,
                QStringLiteral("The provider's answer took longer than allowed.")};
    }
}

} // namespace tollgate::upstream
