// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/rowfields.h"

#include "core/access/access.h"
#include "core/admin/baseurl.h"
#include "core/admin/units.h"
#include "providers/providers.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <array>

namespace tollgate::admin {
namespace {

constexpr int kDayMs = 86'400'000;
constexpr qsizetype kLongestModel = 256;
constexpr qsizetype kMostModels = 5'000;
constexpr qsizetype kMostHeaders = 32;

// Framing is ours, credentials belong into the keychain and nowhere else.
constexpr std::array kRefusedHeaders{
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "te",
    "trailer",
    "upgrade",
    "keep-alive",
    "proxy-connection",
    "expect",
    "cookie",
    "authorization",
    "x-api-key",
    "x-goog-api-key",
    "api-key",
    "accept-encoding",
    "content-type",
    "proxy-authorization",
};

tl::unexpected<Error> invalid(const QString &sentence)
{
    return failure(ErrorKind::InvalidRequest, sentence, "invalid_value");
}

Result<Headers> readHeaders(const QJsonArray &array)
{
    Headers headers;
    for (const QJsonValue &value : array) {
        const QByteArray name = value[QLatin1String("name")].toString().toUtf8();
        const QByteArray content = value[QLatin1String("value")].toString().toUtf8();
        if (!isHeaderName(name) || !isHeaderValue(content) || name.size() > 128
            || content.size() > 4'096)
            return invalid(QStringLiteral("A header must be like \"X-Team: blue\"."));
        for (const char *refused : kRefusedHeaders) {
            if (sameName(name, refused)) {
                return invalid(QStringLiteral("The header %1 cannot be set on a channel: Tollgate "
                                              "makes it, or it would hold a secret.")
                                   .arg(QString::fromLatin1(name)));
            }
        }
        headers.append(name, content);
    }
    return headers;
}

using ModelMap = std::vector<std::pair<QByteArray, QByteArray>>;

Result<ModelMap> readModelMap(const QJsonObject &object)
{
    ModelMap map;
    if (object.size() > kMostModels)
        return invalid(QStringLiteral("The model map holds more than 5000 entries."));
    for (auto it = object.begin(); it != object.end(); ++it) {
        const QByteArray client = it.key().toUtf8();
        const QByteArray vendor = it.value().toString().toUtf8();
        if (client.isEmpty() || vendor.isEmpty() || client.size() > kLongestModel
            || vendor.size() > kLongestModel)
            return invalid(QStringLiteral("The model map must be like fast=gpt-5-mini."));
        map.emplace_back(client, vendor);
    }
    return map;
}

// Names and values end up in URLs (Azure's API version, say), so only what a URL carries plainly.
// One is a URL itself: where a credentials file is exchanged, if not at its vendor's own place.
Result<QByteArray> readOptions(const QJsonObject &object, bool local)
{
    constexpr qsizetype kMost = 32;
    const auto plain = [](const QString &text, bool empty) {
        if (text.size() > 128 || (text.isEmpty() && !empty))
            return false;
        for (const QChar c : text) {
            const bool letter
                = (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9');
            if (!letter && c != u'.' && c != u'-' && c != u'_')
                return false;
        }
        return true;
    };
    if (object.size() > kMost)
        return invalid(QStringLiteral("There are more than 32 provider options."));
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (it.key() == u"token_uri" && it.value().isString()) {
            if (const auto url = checkBaseUrl(it.value().toString(), local); !url)
                return failure(url.error());
            continue;
        }
        if (!plain(it.key(), false) || !it.value().isString()
            || !plain(it.value().toString(), true)) {
            return invalid(QStringLiteral("A provider option must be like api-version=2024-10-21: "
                                          "letters, digits, '.', '-' and '_' only."));
        }
    }
    return object.isEmpty() ? QByteArray() : QJsonDocument(object).toJson(QJsonDocument::Compact);
}

void readTimeout(Fields &fields, const char *name, int &row)
{
    if (const auto value = fields.integer(name, 0, kDayMs))
        row = static_cast<int>(*value);
}

// Given, or kept, or the provider's own; an empty one asks for the provider's own.
void readBaseUrl(Fields &fields, store::ChannelRow &row, const relay::Provider &provider)
{
    const auto given = fields.text("base_url", 2'048);
    const QString own = QString::fromUtf8(provider.baseUrlFor(row.options));
    QString wanted = given.value_or(QString::fromUtf8(row.baseUrl));
    if (wanted.isEmpty()) {
        wanted = own;
        // A vendor that runs on this machine by default is local without being told.
        if (!fields.has("local") && isLoopbackUrl(own))
            row.local = true;
    }
    if (wanted.isEmpty())
        return;
    if (auto good = fields.take("base_url", checkBaseUrl(wanted, row.local)))
        row.baseUrl = std::move(*good);
}

void checkModels(Fields &fields, QByteArrayList &row)
{
    if (auto models = fields.list("models", kMostModels, kLongestModel))
        row = std::move(*models);
}

} // namespace

Result<QString> checkName(const QString &text)
{
    constexpr qsizetype kLongest = 64;
    const auto plain = [](QChar c) {
        return c.isLetterOrNumber() || c == u' ' || c == u'.' || c == u'_' || c == u'-' || c == u'+'
            || c == u'@';
    };
    const QString name = text.trimmed();
    const bool good = !name.isEmpty() && name.size() <= kLongest && name.isValidUtf16()
        && name.front().isLetterOrNumber() && std::all_of(name.begin(), name.end(), plain);
    if (!good) {
        return invalid(
            QStringLiteral("A name has 1 to 64 letters, digits, spaces and . _ - + @, and "
                           "begins with a letter or digit."));
    }
    return name;
}

void readChannelFields(Fields &fields, store::ChannelRow &row, const relay::Provider &provider)
{
    if (const auto name = fields.text("name")) {
        if (const auto good = fields.take("name", checkName(*name)))
            row.name = *good;
    }
    row.local = fields.boolean("local").value_or(row.local);
    row.enabled = fields.boolean("enabled").value_or(row.enabled);
    if (const auto options = fields.object("options")) {
        if (auto good = fields.take("options", readOptions(*options, row.local)))
            row.options = std::move(*good);
    }
    readBaseUrl(fields, row, provider);
    checkModels(fields, row.models);
    if (const auto map = fields.object("model_map")) {
        if (auto good = fields.take("model_map", readModelMap(*map)))
            row.modelMap = std::move(*good);
    }
    if (const auto headers = fields.array("headers", kMostHeaders)) {
        if (auto good = fields.take("headers", readHeaders(*headers)))
            row.headers = std::move(*good);
    }
    if (const auto priority = fields.integer("priority", -1'000, 1'000))
        row.priority = static_cast<int>(*priority);
    if (const auto weight = fields.integer("weight", 0, 1'000))
        row.weight = static_cast<int>(*weight);
    readTimeout(fields, "connect_ms", row.connectMs);
    readTimeout(fields, "first_byte_ms", row.firstByteMs);
    readTimeout(fields, "idle_ms", row.idleMs);
    readTimeout(fields, "total_ms", row.totalMs);
    if (const auto proxy = fields.text("proxy", 2'048)) {
        if (auto good = fields.take("proxy", checkProxy(*proxy)))
            row.proxy = std::move(*good);
    }
    // The provider has the last word on whether a URL can be made of it all.
    const auto url = providers::previewUrl(provider, row);
    if (!url && url.error().code != "no_url")
        fields.refuse("base_url", url.error());
}

void readTokenFields(Fields &fields, store::TokenRow &row, std::int64_t nowUs)
{
    if (const auto name = fields.text("name")) {
        if (const auto good = fields.take("name", checkName(*name)))
            row.name = *good;
    }
    if (const auto text = fields.text("budget")) {
        if (*text == u"none") {
            row.budget.reset();
        } else if (const auto budget = fields.take("budget", parseBudget(*text))) {
            row.budget = budget->amount;
            row.budgetWindow = budget->window;
        }
    }
    checkModels(fields, row.models);
    if (const auto text = fields.text("expires")) {
        if (const auto moment = fields.take("expires", parseExpiry(*text, nowUs)))
            row.expiresUs = *moment;
    }
    if (auto ranges = fields.list("ip", 100, 64)) {
        for (const QByteArray &range : *ranges) {
            if (!access::AddressRange::parse(range)) {
                fields.refuse("ip",
                              QStringLiteral("holds \"%1\", which is not an address or a range "
                                             "such as 192.168.0.0/16")
                                  .arg(QString::fromUtf8(range)));
            }
        }
        row.ipRanges = std::move(*ranges);
    }
    if (const auto rpm = fields.integer("rpm", 0, 1'000'000))
        row.requestsPerMinute = static_cast<int>(*rpm);
    if (const auto tpm = fields.integer("tpm", 0, 1'000'000'000'000))
        row.tokensPerMinute = *tpm;
    if (const auto concurrency = fields.integer("concurrency", 0, 100'000))
        row.concurrency = static_cast<int>(*concurrency);
    row.metrics = fields.boolean("metrics").value_or(row.metrics);
}

} // namespace tollgate::admin
