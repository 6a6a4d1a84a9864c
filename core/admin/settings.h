// SPDX-License-Identifier: GPL-3.0-or-later
// Every setting there is, as one table: name, type, range, default, unit, when a change takes
// effect. Values are stored as text in their canonical form; what is not stored is the default.
#pragma once

#include "core/base/result.h"
#include "core/http/listener.h"
#include "core/protocol/peek.h"
#include "core/upstream/exchange.h"

#include <QByteArrayList>
#include <QHash>
#include <QHostAddress>
#include <QJsonValue>
#include <QString>

#include <span>
#include <vector>

namespace tollgate::admin {

enum class SettingType { Boolean, Integer, Text, List, Choice };
enum class SettingEffect { AtOnce, NextConnection, Restart };

struct SettingSpec
{
    const char *name = nullptr;
    SettingType type = SettingType::Text;
    const char *fallback = ""; // the default in canonical form; lists are parted by commas
    std::int64_t least = 0;
    std::int64_t most = 0;
    const char *unit = "";
    const char *choices = ""; // of a Choice, parted by '|'
    SettingEffect effect = SettingEffect::AtOnce;
    const char *what = ""; // one sentence
    // Says what is wrong with one text (of a list: with one entry); empty: nothing.
    QString (*check)(const QString &) = nullptr;
};

[[nodiscard]] std::span<const SettingSpec> settingSpecs();
[[nodiscard]] const SettingSpec *findSetting(const QString &name);
// Typed JSON, or text as a command line gives it, to canonical text.
[[nodiscard]] Result<QByteArray> canonicalSetting(const SettingSpec &spec, const QJsonValue &value);
[[nodiscard]] QJsonValue settingToJson(const SettingSpec &spec, const QByteArray &canonical);
// What the store keeps of it.
[[nodiscard]] QByteArray storedSetting(const SettingSpec &spec, const QByteArray &canonical);

// All settings at one moment; immutable. Stored values that are no longer valid count as absent.
class Settings
{
public:
    Settings() = default;
    // As the store keeps them: a JSON value a key.
    explicit Settings(const QHash<QByteArray, QByteArray> &stored);

    [[nodiscard]] bool boolean(const char *name) const;
    [[nodiscard]] std::int64_t integer(const char *name) const;
    [[nodiscard]] QByteArray text(const char *name) const;
    [[nodiscard]] QByteArrayList list(const char *name) const;
    [[nodiscard]] bool isDefault(const char *name) const;

private:
    QHash<QByteArray, QByteArray> m_stored; // canonical, valid
};

struct ListenAddress
{
    QHostAddress address;
    quint16 port = 0;
    bool operator==(const ListenAddress &) const = default;
};
// "127.0.0.1:4180", "[::1]:4180", "localhost:4180", ":4180" is refused: an address must be named.
[[nodiscard]] Result<ListenAddress> parseListenAddress(const QString &text);
[[nodiscard]] QString formatListenAddress(const ListenAddress &address);

// The settings in the shapes that the rooms below take.
[[nodiscard]] http::Limits httpLimits(const Settings &settings);
[[nodiscard]] upstream::Timeouts upstreamTimeouts(const Settings &settings);
[[nodiscard]] protocol::JsonLimits jsonLimits(const Settings &settings);
// Where to listen: `override` (--listen) or the setting. Refuses an address that others can reach
// unless TLS files are set or plain text was allowed in so many words.
[[nodiscard]] Result<std::vector<ListenAddress>>
listenAddresses(const Settings &settings, const QByteArrayList &override, bool lanPlaintext);

} // namespace tollgate::admin
