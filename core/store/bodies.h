// SPDX-License-Identifier: GPL-3.0-or-later
// Request and response bodies, if the user wants them kept: redacted, compressed, appended to one
// pair of files a day, so that dropping a day is deleting files. Work happens on a thread of its
// own.
#pragma once

#include "core/base/result.h"

#include <QByteArray>
#include <QDate>
#include <QString>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace tollgate::store {

// On disk with the number of its attempt in one byte: at most 15, and 7 attempts.
enum class BodyKind : std::uint8_t {
    Request = 1, // as the client sent it
    Response = 2, // as the client got it
    UpstreamRequest = 3, // where it is not the client's own
    UpstreamAnswer = 4,
    Timing = 5, // when the pieces of Response went out: lines of "offset in us, length"
};

struct Body
{
    BodyKind kind = BodyKind::Request;
    QByteArray bytes;
    bool truncated = false; // it was longer than is kept
    int attempt = 0; // 0: of the request as a whole
};

// One to be kept.
struct KeptBody
{
    BodyKind kind = BodyKind::Request;
    int attempt = 0;
    QByteArray bytes;
};

struct BodyOptions
{
    QString profile;
    qsizetype longest = 1024 * 1024; // of one body, before compression
    qsizetype mostQueued = 32 * 1024 * 1024; // waiting for the disk; beyond that bodies are dropped
    std::function<QByteArray(QByteArrayView)> redact; // default: redactSecrets
};

class Bodies
{
public:
    explicit Bodies(BodyOptions options);
    ~Bodies(); // writes what is queued
    Bodies(const Bodies &) = delete;
    Bodies &operator=(const Bodies &) = delete;

    // Thread-safe and quick: the body is queued. `startedUs` is the request's and picks the day.
    void append(const QByteArray &requestId, std::int64_t startedUs, BodyKind kind, QByteArray body,
                int attempt = 0);
    // Blocks until what was appended before is in the files.
    void flush();
    // Bodies that were not kept: the queue was full or the disk refused.
    [[nodiscard]] std::uint64_t dropped() const;

    // Thread-safe; blocks on the disk. Empty when nothing was kept of this request.
    [[nodiscard]] Result<std::vector<Body>> read(const QByteArray &requestId,
                                                 std::int64_t startedUs) const;
    [[nodiscard]] std::vector<QDate> days() const; // oldest first
    // Deletes whole days: those before `first`, then the oldest until at most maxBytes are left (0:
    // any).
    [[nodiscard]] Result<int> dropDays(QDate first, std::int64_t maxBytes);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace tollgate::store
