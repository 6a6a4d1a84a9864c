// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/tlsconfig.h"

#include <QSslCertificate>
#include <QSslKey>
#include <QSslSocket>

namespace tollgate::http {

Result<QSslConfiguration> serverTls(const QByteArray &certificatePem,
                                    const QByteArray &privateKeyPem)
{
    if (!QSslSocket::supportsSsl())
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("TLS is not available: Qt finds no TLS library."));
    const QList<QSslCertificate> chain = QSslCertificate::fromData(certificatePem, QSsl::Pem);
    if (chain.isEmpty() || chain.first().isNull())
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("The certificate file holds no certificate in PEM form."));
    QSslKey key(privateKeyPem, QSsl::Rsa, QSsl::Pem);
    if (key.isNull())
        key = QSslKey(privateKeyPem, QSsl::Ec, QSsl::Pem);
    if (key.isNull())
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("The key file holds no RSA or EC private key in PEM form, or "
                                      "the key has a passphrase."));
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setLocalCertificateChain(chain);
    tls.setPrivateKey(key);
    tls.setProtocol(QSsl::TlsV1_2OrLater);
    tls.setPeerVerifyMode(QSslSocket::VerifyNone);
    tls.setAllowedNextProtocols({QByteArrayLiteral("http/1.1")});
    return tls;
}

} // namespace tollgate::http
