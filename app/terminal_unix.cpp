// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal.h"

#include <QSocketNotifier>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>

namespace tollgate::app {
namespace {

constexpr qsizetype kLongestInput = 65'536;

// The only thing a signal handler may touch: the writing end of a pipe.
std::atomic<int> wishPipe{-1};

void onSignal(int number)
{
    const char letter = number == SIGHUP ? 'r' : 's';
    const int saved = errno;
    [[maybe_unused]] const auto written = write(wishPipe.load(), &letter, 1);
    errno = saved;
}

class PipeSignals final : public Signals
{
public:
    PipeSignals(int reading, std::function<void(Wish)> onWish)
        : m_reading(reading)
        , m_notifier(reading, QSocketNotifier::Read)
    {
        QObject::connect(&m_notifier, &QSocketNotifier::activated, &m_notifier,
                         [this, onWish = std::move(onWish)] {
                             char letter = 0;
                             while (read(m_reading, &letter, 1) == 1)
                                 onWish(letter == 'r' ? Wish::Reload : Wish::Stop);
                         });
    }
    ~PipeSignals() override
    {
        // What is being taken down still writes; only Ctrl+C may cut that short.
        std::signal(SIGTERM, SIG_IGN);
        std::signal(SIGHUP, SIG_IGN);
        std::signal(SIGINT, SIG_DFL);
        m_notifier.setEnabled(false);
        close(wishPipe.exchange(-1));
        close(m_reading);
    }

private:
    int m_reading;
    QSocketNotifier m_notifier;
};

QByteArray readAll()
{
    QByteArray bytes;
    std::array<char, 4096> block{};
    while (bytes.size() < kLongestInput) {
        const auto got = read(STDIN_FILENO, block.data(), block.size());
        if (got <= 0)
            break;
        bytes.append(block.data(), got);
    }
    block.fill('\0');
    return bytes;
}

QByteArray readLine()
{
    QByteArray bytes;
    char letter = 0;
    while (bytes.size() < kLongestInput && read(STDIN_FILENO, &letter, 1) == 1 && letter != '\n')
        bytes.append(letter);
    return bytes;
}

} // namespace

Secret readSecret(const QString &prompt)
{
    QByteArray bytes;
    termios before{};
    if (isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &before) == 0) {
        std::fputs(prompt.toLocal8Bit().constData(), stderr);
        termios silent = before;
        silent.c_lflag &= ~tcflag_t{ECHO};
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        bytes = readLine();
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        std::fputs("\n", stderr);
    } else {
        bytes = readAll();
    }
    if (bytes.endsWith('\n'))
        bytes.chop(1);
    if (bytes.endsWith('\r'))
        bytes.chop(1);
    Secret secret(bytes);
    wipe(bytes);
    return secret;
}

std::unique_ptr<Signals> Signals::watch(std::function<void(Wish)> onWish)
{
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0)
        return nullptr;
    for (const int end : ends) {
        fcntl(end, F_SETFD, FD_CLOEXEC);
        fcntl(end, F_SETFL, O_NONBLOCK);
    }
    wishPipe.store(ends[1]);
    auto watcher = std::make_unique<PipeSignals>(ends[0], std::move(onWish));
    struct sigaction action
    {
    };
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaction(number, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    return watcher;
}

} // namespace tollgate::app
