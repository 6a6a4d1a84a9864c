// SPDX-License-Identifier: GPL-3.0-or-later
// The database of one profile: one thread owns the only connection that writes, a few others read.
// Operations are functions over a Database (and so over the repositories: channels.h, tokens.h,
// budgets.h, requests.h, rollups.h, settings.h …) that return a Result:
//
//     auto added = m_store.write([row](store::Database &db) { return store::addToken(db, row, now);
//     },
//                                m_mailbox);
//     const Result<store::TokenRow> token = co_await added;
//
// Whatever waits is written in one transaction (group commit); an operation that fails undoes
// itself only. It arrives when it is durable. An operation may run twice (when a neighbour in its
// group failed and the group is taken back): it must not change what it captured.
#pragma once

#include "core/base/mailbox.h"
#include "core/base/result.h"
#include "core/base/task.h"
#include "core/store/database.h"

#include <QString>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace tollgate::store {

// Normal: a killed process loses nothing; power loss may take the last moments. Strict: power loss
// takes nothing either, each commit waits for the disk.
enum class Durability { Normal, Strict };

struct Options
{
    QString profile; // folder; made (0700) if missing
    Durability durability = Durability::Normal;
    int readers = 2;
    // A profile that once had a database and has none now is refused; true starts it afresh.
    bool allowNew = false;
    // Waiting for a foreign lock before Unavailable. An operation queued behind a waiting one may
    // wait twice this.
    int busyTimeoutMs = 2500;
};

// How the store is doing, for screens and metrics. Thread-safe snapshot.
struct Health
{
    bool writable = true;
    Error error; // of the last failed commit, while not writable
    std::size_t keptWrites = 0; // settles in memory that wait for the disk
    std::uint64_t commits = 0;
    std::uint64_t operations = 0;
    bool damaged = false; // the background check found the file damaged
};

class Store
{
public:
    template <class Op> using ResultOf = std::invoke_result_t<Op &, Database &>; // some Result<T>

    // Takes the profile's lock, checks and migrates the file. Errors are plain sentences, their
    // code one of: profile_in_use, profile_unusable, database_missing, not_a_database,
    // foreign_database, newer_schema, database_damaged, disk_full, read_only, database_locked,
    // io_error. A refused file is left untouched.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(const Options &options);
    // Finishes what is queued, then closes the file.
    ~Store();
    Store(const Store &) = delete;
    Store &operator=(const Store &) = delete;

    // Every call below is thread-safe. A mailbox must live until its answers have come: call
    // drain() before destroying one that may still be waited for.

    template <class Op> [[nodiscard]] OneShot<ResultOf<Op>> write(Op op, Mailbox &replyTo)
    {
        OneShot<ResultOf<Op>> answer;
        write(std::move(op), replyTo,
              [answer](ResultOf<Op> result) { answer.set(std::move(result)); });
        return answer;
    }
    template <class Op, class Done> void write(Op op, Mailbox &replyTo, Done done)
    {
        enqueue(makeJob(std::move(op), &replyTo, std::move(done)), Keep::No);
    }
    // Nobody waits.
    template <class Op> void post(Op op)
    {
        enqueue(makeJob(std::move(op), nullptr, [](const ResultOf<Op> &) {}), Keep::No);
    }
    // For what must not be lost: while the disk refuses, the operation stays in memory (at most
    // 10,000 do) and is tried again; the answer is then Unavailable with code "kept", at once.
    template <class Op> [[nodiscard]] OneShot<ResultOf<Op>> keep(Op op, Mailbox &replyTo)
    {
        OneShot<ResultOf<Op>> answer;
        enqueue(makeJob(std::move(op), &replyTo,
                        [answer](ResultOf<Op> result) { answer.set(std::move(result)); }),
                Keep::Yes);
        return answer;
    }
    template <class Op> void keepPosted(Op op)
    {
        enqueue(makeJob(std::move(op), nullptr, [](const ResultOf<Op> &) {}), Keep::Yes);
    }
    // Blocks until done; for the command line, start-up and tests. Never from an event loop.
    template <class Op> [[nodiscard]] ResultOf<Op> writeNow(Op op)
    {
        std::optional<ResultOf<Op>> result;
        enqueueAndWait(makeJob(std::move(op), nullptr,
                               [&result](ResultOf<Op> r) { result.emplace(std::move(r)); }),
                       false);
        return std::move(*result);
    }

    // Reads run on the reader threads, see the last commit, and may be cancelled (ClientGone).
    template <class Op> [[nodiscard]] OneShot<ResultOf<Op>> read(Op op, Mailbox &replyTo)
    {
        OneShot<ResultOf<Op>> answer;
        read(std::move(op), replyTo,
             [answer](ResultOf<Op> result) { answer.set(std::move(result)); });
        return answer;
    }
    template <class Op, class Done>
    void read(Op op, Mailbox &replyTo, Done done, Cancellation cancellation = {})
    {
        enqueueRead(makeJob(std::move(op), &replyTo, std::move(done)), std::move(cancellation));
    }
    template <class Op> [[nodiscard]] ResultOf<Op> readNow(Op op)
    {
        std::optional<ResultOf<Op>> result;
        enqueueAndWait(makeJob(std::move(op), nullptr,
                               [&result](ResultOf<Op> r) { result.emplace(std::move(r)); }),
                       true);
        return std::move(*result);
    }

    // Blocks until everything queued before is done and its answers are posted.
    void drain();
    [[nodiscard]] Health health() const;
    [[nodiscard]] const QString &profile() const;
    [[nodiscard]] QString databasePath() const;

    // One queued operation; an implementation detail of the templates above.
    class Job
    {
    public:
        explicit Job(Mailbox *replyTo)
            : m_replyTo(replyTo)
        {
        }
        virtual ~Job() = default;
        Job(const Job &) = delete;
        Job &operator=(const Job &) = delete;
        [[nodiscard]] Mailbox *replyTo() const { return m_replyTo; }
        // Runs the operation and keeps its result; false: it failed.
        [[nodiscard]] virtual bool run(Database &database) = 0;
        virtual void fail(const Error &error) = 0;
        virtual void deliver() = 0;
        // Takes the answer out, to be given before the operation is done; deliver() is then silent.
        [[nodiscard]] virtual std::function<void()> answerNow(const Error &error) = 0;
        [[nodiscard]] virtual const Error *error() const = 0;

    private:
        Mailbox *m_replyTo;
    };

private:
    enum class Keep { No, Yes };
    class Private;

    template <class Op, class Done> class TypedJob final : public Job
    {
    public:
        TypedJob(Op op, Mailbox *replyTo, Done done)
            : Job(replyTo)
            , m_op(std::move(op))
            , m_done(std::move(done))
        {
        }
        bool run(Database &database) override
        {
            m_result.emplace(m_op(database));
            return m_result->has_value();
        }
        void fail(const Error &error) override { m_result.emplace(failure(error)); }
        void deliver() override
        {
            if (m_done)
                (*m_done)(std::move(*m_result));
        }
        std::function<void()> answerNow(const Error &error) override
        {
            if (!m_done)
                return {};
            auto done = std::make_shared<Done>(std::move(*m_done));
            m_done.reset();
            return [done, error] { (*done)(ResultOf<Op>(failure(error))); };
        }
        [[nodiscard]] const Error *error() const override
        {
            return m_result && !m_result->has_value() ? &m_result->error() : nullptr;
        }

    private:
        Op m_op;
        std::optional<Done> m_done;
        std::optional<ResultOf<Op>> m_result;
    };

    template <class Op, class Done>
    static std::unique_ptr<Job> makeJob(Op op, Mailbox *replyTo, Done done)
    {
        return std::make_unique<TypedJob<Op, Done>>(std::move(op), replyTo, std::move(done));
    }

    explicit Store(std::unique_ptr<Private> d);
    void enqueue(std::unique_ptr<Job> job, Keep keep);
    void enqueueRead(std::unique_ptr<Job> job, Cancellation cancellation);
    void enqueueAndWait(std::unique_ptr<Job> job, bool read);

    std::unique_ptr<Private> d;
};

// Moves the database of a profile that nobody uses out of the way, under a name with the date, and
// says the new name. For a damaged or foreign file, when the user asks for it.
[[nodiscard]] Result<QString> setDatabaseAside(const QString &profile);

} // namespace tollgate::store
