// SPDX-License-Identifier: GPL-3.0-or-later
#include "providers/serviceaccount.h"

#include "core/base/jsonwriter.h"
#include "core/base/secret.h"
#include "core/protocol/jsontree.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <memory>

namespace tollgate::providers {
namespace {

// The second and third stand in older files.
constexpr std::array<QByteArrayView, 3> kTokenUris{
    "https://oauth2.googleapis.com/token",
    "https://accounts.google.com/o/oauth2/token",
    "https://www.googleapis.com/oauth2/v4/token",
};
constexpr char kScope[] = "https://www.googleapis.com/auth/cloud-platform";
constexpr char kGrant[] = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::int64_t kAssertionLifeS = 3'600; // the longest that Google accepts
constexpr std::int64_t kShortestLifeS = 60;
constexpr std::int64_t kLongestLifeS = 86'400;
constexpr qsizetype kLongestToken = 8'192;

using protocol::JsonTree;
using protocol::JsonValue;

tl::unexpected<Error> unusable(const QString &why)
{
    return failure(ErrorKind::Unavailable, why, "provider_key");
}

struct BioCloser
{
    void operator()(BIO *bio) const { BIO_free(bio); }
};
struct KeyFreer
{
    void operator()(EVP_PKEY *key) const { EVP_PKEY_free(key); }
};
struct DigestFreer
{
    void operator()(EVP_MD_CTX *digest) const { EVP_MD_CTX_free(digest); }
};

// A file never asks for a passphrase on a terminal.
int noPassphrase(char *, int, int, void *)
{
    return 0;
}

QByteArray base64Url(QByteArrayView bytes)
{
    return bytes.toByteArray().toBase64(QByteArray::Base64UrlEncoding
                                        | QByteArray::OmitTrailingEquals);
}

Result<QByteArray> assertion(const JsonValue &file, const QByteArray &uri, std::int64_t nowS)
{
    const QByteArray email = file["client_email"].string();
    QByteArray pem = file["private_key"].string();
    if (email.isEmpty() || pem.isEmpty()) {
        return unusable(
            QStringLiteral("The service-account file lacks its client_email or private_key; "
                           "download the key again and give the whole file."));
    }
    JsonWriter header;
    header.beginObject().member("alg", "RS256").member("typ", "JWT");
    if (const QByteArray id = file["private_key_id"].string(); !id.isEmpty())
        header.member("kid", id);
    header.endObject();
    JsonWriter claims;
    claims.beginObject().member("iss", email).member("scope", kScope).member("aud", uri);
    claims.member("iat", nowS).member("exp", nowS + kAssertionLifeS).endObject();
    const QByteArray signedPart = base64Url(header.bytes()) + '.' + base64Url(claims.bytes());
    auto signature = signRs256(signedPart, pem);
    wipe(pem);
    if (!signature)
        return failure(std::move(signature.error()));
    return signedPart + '.' + base64Url(*signature);
}

Result<QByteArray> refreshForm(const JsonValue &file)
{
    QByteArray form = "grant_type=refresh_token";
    for (const char *name : {"client_id", "client_secret", "refresh_token"}) {
        const QByteArray value = file[name].string();
        if (value.isEmpty()) {
            return unusable(
                QStringLiteral("The credentials file lacks its %1; log in with gcloud again "
                               "and give the whole file.")
                    .arg(QLatin1String(name)));
        }
        form += '&' + QByteArray(name) + '=' + value.toPercentEncoding();
    }
    return form;
}

Result<QByteArray> formOf(const JsonValue &file, const QByteArray &uri, std::int64_t nowS)
{
    const QByteArray type = file["type"].string();
    if (type == "authorized_user")
        return refreshForm(file);
    if (type != "service_account") {
        return unusable(QStringLiteral("The key is a credentials file of the type \u201c%1\u201d; "
                                       "give a service-account key, or an API key.")
                            .arg(QString::fromUtf8(type.left(64))));
    }
    auto signedClaims = assertion(file, uri, nowS);
    if (!signedClaims)
        return failure(std::move(signedClaims.error()));
    return "grant_type=" + QByteArray(kGrant).toPercentEncoding() + "&assertion=" + *signedClaims;
}

} // namespace

bool isCredentialFile(QByteArrayView key)
{
    return key.trimmed().startsWith('{');
}

QByteArray projectOf(QByteArrayView file)
{
    const auto tree = JsonTree::parse(file);
    return tree ? tree->root()["project_id"].string() : QByteArray();
}

Result<QByteArray> tokenUri(QByteArrayView file, QByteArrayView named)
{
    if (!named.isEmpty())
        return named.toByteArray();
    const auto tree = JsonTree::parse(file);
    if (!tree) {
        return unusable(QStringLiteral("The key looks like a credentials file but is not whole; "
                                       "give the file again as it was downloaded."));
    }
    const QByteArray own = tree->root()["token_uri"].string();
    if (own.isEmpty())
        return kTokenUris.front().toByteArray();
    if (std::find(kTokenUris.begin(), kTokenUris.end(), own) == kTokenUris.end()) {
        return unusable(QStringLiteral("The credentials file wants to be exchanged at %1, which is "
                                       "not Google's; if that is meant, name it with the channel "
                                       "option token_uri.")
                            .arg(QString::fromUtf8(own.left(256))));
    }
    return own;
}

Result<upstream::Request> tokenRequest(QByteArrayView file, const QByteArray &uri,
                                       std::int64_t nowS)
{
    const auto tree = JsonTree::parse(file);
    if (!tree)
        return unusable(QStringLiteral("The credentials file is not JSON; give it again."));
    auto form = formOf(tree->root(), uri, nowS);
    if (!form)
        return failure(std::move(form.error()));
    upstream::Request request;
    request.url = uri;
    request.headers
        = {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}};
    request.body = std::move(*form);
    return request;
}

Result<AccessToken> readAccessToken(int status, QByteArrayView body)
{
    const auto tree = JsonTree::parse(body);
    if (status != 200 || !tree) {
        QString said = QString::number(status);
        if (tree) {
            const QByteArray error = tree->root()["error"].string();
            const QByteArray why = tree->root()["error_description"].string();
            for (const QByteArray &word : {error, why}) {
                if (!word.isEmpty())
                    said += QStringLiteral(", ") + QString::fromUtf8(word.left(200));
            }
        }
        return failure(
            ErrorKind::UpstreamFailed,
            QStringLiteral("The token server gave no access token (%1); check that the key was "
                           "not deleted and that this machine's clock is right.")
                .arg(said),
            "token_refused");
    }
    AccessToken token;
    token.text = tree->root()["access_token"].string();
    token.lifeS = std::clamp(tree->root()["expires_in"].integer().value_or(kAssertionLifeS),
                             kShortestLifeS, kLongestLifeS);
    const bool sendable = !token.text.isEmpty() && token.text.size() <= kLongestToken
        && std::all_of(token.text.cbegin(), token.text.cend(),
                       [](char c) { return c > 0x20 && c < 0x7F; });
    if (!sendable) {
        return failure(ErrorKind::UpstreamFailed,
                       QStringLiteral("The token server's answer holds no access token that could "
                                      "be sent; check the channel option token_uri."),
                       "token_refused");
    }
    return token;
}

Result<QByteArray> signRs256(QByteArrayView signedPart, QByteArrayView privateKeyPem)
{
    const std::unique_ptr<BIO, BioCloser> pem(
        BIO_new_mem_buf(privateKeyPem.data(), static_cast<int>(privateKeyPem.size())));
    const std::unique_ptr<EVP_PKEY, KeyFreer> key(
        pem ? PEM_read_bio_PrivateKey(pem.get(), nullptr, noPassphrase, nullptr) : nullptr);
    const std::unique_ptr<EVP_MD_CTX, DigestFreer> digest(EVP_MD_CTX_new());
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || !digest) {
        return unusable(QStringLiteral("The service-account file's private_key is no RSA key that "
                                       "can be read; download the key again."));
    }
    const auto *bytes = reinterpret_cast<const unsigned char *>(signedPart.data());
    const auto length = static_cast<std::size_t>(signedPart.size());
    std::size_t size = 0;
    if (EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1
        || EVP_DigestSign(digest.get(), nullptr, &size, bytes, length) != 1)
        return unusable(QStringLiteral("The service account's private key cannot sign."));
    QByteArray signature(static_cast<qsizetype>(size), Qt::Uninitialized);
    if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char *>(signature.data()), &size,
                       bytes, length)
        != 1)
        return unusable(QStringLiteral("The service account's private key cannot sign."));
    signature.truncate(static_cast<qsizetype>(size));
    return signature;
}

} // namespace tollgate::providers
