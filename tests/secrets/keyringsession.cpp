// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/secrets/keyringsession.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <QThread>

namespace tollgate::test {
namespace {

constexpr int kStartMs = 10'000;

void end(std::unique_ptr<QProcess> &process)
{
    if (!process)
        return;
    process->terminate();
    if (!process->waitForFinished(2'000)) {
        process->kill();
        process->waitForFinished(2'000);
    }
    process.reset();
}

std::unique_ptr<QProcess> start(const QString &program, const QStringList &arguments,
                                const QProcessEnvironment &environment)
{
    auto process = std::make_unique<QProcess>();
    process->setProcessEnvironment(environment);
    process->setProcessChannelMode(QProcess::SeparateChannels);
    process->start(program, arguments);
    if (!process->waitForStarted(kStartMs))
        process.reset();
    return process;
}

} // namespace

KeyringSession::KeyringSession()
    : m_environment(QProcessEnvironment::systemEnvironment())
{
    const QString runtime = m_home.filePath(QStringLiteral("run"));
    QDir().mkpath(runtime);
    QFile::setPermissions(runtime, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    for (const char *name : {"DISPLAY", "WAYLAND_DISPLAY", "XDG_DATA_HOME", "XDG_CONFIG_HOME",
                             "DBUS_SESSION_BUS_ADDRESS", "XDG_CURRENT_DESKTOP",
                             "KDE_SESSION_VERSION", "GNOME_KEYRING_CONTROL", "SSH_AUTH_SOCK"}) {
        m_environment.remove(QString::fromLatin1(name));
    }
    m_environment.insert(QStringLiteral("HOME"), m_home.path());
    m_environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), runtime);
    m_environment.insert(QStringLiteral("LC_ALL"), QStringLiteral("C.UTF-8"));
}

KeyringSession::~KeyringSession()
{
    stopKeyring();
    end(m_bus);
}

QString KeyringSession::missingProgram()
{
    for (const char *program : {"dbus-daemon", "dbus-send", "gnome-keyring-daemon"}) {
        if (QStandardPaths::findExecutable(QString::fromLatin1(program)).isEmpty())
            return QString::fromLatin1(program);
    }
    return {};
}

bool KeyringSession::startBus()
{
    // A bus without any service files: nothing is started behind the test's back.
    QFile config(m_home.filePath(QStringLiteral("bus.conf")));
    if (!config.open(QIODevice::WriteOnly))
        return false;
    config.write("<busconfig><type>session</type><listen>unix:path="
                 + m_home.filePath(QStringLiteral("bus")).toUtf8()
                 + "</listen><policy context=\"default\">"
                   "<allow send_destination=\"*\" eavesdrop=\"true\"/>"
                   "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>");
    config.close();
    m_bus = start(QStringLiteral("dbus-daemon"),
                  {QStringLiteral("--config-file=") + config.fileName(), QStringLiteral("--nofork"),
                   QStringLiteral("--print-address")},
                  m_environment);
    if (!m_bus || !m_bus->waitForReadyRead(kStartMs))
        return false;
    const QByteArray address = m_bus->readLine().trimmed();
    m_environment.insert(QStringLiteral("DBUS_SESSION_BUS_ADDRESS"), QString::fromUtf8(address));
    return true;
}

bool KeyringSession::startKeyring(const QByteArray &passphrase)
{
    QStringList arguments{QStringLiteral("--foreground"), QStringLiteral("--components=secrets")};
    if (!passphrase.isEmpty())
        arguments << QStringLiteral("--unlock");
    m_keyring = start(QStringLiteral("gnome-keyring-daemon"), arguments, m_environment);
    if (!m_keyring)
        return false;
    if (m_keyring->write(passphrase) > 0)
        m_keyring->waitForBytesWritten(kStartMs);
    m_keyring->closeWriteChannel();
    return waitForSecretService();
}

bool KeyringSession::startService(const QString &program)
{
    m_keyring = start(program, {}, m_environment);
    return m_keyring && waitForSecretService();
}

void KeyringSession::stopKeyring()
{
    end(m_keyring);
}

bool KeyringSession::waitForSecretService() const
{
    for (QDeadlineTimer deadline(kStartMs); !deadline.hasExpired(); QThread::msleep(20)) {
        const auto asking
            = start(QStringLiteral("dbus-send"),
                    {QStringLiteral("--session"), QStringLiteral("--print-reply"),
                     QStringLiteral("--dest=org.freedesktop.DBus"), QStringLiteral("/"),
                     QStringLiteral("org.freedesktop.DBus.NameHasOwner"),
                     QStringLiteral("string:org.freedesktop.secrets")},
                    m_environment);
        if (asking && asking->waitForFinished(kStartMs)
            && asking->readAllStandardOutput().contains("boolean true")) {
            return true;
        }
    }
    return false;
}

QByteArrayList KeyringSession::ask(const QByteArrayList &commands, int timeoutMs) const
{
    Probe probe(*this, timeoutMs);
    QByteArrayList answers;
    for (const QByteArray &command : commands)
        answers << probe.ask(command);
    return answers;
}

Probe::Probe(const KeyringSession &session, int timeoutMs)
{
    m_process.setProcessEnvironment(session.m_environment);
    m_process.start(QCoreApplication::applicationDirPath() + QStringLiteral("/keychainprobe"),
                    {QString::number(timeoutMs)});
    m_process.waitForStarted(kStartMs);
}

Probe::~Probe()
{
    m_process.closeWriteChannel();
    if (!m_process.waitForFinished(3'000)) {
        m_process.kill();
        m_process.waitForFinished(2'000);
    }
}

QByteArray Probe::ask(const QByteArray &command, int waitMs)
{
    m_process.write(command + '\n');
    for (QDeadlineTimer deadline(waitMs); !m_process.canReadLine() && !deadline.hasExpired();) {
        if (!m_process.waitForReadyRead(static_cast<int>(deadline.remainingTime())))
            break;
    }
    return m_process.canReadLine() ? m_process.readLine().trimmed() : QByteArray("no answer");
}

} // namespace tollgate::test
