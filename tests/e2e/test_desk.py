# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages of the desktop app do to a gateway that serves: pauses, rotated tokens, the trash."""

import http.client
import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "tools"))

from gateway import Gateway  # noqa: E402


class Desk(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.__exit__)

    def ask(self, method, path, token, body=None):
        host, port = self.gateway.url.rpartition("//")[2].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        try:
            connection.request(method, path, body=json.dumps(body) if body else None,
                               headers={"authorization": "Bearer " + token,
                                        "content-type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.headers, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def chat(self, token, model="demo/echo"):
        return self.ask("POST", "/v1/chat/completions", token,
                        {"model": model, "messages": [{"role": "user", "content": "hi"}]})

    def test_a_pause_is_told_in_each_dialect_and_survives_a_restart(self):
        self.gateway.start()
        token = self.gateway.token()
        self.assertEqual(self.chat(token)[0], 200)
        self.gateway.run("pause")
        status, _, body = self.chat(token)
        self.assertEqual(status, 503)
        self.assertIn("paused", body["error"]["message"])
        status, _, body = self.ask("POST", "/v1/messages", token,
                                   {"model": "demo/echo", "max_tokens": 9,
                                    "messages": [{"role": "user", "content": "hi"}]})
        self.assertEqual((status, body["type"]), (503, "error"))
        self.assertEqual(self.ask("GET", "/v1/models", token)[0], 200)
        self.assertTrue(self.gateway.json("status")["paused"])
        self.gateway.stop()
        self.gateway.start()
        self.assertEqual(self.chat(token)[0], 503)
        self.gateway.run("resume")
        self.assertEqual(self.chat(token)[0], 200)
        self.assertFalse(self.gateway.json("status")["paused"])

    def test_a_pause_with_an_end_says_when_to_come_back(self):
        self.gateway.start()
        token = self.gateway.token()
        self.gateway.run("pause", "--minutes", "2")
        status, headers, _ = self.chat(token)
        self.assertEqual(status, 503)
        self.assertTrue(0 < int(headers["retry-after"]) <= 120)

    def test_a_paused_channel_gets_no_requests(self):
        self.gateway.start()
        token = self.gateway.token()
        self.gateway.run("channel", "add", "echo", "--provider", "demo", "--models", "demo/echo")
        self.assertEqual(self.chat(token)[0], 200)
        self.gateway.run("channel", "pause", "echo")
        status, _, body = self.chat(token)
        self.assertEqual(status, 503)
        self.assertIn("echo", body["error"]["message"])
        self.gateway.run("channel", "resume", "echo")
        self.assertEqual(self.chat(token)[0], 200)
        self.gateway.run("channel", "rm", "echo")
        self.gateway.run("channel", "restore", "echo")
        self.assertEqual(self.chat(token)[0], 200)

    def test_a_rotated_token_lives_on_for_its_grace_alone(self):
        self.gateway.start()
        old = self.gateway.token("a")
        new = self.gateway.json("token", "rotate", "a", "--grace", "1h")["token"]
        self.assertEqual((self.chat(old)[0], self.chat(new)[0]), (200, 200))
        newest = self.gateway.json("token", "rotate", "a")["token"]
        self.assertEqual((self.chat(old)[0], self.chat(new)[0], self.chat(newest)[0]),
                         (200, 401, 200))
        self.gateway.run("token", "rm", "a")
        self.assertEqual(self.chat(newest)[0], 401)
        self.gateway.run("token", "restore", "a")
        self.assertEqual(self.chat(newest)[0], 200)


if __name__ == "__main__":
    unittest.main()
