// SPDX-License-Identifier: GPL-3.0-or-later
// How settings are named and grouped on screens. Pure.
#pragma once

#include "core/admin/settings.h"

namespace tollgate::admin {

struct SettingWords
{
    QString section; // "Server"
    QString sectionSlug; // "server"
    QString title; // "Longest silence of a provider"
    QString effect; // when a change is felt, in a sentence
    bool advanced = false; // of little use to most
};

[[nodiscard]] SettingWords settingWords(const SettingSpec &spec);

} // namespace tollgate::admin
