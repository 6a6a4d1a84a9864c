// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/keychain.h"

#include "core/base/mailbox.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThread>
#include <QTimer>

#include <sodium.h>

#include <deque>
#include <utility>

namespace tollgate::secrets {
namespace {

const QString &service()
{
    static const QString name = QStringLiteral("Tollgate");
    return name;
}

// Windows credentials hold 2,560 bytes before QtKeychain 0.15; elsewhere this is a sane bound.
#ifdef Q_OS_WIN
constexpr qsizetype kLargestSecret = 2'560;
#else
constexpr qsizetype kLargestSecret = 16'384;
#endif

using Done = std::function<void(Result<void>)>;
using Read = std::function<void(Lookup)>;

Error errorOf(KeyState state, const QString &detail)
{
    Error error;
    error.message = detail;
    switch (state) {
    case KeyState::Locked:
        error.kind = ErrorKind::Unavailable;
        error.code = "keychain_locked";
        break;
    case KeyState::Denied:
        error.kind = ErrorKind::Forbidden;
        error.code = "keychain_denied";
        break;
    case KeyState::Absent:
        error.kind = ErrorKind::NotFound;
        error.code = "key_absent";
        break;
    case KeyState::Present:
    case KeyState::Unavailable:
        error.kind = ErrorKind::Unavailable;
        error.code = "keychain_unavailable";
        break;
    }
    return error;
}

Result<void> refusedSize(qsizetype size)
{
    if (size == 0) {
        return failure(ErrorKind::InvalidRequest, QStringLiteral("An empty key cannot be stored."),
                       "empty_key");
    }
    return failure(ErrorKind::TooLarge,
                   QStringLiteral("The key is too long for the keychain; at most %1 bytes fit.")
                       .arg(kLargestSecret),
                   "key_too_long");
}

// Blanks the bytes themselves, which a job that is done still shares, instead of a copy of them.
void blank(const QByteArray &shared)
{
    sodium_memzero(const_cast<char *>(shared.constData()), static_cast<std::size_t>(shared.size()));
}

std::shared_ptr<const Secret> takeSecret(const QKeychain::ReadPasswordJob &job)
{
    const QByteArray shared = job.binaryData();
    auto secret = std::make_shared<const Secret>(shared);
    blank(shared);
    return secret;
}

// QtKeychain runs all jobs of a process in one queue, so there is no use in starting a second one;
// and a running job must never be deleted (libsecret keeps a bare pointer to it). One operation at
// a time, therefore, and after a time-out none at all until the stuck job has ended by itself.
class Keychain final : public QObject, public SecretStore
{
public:
    Keychain(const QByteArray &profile, int timeoutMs)
        : m_prefix(QStringLiteral("tollgate/%1/").arg(QString::fromUtf8(profile)))
    {
        m_timeout.setSingleShot(true);
        m_timeout.setInterval(timeoutMs);
        connect(&m_timeout, &QTimer::timeout, this, [this] { giveUp(); });
    }

    void read(const QByteArray &reference, Read done, Asking asking) override
    {
        enqueue({[this, reference, asking] { startRead(reference, asking); }, std::move(done)});
    }

    void write(const QByteArray &reference, Secret secret, Done done) override
    {
        const qsizetype size = secret.reveal().size();
        if (size == 0 || size > kLargestSecret) {
            m_mail.post([size, done = std::move(done)] { done(refusedSize(size)); });
            return;
        }
        auto held = std::make_shared<const Secret>(std::move(secret));
        enqueue(
            {[this, reference, held] { startWrite(reference, held); }, asLookup(std::move(done))});
    }

    void remove(const QByteArray &reference, Done done) override
    {
        enqueue({[this, reference] { startRemove(reference); }, asLookup(std::move(done))});
    }

private:
    struct Operation
    {
        std::function<void()> start;
        Read finish;
    };

    static Read asLookup(Done done)
    {
        return [done = std::move(done)](const Lookup &lookup) {
            if (lookup.state == KeyState::Present)
                done({});
            else
                done(failure(errorOf(lookup.state, lookup.detail)));
        };
    }

    void enqueue(Operation operation)
    {
        Q_ASSERT(QThread::currentThread() == QCoreApplication::instance()->thread());
        m_operations.push_back(std::move(operation));
        m_mail.post([this] { next(); });
    }

    void next()
    {
        if (m_running || m_operations.empty())
            return;
        if (m_stuck) {
            refuseAll();
            return;
        }
        m_running = true;
        m_timeout.start();
        m_operations.front().start();
    }

    void finish(Lookup lookup)
    {
        m_timeout.stop();
        m_running = false;
        const Operation operation = std::move(m_operations.front());
        m_operations.pop_front();
        if (!m_operations.empty())
            m_mail.post([this] { next(); });
        operation.finish(std::move(lookup));
    }

    void finish(KeyState state, const QString &text)
    {
        if (state == KeyState::Unavailable)
            forgetConnection();
        finish({state, nullptr, describe(state, text)});
    }

    // Runs `then` when the job ends, unless it timed out meanwhile: then its end only frees the
    // queue. The job deletes itself.
    template <class Job>
    void run(Job *job, const QByteArray &reference, std::function<void(Job &)> then)
    {
        job->setKey(m_prefix + QString::fromUtf8(reference));
        m_job = job;
        connect(job, &QKeychain::Job::finished, this,
                [this, job, then = std::move(then)](QKeychain::Job *) {
                    if (m_stuck == job) {
                        m_stuck = nullptr;
                        return;
                    }
                    if (std::exchange(m_job, nullptr) == job)
                        then(*job);
                });
        job->start();
    }

    void giveUp()
    {
        m_stuck = std::exchange(m_job, nullptr);
        ++m_round; // an answer about the lock that is still to come belongs to nobody
        m_running = false;
        refuseAll();
    }

    void refuseAll()
    {
        const std::deque<Operation> refused = std::exchange(m_operations, {});
        const QPointer<Keychain> alive(this);
        for (const Operation &operation : refused) {
            operation.finish(
                {KeyState::Locked, nullptr,
                 QStringLiteral("The keychain does not answer; it may be waiting for you "
                                "to unlock it.")});
            if (!alive)
                return;
        }
    }

    void askLock(std::function<void(KeychainLock)> then)
    {
        askWhetherLocked(this, [this, round = m_round, then = std::move(then)](KeychainLock lock) {
            if (round == m_round)
                then(lock);
        });
    }

    void startRead(const QByteArray &reference, Asking asking)
    {
        if (asking == Asking::MayAsk) {
            readNow(reference);
            return;
        }
        askLock([this, reference](KeychainLock lock) {
            if (lock == KeychainLock::Locked)
                finish(KeyState::Locked, {});
            else
                readNow(reference);
        });
    }

    void readNow(const QByteArray &reference)
    {
        run<QKeychain::ReadPasswordJob>(new QKeychain::ReadPasswordJob(service()), reference,
                                        [this](QKeychain::ReadPasswordJob &job) {
                                            const KeyState state
                                                = classify(job.error(), job.errorString());
                                            if (state == KeyState::Absent) {
                                                finishUnlessLocked(KeyState::Absent, {});
                                                return;
                                            }
                                            if (state != KeyState::Present) {
                                                finish(state, job.errorString());
                                                return;
                                            }
                                            auto secret = takeSecret(job);
                                            if (secret->isEmpty())
                                                finish(KeyState::Absent, {});
                                            else
                                                finish({KeyState::Present, std::move(secret), {}});
                                        });
    }

    // A locked keychain makes reads find nothing, removals succeed and writes fail in many words.
    void finishUnlessLocked(KeyState state, const QString &text)
    {
        askLock([this, state, text](KeychainLock lock) {
            finish(lock == KeychainLock::Locked ? KeyState::Locked : state, text);
        });
    }

    void startWrite(const QByteArray &reference, const std::shared_ptr<const Secret> &secret)
    {
        auto *job = new QKeychain::WritePasswordJob(service());
        const QByteArray plain = secret->reveal().toByteArray();
        job->setBinaryData(plain);
        run<QKeychain::WritePasswordJob>(
            job, reference, [this, reference, secret, plain](QKeychain::WritePasswordJob &done) {
                blank(plain);
                const KeyState state = classify(done.error(), done.errorString());
                if (state == KeyState::Present)
                    readBack(reference, secret);
                else
                    finishUnlessLocked(state, done.errorString());
            });
    }

    // KWallet reports success even where the write failed (QtKeychain 0.13).
    void readBack(const QByteArray &reference, const std::shared_ptr<const Secret> &secret)
    {
        m_timeout.start();
        run<QKeychain::ReadPasswordJob>(
            new QKeychain::ReadPasswordJob(service()), reference,
            [this, secret](QKeychain::ReadPasswordJob &job) {
                const auto stored = job.error() == QKeychain::NoError
                    ? takeSecret(job)
                    : std::make_shared<const Secret>();
                const QByteArrayView a = stored->reveal();
                const QByteArrayView b = secret->reveal();
                const bool same = a.size() == b.size()
                    && sodium_memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size())) == 0;
                if (same) {
                    finish({KeyState::Present, nullptr, {}});
                } else {
                    finish({KeyState::Unavailable, nullptr,
                            QStringLiteral("The keychain accepted the key but did not keep it; "
                                           "check that it is unlocked and has room.")});
                }
            });
    }

    void startRemove(const QByteArray &reference)
    {
        run<QKeychain::DeletePasswordJob>(
            new QKeychain::DeletePasswordJob(service()), reference,
            [this](QKeychain::DeletePasswordJob &job) {
                const KeyState state = classify(job.error(), job.errorString());
                finishUnlessLocked(state == KeyState::Absent ? KeyState::Present : state,
                                   job.errorString());
            });
    }

    const QString m_prefix;
    Mailbox m_mail;
    QTimer m_timeout;
    std::deque<Operation> m_operations; // the front one is under way while m_running
    bool m_running = false;
    std::uint64_t m_round = 0;
    QKeychain::Job *m_job = nullptr; // under way
    QKeychain::Job *m_stuck = nullptr; // timed out, not ended yet; compared, never touched
};

} // namespace

std::unique_ptr<SecretStore> openKeychain(const QByteArray &profile, int timeoutMs)
{
    return std::make_unique<Keychain>(profile, timeoutMs);
}

} // namespace tollgate::secrets
