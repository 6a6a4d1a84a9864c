// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/mailbox.h"

#include <QCoreApplication>
#include <QTest>
#include <QThread>

#include <thread>

using namespace tollgate;

class TestMailbox : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lettersFromManyThreadsArriveOnceAndInOrder();
    void lettersRunInTheOwnersThread();
    void letterMayPostAnother();
    void lettersOfADeadBoxAreDropped();
};

void TestMailbox::lettersFromManyThreadsArriveOnceAndInOrder()
{
    constexpr int kThreads = 4;
    constexpr int kLetters = 5000;
    Mailbox mailbox;
    std::vector<std::vector<int>> seen(kThreads);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kLetters; ++i)
                mailbox.post([&seen, t, i] { seen[t].push_back(i); });
        });
    }
    const auto all = [&] {
        std::size_t count = 0;
        for (const auto &letters : seen)
            count += letters.size();
        return count == std::size_t(kThreads) * kLetters;
    };
    QVERIFY(QTest::qWaitFor(all));
    for (std::thread &thread : threads)
        thread.join();
    for (const auto &letters : seen) {
        for (std::size_t i = 0; i < letters.size(); ++i)
            QCOMPARE(letters[i], static_cast<int>(i));
    }
}

void TestMailbox::lettersRunInTheOwnersThread()
{
    Mailbox mailbox;
    QThread *where = nullptr;
    std::thread([&] { mailbox.post([&] { where = QThread::currentThread(); }); }).join();
    QVERIFY(!where);
    QVERIFY(QTest::qWaitFor([&] { return where != nullptr; }));
    QCOMPARE(where, QThread::currentThread());
}

void TestMailbox::letterMayPostAnother()
{
    Mailbox mailbox;
    int count = 0;
    std::function<void()> again = [&] {
        if (++count < 100)
            mailbox.post(again);
    };
    mailbox.post(again);
    QVERIFY(QTest::qWaitFor([&] { return count == 100; }));
}

void TestMailbox::lettersOfADeadBoxAreDropped()
{
    bool ran = false;
    const auto held = std::make_shared<int>(1);
    {
        Mailbox mailbox;
        mailbox.post([&ran, held] { ran = true; });
        QCOMPARE(held.use_count(), 2);
    }
    QCoreApplication::processEvents();
    QVERIFY(!ran);
    QCOMPARE(held.use_count(), 1);
}

QTEST_GUILESS_MAIN(TestMailbox)
#include "test_mailbox.moc"
