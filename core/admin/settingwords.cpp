// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/settingwords.h"

#include <algorithm>
#include <array>

namespace tollgate::admin {
namespace {

struct Section
{
    const char *prefix;
    const char *slug;
    const char *title;
    bool advanced;
};
constexpr std::array kSections{
    Section{"listen", "server", "Server", false},
    Section{"gateway", "server", "Server", true},
    Section{"limits", "limits", "Limits", true},
    Section{"upstream", "providers", "Providers", false},
    Section{"media", "media", "Pictures and files", true},
    Section{"routing", "routing", "Routing", false},
    Section{"stream", "routing", "Routing", false},
    Section{"budget", "budgets", "Budgets", false},
    Section{"log", "privacy", "Logging and privacy", false},
    Section{"price", "prices", "Prices", false},
    Section{"models", "models", "Models", false},
    Section{"store", "data", "Data", false},
};

struct Title
{
    const char *name;
    const char *title;
};
constexpr std::array kTitles{
    Title{"listen.addresses", "Addresses to listen on"},
    Title{"listen.lan_plaintext", "Serve other machines without TLS"},
    Title{"listen.tls_certificate", "TLS certificate"},
    Title{"listen.tls_key", "TLS private key"},
    Title{"listen.hosts", "Trusted host names"},
    Title{"listen.origins", "Web pages that may call"},
    Title{"listen.trusted_proxies", "Trusted proxies"},
    Title{"gateway.threads", "Threads"},
    Title{"gateway.drain", "Patience when stopping"},
    Title{"limits.request_line", "Longest request line"},
    Title{"limits.header_block", "Largest header block"},
    Title{"limits.header_field", "Largest header"},
    Title{"limits.header_count", "Most headers"},
    Title{"limits.body", "Largest request"},
    Title{"limits.upload", "Largest upload"},
    Title{"limits.json_depth", "Deepest JSON"},
    Title{"limits.json_keys", "Most JSON members"},
    Title{"limits.header_timeout", "Time for the headers"},
    Title{"limits.body_idle_timeout", "Longest silence of a client"},
    Title{"limits.body_minimum_rate", "Slowest upload"},
    Title{"limits.keep_alive", "Idle connections kept"},
    Title{"limits.requests_per_connection", "Requests a connection"},
    Title{"limits.connections", "Most connections"},
    Title{"limits.connections_per_address", "Most connections of one address"},
    Title{"limits.output", "Buffer towards a client"},
    Title{"limits.output_stall", "Patience with a client that does not read"},
    Title{"limits.handshake_timeout", "Time for a TLS handshake"},
    Title{"limits.linger", "Time to say goodbye"},
    Title{"upstream.connect_timeout", "Time to connect"},
    Title{"upstream.first_byte_timeout", "Time to the first byte"},
    Title{"upstream.idle_timeout", "Longest silence of a provider"},
    Title{"upstream.total_timeout", "Longest answer in time"},
    Title{"upstream.answer_limit", "Largest answer"},
    Title{"upstream.stream_limit", "Largest stream"},
    Title{"upstream.ca_file", "Private certificate authority"},
    Title{"routing.attempts", "Attempts a request"},
    Title{"stream.keep_alive", "Sign of life in a silent stream"},
    Title{"budget.default_output_tokens", "Held where nobody names a maximum"},
    Title{"budget.minimum_output_tokens", "Least answer worth beginning"},
    Title{"log.keep_days", "Keep requests for"},
    Title{"log.keep_megabytes", "Largest request log"},
    Title{"log.bodies", "Keep prompts and answers"},
    Title{"log.bodies_keep_days", "Keep prompts and answers for"},
    Title{"store.durability", "Durability"},
};

// "media.max_files" as "Max files", until somebody finds a better name.
QString spelled(const char *name)
{
    QString title = QString::fromLatin1(name).section(u'.', 1).replace(u'_', u' ');
    if (!title.isEmpty())
        title[0] = title.at(0).toUpper();
    return title;
}

} // namespace

SettingWords settingWords(const SettingSpec &spec)
{
    SettingWords words;
    const QString prefix = QString::fromLatin1(spec.name).section(u'.', 0, 0);
    const auto section = std::find_if(kSections.begin(), kSections.end(), [&](const auto &one) {
        return prefix == QLatin1String(one.prefix);
    });
    if (section != kSections.end()) {
        words.section = QString::fromLatin1(section->title);
        words.sectionSlug = QString::fromLatin1(section->slug);
        words.advanced = section->advanced;
    } else {
        words.section = QStringLiteral("Other");
        words.sectionSlug = QStringLiteral("other");
    }
    const auto title = std::find_if(kTitles.begin(), kTitles.end(), [&](const auto &one) {
        return QByteArrayView(one.name) == spec.name;
    });
    words.title = title != kTitles.end() ? QString::fromLatin1(title->title) : spelled(spec.name);
    switch (spec.effect) {
    case SettingEffect::AtOnce:
        words.effect = QStringLiteral("Takes effect at once.");
        break;
    case SettingEffect::NextConnection:
        words.effect = QStringLiteral("Takes effect for new connections.");
        break;
    case SettingEffect::Restart:
        words.effect = QStringLiteral("Takes effect when Tollgate restarts.");
        break;
    }
    return words;
}

} // namespace tollgate::admin
