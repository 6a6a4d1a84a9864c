# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays every row of the fault matrix against a real tollgated and compares three views of it: what
the client saw, what the books say, what the log says; and counts what the provider received."""

import asyncio
import collections
import os
import time
import unittest

import matrix
import stand
import wireclient
from fake import Fake

PARALLEL = int(os.environ.get("TOLLGATE_PARALLEL", "6"))
# Small caps, so that "too much" does not need hundreds of megabytes.
SETTINGS = {"upstream.stream_limit": 32 << 20, "upstream.answer_limit": 4 << 20}

class Differs(Exception):
    pass

def same(what, got, wanted):
    if got != wanted:
        raise Differs("%s: %r, expected %r" % (what, got, wanted))

def one_of(what, got, wanted):
    if wanted and got not in wanted:
        raise Differs("%s: %r, expected one of %r" % (what, got, wanted))

def last_outcome(row):
    return matrix.GOOD if row.second == matrix.SPARE and row.expected.moves else row.expected

def check_client(row, answer):
    wanted = last_outcome(row)
    one_of("status", answer.status, wanted.status)
    same("HTTP body framed to its end", answer.framed, True)
    error = answer.error()
    if wanted.end == "whole":
        same("error", error, None)
        if row.mode == matrix.STREAM:
            same("[DONE]", answer.done, True)
        if row.fault.more.get("text") != "cut" and not row.fault.more.get("bytes"):
            same("text", answer.text(), matrix.TEXT)
        if row.expected is wanted and row.fault.more.get("bytes", b"") not in answer.body:
            raise Differs("the odd bytes did not pass")
        return
    same("stream finished", answer.done, False)
    same("in a stream", answer.is_stream, wanted.end == "broken")
    if error is None:
        raise Differs("no error in the dialect's shape: %r" % answer.body[-200:])
    if any(wanted.code):
        one_of("code", error.get("code"), wanted.code)
    if b"<p>" in answer.body or b"<html" in answer.body:
        raise Differs("the provider's page reached the client")
    if stand.key_of(row.slug).encode() in answer.body:
        raise Differs("the provider key reached the client")
    check_retry_after(answer.headers.get("retry-after"), wanted.retry_after)

def check_retry_after(header, bounds):
    if bounds == ():
        if header is not None and not 0 <= int(header) <= 3600:
            raise Differs("retry-after: %s" % header)
    elif bounds and not (header and bounds[0] <= int(header) <= bounds[1]):
        raise Differs("retry-after: %s, expected %d to %d" % (header, *bounds))

def check_attempt(number, attempt, wanted):
    where = "attempt %d, " % number
    same(where + "state", attempt["state"], wanted.state)
    if wanted.charge == "none":
        same(where + "charge", attempt["charge"], 0)
    elif wanted.charge == "exact":
        same(where + "charge", attempt["charge"], matrix.EXACT)
    elif not 0 < attempt["charge"] <= attempt["held"]:
        raise Differs("%scharge: %d of %d held" % (where, attempt["charge"], attempt["held"]))
    if not wanted.flags <= attempt["flags"]:
        raise Differs("%sflags: %s, expected %s" % (where, attempt["flags"], set(wanted.flags)))
    if wanted.end != "broken" and "partial" in attempt["flags"]:
        raise Differs(where + "flags: partial")
    if wanted.slug:
        same(where + "error", attempt["error"], wanted.slug)
    elif wanted.end == "whole":
        same(where + "error", attempt["error"], "")
    if len(attempt["error_text"].encode()) > 4096:
        raise Differs(where + "error text of %d bytes" % len(attempt["error_text"]))

def wanted_attempts(row):
    if row.second == matrix.SPARE and row.expected.moves:
        return [row.expected, matrix.GOOD]
    return [row.expected]

def check_ledger(row, attempts):
    wanted = wanted_attempts(row)
    same("attempts", len(attempts), len(wanted))
    for number, (attempt, outcome) in enumerate(zip(attempts, wanted), 1):
        check_attempt(number, attempt, outcome)

def check_token(token, usage, attempts, requests):
    same("spent", token["spent_nano_usd"], sum(attempt["charge"] for attempt in attempts))
    same("reserved", token["reserved_nano_usd"],
         sum(attempt["held"] for attempt in attempts if attempt["state"] == "unknown"))
    same("requests in usage", usage["requests"] if usage else 0, requests)

def check_log(row, logged, attempts):
    wanted = last_outcome(row)
    one_of("logged status", logged["status"], wanted.status)
    same("logged attempts", [(one["number"], one["error"], set(one["flags"]))
                             for one in logged["attempts"]],
         [(one["number"], one["error"], one["flags"]) for one in attempts])
    same("logged as stream", logged["stream"], row.mode == matrix.STREAM)
    if wanted.slug or wanted.end == "whole":
        same("logged error", logged["error"], wanted.slug)
    if not wanted.flags <= set(logged["flags"]):
        raise Differs("logged flags: %s" % logged["flags"])

def check_hits(row, by_key):
    again = row.fault.more.get("again")
    own = row.expected.hits + (again.hits if again else 0)
    if "marks" in row.fault.more and row.second == matrix.ALONE:
        own += 1
    same("requests to the provider", by_key.get(stand.key_of(row.slug), 0), own)
    if row.second == matrix.SPARE:
        spare = (row.expected.moves) * (2 if "marks" in row.fault.more else 1)
        same("requests to the second channel", by_key.get(stand.key_of(row.slug + "s"), 0), spare)

class Played:
    """What a test case needs to play rows."""

    def play_all(self, rows, *ports, listen="127.0.0.1:0"):
        begun = time.monotonic()
        with Fake("--tls", *ports) as fake, Fake() as lonely:
            channels = [one for row in rows for one in stand.channels_of(row, fake, lonely)]
            names = [row.slug for row in rows]
            settings = dict(SETTINGS, **{"upstream.ca_file": fake.ca})
            with stand.Stand(channels, names, settings, listen) as house:
                asyncio.run(self.play(house, fake, lonely, rows))
                problems = self.compare(house, (fake, lonely), rows)
        self.table(rows, problems, time.monotonic() - begun)
        self.assertEqual(len(problems), 0, "rows differ; they are listed above")

    async def play(self, house, fake, lonely, rows):
        gate, alone = asyncio.Semaphore(PARALLEL), asyncio.Semaphore(1)

        async def one(row):
            async with alone if row.fault.more.get("alone") else gate:
                if row.fault.more.get("script"):
                    fake.script(row.fault.do, key=stand.key_of(row.slug))
                body = wireclient.chat(row.slug, row.mode == matrix.STREAM,
                                       "x" * row.fault.more.get("body", 20))
                secret = house.tokens[row.slug]
                row.answer = await wireclient.ask(house.url, secret, body)
                row.again = None
                if row.fault.more.get("closes"):
                    await all_closed()
                if row.fault.more.keys() & {"again", "marks"}:
                    row.again = await wireclient.ask(house.url, secret, body)
                if row.fault.more.get("alone"):
                    await all_closed()  # or the next row would meet the end of this one

        async def all_closed():
            await asyncio.to_thread(lonely.wait_for,
                                    lambda report: report["open_connections"] == 0)

        await asyncio.gather(*[one(row) for row in rows])

    def compare(self, house, fakes, rows):
        sent = house.warming + len(rows) + sum(row.again is not None for row in rows)
        logged = {row["id"]: row for row in house.gateway.wait_for_requests(sent)}
        attempts = house.attempts()
        tokens = {row["name"]: row for row in house.gateway.json("token", "list")["tokens"]}
        usage = {row["key"]: row
                 for row in house.gateway.json("usage", "--by", "token")["rows"]}
        received = {}
        for fake in fakes:
            report = fake.report()
            received.update(report["by_key"])
            self.assertEqual(report["canary"], [], "somebody followed a redirect")
        problems = []
        for row in rows:
            try:
                request = row.answer.headers.get("x-request-id")
                row.attempts = attempts.get(request, [])
                check_client(row, row.answer)
                check_ledger(row, row.attempts)
                check_log(row, logged[request], row.attempts)
                mine = list(row.attempts)
                if row.again:
                    mine += attempts.get(row.again.headers.get("x-request-id"), [])
                    self.check_second_request(row, mine)
                check_token(tokens[row.slug], usage.get(row.slug), mine, 2 if row.again else 1)
                check_hits(row, received)
            except (Differs, KeyError, ValueError, TypeError) as problem:
                problems.append((row, "%s: %s" % (type(problem).__name__, problem)
                                 + "".join("\n      %s: %s" % (one["state"], one["error_text"])
                                           for one in row.attempts or [])))
        self.assertEqual(house.broken_books(), [])
        doctor = house.gateway.json("doctor", check=False)["checks"]
        self.assertIn("ok", [one["state"] for one in doctor if one["check"] == "books"])
        for channel in house.gateway.environment:
            if channel.startswith("KEY_R"):
                self.assertNotIn(house.gateway.environment[channel], house.gateway.log())
        return problems

    def check_second_request(self, row, mine):
        if "again" in row.fault.more:
            wanted = row.fault.more["again"]
            one_of("status of the second request", row.again.status, wanted.status)
            check_attempt(2, mine[-1], wanted)
        else:
            first = mine[len(row.attempts)]
            avoided = (first["channel_id"] != row.attempts[0]["channel_id"]
                       or "last resort" in first["reason"])
            same("the rejected key is avoided", avoided, True)

    def table(self, rows, problems, seconds):
        total, passed = collections.Counter(), collections.Counter()
        for row in rows:
            total[row.fault.id] += 1
            passed[row.fault.id] += not any(row is bad for bad, _ in problems)
        print("\n%-8s%6s%8s" % ("fault", "rows", "passed"))
        for name in sorted(total):
            print("%-8s%6d%8d" % (name, total[name], passed[name]))
        print("%-8s%6d%8d  in %.0f s" % ("all", len(rows), sum(passed.values()), seconds))
        for row, what in problems:
            print("  %s\n      %s" % (row, what))
class MatrixTest(Played, unittest.TestCase):
    def test_every_row_ends_as_the_matrix_says(self):
        for fault, where in matrix.ELSEWHERE.items():
            print("%s is in %s" % (fault, where))
        self.play_all([row for row in matrix.rows() if row.fault.id not in matrix.ELSEWHERE])

if __name__ == "__main__":
    unittest.main()
