// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/desktop/desktop.h"

#include "app/desktop/icons.h"
#include "core/admin/adminclient.h"

#include <QCommandLineParser>
#include <QGuiApplication>
#include <QQuickStyle>
#include <QQuickWindow>

namespace tollgate::desktop {
namespace {

void describe(QCommandLineParser &parser)
{
    parser.setApplicationDescription(
        QStringLiteral("A desktop gateway to every LLM API. Without a screen, use tollgated."));
    parser.addOptions({
        {QStringLiteral("profile"), QStringLiteral("Use the profile in this folder."),
         QStringLiteral("DIR")},
        {QStringLiteral("listen"),
         QStringLiteral("Listen at these addresses, not at the setting's."),
         QStringLiteral("ADDR:PORT")},
        {QStringLiteral("threads"), QStringLiteral("Gateway threads."), QStringLiteral("N")},
        {QStringLiteral("lan-plaintext"),
         QStringLiteral("Allow listening without TLS where other machines can reach it.")},
        {QStringLiteral("json"), QStringLiteral("Say the address in one line of JSON.")},
        {QStringLiteral("hidden"), QStringLiteral("Start in the tray, without a window.")},
        {QStringLiteral("screenshots"),
         QStringLiteral("Write pictures of every page into this folder, and end."),
         QStringLiteral("DIR")},
        {QStringLiteral("brief"), QStringLiteral("Pictures in one theme and size only.")},
        {QStringLiteral("page"), QStringLiteral("Show this page first."), QStringLiteral("NAME")},
    });
    parser.addHelpOption();
    parser.addVersionOption();
}

} // namespace

QString helpText()
{
    QCommandLineParser parser;
    describe(parser);
    return parser.helpText();
}

Result<Wishes> parseWishes(const QStringList &arguments)
{
    QCommandLineParser parser;
    describe(parser);
    if (!parser.parse(arguments))
        return failure(ErrorKind::InvalidRequest, parser.errorText());
    if (!parser.positionalArguments().isEmpty()) {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("%1 is not an option; see --help.")
                           .arg(parser.positionalArguments().constFirst()));
    }
    Wishes wishes;
    wishes.profile = parser.value(QStringLiteral("profile"));
    wishes.serve.listen = parser.value(QStringLiteral("listen"));
    wishes.serve.threads = parser.value(QStringLiteral("threads"));
    wishes.serve.lanPlaintext = parser.isSet(QStringLiteral("lan-plaintext"));
    wishes.json = parser.isSet(QStringLiteral("json"));
    wishes.hidden = parser.isSet(QStringLiteral("hidden"));
    wishes.screenshots = parser.value(QStringLiteral("screenshots"));
    wishes.briefScreenshots = parser.isSet(QStringLiteral("brief"));
    wishes.page = parser.value(QStringLiteral("page"));
    return wishes;
}

Desktop::Desktop(Wishes wishes)
    : m_wishes(std::move(wishes))
{
}

Desktop::~Desktop()
{
    m_screenshots.reset();
    m_engine.reset(); // its objects look at everything below
}

Result<bool> Desktop::start()
{
    const auto profile = admin::openProfile(m_wishes.profile);
    if (!profile)
        return failure(profile.error());
    m_instance = Instance::first(*profile, [this] { raise(QString()); });
    if (!m_instance)
        return false;
    if (auto opened = openEngine(*profile); !opened)
        return failure(opened.error());
    Backend::install(m_backend.get());
    m_prefs = std::make_unique<Prefs>(profile->folder + QStringLiteral("/desktop.ini"));
    Prefs::install(m_prefs.get());
    m_system = std::make_unique<System>();
    System::install(m_system.get());
    m_snapshot = std::make_unique<Snapshot>();
    Snapshot::install(m_snapshot.get());
    openWindow();
    if (QSystemTrayIcon::isSystemTrayAvailable()) {
        m_tray = std::make_unique<Tray>(*m_snapshot);
        connect(m_tray.get(), &Tray::openWanted, this, &Desktop::raise);
        connect(m_tray.get(), &Tray::quitWanted, this, &Desktop::quit);
    }
    return true;
}

Result<void> Desktop::openEngine(const admin::Profile &profile)
{
    const auto connectTo = [profile]() -> Result<std::shared_ptr<admin::Calls>> {
        auto client = admin::AdminClient::connectTo(profile.socketName());
        if (!client)
            return failure(client.error());
        if (!*client) {
            return failure(ErrorKind::Unavailable,
                           QStringLiteral("The daemon that served this profile has ended. Close "
                                          "Tollgate and open it again to serve from here."));
        }
        return std::shared_ptr<admin::Calls>(std::move(*client));
    };
    auto daemon = admin::AdminClient::connectTo(profile.socketName());
    if (!daemon)
        return failure(daemon.error());
    if (*daemon) {
        m_backend = std::make_unique<Backend>(connectTo, true, profile.folder);
        return {};
    }
    auto house = app::House::open(profile);
    if (!house)
        return failure(house.error());
    const auto options = app::gatewayOptions(m_wishes.serve, (*house)->settings());
    if (!options)
        return failure(options.error());
    m_daemon = std::make_unique<app::Daemon>(profile, std::move(*house));
    if (auto started = m_daemon->start(*options); !started)
        return failure(started.error());
    app::announce(m_daemon->urls(), m_wishes.json);
    const auto own = [this]() -> Result<std::shared_ptr<admin::Calls>> {
        return std::shared_ptr<admin::Calls>(std::shared_ptr<void>(), &m_daemon->calls());
    };
    m_backend = std::make_unique<Backend>(own, false, profile.folder);
    return {};
}

void Desktop::openWindow()
{
    m_engine = std::make_unique<QQmlApplicationEngine>();
    m_engine->addImportPath(QStringLiteral("qrc:/qt/qml"));
    m_engine->addImageProvider(QStringLiteral("icon"), new Icons);
    m_engine->setInitialProperties({{QStringLiteral("visible"), !m_wishes.hidden},
                                    {QStringLiteral("startPage"), m_wishes.page}});
    connect(m_engine.get(), &QQmlApplicationEngine::objectCreationFailed, this,
            [] { QCoreApplication::exit(1); });
    m_engine->load(QUrl(QStringLiteral("qrc:/qt/qml/Tollgate/shell/Main.qml")));
    if (m_engine->rootObjects().isEmpty())
        return;
    QObject *window = m_engine->rootObjects().constFirst();
    connect(window, SIGNAL(quitWanted()), this, SLOT(quit()));
    if (!m_wishes.screenshots.isEmpty()) {
        m_screenshots = std::make_unique<Screenshots>(
            *qobject_cast<QQuickWindow *>(window), *m_prefs, m_wishes.screenshots,
            m_wishes.briefScreenshots, [](int code) { QCoreApplication::exit(code); });
    }
}

void Desktop::raise(const QString &page)
{
    if (!m_engine || m_engine->rootObjects().isEmpty())
        return;
    QMetaObject::invokeMethod(m_engine->rootObjects().constFirst(), "raiseAt",
                              Q_ARG(QVariant, page));
}

void Desktop::quit()
{
    if (m_quitting || !m_daemon) {
        QCoreApplication::quit();
        return;
    }
    m_quitting = true;
    m_daemon->drain([] { QCoreApplication::quit(); });
}

} // namespace tollgate::desktop
