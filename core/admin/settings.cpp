// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/settings.h"

#include "core/admin/settingtable.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace tollgate::admin {
namespace {

tl::unexpected<Error> invalid(const SettingSpec &spec, const QString &sentence)
{
    Error error;
    error.kind = ErrorKind::InvalidRequest;
    error.code = "invalid_value";
    error.param = spec.name;
    error.message = QStringLiteral("The setting %1 %2.").arg(QLatin1String(spec.name), sentence);
    return failure(std::move(error));
}

QStringList choicesOf(const SettingSpec &spec)
{
    return QString::fromLatin1(spec.choices).split(u'|');
}

Result<QByteArray> canonicalBoolean(const SettingSpec &spec, const QJsonValue &value)
{
    const QString text = value.toString().toLower();
    if (value.isBool())
        return value.toBool() ? QByteArrayLiteral("true") : QByteArrayLiteral("false");
    if (text == u"true" || text == u"on" || text == u"yes")
        return QByteArrayLiteral("true");
    if (text == u"false" || text == u"off" || text == u"no")
        return QByteArrayLiteral("false");
    return invalid(spec, QStringLiteral("is true or false"));
}

Result<QByteArray> canonicalInteger(const SettingSpec &spec, const QJsonValue &value)
{
    bool whole = false;
    std::int64_t number = 0;
    if (value.isDouble()) {
        constexpr std::int64_t kFraction = std::numeric_limits<std::int64_t>::min();
        number = value.toInteger(kFraction);
        whole = number != kFraction;
    } else {
        number = value.toString().toLatin1().toLongLong(&whole);
    }
    if (!whole || number < spec.least || number > spec.most) {
        return invalid(
            spec,
            QStringLiteral("is a whole number from %1 to %2%3%4")
                .arg(spec.least)
                .arg(spec.most)
                .arg(*spec.unit ? QStringLiteral(" ") : QString(), QLatin1String(spec.unit)));
    }
    return QByteArray::number(qlonglong{number});
}

Result<QByteArray> canonicalText(const SettingSpec &spec, const QJsonValue &value)
{
    constexpr qsizetype kLongest = 4'096;
    const QString text = value.toString().trimmed();
    if (!value.isString() || text.toUtf8().size() > kLongest || !text.isValidUtf16())
        return invalid(spec, QStringLiteral("is a text of at most 4096 bytes"));
    for (const QChar c : text) {
        if (c.category() == QChar::Other_Control)
            return invalid(spec, QStringLiteral("contains control characters"));
    }
    if (!text.isEmpty() && spec.check) {
        if (const QString wrong = spec.check(text); !wrong.isEmpty())
            return invalid(spec, wrong);
    }
    return text.toUtf8();
}

Result<QByteArray> canonicalList(const SettingSpec &spec, const QJsonValue &value)
{
    constexpr qsizetype kMost = 100;
    QStringList entries;
    if (value.isString()) {
        entries = value.toString().split(u',', Qt::SkipEmptyParts);
    } else if (value.isArray()) {
        for (const QJsonValue &entry : value.toArray())
            entries.append(entry.toString());
    } else {
        return invalid(spec, QStringLiteral("is a list of texts"));
    }
    if (entries.size() > kMost)
        return invalid(spec, QStringLiteral("holds at most 100 entries"));
    QByteArrayList canonical;
    for (const QString &entry : entries) {
        const QString text = entry.trimmed();
        if (text.isEmpty() || text.contains(u','))
            return invalid(spec, QStringLiteral("holds an entry that is empty or has a comma"));
        const auto checked = canonicalText(spec, text);
        if (!checked)
            return failure(checked.error());
        if (!canonical.contains(*checked))
            canonical.append(*checked);
    }
    return canonical.join(',');
}

} // namespace

std::span<const SettingSpec> settingSpecs()
{
    return settingTable();
}

const SettingSpec *findSetting(const QString &name)
{
    for (const SettingSpec &spec : settingTable()) {
        if (name == QLatin1String(spec.name))
            return &spec;
    }
    return nullptr;
}

Result<QByteArray> canonicalSetting(const SettingSpec &spec, const QJsonValue &value)
{
    switch (spec.type) {
    case SettingType::Boolean:
        return canonicalBoolean(spec, value);
    case SettingType::Integer:
        return canonicalInteger(spec, value);
    case SettingType::List:
        return canonicalList(spec, value);
    case SettingType::Text:
        return canonicalText(spec, value);
    case SettingType::Choice:
        if (choicesOf(spec).contains(value.toString()))
            return value.toString().toLatin1();
        return invalid(
            spec, QStringLiteral("is one of %1").arg(choicesOf(spec).join(QStringLiteral(", "))));
    }
    return invalid(spec, QStringLiteral("has no known type"));
}

QJsonValue settingToJson(const SettingSpec &spec, const QByteArray &canonical)
{
    switch (spec.type) {
    case SettingType::Boolean:
        return canonical == "true";
    case SettingType::Integer:
        return canonical.toLongLong();
    case SettingType::List: {
        QJsonArray entries;
        if (!canonical.isEmpty()) {
            for (const QByteArray &entry : canonical.split(','))
                entries.append(QString::fromUtf8(entry));
        }
        return entries;
    }
    case SettingType::Text:
    case SettingType::Choice:
        break;
    }
    return QString::fromUtf8(canonical);
}

QByteArray storedSetting(const SettingSpec &spec, const QByteArray &canonical)
{
    const QByteArray list
        = QJsonDocument(QJsonArray{settingToJson(spec, canonical)}).toJson(QJsonDocument::Compact);
    return list.mid(1, list.size() - 2);
}

Settings::Settings(const QHash<QByteArray, QByteArray> &stored)
{
    for (const SettingSpec &spec : settingTable()) {
        const auto it = stored.constFind(QByteArray(spec.name));
        if (it == stored.constEnd())
            continue;
        const QJsonArray value = QJsonDocument::fromJson('[' + *it + ']').array();
        if (value.size() != 1)
            continue;
        if (const auto valid = canonicalSetting(spec, value.first()))
            m_stored.insert(it.key(), *valid);
    }
}

QByteArray Settings::text(const char *name) const
{
    const auto it = m_stored.constFind(QByteArray(name));
    if (it != m_stored.constEnd())
        return *it;
    const SettingSpec *spec = findSetting(QString::fromLatin1(name));
    Q_ASSERT_X(spec, "Settings", name);
    return spec ? QByteArray(spec->fallback) : QByteArray();
}

bool Settings::boolean(const char *name) const
{
    return text(name) == "true";
}

std::int64_t Settings::integer(const char *name) const
{
    return text(name).toLongLong();
}

QByteArrayList Settings::list(const char *name) const
{
    const QByteArray joined = text(name);
    return joined.isEmpty() ? QByteArrayList() : joined.split(',');
}

bool Settings::isDefault(const char *name) const
{
    return !m_stored.contains(QByteArray(name));
}

Result<ListenAddress> parseListenAddress(const QString &text)
{
    const auto wrong = [&] {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("\"%1\" is not an address to listen on; write 127.0.0.1:4180 "
                                      "or [::1]:4180.")
                           .arg(text),
                       "invalid_value");
    };
    const auto colon = text.lastIndexOf(u':');
    if (colon <= 0)
        return wrong();
    QString host = text.left(colon);
    const QByteArray digits = text.mid(colon + 1).toLatin1();
    bool number = false;
    const int port = digits.toInt(&number);
    if (!number || port < 0 || port > 65'535 || digits.startsWith('+') || digits.startsWith('-'))
        return wrong();
    const bool bracketed = host.startsWith(u'[') && host.endsWith(u']');
    if (bracketed)
        host = host.mid(1, host.size() - 2);
    if (host == u"localhost")
        return ListenAddress{QHostAddress(QHostAddress::LocalHost), static_cast<quint16>(port)};
    QHostAddress address;
    if (!address.setAddress(host)
        || bracketed != (address.protocol() == QAbstractSocket::IPv6Protocol))
        return wrong();
    return ListenAddress{address, static_cast<quint16>(port)};
}

QString formatListenAddress(const ListenAddress &address)
{
    const bool six = address.address.protocol() == QAbstractSocket::IPv6Protocol;
    return (six ? QStringLiteral("[%1]:%2") : QStringLiteral("%1:%2"))
        .arg(address.address.toString())
        .arg(address.port);
}

http::Limits httpLimits(const Settings &settings)
{
    const auto number = [&](const char *name) { return static_cast<int>(settings.integer(name)); };
    http::Limits limits;
    limits.requestLine = settings.integer("limits.request_line");
    limits.headerBlock = settings.integer("limits.header_block");
    limits.headerField = settings.integer("limits.header_field");
    limits.headerCount = number("limits.header_count");
    limits.headerTimeoutMs = number("limits.header_timeout");
    limits.bodyIdleTimeoutMs = number("limits.body_idle_timeout");
    limits.bodyMinimumRate = number("limits.body_minimum_rate");
    limits.keepAliveMs = number("limits.keep_alive");
    limits.requestsPerConnection = number("limits.requests_per_connection");
    limits.connections = number("limits.connections");
    limits.connectionsPerAddress = number("limits.connections_per_address");
    limits.outputHigh = settings.integer("limits.output");
    limits.outputStallMs = number("limits.output_stall");
    limits.handshakeTimeoutMs = number("limits.handshake_timeout");
    limits.lingerMs = number("limits.linger");
    return limits;
}

upstream::Timeouts upstreamTimeouts(const Settings &settings)
{
    const auto number = [&](const char *name) { return static_cast<int>(settings.integer(name)); };
    upstream::Timeouts timeouts;
    timeouts.connectMs = number("upstream.connect_timeout");
    timeouts.firstByteMs = number("upstream.first_byte_timeout");
    timeouts.idleMs = number("upstream.idle_timeout");
    timeouts.totalMs = number("upstream.total_timeout");
    return timeouts;
}

protocol::JsonLimits jsonLimits(const Settings &settings)
{
    protocol::JsonLimits limits;
    limits.depth = static_cast<int>(settings.integer("limits.json_depth"));
    limits.keys = settings.integer("limits.json_keys");
    return limits;
}

Result<std::vector<ListenAddress>>
listenAddresses(const Settings &settings, const QByteArrayList &override, bool lanPlaintext)
{
    const bool tls = !settings.text("listen.tls_certificate").isEmpty()
        && !settings.text("listen.tls_key").isEmpty();
    std::vector<ListenAddress> addresses;
    for (const QByteArray &text :
         override.isEmpty() ? settings.list("listen.addresses") : override) {
        const auto address = parseListenAddress(QString::fromUtf8(text));
        if (!address)
            return failure(address.error());
        if (!address->address.isLoopback() && !tls && !lanPlaintext
            && !settings.boolean("listen.lan_plaintext")) {
            return failure(ErrorKind::Forbidden,
                           QStringLiteral("Listening on %1 lets other machines in, and without TLS "
                                          "everybody on the network could read tokens and prompts: "
                                          "set listen.tls_certificate and listen.tls_key first, or "
                                          "accept that with --lan-plaintext.")
                               .arg(formatListenAddress(*address)),
                           "lan_needs_tls");
        }
        addresses.push_back(*address);
    }
    return addresses;
}

} // namespace tollgate::admin
