// SPDX-License-Identifier: GPL-3.0-or-later
// A service account made for one run of a test: nothing of it is worth keeping secret.
#pragma once

#include "core/base/jsonwriter.h"

#include <QByteArray>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace tollgate::test {

class TestKey
{
public:
    TestKey()
        : m_key(EVP_RSA_gen(2048))
    {
    }
    ~TestKey() { EVP_PKEY_free(m_key); }
    TestKey(const TestKey &) = delete;
    TestKey &operator=(const TestKey &) = delete;

    [[nodiscard]] QByteArray pem() const
    {
        BIO *const out = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(out, m_key, nullptr, nullptr, 0, nullptr, nullptr);
        char *text = nullptr;
        const long length = BIO_get_mem_data(out, &text);
        const QByteArray pem(text, length);
        BIO_free(out);
        return pem;
    }
    [[nodiscard]] bool verifies(const QByteArray &bytes, const QByteArray &signature) const
    {
        EVP_MD_CTX *const digest = EVP_MD_CTX_new();
        const auto *text = reinterpret_cast<const unsigned char *>(bytes.constData());
        const bool good = EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, m_key) == 1
            && EVP_DigestVerify(digest,
                                reinterpret_cast<const unsigned char *>(signature.constData()),
                                std::size_t(signature.size()), text, std::size_t(bytes.size()))
                == 1;
        EVP_MD_CTX_free(digest);
        return good;
    }
    [[nodiscard]] QByteArray file(const QByteArray &tokenUri = {},
                                  const QByteArray &email = "robot@p-1.example") const
    {
        JsonWriter out;
        out.beginObject().member("type", "service_account").member("project_id", "p-1");
        out.member("private_key_id", "kid-1").member("private_key", pem());
        out.member("client_email", email);
        if (!tokenUri.isEmpty())
            out.member("token_uri", tokenUri);
        out.endObject();
        return out.take();
    }

private:
    EVP_PKEY *m_key;
};

} // namespace tollgate::test
