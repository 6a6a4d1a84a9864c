// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/access/access.h"

namespace tollgate::access {
namespace {

constexpr QByteArrayView kKeyCarriers[] = {"x-api-key", "x-goog-api-key", "api-key"};

// The credential of a "Bearer" value; nullopt for another scheme.
std::optional<QByteArrayView> bearerOf(QByteArrayView authorization)
{
    constexpr QByteArrayView kScheme = "bearer";
    const QByteArrayView value = authorization.trimmed();
    if (value.size() < kScheme.size() || !sameName(value.first(kScheme.size()), kScheme))
        return std::nullopt;
    const QByteArrayView rest = value.sliced(kScheme.size());
    if (!rest.isEmpty() && rest.front() != ' ' && rest.front() != '\t')
        return std::nullopt;
    return rest.trimmed();
}

// Collects carriers and notices when two of them disagree.
class Findings
{
public:
    void add(QByteArrayView value)
    {
        if (value.isEmpty())
            return;
        if (m_value.isEmpty())
            m_value = value.toByteArray();
        else if (value != QByteArrayView(m_value))
            m_conflict = true;
    }
    void addUnknownScheme() { m_unknownScheme = true; }

    [[nodiscard]] Result<QByteArray> result()
    {
        if (m_conflict || (m_unknownScheme && !m_value.isEmpty())) {
            return failure(ErrorKind::InvalidRequest,
                           QStringLiteral("The request carries two different credentials; send the "
                                          "token in one header only."),
                           "conflicting_credentials");
        }
        if (m_unknownScheme) {
            return failure(
                ErrorKind::Unauthenticated,
                QStringLiteral("The Authorization header must be \u201cBearer\u201d and a "
                               "Tollgate token."),
                "missing_token");
        }
        if (m_value.isEmpty()) {
            return failure(
                ErrorKind::Unauthenticated,
                QStringLiteral("No token was sent; put a Tollgate token where the API key "
                               "goes."),
                "missing_token");
        }
        return std::move(m_value);
    }

private:
    QByteArray m_value;
    bool m_conflict = false;
    bool m_unknownScheme = false;
};

void addFromQuery(Findings &findings, QByteArrayView query)
{
    constexpr QByteArrayView kName = "key=";
    while (!query.isEmpty()) {
        const qsizetype end = query.indexOf('&');
        const QByteArrayView pair = end < 0 ? query : query.first(end);
        query = end < 0 ? QByteArrayView() : query.sliced(end + 1);
        if (pair.startsWith(kName))
            findings.add(QByteArray::fromPercentEncoding(pair.sliced(kName.size()).toByteArray()));
    }
}

} // namespace

Result<QByteArray> findCredential(const Headers &headers, QByteArrayView query, bool allowQuery)
{
    Findings findings;
    for (const Header &field : headers) {
        if (sameName(field.name, "authorization")) {
            if (const auto bearer = bearerOf(field.value))
                findings.add(*bearer);
            else if (!QByteArrayView(field.value).trimmed().isEmpty())
                findings.addUnknownScheme();
            continue;
        }
        for (const QByteArrayView carrier : kKeyCarriers) {
            if (sameName(field.name, carrier))
                findings.add(QByteArrayView(field.value).trimmed());
        }
    }
    if (allowQuery)
        addFromQuery(findings, query);
    return findings.result();
}

} // namespace tollgate::access
