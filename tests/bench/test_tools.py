# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools of the bench against each other: what is counted is what was sent."""

import os
import socket
import sys
import threading
import unittest

import rig as r


class Relay(threading.Thread):
    """A proxy for one connection that spoils the stream in a way of the test's choosing."""

    def __init__(self, target, spoil):
        super().__init__(daemon=True)
        self.target = target
        self.spoil = spoil
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]

    def run(self):
        client, _ = self.server.accept()
        with client, socket.create_connection(("127.0.0.1", self.target)) as upstream:
            request = client.recv(65536)
            upstream.sendall(request)
            answer = b""
            while not answer.endswith(b"0\r\n\r\n"):
                answer += upstream.recv(65536)
            client.sendall(self.spoil(answer))
            client.shutdown(socket.SHUT_WR)
            client.recv(1)
        self.server.close()


class Tools(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rig = r.Rig(os.environ["TOLLGATE_BENCH_TOOLS"], None)
        cls.rig.start_mock()

    @classmethod
    def tearDownClass(cls):
        cls.rig.__exit__()

    def test_every_answer_is_counted(self):
        result = self.rig.load("closed", self.rig.mock_port, seconds=0.3, connections=4, idle=50)
        self.assertGreater(result["answers"], 100)
        self.assertEqual((result["failed"], result["refused"], result["idle_lost"]), (0, 0, 0))

    def test_large_bodies_arrive(self):
        result = self.rig.load("closed", self.rig.mock_port, seconds=0.3, body_bytes=88_000)
        self.assertGreater(result["answers"], 10)
        self.assertEqual(result["failed"], 0)

    def test_refusals_are_no_answers(self):
        result = self.rig.load("closed", self.rig.mock_port, seconds=0.1, answer="bench-fail-500")
        self.assertEqual((result["answers"], result["last_status"]), (0, 500))
        self.assertGreater(result["refused"], 0)

    def test_a_burst_has_all_its_events(self):
        result = self.rig.load("closed", self.rig.mock_port, seconds=0.2, stream=True, answer="bench-burst-64")
        self.assertEqual(result["wrong_streams"], 0)
        self.assertEqual(result["events"], result["answers"] * 66)

    def paced(self, port, streams=1):
        return self.rig.load("paced", port, streams=streams, rate=100, events=20)

    def test_paced_streams_are_whole(self):
        result = self.paced(self.rig.mock_port, 30)
        self.assertEqual(result["events"], 600)
        for count in ("failed", "unfinished", "lost", "reordered", "merged"):
            self.assertEqual(result[count], 0, count)

    def spoilt(self, spoil):
        relay = Relay(self.rig.mock_port, spoil)
        relay.start()
        return self.paced(relay.port)

    @staticmethod
    def chunks(answer):
        head, _, body = answer.partition(b"\r\n\r\n")
        parts = []
        while body:
            size, _, body = body.partition(b"\r\n")
            parts.append(body[: int(size, 16)])
            body = body[int(size, 16) + 2 :]
        return head, parts[:-1]

    @staticmethod
    def joined(head, parts):
        return head + b"\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in [*parts, b""])

    def test_a_lost_event_is_noticed(self):
        def spoil(answer):
            head, parts = self.chunks(answer)
            return self.joined(head, parts[:5] + parts[6:])

        self.assertGreater(self.spoilt(spoil)["reordered"], 0)

    def test_a_missing_tail_is_noticed(self):
        def spoil(answer):
            head, parts = self.chunks(answer)
            return self.joined(head, parts[:15])

        result = self.spoilt(spoil)
        self.assertEqual((result["lost"], result["unfinished"]), (5, 1))

    def test_swapped_events_are_noticed(self):
        def spoil(answer):
            head, parts = self.chunks(answer)
            parts[3], parts[4] = parts[4], parts[3]
            return self.joined(head, parts)

        self.assertGreater(self.spoilt(spoil)["reordered"], 0)

    def test_merged_events_are_noticed(self):
        def spoil(answer):
            head, parts = self.chunks(answer)
            parts[3:5] = [parts[3][:-1] + parts[4]]
            return self.joined(head, parts)

        self.assertGreater(self.spoilt(spoil)["merged"], 0)

    def test_a_cut_connection_is_a_failure(self):
        self.assertEqual(self.spoilt(lambda answer: answer[:-40])["failed"], 1)


if __name__ == "__main__":
    sys.exit(unittest.main())
