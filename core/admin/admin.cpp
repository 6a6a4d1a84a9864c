// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/admin/admin.h"

#include "core/admin/clientcalls.h"
#include "core/admin/handlers.h"

#include <array>

namespace tollgate::admin {
namespace {

struct Command
{
    const char *name;
    Handler handler;
};

constexpr std::array kCommands{
    Command{"channel add", channelAdd},
    Command{"channel list", channelList},
    Command{"channel show", channelShow},
    Command{"channel update", channelUpdate},
    Command{"channel enable", channelEnable},
    Command{"channel disable", channelDisable},
    Command{"channel rm", channelRemove},
    Command{"channel pause", channelPause},
    Command{"channel resume", channelResume},
    Command{"channel reset", channelReset},
    Command{"channel move", channelMove},
    Command{"channel duplicate", channelDuplicate},
    Command{"channel restore", channelRestore},
    Command{"channel key add", channelKeyAdd},
    Command{"channel key rm", channelKeyRemove},
    Command{"channel test", channelTest},
    Command{"channel models", channelModels},
    Command{"channel preview", channelPreview},
    Command{"channel paste", channelPaste},
    Command{"provider list", providerList},
    Command{"route simulate", routeSimulate},
    Command{"token add", tokenAdd},
    Command{"token list", tokenList},
    Command{"token show", tokenShow},
    Command{"token update", tokenUpdate},
    Command{"token enable", tokenEnable},
    Command{"token disable", tokenDisable},
    Command{"token revoke", tokenRevoke},
    Command{"token rm", tokenRemove},
    Command{"token restore", tokenRestore},
    Command{"trash list", trashList},
    Command{"trash purge", trashPurge},
    Command{"token reveal", tokenReveal},
    Command{"token rotate", tokenRotate},
    Command{"token raise", tokenRaise},
    Command{"client list", clientList},
    Command{"client show", clientShow},
    Command{"client preview", clientPreview},
    Command{"client apply", clientApply},
    Command{"client revert", clientRevert},
    Command{"client status", clientStatus},
    Command{"log", log},
    Command{"log page", logPage},
    Command{"log count", logCountCall},
    Command{"log fields", logFields},
    Command{"log note", logNote},
    Command{"log follow", logFollow},
    Command{"log show", logShow},
    Command{"log body", logBody},
    Command{"log stream", logStream},
    Command{"running", runningList},
    Command{"running stop", runningStop},
    Command{"overview", overview},
    Command{"usage series", usageSeries},
    Command{"usage heat", usageHeat},
    Command{"usage causes", usageCauses},
    Command{"usage burn", usageBurn},
    Command{"usage forecast", usageForecast},
    Command{"usage scatter", usageScatter},
    Command{"usage boxes", usageBoxes},
    Command{"usage flow", usageFlow},
    Command{"usage", usage},
    Command{"audit", auditList},
    Command{"price list", priceList},
    Command{"price set", priceSet},
    Command{"price unset", priceUnset},
    Command{"models list", modelsList},
    Command{"price history", priceHistory},
    Command{"discover", discover},
    Command{"bell list", bellList},
    Command{"bell read", bellRead},
    Command{"bell clear", bellClear},
    Command{"settings list", settingsList},
    Command{"settings get", settingsGet},
    Command{"settings set", settingsSet},
    Command{"settings unset", settingsUnset},
    Command{"pause", pauseAll},
    Command{"resume", resumeAll},
    Command{"status", status},
    Command{"reload", reload},
    Command{"vault create", vaultCreate},
    Command{"vault unlock", vaultUnlock},
    Command{"vault lock", vaultLock},
    Command{"doctor", doctor},
    Command{"check", check},
    Command{"backup", backup},
    Command{"export", exportAll},
    Command{"import", importAll},
};

} // namespace

Admin::Admin(Rooms rooms)
    : m_desk(std::move(rooms))
{
}

Admin::~Admin()
{
    // Answers still on their way would find no mailbox.
    m_desk.rooms.store->drain();
}

Task<Result<QJsonObject>> Admin::call(QString command, QJsonObject arguments, OnEvent onEvent)
{
    for (const Command &known : kCommands) {
        if (command != QLatin1String(known.name))
            continue;
        Answer answering = known.handler(m_desk, std::move(arguments), std::move(onEvent));
        Result<QJsonObject> answer = co_await answering;
        co_return answer;
    }
    co_return failure(ErrorKind::NotFound,
                      QStringLiteral("There is no command \"%1\".").arg(command.left(64)),
                      "unknown_command");
}

QStringList Admin::commands()
{
    QStringList names;
    for (const Command &known : kCommands)
        names.append(QString::fromLatin1(known.name));
    return names;
}

} // namespace tollgate::admin
