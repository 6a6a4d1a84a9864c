// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/schema.h"

#include "core/store/database.h"
#include "core/store/keptthings.h"
#include "core/store/logmigration.h"
#include "core/store/settings.h"

namespace tollgate::store {
namespace {

constexpr const char version1[] = R"sql(
CREATE TABLE channels(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    base_url TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    local INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    weight INTEGER NOT NULL CHECK(weight >= 0),
    models TEXT NOT NULL,
    model_map TEXT NOT NULL,
    headers TEXT NOT NULL,
    connect_ms INTEGER NOT NULL,
    first_byte_ms INTEGER NOT NULL,
    idle_ms INTEGER NOT NULL,
    total_ms INTEGER NOT NULL,
    proxy TEXT NOT NULL,
    options TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;;

CREATE TABLE channel_keys(
    id INTEGER PRIMARY KEY,
    channel_id INTEGER NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
    source INTEGER NOT NULL,
    reference TEXT NOT NULL,
    bound_to TEXT NOT NULL,
    hint TEXT NOT NULL,
    enabled INTEGER NOT NULL
) STRICT;;
CREATE INDEX channel_keys_channel ON channel_keys(channel_id);;

CREATE TABLE budgets(
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    span INTEGER NOT NULL,
    cap INTEGER NOT NULL CHECK(cap >= 0),
    latest_window_us INTEGER NOT NULL,
    retired INTEGER NOT NULL
) STRICT;;

CREATE TABLE budget_windows(
    budget_id INTEGER NOT NULL REFERENCES budgets(id),
    window_us INTEGER NOT NULL,
    cap INTEGER NOT NULL CHECK(cap >= 0),
    highest_cap INTEGER NOT NULL,
    reserved INTEGER NOT NULL CHECK(reserved >= 0),
    spent INTEGER NOT NULL CHECK(spent >= 0),
    folded INTEGER NOT NULL CHECK(folded >= 0),
    PRIMARY KEY(budget_id, window_us)
) STRICT, WITHOUT ROWID;;

CREATE TABLE tokens(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    state INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    models TEXT NOT NULL,
    ip_ranges TEXT NOT NULL,
    requests_per_minute INTEGER NOT NULL,
    tokens_per_minute INTEGER NOT NULL,
    concurrency INTEGER NOT NULL,
    metrics INTEGER NOT NULL,
    budget_id INTEGER REFERENCES budgets(id),
    version INTEGER NOT NULL,
    created_us INTEGER NOT NULL,
    last_used_us INTEGER NOT NULL
) STRICT;;
CREATE UNIQUE INDEX tokens_name ON tokens(name) WHERE state <> 2;;

CREATE TABLE price_versions(
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    valid_from_us INTEGER NOT NULL,
    rates TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    source TEXT NOT NULL
) STRICT;;
CREATE TRIGGER price_versions_fixed BEFORE UPDATE ON price_versions
BEGIN SELECT RAISE(ABORT, 'a price version never changes'); END;;
CREATE TRIGGER price_versions_kept BEFORE DELETE ON price_versions
BEGIN SELECT RAISE(ABORT, 'a price version is never removed'); END;;

CREATE TABLE price_overrides(
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    valid_from_us INTEGER NOT NULL,
    rates TEXT NOT NULL,
    UNIQUE(provider, model, valid_from_us)
) STRICT;;

CREATE TABLE attempts(
    id INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    token_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    reason TEXT NOT NULL,
    state INTEGER NOT NULL,
    price_id INTEGER NOT NULL,
    legs INTEGER NOT NULL,
    fixed INTEGER NOT NULL,
    held INTEGER NOT NULL CHECK(held >= 0),
    cost INTEGER NOT NULL DEFAULT 0 CHECK(cost >= 0),
    charge INTEGER NOT NULL DEFAULT 0 CHECK(charge >= 0),
    input INTEGER NOT NULL DEFAULT 0,
    cache_read INTEGER NOT NULL DEFAULT 0,
    cache_write_5m INTEGER NOT NULL DEFAULT 0,
    cache_write_1h INTEGER NOT NULL DEFAULT 0,
    output INTEGER NOT NULL DEFAULT 0,
    reasoning INTEGER NOT NULL DEFAULT 0,
    audio_input INTEGER NOT NULL DEFAULT 0,
    audio_output INTEGER NOT NULL DEFAULT 0,
    image_input INTEGER NOT NULL DEFAULT 0,
    image_output INTEGER NOT NULL DEFAULT 0,
    flags INTEGER NOT NULL DEFAULT 0,
    status INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    error_text TEXT NOT NULL DEFAULT '',
    started_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    connect_us INTEGER NOT NULL DEFAULT -1,
    first_byte_us INTEGER NOT NULL DEFAULT -1,
    first_token_us INTEGER NOT NULL DEFAULT -1,
    end_us INTEGER NOT NULL DEFAULT -1
) STRICT;;
CREATE INDEX attempts_request ON attempts(request_id);;
CREATE INDEX attempts_open ON attempts(id) WHERE state NOT IN (3, 4);;
CREATE TRIGGER attempts_final BEFORE UPDATE ON attempts WHEN OLD.state IN (3, 4)
BEGIN SELECT RAISE(ABORT, 'an attempt ends once'); END;;
CREATE TRIGGER attempts_kept BEFORE DELETE ON attempts WHEN OLD.state NOT IN (3, 4)
BEGIN SELECT RAISE(ABORT, 'an open attempt holds money'); END;;

CREATE TABLE attempt_legs(
    attempt_id INTEGER NOT NULL REFERENCES attempts(id),
    budget_id INTEGER NOT NULL,
    window_us INTEGER NOT NULL,
    held INTEGER NOT NULL CHECK(held >= 0),
    settled INTEGER,
    PRIMARY KEY(attempt_id, budget_id),
    FOREIGN KEY(budget_id, window_us) REFERENCES budget_windows(budget_id, window_us)
) STRICT, WITHOUT ROWID;;

CREATE TABLE idempotency_keys(
    token_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    request_id TEXT NOT NULL,
    state INTEGER NOT NULL,
    status INTEGER NOT NULL DEFAULT 0,
    content_type TEXT NOT NULL DEFAULT '',
    size INTEGER NOT NULL DEFAULT 0,
    answer BLOB,
    created_us INTEGER NOT NULL,
    PRIMARY KEY(token_id, key)
) STRICT;;
CREATE INDEX idempotency_keys_created ON idempotency_keys(created_us);;
CREATE INDEX idempotency_keys_running ON idempotency_keys(request_id) WHERE state = 0;;

CREATE TABLE journal(
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;;
CREATE TABLE postings(
    journal_id INTEGER NOT NULL REFERENCES journal(id),
    account TEXT NOT NULL,
    owner_id INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY(journal_id, account, owner_id)
) STRICT, WITHOUT ROWID;;
CREATE TRIGGER journal_fixed BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;;
CREATE TRIGGER journal_kept BEFORE DELETE ON journal
WHEN EXISTS(SELECT 1 FROM attempts WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;;
CREATE TRIGGER postings_fixed BEFORE UPDATE ON postings
BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;;
CREATE TRIGGER postings_kept BEFORE DELETE ON postings
WHEN EXISTS(SELECT 1 FROM attempts WHERE id = OLD.journal_id)
BEGIN SELECT RAISE(ABORT, 'the journal is only added to'); END;;

CREATE TABLE requests(
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    started_us INTEGER NOT NULL,
    token_id INTEGER NOT NULL,
    dialect TEXT NOT NULL,
    operation TEXT NOT NULL,
    model TEXT NOT NULL,
    stream INTEGER NOT NULL,
    status INTEGER NOT NULL,
    error TEXT NOT NULL,
    error_text TEXT NOT NULL,
    finish_reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    audio_input INTEGER NOT NULL,
    audio_output INTEGER NOT NULL,
    image_input INTEGER NOT NULL,
    image_output INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    charge INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    client_ip TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    session_id TEXT NOT NULL,
    vendor_id TEXT NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    auth_us INTEGER NOT NULL,
    routed_us INTEGER NOT NULL,
    reserved_us INTEGER NOT NULL,
    first_byte_us INTEGER NOT NULL,
    first_token_us INTEGER NOT NULL,
    end_us INTEGER NOT NULL
) STRICT;;
CREATE INDEX requests_started ON requests(started_us);;
CREATE INDEX requests_token ON requests(token_id, started_us);;
CREATE INDEX requests_channel ON requests(channel_id, started_us);;
CREATE INDEX requests_model ON requests(model, started_us);;
CREATE INDEX requests_failed ON requests(started_us) WHERE status NOT BETWEEN 200 AND 399;;

CREATE TABLE rollups(
    hour_us INTEGER NOT NULL,
    token_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    requests INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    audio_input INTEGER NOT NULL,
    audio_output INTEGER NOT NULL,
    image_input INTEGER NOT NULL,
    image_output INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    charge INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    unpriced INTEGER NOT NULL,
    PRIMARY KEY(hour_us, token_id, channel_id, model)
) STRICT, WITHOUT ROWID;;

CREATE TABLE settings(
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;;

CREATE TABLE audit(
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;;
CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;;
)sql";

Result<void> createVersion1(Database &db)
{
    return db.script(version1);
}

// The audit trail becomes a chain of hashes.
Result<void> chainTheTrail(Database &db)
{
    auto opened = db.script("DROP TRIGGER audit_fixed;;"
                            "ALTER TABLE audit ADD COLUMN hash BLOB NOT NULL DEFAULT x'';;");
    if (!opened)
        return opened;
    if (auto chained = chainAudit(db); !chained)
        return chained;
    return db.script("CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit "
                     "BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;;");
}

// What is billed by other units than tokens: as JSON where it is one call's, as sums where charts
// want them.
Result<void> countUnits(Database &db)
{
    return db.script("ALTER TABLE attempts ADD COLUMN units TEXT NOT NULL DEFAULT '';;"
                     "ALTER TABLE requests ADD COLUMN units TEXT NOT NULL DEFAULT '';;"
                     "ALTER TABLE rollups ADD COLUMN images INTEGER NOT NULL DEFAULT 0;;"
                     "ALTER TABLE rollups ADD COLUMN audio_input_ms INTEGER NOT NULL DEFAULT 0;;"
                     "ALTER TABLE rollups ADD COLUMN audio_output_ms INTEGER NOT NULL DEFAULT 0;;"
                     "ALTER TABLE rollups ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;;"
                     "ALTER TABLE rollups ADD COLUMN searches INTEGER NOT NULL DEFAULT 0;;");
}

// What the screens keep: pauses, the order of channels, the trash, rotated tokens, notices.
Result<void> furnishTheDesk(Database &db)
{
    return db.script(R"sql(
ALTER TABLE channels ADD COLUMN paused_until_us INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE channels ADD COLUMN place INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE tokens ADD COLUMN kept_in INTEGER NOT NULL DEFAULT 3;;
ALTER TABLE tokens ADD COLUMN reference TEXT NOT NULL DEFAULT '';;
ALTER TABLE tokens ADD COLUMN removed_us INTEGER NOT NULL DEFAULT 0;;

CREATE TABLE earlier_digests(
    digest BLOB PRIMARY KEY,
    token_id INTEGER NOT NULL REFERENCES tokens(id),
    until_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;;

CREATE TABLE removed_channels(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    provider TEXT NOT NULL,
    removed_us INTEGER NOT NULL,
    content TEXT NOT NULL
) STRICT;;

CREATE TABLE notices(
    id INTEGER PRIMARY KEY,
    at_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL,
    times INTEGER NOT NULL,
    seen INTEGER NOT NULL
) STRICT;;
CREATE INDEX notices_subject ON notices(kind, subject, at_us);;
)sql");
}

constexpr Migration steps[] = {
    {1, createVersion1}, {2, chainTheTrail},       {3, countUnits},
    {4, furnishTheDesk}, {5, keepWhatTheLogShows}, {6, makeRoomForThings},
};

Result<void> setPragma(Database &db, const char *name, int value)
{
    // A pragma takes no bound value; this one is a number of ours.
    return db.eachComposed(QStringLiteral("PRAGMA %1=%2").arg(QLatin1String(name)).arg(value), {},
                           [](const Row &) {});
}

} // namespace

std::span<const Migration> migrations()
{
    return steps;
}

int newestSchema()
{
    return std::end(steps)[-1].version;
}

Result<int> schemaVersion(Database &db)
{
    auto version = db.integer("PRAGMA user_version");
    if (!version)
        return failure(version.error());
    return int(version->value_or(0));
}

Result<void> migrate(Database &db, std::span<const Migration> list)
{
    auto begun = db.run("BEGIN IMMEDIATE");
    if (!begun)
        return failure(begun.error());
    auto apply = [&]() -> Result<void> {
        auto version = schemaVersion(db);
        if (!version)
            return failure(version.error());
        for (const Migration &step : list) {
            if (step.version <= *version)
                continue;
            if (auto done = step.apply(db); !done)
                return done;
            if (auto done = setPragma(db, "user_version", step.version); !done)
                return done;
        }
        return setPragma(db, "application_id", applicationId);
    };
    Result<void> done = apply();
    if (done) {
        auto committed = db.run("COMMIT");
        if (committed)
            return {};
        done = failure(committed.error());
    }
    // The rollback may find that SQLite has rolled back already; either way the old version stands.
    std::ignore = db.run("ROLLBACK");
    return done;
}

} // namespace tollgate::store
