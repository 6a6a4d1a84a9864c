// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/mailbox.h"
#include "core/secrets/secrets.h"

#include <QtGlobal>

#include <algorithm>

namespace tollgate::secrets {
namespace {

// POSIX 8.1: letters, digits and underscores, not beginning with a digit.
bool isVariableName(QByteArrayView name)
{
    const auto isWord = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
            || c == '_';
    };
    return !name.isEmpty() && name.size() <= 256 && (name.front() < '0' || name.front() > '9')
        && std::all_of(name.begin(), name.end(), isWord);
}

Lookup lookUp(const QByteArray &name)
{
    Lookup lookup;
    if (!isVariableName(name)) {
        lookup.detail = QStringLiteral("\u201c%1\u201d is not the name of an environment variable.")
                            .arg(QString::fromUtf8(name));
        return lookup;
    }
    QByteArray value = qgetenv(name.constData());
    if (value.isEmpty()) {
        lookup.detail = QStringLiteral("The environment variable %1 is not set for this program.")
                            .arg(QString::fromLatin1(name));
        return lookup;
    }
    lookup.state = KeyState::Present;
    lookup.secret = std::make_shared<const Secret>(value);
    wipe(value);
    return lookup;
}

class Environment final : public SecretStore
{
public:
    void read(const QByteArray &reference, std::function<void(Lookup)> done, Asking) override
    {
        m_answers.post([reference, done = std::move(done)] { done(lookUp(reference)); });
    }
    void write(const QByteArray &, Secret, std::function<void(Result<void>)> done) override
    {
        refuse(std::move(done));
    }
    void remove(const QByteArray &, std::function<void(Result<void>)> done) override
    {
        refuse(std::move(done));
    }

private:
    void refuse(std::function<void(Result<void>)> done)
    {
        m_answers.post([done = std::move(done)] {
            done(failure(
                ErrorKind::InvalidRequest,
                QStringLiteral("Tollgate only reads environment variables; set the key where "
                               "the program is started."),
                "read_only"));
        });
    }

    Mailbox m_answers;
};

} // namespace

std::unique_ptr<SecretStore> openEnvironment()
{
    return std::make_unique<Environment>();
}

} // namespace tollgate::secrets
