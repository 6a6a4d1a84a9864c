// SPDX-License-Identifier: GPL-3.0-or-later
// A D-Bus session of its own in a scratch home, with or without a real gnome-keyring in it, and
// probes that look at it. Everything ends with the object.
#pragma once

#include <QByteArray>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTemporaryDir>

#include <memory>

namespace tollgate::test {

class KeyringSession
{
public:
    KeyringSession();
    ~KeyringSession();
    KeyringSession(const KeyringSession &) = delete;
    KeyringSession &operator=(const KeyringSession &) = delete;

    // What of the needed programs is missing on this machine; empty: nothing.
    [[nodiscard]] static QString missingProgram();

    [[nodiscard]] bool startBus();
    // With a passphrase the login keyring is made or unlocked, without one it stays as it is.
    [[nodiscard]] bool startKeyring(const QByteArray &passphrase);
    void stopKeyring();
    // Something else that owns org.freedesktop.secrets.
    [[nodiscard]] bool startService(const QString &program);
    [[nodiscard]] QString home() const { return m_home.path(); }

    // Sends commands to a fresh probe, gives its answers, one each.
    [[nodiscard]] QByteArrayList ask(const QByteArrayList &commands, int timeoutMs = 30'000) const;

private:
    friend class Probe;
    [[nodiscard]] bool waitForSecretService() const;

    QTemporaryDir m_home;
    QProcessEnvironment m_environment;
    std::unique_ptr<QProcess> m_bus;
    std::unique_ptr<QProcess> m_keyring;
};

// A probe that goes on living between its commands.
class Probe
{
public:
    explicit Probe(const KeyringSession &session, int timeoutMs = 30'000);
    ~Probe();
    [[nodiscard]] QByteArray ask(const QByteArray &command, int waitMs = 20'000);

private:
    QProcess m_process;
};

} // namespace tollgate::test
