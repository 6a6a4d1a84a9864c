// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef Q_MOC_RUN // moc cannot read the standard library's concepts
#include "core/base/task.h"
#endif

#include <QTest>

#include <memory>

using namespace tollgate;

namespace {

struct Trace
{
    explicit Trace(int &alive)
        : m_alive(alive)
    {
        ++m_alive;
    }
    ~Trace() { --m_alive; }
    Trace(const Trace &) = delete;
    Trace &operator=(const Trace &) = delete;
    int &m_alive;
};

Task<int> add(int a, int b)
{
    co_return a + b;
}

Task<std::unique_ptr<int>> boxed(int value)
{
    co_return std::make_unique<int>(value);
}

Task<int> sum(int depth)
{
    if (depth == 0)
        co_return 0;
    Task<int> rest = sum(depth - 1);
    const int below = co_await rest;
    co_return below + depth;
}

Task<int> waitFor(OneShot<int> value, int &alive)
{
    const Trace trace(alive);
    co_return co_await value + 1;
}

Task<void> store(Task<int> task, int &where)
{
    where = co_await task;
}

Task<void> storeBoxed(int &where)
{
    Task<std::unique_ptr<int>> task = boxed(7);
    const auto box = co_await task;
    where = *box;
}

} // namespace

class TestTask : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isLazyAndRunsToItsEnd();
    void carriesMoveOnlyValues();
    void deepChainsReturnThroughTheirCallers();
    void oneShotSetBeforeItIsAwaited();
    void oneShotResumesItsAwaiter();
    void onlyTheFirstValueCounts();
    void destroyedTaskFreesItsFrameAndIsNotWoken();
    void oneShotOutlivesItsTaker();
};

void TestTask::isLazyAndRunsToItsEnd()
{
    int result = 0;
    Task<void> task = store(add(2, 3), result);
    QCOMPARE(result, 0);
    start(std::move(task));
    QCOMPARE(result, 5);
}

void TestTask::carriesMoveOnlyValues()
{
    int result = 0;
    start(storeBoxed(result));
    QCOMPARE(result, 7);
}

void TestTask::deepChainsReturnThroughTheirCallers()
{
    int result = 0;
    start(store(sum(1000), result));
    QCOMPARE(result, 500'500);
}

void TestTask::oneShotSetBeforeItIsAwaited()
{
    int alive = 0;
    int result = 0;
    const OneShot<int> value;
    value.set(41);
    start(store(waitFor(value, alive), result));
    QCOMPARE(result, 42);
    QCOMPARE(alive, 0);
}

void TestTask::oneShotResumesItsAwaiter()
{
    int alive = 0;
    int result = 0;
    const OneShot<int> value;
    start(store(waitFor(value, alive), result));
    QCOMPARE(alive, 1);
    QCOMPARE(result, 0);
    value.set(41);
    QCOMPARE(result, 42);
    QCOMPARE(alive, 0);
}

void TestTask::onlyTheFirstValueCounts()
{
    int alive = 0;
    int result = 0;
    const OneShot<int> value;
    value.set(1);
    value.set(2);
    start(store(waitFor(value, alive), result));
    value.set(3);
    QCOMPARE(result, 2);
}

void TestTask::destroyedTaskFreesItsFrameAndIsNotWoken()
{
    int alive = 0;
    int result = 0;
    const OneShot<int> value;
    {
        // Started by hand: a Task that its owner drops half-way.
        Task<void> task = store(waitFor(value, alive), result);
        task.await_suspend(std::noop_coroutine()).resume();
        QCOMPARE(alive, 1);
    }
    QCOMPARE(alive, 0);
    value.set(1);
    QCOMPARE(result, 0);
}

void TestTask::oneShotOutlivesItsTaker()
{
    const auto held = std::make_shared<int>(1);
    {
        auto taker = std::make_unique<OneShot<std::shared_ptr<int>>>();
        const OneShot<std::shared_ptr<int>> giver = *taker;
        taker.reset();
        giver.set(held);
        QCOMPARE(held.use_count(), 2);
    }
    QCOMPARE(held.use_count(), 1);
}

QTEST_GUILESS_MAIN(TestTask)
#include "test_task.moc"
