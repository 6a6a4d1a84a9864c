// SPDX-License-Identifier: GPL-3.0-or-later
// Reads commands from standard input and runs them against the real keychain of its environment,
// one at a time: "read REF", "quiet REF", "write REF BASE64", "remove REF". Answers one line each.
// A program of its own because D-Bus libraries remember the session they first saw.
#include "core/secrets/secrets.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QSocketNotifier>
#include <QTimer>

#include <unistd.h>

#include <cstdio>

using namespace tollgate;

namespace {

const char *nameOf(secrets::KeyState state)
{
    switch (state) {
    case secrets::KeyState::Present:
        return "present";
    case secrets::KeyState::Absent:
        return "absent";
    case secrets::KeyState::Locked:
        return "locked";
    case secrets::KeyState::Denied:
        return "denied";
    case secrets::KeyState::Unavailable:
        return "unavailable";
    }
    return "";
}

void say(const QByteArray &line)
{
    std::fprintf(stdout, "%s\n", line.constData());
    std::fflush(stdout);
}

class Probe : public QObject
{
public:
    Probe(int timeoutMs)
        : m_store(secrets::openKeychain("test-profile", timeoutMs))
        , m_input(STDIN_FILENO, QSocketNotifier::Read)
    {
        connect(&m_input, &QSocketNotifier::activated, this, [this] { receive(); });
    }

private:
    void receive()
    {
        char buffer[65'536];
        const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (got <= 0) {
            QCoreApplication::quit();
            return;
        }
        m_pending.append(buffer, got);
        for (qsizetype end = m_pending.indexOf('\n'); end >= 0; end = m_pending.indexOf('\n')) {
            run(m_pending.first(end).split(' '));
            m_pending.remove(0, end + 1);
        }
    }

    void run(const QByteArrayList &words)
    {
        const QByteArray &reference = words.value(1);
        const auto told = [](const Result<void> &result) {
            say(result ? QByteArray("ok")
                       : "failed " + result.error().code + ' ' + result.error().message.toUtf8());
        };
        if (words[0] == "read" || words[0] == "quiet") {
            m_store->read(
                reference,
                [](const secrets::Lookup &lookup) {
                    say(nameOf(lookup.state) + QByteArray(" ")
                        + (lookup.secret ? lookup.secret->reveal().toByteArray().toBase64()
                                         : lookup.detail.toUtf8()));
                },
                words[0] == "quiet" ? secrets::Asking::Quietly : secrets::Asking::MayAsk);
        } else if (words[0] == "write") {
            m_store->write(reference, Secret(QByteArray::fromBase64(words.value(2))), told);
        } else {
            m_store->remove(reference, told);
        }
    }

    std::unique_ptr<secrets::SecretStore> m_store;
    QSocketNotifier m_input;
    QByteArray m_pending;
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication app(argc, argv);
    const Probe probe(argc > 1 ? QByteArray(argv[1]).toInt() : 30'000);
    return QCoreApplication::exec();
}
