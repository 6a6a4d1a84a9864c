// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/logmigration.h"

#include "core/store/clientname.h"
#include "core/store/database.h"
#include "core/store/rollups.h"
#include "core/store/tallies.h"

#include <QSet>

namespace tollgate::store {
namespace {

// The partial indices answer what people look for most and what is rare: they cost a write only
// where it is so. requests_failed is a part of requests_trouble.
constexpr const char script[] = R"sql(
ALTER TABLE requests ADD COLUMN served_model TEXT NOT NULL DEFAULT '';;
ALTER TABLE requests ADD COLUMN client TEXT NOT NULL DEFAULT '';;
ALTER TABLE requests ADD COLUMN left_out TEXT NOT NULL DEFAULT '';;
DROP INDEX requests_failed;;
CREATE INDEX requests_trouble ON requests(started_us)
    WHERE error <> '' OR status NOT BETWEEN 200 AND 399;;
CREATE INDEX requests_retried ON requests(started_us) WHERE attempts > 1;;
CREATE INDEX requests_unpriced ON requests(started_us) WHERE (flags & 32) <> 0;;
CREATE INDEX requests_session ON requests(session_id, started_us) WHERE session_id <> '';;

CREATE TABLE request_notes(
    request_id TEXT PRIMARY KEY,
    mark INTEGER NOT NULL,
    tags TEXT NOT NULL,
    comment TEXT NOT NULL
) STRICT, WITHOUT ROWID;;

CREATE TABLE tallies(
    kind INTEGER NOT NULL,
    hour_us INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    token_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY(kind, hour_us, channel_id, token_id, model, bucket)
) STRICT, WITHOUT ROWID;;
UPDATE requests SET served_model = coalesce((SELECT a.model FROM attempts a
    WHERE a.request_id = requests.id ORDER BY a.number DESC LIMIT 1), '') WHERE attempts > 0;;
)sql";

Result<void> nameClients(Database &db)
{
    QSet<QByteArray> agents;
    auto read = db.each("SELECT DISTINCT user_agent FROM requests",
                        [&](const Row &row) { agents.insert(row.text(0)); });
    if (!read)
        return read;
    for (const QByteArray &agent : agents) {
        auto named = db.run("UPDATE requests SET client = ? WHERE user_agent = ?",
                            clientName(agent), agent);
        if (!named)
            return failure(named.error());
    }
    return {};
}

} // namespace

Result<void> keepWhatTheLogShows(Database &db)
{
    if (auto made = db.script(script); !made)
        return made;
    if (auto named = nameClients(db); !named)
        return named;
    return countTalliesAnew(db);
}

} // namespace tollgate::store
