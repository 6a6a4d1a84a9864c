// SPDX-License-Identifier: GPL-3.0-or-later
// Waits for the answer of a store while the event loop runs.
#pragma once

#include "core/secrets/secrets.h"

#include <QTest>

#include <functional>
#include <optional>

namespace tollgate::test {

constexpr int kWaitMs = 30'000;

// Nothing where no answer came in time.
template <class T> std::optional<T> waitFor(const std::function<void(std::function<void(T)>)> &ask)
{
    auto answer = std::make_shared<std::optional<T>>();
    ask([answer](T value) { answer->emplace(std::move(value)); });
    (void)QTest::qWaitFor([answer] { return answer->has_value(); }, kWaitMs);
    return *answer;
}

inline secrets::Lookup read(secrets::SecretStore &store, const QByteArray &reference)
{
    return waitFor<secrets::Lookup>([&](auto done) { store.read(reference, std::move(done)); })
        .value_or(secrets::Lookup{});
}

// The code of the error, "ok", or "no answer".
inline QByteArray outcome(const std::function<void(std::function<void(Result<void>)>)> &ask)
{
    const auto result = waitFor<Result<void>>(ask);
    if (!result)
        return "no answer";
    return *result ? QByteArray("ok") : result->error().code;
}

inline QByteArray write(secrets::SecretStore &store, const QByteArray &reference,
                        const QByteArray &secret)
{
    return outcome([&](auto done) { store.write(reference, Secret(secret), std::move(done)); });
}

inline QByteArray remove(secrets::SecretStore &store, const QByteArray &reference)
{
    return outcome([&](auto done) { store.remove(reference, std::move(done)); });
}

} // namespace tollgate::test
