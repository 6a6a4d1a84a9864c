// SPDX-License-Identifier: GPL-3.0-or-later
// A scratch profile with its store, and the waiting that tests need.
#pragma once

#include "core/store/profile.h"
#include "core/store/store.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <memory>

namespace tollgate::test {

// Fails the test with the error's sentence.
#define VERIFY_RESULT(result)                                                                      \
    do {                                                                                           \
        if (!(result))                                                                             \
            QFAIL(qPrintable((result).error().message + QLatin1String(" [")                        \
                             + QString::fromLatin1((result).error().code) + QLatin1Char(']')));    \
    } while (false)

class Profile
{
public:
    [[nodiscard]] QString path() const { return m_folder.filePath(QStringLiteral("profile")); }
    [[nodiscard]] QString database() const { return store::databaseFile(path()); }
    [[nodiscard]] store::Options options() const
    {
        store::Options options;
        options.profile = path();
        return options;
    }
    [[nodiscard]] Result<std::unique_ptr<store::Store>> open() const
    {
        return store::Store::open(options());
    }

private:
    QTemporaryDir m_folder;
};

// Runs this thread's event loop until `condition` holds.
template <class Condition> [[nodiscard]] bool spinUntil(Condition condition, int timeoutMs = 30'000)
{
    const QDeadlineTimer deadline(timeoutMs);
    QTimer tick; // so that waiting for events ends, and the deadline is seen
    tick.start(20);
    while (!condition()) {
        if (deadline.hasExpired())
            return false;
        QCoreApplication::processEvents(QEventLoop::AllEvents | QEventLoop::WaitForMoreEvents);
    }
    return true;
}

// Waits for an answer that arrives through this thread's mailbox.
template <class T> [[nodiscard]] T await(OneShot<T> answer)
{
    std::optional<T> value;
    const auto task = [](OneShot<T> pending, std::optional<T> &out) -> Detached {
        out.emplace(co_await pending);
    };
    task(answer, value);
    if (!spinUntil([&] { return value.has_value(); }))
        qFatal("no answer came");
    return std::move(*value);
}

} // namespace tollgate::test
