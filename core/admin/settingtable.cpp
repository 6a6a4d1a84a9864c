// SPDX-License-Identifier: GPL-3.0-or-later
// Defaults: section "Limits" of SECURITY.md.
#include "core/admin/settingtable.h"

#include "core/access/addresses.h"
#include "core/upstream/address.h"

#include <QRegularExpression>
#include <QUrl>

#include <array>

namespace tollgate::admin {
namespace {

QString checkListen(const QString &text)
{
    return parseListenAddress(text)
        ? QString()
        : QStringLiteral("holds \"%1\", which is not an address such as 127.0.0.1:4180 or "
                         "[::1]:4180")
              .arg(text);
}

// A host name as a browser or a proxy spells it: no scheme, no port, no path.
QString checkHost(const QString &text)
{
    constexpr qsizetype kLongest = 253;
    bool good = text.size() <= kLongest && !text.startsWith(u'.') && !text.contains(u"..");
    for (const QChar c : text) {
        good = good
            && ((c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z') || (c >= u'0' && c <= u'9')
                || c == u'.' || c == u'-');
    }
    return good ? QString()
                : QStringLiteral("holds \"%1\", which is not a host name without scheme and port")
                      .arg(text);
}

QString checkOrigin(const QString &text)
{
    const QUrl url(text, QUrl::StrictMode);
    const bool good = url.isValid() && !url.host().isEmpty() && url.userInfo().isEmpty()
        && (url.path().isEmpty()) && !url.hasQuery() && !url.hasFragment() && !text.endsWith(u'/')
        && !text.contains(u'*');
    return good ? QString()
                : QStringLiteral("holds \"%1\", which is not an origin such as "
                                 "https://chat.example.org or app://obsidian")
                      .arg(text);
}

QString checkRange(const QString &text)
{
    const bool range = access::AddressRange::parse(text.toUtf8()).has_value();
    return range ? QString()
                 : QStringLiteral("holds \"%1\", which is not an address or a range such as "
                                  "10.0.0.0/8")
                       .arg(text);
}

QString checkFile(const QString &text)
{
    return text.startsWith(u'/') || (text.size() > 2 && text.at(1) == u':')
        ? QString()
        : QStringLiteral("is a full path to a file");
}

// As a URL spells it: "nas.lan", "10.0.0.5:8080", "[fd00::5]".
QString checkFileHost(const QString &text)
{
    const QString url = QStringLiteral("http://") + text + u'/';
    const bool good = !text.contains(u'/') && !text.contains(u'?')
        && upstream::checkUrl(url.toLatin1(), true, upstream::UrlUse::File).has_value();
    return good ? QString()
                : QStringLiteral("holds \"%1\", which is not a host or host:port that may be "
                                 "dialled")
                      .arg(text);
}

QString checkMediaType(const QString &text)
{
    static const QRegularExpression form(QStringLiteral("^[a-z]+/[a-z0-9.+-]+$"));
    return form.match(text).hasMatch()
        ? QString()
        : QStringLiteral("holds \"%1\", which is not a media type such as image/png").arg(text);
}

constexpr auto kBool = SettingType::Boolean;
constexpr auto kInt = SettingType::Integer;
constexpr auto kText = SettingType::Text;
constexpr auto kList = SettingType::List;
constexpr auto kChoice = SettingType::Choice;
constexpr auto kNow = SettingEffect::AtOnce;
constexpr auto kNext = SettingEffect::NextConnection;
constexpr auto kRestart = SettingEffect::Restart;

constexpr std::int64_t kDayMs = 86'400'000;

// clang-format off
constexpr std::array kTable {
    SettingSpec {"listen.addresses", kList, "127.0.0.1:4180,[::1]:4180", 0, 0, "", "", kRestart,
                 "Where the gateway listens.", checkListen},
    SettingSpec {"listen.lan_plaintext", kBool, "false", 0, 0, "", "", kRestart,
                 "Allow listening without TLS on addresses that other machines can reach; they can then read tokens and prompts."},
    SettingSpec {"listen.tls_certificate", kText, "", 0, 0, "", "", kRestart,
                 "PEM file with the certificate chain; together with listen.tls_key it turns TLS on.", checkFile},
    SettingSpec {"listen.tls_key", kText, "", 0, 0, "", "", kRestart,
                 "PEM file with the certificate's private key.", checkFile},
    SettingSpec {"listen.hosts", kList, "", 0, 0, "", "", kRestart,
                 "Host names accepted besides loopback names and the bound address.", checkHost},
    SettingSpec {"listen.origins", kList, "", 0, 0, "", "", kRestart,
                 "Web origins whose pages may call the gateway; none by default.", checkOrigin},
    SettingSpec {"listen.trusted_proxies", kList, "", 0, 0, "", "", kNow,
                 "Addresses of reverse proxies whose forwarded client address is believed.", checkRange},
    SettingSpec {"gateway.threads", kInt, "0", 0, 64, "", "", kRestart,
                 "Threads that serve requests; 0 takes the number of cores, at most 4."},
    SettingSpec {"gateway.drain", kInt, "30", 0, 3'600, "s", "", kNow,
                 "How long running requests may go on after a stop was asked for."},

    SettingSpec {"limits.request_line", kInt, "8192", 1'024, 65'536, "bytes", "", kRestart,
                 "Longest request line."},
    SettingSpec {"limits.header_block", kInt, "32768", 4'096, 1'048'576, "bytes", "", kRestart,
                 "Longest header section."},
    SettingSpec {"limits.header_field", kInt, "16384", 1'024, 1'048'576, "bytes", "", kRestart,
                 "Longest header field."},
    SettingSpec {"limits.header_count", kInt, "100", 16, 1'000, "", "", kRestart,
                 "Most header fields of a request."},
    SettingSpec {"limits.body", kInt, "33554432", 65'536, 1'073'741'824, "bytes", "", kNow,
                 "Longest request body, after decompression."},
    SettingSpec {"limits.upload", kInt, "104857600", 65'536, 1'073'741'824, "bytes", "", kNow,
                 "Longest upload of a file; held in memory until the provider has it."},
    SettingSpec {"limits.json_depth", kInt, "128", 16, 1'000, "", "", kNow,
                 "Deepest nesting of a request body."},
    SettingSpec {"limits.json_keys", kInt, "100000", 1'000, 10'000'000, "", "", kNow,
                 "Most members of a request body."},
    SettingSpec {"limits.header_timeout", kInt, "10000", 1'000, 600'000, "ms", "", kRestart,
                 "Time for a whole request head to arrive."},
    SettingSpec {"limits.body_idle_timeout", kInt, "30000", 1'000, 600'000, "ms", "", kRestart,
                 "Longest silence within a request body."},
    SettingSpec {"limits.body_minimum_rate", kInt, "1024", 0, 1'048'576, "bytes/s", "", kRestart,
                 "Slowest request body after its first ten seconds."},
    SettingSpec {"limits.keep_alive", kInt, "60000", 0, 3'600'000, "ms", "", kRestart,
                 "How long an idle connection is kept."},
    SettingSpec {"limits.requests_per_connection", kInt, "1000", 1, 1'000'000'000, "", "", kRestart,
                 "Requests served on one connection before it is closed."},
    SettingSpec {"limits.connections", kInt, "1024", 8, 65'536, "", "", kRestart,
                 "Most open connections; fewer where the system allows fewer open files."},
    SettingSpec {"limits.connections_per_address", kInt, "64", 1, 65'536, "", "", kRestart,
                 "Most open connections of one address other than loopback."},
    SettingSpec {"limits.output", kInt, "1048576", 65'536, 67'108'864, "bytes", "", kRestart,
                 "Unread output of one client at which its provider is paused."},
    SettingSpec {"limits.output_stall", kInt, "60000", 1'000, 3'600'000, "ms", "", kRestart,
                 "Time after which a client that reads nothing is cut."},
    SettingSpec {"limits.handshake_timeout", kInt, "10000", 1'000, 600'000, "ms", "", kRestart,
                 "Time for a TLS handshake."},
    SettingSpec {"limits.linger", kInt, "2000", 0, 30'000, "ms", "", kRestart,
                 "Time to read on after an early refusal, so that the client sees it."},

    SettingSpec {"upstream.connect_timeout", kInt, "10000", 100, 600'000, "ms", "", kNow,
                 "Time to reach a provider: name, connection and TLS."},
    SettingSpec {"upstream.first_byte_timeout", kInt, "300000", 1'000, kDayMs, "ms", "", kNow,
                 "Time from a request sent to the first byte of its answer."},
    SettingSpec {"upstream.idle_timeout", kInt, "120000", 1'000, kDayMs, "ms", "", kNow,
                 "Longest silence within a provider's answer."},
    SettingSpec {"upstream.total_timeout", kInt, "3600000", 1'000, kDayMs, "ms", "", kNow,
                 "Longest answer of a provider."},
    SettingSpec {"upstream.answer_limit", kInt, "67108864", 1'048'576, 1'073'741'824, "bytes", "", kNow,
                 "Largest whole answer of a provider, after decompression."},
    SettingSpec {"upstream.stream_limit", kInt, "268435456", 1'048'576, 17'179'869'184, "bytes", "", kNow,
                 "Largest streamed answer of a provider."},
    SettingSpec {"upstream.ca_file", kText, "", 0, 0, "", "", kNow,
                 "PEM file with trust anchors besides the system's.", checkFile},
    SettingSpec {"media.fetch", kBool, "true", 0, 0, "", "", kNow,
                 "Fetch files that a request names by URL for providers that fetch none; off: such requests are refused."},
    SettingSpec {"media.max_files", kInt, "20", 1, 1'000, "", "", kNow,
                 "Most files that are fetched for one request."},
    SettingSpec {"media.max_bytes", kInt, "20971520", 1'024, 1'073'741'824, "bytes", "", kNow,
                 "Largest file that is fetched, after decompression."},
    SettingSpec {"media.timeout", kInt, "15000", 100, 600'000, "ms", "", kNow,
                 "Time for all files of one request to arrive, redirects included."},
    SettingSpec {"media.redirects", kInt, "3", 0, 10, "", "", kNow,
                 "Redirects that are followed for one file."},
    SettingSpec {"media.concurrency", kInt, "16", 1, 1'000, "", "", kNow,
                 "Most files that are fetched at a time."},
    SettingSpec {"media.memory", kInt, "268435456", 1'048'576, 17'179'869'184, "bytes", "", kNow,
                 "What fetched files may occupy together while their requests run."},
    SettingSpec {"media.local_hosts", kList, "", 0, 0, "", "", kNow,
                 "Hosts in private networks from which files may be fetched, as host or host:port; none by default.", checkFileHost},
    SettingSpec {"media.types", kList,
                 "application/pdf,audio/aac,audio/flac,audio/mp4,audio/mpeg,audio/ogg,audio/wav,image/gif,image/jpeg,image/png,image/webp,text/csv,text/markdown,text/plain,video/mp4,video/quicktime,video/webm",
                 0, 0, "", "", kNow, "What a fetched file may be, as its own bytes tell.", checkMediaType},
    SettingSpec {"routing.attempts", kInt, "5", 1, 20, "", "", kNow,
                 "Most channel keys tried for one request."},

    SettingSpec {"stream.keep_alive", kInt, "12000", 0, 600'000, "ms", "", kNow,
                 "Silence of a stream after which a comment is sent to keep it open; 0: never."},

    SettingSpec {"budget.default_output_tokens", kInt, "8192", 1, 1'000'000, "tokens", "", kNow,
                 "Output held back for a request that names no maximum, where the catalogue knows none."},
    SettingSpec {"budget.minimum_output_tokens", kInt, "64", 1, 100'000, "tokens", "", kNow,
                 "A budget that affords fewer output tokens than this counts as exhausted."},

    SettingSpec {"log.keep_days", kInt, "90", 0, 36'500, "days", "", kNow,
                 "How long request records are kept; 0: for ever."},
    SettingSpec {"log.keep_megabytes", kInt, "4096", 0, 1'048'576, "MiB", "", kNow,
                 "Size of the database at which the oldest records go; 0: no limit."},
    SettingSpec {"log.bodies", kBool, "false", 0, 0, "", "", kNow,
                 "Keep the text of requests and answers."},
    SettingSpec {"log.bodies_keep_days", kInt, "7", 1, 3'650, "days", "", kNow,
                 "How long kept texts stay."},
    SettingSpec {"store.durability", kChoice, "process", 0, 0, "", "process|strict", kRestart,
                 "process: nothing is lost when the program is killed; strict: nor when the power fails."},
};
// clang-format on

} // namespace

std::span<const SettingSpec> settingTable()
{
    return kTable;
}

} // namespace tollgate::admin
