// SPDX-License-Identifier: GPL-3.0-or-later
// Looks now and then at what people should hear of, and notes it for the bell: channels that fail
// and recover, budgets that run out, requests that another channel had to answer, models without a
// price. What is worth a line is a pure function of two looks.
#pragma once

#include "core/admin/channelview.h"
#include "core/admin/running.h"
#include "core/admin/tokenview.h"
#include "core/store/notices.h"
#include "core/store/requests.h"

#include <QTimer>

#include <map>

namespace tollgate::admin {

struct Look
{
    std::int64_t atUs = 0;
    std::map<std::int64_t, std::pair<QString, HealthBadge>> channels; // by id: name and health
    struct Money
    {
        std::int64_t budgetId = 0;
        QString token;
        std::int64_t windowUs = 0;
        int percent = 0;
    };
    std::vector<Money> budgets;
    std::vector<store::LoggedRequest> requests; // that ended since the look before
};

struct Notice
{
    store::NoticeRow row;
    std::int64_t quietUs = 0;
};

// `before` is nullptr at the first look: what is then as it is was no event.
[[nodiscard]] std::vector<Notice> noticesOf(const Look *before, const Look &now);

class Watch
{
public:
    explicit Watch(Rooms rooms);
    ~Watch();
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;

private:
    Task<void> look();

    Desk m_desk;
    QTimer m_timer;
    std::optional<Look> m_last;
    std::int64_t m_sequence = -1;
    Running m_running;
};

} // namespace tollgate::admin
