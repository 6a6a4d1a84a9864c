# SPDX-License-Identifier: GPL-3.0-or-later
"""One profile, a daemon that is killed with SIGKILL again and again at random moments under load: what a
client was told is in the books, no budget is overdrawn, nothing is sent that was not held before.

TOLLGATE_ROUNDS=1000 makes a long run of it, started by hand because the time limit of the registered
test is for the default. TOLLGATE_SEED repeats one, as far as the operating system does."""

import os
import random
import statistics
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from gateway import Gateway  # noqa: E402
from ledgerfile import RELEASED, SETTLED, UNKNOWN, LedgerFile  # noqa: E402
from volley import Shot, Volley, chat_body, request_bytes  # noqa: E402

SLOWER = int(os.environ.get("TOLLGATE_SLOWER", "1"))  # a build with sanitizers: so many times
ROUNDS = int(os.environ.get("TOLLGATE_ROUNDS", str(200 // SLOWER)))
SECONDS_A_ROUND = 6 * SLOWER
START_LIMIT = 30 * SLOWER
IN_FLIGHT = 12
CHECK_EACH = 5
POOR_EACH = 10  # rounds after which the nearly empty budget is replaced by another
KILL_AT_START = 0.1
INPUT_PRICE, OUTPUT_PRICE = 3, 15  # USD a million tokens
NANO_PER_TOKEN = 1000  # of a price of 1 USD a million
POOR_BUDGET = "0.08"  # about ten of the requests below at a time
CRASH = 8  # store::AttemptFlag
UNKNOWN_FOR_US = 600_000_000

# What clients ask for: how often, the tokens reported, and what the provider does with it.
MODELS = {
    "plain": (40, (40, 20), ""),
    "slow": (30, (41, 21), "events=12+pace=8"),
    "late": (15, (42, 22), "delay=60"),
    "moved": (10, (43, 23), ""),  # its first channel answers 500
    "lost": (5, (44, 24), "reset-before"),  # what became of it stays unknown
}


def charge_of(model):
    tokens = MODELS[model][1]
    return (tokens[0] * INPUT_PRICE + tokens[1] * OUTPUT_PRICE) * NANO_PER_TOKEN


def does(model):
    _, (read, written), words = MODELS[model]
    return "+".join(filter(None, ["in=%d" % read, "out=%d" % written, words]))


class Kill(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("TOLLGATE_SEED", random.SystemRandom().randrange(1 << 32)))
        print("seed: TOLLGATE_SEED=%d" % self.seed, flush=True)
        self.random = random.Random(self.seed)
        self.fake = Fake()
        self.addCleanup(self.fake.stop)
        self.gateway = Gateway(environment={"FAKE_KEY": "sk-fake"})
        self.addCleanup(self.gateway.__exit__)
        self.starts, self.owed, self.told = [], [], {}
        self.sent = self.acknowledged = self.refused = self.failed = self.cut = 0
        self.prepare()

    def prepare(self):
        good = ",".join("%s=%s+%s" % (model, model, does(model)) for model in MODELS if model != "lost")
        channels = {"main": [model for model in MODELS if model != "lost"], "first": ["moved"],
                    "losing": ["lost"]}
        maps = {"main": good, "first": "moved=moved+status=500", "losing": "lost=lost+" + does("lost")}
        for name, models in channels.items():
            self.gateway.channel(name, "openai", self.fake.url + "/v1", "FAKE_KEY", models, "--map",
                                 maps[name], "--priority", "9" if name == "first" else "0")
        for model in MODELS:
            for vendor in {one.partition("=")[2] for text in maps.values() for one in text.split(",")
                           if one.startswith(model + "=")}:
                self.gateway.run("price", "set", vendor, "--input", str(INPUT_PRICE), "--output",
                                 str(OUTPUT_PRICE))
        self.rich = self.gateway.token("rich", "--budget", "1000/month")
        self.poor = None

    # Load

    def shot(self):
        model = self.random.choices(list(MODELS), [weight for weight, _, _ in MODELS.values()])[0]
        stream = self.random.random() < (0.9 if model == "slow" else 0.4)
        token = self.poor if self.random.random() < 0.3 else self.rich
        value = chat_body(model, stream, "a b c d", max_tokens=100)
        shot = Shot(self.gateway.url, request_bytes(self.gateway.url, token, value), (model, token))
        shot.fire()
        self.sent += 1
        return shot

    def load(self, seconds):
        """Keeps requests in flight until the time is up, then kills the daemon and reads what was
        still on its way to the clients."""
        volley, over = Volley(), []
        try:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                while len(volley.flying) < IN_FLIGHT:
                    volley.add(self.shot())
                over += volley.poll(max(0.0, min(0.01, until - time.monotonic())))
            self.gateway.kill()
            over += volley.land(10)
        finally:
            volley.close()
        return over

    def remember(self, shots):
        for shot in shots:
            model, token = shot.note
            if shot.whole:
                self.acknowledged += 1
                self.owed.append((shot.header("x-request-id"), 200, charge_of(model)))
                self.told[token] = self.told.get(token, 0) + charge_of(model)
            elif shot.complete and shot.status == 402:
                self.refused += 1
            elif shot.complete and shot.status == 502 and model == "lost":
                self.failed += 1
                self.owed.append((shot.header("x-request-id"), 502, 0))
            else:
                self.assertFalse(shot.complete and shot.status != 200, shot.data)
                self.assertIn(shot.status, (200, None), shot.data)
                self.cut += 1

    # Rounds

    def start(self):
        if self.random.random() < KILL_AT_START:
            self.kill_while_starting()
        began = time.monotonic()
        self.gateway.start("--threads", "2")
        self.starts.append(time.monotonic() - began)

    def kill_while_starting(self):
        with subprocess.Popen([self.gateway.program, "serve", "--listen", "127.0.0.1:0"],
                              env=self.gateway.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as early:
            time.sleep(self.random.uniform(0.0, 0.08))
            early.kill()

    def new_poor_token(self, number):
        self.poor = self.gateway.token("poor-%d" % number, "--budget", POOR_BUDGET)

    def check_told(self, ledger):
        """Every answer that a client has to the end is in the books at its price."""
        for request, status, charge in self.owed:
            row = ledger.one("SELECT status, charge, flags FROM requests WHERE id = ?", request)
            self.assertEqual((row["status"], row["charge"], row["flags"] & CRASH), (status, charge, 0),
                             request)
            ends = [(each["state"], each["charge"]) for each in ledger.rows(
                "SELECT state, charge FROM attempts WHERE request_id = ? ORDER BY number", request)]
            self.assertEqual(ends[-1], (SETTLED, charge) if status == 200 else (UNKNOWN, 0), request)
            self.assertTrue(all(end == (RELEASED, 0) for end in ends[:-1]), ends)
        self.owed.clear()

    def check_books(self):
        """Right after a start, before any new request."""
        with LedgerFile(self.gateway.profile) as ledger:
            self.check_told(ledger)
            now = time.time_ns() // 1000
            for row in ledger.rows("SELECT id, state, changed_us FROM attempts WHERE state NOT IN (?, ?)",
                                   SETTLED, RELEASED):
                self.assertEqual(row["state"], UNKNOWN, row)
                self.assertLess(now - row["changed_us"], UNKNOWN_FOR_US + 70_000_000, row)
            self.assertEqual(ledger.rows("SELECT * FROM budget_windows WHERE reserved + spent > cap"), [])
            self.assertEqual(ledger.rows(
                "SELECT id FROM attempts WHERE request_id NOT IN (SELECT id FROM requests)"), [])
            attempts = ledger.one("SELECT count(*) FROM attempts")
        hits = self.fake.report(since=1 << 40)["count"]
        self.assertLessEqual(hits, attempts)
        self.assertGreaterEqual(hits, self.acknowledged)
        self.assertEqual(self.gateway.json("check"), {"ok": True, "violations": []})
        return attempts, hits

    def check_tokens(self):
        """No token was charged less than its clients saw, nor more than its budget."""
        for row in self.gateway.json("token", "list")["tokens"]:
            self.assertGreaterEqual(row["left_nano_usd"], 0, row)
        with LedgerFile(self.gateway.profile) as ledger:
            spent = ledger.rows(
                "SELECT budget_id, sum(coalesce(settled, 0)) AS settled, sum(held) AS held,"
                " (SELECT sum(spent) FROM budget_windows w WHERE w.budget_id = l.budget_id) AS spent"
                " FROM attempt_legs l GROUP BY budget_id")
        for row in spent:
            self.assertEqual(row["settled"], row["spent"], row)
        self.assertGreaterEqual(sum(row["spent"] for row in spent), sum(self.told.values()))

    def test_what_was_acknowledged_survives_every_kill(self):
        began = time.monotonic()
        for number in range(ROUNDS):
            self.start()
            if number % CHECK_EACH == 0:
                self.check_books()
            if number % POOR_EACH == 0:
                self.new_poor_token(number)
            self.remember(self.load(self.random.uniform(0.03, 0.25)))
        self.start()
        attempts, hits = self.check_books()
        self.check_tokens()
        books = [check for check in self.gateway.json("doctor")["checks"] if check["check"] == "books"]
        self.assertEqual([check["state"] for check in books], ["ok"], books)
        self.assertEqual(self.gateway.stop(), 0)
        took = time.monotonic() - began
        self.starts.sort()
        print("%d kills in %.0f s; %d requests: %d acknowledged, %d refused for their budget, %d failed,"
              " %d cut off; %d attempts, %d hits; start: p50 %.0f ms, max %.0f ms" % (
                  ROUNDS, took, self.sent, self.acknowledged, self.refused, self.failed, self.cut,
                  attempts, hits, statistics.median(self.starts) * 1000, self.starts[-1] * 1000))
        self.assertGreater(self.acknowledged, ROUNDS)
        self.assertGreater(self.cut, ROUNDS)
        self.assertGreater(self.refused, 0)
        self.assertLess(self.starts[-1], START_LIMIT)
        self.assertLess(took, ROUNDS * SECONDS_A_ROUND)


if __name__ == "__main__":
    unittest.main()
