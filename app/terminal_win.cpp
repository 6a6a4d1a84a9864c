// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/terminal.h"
#include "core/base/mailbox.h"

#include <windows.h>

#include <atomic>
#include <cstdio>

namespace tollgate::app {
namespace {

constexpr DWORD kLongestInput = 65'536;

// The console calls its handler in a thread of its own.
std::atomic<Mailbox *> wishBox{nullptr};
std::function<void(Wish)> wishHandler;

BOOL WINAPI onConsole(DWORD event)
{
    Mailbox *const box = wishBox.load();
    if (!box)
        return FALSE;
    const Wish wish = event == CTRL_BREAK_EVENT ? Wish::Reload : Wish::Stop;
    box->post([wish] { wishHandler(wish); });
    // The process ends when a close event's handler returns; running answers get their time.
    if (event == CTRL_CLOSE_EVENT || event == CTRL_SHUTDOWN_EVENT || event == CTRL_LOGOFF_EVENT)
        Sleep(INFINITE);
    return TRUE;
}

class ConsoleSignals final : public Signals
{
public:
    explicit ConsoleSignals(std::function<void(Wish)> onWish)
    {
        wishHandler = std::move(onWish);
        wishBox.store(&m_box);
        SetConsoleCtrlHandler(onConsole, TRUE);
    }
    ~ConsoleSignals() override
    {
        SetConsoleCtrlHandler(onConsole, FALSE);
        wishBox.store(nullptr);
        wishHandler = {};
    }

private:
    Mailbox m_box;
};

} // namespace

Secret readSecret(const QString &prompt)
{
    const HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    DWORD mode = 0;
    const bool console = GetConsoleMode(input, &mode) != 0;
    if (console) {
        std::fputs(prompt.toLocal8Bit().constData(), stderr);
        SetConsoleMode(input, mode & ~static_cast<DWORD>(ENABLE_ECHO_INPUT));
    }
    QByteArray bytes(static_cast<qsizetype>(kLongestInput), '\0');
    qsizetype size = 0;
    DWORD got = 0;
    while (size < bytes.size()
           && ReadFile(input, bytes.data() + size, static_cast<DWORD>(bytes.size() - size), &got,
                       nullptr)
           && got > 0) {
        size += static_cast<qsizetype>(got);
        if (console)
            break;
    }
    if (console) {
        SetConsoleMode(input, mode);
        std::fputs("\n", stderr);
    }
    while (size > 0 && (bytes.at(size - 1) == '\n' || bytes.at(size - 1) == '\r'))
        --size;
    Secret secret(QByteArrayView(bytes).first(size));
    wipe(bytes);
    return secret;
}

std::unique_ptr<Signals> Signals::watch(std::function<void(Wish)> onWish)
{
    return std::make_unique<ConsoleSignals>(std::move(onWish));
}

} // namespace tollgate::app
