// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secrets/vault.h"

#include "core/base/mailbox.h"
#include "core/secrets/privatefile.h"
#include "core/secrets/vaultfile.h"
#include "core/secrets/worker.h"

#include <QFile>

#include <sodium.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace tollgate::secrets {
namespace {

constexpr qsizetype kLargestFile = 16 << 20;
constexpr qsizetype kLargestSecret = 64 << 10;
constexpr qsizetype kLongestReference = 512;
constexpr qsizetype kShortestPassphrase = 8;
constexpr qsizetype kLongestPassphrase = 1024;
constexpr std::int64_t kFirstDelayUs = 1'000'000;
constexpr std::int64_t kLongestDelayUs = 60'000'000;

struct Opened
{
    VaultHeader header;
    VaultKeys keys;
    VaultEntries entries;
    QByteArray file; // as it stands on the disk
};

tl::unexpected<Error> notThere()
{
    return failure(ErrorKind::NotFound,
                   QStringLiteral("There is no vault yet; create one with a passphrase."),
                   "vault_absent");
}

Result<Opened> openFile(const QString &path, const Secret &passphrase)
{
    if (!QFile::exists(path))
        return notThere();
    Result<QByteArray> file = readFile(path, kLargestFile);
    if (!file)
        return failure(file.error());
    const Result<VaultHeader> header = VaultHeader::read(*file);
    if (!header)
        return failure(header.error());
    Result<VaultKeys> keys = deriveKeys(*header, passphrase);
    if (!keys)
        return failure(keys.error());
    Result<VaultEntries> entries = readVault(*file, *keys);
    if (!entries)
        return failure(entries.error());
    return Opened{*header, std::move(*keys), std::move(*entries), std::move(*file)};
}

Result<Opened> createFile(const QString &path, VaultCost cost, const Secret &passphrase)
{
    if (QFile::exists(path)) {
        return failure(ErrorKind::Conflict,
                       QStringLiteral("There is a vault already; unlock it instead."),
                       "vault_exists");
    }
    const VaultHeader header = VaultHeader::fresh(cost);
    Result<VaultKeys> keys = deriveKeys(header, passphrase);
    if (!keys)
        return failure(keys.error());
    QByteArray file = writeVault(header, *keys, {});
    if (const Result<void> saved = replacePrivateFile(path, file); !saved)
        return failure(saved.error());
    return Opened{header, std::move(*keys), {}, std::move(file)};
}

// Another program may have put back a backup meanwhile: never write over what we have not read.
Result<void> saveFile(const QString &path, const QByteArray &expected, const QByteArray &file)
{
    const Result<QByteArray> found = readFile(path, kLargestFile);
    if (!found || *found != expected) {
        return failure(
            ErrorKind::Conflict,
            QStringLiteral("The vault file was changed by another program; lock and unlock "
                           "the vault, then try again."),
            "vault_changed");
    }
    return replacePrivateFile(path, file);
}

Result<void> checkSecret(const QByteArray &reference, const Secret &secret)
{
    if (reference.isEmpty() || reference.size() > kLongestReference || secret.isEmpty()) {
        return failure(ErrorKind::InvalidRequest, QStringLiteral("An empty key cannot be stored."),
                       "empty_key");
    }
    if (secret.reveal().size() > kLargestSecret) {
        return failure(ErrorKind::TooLarge,
                       QStringLiteral("The key is too long for the vault; at most %1 KiB fit.")
                           .arg(kLargestSecret >> 10),
                       "key_too_long");
    }
    return {};
}

tl::unexpected<Error> locked()
{
    return failure(ErrorKind::Unavailable,
                   QStringLiteral("The vault is locked; unlock it with its passphrase."),
                   "vault_locked");
}

class FileVault final : public Vault
{
public:
    FileVault(QString path, VaultCost cost, const Clock &clock)
        : m_path(std::move(path))
        , m_cost(cost)
        , m_clock(clock)
    {
    }

    bool exists() const override { return QFile::exists(m_path); }
    bool isLocked() const override { return !m_open; }

    void create(Secret passphrase, Done done) override
    {
        const qsizetype size = passphrase.reveal().size();
        if (size < kShortestPassphrase || size > kLongestPassphrase) {
            answer(std::move(done),
                   failure(ErrorKind::InvalidRequest,
                           QStringLiteral("A vault passphrase has %1 to %2 characters.")
                               .arg(kShortestPassphrase)
                               .arg(kLongestPassphrase),
                           "bad_passphrase"));
            return;
        }
        open(std::move(passphrase), std::move(done), true);
    }

    void unlock(Secret passphrase, Done done) override
    {
        open(std::move(passphrase), std::move(done), false);
    }

    void lock() override
    {
        ++m_round; // an unlocking under way is for nothing now
        m_open.reset();
    }

    void read(const QByteArray &reference, std::function<void(Lookup)> done, Asking) override
    {
        m_mail.post([lookup = lookUp(reference), done = std::move(done)] { done(lookup); });
    }

    void write(const QByteArray &reference, Secret secret, Done done) override
    {
        if (const Result<void> checked = checkSecret(reference, secret); !checked) {
            answer(std::move(done), checked);
            return;
        }
        auto held = std::make_shared<const Secret>(std::move(secret));
        enqueue([this, reference, held, done = std::move(done)] {
            change(
                done,
                [&](VaultEntries &entries) {
                    entries[reference] = sealEntry(m_open->keys, reference, *held);
                },
                reference, held);
        });
    }

    void remove(const QByteArray &reference, Done done) override
    {
        enqueue([this, reference, done = std::move(done)] {
            change(
                done, [&](VaultEntries &entries) { entries.erase(reference); }, reference, nullptr);
        });
    }

private:
    void answer(Done done, Result<void> result)
    {
        m_mail.post([done = std::move(done), result = std::move(result)] { done(result); });
    }

    Lookup lookUp(const QByteArray &reference) const
    {
        if (!m_open && !exists())
            return {KeyState::Unavailable, nullptr, notThere().value().message};
        if (!m_open)
            return {KeyState::Locked, nullptr, locked().value().message};
        const auto entry = m_open->entries.find(reference);
        if (entry == m_open->entries.end()) {
            return {KeyState::Absent, nullptr,
                    QStringLiteral("The vault has no such key; enter it again.")};
        }
        auto secret = openEntry(m_open->keys, reference, entry->second);
        if (!secret)
            return {KeyState::Absent, nullptr, wrongOrDamaged().message};
        return {KeyState::Present, std::move(secret), {}};
    }

    // One operation at a time, in the order they were asked for.
    void enqueue(std::function<void()> operation)
    {
        m_operations.push_back(std::move(operation));
        m_mail.post([this] { next(); });
    }

    void next()
    {
        if (m_busy || m_operations.empty())
            return;
        m_busy = true;
        const auto operation = std::move(m_operations.front());
        m_operations.pop_front();
        operation();
    }

    void finish(const Done &done, const Result<void> &result)
    {
        m_busy = false;
        m_mail.post([this] { next(); });
        done(result);
    }

    void open(Secret passphrase, Done done, bool fresh)
    {
        auto held = std::make_shared<const Secret>(std::move(passphrase));
        enqueue([this, held = std::move(held), done = std::move(done), fresh] {
            const std::int64_t waitUs = m_nextTryUs - m_clock.monotonicUs();
            if (!fresh && waitUs > 0) {
                finish(done, tooSoon(waitUs));
                return;
            }
            m_worker.post([this, held, done, fresh, round = m_round] {
                auto opened = std::make_shared<Result<Opened>>(
                    fresh ? createFile(m_path, m_cost, *held) : openFile(m_path, *held));
                m_mail.post([this, opened, done, round] { opening(*opened, done, round); });
            });
        });
    }

    static Result<void> tooSoon(std::int64_t waitUs)
    {
        Error error;
        error.kind = ErrorKind::RateLimited;
        error.code = "vault_wait";
        error.retryAfterSeconds = static_cast<int>((waitUs + 999'999) / 1'000'000);
        error.message = QStringLiteral("The last passphrase was wrong; try again in %1 s.")
                            .arg(error.retryAfterSeconds);
        return failure(std::move(error));
    }

    void opening(Result<Opened> &opened, const Done &done, std::uint64_t round)
    {
        if (!opened) {
            if (opened.error().code == wrongOrDamaged().code) {
                m_delayUs = std::clamp(m_delayUs * 2, kFirstDelayUs, kLongestDelayUs);
                m_nextTryUs = m_clock.monotonicUs() + m_delayUs;
            }
            finish(done, failure(opened.error()));
            return;
        }
        m_delayUs = 0;
        m_nextTryUs = 0;
        if (round != m_round) {
            finish(done, locked());
            return;
        }
        m_open.emplace(std::move(*opened));
        finish(done, {});
    }

    // Saves the changed entries; the open vault changes only when the disk has.
    void change(const Done &done, const std::function<void(VaultEntries &)> &edit,
                const QByteArray &reference, const std::shared_ptr<const Secret> &written)
    {
        if (!m_open) {
            finish(done, exists() ? locked() : notThere());
            return;
        }
        auto entries = std::make_shared<VaultEntries>(m_open->entries);
        edit(*entries);
        auto file
            = std::make_shared<QByteArray>(writeVault(m_open->header, m_open->keys, *entries));
        m_worker.post([this, done, entries, file, reference, written, round = m_round,
                       expected = m_open->file] {
            Result<void> saved = saveFile(m_path, expected, *file);
            m_mail.post(
                [this, done, entries, file, reference, written, round, saved = std::move(saved)] {
                    if (saved && round == m_round && m_open) {
                        m_open->entries = *entries;
                        m_open->file = *file;
                    }
                    finish(done, saved && written ? readBack(reference, *written, round) : saved);
                });
        });
    }

    Result<void> readBack(const QByteArray &reference, const Secret &written,
                          std::uint64_t round) const
    {
        if (round != m_round)
            return {}; // saved, and locked since
        const Lookup lookup = lookUp(reference);
        const bool same = lookup.secret && lookup.secret->reveal() == written.reveal();
        if (!same)
            return failure(ErrorKind::Internal, QStringLiteral("The vault did not keep the key."));
        return {};
    }

    const QString m_path;
    const VaultCost m_cost;
    const Clock &m_clock;
    std::optional<Opened> m_open;
    std::uint64_t m_round = 0; // counts lock()
    std::int64_t m_delayUs = 0;
    std::int64_t m_nextTryUs = 0;
    std::deque<std::function<void()>> m_operations;
    bool m_busy = false;
    Mailbox m_mail;
    Worker m_worker; // last: its thread uses the mailbox
};

Result<Secret> passphraseIn(const QString &path)
{
    Result<QByteArray> file = readFile(path, kLongestPassphrase + 2);
    if (!file)
        return failure(file.error());
    QByteArrayView words = *file;
    if (words.endsWith('\n'))
        words = words.chopped(1);
    if (words.endsWith('\r'))
        words = words.chopped(1);
    Secret secret(words);
    wipe(*file);
    if (secret.isEmpty()) {
        return failure(ErrorKind::InvalidRequest,
                       QStringLiteral("The file with the vault passphrase is empty."),
                       "bad_passphrase");
    }
    return secret;
}

} // namespace

std::unique_ptr<Vault> openVault(const QString &path)
{
    return openVault(path, VaultCost::moderate(), Clock::system());
}

std::unique_ptr<Vault> openVault(const QString &path, const VaultCost &cost, const Clock &clock)
{
    return std::make_unique<FileVault>(path, cost, clock);
}

Result<Secret> givenVaultPassphrase()
{
    const QString folder = qEnvironmentVariable("CREDENTIALS_DIRECTORY");
    if (!folder.isEmpty()) {
        const QString path = folder + QStringLiteral("/tollgate-vault-passphrase");
        if (QFile::exists(path))
            return passphraseIn(path);
    }
    const QString path = qEnvironmentVariable("TOLLGATE_VAULT_PASSPHRASE_FILE");
    if (!path.isEmpty())
        return passphraseIn(path);
    return failure(ErrorKind::NotFound,
                   QStringLiteral("No vault passphrase was given at start; set "
                                  "TOLLGATE_VAULT_PASSPHRASE_FILE or the systemd credential "
                                  "tollgate-vault-passphrase."),
                   "passphrase_absent");
}

} // namespace tollgate::secrets
