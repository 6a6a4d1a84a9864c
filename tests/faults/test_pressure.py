# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults that a single row cannot show: silence, floods, readers that do not read, clients that
leave, and a provider that is killed under many streams."""

import asyncio
import os
import random
import socket
import struct
import time
import unittest

import stand
import wireclient
from fake import Fake

LEAVERS = int(os.environ.get("TOLLGATE_LEAVERS", "300"))
STREAMS = 200
MIB = 1 << 20
ANSWER = "words=8+in=50+out=10"


class House(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.fake = Fake()
        base = stand.base_of(cls.fake, "")
        models = {"pause": "pause=3000", "slow": "events=3000+pace=10",
                  "flood": "flood=%d" % (200 * MIB), "line": "long-line=%d" % (100 * MIB),
                  "redirect": "redirect=307"}
        channels = [stand.channel(name, base, {name: "%s+%s+%s" % (name, do, ANSWER)})
                    for name, do in models.items()]
        channels.append(stand.channel("killed", base, {"killed": "killed+events=120+pace=500"}))
        cls.house = stand.Stand(channels, list(models) + ["killed"], {"stream.keep_alive": 300})

    @classmethod
    def tearDownClass(cls):
        cls.house.gateway.__exit__()
        cls.fake.stop()

    def ask(self, model, stream=True, **more):
        return wireclient.ask(self.house.url, self.house.tokens[model],
                              wireclient.chat(model, stream), **more)

    def settled(self, model, seconds=60.0):
        """The model's attempts, once none is open; its token holds nothing then."""
        until = time.monotonic() + seconds
        while True:
            rows = [row for rows in self.house.attempts().values() for row in rows
                    if row["model"].startswith(model + "+")]
            if all(row["state"] in ("settled", "released") for row in rows):
                break
            self.assertLess(time.monotonic(), until, [row["state"] for row in rows])
            time.sleep(0.05)
        token = next(row for row in self.house.gateway.json("token", "list")["tokens"]
                     if row["name"] == model)
        self.assertEqual(token["reserved_nano_usd"], 0)
        self.assertEqual(token["spent_nano_usd"], sum(row["charge"] for row in rows))
        self.assertEqual(self.house.broken_books(), [])
        return rows


class SilenceTest(House):
    """U-16: the client hears of us while the provider is silent"""

    def test_a_silent_stream_is_kept_alive_with_comments(self):
        answer = asyncio.run(self.ask("pause"))
        self.assertEqual(answer.status, 200)
        self.assertGreaterEqual(answer.comments, 2)
        self.assertTrue(answer.done)
        self.assertEqual(answer.text(), "w0 w1 w2 w3 w4 w5 w6 w7")


class FloodTest(House):
    """U-17, U-13: memory stays bounded"""

    def test_a_flood_waits_for_a_client_that_does_not_read(self):
        before = self.house.resident_kib()
        peak, sent = asyncio.run(self.read_little("flood"))
        self.assertLess(peak - before, 32 * 1024, "KiB grown")
        self.assertLess(sent, 24 * MIB, "taken from the provider for a client that read nothing")
        self.fake.wait_for(lambda report: not [hit for hit in report["hits"]
                                               if hit["outcome"] == "running"])
        left = max(self.settled("flood"), key=lambda row: row["id"])
        self.assertEqual(left["state"], "settled")
        self.assertLessEqual({"partial", "client_left"}, left["flags"])

    async def read_little(self, model):
        reader, writer = await wireclient.connect(self.house.url)
        writer.write(wireclient.request_bytes(self.house.url, self.house.tokens[model],
                                              wireclient.chat(model, True)))
        await reader.readexactly(4096)
        peak = 0
        for _ in range(20):
            await asyncio.sleep(0.1)
            peak = max(peak, self.house.resident_kib())
        hit = self.fake.hits(stand.key_of(model))[-1]
        writer.transport.abort()
        await writer.wait_closed()
        return peak, hit["bytes_sent"]

    def test_a_flood_reaches_a_client_that_reads(self):
        before = self.house.resident_kib()
        answer = asyncio.run(self.ask("flood", seconds=60))
        self.assertTrue(answer.framed)
        self.assertTrue(answer.done)
        self.assertGreater(len(answer.body), 200 * MIB)
        self.assertLess(self.house.resident_kib() - before, 32 * 1024, "KiB grown")

    def test_an_endless_line_is_cut_within_bounded_memory(self):
        before = self.house.resident_kib()
        with open("/proc/%d/clear_refs" % self.house.gateway.pid, "w", encoding="ascii") as file:
            file.write("5")  # the peak is counted from here
        answer = asyncio.run(self.ask("line"))
        self.assertEqual(answer.status, 502)
        self.assertEqual(answer.error()["code"], "answer_too_large")
        self.assertLess(self.house.resident_kib("VmHWM") - before, 32 * 1024, "KiB grown")
        self.assertEqual([row["state"] for row in self.settled("line")], ["released"])


class RedirectTest(House):
    """U-18"""

    def test_a_redirect_target_hears_nothing(self):
        answer = asyncio.run(self.ask("redirect"))
        self.assertEqual(answer.status, 502)
        report = self.fake.report(stand.key_of("redirect"))
        self.assertEqual(report["canary"], [])
        self.assertEqual(len(report["hits"]), 1)


class LeaversTest(House):
    """Clients that leave at any moment, with FIN and with RST"""

    def test_leaving_clients_cancel_their_provider_and_leave_no_hold(self):
        numbers = random.Random(4)
        asyncio.run(self.leave_all([numbers.uniform(0, 0.8) for _ in range(LEAVERS)]))
        key = stand.key_of("slow")
        report = self.fake.wait_for(lambda found: not [
            hit for hit in found["hits"] if hit["key"] == key and hit["outcome"] == "running"])
        hits = [hit for hit in report["hits"] if hit["key"] == key]
        rows = self.settled("slow")
        self.assertEqual(len(hits), len([row for row in rows if row["connect_us"] >= 0]))
        for hit in hits:
            self.assertNotEqual(hit["outcome"], "complete")
        for row in rows:
            if row["state"] == "settled":
                self.assertLessEqual({"partial", "client_left"}, row["flags"])
                self.assertGreater(row["charge"], 0)
        late = [hit["peer_gone_ms"] - self.gone[-1] for hit in hits]
        self.assertLess(max(late), 15_000, "ms from the last client's leaving to the last cancelling")

    async def leave_all(self, delays):
        gate = asyncio.Semaphore(40)
        self.gone = []

        async def one(delay):
            async with gate:
                _, writer = await wireclient.connect(self.house.url)
                writer.write(wireclient.request_bytes(
                    self.house.url, self.house.tokens["slow"], wireclient.chat("slow", True)))
                await asyncio.sleep(delay)
                if delay < 0.4:  # a reset in place of an orderly end
                    writer.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()

        await asyncio.gather(*[one(delay) for delay in delays])
        self.gone.append(self.fake.report()["now_ms"])


class KilledProviderTest(House):
    """U-22"""

    def test_a_killed_provider_ends_every_stream_with_an_error(self):
        asyncio.run(self.kill_under_load())
        rows = self.settled("killed")
        self.assertEqual(len(rows), STREAMS + 1)
        late = max(answer.ended for answer in self.answers) - self.killed
        self.assertLess(late, 15.0, "seconds until the last client was told")
        for answer in self.answers:
            self.assertTrue(answer.framed)
            self.assertFalse(answer.done)
            self.assertIsNotNone(answer.error())
        self.assertIn("last resort", max(rows, key=lambda row: row["id"])["reason"])

    async def kill_under_load(self):
        loop = asyncio.get_running_loop()
        begun = asyncio.Semaphore(0)

        async def one():
            answer = await self.ask("killed", began=begun.release)
            answer.ended = loop.time()
            return answer

        async def start(count):
            streams = [asyncio.ensure_future(one()) for _ in range(count)]
            async with asyncio.timeout(60):
                for _ in streams:
                    await begun.acquire()
            return streams

        streams = await start(STREAMS)
        self.killed = loop.time()
        self.fake.drop()
        self.answers = await asyncio.gather(*streams)
        again = await start(1)
        self.fake.drop()
        await asyncio.gather(*again)


if __name__ == "__main__":
    unittest.main()
