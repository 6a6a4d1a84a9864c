# SPDX-License-Identifier: GPL-3.0-or-later
"""N requests at once on a budget that pays for K of them: K are served and paid, nobody else's request
ever reaches the provider."""

import json
import os
import random
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from fake import Fake  # noqa: E402
from gateway import Gateway  # noqa: E402
from ledgerfile import LedgerFile  # noqa: E402
from volley import Shot, chat_body, request_bytes, together  # noqa: E402

ROUNDS = {2: 40, 8: 30, 32: 20, 128: 10}  # requests at once: how often
INPUT_PRICE, OUTPUT_PRICE = 3, 15  # USD a million tokens
OUTPUT = 100  # tokens that a request asks for, and that the provider reports
LEAST_OUTPUT = 64  # setting budget.minimum_output_tokens: less is refused
NANO_PER_TOKEN = 1000  # of a price of 1 USD a million


class Money(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.seed = int(os.environ.get("TOLLGATE_SEED", random.SystemRandom().randrange(1 << 32)))
        print("seed: TOLLGATE_SEED=%d" % cls.seed, flush=True)
        cls.random = random.Random(cls.seed)
        cls.fake = Fake()
        cls.addClassCleanup(cls.fake.stop)
        cls.gateway = Gateway(environment={"FAKE_KEY": "sk-fake"})
        cls.addClassCleanup(cls.gateway.__exit__)
        cls.gateway.channel("fake", "openai", cls.fake.url + "/v1", "FAKE_KEY", ["exact"])
        cls.gateway.run("price", "set", "exact", "--input", str(INPUT_PRICE), "--output",
                        str(OUTPUT_PRICE))
        cls.gateway.start("--threads", "4")
        cls.cost, cls.input = cls.measure()

    @classmethod
    def measure(cls):
        """What one request holds. The provider is then told to report just the input that was held
        for, so that from here on a request costs to the last unit what it held."""
        token = cls.gateway.token("measure")
        (shot,) = together([cls.shot(token)])
        if shot.status != 200:
            raise AssertionError(shot.data)
        with LedgerFile(cls.gateway.profile) as ledger:
            held = ledger.one("SELECT held FROM attempts")
        tokens = (held - OUTPUT * OUTPUT_PRICE * NANO_PER_TOKEN) // (INPUT_PRICE * NANO_PER_TOKEN)
        cls.fake.default("in=%d+out=%d" % (tokens, OUTPUT))
        return held, tokens

    @classmethod
    def shot(cls, token, stream=False):
        # One length with and without streaming: the hold stands on the body's length.
        text = "x" if stream else ""
        value = chat_body("exact", stream, "pay" + text, max_tokens=OUTPUT)
        return Shot(cls.gateway.url, request_bytes(cls.gateway.url, token, value))

    def row(self, name):
        return {row["name"]: row for row in self.gateway.json("token", "list")["tokens"]}[name]

    def play(self, count, number):
        pays_for = self.random.randint(1, count - 1)
        # What is left over affords the input, but not the least output that is of use.
        rest = self.random.choice([0, 1, self.input * INPUT_PRICE * NANO_PER_TOKEN
                                   + (LEAST_OUTPUT - 1) * OUTPUT_PRICE * NANO_PER_TOKEN])
        budget = pays_for * self.cost + rest
        name = "n%d-%d" % (count, number)
        token = self.gateway.token(name, "--budget", "%d.%09d" % divmod(budget, 10 ** 9))
        before = self.fake.report(since=1 << 40)["count"]
        streams = [self.random.random() < 0.5 for _ in range(count)]
        shots = together([self.shot(token, stream) for stream in streams])
        hits = self.fake.report(since=1 << 40)["count"] - before

        served = [shot for shot in shots if shot.whole]
        refused = [shot for shot in shots if shot.status == 402]
        self.assertEqual((len(served), len(refused)), (pays_for, count - pays_for),
                         [shot.data[:300] for shot in shots if not shot.whole and shot.status != 402])
        self.assertEqual(hits, pays_for)
        for shot in refused:
            self.assertTrue(shot.complete)
            self.assertIn("budget", json.loads(shot.body)["error"]["message"])
        row = self.row(name)
        self.assertEqual((row["spent_nano_usd"], row["reserved_nano_usd"], row["left_nano_usd"]),
                         (pays_for * self.cost, 0, rest), name)
        return pays_for

    def test_exactly_as_many_are_served_as_the_budget_pays_for(self):
        total = 1  # the one that was measured
        for count, rounds in ROUNDS.items():
            for number in range(rounds):
                with self.subTest(at_once=count, round=number, seed=self.seed):
                    total += self.play(count, number)
        self.assertEqual(self.gateway.json("check"), {"ok": True, "violations": []})
        doctor = self.gateway.json("doctor")
        self.assertTrue(doctor["ok"], doctor)
        with LedgerFile(self.gateway.profile) as ledger:
            self.assertEqual(ledger.one("SELECT count(*) FROM attempts"), total)
            self.assertEqual(ledger.one("SELECT count(*) FROM attempts WHERE held <> charge"), 1)
        print("%d rounds, %d requests, %d served and paid, %d at the provider" % (
            sum(ROUNDS.values()), sum(n * rounds for n, rounds in ROUNDS.items()), total - 1,
            self.fake.report(since=1 << 40)["count"] - 1))


if __name__ == "__main__":
    unittest.main()
