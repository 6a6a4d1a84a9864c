// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/sigv4.h"

#include "core/base/secret.h"

#include <QDateTime>
#include <QTimeZone>

#include <sodium.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace tollgate::providers {
namespace {

QByteArray sha256(QByteArrayView bytes)
{
    QByteArray hash(crypto_hash_sha256_BYTES, Qt::Uninitialized);
    crypto_hash_sha256(reinterpret_cast<unsigned char *>(hash.data()),
                       reinterpret_cast<const unsigned char *>(bytes.data()),
                       static_cast<unsigned long long>(bytes.size()));
    return hash.toHex();
}

QByteArray hmac(QByteArrayView key, QByteArrayView bytes)
{
    QByteArray tag(crypto_auth_hmacsha256_BYTES, Qt::Uninitialized);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, reinterpret_cast<const unsigned char *>(key.data()),
                                static_cast<std::size_t>(key.size()));
    crypto_auth_hmacsha256_update(&state, reinterpret_cast<const unsigned char *>(bytes.data()),
                                  static_cast<unsigned long long>(bytes.size()));
    crypto_auth_hmacsha256_final(&state, reinterpret_cast<unsigned char *>(tag.data()));
    sodium_memzero(&state, sizeof state);
    return tag;
}

struct Target
{
    QByteArray host;
    QByteArray path;
    QByteArray query;
};

Target split(QByteArrayView url)
{
    Target target;
    const qsizetype scheme = url.indexOf("://");
    QByteArrayView rest = scheme < 0 ? url : url.sliced(scheme + 3);
    const qsizetype slash = rest.indexOf('/');
    target.host = (slash < 0 ? rest : rest.first(slash)).toByteArray();
    rest = slash < 0 ? QByteArrayView("/") : rest.sliced(slash);
    const qsizetype question = rest.indexOf('?');
    const QByteArrayView path = question < 0 ? rest : rest.first(question);
    target.path = path.toByteArray().toPercentEncoding("/");
    if (question >= 0)
        target.query = rest.sliced(question + 1).toByteArray();
    return target;
}

QByteArray canonicalQuery(const QByteArray &query)
{
    if (query.isEmpty())
        return {};
    std::vector<std::pair<QByteArray, QByteArray>> fields;
    for (const QByteArray &field : query.split('&')) {
        const qsizetype equals = field.indexOf('=');
        fields.emplace_back(equals < 0 ? field : field.first(equals),
                            equals < 0 ? QByteArray() : field.sliced(equals + 1));
    }
    std::sort(fields.begin(), fields.end());
    QByteArrayList joined;
    for (const auto &[name, value] : fields)
        joined.append(name + '=' + value);
    return joined.join('&');
}

struct SignedFields
{
    QByteArray canonical; // "name:value\n" each
    QByteArray names; // "a;b"
};

SignedFields fieldsToSign(const Headers &headers, const QByteArray &host)
{
    std::vector<std::pair<QByteArray, QByteArray>> fields{{"host", host}};
    for (const Header &field : headers) {
        const QByteArray name = field.name.toLower();
        if (name == "content-type" || name.startsWith("x-amz-"))
            fields.emplace_back(name, field.value.simplified());
    }
    std::sort(fields.begin(), fields.end());
    SignedFields out;
    for (const auto &[name, value] : fields) {
        out.canonical += name + ':' + value + '\n';
        out.names += (out.names.isEmpty() ? "" : ";") + name;
    }
    return out;
}

} // namespace

std::optional<AwsCredentials> readAwsCredentials(QByteArrayView key)
{
    const char between = key.contains('|') ? '|' : ':';
    const QByteArrayList parts = key.toByteArray().split(between);
    if (parts.size() < 2 || parts.size() > 3 || parts[0].isEmpty() || parts[1].isEmpty())
        return {};
    return AwsCredentials{parts[0], parts[1], parts.value(2)};
}

void signV4(Headers &headers, QByteArrayView method, QByteArrayView url, QByteArrayView body,
            const AwsCredentials &credentials, const SigningScope &scope)
{
    const QByteArray time = QDateTime::fromSecsSinceEpoch(scope.nowS, QTimeZone::utc())
                                .toString(QStringLiteral("yyyyMMdd'T'HHmmss'Z'"))
                                .toLatin1();
    const QByteArray day = time.first(8);
    headers.set("x-amz-date", time);
    if (!credentials.sessionToken.isEmpty())
        headers.set("x-amz-security-token", credentials.sessionToken);

    const Target target = split(url);
    const SignedFields fields = fieldsToSign(headers, target.host);
    const QByteArray request = method.toByteArray() + '\n' + target.path + '\n'
        + canonicalQuery(target.query) + '\n' + fields.canonical + '\n' + fields.names + '\n'
        + sha256(body);
    const QByteArray place = day + '/' + scope.region + '/' + scope.service + "/aws4_request";
    const QByteArray toSign = "AWS4-HMAC-SHA256\n" + time + '\n' + place + '\n' + sha256(request);

    QByteArray key = "AWS4" + credentials.secret;
    for (const QByteArray &step :
         {day, scope.region, scope.service, QByteArrayLiteral("aws4_request")}) {
        QByteArray next = hmac(key, step);
        wipe(key);
        key = std::move(next);
    }
    const QByteArray signature = hmac(key, toSign).toHex();
    wipe(key);
    headers.set("authorization",
                "AWS4-HMAC-SHA256 Credential=" + credentials.id + '/' + place
                    + ", SignedHeaders=" + fields.names + ", Signature=" + signature);
}

} // namespace tollgate::providers
