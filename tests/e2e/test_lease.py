# SPDX-License-Identifier: GPL-3.0-or-later
"""Coding agents that allow themselves 64,000 tokens and use 800, on budgets that pay for the use but not
for the permission: all are admitted, no budget is ever oversold, and where one ends, its streams end as
answers cut at their length. Also when the daemon is killed between two top-ups."""

import json
import os
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from gateway import Gateway  # noqa: E402
from ledgerfile import LedgerFile  # noqa: E402
from volley import Shot, Volley, chat_body, request_bytes, together  # noqa: E402

INPUT_PRICE, OUTPUT_PRICE = 15, 75  # USD a million tokens
NANO_PER_TOKEN = 1000  # of a price of 1 USD a million
INPUT, OUTPUT = 20, 800
COST = (INPUT * INPUT_PRICE + OUTPUT * OUTPUT_PRICE) * NANO_PER_TOKEN
AGENTS = 20
DOES = "words=640+events=40+pace=10+in=%d+out=%d" % (INPUT, OUTPUT)  # 3,200 bytes in half a second
PARTIAL = 2  # store::AttemptFlag


class Watch:
    """Looks at the books again and again while something else happens."""

    def __init__(self, profile):
        self._ledger = profile
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.looks, self.oversold, self.grown = 0, [], set()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _look(self):
        with LedgerFile(self._ledger) as ledger:
            first = {}
            while not self._over.wait(0.01):
                self.looks += 1
                self.oversold += ledger.rows(
                    "SELECT * FROM budget_windows WHERE reserved + spent > cap")
                for row in ledger.rows("SELECT id, held FROM attempts"):
                    if row["held"] > first.setdefault(row["id"], row["held"]):
                        self.grown.add(row["id"])


class Lease(unittest.TestCase):
    def setUp(self):
        self.fake = Fake()
        self.addCleanup(self.fake.stop)
        self.fake.default(DOES)
        self.gateway = Gateway(environment={"FAKE_KEY": "sk-fake"})
        self.addCleanup(self.gateway.__exit__)
        self.gateway.channel("fake", "openai", self.fake.url + "/v1", "FAKE_KEY", ["agent"])
        self.gateway.run("price", "set", "agent", "--input", str(INPUT_PRICE), "--output",
                         str(OUTPUT_PRICE))
        self.gateway.start("--threads", "2")

    def shots(self, token, count=AGENTS):
        value = chat_body("agent", True, max_tokens=64000)
        request = request_bytes(self.gateway.url, token, value)
        return [Shot(self.gateway.url, request) for _ in range(count)]

    def row(self, name):
        return {row["name"]: row for row in self.gateway.json("token", "list")["tokens"]}[name]

    def check_books(self):
        self.assertEqual(self.gateway.json("check"), {"ok": True, "violations": []})
        doctor = self.gateway.json("doctor")
        self.assertTrue(doctor["ok"], doctor)

    def test_twenty_agents_share_a_budget_for_five_of_their_maxima(self):
        token = self.gateway.token("agents", "--budget", "25")
        rounds = 3
        with Watch(self.gateway.profile) as watch:
            for number in range(rounds):
                for shot in together(self.shots(token)):
                    self.assertTrue(shot.whole, shot.data[:300])
                    self.assertIn(b'"finish_reason":"stop"', shot.body.replace(b": ", b":"))
        self.assertEqual(watch.oversold, [])
        self.assertGreater(watch.looks, 50)
        self.assertGreater(len(watch.grown), AGENTS // 2)  # while nothing was known of their use
        row = self.row("agents")
        self.assertEqual((row["spent_nano_usd"], row["reserved_nano_usd"]),
                         (rounds * AGENTS * COST, 0))
        self.check_books()

    def test_where_the_budget_ends_answers_are_cut_at_their_length(self):
        pays_for = 8
        budget = pays_for * COST + 10 ** 9 // 2
        token = self.gateway.token("poor", "--budget", "%d.%09d" % divmod(budget, 10 ** 9))
        with Watch(self.gateway.profile) as watch:
            shots = together(self.shots(token))
        self.assertEqual(watch.oversold, [])
        kinds = {"stop": 0, "length": 0, "refused": 0}
        for shot in shots:
            if shot.status == 402:
                kinds["refused"] += 1
                continue
            self.assertTrue(shot.whole, shot.data[-300:])
            chunks = [json.loads(line[6:]) for line in shot.body.splitlines()
                      if line.startswith(b"data: {")]
            ends = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]
                    if choice["finish_reason"]]
            self.assertEqual(len(ends), 1)
            kinds[ends[0]] += 1
        print(kinds)
        self.assertGreater(kinds["length"], 0)
        self.assertGreater(kinds["stop"], 0)
        row = self.row("poor")
        self.assertEqual(row["reserved_nano_usd"], 0)
        self.assertLessEqual(row["spent_nano_usd"], budget)
        with LedgerFile(self.gateway.profile) as ledger:
            cut = ledger.rows("SELECT * FROM requests WHERE finish_reason = 'length'")
            self.assertEqual(len(cut), kinds["length"])
            for each in cut:
                self.assertEqual((each["status"], each["error"]), (200, "budget_exhausted"))
                self.assertTrue(each["flags"] & PARTIAL)
                price = (each["input"] * INPUT_PRICE + each["output"] * OUTPUT_PRICE) * NANO_PER_TOKEN
                held = ledger.one("SELECT held FROM attempts WHERE request_id = ?", each["id"])
                self.assertEqual(each["charge"], min(price, held))
            self.assertEqual(ledger.one("SELECT sum(charge) FROM requests"), row["spent_nano_usd"])
        # What is cut is stopped at the provider too.
        self.fake.wait_for(lambda report: not [hit for hit in report["hits"]
                                               if hit["outcome"] == "running"])
        self.check_books()

    def test_a_kill_between_top_ups_leaves_the_books_whole(self):
        token = self.gateway.token("killed", "--budget", "25")
        for number in range(5):
            volley = Volley()
            try:
                for shot in self.shots(token):
                    shot.fire()
                    volley.add(shot)
                until = time.monotonic() + 0.25 + 0.06 * number
                while time.monotonic() < until:
                    volley.poll(0.01)
                self.gateway.kill()
                volley.land(10)
            finally:
                volley.close()
            self.gateway.start("--threads", "2")
            row = self.row("killed")
            self.assertEqual(row["reserved_nano_usd"], 0)
            self.assertLessEqual(row["spent_nano_usd"], 25 * 10 ** 9)
            self.check_books()
        with LedgerFile(self.gateway.profile) as ledger:
            self.assertEqual(ledger.rows("SELECT id FROM attempts WHERE charge > held"), [])
        (shot,) = together(self.shots(token, 1))
        self.assertTrue(shot.whole)


if __name__ == "__main__":
    unittest.main()
