// SPDX-License-Identifier: GPL-3.0-or-later
// A log of any length, made by one statement: 40 models, 12 tokens, 5 channels, 4 % failures, 2 %
// of a second attempt, the oldest first. Every value follows from the row's number.
#pragma once

#include "core/store/database.h"

namespace tollgate::test {

constexpr std::int64_t firstRequestUs = 1'780'000'000'000'000;

// With the hourly sums and histograms, which SQLite sums up itself: they have less detail than what
// the program counts, but as many rows.
inline Result<void> generateLog(store::Database &db, std::int64_t rows, std::int64_t stepUs)
{
    auto names = db.script(R"(
        INSERT INTO tokens(name, digest, prefix, state, expires_us, models, ip_ranges,
            requests_per_minute, tokens_per_minute, concurrency, metrics, budget_id, version,
            created_us, last_used_us)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
        SELECT 'token ' || i, randomblob(32), 'tg-', 0, 0, '[]', '[]', 0, 0, 0, 0, NULL, 1, 0, 0
            FROM n;;
        INSERT INTO channels(name, provider, base_url, enabled, local, priority, weight, models,
            model_map, headers, connect_ms, first_byte_ms, idle_ms, total_ms, proxy, options,
            version, created_us)
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5)
        SELECT 'channel ' || i, 'openai', 'https://example.com', 1, 0, 0, 1, '[]', '[]', '[]', 0, 0,
            0, 0, '', '', 1, 0 FROM n;;
    )");
    if (!names)
        return names;
    auto made = db.run(
        "INSERT INTO requests(id, started_us, token_id, dialect, operation, model, stream, status, "
        "error, error_text, finish_reason, attempts, channel_id, input, cache_read, "
        "cache_write_5m, cache_write_1h, output, reasoning, audio_input, audio_output, "
        "image_input, image_output, cost, charge, flags, client_ip, user_agent, session_id, "
        "vendor_id, bytes_in, bytes_out, auth_us, routed_us, reserved_us, first_byte_us, "
        "first_token_us, end_us, served_model, client) "
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?) "
        "SELECT printf('req_%09d', i), ? + i * ?, 1 + i % 12, 'chat', 'generate', "
        "'model-' || (i * 7 % 40), i % 2, "
        "CASE WHEN i % 50 = 0 THEN 429 WHEN i % 50 = 25 THEN 502 WHEN i % 1000 = 7 THEN 499 "
        "ELSE 200 END, "
        "CASE WHEN i % 50 = 0 THEN 'rate_limited' WHEN i % 50 = 25 THEN 'upstream_failed' "
        "WHEN i % 1000 = 7 THEN 'client_gone' WHEN i % 1000 = 9 THEN 'upstream_failed' ELSE '' "
        "END, "
        "'', 'stop', CASE WHEN i % 100 = 0 THEN 0 WHEN i % 50 = 3 THEN 2 ELSE 1 END, 1 + i % 5, "
        "100 + i % 900, i % 3 * 400, 0, 0, 10 + i % 500, 0, 0, 0, 0, 0, 1000 + i % 100000, 0, "
        "CASE WHEN i % 2000 = 11 THEN 32 ELSE 0 END, '192.168.1.' || (i % 20), "
        "CASE i % 3 WHEN 0 THEN 'claude-cli/2.0' WHEN 1 THEN 'curl/8' ELSE 'codex_cli_rs/0.3' END, "
        "CASE WHEN i % 4 = 0 THEN 's' || (i / 40) ELSE '' END, '', 1000, 2000, 100, 200, 300, "
        "400000 + i % 1000 * 1000, 500000 + i % 1000 * 2000, 1000000 + i % 5000 * 1000, "
        "'model-' || (i * 7 % 40) || '-2026', "
        "CASE i % 3 WHEN 0 THEN 'claude-code' WHEN 1 THEN 'curl' ELSE 'codex' END FROM n",
        rows, firstRequestUs, stepUs);
    if (!made)
        return failure(made.error());
    auto sums = db.script(R"(
        INSERT INTO rollups(hour_us, token_id, channel_id, model, requests, failed, input,
            cache_read, cache_write_5m, cache_write_1h, output, reasoning, audio_input,
            audio_output, image_input, image_output, cost, charge, estimated, unpriced)
        SELECT started_us / 3600000000 * 3600000000, token_id, channel_id, model, count(*),
            sum(status NOT BETWEEN 200 AND 399), sum(input), sum(cache_read), 0, 0, sum(output), 0,
            0, 0, 0, 0, sum(cost), 0, 0, sum((flags & 32) <> 0) FROM requests GROUP BY 1, 2, 3, 4;;
        INSERT INTO tallies(kind, hour_us, channel_id, token_id, model, bucket, count)
        SELECT 0, started_us / 3600000000 * 3600000000, channel_id, token_id, model,
            60 + (first_token_us - 500000) / 100000, count(*) FROM requests
            WHERE status = 200 AND error = '' GROUP BY 2, 3, 4, 5, 6;;
        INSERT INTO tallies(kind, hour_us, channel_id, token_id, model, bucket, count)
        SELECT 1, hour_us, channel_id, token_id, model, bucket + 10, count FROM tallies
            WHERE kind = 0;;
    )");
    return sums;
}

} // namespace tollgate::test
