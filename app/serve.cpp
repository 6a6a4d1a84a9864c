// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/serve.h"

#include "app/daemon.h"
#include "app/terminal.h"

#include <QCoreApplication>
#include <QDir>

namespace tollgate::app {
namespace {

// What the system asks of the daemon. Asked to stop twice: what still runs is ended and settled.
class Obedience
{
public:
    explicit Obedience(Daemon &daemon)
        : m_daemon(daemon)
    {
    }

    void fulfil(Wish wish)
    {
        if (wish == Wish::Reload) {
            m_daemon.reload();
        } else if (m_stopping) {
            QCoreApplication::quit();
        } else {
            m_stopping = true;
            m_daemon.drain([] { QCoreApplication::quit(); });
        }
    }

private:
    Daemon &m_daemon;
    bool m_stopping = false;
};

} // namespace

Result<int> serve(const Invocation &invocation, const admin::Profile &profile)
{
    auto house = House::open(profile);
    if (!house)
        return failure(house.error());
    const ServeWishes wishes{.listen = invocation.value("listen"),
                             .threads = invocation.value("threads"),
                             .lanPlaintext = invocation.has("lan-plaintext")};
    const auto options = gatewayOptions(wishes, (*house)->settings());
    if (!options)
        return failure(options.error());
    // No library may find certificates or plug-ins in the folder we happened to be started in.
    QDir::setCurrent(QDir::rootPath());
    Daemon daemon(profile, std::move(*house));
    Obedience obedience(daemon);
    const auto signalled = Signals::watch([&obedience](Wish wish) { obedience.fulfil(wish); });
    if (auto started = daemon.start(*options); !started)
        return failure(started.error());
    announce(daemon.urls(), invocation.json);
    return QCoreApplication::exec();
}

} // namespace tollgate::app
