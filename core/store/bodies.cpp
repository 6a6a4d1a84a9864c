// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/bodies.h"

#include "core/store/logging.h"
#include "core/store/redact.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QThread>
#include <QtEndian>

#include <zstd.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>

namespace tollgate::store {
namespace {

// One index entry: what finds a body in the day's data file. Written after the data, so an entry
// that is whole points at data that is whole; half an entry at the end is ignored.
//   0  15 bytes of the SHA-256 of the request id
//  15  kind, with 0x80 if truncated and the attempt in the three bits below
//  16  offset, 64 bits little endian
//  24  compressed size, 32 bits
//  28  size, 32 bits
constexpr qsizetype entrySize = 32;
constexpr qsizetype idSize = 15;
constexpr std::uint8_t truncatedBit = 0x80;
constexpr int attemptShift = 4;
constexpr int mostAttempts = 7;
constexpr std::uint8_t kindBits = 0x0f;
constexpr int level = 3;

struct Entry
{
    QByteArray id;
    std::uint8_t kind = 0;
    quint64 offset = 0;
    quint32 packed = 0;
    quint32 size = 0;
};

QByteArray shortened(const QByteArray &requestId)
{
    return QCryptographicHash::hash(requestId, QCryptographicHash::Sha256).left(idSize);
}

QByteArray toBytes(const Entry &entry)
{
    QByteArray bytes(entrySize, '\0');
    char *at = bytes.data();
    std::memcpy(at, entry.id.constData(), idSize);
    at[idSize] = char(entry.kind);
    qToLittleEndian(entry.offset, at + 16);
    qToLittleEndian(entry.packed, at + 24);
    qToLittleEndian(entry.size, at + 28);
    return bytes;
}

Entry fromBytes(const char *at)
{
    return {QByteArray(at, idSize), std::uint8_t(at[idSize]), qFromLittleEndian<quint64>(at + 16),
            qFromLittleEndian<quint32>(at + 24), qFromLittleEndian<quint32>(at + 28)};
}

QDate dayOf(std::int64_t us)
{
    constexpr std::int64_t day = 86'400'000'000;
    return QDate(1970, 1, 1).addDays(us >= 0 ? us / day : (us - day + 1) / day);
}

bool openForAppending(QFile &file)
{
    const bool fresh = !file.exists();
    if (!file.open(QIODevice::ReadWrite))
        return false;
    if (fresh && !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner))
        return false;
    return file.seek(file.size());
}

} // namespace

class Bodies::Private
{
public:
    struct Item
    {
        QByteArray requestId;
        QDate day;
        BodyKind kind;
        int attempt;
        QByteArray body;
    };

    explicit Private(BodyOptions o)
        : options(std::move(o))
        , folder(QDir(options.profile).filePath(QStringLiteral("bodies")))
    {
        if (!options.redact)
            options.redact = redactSecrets;
    }
    ~Private()
    {
        {
            const std::lock_guard guard(mutex);
            stopping = true;
        }
        wake.notify_all();
        if (thread)
            thread->wait();
    }

    [[nodiscard]] QString file(QDate day, const char *suffix) const
    {
        return QDir(folder).filePath(day.toString(QStringLiteral("yyyy-MM-dd"))
                                     + QLatin1String(suffix));
    }
    void loop();
    [[nodiscard]] bool write(const Item &item);
    [[nodiscard]] bool makeFolder() const;

    BodyOptions options;
    const QString folder;
    std::unique_ptr<QThread> thread;
    std::mutex mutex;
    std::condition_variable wake;
    std::condition_variable idle;
    std::vector<Item> queue;
    qsizetype queued = 0;
    std::uint64_t dropped = 0;
    bool busy = false;
    bool stopping = false;
    // Between writing a day's files and deleting or reading them.
    mutable std::mutex files;
};

bool Bodies::Private::makeFolder() const
{
    if (QDir(folder).exists())
        return true;
    return QDir().mkpath(folder)
        && QFile::setPermissions(folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

void Bodies::Private::loop()
{
    std::unique_lock guard(mutex);
    for (;;) {
        if (queue.empty()) {
            busy = false;
            idle.notify_all();
        }
        wake.wait(guard, [this] { return !queue.empty() || stopping; });
        if (queue.empty())
            return;
        busy = true;
        std::vector<Item> items;
        items.swap(queue);
        guard.unlock();
        std::uint64_t lost = 0;
        qsizetype bytes = 0;
        for (const Item &item : items) {
            bytes += item.body.size();
            if (!write(item))
                ++lost;
        }
        guard.lock();
        queued -= bytes;
        dropped += lost;
    }
}

bool Bodies::Private::write(const Item &item)
{
    // A key that the cut goes through must not survive in part: redact first, then cut.
    const QByteArray redacted
        = item.kind == BodyKind::Timing ? item.body : options.redact(item.body);
    const bool truncated = redacted.size() > options.longest;
    const QByteArray text = redacted.left(options.longest);
    QByteArray packed(qsizetype(ZSTD_compressBound(std::size_t(text.size()))), Qt::Uninitialized);
    const std::size_t size = ZSTD_compress(packed.data(), std::size_t(packed.size()),
                                           text.constData(), std::size_t(text.size()), level);
    if (ZSTD_isError(size))
        return false;
    packed.truncate(qsizetype(size));

    const std::lock_guard guard(files);
    if (!makeFolder())
        return false;
    QFile data(file(item.day, ".data"));
    QFile index(file(item.day, ".index"));
    if (!openForAppending(data) || !openForAppending(index))
        return false;
    Entry entry;
    entry.id = shortened(item.requestId);
    entry.kind = std::uint8_t(std::uint8_t(item.kind) | (item.attempt << attemptShift)
                              | (truncated ? truncatedBit : 0));
    entry.offset = quint64(data.pos());
    entry.packed = quint32(packed.size());
    entry.size = quint32(text.size());
    if (data.write(packed) != packed.size() || !data.flush()) {
        data.resize(qint64(entry.offset));
        return false;
    }
    // Over half an entry that a crash may have left.
    index.seek(index.size() / entrySize * entrySize);
    return index.write(toBytes(entry)) == entrySize && index.flush();
}

Bodies::Bodies(BodyOptions options)
    : d(std::make_unique<Private>(std::move(options)))
{
}
Bodies::~Bodies() = default;

void Bodies::append(const QByteArray &requestId, std::int64_t startedUs, BodyKind kind,
                    QByteArray body, int attempt)
{
    {
        const std::lock_guard guard(d->mutex);
        if (d->queued + body.size() > d->options.mostQueued) {
            ++d->dropped;
            return;
        }
        d->queued += body.size();
        d->queue.push_back(
            {requestId, dayOf(startedUs), kind, std::min(attempt, mostAttempts), std::move(body)});
        if (!d->thread) {
            d->thread.reset(QThread::create([p = d.get()] { p->loop(); }));
            d->thread->setObjectName(QStringLiteral("bodies"));
            d->thread->start(QThread::LowPriority);
        }
    }
    d->wake.notify_one();
}

void Bodies::flush()
{
    std::unique_lock guard(d->mutex);
    d->idle.wait(guard, [this] { return d->queue.empty() && !d->busy; });
}

std::uint64_t Bodies::dropped() const
{
    const std::lock_guard guard(d->mutex);
    return d->dropped;
}

Result<std::vector<Body>> Bodies::read(const QByteArray &requestId, std::int64_t startedUs) const
{
    const std::lock_guard guard(d->files);
    const QDate day = dayOf(startedUs);
    std::vector<Body> bodies;
    QFile index(d->file(day, ".index"));
    QFile data(d->file(day, ".data"));
    if (!index.exists())
        return bodies;
    const auto unreadable = [] {
        return failure(ErrorKind::Unavailable,
                       QStringLiteral("The kept bodies of that day cannot be read."), "io_error");
    };
    if (!index.open(QIODevice::ReadOnly) || !data.open(QIODevice::ReadOnly))
        return unreadable();
    const QByteArray id = shortened(requestId);
    const QByteArray entries = index.readAll();
    for (qsizetype at = 0; at + entrySize <= entries.size(); at += entrySize) {
        if (std::memcmp(entries.constData() + at, id.constData(), idSize) != 0)
            continue;
        const Entry entry = fromBytes(entries.constData() + at);
        if (!data.seek(qint64(entry.offset)))
            return unreadable();
        const QByteArray packed = data.read(entry.packed);
        Body body;
        body.kind = BodyKind(entry.kind & kindBits);
        body.attempt = (entry.kind & ~truncatedBit) >> attemptShift;
        body.truncated = (entry.kind & truncatedBit) != 0;
        // What a damaged index may claim is bounded by what is ever written.
        if (packed.size() != qsizetype(entry.packed) || qsizetype(entry.size) > d->options.longest)
            return unreadable();
        body.bytes.resize(entry.size);
        const std::size_t size = ZSTD_decompress(body.bytes.data(), entry.size, packed.constData(),
                                                 std::size_t(packed.size()));
        if (ZSTD_isError(size) || size != entry.size)
            return unreadable();
        bodies.push_back(std::move(body));
    }
    return bodies;
}

std::vector<QDate> Bodies::days() const
{
    std::vector<QDate> days;
    const QStringList names
        = QDir(d->folder).entryList({QStringLiteral("*.data")}, QDir::Files, QDir::Name);
    for (const QString &name : names) {
        const QDate day = QDate::fromString(name.left(10), QStringLiteral("yyyy-MM-dd"));
        if (day.isValid())
            days.push_back(day);
    }
    return days;
}

Result<int> Bodies::dropDays(QDate first, std::int64_t maxBytes)
{
    const std::lock_guard guard(d->files);
    const std::vector<QDate> all = days();
    std::int64_t total = 0;
    for (const QDate day : all)
        total += QFile(d->file(day, ".data")).size() + QFile(d->file(day, ".index")).size();
    int dropped = 0;
    for (const QDate day : all) {
        const bool old = first.isValid() && day < first;
        if (!old && (maxBytes == 0 || total <= maxBytes))
            break;
        total -= QFile(d->file(day, ".data")).size() + QFile(d->file(day, ".index")).size();
        // The index first: data without an index is nothing, an index without data is an error.
        QFile::remove(d->file(day, ".index"));
        if (!QFile::remove(d->file(day, ".data")))
            return failure(ErrorKind::Unavailable,
                           QStringLiteral("Kept bodies could not be deleted."), "io_error");
        ++dropped;
    }
    return dropped;
}

} // namespace tollgate::store
