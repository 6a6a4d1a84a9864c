// SPDX-License-Identifier: GPL-3.0-or-later
// Provider accounts out of text that somebody has at hand: environment files, shell exports, curl
// commands, JSON and YAML snippets, the exports of other gateways, import links. Pure; nothing is
// stored, and what is not understood is left out.
#pragma once

#include "core/relay/provider.h"

#include <QByteArray>
#include <QByteArrayList>
#include <QString>

#include <vector>

namespace tollgate::admin {

struct PastedChannel
{
    QString name;
    QByteArray provider; // as far as it can be told, else openai-compatible
    QByteArray baseUrl; // empty: the provider's own
    QByteArrayList keys;
    QByteArrayList models;
    std::vector<std::pair<QByteArray, QByteArray>> modelMap;
    int priority = 0;
    int weight = 1;
    QString form; // where it was found: "env", "curl", "json", "yaml", "link", "text"
    bool sure = false; // the provider was named or recognised, not guessed
};

[[nodiscard]] std::vector<PastedChannel> readPasted(const QString &text,
                                                    const relay::Providers &providers);

// Which provider a key or an address belongs to; empty: cannot be told.
[[nodiscard]] QByteArray providerOfKey(QByteArrayView key);
[[nodiscard]] QByteArray providerOfUrl(QByteArrayView url, const relay::Providers &providers);

} // namespace tollgate::admin
